"""The service: owns every loop, and their order of start and stop.

Poller, alerter and dispatcher know each other only through the event log. A commit wakes its readers; looking at the log every few
seconds is the safety net, not the mechanism.
"""

import asyncio
import hashlib
import logging
import os
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta

from aiohttp import web
from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from monitor.alerting.dossiers import notice_overdue
from monitor.clock import Clock
from monitor.config import Configuration
from monitor.core.freshness import STALE, incident_of_staleness
from monitor.core.watch import incident_of_lost_record
from monitor.deliver.dispatcher import LEASE
from monitor.errors import CannotListen, ServiceIsRunning
from monitor.service import requests
from monitor.service.complaints import Complaints
from monitor.service.line import Line, clear_spool, line
from monitor.service.schedule import Schedule
from monitor.store import claims, events, incidents
from monitor.store.news import moments_of_news
from monitor.store.wake import Listener, Word
from monitor.web.app import Access, make_app

log = logging.getLogger(__name__)

SAFETY_NET = 2.0
"""Seconds between looks at the log and at what operators ask for, when nothing has woken us."""

LONGEST_LOOK = 30.0
"""Seconds between looks at the digests, however far their next end is: a clock may be set."""

WAIT_FOR_THE_RIGHT = 5.0
"""Seconds between attempts to get the right to watch."""

_NO_DATABASE = "the database cannot be used; trying again"
_NO_ALERTS = "alerts could not be made; trying again"
_NO_COMPARISON = "lists could not be compared with their change files; trying again"
_NO_ESCALATION = "what nobody has acknowledged could not be told to others; trying again"
_NO_DIGEST = "digests could not be told; trying again"
_NO_LOOK = "open incidents could not be looked at; trying again"

REMIND_EVERY = timedelta(hours=12)
GRACE = timedelta(seconds=6)
"""How long a poll in hand may go on once the service is told to stop; with the deliveries' own grace it stays below 10 s."""


async def run(
    configuration: Configuration,
    *,
    clock: Clock | None = None,
    started: Callable[[Line], Awaitable[None]] | None = None,
    stopping: asyncio.Event | None = None,
) -> None:
    """Run the service until SIGTERM, Ctrl-C or ``stopping``. ``started`` is awaited once everything runs.

    Raises ServiceIsRunning when another process watches on the same SQLite data, CannotListen when the address is taken,
    and what :func:`monitor.service.line.line` raises.
    """
    stopping = stopping or asyncio.Event()
    _stop_on_signals(stopping)
    async with line(configuration, clock=clock, stopping=stopping.is_set) as parts:
        if parts.database.is_sqlite and not parts.lock.acquire():
            raise ServiceIsRunning(str(configuration.data_dir))
        try:
            if parts.database.is_sqlite:
                await asyncio.to_thread(_void_leases, parts)
            await Service(parts, stopping).run(started)
        finally:
            parts.lock.release()


class Service:
    """Every loop of one process, on the parts of one line."""

    def __init__(self, parts: Line, stopping: asyncio.Event) -> None:
        self._line = parts
        self._stopping = stopping
        self._something_happened = asyncio.Event()
        self._something_is_due = asyncio.Event()
        self._complaints = Complaints()

    async def run(self, started: Callable[[Line], Awaitable[None]] | None = None) -> None:
        """Start everything, wait to be told to stop, stop everything in order."""
        runner = await self._serve()
        try:
            await asyncio.to_thread(self._begin)
            async with asyncio.TaskGroup() as loops:
                loops.create_task(self._watch(), name="watch")
                loops.create_task(self._alert(), name="alert")
                loops.create_task(self._escalate(), name="escalate")
                loops.create_task(self._digest(), name="digest")
                loops.create_task(
                    self._line.dispatcher.run(self._stopping, self._something_is_due),
                    name="deliver",
                )
                loops.create_task(self._remind(), name="remind")
                if not self._line.database.is_sqlite:
                    listener = Listener(self._line.database.engine.url, self._line.clock)
                    loops.create_task(listener.run(self._stopping, self._hear), name="listen")
                if started:
                    await started(self._line)
            try:
                await asyncio.to_thread(self._announce, "service.stopped")
            except SQLAlchemyError as error:  # it stops all the same
                self._complaints.tell("the stop could not be put on record", error)
        finally:
            await runner.cleanup()

    async def _serve(self) -> web.AppRunner:
        configuration = self._line.configuration
        token = configuration.token.reveal() if configuration.token else None
        access = Access(
            is_loopback=configuration.listen.is_loopback, token=token, hosts=configuration.hosts
        )
        runner = web.AppRunner(
            make_app(self._line.database, access), access_log=None, shutdown_timeout=2
        )
        await runner.setup()
        site = web.TCPSite(runner, configuration.listen.host, configuration.listen.port)
        try:
            await site.start()
        except OSError as error:
            await runner.cleanup()
            # asyncio's own text repeats the address; the system's says what is wrong with it.
            known = error.errno is not None and error.errno > 0
            detail = os.strerror(error.errno or 0) if known else error.strerror or "no such address"
            raise CannotListen(str(configuration.listen), detail.lower()) from error
        except BaseException:
            await runner.cleanup()
            raise
        return runner

    async def _watch(self) -> None:
        """Poll for as long as the right to watch is ours; wait for it while another process has it."""
        waits = False
        while not self._stopping.is_set():
            if await asyncio.to_thread(self._line.lock.acquire):
                waits = False
                await self._watch_while_it_is_ours()
            elif not waits:
                waits = True
                log.info("another process watches; this one delivers and waits")
            await self._pause(WAIT_FOR_THE_RIGHT)

    async def _watch_while_it_is_ours(self) -> None:
        """Until told to stop, or until the right is lost (a database that restarts lets go of it)."""
        await asyncio.to_thread(clear_spool, self._line.spool)
        schedule = Schedule(self._line, self._something_happened.set)
        try:
            await schedule.start()
            self._complaints.over(_NO_DATABASE)
            while not self._stopping.is_set() and await asyncio.to_thread(self._line.lock.acquire):
                await self._perform()
                await self._pause(SAFETY_NET)
        except SQLAlchemyError as error:
            self._complaints.tell(_NO_DATABASE, error)
        finally:
            await schedule.stop(GRACE)
            self._something_happened.set()
        if not self._stopping.is_set():
            log.warning("this process watches no longer; it delivers and tries to watch again")

    async def _perform(self) -> None:
        """Perform what operators ask for."""
        if await asyncio.to_thread(requests.perform_waiting, self._line):
            self._something_happened.set()
            self._something_is_due.set()

    async def _alert(self) -> None:
        """Make alerts of events until told to stop, and once more then. What is committed later waits for the next start."""
        while not self._stopping.is_set():
            await self._alert_once()
            with suppress(TimeoutError):
                async with asyncio.timeout(SAFETY_NET):
                    await self._something_happened.wait()
            self._something_happened.clear()
        await self._alert_once()

    async def _alert_once(self) -> None:
        await self._compare_witnesses()
        try:
            if await asyncio.to_thread(self._line.alerter.turn):
                self._something_is_due.set()
            self._complaints.over(_NO_ALERTS)
        except Exception as error:  # noqa: BLE001 - the loop is where it is caught, once
            self._complaints.tell(_NO_ALERTS, error)
            await self._pause(SAFETY_NET)

    async def _compare_witnesses(self) -> None:
        """Before alerts are made, so that a dispute is told with them; a failure of it keeps no alert from being made."""
        try:
            await asyncio.to_thread(self._line.second_witness.turn)
            self._complaints.over(_NO_COMPARISON)
        except Exception as error:  # noqa: BLE001 - the loop is where it is caught, once
            self._complaints.tell(_NO_COMPARISON, error)

    async def _escalate(self) -> None:
        """Tell others of what nobody has acknowledged, each when it is due."""
        while not self._stopping.is_set():
            due = None
            try:
                if await asyncio.to_thread(self._line.escalator.turn):
                    self._something_is_due.set()
                due = await asyncio.to_thread(self._line.escalator.next_due)
                self._complaints.over(_NO_ESCALATION)
            except Exception as error:  # noqa: BLE001 - the loop is where it is caught, once
                self._complaints.tell(_NO_ESCALATION, error)
            await self._pause(_until(due, self._line.clock.now()))

    async def _digest(self) -> None:
        """Tell each digest when its period is over."""
        while not self._stopping.is_set():
            wait = SAFETY_NET
            try:
                if await asyncio.to_thread(self._line.digester.turn):
                    self._something_is_due.set()
                due = await asyncio.to_thread(self._line.digester.next_due)
                now = self._line.clock.now()
                if due is None or due > now:  # else an alert of the period is being made
                    wait = min((due - now).total_seconds(), LONGEST_LOOK) if due else LONGEST_LOOK
                self._complaints.over(_NO_DIGEST)
            except Exception as error:  # noqa: BLE001 - the loop is where it is caught, once
                self._complaints.tell(_NO_DIGEST, error)
            await self._pause(wait)

    def _hear(self, word: Word) -> None:
        """Another process, or this one, has committed something."""
        event = self._something_happened if word == "happened" else self._something_is_due
        event.set()

    async def _remind(self) -> None:
        """Notice sources that have gone quiet, and remind of incidents that stay open."""
        while not self._stopping.is_set():
            try:
                if await asyncio.to_thread(self.notice):
                    self._something_happened.set()
                self._complaints.over(_NO_LOOK)
            except Exception as error:  # noqa: BLE001 - the loop is where it is caught, once
                self._complaints.tell(_NO_LOOK, error)
            await self._pause(60)

    def notice(self) -> int:
        """Look once at which sources are quiet, which dossiers lack something and which incidents are to be reminded of.

        Return how many are news.
        """
        now = self._line.clock.now()
        with self._line.database.write() as connection:
            noticed = self._notice_silence(connection, now)
            noticed += notice_overdue(connection, now)
            return noticed + incidents.remind(connection, at=now, every=REMIND_EVERY)

    def _notice_silence(self, connection: Connection, now: datetime) -> int:
        noticed = 0
        for id, watched in self._line.watched.items():
            feed = watched.adapter.feed
            moments = moments_of_news(connection, id)
            incident = incident_of_staleness(id, feed.title, moments, feed.quiet_at_most, now)
            if incident:
                noticed += incidents.open_incident(connection, incident, now)
            else:
                noticed += incidents.close_incident(
                    connection, kind=STALE, subject=id, at=now, by="there is something new"
                )
        return noticed

    def _begin(self) -> None:
        """Put the start on record, and say so where the record is new and the archive beside it is not."""
        now = self._line.clock.now()
        with self._line.database.write() as connection:
            events.lock(connection)
            if events.after(connection, 0, limit=1):
                incidents.close_incident(
                    connection,
                    kind="record_lost",
                    subject="record",
                    at=now,
                    by="the service was started again, on the record as it is now",
                )
            elif not self._line.archive.is_empty:
                incident = incident_of_lost_record()
                log.error("%s", incident.summary)
                incidents.open_incident(connection, incident, now)
            self._put_on_record(connection, "service.started")

    def _announce(self, kind: str) -> None:
        with self._line.database.write() as connection:
            self._put_on_record(connection, kind)

    def _put_on_record(self, connection: Connection, kind: str) -> None:
        """Who ran with which configuration is evidence too; the configuration itself holds secrets, its hash does not."""
        configuration = self._line.configuration
        routes = hashlib.sha256(
            repr((configuration.feeds, configuration.routes)).encode()
        ).hexdigest()
        payload = {
            "feeds": sorted(self._line.watched),
            "channels": sorted(channel.name for channel in self._line.channels),
            "configuration": routes,
        }
        events.append(
            connection, kind=kind, at=self._line.clock.now(), subject="service", payload=payload
        )

    async def _pause(self, seconds: float) -> None:
        """Wait, but not beyond being told to stop."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()


def _until(due: datetime | None, now: datetime) -> float:
    """Seconds to wait for what is due, within the safety net: it may be acknowledged, or something else be due before."""
    wait = (due - now).total_seconds() if due else SAFETY_NET
    return min(max(wait, 0.05), SAFETY_NET)


def _void_leases(parts: Line) -> None:
    """Nobody else delivers from an SQLite database: what a killed process had in hand need not wait for its lease."""
    with parts.database.write() as connection:
        found = claims.void_leases(connection, lease=LEASE, now=parts.clock.now())
    if found:
        log.warning("%s deliveries were in hand when the service ended; they are made again", found)


def _stop_on_signals(stopping: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(number, stopping.set)
