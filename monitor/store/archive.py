"""Raw content as it was served, compressed and content-addressed: ``ab/abcdef….zst`` under the archive's folder.

A file is written before the commit that refers to it, so that a crash leaves an orphan at most; a file that is there already
is the same content and is not written again.
"""

import hashlib
import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import zstandard

from monitor.errors import MissingEvidence

_PIECE = 1024 * 1024
_LEVEL = 3


class Archive:
    """The archive in one folder, which is made when it is first written to."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def keep(self, content: Path, sha256: str) -> None:
        """Archive the bytes of ``content``, whose SHA-256 is given. Durable when this returns."""
        target = self.path(sha256)
        if target.exists():
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        handle, temporary = tempfile.mkstemp(dir=target.parent, suffix=".partial")
        try:
            with os.fdopen(handle, "wb") as packed, content.open("rb") as plain:
                zstandard.ZstdCompressor(level=_LEVEL).copy_stream(plain, packed, read_size=_PIECE)
                packed.flush()
                os.fsync(packed.fileno())
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
        _make_durable(target.parent)

    @property
    def is_empty(self) -> bool:
        """Whether nothing was ever archived here."""
        return next(self._folder.glob("??/*.zst"), None) is None

    @contextmanager
    def open(self, sha256: str) -> Iterator[IO[bytes]]:
        """The archived bytes as a file that can be read and rewound.

        Raises MissingEvidence when they are not there, cannot be unpacked, or are not what their name says.
        """
        try:
            packed = self.path(sha256).open("rb")
        except FileNotFoundError as absent:
            raise MissingEvidence(sha256, "is not there") from absent
        with packed, tempfile.TemporaryFile() as plain:
            try:
                actual = _unpack(packed, plain)
            except zstandard.ZstdError as damaged:
                raise MissingEvidence(sha256, "is damaged") from damaged
            if actual != sha256:  # a file that was cut short is unpacked without an error
                raise MissingEvidence(sha256, "is altered")
            plain.seek(0)
            yield plain

    def check(self, sha256: str) -> None:
        """Read an archived file whole. Raises MissingEvidence when it is not there or is not what its name says."""
        with self.open(sha256):
            pass

    def path(self, sha256: str) -> Path:
        """Where the content with this SHA-256 is or would be."""
        return self._folder / sha256[:2] / f"{sha256}.zst"


def _unpack(packed: IO[bytes], plain: IO[bytes]) -> str:
    """Unpack into ``plain``; the SHA-256 of what came out."""
    digest = hashlib.sha256()
    with zstandard.ZstdDecompressor().stream_reader(packed, closefd=False) as pieces:
        while piece := pieces.read(_PIECE):
            digest.update(piece)
            plain.write(piece)
    return digest.hexdigest()


def _make_durable(folder: Path) -> None:
    """A renamed file survives a power cut only once its folder is on disk too; not every system can do that."""
    try:
        handle = os.open(folder, os.O_RDONLY)
    except OSError:
        return
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
