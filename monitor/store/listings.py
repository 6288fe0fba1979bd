"""What the listings of commands and pages show: rows of one table, newest first, as plain values.

Reads only. Moments are RFC 3339 text in UTC, to the second; nothing here is a secret, as none is stored.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, Table, exists, func, select

from monitor.core.acknowledgement import Lapsed, Open, State
from monitor.core.canonical import decode
from monitor.core.dossier.in_full import heading, witnesses
from monitor.core.escalation import KIND
from monitor.core.times import to_seconds
from monitor.store import acknowledgements, escalations
from monitor.store.tables import (
    ACKNOWLEDGEMENTS,
    ALERTS,
    CHANGES,
    DELIVERIES,
    DOSSIERS,
    FEEDS,
    INCIDENTS,
    SNAPSHOTS,
)

Listed = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which rows to list. ``since`` is included, ``until`` is not. Each of ``equal`` names a column and its value."""

    since: datetime | None = None
    until: datetime | None = None
    feed: str | None = None
    kind: str | None = None
    limit: int | None = None
    equal: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Listing:
    """The rows that were asked for, and how many there are without the limit."""

    rows: list[Listed]
    total: int


def changes(connection: Connection, chosen: Filter) -> Listing:
    """Changes as the contract's objects, each with its number, when it was first seen and in which snapshot."""
    statement = select(CHANGES, SNAPSHOTS.c.sha256.label("sha256")).join(
        SNAPSHOTS, SNAPSHOTS.c.id == CHANGES.c.snapshot_id
    )
    return _listing(connection, statement, CHANGES, CHANGES.c.seen_at, chosen, _change)


def alerts(connection: Connection, chosen: Filter, *, only_unacknowledged: bool = False) -> Listing:
    """Alerts, each with how many of its deliveries are in which state, who has acknowledged it, and what has changed since.

    ``only_unacknowledged`` leaves out those that somebody has acknowledged (what changed since is asked for by a later alert), tests, and
    what only tells again what another alert told.
    """
    statement = select(ALERTS)
    if only_unacknowledged:
        statement = statement.where(
            ALERTS.c.kind.not_in(("test", *acknowledgements.REPEATING)),
            ~exists().where(ACKNOWLEDGEMENTS.c.alert_id == ALERTS.c.id),
        )
    listing = _listing(connection, statement, ALERTS, ALERTS.c.created_at, chosen, _alert)
    ids = [row["id"] for row in listing.rows]
    again = [row["id"] for row in listing.rows if row["kind"] == KIND]
    told = {id: id for id in ids} | escalations.originals(connection, again)
    read = acknowledgements.states(connection, set(told.values()))
    for row in listing.rows:
        row.update(_read(read[told[row["id"]]]))
    counted = connection.execute(
        select(DELIVERIES.c.alert_id, DELIVERIES.c.state, func.count())
        .where(
            DELIVERIES.c.alert_id.in_(ids) if len(ids) < 500 else DELIVERIES.c.alert_id.is_not(None)
        )
        .group_by(DELIVERIES.c.alert_id, DELIVERIES.c.state)
    )
    states: dict[str, dict[str, int]] = {}
    for alert, state, number in counted:
        states.setdefault(alert, {})[state] = number
    for row in listing.rows:
        row["deliveries"] = states.get(row["id"], {})
    return listing


def deliveries(connection: Connection, chosen: Filter) -> Listing:
    """Deliveries without their texts: to which channel, in which state, when next or when accepted, what was said."""
    statement = select(DELIVERIES, ALERTS.c.kind.label("kind"), ALERTS.c.feed.label("feed")).join(
        ALERTS, ALERTS.c.id == DELIVERIES.c.alert_id
    )
    return _listing(
        connection, statement, ALERTS, DELIVERIES.c.created_at, chosen, _delivery, DELIVERIES
    )


def incidents(connection: Connection, chosen: Filter, *, only_open: bool = False) -> Listing:
    """Incidents: what, since when, how often, what to do, and when it was over."""
    statement = select(INCIDENTS)
    if only_open:
        statement = statement.where(INCIDENTS.c.closed_at.is_(None))
    return _listing(connection, statement, INCIDENTS, INCIDENTS.c.opened_at, chosen, _incident)


def incident_kinds(connection: Connection) -> set[str]:
    """The kinds of incidents that are on record."""
    return set(connection.execute(select(INCIDENTS.c.kind).distinct()).scalars())


def channels(connection: Connection) -> set[str]:
    """The channels that a delivery on record was made for."""
    return set(connection.execute(select(DELIVERIES.c.channel).distinct()).scalars())


def delivery_states(connection: Connection, numbers: Collection[int]) -> dict[int, str]:
    """The state of each of these deliveries that is on record, by its number."""
    statement = select(DELIVERIES.c.id, DELIVERIES.c.state).where(DELIVERIES.c.id.in_(numbers))
    return {row.id: row.state for row in connection.execute(statement)}


def snapshots(connection: Connection, chosen: Filter) -> Listing:
    """Snapshots: state, size and counts, the source's own date, who decided about it and why."""
    return _listing(
        connection, select(SNAPSHOTS), SNAPSHOTS, SNAPSHOTS.c.first_seen_at, chosen, _snapshot
    )


def dossiers(connection: Connection, chosen: Filter) -> Listing:
    """Dossiers that are not part of another: what the list did in one line, and what was published of it."""
    statement = select(DOSSIERS).where(DOSSIERS.c.joined_into.is_(None))
    return _listing(connection, statement, DOSSIERS, DOSSIERS.c.opened_at, chosen, _dossier)


def feeds(connection: Connection) -> dict[str, Listed]:
    """The state of each feed that was ever polled, by its id, with the record count of what is in force."""
    rows = connection.execute(
        select(FEEDS, SNAPSHOTS.c.record_count, SNAPSHOTS.c.stated_date).outerjoin(
            SNAPSHOTS, SNAPSHOTS.c.id == FEEDS.c.snapshot_id
        )
    )
    return {row.feed: _feed(row) for row in rows}


def _listing(
    connection: Connection,
    statement: Select[Any],
    table: Table,
    time: ColumnElement[Any],
    chosen: Filter,
    shape: Any,
    equal_table: Table | None = None,
) -> Listing:
    for condition in _conditions(
        table, time, chosen, equal_table if equal_table is not None else table
    ):
        statement = statement.where(condition)
    total = connection.execute(select(func.count()).select_from(statement.subquery())).scalar_one()
    main = equal_table if equal_table is not None else table
    statement = statement.order_by(time.desc(), main.c.id.desc()).limit(chosen.limit)
    return Listing([shape(row) for row in connection.execute(statement)], total)


def _conditions(
    table: Table, time: ColumnElement[Any], chosen: Filter, equal_table: Table
) -> Iterable[ColumnElement[bool]]:
    if chosen.since is not None:
        yield time >= chosen.since
    if chosen.until is not None:
        yield time < chosen.until
    if chosen.feed is not None:
        yield table.c.feed == chosen.feed
    if chosen.kind is not None:
        yield table.c.kind == chosen.kind
    for column, value in chosen.equal.items():
        yield equal_table.c[column] == value


def _change(row: Row[Any]) -> Listed:
    return {
        "id": row.id,
        "first_seen": to_seconds(row.seen_at),
        **decode(row.change),
        "snapshot": {"id": row.snapshot_id, "sha256": row.sha256},
    }


def _alert(row: Row[Any]) -> Listed:
    return {
        "id": row.id,
        "created": to_seconds(row.created_at),
        "first_seen": to_seconds(row.first_seen_at),
        "kind": row.kind,
        "feed": row.feed,
        "severity": row.severity,
        "title": row.title,
    }


def _read(state: State) -> Listed:
    if isinstance(state, Open):
        return dict.fromkeys(("acknowledged_by", "acknowledged_at", "note", "changed_since"))
    changed = state.change if isinstance(state, Lapsed) else None
    return {
        "acknowledged_by": state.by,
        "acknowledged_at": to_seconds(state.at),
        "note": state.note,
        "changed_since": changed
        and {"feed": changed.feed, "key": changed.key, "alert": changed.alert},
    }


def _delivery(row: Row[Any]) -> Listed:
    is_waiting = row.state not in ("accepted", "dead")
    return {
        "id": row.id,
        "created": to_seconds(row.created_at),
        "alert": row.alert_id,
        "kind": row.kind,
        "feed": row.feed,
        "severity": row.severity,
        "channel": row.channel,
        "recipient": row.recipient,
        "part": row.part,
        "parts": row.parts,
        "subject": row.subject,
        "state": row.state,
        "attempts": row.attempts,
        "next_attempt": _moment(row.next_attempt_at) if is_waiting else None,
        "accepted": _moment(row.accepted_at),
        "detail": row.detail,
    }


def _incident(row: Row[Any]) -> Listed:
    return {
        "id": row.id,
        "opened": to_seconds(row.opened_at),
        "closed": _moment(row.closed_at),
        "closed_by": row.closed_by,
        "kind": row.kind,
        "subject": row.subject,
        "feed": row.feed,
        "severity": row.severity,
        "summary": row.summary,
        "detail": row.detail,
        "what_to_do": row.what_to_do,
        "last_seen": to_seconds(row.last_seen_at),
        "times": row.times,
    }


def _snapshot(row: Row[Any]) -> Listed:
    return {
        "id": row.id,
        "first_seen": to_seconds(row.first_seen_at),
        "not_before": _moment(row.not_before),
        "feed": row.feed,
        "state": row.state,
        "stated_date": row.stated_date,
        "records": row.record_count,
        "declared": row.declared_count,
        "added": row.added,
        "removed": row.removed,
        "amended": row.amended,
        "sha256": row.sha256,
        "size": row.size,
        "accepted": _moment(row.accepted_at),
        "decided_by": row.decided_by,
        "because": row.because,
        "verdict": decode(row.verdict),
    }


def _dossier(row: Row[Any]) -> Listed:
    account = decode(row.account)
    return {
        "id": row.id,
        "opened": to_seconds(row.opened_at),
        "updated": to_seconds(row.updated_at),
        "day": row.day,
        "heading": heading(account),
        "title": row.title,
        "parties": len(account["parties"]),
        "witnesses": witnesses(account),
    }


def _feed(row: Row[Any]) -> Listed:
    return {
        "feed": row.feed,
        "last_poll": _moment(row.last_polled_at),
        "last_success": _moment(row.last_success_at),
        "last_change": _moment(row.last_change_at),
        "next_poll": _moment(row.next_poll_at),
        "outcome": row.last_outcome,
        "detail": row.last_detail,
        "failing_since": _moment(row.failing_since),
        "failures": row.failures,
        "polls": row.polls,
        "snapshot": row.snapshot_id,
        "records": row.record_count,
        "stated_date": row.stated_date,
    }


def _moment(moment: datetime | None) -> str | None:
    return to_seconds(moment) if moment else None
