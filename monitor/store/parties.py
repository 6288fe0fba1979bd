"""A listed party now, or as the list said at a time, with its history; and parties found by name.

"At a time" means: as the last list said that we had seen by then. A revision is valid from the moment its snapshot was first
seen until the moment the snapshot that ended it was.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from monitor.core.canonical import Document, decode
from monitor.core.classify import display_name
from monitor.core.folding import closeness, fold
from monitor.store.tables import CHANGES, REVISIONS, SNAPSHOTS

_began = SNAPSHOTS.alias("began")
_ended = SNAPSHOTS.alias("ended")


@dataclass(frozen=True)
class Revision:
    """One document of a party, valid from ``since`` until ``until`` (None: still).

    ``is_baseline`` tells that the first list we ever saw said so already: then it has been valid since before ``since``.
    """

    id: int
    feed: str
    key: str
    document: Document
    since: datetime
    until: datetime | None
    is_baseline: bool
    stated_date: str | None
    sha256: str


@dataclass(frozen=True)
class Hit:
    """A party in force whose name, alias or number was sought. ``matched`` is the value that matched, ``field`` where it stands."""

    feed: str
    key: str
    document: Document
    field: str
    matched: str
    closeness: int


def history(connection: Connection, feed: str, key: str) -> list[Revision]:
    """Every revision of one party, newest first; empty when the list never held it while we watched."""
    statement = (
        select(
            REVISIONS.c.id,
            REVISIONS.c.feed,
            REVISIONS.c.key,
            REVISIONS.c.document,
            _began.c.first_seen_at.label("since"),
            _ended.c.first_seen_at.label("until"),
            _began.c.compared_with,
            _began.c.stated_date,
            _began.c.sha256,
        )
        .join(_began, _began.c.id == REVISIONS.c.from_snapshot)
        .outerjoin(_ended, _ended.c.id == REVISIONS.c.until_snapshot)
        .where(REVISIONS.c.feed == feed, REVISIONS.c.key == key)
        .order_by(REVISIONS.c.from_snapshot.desc(), REVISIONS.c.id.desc())
    )
    return [
        Revision(
            id=row.id,
            feed=row.feed,
            key=row.key,
            document=decode(row.document),
            since=row.since,
            until=row.until,
            is_baseline=row.compared_with is None,
            stated_date=row.stated_date,
            sha256=row.sha256,
        )
        for row in connection.execute(statement)
    ]


def in_force(revisions: list[Revision], at: datetime | None = None) -> Revision | None:
    """The revision that is in force (at a time); None when the party was not on the list then."""
    for revision in revisions:
        if at is None and revision.until is None:
            return revision
        if (
            at is not None
            and revision.since <= at
            and (revision.until is None or at < revision.until)
        ):
            return revision
    return None


def changes_of(connection: Connection, feed: str, key: str) -> list[dict[str, Any]]:
    """Every change of one party as the contract's object with when it was first seen, newest first."""
    statement = (
        select(CHANGES.c.seen_at, CHANGES.c.change)
        .where(CHANGES.c.feed == feed, CHANGES.c.key == key)
        .order_by(CHANGES.c.seen_at.desc(), CHANGES.c.id.desc())
    )
    return [{"seen_at": row.seen_at, **decode(row.change)} for row in connection.execute(statement)]


def record_begins(connection: Connection, feed: str) -> datetime | None:
    """When the first accepted list of this feed was seen; None when there is none."""
    statement = (
        select(SNAPSHOTS.c.first_seen_at)
        .where(SNAPSHOTS.c.feed == feed, SNAPSHOTS.c.accepted_at.is_not(None))
        .order_by(SNAPSHOTS.c.id)
        .limit(1)
    )
    return connection.execute(statement).scalar()


def search(connection: Connection, text: str, *, feed: str | None = None) -> list[Hit]:
    """Parties in force with this name, alias or number, the closest first.

    Blind to accents, case, apostrophes and the order of names; words count whole. A party is found once, by what fits best.
    """
    sought = fold(text)
    hits = []
    for row_feed, key, document in _everybody(connection, feed):
        hit = _best(row_feed, key, document, sought)
        if hit is not None:
            hits.append(hit)
    return sorted(
        hits, key=lambda hit: (hit.closeness, hit.field != "name", hit.matched, hit.feed, hit.key)
    )


def _everybody(connection: Connection, feed: str | None) -> Iterator[tuple[str, str, Document]]:
    statement = select(REVISIONS.c.feed, REVISIONS.c.key, REVISIONS.c.document).where(
        REVISIONS.c.until_snapshot.is_(None)
    )
    if feed is not None:
        statement = statement.where(REVISIONS.c.feed == feed)
    for row in connection.execute(statement.execution_options(yield_per=1000)):
        yield row.feed, row.key, decode(row.document)


def _best(feed: str, key: str, document: Document, sought: tuple[str, ...]) -> Hit | None:
    best: Hit | None = None
    if sought == fold(key):
        best = Hit(feed, key, document, "number", key, 0)
    names = [
        ("name", document.get("name", {})),
        *(("alias", alias) for alias in document.get("aliases", ())),
    ]
    for field, name in names:
        fits = closeness(sought, fold(name.get("first", "")), fold(name.get("last", "")))
        if fits is not None and (best is None or fits < best.closeness):
            best = Hit(feed, key, document, field, display_name(name), fits)
    return best
