"""When each feed is polled: one job a feed, re-planned by each outcome, woken by an announcement, never given up."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from random import Random

from apscheduler.events import EVENT_JOB_ERROR, EVENT_JOB_MISSED, JobEvent
from apscheduler.schedulers.asyncio import AsyncIOScheduler
from apscheduler.triggers.interval import IntervalTrigger
from sqlalchemy.exc import SQLAlchemyError

from feeds import RegisterAdapter
from monitor.core.schedule import JITTER, LONGEST_OBEDIENCE, next_poll
from monitor.core.watch import incident_of_breakdown
from monitor.poller import Interrupted, PollOutcome
from monitor.service.complaints import Complaints, words_of
from monitor.service.line import Line
from monitor.store import feeds as feed_states
from monitor.store import incidents

log = logging.getLogger(__name__)

BREAKDOWN = "poll_broke_down"


class Schedule:
    """Polls every watched feed at its time. ``committed`` is called after each poll, as there may be events to read."""

    def __init__(
        self, line: Line, committed: Callable[[], None], random: Random | None = None
    ) -> None:
        self._line = line
        self._committed = committed
        self._random = random or Random()
        self._complaints = Complaints()
        self._running: set[asyncio.Task[None]] = set()
        self._polling: set[str] = set()
        self._woken: set[str] = set()
        """Feeds to be polled again at once: what the poll in hand has read may be older than the announcement."""
        self._failures: dict[str, int] = {}
        self._whole: set[str] = set()
        """Feeds whose last poll of this process did not break down; what a process before met is closed by the first."""
        self._patience: dict[str, datetime] = {}
        """Until when a server asked not to be asked again."""
        self._scheduler = AsyncIOScheduler(
            timezone="UTC",
            # A loop that was blocked for a while polls once, late; it never drops a poll in silence.
            # A feed is polled by one at a time; a second job sees that, and leaves the planning to the first.
            job_defaults={"coalesce": True, "misfire_grace_time": None, "max_instances": 2},
        )
        # That a poll is still in hand when its interval comes round again is no fault: it re-plans itself when it ends.
        self._scheduler.add_listener(_complain, EVENT_JOB_ERROR | EVENT_JOB_MISSED)

    async def start(self) -> None:
        """Plan every feed: at once, or when a server that asked for patience may be asked again."""
        now = self._line.clock.now()
        planned = self._patience = await asyncio.to_thread(self._planned)
        for feed in self._line.watched:
            interval = self._line.configuration.feeds[feed].interval
            self._scheduler.add_job(
                self._job,
                IntervalTrigger(seconds=max(1, int(interval.total_seconds())), timezone="UTC"),
                args=[feed],
                id=feed,
                next_run_time=self._on_the_schedulers_clock(max(now, planned.get(feed, now))),
            )
        self._scheduler.start()

    def wake(self) -> None:
        """Poll the registers now: an authority has announced something that they are about to show.

        A server that asked for patience gets it.
        """
        now = self._line.clock.now()
        for feed, watched in self._line.watched.items():
            if isinstance(watched.adapter, RegisterAdapter):
                self._woken.add(feed)
                self._at(feed, max(now, self._patience.get(feed, now)))

    async def stop(self, grace: timedelta) -> None:
        """Start nothing more, wait for what is running, abandon what does not end in time."""
        if self._scheduler.running:
            self._scheduler.pause()
        if self._running:
            _, late = await asyncio.wait(self._running, timeout=grace.total_seconds())
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        if self._scheduler.running:
            self._scheduler.shutdown(wait=False)

    async def _job(self, feed: str) -> None:
        if feed in self._polling:
            return
        self._polling.add(feed)
        self._woken.discard(feed)
        # A task of our own: the scheduler's shutdown cancels its jobs in mid-flight.
        task = asyncio.create_task(self._poll(feed), name=f"poll-{feed}")
        self._running.add(task)
        task.add_done_callback(self._running.discard)
        task.add_done_callback(lambda _: self._polling.discard(feed))
        await asyncio.shield(task)

    async def _poll(self, feed: str) -> None:
        """One poll, and when the next is due. Whatever goes wrong here, there is a next one."""
        outcome: PollOutcome | None = None
        try:
            outcome = await self._line.poller.poll(feed, _Told(self._line, feed))
        except Interrupted:
            return
        except Exception as error:  # noqa: BLE001 - the loop is where it is caught, once
            self._complaints.tell(_poll_of(feed), error)
            self._whole.discard(feed)
            await asyncio.to_thread(self._record_breakdown, feed, error)
        else:
            self._complaints.over(_poll_of(feed))
            if feed not in self._whole:
                self._whole.add(feed)
                await asyncio.to_thread(self._record_breakdown, feed, None)
        self._committed()
        await self._plan(feed, outcome)
        if outcome is None:
            return
        worrying = ("failed", "held", "rejected", "older")
        level = logging.WARNING if outcome.result in worrying else logging.INFO
        log.log(level, "%s", outcome.sentence)
        if outcome.announced:
            self.wake()

    async def _plan(self, feed: str, outcome: PollOutcome | None) -> None:
        now = self._line.clock.now()
        failed = outcome is None or outcome.result == "failed"
        self._failures[feed] = self._failures.get(feed, 0) + 1 if failed else 0
        burst_until = await asyncio.to_thread(self._burst_until, feed)
        planned = next_poll(
            now=now,
            interval=self._line.configuration.feeds[feed].interval,
            outcome="failed" if failed else "good",
            consecutive_failures=max(self._failures[feed], outcome.failures if outcome else 0),
            retry_after=outcome.retry_after if outcome else None,
            burst_until=burst_until,
            random=self._random,
        )
        self._patience.pop(feed, None)
        if outcome and outcome.retry_after:
            self._patience[feed] = planned.at
        with suppress(
            SQLAlchemyError
        ):  # only for people to see; the polling itself has complained, or will
            await asyncio.to_thread(self._record, feed, planned.at)
        self._polling.discard(feed)  # from here on it may be polled again
        if feed in self._woken:
            self._at(feed, max(self._line.clock.now(), self._patience.get(feed, now)))
        else:
            self._at(feed, planned.at)

    def _at(self, feed: str, moment: datetime) -> None:
        if self._scheduler.get_job(feed):
            self._scheduler.modify_job(feed, next_run_time=self._on_the_schedulers_clock(moment))

    def _on_the_schedulers_clock(self, moment: datetime) -> datetime:
        """The same moment for APScheduler, which knows the machine's clock only; ours may show another time."""
        return datetime.now(UTC) + (moment - self._line.clock.now())

    def _record_breakdown(self, feed: str, error: Exception | None) -> None:
        """Open or close the incident of polls that break down; where the database is what is broken, the log must do."""
        now, title = self._line.clock.now(), self._line.watched[feed].adapter.feed.title
        what = words_of(error) if error else ""
        with suppress(SQLAlchemyError), self._line.database.write() as connection:
            if error is None:
                incidents.close_incident(
                    connection, kind=BREAKDOWN, subject=feed, at=now, by="a poll was completed"
                )
            else:
                incidents.open_incident(connection, incident_of_breakdown(feed, title, what), now)

    def _planned(self) -> dict[str, datetime]:
        """Feeds whose last poll failed, and that are not to be asked before a certain time.

        A time that is farther away than any server is obeyed was planned by a clock that was wrong, and means nothing.
        """
        planned = {}
        latest = self._line.clock.now() + LONGEST_OBEDIENCE * (1 + JITTER)
        with self._line.database.read() as connection:
            for feed in self._line.watched:
                state = feed_states.state(connection, feed)
                if state and state.failures and state.next_poll_at and state.next_poll_at <= latest:
                    planned[feed] = state.next_poll_at
        return planned

    def _burst_until(self, feed: str) -> datetime | None:
        with self._line.database.read() as connection:
            state = feed_states.state(connection, feed)
        return state.burst_until if state else None

    def _record(self, feed: str, moment: datetime) -> None:
        with self._line.database.write() as connection:
            feed_states.plan(connection, feed, moment)


def _poll_of(feed: str) -> str:
    return f"the poll of {feed} could not be completed"


def _complain(event: JobEvent) -> None:
    log.warning("the scheduler reports %s for %s", type(event).__name__, event.job_id)


class _Told:
    """Tells in the log how far a long reading has come, once a second at most: a first list takes a while."""

    def __init__(self, line: Line, feed: str) -> None:
        self._title = line.watched[feed].adapter.feed.title
        self._clock = line.clock
        self._last = line.clock.now()

    def __call__(self, records: int) -> None:
        now = self._clock.now()
        if now - self._last >= timedelta(seconds=1):
            self._last = now
            log.info("reading %s: %s records so far", self._title, f"{records:,}")
