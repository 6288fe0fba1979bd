"""The service: owns every loop, and their order of start and stop.

Poller, alerter and dispatcher know each other only through the event log. A commit wakes its readers; looking at the log every few
seconds is the safety net, not the mechanism.
"""

import asyncio
import hashlib
import logging
import signal
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

from aiohttp import web

from monitor.clock import Clock
from monitor.config import Configuration
from monitor.errors import ServiceIsRunning
from monitor.service import requests
from monitor.service.line import Line, line
from monitor.service.schedule import Schedule
from monitor.store import events, incidents
from monitor.web.app import Access, make_app

log = logging.getLogger(__name__)

SAFETY_NET = 2.0
"""Seconds between looks at the log and at what operators ask for, when nothing has woken us."""

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

    Raises ServiceIsRunning when another process watches on the same SQLite data; OSError when the address is taken.
    """
    stopping = stopping or asyncio.Event()
    _stop_on_signals(stopping)
    async with line(configuration, clock=clock, stopping=stopping.is_set) as parts:
        if parts.database.is_sqlite and not parts.lock.acquire():
            raise ServiceIsRunning(str(configuration.data_dir))
        try:
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
        self._schedule = Schedule(parts, self._something_happened.set)

    async def run(self, started: Callable[[Line], Awaitable[None]] | None = None) -> None:
        """Start everything, wait to be told to stop, stop everything in order."""
        runner = await self._serve()
        try:
            await asyncio.to_thread(self._announce, "service.started")
            async with asyncio.TaskGroup() as loops:
                loops.create_task(self._watch(), name="watch")
                loops.create_task(self._alert(), name="alert")
                loops.create_task(
                    self._line.dispatcher.run(self._stopping, self._something_is_due),
                    name="deliver",
                )
                loops.create_task(self._remind(), name="remind")
                if started:
                    await started(self._line)
            await asyncio.to_thread(self._announce, "service.stopped")
        finally:
            await runner.cleanup()

    async def _serve(self) -> web.AppRunner:
        configuration = self._line.configuration
        token = configuration.token.reveal() if configuration.token else None
        access = Access(is_loopback=configuration.listen.is_loopback, token=token)
        runner = web.AppRunner(make_app(self._line.database, access), access_log=None)
        await runner.setup()
        site = web.TCPSite(
            runner, configuration.listen.host, configuration.listen.port, shutdown_timeout=2
        )
        try:
            await site.start()
        except BaseException:
            await runner.cleanup()
            raise
        return runner

    async def _watch(self) -> None:
        """Poll for as long as the right to watch is ours; wait for it while another process has it."""
        while not self._stopping.is_set() and not await asyncio.to_thread(self._line.lock.acquire):
            log.info("another process watches; this one delivers and waits")
            await self._pause(10)
        if self._stopping.is_set():
            return
        await self._schedule.start()
        try:
            while not self._stopping.is_set() and await asyncio.to_thread(self._line.lock.acquire):
                await self._pause(SAFETY_NET)
                if await asyncio.to_thread(requests.perform_waiting, self._line):
                    self._something_happened.set()
                    self._something_is_due.set()
        finally:
            await self._schedule.stop(GRACE)
            self._something_happened.set()
        if not self._stopping.is_set():
            log.error("the right to watch was lost; the process ends and is to be started again")
            self._stopping.set()

    async def _alert(self) -> None:
        """Make alerts of events until told to stop, and once more then: the last poll may have committed meanwhile."""
        while not self._stopping.is_set():
            await self._alert_once()
            with suppress(TimeoutError):
                async with asyncio.timeout(SAFETY_NET):
                    await self._something_happened.wait()
            self._something_happened.clear()
        await self._alert_once()

    async def _alert_once(self) -> None:
        try:
            if await asyncio.to_thread(self._line.alerter.turn):
                self._something_is_due.set()
        except Exception:  # the loop is where it is caught, once
            log.exception("alerts could not be made; trying again")
            await self._pause(SAFETY_NET)

    async def _remind(self) -> None:
        """Remind of incidents that stay open."""
        while not self._stopping.is_set():
            try:
                if await asyncio.to_thread(self._remind_once):
                    self._something_happened.set()
            except Exception:  # the loop is where it is caught, once
                log.exception("open incidents could not be looked at; trying again")
            await self._pause(60)

    def _remind_once(self) -> int:
        with self._line.database.write() as connection:
            return incidents.remind(connection, at=self._line.clock.now(), every=REMIND_EVERY)

    def _announce(self, kind: str) -> None:
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
        with self._line.database.write() as connection:
            events.append(
                connection, kind=kind, at=self._line.clock.now(), subject="service", payload=payload
            )

    async def _pause(self, seconds: float) -> None:
        """Wait, but not beyond being told to stop."""
        with suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._stopping.wait()


def _stop_on_signals(stopping: asyncio.Event) -> None:
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        with suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(number, stopping.set)
