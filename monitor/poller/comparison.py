"""Read a register's new content and compare it with what is in force, outside any transaction and in flat memory.

It is read by its bytes first (:mod:`monitor.core.scan`), which parses only records whose bytes are new, and whole where that
leaves any doubt. Both ways lead to the same result.

The result is bound to the snapshot that it was compared with; the commit checks that this one is still in force. What differs
goes to a spool file, so that a first snapshot of nineteen thousand records costs no more memory than a change of sixteen.
"""

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import IO

from feeds.base import Head, Unread
from feeds.errors import RepeatedKey
from feeds.records import ReadsRegister, RegisterReading, read_register
from monitor.core.canonical import (
    DIGEST_VERSION,
    Document,
    decode,
    digest_of_encoding,
    encode,
    party_document,
)
from monitor.core.classify import change_json, classify
from monitor.core.diff import Added, Amended, Change, Removed, differing_fields
from monitor.core.evidence import digest_of_lines, register_digest
from monitor.core.filling import Filling
from monitor.core.fingerprints import Fingerprints, KnownBytes
from monitor.core.guard import Counts
from monitor.core.scan import Doubt, Fallback, Scan
from monitor.core.spool import Entry, Kind, line_of
from monitor.core.words import counted
from monitor.errors import StaleComparison
from monitor.store import feeds as feed_states
from monitor.store import fingerprints, register, snapshots
from monitor.store.database import Database

Progress = Callable[[int], None]
"""Told now and then how many records have been read."""

_BATCH = 100
_PIECE = 128 * 1024


class Interrupted(Exception):
    """The service is stopping; the comparison is abandoned and nothing has happened."""


@dataclass(frozen=True, kw_only=True)
class Comparison:
    """What a new content says against the snapshot ``compared_with`` (None: nothing is on record, this is a baseline).

    ``filled`` tells in how many records each field is filled. ``entries`` reads the spool again each time it is called.
    ``register_digest`` is over every record's key and digest, ``changes_digest`` over the change objects in the spool's order:
    both are evidence, checked by ``verify``.
    ``fingerprints`` are to be remembered with the commit (None: nothing new); ``read_whole`` tells why the content could not be
    read by its bytes, None where it was.
    """

    feed: str
    compared_with: int | None
    counts: Counts
    head: Head
    namespace: str
    unread: tuple[Unread, ...]
    filled: dict[str, int]
    register_digest: str
    changes_digest: str
    adapter_version: int
    digest_version: int
    fingerprints: Fingerprints | None
    read_whole: Doubt | None
    spool: Path

    @property
    def is_baseline(self) -> bool:
        """Whether nothing was on record."""
        return self.compared_with is None

    @property
    def changes(self) -> int:
        """How many records differ."""
        return self.counts.added + self.counts.removed + self.counts.amended

    def in_words(self, title: str) -> str:
        """What it says in one line, for a log and for people; ``title`` is how the list is called."""
        counts = self.counts
        published = f" as published on {self.head.stated_date}" if self.head.stated_date else ""
        if self.is_baseline:
            return f"baseline of {title}: {counted(counts.records, 'record')}{published}"
        if not self.changes:
            return f"a new version of {title}{published} with the same content"
        return (
            f"{title}{published}: {counts.added:,} added, {counts.removed:,} removed, "
            f"{counts.amended:,} amended"
        )

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
        comparer = _Comparer(database, adapter, spool.file, Path(spool.name), progress, stopping)
        yield comparer.compare(content)


@dataclass(slots=True)
class _OnRecord:
    """What is in force: the snapshot, every record's digest by key, the register's digest, and the bytes if they are remembered.

    ``filled`` tells in how many records each field is filled, ``stated_date`` how the list dates itself.
    """

    snapshot: int | None
    digests: dict[str, str]
    register_digest: str | None
    known: KnownBytes | None
    filled: dict[str, int]
    stated_date: str | None


class _Comparer:
    def __init__(
        self,
        database: Database,
        adapter: ReadsRegister,
        spool: IO[bytes],
        path: Path,
        progress: Progress | None,
        stopping: Callable[[], bool],
    ) -> None:
        self._database = database
        self._adapter = adapter
        self._feed = adapter.feed
        self._spool = spool
        self._path = path
        self._progress = progress
        self._stopping = stopping
        self._changes_hash = hashlib.sha256()
        self._waiting: dict[str, tuple[Document, bytes, str]] = {}
        self._compared_with: int | None = None
        self._filling = Filling({})

    def compare(self, content: IO[bytes]) -> Comparison:
        on_record = _on_record(self._database, self._feed.id)
        self._compared_with = on_record.snapshot
        self._filling = Filling(on_record.filled)
        pieces = iter(lambda: content.read(_PIECE), b"")
        try:
            scan = Scan(self._adapter, pieces, on_record.known)
            on_record.known = None  # a megabyte less
            return self._compared(scan, on_record)
        except Fallback as fallback:
            content.seek(0)
            self._begin_again(on_record)
            reading = read_register(self._adapter, content)
            return self._compared(reading, on_record, fallback.doubt)

    def _begin_again(self, on_record: _OnRecord) -> None:
        self._spool.seek(0)
        self._spool.truncate()
        self._changes_hash = hashlib.sha256()
        self._waiting = {}
        self._filling = Filling(on_record.filled)

    def _compared(
        self, reading: Scan | RegisterReading, on_record: _OnRecord, read_whole: Doubt | None = None
    ) -> Comparison:
        read, added, amended = self._read(
            reading, on_record.digests, baseline=on_record.snapshot is None
        )
        records = len(on_record.digests)
        gone = _gone(reading, read, on_record.digests)
        self._removed(gone)
        self._spool.flush()
        remember, in_one_number = _register(reading, read, gone, on_record)
        return Comparison(
            feed=self._feed.id,
            compared_with=on_record.snapshot,
            counts=Counts(
                records=reading.count,
                declared=reading.head.declared_count,
                on_record=records,
                added=added,
                removed=len(gone),
                amended=amended,
                filled=self._filling.after(),
                filled_before=self._filling.before(),
                dated=_day(reading.head.stated_date, self._feed.stated_date_format),
                dated_on_record=_day(on_record.stated_date, self._feed.stated_date_format),
            ),
            head=reading.head,
            namespace=reading.namespace,
            unread=tuple(reading.unread),
            filled=self._filling.now(),
            register_digest=in_one_number,
            changes_digest=self._changes_hash.hexdigest(),
            adapter_version=self._feed.version,
            digest_version=DIGEST_VERSION,
            fingerprints=remember,
            read_whole=read_whole,
            spool=self._path,
        )

    def _read(
        self, reading: Scan | RegisterReading, on_record: dict[str, str], *, baseline: bool
    ) -> tuple[dict[str, str], int, int]:
        """Read what is to be read, to its end; the digests of that by key, and how many records are added and amended."""
        digests: dict[str, str] = {}
        added = amended = 0
        for party in reading:
            if party.key in digests:
                raise RepeatedKey(self._feed.id, party.key)
            document = party_document(party)
            encoded = encode(document)
            digests[party.key] = new = digest_of_encoding(encoded)
            old = on_record.get(party.key)
            if old is None:
                added += 1
                self._filling.added(document)
                self._added(party.key, document, encoded, new, baseline=baseline)
            elif old != new:
                amended += 1
                self._waiting[party.key] = (document, encoded, new)
            if len(digests) % _BATCH == 0:
                self._pause(reading.count)
        self._amended()
        return digests, added, amended

    def _pause(self, count: int) -> None:
        if self._stopping():
            raise Interrupted
        if self._progress:
            self._progress(count)
        if len(self._waiting) >= _BATCH:
            self._amended()

    def _added(
        self, key: str, document: Document, encoded: bytes, new: str, *, baseline: bool
    ) -> None:
        if baseline:
            self._spool.write(line_of("baseline", key, new, encoded, None))
        else:
            self._write("added", Added(key, document), new, encoded)

    def _amended(self) -> None:
        """What differs by digest, in the order of the document, each against the document on record."""
        if not self._waiting:
            return
        with self._database.read() as connection:
            old = dict(register.documents_in_force(connection, self._feed.id, self._waiting))
        for key, (document, encoded, new) in self._waiting.items():
            if key not in old:  # another snapshot came into force while this one was read
                raise StaleComparison(self._feed.id, self._compared_with, None)
            self._filling.amended(old[key], document)
            change = Amended(key, old[key], document, differing_fields(old[key], document))
            self._write("amended", change, new, encoded)
        self._waiting = {}

    def _removed(self, keys: list[str]) -> None:
        if not keys:
            return
        with self._database.read() as connection:
            for key, document in register.documents_in_force(connection, self._feed.id, keys):
                self._filling.removed(document)
                self._write("removed", Removed(key, document), None, None)

    def _write(self, kind: Kind, change: Change, new: str | None, document: bytes | None) -> None:
        described = change_json(self._feed.id, change, classify(change))
        self._changes_hash.update(encode(described) + b"\n")
        self._spool.write(line_of(kind, change.key, new, document, described))


def _gone(
    reading: Scan | RegisterReading, read: dict[str, str], on_record: dict[str, str]
) -> list[str]:
    """The keys on record that are in the list no longer, sorted."""
    unchanged = reading.unchanged if isinstance(reading, Scan) else ()
    return sorted(key for key in on_record if key not in unchanged and key not in read)


def _register(
    reading: Scan | RegisterReading, read: dict[str, str], gone: list[str], on_record: _OnRecord
) -> tuple[Fingerprints | None, str]:
    """What is to be remembered of the register as it is now (None: nothing new), and its digest. Uses up what is on record."""
    if not isinstance(reading, Scan):
        return None, register_digest(read)
    if not read and not gone and on_record.register_digest:
        return None, on_record.register_digest
    digests = on_record.digests
    for key in gone:
        del digests[key]
    digests.update(read)
    remember = reading.remember(digests)
    return remember, digest_of_lines(remember.lines)


def _on_record(database: Database, feed: str) -> _OnRecord:
    """What is in force, in one consistent reading. What is remembered serves only if it proves to be of that register."""
    with database.read() as connection:
        state = feed_states.state(connection, feed)
        in_force = (
            snapshots.find(connection, state.snapshot_id) if state and state.snapshot_id else None
        )
        if in_force is None:
            return _OnRecord(None, {}, None, None, {}, None)
        known = None
        remembered = fingerprints.load(connection, feed)
        if remembered is not None and remembered.are_of(in_force.register_digest):
            digests = remembered.digests()
            known = KnownBytes(remembered.context, list(digests), remembered.raws)
        else:
            digests = register.digests_in_force(connection, feed)
        return _OnRecord(
            snapshot=in_force.id,
            digests=digests,
            register_digest=in_force.register_digest,
            known=known,
            filled=decode(in_force.filled),
            stated_date=in_force.stated_date,
        )


def _day(stated: str | None, format: str) -> date | None:
    """The day that a list states of itself; None when it states none that can be read."""
    try:
        return datetime.strptime(stated, format).date() if stated and format else None  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None
