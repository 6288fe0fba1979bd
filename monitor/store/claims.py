"""Claims: which delivery of a channel may be sent now, and by whom.

A claim is a lease: whoever holds it sends, and when it runs out (the process died, or was cut off) the delivery is due again,
marked as one that may have arrived. Among several processes a row is claimed once: SQLite has one writer, PostgreSQL skips
rows that another has locked. The parts of one alert go to a recipient in order: a part is not due while an earlier one is on
its way.

A channel's pace puts off, and so does a receiver that asked to be left alone: rate limits are the channel's, not the message's. Both
are read from the rows, so that a restart does not forget them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    bindparam,
    case,
    exists,
    func,
    or_,
    select,
    text,
    update,
)

from monitor.core.channel import Outgoing
from monitor.core.channel_trouble import CHANNEL_DISABLED
from monitor.core.pace import UNHURRIED, Pace, first_moment, may_be_sent, next_start
from monitor.store import attempts
from monitor.store.tables import DELIVERIES, INCIDENTS

DUE, CLAIMED, ACCEPTED, DEAD = "due", "claimed", "accepted", "dead"

SEVERITIES = ("high", "medium", "low")
"""In the order in which deliveries are claimed."""

_D = DELIVERIES.c
_PACE_LOCK = 0x50414345  # any constant, the same in every process on the database


@dataclass(frozen=True)
class Claimed:
    """One delivery that this worker may send until ``until``.

    ``tries`` counts attempts since the delivery became due, this one included; ``outgoing.attempt`` counts all there ever
    were.
    """

    channel: str
    outgoing: Outgoing
    worker: str
    tries: int
    first_attempt_at: datetime
    started_at: datetime
    until: datetime
    first_seen_at: datetime


def claim_due(
    connection: Connection,
    channel: str,
    *,
    now: datetime,
    worker: str,
    lease: timedelta,
    pace: Pace = UNHURRIED,
) -> Claimed | None:
    """Lease one due delivery of the channel to ``worker``; None when nothing may be sent now.

    First what somebody's lease has run out on, then the most severe, then the longest due. A channel that is disabled has nothing due.
    """
    if pace.max_per_minute is not None:
        _lock_pace(connection, channel)
        starts = _starts(connection, channel, now, lease)
        if next_start(pace, starts, now) > now:
            return None
    allowed = [severity for severity in SEVERITIES if may_be_sent(pace, severity, now)]
    for row in _candidates(connection, channel, allowed, now):
        if claimed := _claim(connection, row, now, worker, lease):
            return claimed
    return None


def next_due(
    connection: Connection,
    now: datetime,
    channels: Sequence[str],
    *,
    lease: timedelta,
    paces: Mapping[str, Pace] | None = None,
) -> dict[str, datetime]:
    """When the next delivery of each of these channels may be sent: ``now`` or later; a channel without any is left out."""
    moment = func.min(case((_D.state == DUE, _D.next_attempt_at), else_=_D.claimed_until))
    waiting = connection.execute(
        select(_D.channel, _D.severity, moment.label("moment"))
        .where(
            _D.channel.in_(channels), _D.state.in_((DUE, CLAIMED)), _is_next_part(), _is_enabled()
        )
        .group_by(_D.channel, _D.severity)
    ).all()
    asked = _asked_until(connection, {row.channel for row in waiting})
    due: dict[str, datetime] = {}
    for row in waiting:
        pace = (paces or {}).get(row.channel, UNHURRIED)
        earliest = max(row.moment, asked.get(row.channel, now), now)
        if pace.max_per_minute is not None:
            starts = _starts(connection, row.channel, now, lease)
            earliest = max(earliest, next_start(pace, starts, now))
        allowed = first_moment(pace, row.severity, earliest)
        due[row.channel] = min(due.get(row.channel, allowed), allowed)
    return due


def void_leases(connection: Connection, *, lease: timedelta, now: datetime) -> int:
    """Make due at once what is claimed, and record that nobody knows what became of it; return how many.

    Only for a process that is certain to be alone (it holds the lock of an SQLite database): whoever claimed is dead.
    """
    rows = connection.execute(
        select(_D.id, _D.claimed_until).where(_D.state == CLAIMED).order_by(_D.id)
    ).all()
    for row in rows:
        attempts.record_lost(
            connection,
            row.id,
            started_at=min(row.claimed_until - lease, now),
            finished_at=now,
        )
        connection.execute(
            update(DELIVERIES)
            .where(_D.id == row.id)
            .values(state=DUE, next_attempt_at=now, claimed_by=None, claimed_until=None)
        )
    return len(rows)


def _candidates(
    connection: Connection, channel: str, severities: Sequence[str], now: datetime
) -> Iterator[Any]:
    """What may be claimed, best first; each is asked for only when the one before could not be had."""
    given = {"channel_asked": channel, "now": now}
    yield from connection.execute(_ABANDONED, {**given, "severities": severities}).mappings()
    for severity in severities:
        yield from connection.execute(_RIPE, {**given, "severity_asked": severity}).mappings()


def _is_next_part() -> ColumnElement[bool]:
    earlier = DELIVERIES.alias("earlier")
    return or_(
        _D.part == 1,
        ~exists().where(
            earlier.c.alert_id == _D.alert_id,
            earlier.c.channel == _D.channel,
            earlier.c.recipient == _D.recipient,
            earlier.c.part < _D.part,
            earlier.c.state.in_((DUE, CLAIMED)),
        ),
    )


def _is_enabled() -> ColumnElement[bool]:
    return ~exists().where(
        INCIDENTS.c.kind == CHANNEL_DISABLED,
        INCIDENTS.c.subject == _D.channel,
        INCIDENTS.c.closed_at.is_(None),
    )


def _is_not_asked_to_wait() -> ColumnElement[bool]:
    other = DELIVERIES.alias("other")
    return ~exists().where(other.c.channel == _D.channel, other.c.asked_until > bindparam("now"))


def _the_first(*conditions: ColumnElement[bool], order: ColumnElement[Any]) -> Select[Any]:
    """The first delivery of a channel that may be claimed, of those for which the conditions hold."""
    return (
        select(DELIVERIES)
        .where(
            _D.channel == bindparam("channel_asked"),
            *conditions,
            _is_next_part(),
            _is_enabled(),
            _is_not_asked_to_wait(),
        )
        .order_by(order, _D.id)
        .limit(1)
        .with_for_update(of=DELIVERIES, skip_locked=True)
    )


# Built once: building a statement takes as long as asking it. One look for each severity follows the index, however long the queue is;
# one for all would sort the queue each time.
_ABANDONED = _the_first(
    _D.state == CLAIMED,
    _D.claimed_until <= bindparam("now"),
    _D.severity.in_(bindparam("severities", expanding=True)),
    order=_D.claimed_until,
)
_RIPE = _the_first(
    _D.state == DUE,
    _D.severity == bindparam("severity_asked"),
    _D.next_attempt_at <= bindparam("now"),
    order=_D.next_attempt_at,
)
_TAKE = (
    update(DELIVERIES)
    .where(
        _D.id == bindparam("id_read"),
        _D.state == bindparam("state_read"),
        _D.attempts == bindparam("attempts_read"),
        _D.claimed_until.is_not_distinct_from(bindparam("claimed_until_read")),
    )
    .values(
        state=CLAIMED,
        claimed_by=bindparam("claimed_by"),
        claimed_until=bindparam("claimed_until"),
        attempts=bindparam("attempts"),
        first_attempt_at=bindparam("first_attempt_at"),
        asked_until=None,
    )
)


def _asked_until(connection: Connection, channels: set[str]) -> dict[str, datetime]:
    """Until when receivers asked to be left alone."""
    rows = connection.execute(
        select(_D.channel, func.max(_D.asked_until))
        .where(_D.asked_until.is_not(None), _D.channel.in_(channels))
        .group_by(_D.channel)
    )
    return {row[0]: row[1] for row in rows}


def _lock_pace(connection: Connection, channel: str) -> None:
    """Count and claim as one, among processes; SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        connection.execute(
            text("SELECT pg_advisory_xact_lock(:lock, hashtext(:channel))"),
            {"lock": _PACE_LOCK, "channel": channel},
        )


def _starts(
    connection: Connection, channel: str, now: datetime, lease: timedelta
) -> list[datetime]:
    """When the attempts of about the last minute began, those included that are being made."""
    being_made = connection.scalars(
        select(_D.claimed_until).where(_D.channel == channel, _D.state == CLAIMED)
    )
    return [
        *attempts.recent_starts(connection, channel, now),
        *(until - lease for until in being_made),
    ]


def _claim(
    connection: Connection, row: Any, now: datetime, worker: str, lease: timedelta
) -> Claimed | None:
    """Take the lease if the row is still as it was read."""
    first_attempt_at, until = row["first_attempt_at"] or now, now + lease
    changed = connection.execute(
        _TAKE,
        {
            **{f"{name}_read": row[name] for name in ("id", "state", "attempts", "claimed_until")},
            "claimed_by": worker,
            "claimed_until": until,
            "attempts": row["attempts"] + 1,
            "first_attempt_at": first_attempt_at,
        },
    ).rowcount
    if not changed:
        return None
    if row["state"] == CLAIMED:
        ended = row["claimed_until"]
        attempts.record_lost(connection, row["id"], started_at=ended - lease, finished_at=ended)
    past = attempts.history(connection, row["id"])
    return Claimed(
        channel=row["channel"],
        outgoing=_outgoing(row, attempt=past.attempts + 1, may_be_repeat=past.unknown > 0),
        worker=worker,
        tries=row["attempts"] + 1,
        first_attempt_at=first_attempt_at,
        started_at=now,
        until=until,
        first_seen_at=row["first_seen_at"],
    )


def _outgoing(row: Any, *, attempt: int, may_be_repeat: bool) -> Outgoing:
    return Outgoing(
        delivery_id=row["id"],
        alert_id=row["alert_id"],
        recipient=row["recipient"],
        part=row["part"],
        parts=row["parts"],
        subject=row["subject"],
        text=row["text"],
        html=row["html"],
        wire=row["wire"],
        attempt=attempt,
        created_at=row["created_at"],
        severity=row["severity"],
        may_be_repeat=may_be_repeat,
        thread=row["thread"],
    )
