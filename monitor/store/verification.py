"""Recompute the whole chain of evidence from the database and the archive, and name the first thing that does not hold.

In this order: the event log's links; what each snapshot's event says against its row, its archived bytes and its changes; every
document against its digest; the register as a whole at each snapshot; every alert and receipt against its event.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, select

from monitor.core.canonical import decode
from monitor.core.evidence import GENESIS, link_hash, register_digest
from monitor.errors import MissingEvidence
from monitor.store import events
from monitor.store.archive import Archive
from monitor.store.tables import ALERTS, CHANGES, DELIVERIES, REVISIONS, SNAPSHOTS

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Verified:
    """What was checked, and the first thing that does not hold (None: all of it holds). ``head`` is the last event's hash."""

    events: int
    snapshots: int
    changes: int
    documents: int
    alerts: int
    receipts: int
    head: str
    broken: str | None


def verify(
    connection: Connection, archive: Archive, progress: Progress = lambda _: None
) -> Verified:
    """Check everything, in one consistent reading."""
    checker = _Checker(connection, archive, progress)
    broken = next(checker.faults(), None)
    return Verified(
        events=checker.events,
        snapshots=len(checker.facts),
        changes=checker.changes,
        documents=checker.documents,
        alerts=len(checker.alerts),
        receipts=len(checker.receipts),
        head=checker.head,
        broken=broken,
    )


class _Checker:
    def __init__(self, connection: Connection, archive: Archive, progress: Progress) -> None:
        self._connection = connection
        self._archive = archive
        self._progress = progress
        self.head = GENESIS
        self.events = self.changes = self.documents = 0
        self.facts: dict[int, dict[str, Any]] = {}
        self.feeds: dict[int, str | None] = {}
        self.register_digests: dict[int, str] = {}
        self.alerts: dict[str, dict[str, Any]] = {}
        self.receipts: dict[int, dict[str, Any]] = {}

    def faults(self) -> Iterator[str]:
        """What does not hold, one sentence each, in the order of the checks."""
        for check in (
            self._chain,
            self._snapshots,
            self._changes,
            self._documents,
            self._registers,
            self._alerts,
            self._receipts,
        ):
            self._progress(check.__name__.strip("_"))
            yield from check()

    def _chain(self) -> Iterator[str]:
        expected = 1
        for link, previous, stored in events.chain(self._connection):
            if link.id != expected:
                yield f"event {expected} is missing: {link.id} follows {expected - 1}"
            if previous != self.head:
                yield f"event {link.id} is not linked to the event before it"
            if link_hash(previous, link) != stored:
                yield f"event {link.id} ({link.kind}, {link.at}) was altered after it was written"
            self.head, expected = stored, link.id + 1
            self.events += 1
            self._note(link.kind, link.feed, link.subject, decode(link.payload))

    def _note(self, kind: str, feed: str | None, subject: str, payload: dict[str, Any]) -> None:
        if kind in ("snapshot.baseline", "snapshot.accepted"):
            self.facts[payload["snapshot"]] = payload
            self.feeds[payload["snapshot"]] = feed
        if kind in ("snapshot.baseline", "snapshot.accepted", "snapshot.reexpressed"):
            self.register_digests[payload["snapshot"]] = payload["register_digest"]
        if kind == "alert.made":
            self.alerts[subject] = payload
        if kind == "delivery.accepted":
            self.receipts[payload["delivery"]] = payload

    def _snapshots(self) -> Iterator[str]:
        rows = {row.id: row for row in self._connection.execute(select(SNAPSHOTS))}
        for row in rows.values():
            if row.state == "accepted" and row.id not in self.facts:
                yield f"snapshot {row.id} of {row.feed} is accepted, but no event says so"
        for number, facts in self.facts.items():
            row = rows.get(number)
            if row is None:
                yield f"snapshot {number} of {self.feeds[number]} is missing"
                continue
            said = (facts["sha256"], facts["size"], facts["published"], facts["records"])
            if said != (row.sha256, row.size, row.stated_date, row.record_count):
                yield f"snapshot {number} of {row.feed} is not what its event says"
            try:
                self._archive.check(row.sha256)
            except MissingEvidence as missing:
                yield f"snapshot {number} of {row.feed}: {missing}"

    def _changes(self) -> Iterator[str]:
        hashes: dict[int, Any] = defaultdict(hashlib.sha256)
        rows = self._connection.execute(
            select(CHANGES.c.snapshot_id, CHANGES.c.change)
            .order_by(CHANGES.c.snapshot_id, CHANGES.c.id)
            .execution_options(yield_per=1000)
        )
        for snapshot, change in rows:
            hashes[snapshot].update(change.encode() + b"\n")
            self.changes += 1
        for number, facts in self.facts.items():
            if hashes[number].hexdigest() != facts["changes_digest"]:
                yield f"the changes of snapshot {number} of {self.feeds[number]} are not those that were announced"
        for number in hashes.keys() - self.facts.keys():
            yield f"there are changes of snapshot {number}, which no event announces"

    def _documents(self) -> Iterator[str]:
        rows = self._connection.execute(
            select(
                REVISIONS.c.id,
                REVISIONS.c.feed,
                REVISIONS.c.key,
                REVISIONS.c.digest,
                REVISIONS.c.document,
            )
            .order_by(REVISIONS.c.id)
            .execution_options(yield_per=1000)
        )
        for row in rows:
            self.documents += 1
            if hashlib.sha256(row.document.encode()).hexdigest() != row.digest:
                yield f"revision {row.id} ({row.feed} {row.key}) is not the document that its digest says"

    def _registers(self) -> Iterator[str]:
        """The whole register at each snapshot, rebuilt from the revisions."""
        begins: dict[int, list[tuple[str, str, str]]] = defaultdict(list)
        ends: dict[int, list[tuple[str, str]]] = defaultdict(list)
        rows = self._connection.execute(
            select(
                REVISIONS.c.feed,
                REVISIONS.c.key,
                REVISIONS.c.digest,
                REVISIONS.c.from_snapshot,
                REVISIONS.c.until_snapshot,
            ).execution_options(yield_per=5000)
        )
        for feed, key, digest, began, ended in rows:
            if began != ended:  # else it was expressed anew in the very snapshot that it began with
                begins[began].append((feed, key, digest))
                if ended is not None:
                    ends[ended].append((feed, key))
        registers: dict[str | None, dict[str, str]] = defaultdict(dict)
        for number in sorted(self.facts):
            register = registers[self.feeds[number]]
            for _, key in ends[number]:
                register.pop(key, None)
            for _, key, digest in begins[number]:
                register[key] = digest
            if register_digest(register) != self.register_digests[number]:
                yield f"the revisions in force at snapshot {number} of {self.feeds[number]} are not the list that it was"

    def _alerts(self) -> Iterator[str]:
        rows = {row.id: row for row in self._connection.execute(select(ALERTS.c.id, ALERTS.c.wire))}
        for alert, facts in self.alerts.items():
            row = rows.get(alert)
            if row is None:
                yield f"alert {alert} is missing"
            elif hashlib.sha256(row.wire.encode()).hexdigest() != facts["wire"]:
                yield f"alert {alert} was altered after it was made"
        for alert in rows.keys() - self.alerts.keys():
            yield f"alert {alert} was never announced in the event log"
        promised = sum(len(facts["promised"]) for facts in self.alerts.values())
        held = self._connection.execute(select(func.count()).select_from(DELIVERIES)).scalar_one()
        if promised != held:
            yield f"{promised} deliveries were promised, and {held} are on record"

    def _receipts(self) -> Iterator[str]:
        rows = self._connection.execute(
            select(DELIVERIES.c.id, DELIVERIES.c.alert_id, DELIVERIES.c.channel).where(
                DELIVERIES.c.state == "accepted"
            )
        )
        accepted = {row.id: row for row in rows}
        for number, facts in self.receipts.items():
            row = accepted.get(number)
            if row is None or (row.alert_id, row.channel) != (facts["alert"], facts["channel"]):
                yield f"the receipt of delivery {number} (alert {facts['alert']}) is not on record as it was"
        for number in accepted.keys() - self.receipts.keys():
            yield f"delivery {number} is recorded as accepted, but no event says so"
