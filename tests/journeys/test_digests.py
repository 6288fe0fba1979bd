"""A day's digest by mail, and the quiet day after it, by a clock that is moved on between two runs of the service."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import yaml

from monitor import service
from monitor.config import load
from monitor.service.line import Line
from monitor.store import feeds as feed_states
from monitor.store.database import Database
from tests.journeys.service import World
from tests.journeys.sources import BASELINE, SDN, WITH_DOE

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)


class Moved:
    """The machine's clock, set to another time."""

    def __init__(self, to: datetime) -> None:
        self._ahead = to - datetime.now(UTC)

    def now(self) -> datetime:
        return datetime.now(UTC) + self._ahead

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


async def test_a_day_is_told_when_it_is_over_and_the_quiet_day_after_it_too(world: World) -> None:
    world.source.serve(SDN, BASELINE)
    world.configure(feeds={"ofac-sdn": {"path": SDN}}, channels=["officers"])
    gather(world)

    await run(world, NOON - timedelta(hours=1), world.happened("snapshot.baseline"))
    world.source.serve(SDN, WITH_DOE)
    await run(world, NOON - timedelta(minutes=50), world.happened("alert.made"))
    assert world.mails() == []

    await run(world, NOON + timedelta(minutes=1), world.mails)
    assert world.mails() == ["OFAC digest, 1 Dec 2026: 1 designated"]
    for kind in ("plain", "html"):
        assert "DOE, John" in world.mailbox.messages[0].part(kind)
        assert "gathers it for a digest" in " ".join(world.mailbox.messages[0].part(kind).split())

    watched(world, NOON + timedelta(minutes=2), NOON + timedelta(days=1))
    await run(world, NOON + timedelta(days=1, minutes=1), lambda: len(world.mails()) > 1)

    assert world.mails()[1:] == ["OFAC: no changes, 1 Dec 2026"]
    assert "list of 16 Dec 2024, 11 parties." in " ".join(
        world.mailbox.messages[1].part("plain").split()
    )
    world.output.touch()
    world.verify()


def gather(world: World) -> None:
    """Everything is told daily at noon."""
    settings = yaml.safe_load(world.file.read_text())
    settings["routes"] = [{"send": "officers", "digest": "daily 12:00"}]
    world.file.write_text(yaml.safe_dump(settings))


async def run(world: World, at: datetime, until: Callable[[], Any]) -> None:
    """Run the service from that time on, until something has happened and was dealt with."""
    stopping = asyncio.Event()

    async def started(_: Line) -> None:
        await world.until(until)
        stopping.set()

    world.output.touch()
    await service.run(load(world.file, {}), clock=Moved(at), started=started, stopping=stopping)


def watched(world: World, since: datetime, until: datetime) -> None:
    """The list was checked every five minutes, and unchanged."""
    database = Database.open(load(world.file, {}).database)
    with database.write() as connection:
        at = since
        while at < until:
            row = feed_states.lock(connection, "ofac-sdn")
            feed_states.record_good(connection, row, at=at, outcome="unchanged")
            at += timedelta(minutes=5)
    database.close()
