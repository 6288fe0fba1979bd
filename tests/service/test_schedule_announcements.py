"""An announcement that comes while a list is being polled: what that poll has read may be older than the announcement."""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest

from monitor.config import load
from monitor.poller import Poller, PollOutcome
from monitor.service.line import line
from monitor.service.schedule import Schedule

LIST = "ofac-sdn"


class SlowPoller:
    """Each poll says that it has begun, and ends when the test says so."""

    def __init__(self) -> None:
        self.begun: asyncio.Queue[str] = asyncio.Queue()
        self.outcomes: asyncio.Queue[PollOutcome] = asyncio.Queue()

    async def poll(self, feed: str, progress: object = None) -> PollOutcome:
        self.begun.put_nowait(feed)
        return await self.outcomes.get()

    def end(self, **facts: Any) -> None:
        self.outcomes.put_nowait(
            PollOutcome(feed=LIST, result="unchanged", sentence="nothing new", **facts)
        )


@pytest.fixture
def poller() -> SlowPoller:
    return SlowPoller()


@pytest.fixture
async def schedule(tmp_path: Path, poller: SlowPoller) -> AsyncIterator[Schedule]:
    """A schedule of one list that is polled every hour, in its first poll."""
    configuration = load(None, {})
    feeds = {
        name: replace(feed, enabled=name == LIST, interval=timedelta(hours=1))
        for name, feed in configuration.feeds.items()
    }
    async with line(replace(configuration, data_dir=tmp_path, feeds=feeds)) as parts:
        schedule = Schedule(replace(parts, poller=cast(Poller, poller)), lambda: None)
        await schedule.start()
        await _next(poller)
        yield schedule
        await schedule.stop(timedelta(0))


async def test_the_list_is_polled_again_as_soon_as_the_poll_in_hand_ends(
    schedule: Schedule, poller: SlowPoller, caplog: pytest.LogCaptureFixture
) -> None:
    schedule.wake()
    with pytest.raises(TimeoutError):
        await _next(poller, within=0.2)  # never two polls of a feed at once

    poller.end()

    assert await _next(poller) == LIST
    assert not [each for each in caplog.records if each.levelno >= logging.WARNING]


async def test_several_announcements_are_one_further_poll(
    schedule: Schedule, poller: SlowPoller
) -> None:
    schedule.wake()
    schedule.wake()
    poller.end()
    await _next(poller)

    poller.end()

    with pytest.raises(TimeoutError):
        await _next(poller, within=0.2)


async def test_a_server_that_asks_for_patience_gets_it(
    schedule: Schedule, poller: SlowPoller
) -> None:
    schedule.wake()

    poller.end(retry_after=timedelta(hours=2))

    with pytest.raises(TimeoutError):
        await _next(poller, within=0.2)


async def _next(poller: SlowPoller, *, within: float = 5) -> str:
    async with asyncio.timeout(within):
        return await poller.begun.get()
