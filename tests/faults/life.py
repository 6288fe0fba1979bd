"""Plays one life: the service is started and killed as its script says, then left in peace until everything is quiet."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random

from sqlalchemy import func, select

from monitor.store.tables import (
    CURSORS,
    DELIVERIES,
    EVENTS,
    FEEDS,
    PUBLICATIONS,
    REQUESTS,
    SNAPSHOTS,
)
from tests.faults import machine, service
from tests.faults.machine import Steering, offset_of
from tests.faults.points import ANY
from tests.faults.postgresql import Server
from tests.faults.receivers import Hook, Post
from tests.faults.script import Script, Step
from tests.faults.service import Addresses, Installation, Process
from tests.faults.sources import Sources
from tests.journeys.sources import SDN
from tests.servers import SourceServer

PATIENCE = 4.0
"""Seconds that a named instant is waited for; then the kill comes from outside."""

EARLY = 4
"""So many kills may come before the first lists are on record; then the service is given time for that."""

QUIET_WITHIN = 90.0
"""Seconds within which everything must be told once nothing stands in the way any more."""

REST = 9.0
"""Hours by which the clock goes on before the last start: whatever was to wait for an hour or six is due by then."""


@dataclass
class Life:
    """Everything of one life that the checks look at."""

    script: Script
    installation: Installation
    sources: Sources
    hook: Hook
    other: Hook
    post: Post
    server: Server | None
    on_small_disk: bool
    kills: Counter[str] = field(default_factory=Counter)
    troubles: Counter[str] = field(default_factory=Counter)
    complaints: list[str] = field(default_factory=list)
    """What went wrong while it was played."""

    baseline: set[str] = field(default_factory=set)
    """The releases that were listed before the first reading."""

    seconds: float = 0.0


@asynccontextmanager
async def playing(script: Script, folder: Path) -> AsyncIterator[Life]:
    """The whole life, in an empty folder. In the block it is over, and everything that it left is there still."""
    began = time.monotonic()
    async with AsyncExitStack() as stack:
        source = await stack.enter_async_context(SourceServer())
        hook = await stack.enter_async_context(Hook(service.SECRET))
        other = await stack.enter_async_context(Hook(service.OTHER_SECRET))
        post = await stack.enter_async_context(
            Post(service.AUDITOR, passwords={service.LOGIN: service.PASSWORD})
        )
        server = None
        if script.database == "postgresql":
            server = stack.enter_context(Server())
        small = stack.enter_context(machine.small_disk(folder / "data", script.small_disk))
        steering = Steering(datetime.now(UTC), folder / "clock", folder / "full")
        installation = Installation(
            folder,
            steering,
            Addresses(source.url, hook.url, other.url, post.port),
            server.url if server else None,
        )
        sources = Sources(source, Random(f"{script.seed}/history"))
        life = Life(script, installation, sources, hook, other, post, server, small)
        life.baseline = {id for id, _ in sources.releases}
        player = _Player(life, steering)
        for step in script.steps:
            await player.play(step)
        await player.rest()
        life.seconds = time.monotonic() - began
        yield life


class _Player:
    def __init__(self, life: Life, steering: Steering) -> None:
        self._life = life
        self._its = life.installation
        self._steering = steering
        self._furthest = 0.0
        self._publishes = False
        self._asked_before = 0
        self._was_failing = False
        self._beside: list[Process] = []

    async def play(self, step: Step) -> None:
        """One start, what happens meanwhile, and the death."""
        await self._make_trouble(step)
        self._asked_before = self._life.sources.server.asked(SDN)
        if not step.later:
            self._publish(step)
        process = self._its.start("" if step.instant == ANY else step.instant, step.nth)
        meanwhile = asyncio.create_task(self._meanwhile(step))
        try:
            await self._until_death(step, process)
        finally:
            meanwhile.cancel()
            (failed,) = await asyncio.gather(meanwhile, return_exceptions=True)
            if isinstance(failed, Exception):
                self._complain(f"the harness itself failed with {failed!r}")
            await process.kill()
            await self._end_commands()
        await self._end_trouble()
        self._was_failing = step.machine is not None

    async def rest(self) -> None:
        """The last start: nothing stands in the way, and an operator decides what is to be decided. It ends when all is quiet."""
        self._set_clock(max(self._furthest, 0.0) + REST)
        process = self._its.start()
        if not await self._its.ready(process):
            self._complain(f"the last start ended with {process.returncode}")
            return
        await self._until_quiet()
        # And it still works: one more publication of each kind, told as ever.
        self._life.sources.history.publish(5)
        self._life.sources.release(about_sanctions=True)
        self._life.sources.serve_list()
        await self._until_quiet()
        await self._end_commands()
        await self._stop(process)

    async def _until_quiet(self) -> None:
        try:
            async with asyncio.timeout(QUIET_WITHIN):
                while (waits := await asyncio.to_thread(self._waits_for)) is not None:
                    await self._as_operator(waits)
                    await asyncio.sleep(0.2)
        except TimeoutError:
            self._life.complaints.append(
                f"not quiet within {QUIET_WITHIN:g} s: {self._waits_for()}"
            )

    # --- trouble ------------------------------------------------------------------------------------------------------

    async def _make_trouble(self, step: Step) -> None:
        life = self._life
        life.sources.set_trouble(step.source)
        await life.hook.set_trouble(step.hook)
        await life.other.set_trouble(step.other)
        await life.post.set_trouble(step.mail)
        if step.jump is not None:
            life.troubles["clock jumps"] += 1

    async def _end_trouble(self) -> None:
        life = self._life
        life.sources.set_trouble(None)
        await life.hook.set_trouble(None)
        await life.other.set_trouble(None)
        await life.post.set_trouble(None)
        self._steering.full.unlink(missing_ok=True)
        machine.make_room(self._its.data)

    def _publish(self, step: Step) -> None:
        """Nothing is published before both baselines are on record: what would differ from them cannot be known from outside."""
        self._publishes = self._publishes or self._has_baselines()
        if not self._publishes:
            return
        history = self._life.sources.history
        match step.published:
            case "edits":
                history.publish(step.edits)
            case "mass edit":
                history.publish_mass_edit()
            case "drop":
                history.publish_drop()
        if step.release:
            self._life.sources.release(about_sanctions=step.edits % 3 != 0)
        self._life.sources.set_trouble(step.source)

    async def _meanwhile(self, step: Step) -> None:
        """What happens while the service runs: it is given a moment first."""
        await asyncio.sleep(min(0.6, step.after / 2) if step.instant == ANY else 0.4)
        if step.later:
            await self._asked_again()
            self._publish(step)
        if step.jump is not None:
            self._set_clock(step.jump)
        if step.machine is not None:
            await self._machine_trouble(step)
        if step.operator is not None:
            await self._operate(step)

    async def _asked_again(self) -> None:
        """Until this process has asked for the list as it was, or had time enough for it."""
        server = self._life.sources.server
        with suppress(TimeoutError):
            await server.wait_for(self._asked_before + 1, SDN, within=1.5)

    async def _machine_trouble(self, step: Step) -> None:
        life, its = self._life, self._its
        life.troubles[step.machine or ""] += 1
        match step.machine:
            case "disk full" if life.on_small_disk:
                await asyncio.to_thread(machine.fill, its.data)
                await asyncio.sleep(step.lasts)
                machine.make_room(its.data)
            case "disk full":
                self._steering.full.touch()
                await asyncio.sleep(step.lasts)
                self._steering.full.unlink(missing_ok=True)
            case "database locked":
                await asyncio.to_thread(machine.lock_database, its.database, step.lasts)
            case "postgresql restarts" if life.server:
                await asyncio.to_thread(life.server.restart)

    def _set_clock(self, hours: float) -> None:
        file = self._steering.offset
        self._furthest = max(self._furthest, offset_of(file), hours)
        new = file.with_suffix(".new")
        new.write_text(str(hours))
        new.replace(file)

    # --- an operator --------------------------------------------------------------------------------------------------

    async def _operate(self, step: Step) -> None:
        if step.operator == "retry":
            self._life.troubles["operator retries"] += 1
            self._beside.append(self._its.command("retry", "--by", "ops"))
            return
        while True:
            held = await asyncio.to_thread(self._held)
            if held is not None:
                break
            await asyncio.sleep(0.1)
        self._life.troubles[f"operator {step.operator}s"] += 1
        self._decide(step.operator or "accept", held)

    def _decide(self, verb: str, snapshot: int) -> None:
        because = "the harness says so"
        self._beside.append(
            self._its.command("snapshot", verb, str(snapshot), "--because", because, "--by", "ops")
        )

    async def _as_operator(self, waits: str) -> None:
        """What somebody would do who is told of it, one command at a time."""
        if any(each.returncode is None for each in self._beside):
            return
        if waits == "held" and (held := await asyncio.to_thread(self._held)) is not None:
            self._decide("accept", held)
        elif waits == "rejected":
            # A source that goes on serving what was refused: the next publication is compared with what is in force.
            self._life.sources.history.publish(1)
            self._life.sources.serve_list()
        elif waits == "dead":
            self._beside.append(self._its.command("retry", "--by", "ops"))

    # --- death --------------------------------------------------------------------------------------------------------

    async def _until_death(self, step: Step, process: Process) -> None:
        """Wait for it, or bring it; count it. What ends by itself must have a reason."""
        if not self._publishes and sum(self._life.kills.values()) >= EARLY:
            await self._given_time_to_begin(process)
        patience = PATIENCE if self._publishes else PATIENCE / 2
        if step.operator == "accept":
            patience *= 2  # the list is held, somebody sees it, a command starts, and the service performs it
        try:
            async with asyncio.timeout(step.after if step.instant == ANY else patience):
                code = await process.wait()
        except TimeoutError:
            code = await process.kill()
            reached = step.instant == ANY
            self._life.kills[ANY if reached else f"{step.instant} (not reached)"] += 1
            return
        if code == -9:
            self._life.kills[step.instant] += 1
            return
        self._life.kills[f"ended by itself with {code}"] += 1
        # A machine that fails lets it end, and whoever keeps it running starts it again: also into a database that is starting.
        if step.machine is None and not self._was_failing:
            self._complain(f"the service ended by itself with {code}, at {step.instant}")

    async def _given_time_to_begin(self, process: Process) -> None:
        """A life in which nothing is ever on record would prove nothing."""
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE * 2):
                while process.returncode is None and not self._publishes:
                    self._publishes = await asyncio.to_thread(self._has_baselines)
                    await asyncio.sleep(0.1)

    def _complain(self, what: str) -> None:
        lines = self._its.log.read_text("utf-8", "replace").split("\n")
        self._life.complaints.append(f"{what}: {' '.join(lines[-3:]).strip()[-300:]}")

    async def _end_commands(self) -> None:
        for process in self._beside:
            await process.kill()
        self._beside.clear()

    async def _stop(self, process: Process) -> None:
        process.terminate()
        try:
            async with asyncio.timeout(10):
                code = await process.wait()
        except TimeoutError:
            code = await process.kill()
        if code != 0:
            self._life.complaints.append(f"it was told to stop, and ended with {code}")

    # --- what the database says ---------------------------------------------------------------------------------------

    def _has_baselines(self) -> bool:
        rows = self._its.rows(select(FEEDS.c.feed).where(FEEDS.c.first_read_at.is_not(None)))
        return len(rows) == 2

    def _held(self) -> int | None:
        statement = select(func.max(SNAPSHOTS.c.id)).where(SNAPSHOTS.c.state == "held")
        found = self._its.rows(statement)
        number: int | None = found[0][0] if found else None
        return number

    def _waits_for(self) -> str | None:
        """What is not done yet; None when everything is."""
        its, newest = self._its, self._life.sources.history.newest
        of_newest = its.rows(
            select(SNAPSHOTS.c.state, SNAPSHOTS.c.id, FEEDS.c.snapshot_id)
            .join(FEEDS, FEEDS.c.feed == SNAPSHOTS.c.feed)
            .where(SNAPSHOTS.c.sha256 == newest.sha256)
            .order_by(SNAPSHOTS.c.id.desc())
        )
        if not of_newest:
            return "list"
        latest = of_newest[0]
        if latest.id != latest.snapshot_id:
            return str(latest.state)
        known = {row.key: row for row in its.rows(select(PUBLICATIONS))}
        for id, _ in self._life.sources.releases:
            if id not in known or known[id].body_state == "pending":
                return f"release {id}"
        return self._unfinished()

    def _unfinished(self) -> str | None:
        its = self._its
        position = its.rows(select(CURSORS.c.position).where(CURSORS.c.reader == "alerter"))
        newest = its.rows(select(func.max(EVENTS.c.id)))
        if not position or not newest or position[0][0] < newest[0][0]:
            return "events"
        if its.rows(select(REQUESTS.c.id).where(REQUESTS.c.performed_at.is_(None))):
            return "requests"
        states = {row.state for row in its.rows(select(DELIVERIES.c.state).distinct())}
        if "dead" in states:
            return "dead"
        return "deliveries" if states - {"accepted"} else None
