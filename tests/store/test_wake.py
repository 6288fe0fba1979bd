"""Processes on one PostgreSQL database wake each other."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

import psycopg
import pytest
from sqlalchemy import make_url

from monitor.clock import Clock, SystemClock
from monitor.store import events
from monitor.store.database import Database
from monitor.store.tables import Table
from monitor.store.wake import Listener, Word
from tests.deliver.fakes import NOW, FakeClock


@pytest.fixture
def database(postgresql_url: str) -> Iterator[Database]:
    database = Database.open(postgresql_url)
    Table.metadata.create_all(database.engine)
    yield database
    database.close()


class Ears:
    """What was heard since it was last asked for."""

    def __init__(self) -> None:
        self._words: list[Word] = []
        self._heard = asyncio.Event()

    def __call__(self, word: Word) -> None:
        self._words.append(word)
        self._heard.set()

    async def hear(self, *expected: Word) -> None:
        """Return once exactly these have been heard."""
        async with asyncio.timeout(10):
            while len(self._words) < len(expected):
                self._heard.clear()
                await self._heard.wait()
        assert tuple(self._words) == expected
        self._words.clear()


@asynccontextmanager
async def listening(database: Database, clock: Clock | None = None) -> AsyncIterator[Ears]:
    """Somebody listens, and has begun to."""
    ears, stopping = Ears(), asyncio.Event()
    listener = Listener(database.engine.url, clock or SystemClock())
    running = asyncio.create_task(listener.run(stopping, ears))
    await ears.hear("happened", "due")
    yield ears
    stopping.set()
    await asyncio.wait_for(running, 5)


def append(database: Database, *kinds: str) -> None:
    with database.write() as connection:
        for kind in kinds:
            events.append(connection, kind=kind, at=NOW, subject="x")


async def test_a_commit_wakes_who_waits_for_what_was_appended(database: Database) -> None:
    async with listening(database) as ears:
        append(database, "snapshot.accepted")
        await ears.hear("happened")
        append(database, "alert.made")
        await ears.hear("due")
        append(database, "request.performed")
        await ears.hear("happened", "due")


async def test_receipts_wake_nobody_and_what_is_said_twice_in_one_commit_is_said_once(
    database: Database,
) -> None:
    async with listening(database) as ears:
        append(database, "delivery.accepted")
        append(database, "snapshot.accepted", "incident.opened", "delivery.dead")
        append(database, "alert.made")

        await ears.hear("happened", "due")


async def test_nothing_is_said_of_what_was_undone(database: Database) -> None:
    async with listening(database) as ears:
        with pytest.raises(ZeroDivisionError):
            _append_and_fail(database)
        append(database, "alert.made")

        await ears.hear("due")


async def test_a_connection_that_is_lost_is_made_again_and_what_was_missed_is_made_up_for(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    async with listening(database) as ears:
        _cut_off_listeners(database)

        await ears.hear("happened", "due")
        append(database, "alert.made")
        await ears.hear("due")
    assert "other processes are not heard" in caplog.text
    assert "@" not in caplog.text, "no address of the database"


async def test_it_stops_while_the_database_cannot_be_reached() -> None:
    clock, stopping = FakeClock(), asyncio.Event()
    listener = Listener(make_url("postgresql+psycopg://nobody@127.0.0.1:1/nothing"), clock)
    running = asyncio.create_task(listener.run(stopping, Ears()))
    async with asyncio.timeout(10):
        while not clock._sleepers:
            await asyncio.sleep(0.005)

    stopping.set()

    await asyncio.wait_for(running, 5)


def _append_and_fail(database: Database) -> None:
    with database.write() as connection:
        events.append(connection, kind="snapshot.accepted", at=NOW, subject="x")
        raise ZeroDivisionError


def _cut_off_listeners(database: Database) -> None:
    conninfo = database.engine.url.set(drivername="postgresql")
    with psycopg.connect(
        conninfo.render_as_string(hide_password=False), autocommit=True
    ) as connection:
        ended = connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE query LIKE 'LISTEN%' AND datname = current_database()"
        ).fetchall()
    assert len(ended) == 1
