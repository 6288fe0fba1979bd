"""The second commit: alerts with their deliveries and the cursor, in one transaction.

Keys that are derived or unique make a second run harmless: an alert that is there is not made again, nor is a delivery.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.dialects import postgresql, sqlite

from monitor.core.canonical import decode
from monitor.core.route import Selection
from monitor.store.tables import ALERTS, CHANGES, DELIVERIES


@dataclass(frozen=True, kw_only=True)
class Promise:
    """One message to one recipient of one channel, as it will be sent."""

    channel: str
    recipient: str
    part: int
    parts: int
    subject: str
    text: str
    html: str | None
    wire: str | None
    thread: str | None = None


@dataclass(frozen=True, kw_only=True)
class Written:
    """An alert in all its forms, whole, as pages and the API show it; ``waiting`` is what of it is told in digests."""

    id: str
    kind: str
    feed: str | None
    severity: str
    title: str
    first_seen_at: datetime
    snapshot: int | None
    dossier: str | None = None
    text: str
    html: str
    wire: str
    waiting: tuple[Selection, ...] = ()


def add(
    connection: Connection, alert: Written, promises: list[Promise], *, event: int, at: datetime
) -> bool:
    """Store an alert and everything that is promised by it, due at once; False when it was made before."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    made = connection.execute(
        dialect.insert(ALERTS)
        .values(
            id=alert.id,
            kind=alert.kind,
            feed=alert.feed,
            severity=alert.severity,
            title=alert.title,
            event_id=event,
            created_at=at,
            first_seen_at=alert.first_seen_at,
            snapshot_id=alert.snapshot,
            dossier_id=alert.dossier,
            text=alert.text,
            html=alert.html,
            wire=alert.wire,
        )
        .on_conflict_do_nothing()
        .returning(ALERTS.c.id)
    ).first()
    if made is None:
        return False
    rows = [
        {
            "alert_id": alert.id,
            "channel": promise.channel,
            "recipient": promise.recipient,
            "part": promise.part,
            "parts": promise.parts,
            "severity": alert.severity,
            "state": "due",
            "subject": promise.subject,
            "text": promise.text,
            "html": promise.html,
            "wire": promise.wire,
            "thread": promise.thread,
            "created_at": at,
            "first_seen_at": alert.first_seen_at,
            "attempts": 0,
            "next_attempt_at": at,
            "detail": "",
        }
        for promise in promises
    ]
    if rows:
        connection.execute(dialect.insert(DELIVERIES).on_conflict_do_nothing(), rows)
    return True


def find(connection: Connection, alert: str) -> Row[Any] | None:
    """The alert with this id."""
    return connection.execute(select(ALERTS).where(ALERTS.c.id == alert)).first()


def beginning_with(connection: Connection, text: str, limit: int) -> list[str]:
    """The ids of alerts that begin with this text, ``limit`` of them at most, the newest first."""
    statement = (
        select(ALERTS.c.id)
        .where(ALERTS.c.id.startswith(text, autoescape=True))
        .order_by(ALERTS.c.created_at.desc(), ALERTS.c.id)
        .limit(limit)
    )
    return list(connection.execute(statement).scalars())


def changes_of(connection: Connection, snapshot: int) -> Iterator[dict[str, Any]]:
    """The change objects of a snapshot, sorted by key."""
    rows = connection.execute(
        select(CHANGES.c.change).where(CHANGES.c.snapshot_id == snapshot).order_by(CHANGES.c.key)
    )
    for (change,) in rows:
        yield decode(change)
