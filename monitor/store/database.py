"""The database: engines, transactions, and the one lock that stands before every writer of this process.

The store is synchronous; async code calls it in a thread (docs/decisions/0001-synchronous-store.md). On SQLite the driver's own
transaction handling is switched off, as it begins a transaction only at the first write and loses updates without an error:
a writer begins with ``BEGIN IMMEDIATE``, a reader with ``BEGIN`` on connections that cannot write. On PostgreSQL both are plain
transactions.
"""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
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
_GONE = "its file was removed or replaced while it was in use; put it back and start again"


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


def _sqlite(url: str, *, writing: bool) -> Engine:
    engine = create_engine(
        url,
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
        for pragma in _PRAGMAS if writing else (*_PRAGMAS[2:], "query_only=ON"):
            driver_connection.execute(f"PRAGMA {pragma}")
        record.info[_FILE] = _file_of(path)

    @event.listens_for(engine, "begin")
    def on_begin(connection: Connection) -> None:
        if connection.info[_FILE] != _file_of(path):
            # An open file that was removed goes on taking commits, and they vanish with the process.
            raise OperationalError(begin, None, FileNotFoundError(_GONE))
        connection.exec_driver_sql(begin)

    return engine


def _file_of(path: str) -> tuple[int, int] | None:
    """Which file stands at the path now; None when there is none."""
    try:
        found = Path(path).stat()
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino
