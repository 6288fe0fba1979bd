"""Which process watches: one at a time on one database.

SQLite: an advisory lock on a file in the data directory. PostgreSQL: a session-level advisory lock on a connection of its own, which
a pool or a transaction-mode proxy must not share. Both are let go of by the system when the process dies.
"""

import fcntl
from pathlib import Path
from typing import IO, Protocol

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

_WATCH_LOCK = 0x57415443  # any constant, the same in every process on the database


class WatchLock(Protocol):
    """The right to watch."""

    def acquire(self) -> bool:
        """Take it, or find it still held; False when another process has it."""
        ...

    def release(self) -> None:
        """Give it up."""
        ...


class FileLock:
    """On one machine, by a file that is never removed."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file: IO[str] | None = None

    def acquire(self) -> bool:
        """Take it, or find it still held; False when another process has it."""
        if self._file is not None:
            return True
        self._path.parent.mkdir(parents=True, exist_ok=True)
        file = self._path.open("a")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return False
        self._file = file
        return True

    def release(self) -> None:
        """Give it up."""
        if self._file is not None:
            self._file.close()
            self._file = None


class SessionLock:
    """On one PostgreSQL database, by a session that lives as long as the lock is held."""

    def __init__(self, url: str) -> None:
        self._engine = create_engine(url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        self._connection: Connection | None = None

    def acquire(self) -> bool:
        """Take it, or find it still held; False when another process has it, or the session was lost."""
        try:
            if self._connection is not None:
                self._connection.execute(text("SELECT 1"))
                return True
            connection = self._engine.connect()
            statement = text("SELECT pg_try_advisory_lock(:lock)")
            if connection.execute(statement, {"lock": _WATCH_LOCK}).scalar():
                self._connection = connection
                return True
            connection.close()
        except SQLAlchemyError:
            self.release()
        return False

    def release(self) -> None:
        """Give it up."""
        if self._connection is not None:
            self._connection.invalidate()
            self._connection.close()
            self._connection = None


def watch_lock(url: str, data_dir: Path) -> WatchLock:
    """The lock for this database."""
    if url.startswith("sqlite"):
        return FileLock(data_dir / "service.lock")
    return SessionLock(url)
