"""What waits to be told to others: an alert, unless somebody acknowledges it in time.

A row is written in the transaction that makes its alert, and decided in one: by the escalator together with the alert that it makes, or by
an acknowledgement. Its state is waiting, then escalated, acknowledged, or over (the incident that it told of had ended).
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, exists, insert, select, update

from monitor.core.canonical import decode, encode
from monitor.core.escalation import KIND, Escalation, escalation_id
from monitor.core.times import to_text
from monitor.store.bulk import in_batches
from monitor.store.tables import ALERTS, ESCALATIONS, REQUESTS

WAITING, ESCALATED, ACKNOWLEDGED, OVER = "waiting", "escalated", "acknowledged", "over"


@dataclass(frozen=True, slots=True)
class Due:
    """What is to be told now of one alert: to each channel, what it was promised to hear of it."""

    alert: str
    due_at: datetime
    rows: tuple[int, ...]
    selections: tuple[tuple[str, Mapping[str, Any]], ...]


def add(
    connection: Connection, alert: str, promised: Sequence[Escalation], at: datetime
) -> list[list[str]]:
    """Let the alert, made ``at``, wait for an acknowledgement; return what the event of the alert is to say of it."""
    rows = [(each.channel, at + each.after, encode(each.as_stored()).decode()) for each in promised]
    if rows:
        connection.execute(
            insert(ESCALATIONS),
            [
                {
                    "alert_id": alert,
                    "channel": channel,
                    "due_at": due_at,
                    "selection": selection,
                    "state": WAITING,
                }
                for channel, due_at, selection in rows
            ],
        )
    return [as_announced(*row) for row in rows]


def as_announced(channel: str, due_at: datetime, selection: str) -> list[str]:
    """What the event of an alert says of one of its escalations: to whom, when, and the hash of what."""
    return [channel, to_text(due_at), hashlib.sha256(selection.encode()).hexdigest()]


def next_due(connection: Connection) -> datetime | None:
    """When the next one is due; None when none waits."""
    found: datetime | None = connection.execute(
        select(ESCALATIONS.c.due_at).where(*_waits()).order_by(ESCALATIONS.c.due_at).limit(1)
    ).scalar()
    return found


def claim_due(connection: Connection, now: datetime) -> Due | None:
    """What is due first, with its rows locked for this transaction; None when nothing is that nobody else deals with."""
    first = connection.execute(
        select(ESCALATIONS)
        .where(ESCALATIONS.c.due_at <= now, *_waits())
        .order_by(ESCALATIONS.c.due_at, ESCALATIONS.c.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    ).first()
    if first is None:
        return None
    rows = connection.execute(
        select(ESCALATIONS)
        .where(
            ESCALATIONS.c.alert_id == first.alert_id,
            ESCALATIONS.c.due_at == first.due_at,
            ESCALATIONS.c.state == WAITING,
        )
        .order_by(ESCALATIONS.c.id)
        .with_for_update()
    ).all()
    return Due(
        alert=first.alert_id,
        due_at=first.due_at,
        rows=tuple(row.id for row in rows),
        selections=tuple((row.channel, decode(row.selection)) for row in rows),
    )


def decide(connection: Connection, rows: Sequence[int], state: str, at: datetime) -> None:
    """Record what became of rows that were claimed."""
    connection.execute(
        update(ESCALATIONS).where(ESCALATIONS.c.id.in_(rows)).values(state=state, decided_at=at)
    )


def originals(connection: Connection, ids: Iterable[str]) -> dict[str, str]:
    """Which alert each of these escalations tells again, by its id; the id of another alert is left out.

    An escalation's id is derived from the alert's and from when it was due, so that it can be recomputed; both tell of one event.
    """
    found: dict[str, str] = {}
    again, first = ALERTS.alias("again"), ALERTS.alias("first")
    for batch in in_batches(ids):
        rows = connection.execute(
            select(again.c.id, ESCALATIONS.c.alert_id, ESCALATIONS.c.due_at)
            .join(first, first.c.event_id == again.c.event_id)
            .join(ESCALATIONS, ESCALATIONS.c.alert_id == first.c.id)
            .where(again.c.id.in_(batch), again.c.kind == KIND)
            .distinct()
        )
        found |= {id: alert for id, alert, due_at in rows if escalation_id(alert, due_at) == id}
    return found


def _waits() -> tuple[ColumnElement[bool], ...]:
    """It waits, and nobody has asked for its acknowledgement already: that is only not performed yet."""
    asked = exists().where(
        REQUESTS.c.verb == "acknowledge",
        REQUESTS.c.subject == ESCALATIONS.c.alert_id,
        REQUESTS.c.performed_at.is_(None),
    )
    return ESCALATIONS.c.state == WAITING, ~asked
