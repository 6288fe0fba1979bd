"""Attempts: one row for each time that a delivery was sent, or may have been; only ever added to.

They are the memory of the paces too: how many attempts of the last minute there were is counted here, so that a restart does not
forget it.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, case, func, insert, select

from monitor.core.pace import MINUTE
from monitor.store.tables import ATTEMPTS, DELIVERIES

_UNRECORDED = "the sending ended before its outcome was recorded"

# Built once: building a statement takes as long as asking it.
_HISTORY = select(
    func.count(),
    func.coalesce(func.sum(case((ATTEMPTS.c.outcome == "unknown", 1), else_=0)), 0),
).where(ATTEMPTS.c.delivery_id == bindparam("delivery"))
_ADD = insert(ATTEMPTS)


@dataclass(frozen=True)
class History:
    """How many attempts there have been at a delivery, and how many of them may have arrived."""

    attempts: int
    unknown: int


def history(connection: Connection, delivery: int) -> History:
    """What there has been of a delivery."""
    row = connection.execute(_HISTORY, {"delivery": delivery}).one()
    return History(int(row[0]), int(row[1]))


def record(
    connection: Connection,
    delivery: int,
    number: int,
    *,
    started_at: datetime,
    finished_at: datetime,
    outcome: str,
    detail: str,
) -> None:
    """Add one attempt: ``accepted``, ``failed`` or ``unknown``."""
    connection.execute(
        _ADD,
        {
            "delivery_id": delivery,
            "number": number,
            "started_at": started_at,
            "finished_at": finished_at,
            "outcome": outcome,
            "detail": detail,
        },
    )


def record_lost(
    connection: Connection, delivery: int, *, started_at: datetime, finished_at: datetime
) -> None:
    """Add an attempt whose sender is gone: nobody knows what became of it, and the record says so."""
    record(
        connection,
        delivery,
        history(connection, delivery).attempts + 1,
        started_at=started_at,
        finished_at=finished_at,
        outcome="unknown",
        detail=_UNRECORDED,
    )


def recent_starts(connection: Connection, channel: str, now: datetime) -> list[datetime]:
    """When attempts at this channel's deliveries began, within a minute of ``now``, as far as they have ended."""
    return list(
        connection.scalars(
            select(ATTEMPTS.c.started_at)
            .join(DELIVERIES, DELIVERIES.c.id == ATTEMPTS.c.delivery_id)
            .where(
                ATTEMPTS.c.started_at > now - MINUTE,
                ATTEMPTS.c.started_at < now + MINUTE,
                DELIVERIES.c.channel == channel,
            )
        )
    )
