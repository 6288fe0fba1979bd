"""The event log: append, with the chain's head as the last lock taken, and read from a cursor.

One appender at a time: on SQLite that is the single writer; on PostgreSQL a transaction-level advisory lock, so that the
chain has no forks and a reader's cursor never passes over a row that commits later.
"""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Text, func, insert, select, text, type_coerce, update
from sqlalchemy.dialects import postgresql, sqlite

from monitor.core.canonical import decode, encode
from monitor.core.evidence import GENESIS, Link, link_hash
from monitor.core.times import to_text
from monitor.store import wake
from monitor.store.tables import CURSORS, EVENTS

_CHAIN_LOCK = 0x53414E43  # any constant, the same in every process on the database

# Built once: building a statement takes as long as asking it.
_HEAD = select(EVENTS.c.id, EVENTS.c.hash).order_by(EVENTS.c.id.desc()).limit(1)
_APPEND = insert(EVENTS)


@dataclass(frozen=True, slots=True)
class Event:
    """One row of the log, with its payload decoded."""

    id: int
    at: datetime
    kind: str
    feed: str | None
    subject: str
    payload: Any


def lock(connection: Connection) -> None:
    """Become the one appender until the transaction ends; at once where this transaction is already."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _CHAIN_LOCK})


def append(
    connection: Connection,
    *,
    kind: str,
    at: datetime,
    feed: str | None = None,
    subject: str,
    payload: dict[str, Any] | None = None,
) -> int:
    """Append one event inside the caller's transaction; return its number.

    To be called after all other rows are locked: the chain's head is the last lock. ``payload`` is any JSON object and must hold
    no secret.
    """
    lock(connection)
    head = connection.execute(_HEAD).first()
    last, previous = (head[0], head[1]) if head else (0, GENESIS)
    stored = encode(payload or {}).decode()
    link = Link((last or 0) + 1, to_text(at), kind, feed, subject, stored)
    connection.execute(
        _APPEND,
        {
            "id": link.id,
            "at": at,
            "kind": kind,
            "feed": feed,
            "subject": subject,
            "payload": stored,
            "previous": previous,
            "hash": link_hash(previous, link),
        },
    )
    wake.notify(connection, kind)
    return link.id


def after(
    connection: Connection, position: int, limit: int = 100, *, besides: Collection[str] = ()
) -> list[Event]:
    """The events after ``position``, oldest first, those of the kinds in ``besides`` left out."""
    rows = connection.execute(
        select(
            EVENTS.c.id,
            EVENTS.c.at,
            EVENTS.c.kind,
            EVENTS.c.feed,
            EVENTS.c.subject,
            EVENTS.c.payload,
        )
        .where(EVENTS.c.id > position, EVENTS.c.kind.not_in(besides))
        .order_by(EVENTS.c.id)
        .limit(limit)
    )
    return [
        Event(id, at, kind, feed, subject, decode(payload))
        for id, at, kind, feed, subject, payload in rows
    ]


def chain(connection: Connection) -> Iterator[tuple[Link, str, str]]:
    """Every event as the chain sees it, with the previous hash and the hash that are stored, oldest first."""
    statement = (
        select(
            EVENTS.c.id,
            type_coerce(EVENTS.c.at, Text),  # as stored, whatever it is: it may have been altered
            EVENTS.c.kind,
            EVENTS.c.feed,
            EVENTS.c.subject,
            EVENTS.c.payload,
            EVENTS.c.previous,
            EVENTS.c.hash,
        )
        .order_by(EVENTS.c.id)
        .execution_options(yield_per=1000)
    )
    with connection.execute(statement) as rows:
        for id, at, kind, feed, subject, payload, previous, hash in rows:
            yield Link(id, at, kind, feed, subject, payload), previous, hash


def newest(connection: Connection) -> int:
    """The number of the newest event; 0 when there is none."""
    return connection.execute(select(func.max(EVENTS.c.id))).scalar() or 0


def position(connection: Connection, reader: str) -> int:
    """How far ``reader`` has come; 0 at the beginning. On PostgreSQL its row is locked for this transaction."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(
        dialect.insert(CURSORS).values(reader=reader, position=0).on_conflict_do_nothing()
    )
    statement = select(CURSORS.c.position).where(CURSORS.c.reader == reader).with_for_update()
    return int(connection.execute(statement).scalar_one())


def move(connection: Connection, reader: str, position: int) -> None:
    """Record that ``reader`` has dealt with everything up to ``position``."""
    connection.execute(update(CURSORS).where(CURSORS.c.reader == reader).values(position=position))
