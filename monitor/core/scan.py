"""Read a register by its bytes: cut it at the record's end tag, and parse only records whose bytes are new.

The document is *P T₁…Tₙ E*: the prologue ends at the last ``>`` before the first record, a tile is white space and one record and
ends in its end tag, the epilogue is the rest. Each byte is in exactly one of them. A tile is known when a tile with the same
SHA-256 was read before in the same context; it then says what it said. The others are parsed in batches.

**When that is exactly a full reading.** XML content is closed under concatenation: if *P* leads into the content of the records'
parent, each *Tᵢ* alone is white space and exactly one record there, and *P E* is well-formed, then so is the whole, and its
records are those of the tiles, whatever their order. Each condition for that is checked at each run; what does not meet one is
no fault of the document, it only has to be read whole (:class:`Fallback`):

1. *P* is a byte order mark or none, a declaration of XML 1.0 in UTF-8 or none, the root's start tag, and content. Neither *P* nor
   *E* has ``<!`` or ``<?`` after the declaration: no document type, hence no entities and no default attributes; no comment, no
   CDATA, no processing instruction that could hide a tag.
2. *P*, an empty element of ours and *E* together are read by the very reader of whole documents, which finds no record in them and
   finds our element as a child of the root: so *P* ends inside no tag, no attribute and no other element. The head, the root's
   attributes and whatever stands beside the records come from this reading.
3. A batch of new tiles has no ``<!`` and no ``<?``, and inside the root's start and end tag it is well-formed. Its children are as
   many as its tiles, all of them records, with only white space between, and no other record or root is anywhere in it. As each
   tile was cut at its one ``</record>`` and ``<`` begins nothing but tags, each of these ends one of these records: record *i* ends
   where tile *i* ends and begins after record *i-1* has ended. So it is tile *i*, and no tile lives on another.
4. A known tile met condition 3 in the same *context*: the declaration and the root's start tag byte for byte (which bind its
   prefixes), the adapter's version and the digest's. In another context nothing is known. A tile in which something was neither
   taken nor ignored is never remembered, so that it is reported each time.
5. As many tiles as the list declares records; no two tiles have the same hash; no two records have the same key.
6. No two different tiles have the same SHA-256, for all that is known of SHA-256.

Outside that argument are ``xml:id`` (it must be unique in the whole document) and the parser's own limits on
sizes: the former, and a part longer than any honest record, are read whole.

Nothing is accepted or refused here: a fault in the document, too, is found by the full reading, which then says what it is.
"""

import hashlib
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import Enum

from feeds.base import Head, ListedParty, Unread
from feeds.errors import FeedError
from feeds.records import NotOnlyRecords, ReadsRegister, read_records, read_register
from monitor.core.canonical import DIGEST_VERSION
from monitor.core.fingerprints import UNKNOWN, Fingerprints, KnownBytes, pack

_BATCH = 50
"""So few records at once that they stay in the processor's cache; with 250 the same takes a seventh longer."""

_LONGEST = 1024 * 1024
"""A part longer than this is not believed to be one; OFAC's longest record has some 13 kB."""

_SENTINEL = "where-the-records-stand"
_DECLARATION = re.compile(
    rb"(?:\xef\xbb\xbf)?(?:<\?xml\s+version\s*=\s*(?:\"1\.0\"|'1\.0')"
    rb"(?:\s+encoding\s*=\s*(?:\"(?i:utf-8)\"|'(?i:utf-8)'))?"
    rb"(?:\s+standalone\s*=\s*(?:\"(?:yes|no)\"|'(?:yes|no)'))?\s*\?>)?\s*"
)
_START_TAG = re.compile(
    rb"<([^\s<>/\"'=?!]+)(?:\s+[^\s<>/\"'=]+\s*=\s*(?:\"[^\"<]*\"|'[^'<]*'))*\s*>"
)


class Doubt(Enum):
    """Why a document has to be read whole."""

    NO_RECORD = "it has no record with an end tag of the usual form"
    DECLARATION = "its beginning is not that of plain XML in UTF-8"
    MARKUP = "it has markup that could hide a tag"
    FRAME = "what stands around the records is not well-formed by itself"
    RECORD = "what stands between two end tags is not one plain record"
    TOO_LONG = "a part of it is too long"
    COUNT = "it declares another number of records"
    REPEATED = "two records have the same bytes or the same key"


@dataclass(eq=False)
class Fallback(Exception):
    """The document has to be read whole; nothing is said about its worth."""

    doubt: Doubt

    def __str__(self) -> str:
        return f"read whole, as {self.doubt.value}"


class Scan(Iterator[ListedParty]):
    """The parties of one document whose bytes are new, in the order of the document; complete once iteration has ended.

    ``head``, ``namespace``, ``unread`` and ``unchanged`` (the keys of the other records) are final only then. Iterating raises
    Fallback at any doubt, as late as at the end: until then nothing that was yielded counts.
    """

    def __init__(
        self,
        adapter: ReadsRegister,
        pieces: Iterable[bytes],
        known: KnownBytes | None = None,
    ) -> None:
        """``known`` are the bytes of the register in force, in the order of its keys."""
        self.head = Head()
        self.namespace = ""
        self.count = 0
        self.unread: list[Unread] = []
        self.unchanged: set[str] = set()
        self._adapter = adapter
        self._record = adapter.feed.record.encode()
        self._bytes = known
        self._context = ""
        self._known: dict[bytes, str] = {}
        self._raws: dict[str, bytes] = {}
        self._start = self._end = b""
        self._epilogue = b""
        self._parties = self._read(iter(pieces))

    def __next__(self) -> ListedParty:
        return next(self._parties)

    def remember(self, digests: dict[str, str]) -> Fingerprints:
        """What is to be remembered of this register, whose digests are given by key. To be called once, when all is read."""
        raws = {key: raw for raw, key in self._known.items() if key in self.unchanged}
        raws.update(self._raws)
        self._known, self._raws = {}, {}
        return pack(self._context, digests, raws)

    def _read(self, pieces: Iterator[bytes]) -> Iterator[ListedParty]:
        tiles = self._tiles(pieces)
        first = next(tiles, None)
        if not first:
            raise Fallback(Doubt.NO_RECORD)
        prologue, first[0] = self._prologue(first[0])
        yield from self._read_tiles(first, tiles)
        self._frame(prologue, self._epilogue)
        self._counts()

    def _tiles(self, pieces: Iterator[bytes]) -> Iterator[list[bytes]]:
        """The tiles in lists, each tile without the end tag that it ends in; what follows the last one becomes the epilogue."""
        end = b"</" + self._record + b">"
        rest = b""
        for piece in pieces:
            tiles = (rest + piece).split(end)
            rest = tiles.pop()
            if len(rest) > _LONGEST:
                raise Fallback(Doubt.TOO_LONG)
            if tiles:
                yield tiles
        self._epilogue = rest

    def _prologue(self, beginning: bytes) -> tuple[bytes, bytes]:
        """The prologue, and what is left of the first tile; sets the context, and what is known in it."""
        cut = beginning.rfind(b">", 0, max(beginning.find(b"<" + self._record), 0)) + 1
        prologue = beginning[:cut]
        declaration = _DECLARATION.match(prologue)
        start = _START_TAG.match(prologue, declaration.end() if declaration else 0)
        if start is None:
            raise Fallback(Doubt.DECLARATION)
        self._start, self._end = start[0], b"</" + start[1] + b">"
        versions = f"{self._adapter.feed.version} {DIGEST_VERSION}\n".encode()
        self._context = hashlib.sha256(versions + prologue[: start.end()]).hexdigest()
        if self._bytes and self._bytes.context == self._context:
            self._known = self._bytes.keys_by_raw()
        self._bytes = None
        _no_hiding(prologue[start.end() :])
        return prologue, beginning[cut:]

    def _read_tiles(
        self, first: list[bytes], others: Iterator[list[bytes]]
    ) -> Iterator[ListedParty]:
        known, unchanged, sha256 = self._known, self.unchanged, hashlib.sha256
        new: dict[bytes, bytes] = {}
        tiles: list[bytes] | None = first
        while tiles:
            self.count += len(tiles)
            for tile in tiles:
                raw = sha256(tile).digest()
                if key := known.get(raw):
                    unchanged.add(key)
                else:
                    new[raw] = tile
                    if len(new) == _BATCH:
                        yield from self._read_new(new)
                        new = {}
            tiles = next(others, None)
        yield from self._read_new(new)

    def _read_new(self, new: dict[bytes, bytes]) -> Iterator[ListedParty]:
        if not new:
            return
        end = b"</" + self._record + b">"
        batch = end.join(new.values()) + end
        _no_hiding(batch)
        if b"xml:id" in batch:
            raise Fallback(Doubt.RECORD)
        try:
            parties = read_records(self._adapter, self._start + batch + self._end)
        except (NotOnlyRecords, FeedError) as error:
            raise Fallback(Doubt.RECORD) from error
        if len(parties) != len(new):
            raise Fallback(Doubt.RECORD)
        for raw, party in zip(new, parties, strict=True):
            if party.key in self._raws:
                raise Fallback(Doubt.REPEATED)
            self._raws[party.key] = UNKNOWN if party.unread else raw
            self.unread += party.unread
            yield party

    def _frame(self, prologue: bytes, epilogue: bytes) -> None:
        """Read what stands around the records, with an element of ours where they stand."""
        _no_hiding(epilogue)
        frame = b"".join((prologue, b"<", _SENTINEL.encode(), b"/>", epilogue))
        if b"xml:id" in frame or frame.count(_SENTINEL.encode()) != 1:
            raise Fallback(Doubt.FRAME)
        reading = read_register(self._adapter, io.BytesIO(frame))
        try:
            records = sum(1 for _ in reading)
        except FeedError as error:
            raise Fallback(Doubt.FRAME) from error
        ours = Unread(_SENTINEL, "")
        if records or reading.unread.count(ours) != 1:
            raise Fallback(Doubt.FRAME)
        reading.unread.remove(ours)
        self.head, self.namespace = reading.head, reading.namespace
        self.unread = reading.unread + self.unread

    def _counts(self) -> None:
        if self.head.declared_count not in (None, self.count):
            raise Fallback(Doubt.COUNT)
        distinct = len(self.unchanged) + len(self._raws)
        if distinct != self.count or not self.unchanged.isdisjoint(self._raws):
            raise Fallback(Doubt.REPEATED)


def _no_hiding(part: bytes) -> None:
    # A single byte is searched for ten times as fast as two.
    if (b"!" in part and b"<!" in part) or (b"?" in part and b"<?" in part):
        raise Fallback(Doubt.MARKUP)
