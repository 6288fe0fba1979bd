"""Receivers that are away, and one that is gone for good."""

from tests.journeys.service import OFFICER, World
from tests.journeys.sources import BASELINE, CONSOLIDATED, SDN, WITH_DOE
from tests.servers import Answer, Stall


async def test_a_receiver_that_was_away_gets_the_change_once(world: World) -> None:
    world.source.serve(SDN, BASELINE)
    world.configure(feeds={"ofac-sdn": {"path": SDN}})
    await world.baseline("ofac-sdn")
    await world.receiver.__aexit__()

    world.source.serve(SDN, WITH_DOE)
    service = await world.start()
    await world.until(lambda: any(each.attempts for each in world.deliveries("case-system")))
    await world.until(lambda: world.mails())
    assert "cannot connect" in world.deliveries("case-system")[0].detail

    async with world.receiver_again() as receiver:
        await receiver.wait_for(1, within=60)
        await world.quiet(SDN)
        assert await world.stop(service) == 0
        assert len(receiver.requests) == len(world.mails()) == 1
        assert receiver.requests[0].json()["data"]["changes"][0]["key"] == "48220"
    world.verify()


async def test_a_receiver_that_is_gone_is_switched_off_and_others_hear_of_it(world: World) -> None:
    world.source.serve(SDN, BASELINE)
    world.configure(feeds={"ofac-sdn": {"path": SDN}})
    await world.baseline("ofac-sdn")
    world.receiver.answers.append(Answer(410))

    world.source.serve(SDN, WITH_DOE)
    service = await world.start()
    # The change, that a delivery is dead, and that the channel is switched off.
    await world.until(lambda: len(world.mails()) == 3)
    assert await world.stop(service) == 0

    assert len(world.receiver.requests) == 1, "the channel is not called again"
    told = " ".join(world.mails())
    assert "case-system" in told
    assert all(message.recipients == [OFFICER] for message in world.mailbox.messages)
    _, out, _ = await world.command("incidents", "--format", "json")
    assert "channel_disabled" in out

    world.configure(feeds={"ofac-sdn": {"path": SDN}})
    code, out, err = await world.command("retry", "--by", "ops")
    assert code == 0, err
    service = await world.start()
    await world.until(lambda: len(world.receiver.requests) >= 4)
    await world.quiet(SDN)
    assert await world.stop(service) == 0
    assert {each["kind"] for each in world.hooks()} == {"change", "incident"}
    world.verify()


async def test_a_stop_takes_less_than_ten_seconds_whatever_hangs(world: World) -> None:
    world.source.serve(SDN, BASELINE)
    world.source.serve(CONSOLIDATED, BASELINE)
    world.configure(
        feeds={"ofac-sdn": {"path": SDN}, "ofac-consolidated": {"path": CONSOLIDATED}},
        channels=["case-system"],
    )
    for feed in ("ofac-sdn", "ofac-consolidated"):
        await world.baseline(feed)
    world.receiver.answers.append(Answer(after=60))
    world.source.serve(SDN, WITH_DOE)
    service = await world.start()
    await world.receiver.wait_for(1, within=20)
    world.source.misbehave(CONSOLIDATED, Stall())
    await world.source.wait_for(world.source.asked(CONSOLIDATED) + 1, CONSOLIDATED, within=20)

    assert await world.stop(service) == 0

    service = await world.start()
    await world.until(lambda: len(world.receiver.requests) == 2)
    await world.until(world.happened("delivery.accepted"))
    first, repeat = world.receiver.requests
    assert first.headers["webhook-id"] == repeat.headers["webhook-id"]
    assert first.body == repeat.body
    assert await world.stop(service) == 0
    world.verify()
