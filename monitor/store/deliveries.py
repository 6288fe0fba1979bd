"""Deliveries: claim the ones that are due, record a receipt or a failure, make dead ones due again.

A claim is a lease: whoever holds it sends, and when it runs out (the process died, or was cut off) the delivery is due again,
marked as one that may have arrived. Among several processes a row is claimed once: SQLite has one writer, PostgreSQL skips
rows that another has locked. The parts of one alert go to a recipient in order: a part is not due while an earlier one is on
its way.

Receipts and deaths are events, written in the transaction that changes the row, and after it (the chain's head is the last
lock). Nothing here knows a channel's address.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    case,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from monitor.core.channel import Outgoing
from monitor.core.outcome import Accepted, Failed
from monitor.core.retry import UNREACHABLE_AFTER, Dead, RetryAt, is_unreachable
from monitor.core.watch import Incident
from monitor.core.words import counted, span_words
from monitor.store import events
from monitor.store.incidents import close_incident, open_incident
from monitor.store.tables import ATTEMPTS, DELIVERIES, INCIDENTS

DUE, CLAIMED, ACCEPTED, DEAD = "due", "claimed", "accepted", "dead"

DELIVERY_DEAD = "delivery_dead"
CHANNEL_DISABLED = "channel_disabled"
CHANNEL_UNREACHABLE = "channel_unreachable"

_UNRECORDED = "the sending ended before its outcome was recorded"
_D = DELIVERIES.c


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
    *,
    now: datetime,
    worker: str,
    lease: timedelta,
    channels: Sequence[str],
    limit: int = 1,
) -> list[Claimed]:
    """Lease up to ``limit`` deliveries of these channels to ``worker``: the most severe first, then the longest due.

    Of one alert to one recipient at most one part is leased. A channel that is disabled has nothing due.
    """
    candidates = (
        select(DELIVERIES)
        .where(_is_due(now), _D.channel.in_(channels))
        .order_by(_URGENCY, _D.next_attempt_at, _D.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    rows = connection.execute(candidates).mappings().all()
    return [claim for row in rows if (claim := _claim(connection, row, now, worker, lease))]


def record_accepted(
    connection: Connection, claimed: Claimed, accepted: Accepted, *, at: datetime
) -> None:
    """Store the receipt: the receiver has the message, whoever's lease it is by now.

    A second receipt for the same delivery is kept as an attempt and changes nothing else.
    """
    outgoing = claimed.outgoing
    changed = connection.execute(
        update(DELIVERIES)
        .where(_D.id == outgoing.delivery_id, _D.state != ACCEPTED)
        .values(
            state=ACCEPTED,
            accepted_at=at,
            detail=accepted.detail,
            claimed_by=None,
            claimed_until=None,
        )
    ).rowcount
    _record_attempt(connection, claimed, at, "accepted", accepted.detail)
    if not changed:
        return
    seconds = round((at - claimed.first_seen_at).total_seconds(), 3)
    payload = {**_payload(claimed), "said": accepted.detail, "milliseconds": int(seconds * 1000)}
    events.append(
        connection,
        kind="delivery.accepted",
        at=at,
        subject=outgoing.alert_id,
        payload=payload,
    )
    if not _is_long_failing_for_others(connection, claimed, at):
        close_incident(
            connection,
            kind=CHANNEL_UNREACHABLE,
            subject=claimed.channel,
            at=at,
            by="a message was accepted",
        )


def record_failure(
    connection: Connection,
    claimed: Claimed,
    failed: Failed,
    decision: RetryAt | Dead,
    *,
    at: datetime,
) -> None:
    """Store a failed attempt and what was decided: due again at a time, or dead, which people hear of.

    They hear earlier of a channel that cannot be reached: once a delivery has been failing for half an hour.
    When the lease has meanwhile passed to another worker, only the attempt is kept: the row is the other's.
    """
    values: dict[str, Any] = {"claimed_by": None, "claimed_until": None, "detail": failed.detail}
    if isinstance(decision, RetryAt):
        values |= {"state": DUE, "next_attempt_at": decision.when}
    else:
        values |= {"state": DEAD}
    changed = connection.execute(
        update(DELIVERIES)
        .where(
            _D.id == claimed.outgoing.delivery_id,
            _D.state == CLAIMED,
            _D.claimed_by == claimed.worker,
            _D.claimed_until == claimed.until,
        )
        .values(**values)
    ).rowcount
    _record_attempt(
        connection, claimed, at, "unknown" if failed.unknown else "failed", failed.detail
    )
    if changed and isinstance(decision, Dead):
        _bury(connection, claimed, failed, decision, at)
    elif changed and is_unreachable(claimed.first_attempt_at, at):
        _report_unreachable(connection, claimed, failed, at)


def next_due(connection: Connection, now: datetime, channels: Sequence[str]) -> datetime | None:
    """When the next delivery of these channels is due: ``now`` or later, None when there is none."""
    waiting = and_(_D.channel.in_(channels), _is_next_part(), _is_enabled())
    moments = [
        connection.scalar(select(func.min(_D.next_attempt_at)).where(_D.state == DUE, waiting)),
        connection.scalar(select(func.min(_D.claimed_until)).where(_D.state == CLAIMED, waiting)),
    ]
    earliest = min((moment for moment in moments if moment is not None), default=None)
    return None if earliest is None else max(earliest, now)


def retry_dead(
    connection: Connection, ids: Iterable[int] | None = None, *, now: datetime
) -> list[int]:
    """Make dead deliveries due at once with a fresh schedule: those of ``ids``, or all; return which.

    Their channels are enabled again, and the incidents about them are closed: the operator has seen them.
    """
    wanted = _D.state == DEAD
    if ids is not None:
        wanted = and_(wanted, _D.id.in_(list(ids)))
    rows = connection.execute(
        select(_D.id, _D.channel).where(wanted).order_by(_D.id).with_for_update()
    ).all()
    if not rows:
        return []
    revived = [row.id for row in rows]
    connection.execute(
        update(DELIVERIES)
        .where(_D.id.in_(revived))
        .values(state=DUE, attempts=0, first_attempt_at=None, next_attempt_at=now)
    )
    concerned = sorted({row.channel for row in rows})
    events.lock(connection)
    for channel in concerned:
        _close_incidents(connection, channel, now)
    return revived


def void_leases(connection: Connection, *, lease: timedelta, now: datetime) -> int:
    """Make due at once what is claimed, and record that nobody knows what became of it; return how many.

    Only for a process that is certain to be alone (it holds the lock of an SQLite database): whoever claimed is dead.
    """
    rows = connection.execute(
        select(_D.id, _D.claimed_until).where(_D.state == CLAIMED).order_by(_D.id)
    ).all()
    for row in rows:
        number, _ = _history(connection, row.id)
        connection.execute(
            insert(ATTEMPTS).values(
                delivery_id=row.id,
                number=number + 1,
                started_at=min(row.claimed_until - lease, now),
                finished_at=now,
                outcome="unknown",
                detail=_UNRECORDED,
            )
        )
        connection.execute(
            update(DELIVERIES)
            .where(_D.id == row.id)
            .values(state=DUE, next_attempt_at=now, claimed_by=None, claimed_until=None)
        )
    return len(rows)


_URGENCY = case((_D.severity == "high", 0), (_D.severity == "medium", 1), else_=2)


def _is_due(now: datetime) -> ColumnElement[bool]:
    ripe = or_(
        and_(_D.state == DUE, _D.next_attempt_at <= now),
        and_(_D.state == CLAIMED, _D.claimed_until <= now),
    )
    return and_(ripe, _is_next_part(), _is_enabled())


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


def _claim(
    connection: Connection, row: Any, now: datetime, worker: str, lease: timedelta
) -> Claimed | None:
    """Take the lease if the row is still as it was read."""
    first_attempt_at, until = row["first_attempt_at"] or now, now + lease
    changed = connection.execute(
        update(DELIVERIES)
        .where(
            _D.id == row["id"],
            _D.state == row["state"],
            _D.attempts == row["attempts"],
            _D.claimed_until.is_not_distinct_from(row["claimed_until"]),
        )
        .values(
            state=CLAIMED,
            claimed_by=worker,
            claimed_until=until,
            attempts=row["attempts"] + 1,
            first_attempt_at=first_attempt_at,
        )
    ).rowcount
    if not changed:
        return None
    if row["state"] == CLAIMED:
        _record_lost_attempt(connection, row, lease)
    attempts, unknown = _history(connection, row["id"])
    return Claimed(
        channel=row["channel"],
        outgoing=_outgoing(row, attempt=attempts + 1, may_be_repeat=unknown > 0),
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


def _history(connection: Connection, delivery_id: int) -> tuple[int, int]:
    """How many attempts there have been, and how many of them may have arrived."""
    unknown = func.coalesce(func.sum(case((ATTEMPTS.c.outcome == "unknown", 1), else_=0)), 0)
    row = connection.execute(
        select(func.count(), unknown).where(ATTEMPTS.c.delivery_id == delivery_id)
    ).one()
    return int(row[0]), int(row[1])


def _record_lost_attempt(connection: Connection, row: Any, lease: timedelta) -> None:
    """An attempt whose lease ran out: nobody knows what became of it, and the record says so."""
    number, _ = _history(connection, row["id"])
    connection.execute(
        insert(ATTEMPTS).values(
            delivery_id=row["id"],
            number=number + 1,
            started_at=row["claimed_until"] - lease,
            finished_at=row["claimed_until"],
            outcome="unknown",
            detail=_UNRECORDED,
        )
    )


def _record_attempt(
    connection: Connection, claimed: Claimed, at: datetime, outcome: str, detail: str
) -> None:
    connection.execute(
        insert(ATTEMPTS).values(
            delivery_id=claimed.outgoing.delivery_id,
            number=claimed.outgoing.attempt,
            started_at=claimed.started_at,
            finished_at=at,
            outcome=outcome,
            detail=detail,
        )
    )


def _payload(claimed: Claimed) -> dict[str, Any]:
    outgoing = claimed.outgoing
    return {
        "delivery": outgoing.delivery_id,
        "alert": outgoing.alert_id,
        "channel": claimed.channel,
        "recipient": outgoing.recipient,
        "part": outgoing.part,
        "parts": outgoing.parts,
        "attempt": outgoing.attempt,
    }


def _bury(
    connection: Connection, claimed: Claimed, failed: Failed, decision: Dead, at: datetime
) -> None:
    channel, outgoing = claimed.channel, claimed.outgoing
    events.lock(connection)
    open_incident(
        connection,
        Incident(
            kind=DELIVERY_DEAD,
            subject=channel,
            feed=None,
            severity="high",
            summary=f"the channel {channel} did not get an alert",
            detail=f"Delivery {outgoing.delivery_id} of alert {outgoing.alert_id}: {decision.because}.",
            what_to_do=f"Correct the channel, then: sanctions-monitor retry {outgoing.delivery_id}",
        ),
        at,
    )
    if failed.disable:
        open_incident(
            connection,
            Incident(
                kind=CHANNEL_DISABLED,
                subject=channel,
                feed=None,
                severity="high",
                summary=f"the channel {channel} is switched off",
                detail=f"Its receiver says that it is gone for good ({failed.detail}). Alerts to it wait.",
                what_to_do="Correct the channel's address, then: sanctions-monitor retry",
            ),
            at,
        )
    events.append(
        connection,
        kind="delivery.dead",
        at=at,
        subject=outgoing.alert_id,
        payload={**_payload(claimed), "said": failed.detail, "because": decision.because},
    )


def _report_unreachable(
    connection: Connection, claimed: Claimed, failed: Failed, at: datetime
) -> None:
    """Open the incident, unless the recipient has meanwhile got another message: then it is this one that fails."""
    channel, outgoing = claimed.channel, claimed.outgoing
    if connection.scalar(
        select(
            exists().where(
                _D.channel == channel,
                _D.recipient == outgoing.recipient,
                _D.state == ACCEPTED,
                _D.accepted_at >= claimed.first_attempt_at,
            )
        )
    ):
        return
    failing = span_words(at - claimed.first_attempt_at)
    open_incident(
        connection,
        Incident(
            kind=CHANNEL_UNREACHABLE,
            subject=channel,
            feed=None,
            severity="medium",
            summary=f"the channel {channel} cannot be reached",
            detail=f"Delivery {outgoing.delivery_id} of alert {outgoing.alert_id} has failed for {failing}, "
            f"in {counted(claimed.tries, 'attempt')}: {failed.detail}. It goes on being tried for a day; "
            "other channels get their messages.",
            what_to_do="Look whether the receiver works, and whether the channel's address is right",
        ),
        at,
    )


def _is_long_failing_for_others(connection: Connection, claimed: Claimed, at: datetime) -> bool:
    """Whether a delivery of this channel to another recipient has been failing for so long that it is an incident."""
    return bool(
        connection.scalar(
            select(
                exists().where(
                    _D.channel == claimed.channel,
                    _D.recipient != claimed.outgoing.recipient,
                    _D.state.in_((DUE, CLAIMED)),
                    _D.first_attempt_at <= at - UNREACHABLE_AFTER,
                )
            )
        )
    )


def _close_incidents(connection: Connection, channel: str, now: datetime) -> None:
    left = connection.scalar(
        select(func.count()).select_from(DELIVERIES).where(_D.state == DEAD, _D.channel == channel)
    )
    for kind in [CHANNEL_DISABLED] if left else [CHANNEL_DISABLED, DELIVERY_DEAD]:
        close_incident(connection, kind=kind, subject=channel, at=now, by="retry")
