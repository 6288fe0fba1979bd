"""``kill -9`` at every instant that matters, then an ordinary start: nothing is lost, nothing is invented, a repeat is recognisable."""

import pytest

from tests.journeys.service import World
from tests.journeys.sources import BASELINE, SDN, WITH_DOE


async def a_baseline(world: World) -> None:
    """The list is on record; what the source serves next is a change."""
    world.source.serve(SDN, BASELINE)
    await world.baseline("ofac-sdn")
    world.source.serve(SDN, WITH_DOE)


async def dies(world: World, instant: str) -> None:
    """Start the service, see it die at that instant, and find the evidence whole."""
    await world.died(await world.start(dying=instant))
    world.verify()


async def test_a_change_survives_a_death_at_each_step_of_the_line(world: World) -> None:
    world.configure(feeds={"ofac-sdn": {"path": SDN}}, channels=["case-system"])
    await a_baseline(world)

    for instant in ("archived, not committed", "inside commit 1"):
        await dies(world, instant)
        assert not world.events("snapshot.accepted"), f"{instant}: nothing has happened yet"

    for instant in ("between the commits", "inside commit 2"):
        await dies(world, instant)
        assert len(world.events("snapshot.accepted")) == 1
        assert not world.events("alert.made"), f"{instant}: nobody has been told"

    await dies(world, "before sending")
    assert len(world.events("alert.made")) == 1
    assert not world.receiver.requests

    await dies(world, "webhook sent, no receipt")
    assert len(world.receiver.requests) == 1
    await dies(world, "inside the receipt")
    assert len(world.receiver.requests) == 2
    assert not world.events("delivery.accepted")

    service = await world.start()
    await world.quiet(SDN)
    assert await world.stop(service) == 0

    first, *repeats = world.receiver.requests
    assert len(repeats) == 2
    for repeat in repeats:
        assert repeat.headers["webhook-id"] == first.headers["webhook-id"]
        assert repeat.body == first.body
    assert [each["key"] for each in first.json()["data"]["changes"]] == ["48220"]
    assert len(world.events("delivery.accepted")) == len(world.events("alert.made")) == 1
    world.verify()


async def test_a_repeated_mail_has_the_id_that_it_had_and_says_that_it_may_be_one(
    world: World,
) -> None:
    world.configure(feeds={"ofac-sdn": {"path": SDN}}, channels=["officers"])
    await a_baseline(world)

    await dies(world, "mail sent, no receipt")
    service = await world.start()
    await world.quiet(SDN)
    assert await world.stop(service) == 0

    first, repeat = world.mailbox.messages
    assert repeat.mail["Message-ID"] == first.mail["Message-ID"]
    assert repeat.mail["Subject"] == first.mail["Subject"]
    assert repeat.recipients == first.recipients
    assert "DOE, John" in repeat.part("plain")
    assert len(repeat.part("plain")) > len(first.part("plain"))
    world.verify()


@pytest.mark.parametrize("instant", ["inside commit 1", "between the commits", "inside commit 2"])
async def test_on_postgresql_nothing_is_lost_either(
    world: World, postgresql_url: str, instant: str
) -> None:
    world.configure(
        feeds={"ofac-sdn": {"path": SDN}}, database_url=postgresql_url, channels=["case-system"]
    )
    await a_baseline(world)

    await dies(world, instant)
    service = await world.start()
    await world.quiet(SDN)

    assert await world.stop(service) == 0
    assert [each["changes"][0]["key"] for each in world.hooks()] == ["48220"]
    world.verify()
