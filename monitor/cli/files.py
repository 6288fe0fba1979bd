"""Saved files that a user names: plain, or compressed as .gz, .zst or .zip, told apart by their first bytes, never by name.

Every expansion is bounded: a small file that would become a huge one is refused while it grows, in flat memory.
"""

import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import zstandard

from monitor.cli.context import Mistake

_PIECE = 256 * 1024
_SIP = 256
_IN_MEMORY = 32 * 1024 * 1024
_GZIP = b"\x1f\x8b"
_GZIP_WRAPPER = 16 + zlib.MAX_WBITS
_ZSTANDARD = b"\x28\xb5\x2f\xfd"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_WINDOW = 128 * 1024 * 1024
_DAMAGED = (EOFError, zlib.error, zstandard.ZstdError, zipfile.BadZipFile)


class UnreadableFile(Mistake):
    """A file that the user named cannot be read, is damaged or too large. The sentence says which and why."""


@contextmanager
def opened(path: Path, *, max_bytes: int) -> Iterator[IO[bytes]]:
    """The file's own bytes, expanded, as a seekable file. Raises UnreadableFile; nothing is left behind."""
    with tempfile.SpooledTemporaryFile(_IN_MEMORY) as spool:
        try:
            with path.open("rb") as file:
                _copy(path, file, spool, max_bytes)
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise UnreadableFile(f"{path} cannot be read: {reason}") from error
        except _DAMAGED as error:
            raise UnreadableFile(f"{path} is compressed, and damaged or cut short") from error
        spool.seek(0)
        yield spool


def _copy(path: Path, file: IO[bytes], spool: IO[bytes], max_bytes: int) -> None:
    size = 0
    for piece in _expanded(path, file):
        size += len(piece)
        if size > max_bytes:
            megabytes = max_bytes // (1024 * 1024)
            raise UnreadableFile(
                f"{path} is larger than {megabytes:,} MB when expanded, which no list is"
            )
        spool.write(piece)


def _expanded(path: Path, file: IO[bytes]) -> Iterator[bytes]:
    beginning = file.read(4)
    if beginning in _ZIP:
        yield from _unzipped(path, file)
    elif beginning.startswith(_GZIP):
        yield from _gunzipped(_pieces(beginning, file))
    elif beginning == _ZSTANDARD:
        yield from _unzstd(_pieces(beginning, file))
    else:
        yield from _pieces(beginning, file)


def _pieces(beginning: bytes, file: IO[bytes]) -> Iterator[bytes]:
    yield beginning
    while piece := file.read(_PIECE):
        yield piece


def _gunzipped(pieces: Iterator[bytes]) -> Iterator[bytes]:
    expander = zlib.decompressobj(_GZIP_WRAPPER)
    for piece in pieces:
        remaining = piece
        while remaining:
            if expander.eof:  # a gzip file may be several members, and padded with zeros
                remaining = remaining.lstrip(b"\0")
                if not remaining:
                    break
                expander = zlib.decompressobj(_GZIP_WRAPPER)
            yield expander.decompress(remaining, _PIECE)
            remaining = expander.unused_data if expander.eof else expander.unconsumed_tail
    if not expander.eof:
        raise EOFError


def _unzstd(pieces: Iterator[bytes]) -> Iterator[bytes]:
    # The library does not bound what comes out at once; a block of 4 bytes may become 128 kB. So little goes in at once.
    expander = zstandard.ZstdDecompressor(max_window_size=_WINDOW).decompressobj()
    for piece in pieces:
        for start in range(0, len(piece), _SIP):
            part = piece[start : start + _SIP]
            while part:
                if expander.eof:
                    expander = zstandard.ZstdDecompressor(max_window_size=_WINDOW).decompressobj()
                yield expander.decompress(part)
                part = expander.unused_data if expander.eof else b""
    if not expander.eof:
        raise EOFError


def _unzipped(path: Path, file: IO[bytes]) -> Iterator[bytes]:
    if not file.seekable():
        raise UnreadableFile(f"{path} is a .zip in a pipe; save it as a file first")
    with zipfile.ZipFile(file) as archive:
        members = [member for member in archive.infolist() if not member.is_dir()]
        if len(members) != 1:
            raise UnreadableFile(
                f"{path} holds {len(members)} files; expected a .zip with a single one"
            )
        if members[0].flag_bits & 0x1:
            raise UnreadableFile(f"{path} is encrypted")
        try:
            with archive.open(members[0]) as member:
                while piece := member.read(_PIECE):
                    yield piece
        except NotImplementedError as error:
            raise UnreadableFile(f"{path} is compressed in a way that is not understood") from error
