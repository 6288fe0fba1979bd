import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import time_machine

from monitor.demo.clock import PlayedClock
from monitor.demo.facts import load_facts
from monitor.demo.play import configure
from monitor.demo.sources import Sources
from monitor.service.line import line
from monitor.service.schedule import Schedule
from monitor.store import feeds

START = datetime(2024, 12, 16, 15, tzinfo=UTC)


def test_it_runs_on_from_its_beginning() -> None:
    clock = PlayedClock(START)

    first, second = clock.now(), clock.now()

    assert START <= first <= second
    assert (second - START).total_seconds() < 60


def test_it_does_not_mind_what_year_the_machine_has() -> None:
    with time_machine.travel(datetime(2031, 5, 1, tzinfo=UTC)):
        assert PlayedClock(START).now().year == 2024


async def test_polls_keep_their_interval_by_a_clock_of_the_past(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A moment of 2024 handed to the scheduler as it is would be long overdue, and the next poll due during this one."""
    polls = asyncio.Queue[None]()
    async with Sources(load_facts()) as sources:
        configuration = configure(
            tmp_path, sources, "json://127.0.0.1:9/", "json://127.0.0.1:9/", 9
        )
        hourly = {
            name: replace(feed, interval=timedelta(hours=1))
            for name, feed in configuration.feeds.items()
        }
        async with line(replace(configuration, feeds=hourly), clock=PlayedClock(START)) as parts:
            schedule = Schedule(parts, lambda: polls.put_nowait(None))
            await schedule.start()
            for _ in parts.watched:
                await polls.get()

            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.5):
                    await polls.get()

            await schedule.stop(timedelta(seconds=5))
            with parts.database.read() as connection:
                states = [feeds.state(connection, feed) for feed in parts.watched]
    assert "the scheduler reports" not in caplog.text
    for state in states:
        assert state is not None
        assert timedelta(minutes=50) < state.next_poll_at - START < timedelta(minutes=70)
