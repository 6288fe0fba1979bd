"""A bench on SQLite; on PostgreSQL as well where a test says so with ``on_both``."""

import shutil
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from monitor.fetch.client import Fetcher, default_user_agent
from monitor.fetch.limits import Limits
from monitor.store.archive import Archive
from monitor.store.database import Database, sqlite_url
from monitor.store.migrate import upgrade
from tests.deliver.fakes import FakeClock
from tests.poller.bench import START, Bench
from tests.servers import SourceServer

LIMITS = Limits(
    stall=timedelta(seconds=0.5),
    total=timedelta(seconds=5),
)


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file with every table, to be copied: migrating takes longer than most of these tests."""
    path = tmp_path_factory.mktemp("migrated") / "template.db"
    database = Database.open(sqlite_url(path))
    upgrade(database)
    database.close()
    return path


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database: SQLite, unless the test is parametrised."""
    if getattr(request, "param", "sqlite") == "postgresql":
        url: str = request.getfixturevalue("postgresql_url")
        return url
    path = tmp_path / "sanctions-monitor.db"
    shutil.copyfile(request.getfixturevalue("migrated"), path)
    return sqlite_url(path)


@pytest.fixture
async def bench(database_url: str, tmp_path: Path) -> AsyncIterator[Bench]:
    """A poller with sources of ours on loopback."""
    database = Database.open(database_url)
    upgrade(database)
    clock, spool = FakeClock(START), tmp_path / "spool"
    agent = default_user_agent("0", "https://example.org")
    async with (
        SourceServer() as source,
        Fetcher(user_agent=agent, spool=spool, limits=LIMITS, clock=clock) as fetcher,
    ):
        bench = Bench(database, Archive(tmp_path / "archive"), source, clock, fetcher, spool)
        yield bench
        assert bench.left_behind == [], "nothing is left in the spool, whatever happened"
    database.close()
