"""Recompute the whole chain of evidence from the database and the archive, and name the first thing that does not hold.

In this order: the event log's links, and that its end was not cut off; what each snapshot's event says against its row, its
archived bytes and its changes; every document against its digest; the register as a whole at each snapshot; every publication
that was announced; every alert, everything that was promised by it, at once or in a digest, and every receipt, against their
events; every incident, every request of an operator, every acknowledgement, and everybody who was to be told where there is none,
against theirs.

What a first reading of a stream lists announces nothing, so that only its documents' digests vouch for it. The newest words of an
incident that is open and was seen again have no event yet.
"""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, select

from monitor.core.canonical import decode
from monitor.core.channel import digest_of_message
from monitor.core.evidence import GENESIS, Link, link_hash, register_digest
from monitor.core.times import to_text
from monitor.errors import MissingEvidence
from monitor.store import events
from monitor.store.archive import Archive
from monitor.store.tables import (
    ALERTS,
    CHANGES,
    CURSORS,
    DELIVERIES,
    PUBLICATION_REVISIONS,
    REVISIONS,
    SNAPSHOTS,
)
from monitor.store.verified_digests import DigestsSaid
from monitor.store.verified_dossiers import DossiersSaid
from monitor.store.verified_reading import ReadingSaid
from monitor.store.verified_watch import WatchSaid

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
    with closing(
        checker.faults()
    ) as faults:  # the first is enough; what is being read is let go of
        broken = next(faults, None)
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
        self.held: dict[int, dict[str, Any]] = {}
        self.publications: set[tuple[str | None, str, str]] = set()
        self.alerts: dict[str, dict[str, Any]] = {}
        self.receipts: dict[int, dict[str, Any]] = {}
        self.deliveries: dict[int, Row[Any]] = {}
        self.watch = WatchSaid()
        self.reading = ReadingSaid()
        self.dossiers = DossiersSaid()
        self.digests = DigestsSaid()

    def faults(self) -> Generator[str, None, None]:
        """What does not hold, one sentence each, in the order of the checks."""
        for check in (
            self._chain,
            self._snapshots,
            self._changes,
            self._documents,
            self._registers,
            self._publications,
            self._alerts,
            self._promises,
            self._receipts,
            self._incidents,
            self._requests,
            self._acknowledgements,
            self._escalations,
            self._dossiers,
            self._digests,
        ):
            what = check.__name__.strip("_")
            self._progress(what)
            try:
                yield from check()
            except (ValueError, TypeError, LookupError) as unreadable:
                yield f"something on record cannot be read any more ({what}: {unreadable})"

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
            self._note(link, decode(link.payload))
        read = self._connection.execute(select(func.max(CURSORS.c.position))).scalar() or 0
        if read >= expected:
            yield f"the event log ends with event {expected - 1}, but event {read} has been read"

    def _note(self, link: Link, payload: dict[str, Any]) -> None:
        kind = link.kind
        self.watch.note(link, payload)
        self.reading.note(link, payload)
        self.dossiers.note(link, payload)
        self.digests.note(link, payload)
        if kind in ("snapshot.baseline", "snapshot.accepted"):
            self.facts[payload["snapshot"]] = payload
            self.feeds[payload["snapshot"]] = link.feed
            self.held.pop(payload["snapshot"], None)
        if kind in ("snapshot.baseline", "snapshot.accepted", "snapshot.reexpressed"):
            self.register_digests[payload["snapshot"]] = payload["register_digest"]
        if kind == "snapshot.held":
            self.held[payload["snapshot"]] = payload
        if kind in ("publication.listed", "publication.body", "publication.corrected"):
            self.publications.add((link.feed, link.subject, payload["digest"]))
        if kind == "alert.made":
            self.alerts[link.subject] = payload
        if kind == "delivery.accepted":
            self.receipts[payload["delivery"]] = payload | {"at": link.at}

    def _snapshots(self) -> Iterator[str]:
        rows = {row.id: row for row in self._connection.execute(select(SNAPSHOTS))}
        for row in rows.values():
            if row.state == "accepted" and row.id not in self.facts:
                yield f"snapshot {row.id} of {row.feed} is accepted, but no event says so"
        for number, facts in sorted((self.facts | self.held).items()):
            if number not in rows:
                yield f"snapshot {number} is missing"
                continue
            row = rows[number]
            if number in self.facts and row.state != "accepted":
                yield f"snapshot {number} of {row.feed} was accepted, and is {row.state} now"
            if _said(facts) != _on_record(row):
                yield f"snapshot {number} of {row.feed} is not what its event says"
            try:
                self._archive.check(row.sha256)
            except MissingEvidence as missing:
                yield f"snapshot {number} of {row.feed}: {missing}"

    def _changes(self) -> Iterator[str]:
        hashes: dict[int, Any] = defaultdict(hashlib.sha256)
        statement = select(CHANGES).order_by(CHANGES.c.snapshot_id, CHANGES.c.id)
        with self._connection.execute(statement.execution_options(yield_per=1000)) as rows:
            for row in rows:
                hashes[row.snapshot_id].update(row.change.encode() + b"\n")
                self.changes += 1
                if not _is_what_it_is_listed_as(row):
                    yield f"change {row.id} ({row.feed} {row.key}) is not listed as what it is"
        for number, facts in self.facts.items():
            if hashes[number].hexdigest() != facts["changes_digest"]:
                yield f"the changes of snapshot {number} of {self.feeds[number]} are not those that were announced"
        for number in hashes.keys() - self.facts.keys():
            yield f"there are changes of snapshot {number}, which no event announces"

    def _documents(self) -> Iterator[str]:
        for table, what in ((REVISIONS, "revision"), (PUBLICATION_REVISIONS, "publication")):
            columns = (table.c.id, table.c.feed, table.c.key, table.c.digest, table.c.document)
            statement = select(*columns).order_by(table.c.id)
            with self._connection.execute(statement.execution_options(yield_per=1000)) as rows:
                for row in rows:
                    self.documents += 1
                    if _sha256(row.document) != row.digest:
                        yield f"{what} {row.id} ({row.feed} {row.key}) is not the document that its digest says"

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

    def _publications(self) -> Iterator[str]:
        table = PUBLICATION_REVISIONS.c
        stored = select(table.feed, table.key, table.digest)
        on_record = {tuple(row) for row in self._connection.execute(stored)}
        for feed, key, _ in sorted(self.publications - on_record, key=str):
            yield f"publication {key} of {feed} is not on record as it was announced"

    def _alerts(self) -> Iterator[str]:
        rows = {row.id: row for row in self._connection.execute(select(ALERTS))}
        for alert, facts in self.alerts.items():
            row = rows.get(alert)
            if row is None:
                yield f"alert {alert} is missing"
                continue
            said = tuple(
                facts[name] for name in ("kind", "severity", "title", "wire", "text", "html")
            )
            texts = (_sha256(row.wire), _sha256(row.text), _sha256(row.html))
            if said != (row.kind, row.severity, row.title, *texts):
                yield f"alert {alert} was altered after it was made"
        for alert in sorted(rows.keys() - self.alerts.keys()):
            yield f"alert {alert} was never announced in the event log"

    def _promises(self) -> Iterator[str]:
        """Everything that an alert promised to somebody is there, as it was promised, and nothing else."""
        self.deliveries = {
            row.id: row
            for row in self._connection.execute(select(DELIVERIES).order_by(DELIVERIES.c.id))
        }
        promised = {
            (alert, channel, recipient, part): sha256
            for alert, facts in self.alerts.items()
            for channel, recipient, part, sha256 in facts["promised"]
        }
        for row in self.deliveries.values():
            what = f"delivery {row.id} (alert {row.alert_id} to {row.channel})"
            sha256 = promised.pop((row.alert_id, row.channel, row.recipient, row.part), None)
            if sha256 is None:
                yield f"{what} was never promised"
            elif sha256 != digest_of_message(row.text, row.wire):
                yield f"{what} is not the message that was promised"
        for alert, channel, recipient, part in promised:
            yield f"part {part} of alert {alert}, promised to {recipient or channel}, is missing"

    def _receipts(self) -> Iterator[str]:
        accepted = {row.id: row for row in self.deliveries.values() if row.state == "accepted"}
        for number, facts in self.receipts.items():
            row = accepted.get(number)
            said = tuple(facts[name] for name in ("alert", "channel", "recipient", "said", "at"))
            if row is None or said != (
                row.alert_id,
                row.channel,
                row.recipient,
                row.detail,
                to_text(row.accepted_at) if row.accepted_at else None,
            ):
                yield f"the receipt of delivery {number} (alert {facts['alert']}) is not on record as it was"
        for number in sorted(accepted.keys() - self.receipts.keys()):
            yield f"delivery {number} is recorded as accepted, but no event says so"

    def _incidents(self) -> Iterator[str]:
        return self.watch.incident_faults(self._connection)

    def _requests(self) -> Iterator[str]:
        return self.watch.request_faults(self._connection)

    def _acknowledgements(self) -> Iterator[str]:
        return self.reading.acknowledgement_faults(self._connection)

    def _escalations(self) -> Iterator[str]:
        return self.reading.escalation_faults(self._connection)

    def _dossiers(self) -> Iterator[str]:
        return self.dossiers.faults(self._connection)

    def _digests(self) -> Iterator[str]:
        return self.digests.faults(self._connection)


_SAID_OF_A_SNAPSHOT = ("sha256", "size", "published", "records", "added", "removed", "amended")


def _said(facts: dict[str, Any]) -> tuple[Any, ...]:
    return (
        *(facts[name] for name in _SAID_OF_A_SNAPSHOT),
        facts["first_seen"],
        facts["not_before"],
    )


def _on_record(row: Row[Any]) -> tuple[Any, ...]:
    return (
        row.sha256,
        row.size,
        row.stated_date,
        row.record_count,
        row.added,
        row.removed,
        row.amended,
        to_text(row.first_seen_at),
        to_text(row.not_before) if row.not_before else None,
    )


def _is_what_it_is_listed_as(row: Row[Any]) -> bool:
    """Listings are made from these columns, people are told from the change itself."""
    change = decode(row.change)
    listed = (row.feed, row.key, row.kind, row.severity, row.categories)
    said = (change["feed"], change["key"], change["kind"], change["severity"])
    return listed == (*said, ",".join(change["categories"]))


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
