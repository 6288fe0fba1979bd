"""A source that serves something else: one feed fails in plain words, nobody is told of any change, the others go on."""

from tests.journeys.service import World
from tests.journeys.sources import BASELINE, CONSOLIDATED, OTHERS, SDN, a_list, an_entry
from tests.servers import Challenge

MAINTENANCE = b"<!doctype html><html><body>Down for maintenance</body></html>"


async def test_one_feed_fails_in_plain_words_and_the_other_goes_on(world: World) -> None:
    world.source.serve(SDN, BASELINE)
    world.source.serve(CONSOLIDATED, BASELINE)
    world.configure(
        feeds={"ofac-sdn": {"path": SDN}, "ofac-consolidated": {"path": CONSOLIDATED}},
        channels=["officers"],
    )
    service = await world.start()
    await world.until(world.happened("snapshot.baseline", 2))

    world.source.misbehave(SDN, Challenge(MAINTENANCE), times=1)
    await world.until(lambda: len(world.mails()) == 2)
    opened, closed = (each.part("plain") for each in world.mailbox.messages)
    for shown in ("cannot be read", "Polling goes on", "docs/operations.md#unexpected_content"):
        assert shown in " ".join(opened.split())
    assert "SDN list" in world.mails()[0]
    assert "it can be read again" in closed

    world.source.serve(SDN, MAINTENANCE, content_type="text/html")
    await world.until(lambda: len(world.mails()) == 3)
    world.source.serve(CONSOLIDATED, a_list(*OTHERS, an_entry(300, "ANOTHER COMPANY")))
    await world.until(lambda: len(world.mails()) == 4)
    assert "ANOTHER COMPANY" in world.mailbox.messages[3].part("plain")

    assert await world.stop(service) == 0
    assert [event["feed"] for event in world.events("snapshot.accepted")] == ["ofac-consolidated"]
    assert "Traceback" not in world.output.read_text()
    world.verify()
