"""The whole line, by real servers on loopback and the service in a process of its own."""

from datetime import timedelta

from standardwebhooks.webhooks import Webhook

from tests.journeys.service import OFFICER, WEBHOOK_SECRET, World
from tests.journeys.sources import (
    BASELINE,
    LISTING,
    OLD_RELEASE,
    RELEASE,
    SDN,
    WITH_DOE,
    build_page,
    publish_releases,
)


async def test_a_change_reaches_mail_and_webhook_once_and_a_restart_is_silent(world: World) -> None:
    world.source.serve(SDN, BASELINE)
    world.configure(feeds={"ofac-sdn": {"path": SDN}})
    service = await world.start(ordinarily=True)

    await world.until(world.happened("snapshot.baseline"))
    await world.quiet(SDN)
    assert not world.mails()
    assert not world.hooks()

    world.source.serve(SDN, WITH_DOE)
    await world.until(lambda: world.mails() and world.hooks())
    await world.quiet(SDN)

    (mail,), (hook,) = world.mailbox.messages, world.hooks()
    assert mail.recipients == [OFFICER]
    assert "DOE" in world.mails()[0]
    for kind in ("plain", "html"):
        assert "DOE, John" in mail.part(kind)
        assert "48220" in mail.part(kind)
    assert "DOE, John" in hook["title"] + hook["text"]
    assert [(each["kind"], each["key"]) for each in hook["changes"]] == [("added", "48220")]
    assert hook["changes"][0]["party"] == {
        "type": "individual",
        "name": {"last": "DOE", "first": "John"},
        "programs": ["DPRK4"],
        "remarks": "Gender Male.",
    }
    assert hook["evidence"]["published"] == "12/16/2024"
    (request,) = world.receiver.requests
    Webhook(WEBHOOK_SECRET).verify(request.body, dict(request.headers))
    assert request.headers["webhook-id"] == hook["alert"] == mail.mail["X-Alert-Id"]
    assert hook["url"] == f"{world.url}/alerts/{hook['alert']}"

    for path, shown in (
        ("/healthz", "ok"),
        ("/readyz", "ready"),
        (f"/alerts/{hook['alert']}", "DOE, John"),
    ):
        status, page = await world.get(path)
        assert status == 200
        assert shown in page

    assert await world.stop(service) == 0
    service = await world.start()
    await world.quiet(SDN)
    assert await world.stop(service) == 0

    assert len(world.mailbox.messages) == len(world.receiver.requests) == 1
    assert "Traceback" not in world.output.read_text()
    world.verify()
    code, out, err = await world.command("verify")
    assert (code, "All of it holds" in out) == (0, True), out + err


async def test_a_sanctions_release_is_told_at_once_and_wakes_the_list(world: World) -> None:
    world.source.serve(SDN, BASELINE)
    publish_releases(world.source, OLD_RELEASE)
    world.configure(
        feeds={
            "ofac-sdn": {"path": SDN, "interval": "60s"},
            "treasury-press-releases": {"path": LISTING},
        }
    )
    service = await world.start()
    await world.until(world.happened("snapshot.baseline"))
    await world.quiet(LISTING)
    assert world.mails() == []
    assert world.source.asked(SDN) == 1

    world.source.serve(SDN, WITH_DOE)
    build_page(world.source, *RELEASE)
    publish_releases(world.source, RELEASE, OLD_RELEASE)
    await world.until(lambda: len(world.mails()) == len(world.hooks()) == 2)
    await world.quiet(LISTING)

    hooks = {each["kind"]: each for each in world.hooks()}
    assert hooks["publication"]["publications"][0]["title"] == RELEASE[1]
    assert hooks["publication"]["publications"][0]["url"] == f"{world.source.url}{LISTING}/sb0900"
    assert hooks["change"]["changes"][0]["key"] == "48220"
    assert len(world.mails()) == 2
    assert world.source.asked(SDN) == 2
    state = world.feed("ofac-sdn")
    assert state.burst_until > state.last_polled_at
    assert state.next_poll_at - state.last_polled_at < timedelta(seconds=20)
    assert len(world.events("publication.body")) == 1
    assert await world.stop(service) == 0
    world.verify()


async def test_the_line_on_postgresql(world: World, postgresql_url: str) -> None:
    world.source.serve(SDN, BASELINE)
    url = postgresql_url.replace("postgresql+psycopg://", "postgresql://")
    world.configure(feeds={"ofac-sdn": {"path": SDN}}, database_url=url)
    service = await world.start()
    await world.until(world.happened("snapshot.baseline"))

    world.source.serve(SDN, WITH_DOE)
    await world.until(lambda: world.mails() and world.hooks())
    await world.quiet(SDN)
    assert await world.stop(service) == 0
    service = await world.start()
    await world.quiet(SDN)

    assert await world.stop(service) == 0
    assert len(world.mailbox.messages) == len(world.receiver.requests) == 1
    world.verify()
