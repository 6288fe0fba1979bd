"""A file as the receiver: JSON Lines, one CloudEvents object a line, the same as a webhook's body.

The file is opened for each line and closed after it, so that it may be moved away at any time (logrotate, without
``copytruncate``). A line is one write at the end of the file, and on the disk before it counts as accepted. What a crash
has left of an earlier line is cut off before the next one is written, so that every line parses; it was never accepted,
and is sent again.
"""

import asyncio
import contextlib
import errno
import fcntl
import os
from pathlib import Path

import orjson

from monitor.core.channel import ChannelProfile, Outgoing
from monitor.core.outcome import Accepted, Failed

MODE = 0o640
"""A file that is made is the owner's to write and the group's to read."""

_BEGINNING = b'{"specversion":'
_PIECE = 64 * 1024


class FileChannel:
    """Appends each alert's wire form to one file, under a lock that other writers of ours respect.

    A repeat has its first ``id``; where an earlier attempt may have been written it also has ``mayberepeat``.
    """

    def __init__(self, name: str, path: Path) -> None:
        self.name = name
        self.profile = ChannelProfile(
            name=name,
            kind="file",
            format="json",
            title_limit=None,
            body_limit=None,
            recipients=("",),
        )
        self._path = path

    async def send(self, outgoing: Outgoing) -> Accepted | Failed:
        """Append once; whatever the file system refuses may be put right, and is tried again."""
        if outgoing.wire is None:
            return Failed("the alert has no wire form", permanent=True)
        line = _line(outgoing.wire, may_be_repeat=outgoing.may_be_repeat)
        try:
            await asyncio.to_thread(_append, self._path, line)
        except _SomethingElse:
            return Failed("the file is a database and is left alone", permanent=True)
        except OSError as error:
            return Failed(_sentence(error))
        return Accepted(f"written and on the disk ({len(line):,} bytes)")

    async def close(self) -> None:
        """Nothing to let go of: the file is open only while a line is written."""


def _line(wire: str, *, may_be_repeat: bool) -> bytes:
    event = orjson.loads(wire)
    if may_be_repeat:
        event["mayberepeat"] = (
            True  # an extension attribute of CloudEvents: small letters, a boolean
        )
    return orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE)


_DATABASE = b"SQLite format 3\x00"


class _SomethingElse(Exception):
    """The file is a database, perhaps this very service's: a line in it would be lost, or spoil it."""


def _append(path: Path, line: bytes) -> None:
    is_new = not path.exists()
    descriptor = os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, MODE)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.pread(descriptor, len(_DATABASE), 0) == _DATABASE:
            raise _SomethingElse
        end = _repaired(descriptor)
        try:
            if os.write(descriptor, line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            os.fsync(descriptor)
        except OSError:
            # What cannot be taken back is cut off before the next line.
            with contextlib.suppress(OSError):
                os.ftruncate(descriptor, end)
            raise
    finally:
        os.close(descriptor)
    if is_new:
        _sync_directory(path.parent)


def _repaired(descriptor: int) -> int:
    """The file's size, once it ends with a line end.

    An event of ours that is torn is cut off. Whatever else stands there, a whole event or what somebody wrote by hand, is
    left alone and gets its line end: a path that was mistyped must not cost anybody a file's last line.
    """
    size = os.fstat(descriptor).st_size
    start = _after_last_line_end(descriptor, size)
    if start == size:
        return size
    rest = os.pread(descriptor, size - start, start)
    if _is_torn(rest):
        os.ftruncate(descriptor, start)
        return start
    os.write(descriptor, b"\n")
    return size + 1


def _is_torn(rest: bytes) -> bool:
    try:
        orjson.loads(rest)
    except orjson.JSONDecodeError:
        begins = rest[: len(_BEGINNING)]
        # After a loss of power some file systems hold zeros where the text should be.
        return _BEGINNING.startswith(begins) or not rest.strip(b"\0")
    return False


def _after_last_line_end(descriptor: int, size: int) -> int:
    end = size
    while end > 0:
        start = max(end - _PIECE, 0)
        found = os.pread(descriptor, end - start, start).rfind(b"\n")
        if found >= 0:
            return start + found + 1
        end = start
    return 0


def _sync_directory(directory: Path) -> None:
    """A new file's name is on the disk only when its directory is."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


_SENTENCES = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.ENOENT: "the directory of the file does not exist",
    errno.ENOTDIR: "the directory of the file does not exist",
    errno.EACCES: "the file may not be written to (no permission)",
    errno.EPERM: "the file may not be written to (no permission)",
    errno.EROFS: "the file system may only be read",
    errno.EISDIR: "the path names a directory, not a file",
}


def _sentence(error: OSError) -> str:
    """Why not, in words; never the path, which belongs to the configuration."""
    known = _SENTENCES.get(error.errno or 0)
    return known or f"the file cannot be written ({error.strerror or type(error).__name__})"
