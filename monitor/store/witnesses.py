"""What both witnesses of a list have said lately, as far as it is on record, and what was thought of it.

Reads only. Nothing here is a state of its own: what is judged is looked up anew each time, and what was decided is in the event log.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from itertools import islice

from sqlalchemy import Connection, exists, select

from monitor.core.canonical import decode
from monitor.core.second_witness import (
    LegalFacts,
    entries_on,
    statement_of_change,
    statement_of_entry,
)
from monitor.core.testimony import Deposition
from monitor.store.tables import CHANGES, EVENTS, INCIDENTS, PUBLICATIONS, REVISIONS, SNAPSHOTS

_BATCH = 500

AGREED, DISAGREED = "witness.agreed", "witness.disagreed"


def snapshots_since(connection: Connection, register: str, since: datetime) -> list[Deposition]:
    """What the accepted snapshots of a register since then found, oldest first; one that found nothing says nothing."""
    rows = connection.execute(
        select(SNAPSHOTS.c.id, SNAPSHOTS.c.first_seen_at, SNAPSHOTS.c.not_before)
        .where(
            SNAPSHOTS.c.feed == register,
            SNAPSHOTS.c.state == "accepted",
            SNAPSHOTS.c.first_seen_at >= since,
        )
        .order_by(SNAPSHOTS.c.id)
    ).all()
    found = defaultdict(list)
    for batch in _batches([row.id for row in rows]):
        changes = connection.execute(
            select(CHANGES.c.snapshot_id, CHANGES.c.change)
            .where(CHANGES.c.snapshot_id.in_(batch))
            .order_by(CHANGES.c.id)
        )
        for snapshot, change in changes:
            found[snapshot].append(statement_of_change(decode(change)))
    return [
        Deposition(str(row.id), row.first_seen_at, tuple(found[row.id]), row.not_before)
        for row in rows
        if row.id in found
    ]


def files_since(
    connection: Connection, change_feed: str, list_name: str, since: datetime
) -> list[Deposition]:
    """What the change files that were listed since then tell of one list, in the order of their publication."""
    rows = connection.execute(
        select(
            PUBLICATIONS.c.key,
            PUBLICATIONS.c.date,
            PUBLICATIONS.c.first_seen_at,
            PUBLICATIONS.c.document,
        ).where(
            PUBLICATIONS.c.feed == change_feed,
            PUBLICATIONS.c.body_state == "read",
            PUBLICATIONS.c.first_seen_at >= since,
        )
    ).all()
    return [
        Deposition(
            row.key,
            row.first_seen_at,
            tuple(
                statement_of_entry(entry)
                for entry in entries_on(list_name, decode(row.document).get("entries", ()))
            ),
        )
        for row in sorted(rows, key=lambda row: (row.date, len(row.key), row.key))
    ]


def has_unread_file(connection: Connection, change_feed: str, since: datetime) -> bool:
    """Whether a file that was listed since then could not be read yet."""
    return bool(
        connection.execute(
            select(
                exists().where(
                    PUBLICATIONS.c.feed == change_feed,
                    PUBLICATIONS.c.body_state == "pending",
                    PUBLICATIONS.c.first_seen_at >= since,
                )
            )
        ).scalar()
    )


def keys_in_force(connection: Connection, register: str, keys: Iterable[str]) -> set[str]:
    """Those of the keys that the register holds now."""
    found: set[str] = set()
    for batch in _batches(sorted(set(keys))):
        found |= set(
            connection.execute(
                select(REVISIONS.c.key).where(
                    REVISIONS.c.feed == register,
                    REVISIONS.c.key.in_(batch),
                    REVISIONS.c.until_snapshot.is_(None),
                )
            ).scalars()
        )
    return found


def has_news(connection: Connection, feeds: Collection[str], after: int) -> bool:
    """Whether an event after that position may change what is thought: a version that was accepted, a file that was read."""
    return bool(
        connection.execute(
            select(
                exists().where(
                    EVENTS.c.id > after,
                    EVENTS.c.feed.in_(feeds),
                    EVENTS.c.kind.in_(
                        ("snapshot.accepted", "snapshot.baseline", "publication.body")
                    ),
                )
            )
        ).scalar()
    )


def decided(connection: Connection, register: str, since: datetime) -> dict[str, str]:
    """What was last put on record about each subject since then: the event's kind."""
    rows = connection.execute(
        select(EVENTS.c.subject, EVENTS.c.kind)
        .where(
            EVENTS.c.feed == register, EVENTS.c.kind.in_((AGREED, DISAGREED)), EVENTS.c.at >= since
        )
        .order_by(EVENTS.c.id)
    )
    return dict(map(tuple, rows))


def open_disputes(connection: Connection, register: str, kind: str) -> dict[str, datetime]:
    """The open incidents of this kind about a register: since when, by subject."""
    rows = connection.execute(
        select(INCIDENTS.c.subject, INCIDENTS.c.opened_at).where(
            INCIDENTS.c.feed == register, INCIDENTS.c.kind == kind, INCIDENTS.c.closed_at.is_(None)
        )
    )
    return dict(map(tuple, rows))


def legal_facts(
    connection: Connection,
    change_feed: str,
    keys: Sequence[str],
    since: datetime,
    *,
    list_name: str = "",
) -> dict[str, LegalFacts]:
    """What the change files that were listed since then state of these records, by key; the newest file that states something wins.

    ``list_name`` asks for one of the authority's lists, as the day of listing is that of a list; "" for any.
    """
    wanted = set(keys)
    rows = connection.execute(
        select(PUBLICATIONS.c.key, PUBLICATIONS.c.date, PUBLICATIONS.c.document).where(
            PUBLICATIONS.c.feed == change_feed,
            PUBLICATIONS.c.body_state == "read",
            PUBLICATIONS.c.first_seen_at >= since,
        )
    ).all()
    facts: dict[str, LegalFacts] = {}
    for row in sorted(rows, key=lambda row: (row.date, len(row.key), row.key)):
        entries = decode(row.document).get("entries", ())
        for entry in entries_on(list_name, entries) if list_name else entries:
            key = entry.get("key", "")
            basis, listed_on = tuple(entry.get("legal_basis", ())), entry.get("listed_on", "")
            if key in wanted and (basis or listed_on):
                before = facts.get(key, LegalFacts())
                facts[key] = LegalFacts(
                    basis or before.legal_basis, listed_on or before.listed_on, row.key
                )
    return facts


def _batches(values: Iterable[int] | Iterable[str]) -> Iterable[list[int] | list[str]]:
    remaining = iter(values)
    while batch := list(islice(remaining, _BATCH)):
        yield batch  # type: ignore[misc]
