"""Tells others of alerts that nobody has acknowledged in time.

Each is one transaction: the alert that tells it again, its deliveries, and the state of what waited. A turn that is interrupted is made
again, and finds what it made before by its derived id.
"""

import logging
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select
from sqlalchemy.exc import SQLAlchemyError

from monitor.alerting.writer import Writer, put_on_record
from monitor.clock import Clock
from monitor.core.alert import Alert
from monitor.core.escalation import escalated, retold, selection_of
from monitor.store import alerts, escalations
from monitor.store.alerts import Promise, Written
from monitor.store.database import Database
from monitor.store.escalations import Due
from monitor.store.tables import INCIDENTS

log = logging.getLogger(__name__)

Again = Callable[[Connection, str], Alert | None]


class Escalator:
    """``again`` makes the whole alert of an id again; None where that cannot be done: then its words are told as they were."""

    def __init__(self, database: Database, clock: Clock, *, again: Again, writer: Writer) -> None:
        self._database = database
        self._clock = clock
        self._again = again
        self._writer = writer

    def next_due(self) -> datetime | None:
        """When there will be something to do; None when nothing waits."""
        with self._database.read() as connection:
            return escalations.next_due(connection)

    def turn(self) -> int:
        """Deal with everything that is due; return how many alerts were made."""
        due = self.next_due()
        if due is None or due > self._clock.now():
            return 0  # without a transaction that writes
        made = 0
        while (outcome := self._one()) is not None:
            made += outcome
        return made

    def _one(self) -> bool | None:
        """Deal with what is due first: whether it became an alert, or None when nothing is due."""
        with self._database.write() as connection:
            now = self._clock.now()
            due = escalations.claim_due(connection, now)
            if due is None:
                return None
            row = alerts.find(connection, due.alert)
            if row is None or _is_over(connection, alert := self._made_again(connection, due)):
                escalations.decide(connection, due.rows, escalations.OVER, now)
                return False
            written, promises = self._write(due, row, alert)
            if not promises:
                log.warning(
                    "nobody has acknowledged alert %s, and no channel that it would go to is configured",
                    due.alert,
                )
            escalations.decide(connection, due.rows, escalations.ESCALATED, now)
            return put_on_record(connection, written, promises, event=row.event_id, at=now)

    def _made_again(self, connection: Connection, due: Due) -> Alert | None:
        try:
            return self._again(connection, due.alert)
        except SQLAlchemyError:
            raise  # the database's trouble, not the alert's: the turn is made again
        except Exception:
            log.exception("alert %s could not be made again", due.alert)
            return None

    def _write(self, due: Due, row: Row[Any], alert: Alert | None) -> tuple[Written, list[Promise]]:
        *others, last = _ways(due, row, alert)
        for each in others:
            try:
                return self._written(due, each)
            except Exception:  # its words are told as they were
                log.exception("alert %s could not be written again", due.alert)
        return self._written(due, last)

    def _written(self, due: Due, alert: Alert) -> tuple[Written, list[Promise]]:
        chosen = [selection_of(alert, channel, stored) for channel, stored in due.selections]
        return self._writer.write(alert, chosen)


def _ways(due: Due, row: Row[Any], alert: Alert | None) -> Iterator[Alert]:
    """How it can be told again: made anew, else in the words in which it was told."""
    if alert is not None:
        yield escalated(alert, made=row.created_at, due=due.due_at)
    yield retold(
        row.id,
        title=row.title,
        text=row.text,
        severity=row.severity,
        feed=row.feed or "",
        made=row.created_at,
        due=due.due_at,
    )


def _is_over(connection: Connection, alert: Alert | None) -> bool:
    """Whether it told of an incident that has ended meanwhile."""
    if alert is None or alert.incident is None:
        return False
    closed = select(INCIDENTS.c.closed_at).where(INCIDENTS.c.id == alert.incident.id)
    return connection.execute(closed).scalar() is not None
