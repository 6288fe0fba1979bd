"""Deliveries: record a receipt or a failure, make dead ones due again.

Receipts and deaths are events, written in the transaction that changes the row, and after it (the chain's head is the last
lock). Nothing here knows a channel's address.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, select, update

from monitor.core.outcome import Accepted, Failed
from monitor.core.retry import Dead, RetryAt
from monitor.store import attempts, events
from monitor.store.channel_trouble import (
    tell_of_death,
    tell_of_failing,
    tell_of_recovery,
    tell_of_retry,
)
from monitor.store.claims import ACCEPTED, CLAIMED, DEAD, DUE, Claimed
from monitor.store.tables import DELIVERIES

_D = DELIVERIES.c

# Built once: building a statement takes as long as asking it.
_ACCEPT = (
    update(DELIVERIES)
    .where(_D.id == bindparam("accepted"), _D.state != ACCEPTED)
    .values(
        state=ACCEPTED,
        accepted_at=bindparam("accepted_at"),
        detail=bindparam("detail"),
        asked_until=None,
        claimed_by=None,
        claimed_until=None,
    )
)


def record_accepted(
    connection: Connection, claimed: Claimed, accepted: Accepted, *, at: datetime
) -> None:
    """Store the receipt: the receiver has the message, whoever's lease it is by now.

    A second receipt for the same delivery is kept as an attempt and changes nothing else.
    """
    outgoing = claimed.outgoing
    changed = connection.execute(
        _ACCEPT,
        {"accepted": outgoing.delivery_id, "accepted_at": at, "detail": accepted.detail},
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
    tell_of_recovery(connection, claimed, at)


def record_failure(
    connection: Connection,
    claimed: Claimed,
    failed: Failed,
    decision: RetryAt | Dead,
    *,
    at: datetime,
) -> None:
    """Store a failed attempt and what was decided: due again at a time, or dead, which people hear of.

    A receiver that asked to be left alone is, by the whole channel, for as long as it asked and no longer than this delivery waits.
    People hear early of a channel that cannot be reached: once a delivery has been failing for half an hour.
    When the lease has meanwhile passed to another worker, only the attempt is kept: the row is the other's.
    """
    values: dict[str, Any] = {"claimed_by": None, "claimed_until": None, "detail": failed.detail}
    wait = timedelta(0)
    if isinstance(decision, RetryAt):
        wait = min(failed.retry_after or wait, decision.when - at)
        asked_until = at + wait if wait > timedelta(0) else None
        values |= {"state": DUE, "next_attempt_at": decision.when, "asked_until": asked_until}
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
    if not changed:
        return
    if isinstance(decision, RetryAt):
        tell_of_failing(connection, claimed, failed, wait, at)
        return
    tell_of_death(connection, claimed, failed, decision, at)
    events.append(
        connection,
        kind="delivery.dead",
        at=at,
        subject=claimed.outgoing.alert_id,
        payload={**_payload(claimed), "said": failed.detail, "because": decision.because},
    )


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
    events.lock(connection)
    for channel in sorted({row.channel for row in rows}):
        tell_of_retry(connection, channel, now)
    return revived


def _record_attempt(
    connection: Connection, claimed: Claimed, at: datetime, outcome: str, detail: str
) -> None:
    attempts.record(
        connection,
        claimed.outgoing.delivery_id,
        claimed.outgoing.attempt,
        started_at=claimed.started_at,
        finished_at=at,
        outcome=outcome,
        detail=detail,
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
