"""What the event log says of dossiers, against what is on record of them."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, func, select

from monitor.core.canonical import decode, digest
from monitor.core.evidence import Link
from monitor.store.tables import DOSSIER_MEMBERS, DOSSIERS


class DossiersSaid:
    """What the events said, noted one by one: of each dossier the last."""

    def __init__(self) -> None:
        self._said: dict[str, dict[str, Any]] = {}
        self._joined: dict[str, str] = {}

    def note(self, link: Link, payload: dict[str, Any]) -> None:
        """Take in one event; those about other things are passed over."""
        if link.kind in ("dossier.opened", "dossier.grown"):
            self._said[link.subject] = payload
            self._joined.pop(link.subject, None)  # told apart again
            self._joined |= dict.fromkeys(payload["joined"], link.subject)

    def faults(self, connection: Connection) -> Iterator[str]:
        """What of the dossiers on record is not what was announced."""
        rows = {row.id: row for row in connection.execute(select(DOSSIERS).order_by(DOSSIERS.c.id))}
        members = select(DOSSIER_MEMBERS.c.dossier_id, func.count()).group_by(
            DOSSIER_MEMBERS.c.dossier_id
        )
        held: dict[str, int] = dict(map(tuple, connection.execute(members)))
        for dossier, said in self._said.items():
            row = rows.get(dossier)
            if row is None:
                yield f"dossier {dossier} is missing"
            elif digest(decode(row.account)) != said["account"]:
                yield f"dossier {dossier} was altered after it was put on record"
            elif dossier not in self._joined and held.get(dossier, 0) != said["members"]:
                yield f"dossier {dossier} does not hold the signals that it was given"
        for dossier in sorted(rows.keys() - self._said.keys()):
            yield f"dossier {dossier} was never announced in the event log"
