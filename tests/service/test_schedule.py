"""When each feed is polled: at once, as the outcome says, woken by a release, never given up."""

import asyncio
import errno
import os
from collections import defaultdict, deque
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import pytest
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

import feeds
from monitor.config import load
from monitor.poller import Interrupted, PollOutcome
from monitor.service.line import Line, line
from monitor.service.schedule import Schedule
from monitor.store import feeds as feed_states
from monitor.store.tables import INCIDENTS

SDN, TREASURY = "ofac-sdn", "treasury-press-releases"


class ScriptedPoller:
    """Answers each poll of a feed with the next outcome it was given; then nothing is new."""

    def __init__(self) -> None:
        self.asked: dict[str, int] = defaultdict(int)
        self.outcomes: dict[str, deque[PollOutcome | Exception]] = defaultdict(deque)
        self.block: asyncio.Event | None = None
        self._came = asyncio.Condition()

    async def poll(self, feed: str, progress: object = None) -> PollOutcome:
        self.asked[feed] += 1
        async with self._came:
            self._came.notify_all()
        if self.block is not None:
            await self.block.wait()
        outcome = self.outcomes[feed].popleft() if self.outcomes[feed] else an_outcome(feed)
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    async def wait_for(self, feed: str, times: int) -> None:
        async with asyncio.timeout(10), self._came:
            await self._came.wait_for(lambda: self.asked[feed] >= times)


def an_outcome(feed: str, **given: object) -> PollOutcome:
    values = {"feed": feed, "result": "unchanged", "sentence": "nothing new"} | given
    return PollOutcome(**values)  # type: ignore[arg-type]


@pytest.fixture
def poller() -> ScriptedPoller:
    return ScriptedPoller()


@pytest.fixture
async def parts(tmp_path: Path, poller: ScriptedPoller) -> AsyncIterator[Line]:
    """A line whose two feeds are polled once an hour."""
    file = tmp_path / "sanctions-monitor.yaml"
    file.write_text(
        f"data_dir: {tmp_path / 'data'}\nfeeds:\n"
        + "".join(
            f"  {feed}: {'{interval: 1h}' if feed in (SDN, TREASURY) else '{enabled: false}'}\n"
            for feed in feeds.discover()
        )
    )
    async with line(load(file, {})) as built:
        yield replace(built, poller=poller)  # type: ignore[arg-type]


async def planned(parts: Line, feed: str) -> timedelta:
    """How long from now until the feed is polled next, once that is on record."""

    def read() -> datetime | None:
        with parts.database.read() as connection:
            state = feed_states.state(connection, feed)
        return state.next_poll_at if state else None

    async with asyncio.timeout(10):
        while (moment := await asyncio.to_thread(read)) is None:
            await asyncio.sleep(0.01)
    return moment - datetime.now(UTC)


def a_row(parts: Line, feed: str) -> None:
    """A feed has its row once it was polled, which the scripted poller does not do."""
    with parts.database.write() as connection:
        feed_states.lock(connection, feed)


async def test_every_feed_is_polled_at_once_and_then_by_its_interval(
    parts: Line, poller: ScriptedPoller
) -> None:
    a_row(parts, SDN)
    schedule = Schedule(parts, lambda: None, Random(1))
    await schedule.start()
    await poller.wait_for(SDN, 1)
    await poller.wait_for(TREASURY, 1)

    assert timedelta(minutes=50) < await planned(parts, SDN) < timedelta(minutes=70)
    await schedule.stop(timedelta(seconds=1))


async def test_a_release_wakes_the_lists(parts: Line, poller: ScriptedPoller) -> None:
    poller.block = asyncio.Event()
    poller.outcomes[TREASURY].append(an_outcome(TREASURY, result="listed", new=1, announced=True))
    schedule = Schedule(parts, lambda: None)
    await schedule.start()
    await poller.wait_for(SDN, 1)
    await poller.wait_for(TREASURY, 1)

    poller.block.set()
    await poller.wait_for(SDN, 2)

    assert poller.asked[TREASURY] == 1
    await schedule.stop(timedelta(seconds=1))


async def test_a_server_that_asked_to_wait_is_not_woken(
    parts: Line, poller: ScriptedPoller
) -> None:
    a_row(parts, SDN)
    patience = timedelta(hours=2)
    poller.outcomes[SDN].append(
        an_outcome(SDN, result="failed", reason="rate_limited", failures=1, retry_after=patience)
    )
    schedule = Schedule(parts, lambda: None)
    await schedule.start()
    await poller.wait_for(SDN, 1)
    assert await planned(parts, SDN) > timedelta(minutes=119)

    schedule.wake()
    await poller.wait_for(TREASURY, 1)
    await schedule.stop(timedelta(seconds=1))

    assert poller.asked[SDN] == 1


async def test_after_a_restart_it_is_not_asked_sooner_either(
    parts: Line, poller: ScriptedPoller
) -> None:
    with parts.database.write() as connection:
        row = feed_states.lock(connection, SDN)
        now = datetime.now(UTC)
        feed_states.record_failure(connection, row, at=now, outcome="rate_limited", detail="")
        feed_states.plan(connection, SDN, now + timedelta(hours=1))
    schedule = Schedule(parts, lambda: None)

    await schedule.start()
    await poller.wait_for(TREASURY, 1)
    schedule.wake()
    await schedule.stop(timedelta(seconds=1))

    assert poller.asked[SDN] == 0


async def test_what_a_wrong_clock_has_planned_does_not_keep_a_list_unwatched(
    parts: Line, poller: ScriptedPoller
) -> None:
    """A failed poll planned the next while the clock was days ahead; since then it was put right."""
    with parts.database.write() as connection:
        row = feed_states.lock(connection, SDN)
        ahead = datetime.now(UTC) + timedelta(days=3)
        feed_states.record_failure(connection, row, at=ahead, outcome="server_error", detail="")
        feed_states.plan(connection, SDN, ahead + timedelta(minutes=1))
    schedule = Schedule(parts, lambda: None)

    await schedule.start()
    await poller.wait_for(SDN, 1)
    await schedule.stop(timedelta(seconds=1))


async def test_a_poll_that_breaks_is_planned_again_and_stops_no_other(
    parts: Line, poller: ScriptedPoller, caplog: pytest.LogCaptureFixture
) -> None:
    a_row(parts, SDN)
    poller.outcomes[SDN].append(RuntimeError("a fault of our own"))
    schedule = Schedule(parts, lambda: None)

    await schedule.start()
    await poller.wait_for(TREASURY, 1)

    assert await planned(parts, SDN) > timedelta(minutes=10)
    assert "could not be completed" in caplog.text
    await schedule.stop(timedelta(seconds=1))


async def test_a_poll_that_breaks_is_an_incident_until_one_is_completed(
    parts: Line, poller: ScriptedPoller
) -> None:
    poller.outcomes[SDN].append(OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)))
    schedule = Schedule(parts, lambda: None)
    await schedule._poll(SDN)

    assert broken(parts) == [("a poll of the SDN list broke down: No space left on device", True)]
    await schedule._poll(SDN)
    assert broken(parts) == [("a poll of the SDN list broke down: No space left on device", False)]


async def test_a_disk_that_stays_full_is_one_line_each_time(
    parts: Line, poller: ScriptedPoller, caplog: pytest.LogCaptureFixture
) -> None:
    full = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    poller.outcomes[SDN].extend([full, full, an_outcome(SDN), full])
    schedule = Schedule(parts, lambda: None)
    for _ in range(4):
        await schedule._poll(SDN)

    told = [each for each in caplog.records if each.levelname == "ERROR"]
    assert [each.getMessage() for each in told] == [
        "the poll of ofac-sdn could not be completed: No space left on device"
    ] * 3
    assert [each.exc_info is not None for each in told] == [True, False, True]


async def test_a_poll_whose_next_time_cannot_be_recorded_is_planned_all_the_same(
    parts: Line, poller: ScriptedPoller, monkeypatch: pytest.MonkeyPatch
) -> None:
    schedule = Schedule(parts, lambda: None)

    def full(*_: object) -> None:
        raise OperationalError("UPDATE feeds", None, Exception("database or disk is full"))

    monkeypatch.setattr(schedule, "_record", full)
    moved: list[str] = []
    monkeypatch.setattr(schedule, "_at", lambda feed, moment: moved.append(feed))

    await schedule._poll(SDN)

    assert moved == [SDN]


def broken(parts: Line) -> list[tuple[str, bool]]:
    """The incidents of polls that broke down: their words, and whether they are open."""
    with parts.database.read() as connection:
        rows = connection.execute(select(INCIDENTS).where(INCIDENTS.c.kind == "poll_broke_down"))
        return [(row.summary, row.closed_at is None) for row in rows]


async def test_a_stop_waits_for_the_poll_in_hand(parts: Line, poller: ScriptedPoller) -> None:
    committed = asyncio.Event()
    poller.block = asyncio.Event()
    schedule = Schedule(parts, committed.set)
    await schedule.start()
    await poller.wait_for(SDN, 1)

    stopping = asyncio.create_task(schedule.stop(timedelta(seconds=5)))
    await asyncio.sleep(0)
    poller.block.set()
    await stopping

    assert committed.is_set()


async def test_a_stop_abandons_what_does_not_end(parts: Line, poller: ScriptedPoller) -> None:
    poller.block = asyncio.Event()
    schedule = Schedule(parts, lambda: None)
    await schedule.start()
    await poller.wait_for(SDN, 1)

    async with asyncio.timeout(5):
        await schedule.stop(timedelta(milliseconds=10))


async def test_a_poll_that_is_interrupted_plans_nothing(
    parts: Line, poller: ScriptedPoller
) -> None:
    committed = False

    def commit() -> None:
        nonlocal committed
        committed = True

    for feed in (SDN, TREASURY):
        poller.outcomes[feed].append(Interrupted())
    schedule = Schedule(parts, commit)
    await schedule.start()
    await poller.wait_for(SDN, 1)
    await schedule.stop(timedelta(seconds=1))

    assert not committed
