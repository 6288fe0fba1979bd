"""What is known beside a publication's own changes when people are told of them: the other lists, and the past.

:mod:`monitor.core.telling` decides what follows; here it is looked up.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from feeds.base import Feed, RegisterFeed
from monitor.core.alert import ListedSince, ReadBefore
from monitor.core.moves import Sibling
from monitor.core.telling import as_told
from monitor.store import acknowledgements, alerts, stays


def changes_as_told(
    connection: Connection, feeds: Mapping[str, Feed], feed: str, snapshot: int, at: datetime
) -> tuple[dict[str, Any], ...]:
    """The changes of a snapshot that was first seen ``at``, sorted by key, as people are told of them."""
    changes = list(alerts.changes_of(connection, snapshot))
    register = feeds.get(feed)
    if not isinstance(register, RegisterFeed):
        return tuple(changes)
    keys = [each["key"] for each in changes if each["kind"] != "amended"]
    others = [feeds[id] for id in register.shares_keys_with if id in feeds] if keys else []
    return as_told(
        changes,
        at=at,
        blocking=register.blocking,
        siblings=[
            _sibling(connection, other, keys) for other in others if isinstance(other, RegisterFeed)
        ],
        carriers=lambda tag: stays.carriers(connection, feed, tag),
    )


def listed_since(
    connection: Connection, feed: str, snapshot: int, changes: Sequence[Mapping[str, Any]]
) -> dict[str, ListedSince]:
    """Since when those had been on the list whom this snapshot lacks, as far as we watched."""
    removed = [each["key"] for each in changes if each["kind"] == "removed"]
    return {
        key: ListedSince(stay.began, is_known=not stay.is_baseline)
        for key, theirs in stays.stays(connection, feed, removed).items()
        for stay in theirs
        if stay.ended_with == snapshot
    }


def read_before(
    connection: Connection,
    feed: str,
    snapshot: int,
    changes: Sequence[Mapping[str, Any]],
    at: datetime,
) -> dict[str, ReadBefore]:
    """Who had acknowledged those parties as they were before this snapshot, which was first seen ``at``."""
    keys = [each["key"] for each in changes]
    return acknowledgements.last_before(connection, feed, snapshot, keys, at)


def _sibling(connection: Connection, feed: RegisterFeed, keys: Sequence[str]) -> Sibling:
    sibling = Sibling(
        feed=feed.id,
        title=feed.title,
        blocking=feed.blocking,
        checked=stays.checked_at(connection, feed.id),
        stays=stays.stays(connection, feed.id, keys),
    )
    snapshots = {
        number
        for theirs in sibling.stays.values()
        for stay in theirs
        for number in (stay.began_with, stay.ended_with)
        if number is not None
    }
    return replace(sibling, told=stays.tellings(connection, sorted(snapshots)))
