"""What the event log says of who has read what, and of who else was to be told, against what is on record of it."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, select

from monitor.core.canonical import decode
from monitor.core.escalation import escalation_id
from monitor.core.evidence import Link
from monitor.core.times import to_text
from monitor.store.escalations import ACKNOWLEDGED, ESCALATED, as_announced
from monitor.store.tables import ACKNOWLEDGEMENTS, ESCALATIONS

Said = dict[str, Any]

_NAMES = ("alert", "by", "note", "at", "revisions")


class ReadingSaid:
    """What the events said, noted one by one."""

    def __init__(self) -> None:
        self._acknowledgements: dict[int, Said] = {}
        self._made: set[str] = set()
        self._escalations: dict[tuple[str, str], list[str]] = {}

    def note(self, link: Link, payload: Said) -> None:
        """Take in one event; those about other things are passed over."""
        if link.kind == "alert.acknowledged":
            self._acknowledgements[payload["acknowledgement"]] = payload
        if link.kind == "alert.made":
            self._made.add(link.subject)
            for said in payload.get("escalations", ()):
                self._escalations[link.subject, said[0]] = said

    def acknowledgement_faults(self, connection: Connection) -> Iterator[str]:
        """What of the acknowledgements on record is not what was announced."""
        statement = select(ACKNOWLEDGEMENTS).order_by(ACKNOWLEDGEMENTS.c.id)
        rows = {row.id: row for row in connection.execute(statement)}
        for number, said in self._acknowledgements.items():
            what = f"acknowledgement {number} (of alert {said['alert']}, by {said['by']})"
            row = rows.get(number)
            if row is None:
                yield f"{what} is missing"
            elif _acknowledged(row) != tuple(said[name] for name in _NAMES):
                yield f"{what} was altered after it was made"
        for number in sorted(rows.keys() - self._acknowledgements.keys()):
            yield f"acknowledgement {number} was never announced in the event log"

    def escalation_faults(self, connection: Connection) -> Iterator[str]:
        """What of those who were to be told otherwise is not as it was announced, or was not decided as it is recorded."""
        statement = select(ESCALATIONS).order_by(ESCALATIONS.c.id)
        rows = {(row.alert_id, row.channel): row for row in connection.execute(statement)}
        acknowledged = {said["alert"] for said in self._acknowledgements.values()}
        for (alert, channel), said in self._escalations.items():
            what = f"the escalation of alert {alert} to {channel}"
            row = rows.get((alert, channel))
            if row is None:
                yield f"{what} is missing"
                continue
            if as_announced(row.channel, row.due_at, row.selection) != said:
                yield f"{what} was altered after it was promised"
            was_told = escalation_id(alert, row.due_at) in self._made
            if was_told != (row.state == ESCALATED):
                yield f"{what} is recorded as {row.state}, and the event log says otherwise"
            if row.state == ACKNOWLEDGED and alert not in acknowledged:
                yield f"{what} is recorded as acknowledged, but no event says so"
        for alert, channel in sorted(rows.keys() - self._escalations.keys()):
            yield f"the escalation of alert {alert} to {channel} was never promised"


def _acknowledged(row: Row[Any]) -> tuple[Any, ...]:
    return row.alert_id, row.by, row.note, to_text(row.at), decode(row.revisions)
