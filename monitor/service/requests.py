"""What operators ask for while a service runs: one short row each, which the service performs and answers.

A command writes the row. If no service holds the lock, the command performs it itself, by the same function.
"""

import logging
from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from feeds import RegisterAdapter
from feeds.errors import FeedError
from monitor.core.acknowledgement import Lapsed, State
from monitor.errors import MonitorError
from monitor.service.line import Line
from monitor.store import acknowledgements, alerts, deliveries, escalations, events, snapshots
from monitor.store.tables import REQUESTS

log = logging.getLogger(__name__)

_FAILED = "refused: "


def make(
    connection: Connection, *, verb: str, subject: str, by: str, because: str, at: datetime
) -> int:
    """Write down what somebody asks for; return its number. ``verb`` is accept, reject, retry or acknowledge."""
    number: int = connection.execute(
        insert(REQUESTS)
        .values(verb=verb, subject=subject, by=by, because=because, at=at)
        .returning(REQUESTS.c.id)
    ).scalar_one()
    events.append(
        connection,
        kind="request.made",
        at=at,
        subject=str(number),
        payload={"verb": verb, "subject": subject, "by": by, "because": because},
    )
    return number


def answer(connection: Connection, number: int) -> str | None:
    """What became of a request: a sentence, or None while it waits."""
    found: str | None = connection.execute(
        select(REQUESTS.c.outcome).where(REQUESTS.c.id == number)
    ).scalar()
    return found


def was_refused(outcome: str) -> bool:
    """Whether an answer says that the request could not be performed."""
    return outcome.startswith(_FAILED)


def perform_waiting(line: Line) -> int:
    """Perform every request that waits, oldest first; return how many. Synchronous: runs in a thread."""
    with line.database.read() as connection:
        waiting = connection.execute(
            select(REQUESTS).where(REQUESTS.c.performed_at.is_(None)).order_by(REQUESTS.c.id)
        ).all()
    for request in waiting:
        try:
            outcome = _VERBS[request.verb](line, request)
        except (MonitorError, FeedError) as error:
            outcome = f"{_FAILED}{error}"
        except Exception:  # an operator's request must not end the service
            log.exception("request %s (%s) could not be performed", request.id, request.verb)
            outcome = f"{_FAILED}an unexpected error; the log holds it"
        _close(line, request, outcome)
    return len(waiting)


def _accept(line: Line, request: Row[Any]) -> str:
    number = int(request.subject)
    adapter = _register_of(line, number)
    outcome = line.poller.taker.accept(
        adapter, number, by=request.by, because=request.because, at=line.clock.now()
    )
    again = "" if outcome.snapshot == number else f" again, as snapshot {outcome.snapshot}"
    return f"snapshot {number} is accepted{again}: {outcome.sentence}"


def _reject(line: Line, request: Row[Any]) -> str:
    number = int(request.subject)
    adapter = _register_of(line, number)
    line.poller.taker.reject(
        adapter.feed.id, number, by=request.by, because=request.because, at=line.clock.now()
    )
    return f"snapshot {number} is rejected; the version before it stays in force"


def _retry(line: Line, request: Row[Any]) -> str:
    wanted = [int(number) for number in request.subject.split(",")] if request.subject else None
    with line.database.write() as connection:
        revived = deliveries.retry_dead(connection, wanted, now=line.clock.now())
    return f"{len(revived)} deliveries are due again" if revived else "no delivery is dead"


def _acknowledge(line: Line, request: Row[Any]) -> str:
    with line.database.write() as connection:
        id = escalations.originals(connection, [request.subject]).get(request.subject)
        alert = alerts.find(connection, id or request.subject)
        if alert is None:
            raise UnknownAlert(request.subject)
        acknowledgements.add(
            connection,
            alert,
            by=request.by,
            note=request.because,
            asked=request.at,
            now=line.clock.now(),
        )
        state = acknowledgements.states(connection, [alert.id])[alert.id]
    return f"alert {alert.id} is acknowledged by {request.by}{_since(state)}"


def _since(state: State) -> str:
    """That what was read is not what is in force, for it may have changed before it was acknowledged."""
    if not isinstance(state, Lapsed):
        return ""
    where = f"see alert {state.change.alert}" if state.change.alert else "which will be told"
    return f" as it was; {state.change.key} of {state.change.feed} has changed since, {where}"


_VERBS: dict[str, Callable[[Line, Row[Any]], str]] = {
    "accept": _accept,
    "reject": _reject,
    "retry": _retry,
    "acknowledge": _acknowledge,
}


class UnknownAlert(MonitorError):
    """There is no such alert on record."""

    def __init__(self, id: str) -> None:
        super().__init__(f"there is no alert {id}; see `sanctions-monitor alerts`")


class UnknownSnapshot(MonitorError):
    """No register that we know has this snapshot."""

    def __init__(self, number: int) -> None:
        super().__init__(f"there is no snapshot {number}; see `sanctions-monitor snapshots`")


def _register_of(line: Line, number: int) -> RegisterAdapter:
    with line.database.read() as connection:
        row = snapshots.find(connection, number)
    adapter = line.adapters.get(row.feed) if row else None
    if not isinstance(adapter, RegisterAdapter):
        raise UnknownSnapshot(number)
    return adapter


def _close(line: Line, request: Row[Any], outcome: str) -> None:
    at = line.clock.now()
    with line.database.write() as connection:
        connection.execute(
            update(REQUESTS)
            .where(REQUESTS.c.id == request.id)
            .values(performed_at=at, outcome=outcome)
        )
        events.append(
            connection,
            kind="request.performed",
            at=at,
            subject=str(request.id),
            payload={"verb": request.verb, "subject": request.subject, "outcome": outcome},
        )
