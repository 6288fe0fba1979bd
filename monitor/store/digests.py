"""What waits for a digest, how far each digest has been told, and what is known of the watch in its period.

An item is written in the transaction that makes its alert, and marked in the one that makes the digest in which it is told. Until then
``digest_alert_id`` is empty: that is all that decides whether it waits.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from feeds.base import Feed, StreamFeed
from monitor.core.canonical import decode, encode
from monitor.core.gathered import Kept, Scope, Trouble, as_stored
from monitor.core.route import Selection
from monitor.store import checks
from monitor.store.bulk import in_batches
from monitor.store.tables import (
    ALERTS,
    CHANGES,
    CURSORS,
    DIGEST_ITEMS,
    DIGESTS,
    EVENTS,
    FEEDS,
    INCIDENTS,
    PUBLICATIONS,
    SNAPSHOTS,
)

OF_CHANNELS = ("channel_disabled", "channel_unreachable", "delivery_dead")
"""Incidents that say nothing of the watch: what was seen is on record, and told to others."""

_I = DIGEST_ITEMS.c


@dataclass(frozen=True, slots=True)
class Waiting:
    """One alert that waits: the row of its item, what of it was selected, and the alert as it was made."""

    item: int
    at: datetime
    stored: Mapping[str, Any]
    alert: Row[Any]


def gather(
    connection: Connection, alert: str, selections: Sequence[Selection], *, event: int
) -> list[list[str]]:
    """Let selections of an alert wait for their digests; return what the event of the alert is to say of them.

    ``event`` is the number of the event that it tells of: what happened in a period is told with that period.
    """
    at = connection.execute(select(EVENTS.c.at).where(EVENTS.c.id == event)).scalar_one()
    rows = [
        {
            "channel": each.channel,
            "schedule": each.digest,
            "alert_id": alert,
            "selection": encode(as_stored(each)).decode(),
            "added_at": at,
        }
        for each in selections
    ]
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(dialect.insert(DIGEST_ITEMS).on_conflict_do_nothing(), rows)
    return [as_announced(row["channel"], str(row["schedule"]), row["selection"]) for row in rows]


def as_announced(channel: str, schedule: str, selection: str) -> list[str]:
    """What the event of an alert says of what waits: for which digest, and the hash of what."""
    return [channel, schedule, hashlib.sha256(selection.encode()).hexdigest()]


def known(connection: Connection) -> list[tuple[str, str]]:
    """Channel and schedule of every digest that there is, or for which something waits."""
    begun = connection.execute(select(DIGESTS.c.channel, DIGESTS.c.schedule))
    waiting = connection.execute(
        select(_I.channel, _I.schedule).where(_I.digest_alert_id.is_(None)).distinct()
    )
    return sorted({(row.channel, row.schedule) for row in (*begun, *waiting)})


def begin(connection: Connection, channel: str, schedule: str, at: datetime) -> None:
    """Let a digest's first period begin, unless it has begun."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(
        dialect.insert(DIGESTS)
        .values(channel=channel, schedule=schedule, told_until=at)
        .on_conflict_do_nothing()
    )


def told_until(connection: Connection, channel: str, schedule: str) -> datetime | None:
    """How far a digest has been told, its row locked for this transaction; None when it has not begun."""
    found: datetime | None = connection.execute(
        select(DIGESTS.c.told_until).where(_is(DIGESTS.c, channel, schedule)).with_for_update()
    ).scalar()
    return found


def positions(connection: Connection) -> dict[tuple[str, str], datetime]:
    """How far each digest has been told."""
    rows = connection.execute(select(DIGESTS))
    return {(row.channel, row.schedule): row.told_until for row in rows}


def waiting(
    connection: Connection, channel: str, schedule: str, before: datetime | None = None
) -> list[Waiting]:
    """What waits for a digest (and happened ``before``), oldest first, locked for this transaction."""
    conditions = [_is(_I, channel, schedule), _I.digest_alert_id.is_(None)]
    if before is not None:
        conditions.append(_I.added_at < before)
    items = connection.execute(
        select(DIGEST_ITEMS).where(*conditions).order_by(_I.added_at, _I.id).with_for_update()
    ).all()
    made: dict[str, Row[Any]] = {}
    for batch in in_batches({each.alert_id for each in items}):
        rows = connection.execute(select(ALERTS).where(ALERTS.c.id.in_(batch)))
        made |= {row.id: row for row in rows}
    return [
        Waiting(each.id, each.added_at, decode(each.selection), made[each.alert_id])
        for each in items
    ]


def told(connection: Connection, items: Sequence[int], digest_alert: str) -> None:
    """Record in which digest these items were told."""
    for batch in in_batches(items):
        connection.execute(
            update(DIGEST_ITEMS).where(_I.id.in_(batch)).values(digest_alert_id=digest_alert)
        )


def advance(connection: Connection, channel: str, schedule: str, until: datetime) -> None:
    """Record that a digest has been told until then."""
    connection.execute(
        update(DIGESTS).where(_is(DIGESTS.c, channel, schedule)).values(told_until=until)
    )


def end(connection: Connection, channel: str, schedule: str) -> None:
    """Forget how far a digest was told that is configured no longer: should it be again, it begins anew."""
    connection.execute(delete(DIGESTS).where(_is(DIGESTS.c, channel, schedule)))


def is_dealt_with(
    connection: Connection, reader: str, until: datetime, besides: Sequence[str]
) -> bool:
    """Whether ``reader`` has come past every event that happened before ``until``; ``besides`` are kinds that do not count."""
    position = select(CURSORS.c.position).where(CURSORS.c.reader == reader).scalar_subquery()
    left = connection.execute(
        select(EVENTS.c.id)
        .where(
            EVENTS.c.id > func.coalesce(position, 0),
            EVENTS.c.at < until,
            EVENTS.c.kind.not_in(besides),
        )
        .limit(1)
    ).first()
    return left is None


def kept(
    connection: Connection, feed: Feed, interval: timedelta, since: datetime, until: datetime
) -> Kept:
    """How the watch of one feed was kept in a period, and what it brought."""
    brought = (
        _publications(connection, feed, since, until)
        if isinstance(feed, StreamFeed)
        else _list(connection, feed, since, until)
    )
    return Kept(
        feed=feed.id,
        title=feed.title,
        authority=feed.heading,
        checked=checks.checked(connection, feed.id, since, until),
        interval=interval,
        **brought,
    )


def _publications(
    connection: Connection, feed: StreamFeed, since: datetime, until: datetime
) -> dict[str, Any]:
    seen = PUBLICATIONS.c.first_seen_at
    # What the first reading lists was published before we watched.
    first_reading = select(FEEDS.c.first_read_at).where(FEEDS.c.feed == feed.id).scalar_subquery()
    count = (
        select(func.count())
        .select_from(PUBLICATIONS)
        .where(PUBLICATIONS.c.feed == feed.id, seen >= since, seen < until, seen > first_reading)
    )
    told = count.where(PUBLICATIONS.c.told.is_(True))
    return {
        "witness": feed.witness,
        "news": connection.execute(count).scalar_one(),
        "about_sanctions": connection.execute(told).scalar_one(),
    }


def _list(connection: Connection, feed: Feed, since: datetime, until: datetime) -> dict[str, Any]:
    accepted = [SNAPSHOTS.c.feed == feed.id, SNAPSHOTS.c.state == "accepted"]
    in_force = connection.execute(
        select(SNAPSHOTS.c.stated_date, SNAPSHOTS.c.record_count)
        .where(*accepted, SNAPSHOTS.c.accepted_at < until)
        .order_by(SNAPSHOTS.c.accepted_at.desc(), SNAPSHOTS.c.id.desc())
        .limit(1)
    ).first()
    changes = (
        select(func.count())
        .select_from(CHANGES.join(SNAPSHOTS, SNAPSHOTS.c.id == CHANGES.c.snapshot_id))
        .where(*accepted, SNAPSHOTS.c.accepted_at >= since, SNAPSHOTS.c.accepted_at < until)
    )
    return {
        "published": in_force.stated_date if in_force else None,
        "records": in_force.record_count if in_force else None,
        "news": connection.execute(changes).scalar_one(),
    }


def troubles(
    connection: Connection, feeds: Sequence[str], since: datetime, until: datetime
) -> list[Trouble]:
    """The incidents about these feeds, or about the service itself, that were open at some time of a period, oldest first."""
    rows = connection.execute(
        select(INCIDENTS)
        .where(
            or_(INCIDENTS.c.feed.in_(feeds), INCIDENTS.c.feed.is_(None)),
            INCIDENTS.c.kind.not_in(OF_CHANNELS),
            INCIDENTS.c.opened_at < until,
            or_(INCIDENTS.c.closed_at.is_(None), INCIDENTS.c.closed_at >= since),
        )
        .order_by(INCIDENTS.c.id)
    )
    return [
        Trouble(
            summary=row.summary.rstrip("."),
            severity=row.severity,
            since=row.opened_at,
            until=row.closed_at,
        )
        for row in rows
    ]


def is_covered(scope: Scope, feed: Feed) -> bool:
    """Whether a digest of this scope tells how the watch of this feed was kept."""
    return scope.covers(feed.id, is_list=not isinstance(feed, StreamFeed))


def _is(columns: Any, channel: str, schedule: str) -> ColumnElement[bool]:
    return and_(columns.channel == channel, columns.schedule == schedule)
