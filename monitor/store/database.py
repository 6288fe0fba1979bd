"""The database: engines, transactions, and the one lock that stands before every writer of this process.

The store is synchronous; async code calls it in a thread (docs/decisions/0001-synchronous-store.md). On SQLite the driver's own
transaction handling is switched off, as it begins a transaction only at the first write and loses updates without an error:
a writer begins with ``BEGIN IMMEDIATE``, a reader with ``BEGIN`` on connections that cannot write. On PostgreSQL both are plain
transactions.
"""

import os
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import QueuePool

_PRAGMAS = (
    "journal_mode=WAL",
    "synchronous=FULL",  # NORMAL may lose the last commits when the power goes
    "busy_timeout=10000",
    "foreign_keys=ON",
    # A commit is durable in the journal (WAL); only a journal of 32 MB is worth making it wait until all is copied
    # into the file, or each update of some hundred records would.
    "wal_autocheckpoint=8000",
)

_FILE = "file"
_JOURNAL_APART = (
    "its journal (-wal) holds what its file does not, and cannot be read in a folder that is not writable; "
    "copy the data to one that is"
)
_GONE = "its file was removed or replaced while it was in use; put it back and start again"

_READING = (
    "query_only=ON",
    "cache_size=-1024",  # a megabyte each: there may be fifteen of them, and the system caches the file too
)


class Database:
    """Transactions on one database. Made by :meth:`open`; closed by :meth:`close`."""

    def __init__(self, writer: Engine, reader: Engine) -> None:
        self._writer = writer
        self._reader = reader
        self._lock = threading.Lock()

    @classmethod
    def open(cls, url: str) -> "Database":
        """Connect to ``sqlite:///path`` or ``postgresql+psycopg://…``. Nothing is created but an empty SQLite file."""
        if url.startswith("sqlite"):
            return cls(_sqlite(url, writing=True), _sqlite(url, writing=False))
        engine = create_engine(url, pool_size=5, pool_pre_ping=True, hide_parameters=True)
        return cls(engine, engine)

    @classmethod
    def open_for_reading(cls, url: str) -> "Database":
        """Connect as :meth:`open` does; an SQLite file in a folder that cannot be written to (a copy kept as evidence) too."""
        path = Path(make_url(url).database or "") if url.startswith("sqlite") else None
        if path is None or os.access(path.parent, os.W_OK):
            return cls.open(url)
        reader = _sqlite(url, writing=False, connect=_kept_copy(path))
        return cls(reader, reader)

    @property
    def is_empty(self) -> bool:
        """Whether there is no table at all: nobody has written here yet."""
        with self.read() as connection:
            return not inspect(connection).get_table_names()

    @property
    def is_sqlite(self) -> bool:
        """Whether this is SQLite, where one process may write at a time."""
        return self._writer.dialect.name == "sqlite"

    @property
    def engine(self) -> Engine:
        """The engine that writes, for migrations and advisory locks."""
        return self._writer

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """One transaction that may write: committed when the block ends, undone when it raises. One at a time a process."""
        with self._lock, self._writer.begin() as connection:
            yield connection

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One transaction that reads one consistent state."""
        with self._reader.begin() as connection:
            if not self.is_sqlite:
                connection.execute(
                    text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                )
            yield connection

    def close(self) -> None:
        """Let go of all connections."""
        self._writer.dispose()
        self._reader.dispose()


def sqlite_url(path: Path) -> str:
    """The URL of the SQLite database in this file."""
    return f"sqlite:///{path}"


def _sqlite(
    url: str, *, writing: bool, connect: Callable[[], sqlite3.Connection] | None = None
) -> Engine:
    engine = create_engine(
        url,
        **({"creator": connect} if connect else {}),
        poolclass=QueuePool,
        pool_size=1 if writing else 5,
        max_overflow=0 if writing else 10,
        hide_parameters=True,  # an error that is logged must not hold names of listed parties
        connect_args={"check_same_thread": False},
    )
    begin = "BEGIN IMMEDIATE" if writing else "BEGIN"
    path = engine.url.database or ""

    @event.listens_for(engine, "connect")
    def on_connect(driver_connection: Any, record: Any) -> None:
        driver_connection.isolation_level = None  # the driver begins nothing by itself
        for pragma in _PRAGMAS if writing else (*_PRAGMAS[2:], *_READING):
            driver_connection.execute(f"PRAGMA {pragma}")
        record.info[_FILE] = _file_of(path)

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        if connection.info[_FILE] != _file_of(path):
            # An open file that was removed goes on taking commits, and they vanish with the process.
            raise OperationalError(begin, None, FileNotFoundError(_GONE))
        connection.exec_driver_sql(begin)

    return engine


def _kept_copy(path: Path) -> Callable[[], sqlite3.Connection]:
    """How to connect to a file next to which nothing can be made, which a journal (WAL) would need."""
    journal, index = (Path(f"{path}{suffix}") for suffix in ("-wal", "-shm"))
    is_whole = not journal.exists() or journal.stat().st_size == 0
    if not is_whole and not index.exists():
        raise OperationalError("open", None, FileNotFoundError(_JOURNAL_APART))
    # With its index there, the journal is read too: somebody may even be writing. Without, nobody is.
    how = "mode=ro" if index.exists() else "mode=ro&immutable=1"
    address = f"{path.absolute().as_uri()}?{how}"
    return lambda: sqlite3.connect(address, uri=True, check_same_thread=False)


def _file_of(path: str) -> tuple[int, int] | None:
    """Which file stands at the path now; None when there is none."""
    try:
        found = Path(path).stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
