"""Dossiers on record: the signals of some days, which case each belongs to, and what each case says.

Every function runs inside the caller's transaction. A dossier grows; when it turns out to be part of another it is kept, and names
the one that it was joined into.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    delete,
    insert,
    or_,
    select,
    true,
    tuple_,
    update,
)

from monitor.core.alert import ToldBefore
from monitor.core.canonical import decode, encode
from monitor.store.tables import (
    ALERTS,
    CHANGES,
    DOSSIER_MEMBERS,
    DOSSIERS,
    PUBLICATIONS,
    REVISIONS,
    SNAPSHOTS,
)

_D, _M = DOSSIERS.c, DOSSIER_MEMBERS.c


@dataclass(frozen=True)
class StoredMember:
    """One signal of a dossier on record, and why it is there."""

    witness: str
    feed: str
    subject: str
    part: str
    because: str


def changes_since(connection: Connection, since: datetime, *, acts_only: bool) -> list[Row[Any]]:
    """The changes of versions that were accepted and first seen since then, with their version's facts and, of an amended act, the
    document after it (``document``, None of the others). ``acts_only`` leaves out what amended a party without being an act.
    """
    act = or_(CHANGES.c.kind != "amended", CHANGES.c.categories.contains("designation"))
    return _changes(
        connection,
        SNAPSHOTS.c.first_seen_at >= since,
        SNAPSHOTS.c.state == "accepted",
        act if acts_only else true(),
    )


def changes_of(connection: Connection, feed: str, snapshot: int) -> list[Row[Any]]:
    """The changes of one version, as :func:`changes_since` has them."""
    return _changes(connection, CHANGES.c.feed == feed, CHANGES.c.snapshot_id == snapshot)


def _changes(connection: Connection, *where: ColumnElement[bool]) -> list[Row[Any]]:
    document = REVISIONS.alias()
    rows = connection.execute(
        select(
            CHANGES.c.feed,
            CHANGES.c.snapshot_id,
            CHANGES.c.change,
            SNAPSHOTS.c.sha256,
            SNAPSHOTS.c.first_seen_at,
            SNAPSHOTS.c.not_before,
            document.c.document,
        )
        .join(SNAPSHOTS, SNAPSHOTS.c.id == CHANGES.c.snapshot_id)
        .outerjoin(
            document,
            and_(
                CHANGES.c.kind == "amended",
                CHANGES.c.categories.contains("designation"),
                document.c.feed == CHANGES.c.feed,
                document.c.key == CHANGES.c.key,
                document.c.from_snapshot == CHANGES.c.snapshot_id,
            ),
        )
        .where(*where)
        .order_by(CHANGES.c.snapshot_id, CHANGES.c.key)
    )
    return list(rows)  # type: ignore[arg-type]  # a row of seven is a row


def publications_since(
    connection: Connection, feeds: Sequence[str], since: datetime
) -> list[Row[Any]]:
    """The publications of these feeds that were first seen since then, except those of a first reading."""
    return list(
        connection.execute(
            select(PUBLICATIONS)
            .where(
                PUBLICATIONS.c.feed.in_(feeds),
                PUBLICATIONS.c.first_seen_at >= since,
                PUBLICATIONS.c.body_state != "not needed",
            )
            .order_by(PUBLICATIONS.c.feed, PUBLICATIONS.c.key)
        )
    )


def of_signals(
    connection: Connection, refs: Iterable[tuple[str, str, str]]
) -> dict[str, list[StoredMember]]:
    """The dossiers, not joined into others, that hold one of these (feed, subject, part); each with all its members."""
    wanted = list(refs)
    ids: set[str] = set()
    for start in range(0, len(wanted), 300):
        batch = wanted[start : start + 300]
        ids |= set(
            connection.execute(
                select(_M.dossier_id)
                .distinct()
                .where(tuple_(_M.feed, _M.subject, _M.part).in_(batch))
            ).scalars()
        )
    return {id: members(connection, id) for id in sorted(ids)}


def members(connection: Connection, dossier: str) -> list[StoredMember]:
    """The signals of one dossier."""
    rows = connection.execute(
        select(_M.witness, _M.feed, _M.subject, _M.part, _M.because)
        .where(_M.dossier_id == dossier)
        .order_by(_M.witness, _M.feed, _M.subject, _M.part)
    )
    return [StoredMember(*row) for row in rows]


def find(connection: Connection, dossier: str) -> Row[Any] | None:
    """One dossier; None when there is none of this id."""
    return connection.execute(select(DOSSIERS).where(_D.id == dossier)).first()


def beginning_with(connection: Connection, text: str, limit: int) -> list[str]:
    """The ids of dossiers that begin with this text, ``limit`` of them at most, the newest first."""
    statement = (
        select(_D.id)
        .where(_D.id.startswith(text, autoescape=True))
        .order_by(_D.opened_at.desc(), _D.id)
        .limit(limit)
    )
    return list(connection.execute(statement).scalars())


def as_it_is_by_now(connection: Connection, dossier: str) -> Row[Any] | None:
    """One dossier, or the one that it turned out to be part of; None when there is none of this id."""
    row = find(connection, dossier)
    return find(connection, row.joined_into) if row is not None and row.joined_into else row


def is_free(connection: Connection, dossier: str) -> bool:
    """Whether a dossier may be opened under this id: there is none, or it was joined into another and holds nothing."""
    row = find(connection, dossier)
    return row is None or row.joined_into is not None


def account_of(row: Row[Any]) -> dict[str, Any]:
    """What a dossier says by now."""
    account: dict[str, Any] = decode(row.account)
    return account


def of_snapshot(connection: Connection, feed: str, snapshot: int) -> list[Row[Any]]:
    """The dossiers that hold changes of this version of a list."""
    ids = (
        select(_M.dossier_id)
        .distinct()
        .where(_M.witness == "list", _M.feed == feed, _M.subject == str(snapshot))
    )
    return list(connection.execute(select(DOSSIERS).where(_D.id.in_(ids)).order_by(_D.id)))


def told_before(connection: Connection, dossier: str, *, but: str) -> ToldBefore | None:
    """The last alert about a dossier that told of changes of the list, else the last about it at all; ``but`` is not counted."""
    rows = connection.execute(
        select(ALERTS.c.id, ALERTS.c.created_at, ALERTS.c.kind)
        .where(
            ALERTS.c.dossier_id == dossier,
            ALERTS.c.id != but,
            ALERTS.c.kind.not_in(("digest", "escalation")),  # they tell again what another told
        )
        .order_by(ALERTS.c.created_at.desc(), ALERTS.c.event_id.desc())
    ).all()
    best = next((row for row in rows if row.kind == "change"), rows[0] if rows else None)
    return ToldBefore(best.id, best.created_at) if best else None


def waiting(connection: Connection, since: datetime) -> list[Row[Any]]:
    """The dossiers that were opened since then and are not part of another, the oldest first."""
    return list(
        connection.execute(
            select(DOSSIERS)
            .where(_D.opened_at >= since, _D.joined_into.is_(None))
            .order_by(_D.opened_at, _D.id)
        )
    )


def save(
    connection: Connection,
    dossier: str,
    signals: Sequence[StoredMember],
    account: Mapping[str, Any],
    *,
    authority: str,
    at: datetime,
) -> None:
    """Store what a dossier holds and says by now; a signal that it holds no longer leaves it."""
    values = {
        "day": account["day"],
        "title": account["title"],
        "updated_at": at,
        "joined_into": None,  # what was part of another may be told apart again
        "account": encode(account).decode(),
    }
    known = find(connection, dossier)
    if known is None:
        connection.execute(
            insert(DOSSIERS).values(id=dossier, authority=authority, opened_at=at, **values)
        )
    else:
        connection.execute(update(DOSSIERS).where(_D.id == dossier).values(values))
    stored = {(m.witness, m.feed, m.subject, m.part) for m in members(connection, dossier)}
    wanted = {(m.witness, m.feed, m.subject, m.part): m for m in signals}
    for gone in stored - wanted.keys():
        connection.execute(
            delete(DOSSIER_MEMBERS).where(
                _M.dossier_id == dossier,
                _M.witness == gone[0],
                _M.feed == gone[1],
                _M.subject == gone[2],
                _M.part == gone[3],
            )
        )
    rows = [
        {
            "dossier_id": dossier,
            "witness": member.witness,
            "feed": member.feed,
            "subject": member.subject,
            "part": member.part,
            "because": member.because,
            "joined_at": at,
        }
        for ref, member in sorted(wanted.items())
        if ref not in stored
    ]
    if rows:
        connection.execute(insert(DOSSIER_MEMBERS), rows)


def join(connection: Connection, dossier: str, into: str, at: datetime) -> None:
    """Record that a dossier turned out to be part of another, which holds its signals from now on."""
    connection.execute(
        update(DOSSIERS)
        .where(or_(_D.id == dossier, _D.joined_into == dossier))
        .values(joined_into=into, updated_at=at)
    )
    connection.execute(delete(DOSSIER_MEMBERS).where(_M.dossier_id == dossier))
