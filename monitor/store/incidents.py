"""Incidents: opened once, reminded, closed once. Each step is an event, which is how people come to hear of it.

Each function becomes the one appender of events before it looks at a row, so that two transactions neither open the same incident
twice nor wait for each other's rows and the chain in different order.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, insert, select, update

from monitor.core.times import to_text
from monitor.core.watch import Incident
from monitor.store import events
from monitor.store.tables import INCIDENTS


def open_incident(
    connection: Connection, incident: Incident, at: datetime, *, among: Collection[str] = ()
) -> bool:
    """Open the incident, or count one more time, in its newest words, when it is open already. True when it is new.

    ``among`` are kinds that are one and the same trouble to people: one of them that is open about this subject is this
    incident, and keeps its kind.
    """
    events.lock(connection)
    row = connection.execute(
        select(INCIDENTS.c.id, INCIDENTS.c.times)
        .where(
            INCIDENTS.c.kind.in_({incident.kind, *among}),
            INCIDENTS.c.subject == incident.subject,
            INCIDENTS.c.closed_at.is_(None),
        )
        .order_by(INCIDENTS.c.id)
    ).first()
    if row:
        connection.execute(
            update(INCIDENTS)
            .where(INCIDENTS.c.id == row.id)
            .values(
                last_seen_at=at,
                times=row.times + 1,
                summary=incident.summary,
                detail=incident.detail,
                what_to_do=incident.what_to_do,
            )
        )
        return False
    number = connection.execute(
        insert(INCIDENTS)
        .values(
            kind=incident.kind,
            subject=incident.subject,
            feed=incident.feed,
            severity=incident.severity,
            summary=incident.summary,
            detail=incident.detail,
            what_to_do=incident.what_to_do,
            opened_at=incident.since or at,
            last_seen_at=at,
            reminded_at=at if incident.since else None,  # people hear of it now, not when it began
            times=1,
        )
        .returning(INCIDENTS.c.id)
    ).scalar_one()
    _announce(connection, "incident.opened", number, at)
    return True


def close_incident(
    connection: Connection, *, kind: str, subject: str, at: datetime, by: str
) -> bool:
    """Close the open incident of this kind about this subject; False when there is none. ``by`` says what ended it."""
    events.lock(connection)
    number = connection.execute(
        update(INCIDENTS)
        .where(
            INCIDENTS.c.kind == kind,
            INCIDENTS.c.subject == subject,
            INCIDENTS.c.closed_at.is_(None),
        )
        .values(closed_at=at, closed_by=by)
        .returning(INCIDENTS.c.id)
    ).scalar()
    if number is None:
        return False
    _announce(connection, "incident.closed", number, at)
    return True


def close_where(
    connection: Connection, *, subject: str, kinds: Collection[str], at: datetime, by: str
) -> None:
    """Close what is open about this subject, of these kinds."""
    for kind, about in open_incidents(connection):
        if about == subject and kind in kinds:
            close_incident(connection, kind=kind, subject=subject, at=at, by=by)


def open_incidents(connection: Connection, *, feed: str | None = None) -> list[tuple[str, str]]:
    """Kind and subject of what is open, of one feed or of all."""
    statement = select(INCIDENTS.c.kind, INCIDENTS.c.subject).where(INCIDENTS.c.closed_at.is_(None))
    if feed is not None:
        statement = statement.where(INCIDENTS.c.feed == feed)
    return [
        (row.kind, row.subject) for row in connection.execute(statement.order_by(INCIDENTS.c.id))
    ]


def remind(connection: Connection, *, at: datetime, every: timedelta) -> int:
    """Remind of each incident that has been open, or unmentioned, for as long as ``every``; return how many."""
    events.lock(connection)
    due = connection.execute(
        select(INCIDENTS.c.id, INCIDENTS.c.opened_at, INCIDENTS.c.reminded_at).where(
            INCIDENTS.c.closed_at.is_(None)
        )
    ).all()
    numbers = [row.id for row in due if at - (row.reminded_at or row.opened_at) >= every]
    for number in numbers:
        connection.execute(update(INCIDENTS).where(INCIDENTS.c.id == number).values(reminded_at=at))
        _announce(connection, "incident.reminded", number, at)
    return len(numbers)


def _announce(connection: Connection, kind: str, number: int, at: datetime) -> None:
    row = connection.execute(select(INCIDENTS).where(INCIDENTS.c.id == number)).one()
    payload: dict[str, Any] = {
        "incident": row.id,
        "kind": row.kind,
        "severity": row.severity,
        "summary": row.summary,
        "detail": row.detail,
        "what_to_do": row.what_to_do,
        "opened_at": to_text(row.opened_at),
        "closed_at": to_text(row.closed_at) if row.closed_at else None,
        "closed_by": row.closed_by,
        "times": row.times,
    }
    events.append(connection, kind=kind, at=at, feed=row.feed, subject=row.subject, payload=payload)
