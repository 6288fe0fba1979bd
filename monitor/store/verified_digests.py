"""What the event log says of what waits for digests, and of the digests that told it, against what is on record of them."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, select

from monitor.core.evidence import Link
from monitor.store.digests import as_announced
from monitor.store.tables import DIGEST_ITEMS

Said = dict[str, Any]


class DigestsSaid:
    """What the events said, noted one by one."""

    def __init__(self) -> None:
        self._waiting: dict[tuple[str, str, str], list[str]] = {}
        self._due: dict[int, Said] = {}
        self._told: dict[tuple[str, str, str], str] = {}

    def note(self, link: Link, payload: Said) -> None:
        """Take in one event; those about other things are passed over."""
        if link.kind == "digest.due":
            self._due[link.id] = payload | {"channel": link.subject}
        if link.kind != "alert.made":
            return
        for said in payload.get("waiting", ()):
            self._waiting[link.subject, said[0], said[1]] = said
        due = self._due.get(payload["event"]) if payload["kind"] == "digest" else None
        if due is not None:
            for alert in due["gathered"]:
                self._told[alert, due["channel"], due["schedule"]] = link.subject

    def faults(self, connection: Connection) -> Iterator[str]:
        """What of all that waits, or was told in a digest, is not as the events say."""
        rows = {
            (row.alert_id, row.channel, row.schedule): row
            for row in connection.execute(select(DIGEST_ITEMS).order_by(DIGEST_ITEMS.c.id))
        }
        for key, said in self._waiting.items():
            alert, channel, _ = key
            what = f"what of alert {alert} waits for the digest of {channel}"
            row = rows.get(key)
            if row is None:
                yield f"{what} is missing"
            elif as_announced(row.channel, row.schedule, row.selection) != said:
                yield f"{what} was altered after it was promised"
            elif row.digest_alert_id != self._told.get(key):
                yield f"{what} is recorded as told in another digest than the event log says"
        for alert, channel, _ in sorted(rows.keys() - self._waiting.keys()):
            yield f"what of alert {alert} waits for the digest of {channel} was never promised"
