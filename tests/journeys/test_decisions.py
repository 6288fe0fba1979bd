"""Commands beside a running service: decisions that it performs, and what would disturb it."""

from tests.journeys.service import World
from tests.journeys.sources import BASELINE, OTHERS, SDN, a_list, an_entry

HALF = a_list(*OTHERS[:4])


async def test_a_held_list_is_accepted_by_a_command_and_performed_by_the_service(
    world: World,
) -> None:
    world.source.serve(SDN, BASELINE)
    world.configure(feeds={"ofac-sdn": {"path": SDN}}, channels=["officers"])
    service = await world.start()
    await world.until(world.happened("snapshot.baseline"))

    world.source.serve(SDN, HALF)
    await world.until(world.happened("snapshot.held"))
    await world.until(lambda: world.mails())
    await world.quiet(SDN)
    (incident,) = world.mailbox.messages
    for shown in ("6 of 10", "held back", "snapshot accept 2"):
        assert shown in " ".join(incident.part("plain").split())

    code, out, err = await world.command(
        "snapshot", "accept", "2", "--because", "OFAC said so", "--by", "Ann"
    )
    assert (code, "6 removed" in out) == (0, True), out + err
    await world.until(lambda: len(world.mails()) == 3)

    told = [message.part("plain") for message in world.mailbox.messages[1:]]
    assert any("OTHER COMPANY 109" in text for text in told), "the changes"
    assert any("Ann accepted" in text for text in told), "the incident is over"
    performed = world.events("request.performed")[0]["payload"]
    assert performed["outcome"].startswith("snapshot 2 is accepted")
    code, out, _ = await world.command("snapshot", "accept", "2", "--because", "again")
    assert code == 1
    assert "nothing to accept" in out
    assert await world.stop(service) == 0
    world.verify()


async def test_a_rejected_list_is_told_to_nobody_and_not_looked_at_again(world: World) -> None:
    world.source.serve(SDN, BASELINE)
    world.configure(feeds={"ofac-sdn": {"path": SDN}}, channels=["officers"])
    await world.baseline("ofac-sdn")
    world.source.serve(SDN, HALF)
    code, _, err = await world.command("poll", "ofac-sdn")
    assert (code, "snapshot accept 2" in err) == (3, True)

    service = await world.start()
    code, out, err = await world.command("snapshot", "reject", "2", "--because", "half is missing")
    assert (code, "rejected" in out) == (0, True), out + err
    for command in (["poll", "ofac-sdn"], ["ingest", "ofac-sdn", str(world.file)], ["run"]):
        code, out, err = await world.command(*command)
        assert (code, out) == (1, "")
        assert "a service is running" in err
        assert "Traceback" not in err
    await world.quiet(SDN)
    assert not world.events("snapshot.accepted")

    # The next whole version is compared with the one before the rejected one.
    world.source.serve(SDN, a_list(*OTHERS, an_entry(200, "NEW COMPANY")))
    await world.until(world.happened("snapshot.accepted"))
    await world.quiet(SDN)
    assert await world.stop(service) == 0
    assert [each for each in world.mails() if "NEW COMPANY" in each]
    assert not [each for each in world.mailbox.messages if "OTHER COMPANY" in each.part("plain")]
    world.verify()
