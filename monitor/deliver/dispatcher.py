"""Sends what is due: claim one delivery, send it, record what became of it.

Each channel has a loop of its own that has one message in hand at a time, so that a slow or dead channel delays no other and
the parts of an alert arrive in order. The queue, the schedule, the paces and the receipts are in the database; this module holds
nothing that a restart would miss. What is in hand when the process dies is sent again when its lease runs out, under the same id.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from random import Random

from sqlalchemy.exc import SQLAlchemyError

from monitor.clock import Clock
from monitor.core.outcome import Accepted, Failed, Outcome
from monitor.core.pace import UNHURRIED, Pace, quiet_time
from monitor.core.retry import AGE_LIMIT, Dead, RetryAt, after_failure
from monitor.deliver.channels.base import Channel
from monitor.deliver.queue import Queue
from monitor.store.claims import Claimed
from monitor.store.database import Database

log = logging.getLogger(__name__)

SEND_LIMIT = timedelta(seconds=90)
"""No send takes longer, whatever the channel's own limits are."""

LEASE = timedelta(minutes=3)
"""Longer than a send may take, so that a lease that runs out means that its holder is gone."""

SAFETY_NET = timedelta(seconds=30)
"""How long a channel rests at most without looking whether something is due."""

BEATEN = timedelta(seconds=1)
"""How long a channel rests when what was due could not be claimed: another process has it."""

GRACE = timedelta(seconds=7)
"""How long a send in hand may go on once the service is told to stop."""


class Dispatcher:
    """Delivers for the given channels until told to stop.

    ``paces`` are those of channels that are not to be sent to at any time or speed. A delivery that keeps failing is given up
    ``give_up_after`` its first attempt, time that its channel's quiet hours took apart. ``recorded`` is told of each outcome after
    it is on record (metrics); it must not raise.
    """

    def __init__(
        self,
        database: Database,
        channels: Sequence[Channel],
        *,
        clock: Clock,
        random: Random,
        worker_id: str,
        paces: Mapping[str, Pace] | None = None,
        give_up_after: timedelta = AGE_LIMIT,
        lease: timedelta = LEASE,
        send_limit: timedelta = SEND_LIMIT,
        recorded: Callable[[Claimed, Outcome, datetime], None] | None = None,
    ) -> None:
        self._channels: Mapping[str, Channel] = {channel.name: channel for channel in channels}
        self._clock = clock
        self._random = random
        self._paces = paces or {}
        self._give_up_after = give_up_after
        self._send_limit = send_limit
        self._recorded = recorded
        self._queue = Queue(
            database, clock=clock, worker_id=worker_id, lease=lease, paces=self._paces
        )

    async def turn(self) -> datetime | None:
        """Deliver everything that may be sent now, each channel by itself; return when the next is due, if any is."""
        await asyncio.gather(*(self._drain(channel) for channel in self._channels.values()))
        moments = await asyncio.gather(*map(self._queue.next_due, self._channels))
        return min((moment for moment in moments if moment is not None), default=None)

    async def run(
        self, stopping: asyncio.Event, wake: asyncio.Event, *, grace: timedelta = GRACE
    ) -> None:
        """Deliver until ``stopping`` is set; ``wake`` says that something new is due.

        Returns within ``grace`` of being told to stop: what is in hand is finished, or left to its lease.
        """
        bells = {name: asyncio.Event() for name in self._channels}
        loops = [
            asyncio.create_task(self._serve(channel, stopping, bells[name]), name=f"deliver-{name}")
            for name, channel in self._channels.items()
        ]
        ringing = asyncio.create_task(_ring(wake, bells.values()), name="deliver-wake")
        try:
            await stopping.wait()
            for bell in bells.values():
                bell.set()
            if loops:
                await asyncio.wait(loops, timeout=grace.total_seconds())
        finally:
            for task in (ringing, *loops):
                task.cancel()
            await asyncio.gather(ringing, *loops, return_exceptions=True)

    async def close(self) -> None:
        """Close the channels."""
        for channel in self._channels.values():
            await channel.close()

    async def _serve(self, channel: Channel, stopping: asyncio.Event, bell: asyncio.Event) -> None:
        """One channel's loop. Whatever goes wrong with the database is logged and tried again."""
        trouble = 0
        while not stopping.is_set():
            bell.clear()
            try:
                rest = await self._serve_once(channel, stopping)
                trouble = 0
            except Exception:  # the loop is where it is caught, once
                trouble += 1
                log.exception("deliveries of the channel %s could not be claimed", channel.name)
                rest = min(timedelta(seconds=2 ** min(trouble, 10)), SAFETY_NET)
            await self._rest(rest, bell)

    async def _serve_once(self, channel: Channel, stopping: asyncio.Event) -> timedelta:
        """Send what may be sent now; return how long to rest. Whoever has nothing due only looks, which stops nobody else."""
        due = await self._queue.next_due(channel.name)
        if due is not None and due <= self._clock.now():
            sent = await self._drain(channel, stopping)
            return timedelta(0) if sent else BEATEN
        return SAFETY_NET if due is None else min(due - self._clock.now(), SAFETY_NET)

    async def _drain(self, channel: Channel, stopping: asyncio.Event | None = None) -> int:
        """Send this channel's due deliveries one after the other until none may be sent; return how many there were."""
        sent = 0
        while stopping is None or not stopping.is_set():
            claimed = await self._queue.claim(channel.name)
            if claimed is None:
                break
            outcome = await self._send(channel, claimed)
            await self._record(claimed, outcome)
            sent += 1
        return sent

    async def _send(self, channel: Channel, claimed: Claimed) -> Outcome:
        try:
            async with asyncio.timeout(self._send_limit.total_seconds()):
                return await channel.send(claimed.outgoing)
        except TimeoutError:
            return Failed("the send took too long", unknown=True)
        except Exception as error:  # noqa: BLE001 - a fault in one channel must not stop the others
            # Only the type: the text of a foreign error may hold an address.
            log.error("the channel %s failed with %s", channel.name, type(error).__name__)
            return Failed(f"the channel itself failed ({type(error).__name__})", unknown=True)

    async def _record(self, claimed: Claimed, outcome: Outcome) -> None:
        """Put the outcome on record, again and again while the lease lasts: else it would be sent twice."""
        at = self._clock.now()
        if isinstance(outcome, Accepted):
            write = partial(self._queue.record_accepted, claimed, outcome, at)
            await self._insistently(write, claimed.until)
        else:
            decision = self._decide(claimed, outcome, at)
            failing = partial(self._queue.record_failure, claimed, outcome, decision, at)
            await self._insistently(failing, claimed.until)
            if isinstance(decision, Dead):
                log.error(
                    "delivery %s to %s is dead", claimed.outgoing.delivery_id, claimed.channel
                )
        log.info(
            "delivery %s to %s, attempt %s: %s",
            claimed.outgoing.delivery_id,
            claimed.channel,
            claimed.outgoing.attempt,
            outcome.detail,
        )
        if self._recorded is not None:
            self._recorded(claimed, outcome, at)

    def _decide(self, claimed: Claimed, failed: Failed, at: datetime) -> RetryAt | Dead:
        """What follows a failure. Quiet hours do not age a delivery."""
        pace = self._paces.get(claimed.channel, UNHURRIED)
        kept_back = quiet_time(pace, claimed.outgoing.severity, claimed.first_attempt_at, at)
        return after_failure(
            attempts=claimed.tries,
            first_attempt_at=claimed.first_attempt_at + kept_back,
            now=at,
            failed=failed,
            random=self._random,
            age_limit=self._give_up_after,
        )

    async def _insistently(self, write: Callable[[], Awaitable[None]], until: datetime) -> None:
        pause = 0.5
        while True:
            try:
                return await write()
            except SQLAlchemyError:
                if self._clock.now() + timedelta(seconds=pause) >= until:
                    raise
                log.warning("an outcome could not be recorded; trying again in %s s", pause)
                await self._clock.sleep(pause)
                pause = min(pause * 2, 15)

    async def _rest(self, span: timedelta, bell: asyncio.Event) -> None:
        """Until the bell rings, and no longer than ``span``."""
        if span <= timedelta(0):
            return
        waiting = [
            asyncio.ensure_future(self._clock.sleep(span.total_seconds())),
            asyncio.ensure_future(bell.wait()),
        ]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await asyncio.gather(*waiting, return_exceptions=True)


async def _ring(wake: asyncio.Event, bells: Iterable[asyncio.Event]) -> None:
    """Pass one wake-up on to every channel's loop."""
    while True:
        await wake.wait()
        wake.clear()
        for bell in bells:
            bell.set()
