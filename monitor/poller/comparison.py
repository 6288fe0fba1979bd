"""Read a register's new content and compare it with what is in force, outside any transaction and in flat memory.

The result is bound to the snapshot that it was compared with; the commit checks that this one is still in force. What differs
goes to a spool file, so that a first snapshot of nineteen thousand records costs no more memory than a change of sixteen.
"""

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from feeds.base import Head, Unread
from feeds.errors import RepeatedKey
from feeds.records import ReadsRegister, RegisterReading, read_register
from monitor.core.canonical import DIGEST_VERSION, Document, digest, encode, party_document
from monitor.core.classify import change_json, classify
from monitor.core.diff import Added, Amended, Change, Removed, differing_fields
from monitor.core.evidence import register_digest
from monitor.core.guard import Counts
from monitor.core.spool import Entry, Kind
from monitor.store import feeds as feed_states
from monitor.store import register
from monitor.store.database import Database

Progress = Callable[[int], None]
"""Told now and then how many records have been read."""

_BATCH = 100


class Interrupted(Exception):
    """The service is stopping; the comparison is abandoned and nothing has happened."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What a new content says against the snapshot ``compared_with`` (None: nothing is on record, this is a baseline).

    ``entries`` reads the spool again each time it is called. ``register_digest`` is over every record's key and digest,
    ``changes_digest`` over the change objects in the spool's order: both are evidence, checked by ``verify``.
    """

    feed: str
    compared_with: int | None
    counts: Counts
    head: Head
    namespace: str
    unread: tuple[Unread, ...]
    register_digest: str
    changes_digest: str
    adapter_version: int
    digest_version: int
    spool: Path

    @property
    def is_baseline(self) -> bool:
        """Whether nothing was on record."""
        return self.compared_with is None

    def entries(self) -> Iterator[Entry]:
        """What differs, from the spool."""
        with self.spool.open("rb") as lines:
            yield from map(Entry.from_line, lines)


@contextmanager
def comparing(
    database: Database,
    adapter: ReadsRegister,
    content: IO[bytes],
    folder: Path,
    *,
    progress: Progress | None = None,
    stopping: Callable[[], bool] = lambda: False,
) -> Iterator[Comparison]:
    """Compare ``content`` with what is in force; the spool in ``folder`` is gone when the block ends.

    Raises a :class:`feeds.errors.FeedError` when the content cannot be read as the feed, and Interrupted when ``stopping``
    says so between two batches.
    """
    with tempfile.NamedTemporaryFile(dir=folder, suffix=".spool") as spool:
        comparer = _Comparer(database, adapter, spool, progress, stopping)
        yield comparer.compare(content)


class _Comparer:
    def __init__(
        self,
        database: Database,
        adapter: ReadsRegister,
        spool: "tempfile._TemporaryFileWrapper[bytes]",
        progress: Progress | None,
        stopping: Callable[[], bool],
    ) -> None:
        self._database = database
        self._adapter = adapter
        self._feed = adapter.feed
        self._spool = spool
        self._progress = progress
        self._stopping = stopping
        self._changes_hash = hashlib.sha256()
        self._waiting: dict[str, tuple[Document, str]] = {}

    def compare(self, content: IO[bytes]) -> Comparison:
        with self._database.read() as connection:
            state = feed_states.state(connection, self._feed.id)
            compared_with = state.snapshot_id if state else None
            on_record = register.digests_in_force(connection, self._feed.id)
        reading = read_register(self._adapter, content)
        digests, added, amended = self._read(reading, on_record, baseline=compared_with is None)
        gone = sorted(on_record.keys() - digests.keys())
        self._removed(gone)
        self._spool.flush()
        return Comparison(
            feed=self._feed.id,
            compared_with=compared_with,
            counts=Counts(
                records=len(digests),
                declared=reading.head.declared_count,
                on_record=len(on_record),
                added=added,
                removed=len(gone),
                amended=amended,
            ),
            head=reading.head,
            namespace=reading.namespace,
            unread=tuple(reading.unread),
            register_digest=register_digest(digests),
            changes_digest=self._changes_hash.hexdigest(),
            adapter_version=self._feed.version,
            digest_version=DIGEST_VERSION,
            spool=Path(self._spool.name),
        )

    def _read(
        self, reading: RegisterReading, on_record: dict[str, str], *, baseline: bool
    ) -> tuple[dict[str, str], int, int]:
        digests: dict[str, str] = {}
        added = amended = 0
        for party in reading:
            if party.key in digests:
                raise RepeatedKey(self._feed.id, party.key)
            document = party_document(party)
            digests[party.key] = new = digest(document)
            old = on_record.get(party.key)
            if old is None:
                added += 1
                self._added(party.key, document, new, baseline=baseline)
            elif old != new:
                amended += 1
                self._waiting[party.key] = (document, new)
            if len(digests) % _BATCH == 0:
                self._pause(len(digests))
        self._amended()
        return digests, added, amended

    def _pause(self, count: int) -> None:
        if self._stopping():
            raise Interrupted
        if self._progress:
            self._progress(count)
        if len(self._waiting) >= _BATCH:
            self._amended()

    def _added(self, key: str, document: Document, new: str, *, baseline: bool) -> None:
        if baseline:
            self._spool.write(Entry("baseline", key, new, document, None).to_line())
        else:
            self._write("added", Added(key, document), new, document)

    def _amended(self) -> None:
        """What differs by digest, in the order of the document, each against the document on record."""
        with self._database.read() as connection:
            old = dict(register.documents_in_force(connection, self._feed.id, self._waiting))
        for key, (document, new) in self._waiting.items():
            change = Amended(key, old[key], document, differing_fields(old[key], document))
            self._write("amended", change, new, document)
        self._waiting = {}

    def _removed(self, keys: list[str]) -> None:
        with self._database.read() as connection:
            for key, document in register.documents_in_force(connection, self._feed.id, keys):
                self._write("removed", Removed(key, document), None, None)

    def _write(
        self, kind: Kind, change: Change, new: str | None, document: Document | None
    ) -> None:
        described = change_json(self._feed.id, change, classify(change))
        self._changes_hash.update(encode(described) + b"\n")
        self._spool.write(Entry(kind, change.key, new, document, described).to_line())
