"""What one fetch may cost, and a body that is counted while it arrives.

Knows bytes and no network. aiohttp's own decompression is not used: it accepts a gzip body that was cut in the middle, and
bounds nothing (204 kB became 209 MB). Here every piece that leaves is small, and an end that is missing is an error.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from monitor.fetch.errors import TooLarge, TruncatedBody, UnexpectedEncoding

PIECE = 64 * 1024
"""Bytes that are read, expanded, hashed and written at once: little enough not to hold up the event loop."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What one fetch may cost. ``max_bytes`` counts the expanded body, ``max_compressed`` a compressed one as it was sent.

    ``stall`` is how long the server may be silent, ``connect`` how long a connection may take, ``total`` everything together.
    A slow download is fine, a silent minute is not.
    """

    max_bytes: int = 256 * 1024 * 1024
    max_compressed: int = 64 * 1024 * 1024
    stall: timedelta = timedelta(seconds=60)
    total: timedelta = timedelta(minutes=10)
    connect: timedelta = timedelta(seconds=10)


class IncomingBody:
    """A body on its way in: bytes as sent go in, the document's own bytes come out in small pieces.

    Raises TooLarge at the first byte beyond a limit, TruncatedBody when the end is missing or the compression is damaged,
    and UnexpectedEncoding for a compression that is not gzip. A body that ends without having declared its length cannot be
    known to be whole: that is for its reader to see.
    """

    def __init__(
        self,
        *,
        feed: str,
        host: str,
        encoding: str,
        declared: int | None,
        max_bytes: int,
        max_compressed: int,
    ) -> None:
        self.feed = feed
        self.host = host
        self.received = 0
        self.size = 0
        self._declared = declared
        self._max_bytes = max_bytes
        self._is_compressed = _is_gzip(encoding)
        if self._is_compressed is None:
            raise UnexpectedEncoding(feed=feed, host=host, encoding=encoding)
        self._max_sent = max_compressed if self._is_compressed else max_bytes
        self._expander = zlib.decompressobj(_GZIP)
        if declared is not None and declared > self._max_sent:
            raise self._too_large("as announced", self._max_sent)

    def expand(self, sent: bytes) -> Iterator[bytes]:
        """The document's bytes that these bytes bring, in pieces of at most :data:`PIECE`."""
        self.received += len(sent)
        if self.received > self._max_sent:
            raise self._too_large("as sent", self._max_sent)
        for piece in self._gunzip(sent) if self._is_compressed else (sent,):
            self.size += len(piece)
            if self.size > self._max_bytes:
                raise self._too_large("expanded", self._max_bytes)
            yield piece

    def finish(self) -> None:
        """To be called after the last byte; returns only if the body is whole as far as it can be known."""
        if self._declared is not None and self.received != self._declared:
            raise self._truncated(f"{self._declared:,} bytes were announced")
        if self._is_compressed and not self._expander.eof:
            raise self._truncated("its compression has no end")
        if self.size == 0:
            raise self._truncated("it is empty")

    def _gunzip(self, sent: bytes) -> Iterator[bytes]:
        # A gzip body may be several members, one after the other, and may be padded with zeros.
        while sent:
            if self._expander.eof:
                sent = sent.lstrip(b"\0")
                if not sent:
                    return
                self._expander = zlib.decompressobj(_GZIP)
            try:
                piece = self._expander.decompress(sent, PIECE)
            except zlib.error as error:
                raise self._truncated("its compression is damaged") from error
            sent = (
                self._expander.unused_data if self._expander.eof else self._expander.unconsumed_tail
            )
            if piece:
                yield piece

    def _too_large(self, measured: str, limit: int) -> TooLarge:
        return TooLarge(feed=self.feed, host=self.host, limit=limit, measured=measured)

    def _truncated(self, detail: str) -> TruncatedBody:
        return TruncatedBody(feed=self.feed, host=self.host, detail=detail, received=self.received)


_GZIP = 16 + zlib.MAX_WBITS  # a gzip wrapper and nothing else


def _is_gzip(encoding: str) -> bool | None:
    """True for gzip, False for no encoding at all, None for any other."""
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return False
    return True if name in ("gzip", "x-gzip") else None
