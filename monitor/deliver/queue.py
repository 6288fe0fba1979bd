"""The queue of deliveries as the dispatcher uses it: claim one, record what became of it, ask when the next is due.

Each is a short transaction in a thread. Those of many channels are made together; one that fails fails alone.
"""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import TypeVar

from sqlalchemy import Connection
from sqlalchemy.exc import OperationalError

from monitor.clock import Clock
from monitor.core.outcome import Accepted, Failed
from monitor.core.pace import UNHURRIED, Pace
from monitor.core.retry import Dead, RetryAt
from monitor.deliver.together import Together
from monitor.store import claims, deliveries
from monitor.store.claims import Claimed
from monitor.store.database import Database

TOGETHER = 25
"""How many claims or receipts go into one transaction: others that write wait for no more."""

Write = Callable[[Connection], None]
Value = TypeVar("Value")


class Queue:
    """The deliveries in one database, for one worker. ``paces`` are those of channels that have one."""

    def __init__(
        self,
        database: Database,
        *,
        clock: Clock,
        worker_id: str,
        lease: timedelta,
        paces: Mapping[str, Pace],
    ) -> None:
        self._database = database
        self._clock = clock
        self._worker_id = worker_id
        self._lease = lease
        self._paces = paces
        self._claims: Together[str, Claimed | None] = Together(self._claim_each, limit=TOGETHER)
        self._records: Together[Write, None] = Together(self._write_each, limit=TOGETHER)
        self._looks: Together[str, datetime | None] = Together(self._look_at_each, limit=10_000)

    async def claim(self, channel: str) -> Claimed | None:
        """Lease the channel's next delivery; None when nothing may be sent now."""
        return await self._claims.ask(channel)

    async def next_due(self, channel: str) -> datetime | None:
        """When the channel's next delivery may be sent: now or later; None when there is none."""
        return await self._looks.ask(channel)

    async def record_accepted(self, claimed: Claimed, accepted: Accepted, at: datetime) -> None:
        """Store the receipt."""
        await self._records.ask(
            lambda connection: deliveries.record_accepted(connection, claimed, accepted, at=at)
        )

    async def record_failure(
        self, claimed: Claimed, failed: Failed, decision: RetryAt | Dead, at: datetime
    ) -> None:
        """Store a failed attempt and what was decided."""
        await self._records.ask(
            lambda connection: deliveries.record_failure(
                connection, claimed, failed, decision, at=at
            )
        )

    def _claim_each(self, channels: Sequence[str]) -> Sequence[Claimed | Exception | None]:
        """In the order of names, whatever that of asking: all processes take the locks of paces in the same order."""
        now = self._clock.now()
        found: list[Claimed | Exception | None] = [None] * len(channels)
        with self._database.write() as connection:
            for place in sorted(range(len(channels)), key=channels.__getitem__):
                claim = partial(self._claim, channel=channels[place], now=now)
                found[place] = _alone(connection, claim, len(channels))
        return found

    def _claim(self, connection: Connection, channel: str, now: datetime) -> Claimed | None:
        return claims.claim_due(
            connection,
            channel,
            now=now,
            worker=self._worker_id,
            lease=self._lease,
            pace=self._paces.get(channel, UNHURRIED),
        )

    def _write_each(self, writes: Sequence[Write]) -> Sequence[Exception | None]:
        with self._database.write() as connection:
            return [_alone(connection, write, len(writes)) for write in writes]

    def _look_at_each(self, channels: Sequence[str]) -> Sequence[datetime | None]:
        with self._database.read() as connection:
            due = claims.next_due(
                connection, self._clock.now(), channels, lease=self._lease, paces=self._paces
            )
        return [due.get(channel) for channel in channels]


def _alone(
    connection: Connection, work: Callable[[Connection], Value], of: int
) -> Value | Exception:
    """What ``work``, one ``of`` so many in this transaction, returns, or why it could not be done, which leaves nothing behind.

    What is wrong with the database itself (a full disk, a lost connection) may undo everything, and is raised.
    """
    if of == 1:
        return work(connection)
    try:
        with connection.begin_nested():
            return work(connection)
    except OperationalError:
        raise
    except Exception as error:  # noqa: BLE001 - the others of this transaction have nothing to do with it
        return error
