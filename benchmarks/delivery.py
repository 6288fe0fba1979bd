"""How long it takes from the commit of a new list until each channel has accepted the alert, and how a long queue is drained.

The line is the real one, built from a configuration: lists are compared and committed, alerts made, webhooks sent over HTTP to a
receiver in another process, receipts committed. The reference is a bare POST of the same body to the same receiver, in the same run.
"""

import asyncio
import gc
import json
import statistics
import sys
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path

import aiohttp
from sqlalchemy import func, insert, select

from benchmarks import generator
from benchmarks.receiver import running_receiver
from benchmarks.update import FIRST, forget_peak, memory, update_with
from monitor.config import Configuration, load
from monitor.service.line import Line, line
from monitor.store.tables import DELIVERIES

_RECORDS, _AMENDED = 500, 8
_POSTS = 20


@dataclass(frozen=True, slots=True)
class Order:
    """What to measure: ``rounds`` new lists told to so many channels, or a queue of ``queued`` deliveries drained.

    ``hanging`` of the channels never get an answer; ``speed`` is the receiver's. ``database_url`` is None for SQLite in ``folder``.
    """

    channels: int
    folder: str = ""
    rounds: int = 0
    queued: int = 0
    hanging: int = 0
    speed: str = "prompt"
    database_url: str | None = None


TOLD = {
    "1 channel": Order(channels=1, rounds=100),
    "10 channels": Order(channels=10, rounds=30),
    "100 channels": Order(channels=100, rounds=10),
    "10 channels, one of which hangs": Order(channels=10, rounds=30, hanging=1),
}
"""What is measured from the commit of a list to each receipt."""

DRAINED = {
    "10,000 deliveries to 10 channels": Order(channels=10, queued=10_000),
    "1,000 deliveries to 10 channels that take 0.1 s each": Order(
        channels=10, queued=1_000, speed="slow"
    ),
}
"""Which queues are drained."""


@dataclass(frozen=True, slots=True)
class Told:
    """The seconds from each commit to each receipt, and those of bare POSTs; of a drain, of all together; its memory in MiB."""

    seconds: list[float]
    reference: list[float]
    peak_mib: float = 0.0

    def percentile(self, percent: int) -> float:
        """So many percent of the receipts were there within so many seconds."""
        return statistics.quantiles(self.seconds, n=100, method="inclusive")[percent - 1]


def main() -> None:
    """Perform the order on standard input; what was measured goes to standard output."""
    order = Order(**json.load(sys.stdin))
    with running_receiver() as url:
        print(json.dumps(asdict(asyncio.run(_measure(order, url)))))


async def _measure(order: Order, url: str) -> Told:
    async with line(_configuration(order, url)) as parts, aiohttp.ClientSession() as session:

        async def post(channel: int, body: bytes) -> None:
            async with session.post(f"{url}/{order.speed}/{channel}", data=body) as response:
                assert response.status == 204

        await asyncio.to_thread(_take, parts, generator.synthetic(_RECORDS), 0)
        await asyncio.to_thread(parts.alerter.turn)
        return await (_drain if order.queued else _tell)(order, parts, post)


def _configuration(order: Order, url: str) -> Configuration:
    file = Path(order.folder) / "benchmark.yaml"
    secret = "whsec_b2YgdGhlIGJlbmNobWFyaywgMjQgYnl0ZXM="
    speeds = ["hanging"] * order.hanging + [order.speed] * (order.channels - order.hanging)
    channels = {
        f"channel-{number}": {"webhook": f"{url}/{speed}/{number}", "secret": secret}
        for number, speed in enumerate(speeds)
    }
    settings: dict[str, object] = {"data_dir": order.folder, "channels": channels}
    if order.database_url:
        settings["database_url"] = order.database_url
    file.write_text(json.dumps(settings))  # JSON is YAML
    return load(file, {})


Post = Callable[[int, bytes], Awaitable[None]]


async def _tell(order: Order, parts: Line, post: Post) -> Told:
    """Commit one list after the other, and see when each channel has accepted what it is told of it."""
    stopping, wake = asyncio.Event(), asyncio.Event()
    delivering = asyncio.create_task(
        parts.dispatcher.run(stopping, wake, grace=timedelta(seconds=0.1))
    )
    base, told = generator.synthetic(_RECORDS), Told([], [])
    for number in range(
        -1, order.rounds
    ):  # the first is not measured: statements are compiled, connections made
        amended = generator.with_amended(base, _AMENDED, seed=number + 2)  # Random(-1) is Random(1)
        await asyncio.to_thread(_take, parts, amended, number + 2)
        committed_at = parts.clock.now()
        await asyncio.to_thread(parts.alerter.turn)
        wake.set()
        while _waiting(parts, order.hanging):  # noqa: ASYNC110 - the receipts are in the database
            await asyncio.sleep(0.05)
        if number < 0:
            continue
        told.seconds.extend(
            (at - committed_at).total_seconds() for at in _accepted_after(parts, committed_at)
        )
        body = _body(parts)
        for _ in range(_POSTS):
            told.reference.append(await _timed(post(order.channels - 1, body)))
    stopping.set()
    await delivering
    return told


async def _drain(order: Order, parts: Line, post: Post) -> Told:
    """Fill the queue, then deliver until it is empty."""
    amended = generator.with_amended(generator.synthetic(_RECORDS), _AMENDED)
    await asyncio.to_thread(_take, parts, amended, 1)
    await asyncio.to_thread(parts.alerter.turn)
    await parts.dispatcher.turn()
    _fill(parts, order)
    gc.collect()
    forget_peak()
    resting = memory("VmRSS")
    seconds = await _timed(parts.dispatcher.turn())
    peak = memory("VmHWM") - resting
    assert not _waiting(parts, 0)

    body = _body(parts)

    async def one_after_the_other(channel: int) -> None:
        for _ in range(order.queued // order.channels):
            await post(channel, body)

    posts = asyncio.gather(*map(one_after_the_other, range(order.channels)))
    return Told([seconds], [await _timed(posts)], max(peak, 0.0))


def _take(parts: Line, published: generator.SyntheticList, number: int) -> None:
    """Commit the list, as the poller does it."""
    content = parts.spool / f"{number}.xml"
    content.write_bytes(published.encoded())
    update_with(parts.database, content, parts.clock.now() if number else FIRST)()


def _fill(parts: Line, order: Order) -> None:
    """As many deliveries as are asked for, each like the one that was sent, in turn to each channel."""
    with parts.database.write() as connection:
        sent = connection.execute(select(DELIVERIES).limit(1)).mappings().one()
        pattern = {name: value for name, value in sent.items() if name != "id"}
        pattern |= {"state": "due", "attempts": 0, "first_attempt_at": None, "accepted_at": None}
        rows = (
            {**pattern, "alert_id": f"queued-{n}", "channel": f"channel-{n % order.channels}"}
            for n in range(order.queued)
        )
        while some := [row for row, _ in zip(rows, range(500), strict=False)]:
            connection.execute(insert(DELIVERIES), some)


def _waiting(parts: Line, hanging: int) -> int:
    """How many deliveries have not been accepted, those to channels that hang apart."""
    hang = [f"channel-{number}" for number in range(hanging)]
    with parts.database.read() as connection:
        return (
            connection.scalar(
                select(func.count())
                .select_from(DELIVERIES)
                .where(DELIVERIES.c.state != "accepted", DELIVERIES.c.channel.not_in(hang))
            )
            or 0
        )


def _accepted_after(parts: Line, moment: datetime) -> list[datetime]:
    with parts.database.read() as connection:
        return list(
            connection.scalars(
                select(DELIVERIES.c.accepted_at).where(DELIVERIES.c.accepted_at > moment)
            )
        )


def _body(parts: Line) -> bytes:
    """What the newest message says."""
    with parts.database.read() as connection:
        newest = select(DELIVERIES.c.wire).order_by(DELIVERIES.c.id.desc()).limit(1)
        return str(connection.scalar(newest)).encode()


async def _timed(work: Awaitable[object]) -> float:
    begun = time.perf_counter()
    await work
    return time.perf_counter() - begun


if __name__ == "__main__":
    main()
