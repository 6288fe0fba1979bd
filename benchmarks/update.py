"""One update in a process of its own, again and again, in turn with the reference.

The reference is one expat pass without handlers over the same bytes. An update is everything between a fetched file and a durable
commit: verify that the list is whole, compare, guard, commit. The file is on disk, its SHA-256 is known from the fetch, and it is
archived already, as the archive is written beside the update and not by it.

Each round begins from a fresh copy of one database, which another process made. Memory is the highest resident size during an
update, above that of this process once it has done everything with a list of five hundred: a service at work.
"""

import gc
import json
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from hashlib import file_digest
from pathlib import Path
from typing import Protocol
from xml.parsers import expat

import psycopg
from psycopg import sql
from sqlalchemy import URL, make_url

from feeds import RegisterAdapter, by_id
from feeds.base import Guard
from monitor.poller.register import RegisterTaker
from monitor.store import migrate
from monitor.store.archive import Archive
from monitor.store.database import Database, sqlite_url

GUARD = Guard(min_records=1, max_removed=1, max_added=1)
FEED = "ofac-sdn"
FIRST = datetime(2026, 9, 14, 12, tzinfo=UTC)
NEXT = FIRST + timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Order:
    """What to measure: the list ``new`` on the database ``base``, so many times; ``small_list`` and ``small_base`` once before.

    Lists are files in ``folder``. So are databases, or else they are on the PostgreSQL server with the URL ``server``.
    """

    base: str
    new: str
    small_base: str
    small_list: str
    rounds: int
    folder: str
    server: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """The seconds of each round, of the update and of the reference; the memory; what the last update came to."""

    seconds: list[float]
    reference: list[float]
    peak_mib: float
    sentence: str

    @property
    def ratio(self) -> float:
        """The update's median by the reference's."""
        return statistics.median(self.seconds) / statistics.median(self.reference)

    @property
    def milliseconds(self) -> float:
        """The update's median."""
        return statistics.median(self.seconds) * 1000


def main() -> None:
    """Perform the order on standard input; what was measured goes to standard output."""
    order = Order(**json.load(sys.stdin))
    print(json.dumps(asdict(measure(order))))


def measure(order: Order) -> Measured:
    """Perform one order."""
    folder, new = Path(order.folder), Path(order.folder) / order.new
    databases = databases_of(folder, order.server)
    with databases.fresh(order.small_base) as database:
        update_with(database, folder / order.small_list, NEXT)()
        update_with(database, new, NEXT)  # archived, which takes memory of its own
    seconds, reference, sentence, peak = [], [], "", 0.0
    gc.collect()
    resting = memory("VmRSS")
    for _ in range(order.rounds):
        reference.append(timed(lambda: expat_pass(new)))
        with databases.fresh(order.base) as database:
            with database.read(), database.write():
                pass  # connected
            update = update_with(database, new, NEXT)
            forget_peak()
            seconds.append(timed(update))
            peak = max(peak, memory("VmHWM") - resting)
            sentence = update.sentence
    return Measured(seconds, reference, max(peak, 0.0), sentence)


def expat_pass(path: Path) -> None:
    """The reference: every byte through expat, nothing done with it."""
    parser = expat.ParserCreate()
    with path.open("rb") as file:
        while piece := file.read(64 * 1024):
            parser.Parse(piece)
    parser.Parse(b"", True)


class Update:
    """One content, ready to be taken."""

    def __init__(self, taker: RegisterTaker, content: Path, sha256: str, at: datetime) -> None:
        self.sentence = ""
        self._taker = taker
        self._content = content
        self._sha256 = sha256
        self._at = at

    def __call__(self) -> None:
        """Take it."""
        adapter = by_id(FEED)
        assert isinstance(adapter, RegisterAdapter)
        outcome = self._taker.take(
            adapter,
            GUARD,
            self._content,
            sha256=self._sha256,
            size=self._content.stat().st_size,
            headers={},
            at=self._at,
        )
        assert outcome.result in ("baseline", "accepted", "unchanged"), outcome
        self.sentence = outcome.sentence


def update_with(database: Database, content: Path, at: datetime) -> Update:
    """The update to be measured; hashing and archiving are done here."""
    with content.open("rb") as file:
        sha256 = file_digest(file, "sha256").hexdigest()
    archive = Archive(content.parent / "archive")
    archive.keep(content, sha256)
    return Update(RegisterTaker(database, archive, content.parent), content, sha256, at)


def timed(work: Callable[[], object]) -> float:
    """How many seconds it took."""
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


class Databases(Protocol):
    """Databases by name, to begin from."""

    def make(self, name: str, content: Path | None) -> None:
        """Make one in which ``content`` is in force (None: nothing is)."""

    def fresh(self, name: str) -> AbstractContextManager[Database]:
        """A copy of one, always through the same engine: statements are compiled once in a service's life."""


def new_database(server: str, name: str) -> str:
    """The URL of a database on a PostgreSQL server that holds nothing; what was there is gone."""
    _Postgresql(server).make(name, None)
    return _url_of(make_url(server), name)


def databases_of(folder: Path, server: str) -> Databases:
    """Those on a PostgreSQL server, or the SQLite files in ``folder``."""
    return _Postgresql(server) if server else _Sqlite(folder)


class _Sqlite:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._round = folder / "round.db"
        self._database = Database.open(sqlite_url(self._round))

    def make(self, name: str, content: Path | None) -> None:
        _remove(self._folder / f"{name}.db")
        _fill(sqlite_url(self._folder / f"{name}.db"), content)

    @contextmanager
    def fresh(self, name: str) -> Iterator[Database]:
        _remove(self._round)
        shutil.copyfile(self._folder / f"{name}.db", self._round)
        yield self._database
        self._database.close()  # its connections; it opens others


class _Postgresql:
    def __init__(self, server: str) -> None:
        self._server = make_url(server)
        self._database = Database.open(self._url("round"))

    def make(self, name: str, content: Path | None) -> None:
        self._create(name, "template0")
        _fill(self._url(name), content)

    @contextmanager
    def fresh(self, name: str) -> Iterator[Database]:
        self._create("round", name)
        yield self._database
        self._database.close()

    def _url(self, name: str) -> str:
        return _url_of(self._server, name)

    def _create(self, name: str, template: str) -> None:
        plain = self._server.set(drivername="postgresql").render_as_string(hide_password=False)
        names = {"name": sql.Identifier(name), "template": sql.Identifier(template)}
        with psycopg.connect(plain, autocommit=True) as connection:
            for statement in (
                "DROP DATABASE IF EXISTS {name} WITH (FORCE)",
                "CREATE DATABASE {name} TEMPLATE {template}",
                "CHECKPOINT",
            ):
                connection.execute(sql.SQL(statement).format(**names))


def _url_of(server: URL, name: str) -> str:
    url = server.set(drivername="postgresql+psycopg", database=name)
    return url.render_as_string(hide_password=False)


def _fill(url: str, content: Path | None) -> None:
    database = Database.open(url)
    try:
        migrate.upgrade(database)
        if content:
            update_with(database, content, FIRST)()
    finally:
        database.close()


def _remove(database: Path) -> None:
    for suffix in ("", "-wal", "-shm"):
        database.with_name(database.name + suffix).unlink(missing_ok=True)


def memory(which: str) -> float:
    """This process's resident memory now (VmRSS) or at its highest (VmHWM), in MiB; 0 where the system does not say."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except FileNotFoundError:
        return 0.0
    return next(int(line.split()[1]) / 1024 for line in lines if line.startswith(which))


def forget_peak() -> None:
    """Let VmHWM begin anew (proc_pid_clear_refs(5))."""
    clear = Path("/proc/self/clear_refs")
    if clear.exists():
        clear.write_text("5")


if __name__ == "__main__":
    main()
