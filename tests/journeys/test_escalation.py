"""What nobody has acknowledged in time goes to a second channel; what somebody has, does not."""

import yaml
from sqlalchemy import select

from monitor.config import load
from monitor.store.database import Database
from monitor.store.tables import ESCALATIONS
from tests.journeys.service import World
from tests.journeys.sources import BASELINE, DOE, OTHERS, SDN, WITH_DOE, a_list, an_entry

WITH_COMPANY = a_list(*OTHERS, DOE, an_entry(48221, "DOE TRADING COMPANY"))


def escalate(world: World) -> None:
    """To the case system: individuals at once, so to speak, and entities when the test is over long since."""
    settings = yaml.safe_load(world.file.read_text())
    settings["routes"] = [
        {
            "when": {"party_type": type},
            "send": "officers",
            "escalate": {"after": after, "send": "case-system"},
        }
        for type, after in (("individual", "2s"), ("entity", "2h"))
    ]
    world.file.write_text(yaml.safe_dump(settings))


def states(world: World) -> list[str]:
    database = Database.open(load(world.file, {}).database)
    try:
        with database.read() as connection:
            statement = select(ESCALATIONS.c.state).order_by(ESCALATIONS.c.id)
            return list(connection.execute(statement).scalars())
    finally:
        database.close()


async def test_what_nobody_acknowledges_goes_to_a_second_channel(world: World) -> None:
    world.source.serve(SDN, BASELINE)
    world.configure(feeds={"ofac-sdn": {"path": SDN}})
    escalate(world)
    await world.baseline("ofac-sdn")
    world.source.serve(SDN, WITH_DOE)
    service = await world.start()

    await world.until(lambda: world.mails() and world.hooks())

    (mail,), (hook,) = world.mails(), world.hooks()
    first, second = world.events("alert.made")
    assert "DOE, John" in mail
    assert hook["kind"] == "escalation"
    assert hook["title"].startswith("Not acknowledged for 2 seconds: OFAC: 1 designated. DOE, John")
    assert hook["escalates"] == first["subject"]
    assert [change["key"] for change in hook["changes"]] == ["48220"]
    waited = second["at"] - first["at"]
    assert waited.total_seconds() >= 2

    world.source.serve(SDN, WITH_COMPANY)
    await world.until(lambda: len(world.mails()) == 2)
    alert = world.events("alert.made")[-1]["subject"]
    assert states(world) == ["escalated", "waiting"]
    code, out, err = await world.command("acknowledge", alert[:8], "--by", "J. Doe")

    assert (code, f"Alert {alert} is acknowledged by J. Doe." in out) == (0, True), out + err
    assert states(world) == ["escalated", "acknowledged"]
    status, page = await world.get(f"/alerts/{alert}")
    assert (status, "<td>J. Doe</td>" in page) == (200, True)
    await world.quiet(SDN)
    assert await world.stop(service) == 0
    assert len(world.hooks()) == 1
    world.verify()


async def test_what_was_due_while_the_service_was_down_is_told_at_its_start(world: World) -> None:
    world.source.serve(SDN, BASELINE)
    world.configure(feeds={"ofac-sdn": {"path": SDN}})
    escalate(world)
    await world.baseline("ofac-sdn")
    world.source.serve(SDN, WITH_DOE)
    await world.command("poll", "ofac-sdn")
    assert world.mails()
    assert not world.hooks()

    service = await world.start()
    await world.until(world.hooks)

    assert await world.stop(service) == 0
    assert [hook["kind"] for hook in world.hooks()] == ["escalation"]
    world.verify()
