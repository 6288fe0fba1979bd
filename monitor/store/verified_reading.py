"""What the event log says of who has read what, against what is on record of it."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Row, select

from monitor.core.canonical import decode
from monitor.core.evidence import Link
from monitor.core.times import to_text
from monitor.store.tables import ACKNOWLEDGEMENTS

Said = dict[str, Any]

_NAMES = ("alert", "by", "note", "at", "revisions")


class ReadingSaid:
    """What the events said, noted one by one."""

    def __init__(self) -> None:
        self._acknowledgements: dict[int, Said] = {}

    def note(self, link: Link, payload: Said) -> None:
        """Take in one event; those about other things are passed over."""
        if link.kind == "alert.acknowledged":
            self._acknowledgements[payload["acknowledgement"]] = payload

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


def _acknowledged(row: Row[Any]) -> tuple[Any, ...]:
    return row.alert_id, row.by, row.note, to_text(row.at), decode(row.revisions)
