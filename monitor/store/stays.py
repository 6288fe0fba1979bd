"""How long records have been on a list, who told of its snapshots, and how many carry a programme tag. In batches of keys."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import Connection, exists, select

from monitor.core.canonical import decode, encode
from monitor.core.moves import Stay, Telling
from monitor.store.tables import ALERTS, DELIVERIES, FEEDS, REVISIONS, SNAPSHOTS

_BATCH = 500

_began = SNAPSHOTS.alias("began")
_ended = SNAPSHOTS.alias("ended")


def stays(connection: Connection, feed: str, keys: Iterable[str]) -> dict[str, list[Stay]]:
    """The stays of these records on a list, oldest first; a key that it never held is left out.

    Revisions that follow one another without a gap are one stay.
    """
    found: dict[str, list[Stay]] = {}
    for batch in _batches(keys):
        rows = connection.execute(
            select(
                REVISIONS.c.key,
                REVISIONS.c.from_snapshot,
                REVISIONS.c.until_snapshot,
                _began.c.first_seen_at.label("began"),
                _ended.c.first_seen_at.label("ended"),
                _began.c.compared_with,
            )
            .join(_began, _began.c.id == REVISIONS.c.from_snapshot)
            .outerjoin(_ended, _ended.c.id == REVISIONS.c.until_snapshot)
            .where(REVISIONS.c.feed == feed, REVISIONS.c.key.in_(batch))
            .order_by(REVISIONS.c.key, REVISIONS.c.id)
        )
        for row in rows:
            theirs = found.setdefault(row.key, [])
            if theirs and theirs[-1].ended_with == row.from_snapshot:
                before = theirs.pop()
                theirs.append(
                    Stay(
                        before.began,
                        row.ended,
                        before.is_baseline,
                        before.began_with,
                        row.until_snapshot,
                    )
                )
            else:
                theirs.append(
                    Stay(
                        row.began,
                        row.ended,
                        row.compared_with is None,
                        row.from_snapshot,
                        row.until_snapshot,
                    )
                )
    return found


def tellings(connection: Connection, snapshots: Iterable[int]) -> dict[int, Telling]:
    """The alerts that told somebody of these snapshots' changes; a snapshot of which nobody was told is left out."""
    found: dict[int, Telling] = {}
    for batch in _batches(snapshots):
        rows = connection.execute(
            select(ALERTS.c.snapshot_id, ALERTS.c.id, ALERTS.c.created_at).where(
                ALERTS.c.kind == "change",
                ALERTS.c.snapshot_id.in_(batch),
                exists().where(DELIVERIES.c.alert_id == ALERTS.c.id),
            )
        )
        found |= {row.snapshot_id: Telling(row.id, row.created_at) for row in rows}
    return found


def checked_at(connection: Connection, feed: str) -> datetime | None:
    """When the list in force was last seen to be the one that is served; None when it never was."""
    return connection.execute(
        select(FEEDS.c.confirmed_at).where(FEEDS.c.feed == feed)
    ).scalar_one_or_none()


def carriers(connection: Connection, feed: str, tag: str) -> int:
    """How many records in force carry a programme tag. Reads the list's documents: for rare questions."""
    rows = connection.execute(
        select(REVISIONS.c.document)
        .where(
            REVISIONS.c.feed == feed,
            REVISIONS.c.until_snapshot.is_(None),
            REVISIONS.c.document.contains(encode(tag).decode(), autoescape=True),
        )
        .execution_options(yield_per=500)
    )
    return sum(tag in decode(document).get("programs", ()) for (document,) in rows)


def _batches(values: Iterable[Any]) -> Iterator[Sequence[Any]]:
    remaining = iter(dict.fromkeys(values))
    while batch := list(islice(remaining, _BATCH)):
        yield batch
