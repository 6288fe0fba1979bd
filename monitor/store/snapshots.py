"""The first commit: a snapshot with its revisions, its changes and the event that announces them, in one transaction.

Also its alternatives: a snapshot that is held, and what an operator decides about it. Every function runs inside the caller's
transaction, in which the feed's row is locked already; the event is appended last.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, func, insert, select, update

from monitor.core.canonical import encode
from monitor.core.fingerprints import Fingerprints
from monitor.core.guard import Counts, Finding
from monitor.core.spool import Entry
from monitor.core.times import to_text
from monitor.errors import NothingToDecide, StaleComparison
from monitor.store import events, fingerprints
from monitor.store.bulk import insert_rows
from monitor.store.tables import CHANGES, FEEDS, REVISIONS, SNAPSHOTS

_BATCH = 200
_CHANGE = (
    "snapshot_id",
    "feed",
    "key",
    "kind",
    "severity",
    "categories",
    "change",
    "seen_at",
)
_REVISION = (
    "feed",
    "key",
    "digest",
    "document",
    "from_snapshot",
    "adapter_version",
    "digest_version",
)


@dataclass(frozen=True, kw_only=True)
class Observed:
    """A content as it was fetched: the bytes' hash and size, the headers kept as evidence, and when it was seen.

    ``not_before`` is the last check that still saw the content in force: it was published in between.
    """

    sha256: str
    size: int
    headers: dict[str, str]
    first_seen_at: datetime
    not_before: datetime | None


@dataclass(frozen=True, kw_only=True)
class Compared:
    """What a comparison says of that content; see ``monitor.poller.comparison``.

    ``fingerprints`` are remembered with it (None: what is remembered stays).
    """

    feed: str
    compared_with: int | None
    counts: Counts
    stated_date: str | None
    filled: Mapping[str, int]
    register_digest: str
    changes_digest: str
    adapter_version: int
    digest_version: int
    fingerprints: Fingerprints | None = None


def commit(
    connection: Connection,
    feed: Row[Any],
    observed: Observed,
    compared: Compared,
    entries: Iterable[Entry],
    at: datetime,
    *,
    held_as: int | None = None,
) -> int:
    """Accept a snapshot: its row, the revisions that begin and end, the changes, the event. Returns its number.

    ``feed`` is the feed's row, locked by this transaction. ``held_as`` is the number of the held snapshot that a person accepted.
    Raises StaleComparison when another snapshot is in force than the one that was compared with.
    """
    if feed.snapshot_id != compared.compared_with:
        raise StaleComparison(compared.feed, compared.compared_with, feed.snapshot_id)
    values = _columns(observed, compared) | {"state": "accepted", "accepted_at": at}
    if held_as is None:
        statement: Any = insert(SNAPSHOTS).values(values)
    else:
        # Its number is still the newest: an accepted newer one would have superseded it.
        values["verdict"] = SNAPSHOTS.c.verdict
        statement = update(SNAPSHOTS).where(SNAPSHOTS.c.id == held_as).values(values)
    snapshot: int = connection.execute(statement.returning(SNAPSHOTS.c.id)).scalar_one()
    _supersede(connection, compared.feed, snapshot, at)
    for batch in _batches(entries):
        _write(connection, compared, snapshot, batch, observed.first_seen_at)
    if compared.fingerprints is not None:
        fingerprints.replace(connection, compared.feed, compared.fingerprints)
    events.append(
        connection,
        kind="snapshot.baseline" if compared.compared_with is None else "snapshot.accepted",
        at=at,
        feed=compared.feed,
        subject=str(snapshot),
        payload=_facts(snapshot, observed, compared),
    )
    return snapshot


def hold(
    connection: Connection,
    observed: Observed,
    compared: Compared,
    findings: Iterable[Finding],
    at: datetime,
) -> int:
    """Keep a snapshot that must not be believed without a person: its row, its verdict, the event. Returns its number."""
    verdict = [{"rule": finding.rule, "sentence": finding.sentence} for finding in findings]
    values = _columns(observed, compared) | {"state": "held", "verdict": json.dumps(verdict)}
    snapshot: int = connection.execute(
        insert(SNAPSHOTS).values(values).returning(SNAPSHOTS.c.id)
    ).scalar_one()
    events.append(
        connection,
        kind="snapshot.held",
        at=at,
        feed=compared.feed,
        subject=str(snapshot),
        payload=_facts(snapshot, observed, compared) | {"verdict": verdict},
    )
    return snapshot


def hold_again(connection: Connection, snapshot: Row[Any], at: datetime) -> None:
    """The source serves again what was held before something else was: it is what is to be decided about, under its number."""
    decide(connection, snapshot.id, state="held", by=None, because=None)
    events.append(
        connection,
        kind="snapshot.held_again",
        at=at,
        feed=snapshot.feed,
        subject=str(snapshot.id),
        payload={"snapshot": snapshot.id, "sha256": snapshot.sha256},
    )


def overtake_held(connection: Connection, feed: str, snapshot: int, at: datetime) -> bool:
    """What else is held is not what is served any more: ``snapshot`` is held in its place. True if there was any."""
    return _end_held(
        connection,
        feed,
        SNAPSHOTS.c.id != snapshot,
        by=snapshot,
        because=f"snapshot {snapshot} is served and held in its place",
        at=at,
    )


def reject(
    connection: Connection, snapshot: Row[Any], *, by: str, because: str, at: datetime
) -> None:
    """Record that a person refused a held snapshot. Raises NothingToDecide when it is not held."""
    if snapshot.state != "held":
        raise NothingToDecide(snapshot.id, snapshot.state)
    decide(connection, snapshot.id, state="rejected", by=by, because=because)
    events.append(
        connection,
        kind="snapshot.rejected",
        at=at,
        feed=snapshot.feed,
        subject=str(snapshot.id),
        payload={"snapshot": snapshot.id, "sha256": snapshot.sha256, "by": by, "because": because},
    )


def decide(
    connection: Connection, snapshot: int, *, state: str, by: str | None, because: str | None
) -> None:
    """Write down who decided about a snapshot, and why."""
    connection.execute(
        update(SNAPSHOTS)
        .where(SNAPSHOTS.c.id == snapshot)
        .values(state=state, decided_by=by, because=because)
    )


def find(connection: Connection, snapshot: int) -> Row[Any] | None:
    """The snapshot with this number."""
    return connection.execute(select(SNAPSHOTS).where(SNAPSHOTS.c.id == snapshot)).first()


def seen_before(connection: Connection, feed: str, sha256: str) -> Row[Any] | None:
    """The newest snapshot of the feed with exactly these bytes, whatever became of it."""
    return connection.execute(
        select(SNAPSHOTS)
        .where(SNAPSHOTS.c.feed == feed, SNAPSHOTS.c.sha256 == sha256)
        .order_by(SNAPSHOTS.c.id.desc())
        .limit(1)
    ).first()


def newest_held(connection: Connection, feed: str) -> int | None:
    """The number of the snapshot of the feed that is held; of several, the newest."""
    statement = select(func.max(SNAPSHOTS.c.id)).where(
        SNAPSHOTS.c.feed == feed, SNAPSHOTS.c.state == "held"
    )
    newest: int | None = connection.execute(statement).scalar()
    return newest


def holds(connection: Connection, feed: str) -> bool:
    """Whether a snapshot of the feed is held."""
    return newest_held(connection, feed) is not None


def withdraw_held(connection: Connection, feed: str, at: datetime) -> None:
    """The source serves the snapshot in force again: what was held meanwhile is superseded by it."""
    in_force = connection.execute(select(FEEDS.c.snapshot_id).where(FEEDS.c.feed == feed)).scalar()
    _end_held(
        connection,
        feed,
        SNAPSHOTS.c.id > 0,
        by=in_force or 0,
        because=f"snapshot {in_force} is in force",
        at=at,
    )


def reexpress(
    connection: Connection,
    feed: Row[Any],
    in_force: Row[Any],
    entries: Iterable[Entry],
    *,
    adapter_version: int,
    digest_version: int,
    register_digest: str,
    filled: Mapping[str, int],
    remember: Fingerprints | None,
    at: datetime,
) -> None:
    """Put the documents of the snapshot in force into their present form, without any change.

    Raises StaleComparison when another snapshot is in force by now.
    """
    if feed.snapshot_id != in_force.id:
        raise StaleComparison(feed.feed, in_force.id, feed.snapshot_id)
    for batch in _batches(entries):
        _write_revisions(connection, feed.feed, in_force.id, batch, adapter_version, digest_version)
    if remember is not None:
        fingerprints.replace(connection, feed.feed, remember)
    connection.execute(
        update(SNAPSHOTS)
        .where(SNAPSHOTS.c.id == in_force.id)
        .values(
            adapter_version=adapter_version,
            digest_version=digest_version,
            register_digest=register_digest,
            filled=json.dumps(filled, sort_keys=True),
        )
    )
    payload = {
        "snapshot": in_force.id,
        "adapter_version": adapter_version,
        "digest_version": digest_version,
        "register_digest": register_digest,
    }
    events.append(
        connection,
        kind="snapshot.reexpressed",
        at=at,
        feed=feed.feed,
        subject=str(in_force.id),
        payload=payload,
    )


def _supersede(connection: Connection, feed: str, accepted: int, at: datetime) -> None:
    """An accepted snapshot leaves nothing to decide about the others: a newer content is judged anew, against this one."""
    _end_held(
        connection,
        feed,
        SNAPSHOTS.c.id != accepted,
        by=accepted,
        because=f"snapshot {accepted} is in force",
        at=at,
    )


def _end_held(
    connection: Connection,
    feed: str,
    which: ColumnElement[bool],
    *,
    by: int,
    because: str,
    at: datetime,
) -> bool:
    superseded = connection.execute(
        update(SNAPSHOTS)
        .where(SNAPSHOTS.c.feed == feed, SNAPSHOTS.c.state == "held", which)
        .values(state="superseded", because=because)
        .returning(SNAPSHOTS.c.id)
    ).scalars()
    ended = sorted(superseded)
    for snapshot in ended:
        events.append(
            connection,
            kind="snapshot.superseded",
            at=at,
            feed=feed,
            subject=str(snapshot),
            payload={"snapshot": snapshot, "by": by},
        )
    return bool(ended)


def _write(
    connection: Connection, compared: Compared, snapshot: int, batch: list[Entry], seen_at: datetime
) -> None:
    _write_revisions(
        connection,
        compared.feed,
        snapshot,
        batch,
        compared.adapter_version,
        compared.digest_version,
    )
    changes = [
        (
            snapshot,
            compared.feed,
            entry.key,
            entry.change["kind"],
            entry.change["severity"],
            ",".join(entry.change["categories"]),
            encode(entry.change).decode(),
            to_text(seen_at),
        )
        for entry in batch
        if entry.change is not None
    ]
    if changes:
        insert_rows(connection, CHANGES, _CHANGE, changes)


def _write_revisions(
    connection: Connection,
    feed: str,
    snapshot: int,
    batch: list[Entry],
    adapter_version: int,
    digest_version: int,
) -> None:
    ending = [{"ended": entry.key} for entry in batch if entry.kind in ("amended", "removed")]
    if ending:
        connection.execute(
            update(REVISIONS)
            .where(
                REVISIONS.c.feed == feed,
                REVISIONS.c.key == bindparam("ended"),
                REVISIONS.c.until_snapshot.is_(None),
            )
            .values(until_snapshot=snapshot),
            ending,
        )
    beginning = [
        (
            feed,
            entry.key,
            entry.digest,
            entry.document,
            snapshot,
            adapter_version,
            digest_version,
        )
        for entry in batch
        if entry.document is not None
    ]
    if beginning:
        insert_rows(connection, REVISIONS, _REVISION, beginning)


def _columns(observed: Observed, compared: Compared) -> dict[str, Any]:
    return {
        "feed": compared.feed,
        "sha256": observed.sha256,
        "size": observed.size,
        "headers": json.dumps(observed.headers, sort_keys=True),
        "stated_date": compared.stated_date,
        "declared_count": compared.counts.declared,
        "record_count": compared.counts.records,
        "added": compared.counts.added if compared.compared_with is not None else 0,
        "removed": compared.counts.removed,
        "amended": compared.counts.amended,
        "not_before": observed.not_before,
        "first_seen_at": observed.first_seen_at,
        "compared_with": compared.compared_with,
        "adapter_version": compared.adapter_version,
        "digest_version": compared.digest_version,
        "register_digest": compared.register_digest,
        "changes_digest": compared.changes_digest,
        "filled": json.dumps(compared.filled, sort_keys=True),
        "verdict": "[]",
    }


def _facts(snapshot: int, observed: Observed, compared: Compared) -> dict[str, Any]:
    """What the event log holds of a snapshot: enough to check the rows that it announces."""
    return {
        "snapshot": snapshot,
        "sha256": observed.sha256,
        "size": observed.size,
        "published": compared.stated_date,
        "records": compared.counts.records,
        "added": compared.counts.added if compared.compared_with is not None else 0,
        "removed": compared.counts.removed,
        "amended": compared.counts.amended,
        "compared_with": compared.compared_with,
        "first_seen": to_text(observed.first_seen_at),
        "not_before": to_text(observed.not_before) if observed.not_before else None,
        "register_digest": compared.register_digest,
        "changes_digest": compared.changes_digest,
    }


def _batches(entries: Iterable[Entry]) -> Iterator[list[Entry]]:
    remaining = iter(entries)
    while batch := list(islice(remaining, _BATCH)):
        yield batch
