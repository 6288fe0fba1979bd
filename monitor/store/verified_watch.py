"""What the event log says of the watch itself, incidents and operators' requests, against what is on record of them.

While an incident is open its words may become newer without an event, each time it is seen again; ``times`` tells that they may.
Once it is closed, all of it is what the closing event says.
"""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, Table, select

from monitor.core.evidence import Link
from monitor.core.times import to_text
from monitor.store.tables import INCIDENTS, REQUESTS

_WORDS = ("summary", "detail", "what_to_do", "times")
_REQUESTED = ("verb", "subject", "by", "because")

Said = dict[str, Any]


class WatchSaid:
    """What the events said, noted one by one."""

    def __init__(self) -> None:
        self._incidents: dict[int, Said] = {}
        self._requests: dict[int, Said] = {}

    def note(self, link: Link, payload: Said) -> None:
        """Take in one event; those about other things are passed over."""
        if link.kind in ("incident.opened", "incident.reminded", "incident.closed"):
            self._incidents[payload["incident"]] = payload | {
                "feed": link.feed,
                "subject": link.subject,
            }
        if link.kind == "request.made":
            self._requests[int(link.subject)] = payload | {
                "at": link.at,
                "performed_at": None,
                "outcome": None,
            }
        if link.kind == "request.performed":
            self._requests[int(link.subject)] |= {
                "performed_at": link.at,
                "outcome": payload["outcome"],
            }

    def incident_faults(self, connection: Connection) -> Iterator[str]:
        """What of the incidents on record is not what was announced."""
        rows = _rows(connection, INCIDENTS)
        for number, said in self._incidents.items():
            row = rows.get(number)
            what = f"incident {number} ({said['kind']}, {said['subject']})"
            if row is None:
                yield f"{what} is missing"
            elif _identity(row) != tuple(said[name] for name in _IDENTITY):
                yield f"{what} is not on record as it was announced"
            elif said["closed_at"] is None and row.closed_at is not None:
                yield f"{what} is recorded as closed, but no event says so"
            elif _ending(row) != (said["closed_at"], said["closed_by"]):
                yield f"{what} was closed, and is not on record as it was"
            elif not _may_say(row, said):
                yield f"{what} was altered after it was written"
        for number in sorted(rows.keys() - self._incidents.keys()):
            yield f"incident {number} was never announced in the event log"

    def request_faults(self, connection: Connection) -> Iterator[str]:
        """What of the requests on record is not what was asked for, or not how it was answered."""
        rows = _rows(connection, REQUESTS)
        for number, said in self._requests.items():
            row = rows.get(number)
            what = f"request {number} ({said['verb']} {said['subject']}, by {said['by']})"
            if row is None:
                yield f"{what} is missing"
                continue
            if (*(getattr(row, name) for name in _REQUESTED), to_text(row.at)) != (
                *(said[name] for name in _REQUESTED),
                said["at"],
            ):
                yield f"{what} was altered after it was made"
            if (_moment(row.performed_at), row.outcome) != (said["performed_at"], said["outcome"]):
                yield f"the answer to {what} is not what was recorded"
        for number in sorted(rows.keys() - self._requests.keys()):
            yield f"request {number} was never announced in the event log"


_IDENTITY = ("kind", "subject", "feed", "severity", "opened_at")


def _rows(connection: Connection, table: Table) -> dict[int, Row[Any]]:
    return {row.id: row for row in connection.execute(select(table).order_by(table.c.id))}


def _identity(row: Row[Any]) -> tuple[Any, ...]:
    return row.kind, row.subject, row.feed, row.severity, to_text(row.opened_at)


def _ending(row: Row[Any]) -> tuple[Any, ...]:
    return _moment(row.closed_at), row.closed_by


def _may_say(row: Row[Any], said: Said) -> bool:
    """Whether the words are those that were announced, or newer ones of an incident that is open."""
    if said["closed_at"] is None and row.times > said["times"]:
        return True
    return all(getattr(row, name) == said[name] for name in _WORDS)


def _moment(moment: Any) -> str | None:
    return to_text(moment) if moment else None
