"""Streams that are no press releases: actions, bulletins with their bodies in the listing, legal notices; and corrections of them all."""

from datetime import timedelta
from typing import Any

import pytest

from monitor.core.canonical import decode
from monitor.core.news import BURST
from monitor.poller import PollOutcome
from monitor.store.tables import PUBLICATION_REVISIONS, PUBLICATIONS
from tests.poller.bench import (
    ACTION_LISTING,
    ACTIONS,
    BULLETINS,
    DOCUMENTS,
    MINUTE,
    NOTICES,
    RELEASES,
    SDN,
    START,
    TOPIC,
    Bench,
    on_both,
)
from tests.poller.notices import (
    ADDED,
    DESIGNATIONS,
    LICENSE,
    MISFILED,
    OLD_ACTION,
    OLD_BULLETINS,
    OTHER_TOPIC,
    SANCTIONS_BULLETIN,
    SETTLEMENT,
    Action,
    Bulletin,
    notice_text,
    serve_action,
    serve_actions,
    serve_bulletins,
    serve_documents,
    text_path,
    topic,
)
from tests.poller.pages import (
    ACTION_OF_TODAY,
    BEFORE,
    OLD,
    OLDER,
    SANCTIONS,
    serve_files,
    serve_listing,
)
from tests.poller.pages import page as release_page
from tests.servers import Status

DAY = timedelta(days=1)
FIVE_MINUTES = timedelta(minutes=5)


def payloads(bench: Bench, kind: str = "publication") -> list[dict[str, Any]]:
    return [event.payload for event in bench.events(kind)]


def states(bench: Bench) -> dict[str, str]:
    return {row.key: row.body_state for row in bench.rows(PUBLICATIONS)}


async def actions_so_far(bench: Bench) -> None:
    serve_actions(bench.source, OLD_ACTION)
    assert (await bench.poll(ACTIONS)).result == "baseline"


async def bulletins_so_far(bench: Bench) -> None:
    serve_bulletins(bench.source, *OLD_BULLETINS)
    assert (await bench.poll(BULLETINS)).result == "baseline"


# --- actions --------------------------------------------------------------------------------------------------------


@on_both
async def test_an_action_about_the_list_is_told_at_once_and_wakes_the_lists(bench: Bench) -> None:
    await actions_so_far(bench)
    serve_actions(bench.source, DESIGNATIONS, OLD_ACTION)
    outcome = await bench.poll(ACTIONS)

    assert (outcome.new, outcome.announced) == (1, True)
    listed, body = payloads(bench)
    assert (listed["tell"], listed["witness"]) == ("OFAC published an action", "action")
    assert listed["category"] == "Sanctions List Updates"
    assert (body["tell"], body["witness"], body["entries"]) == (None, "action", 2)
    assert bench.feed(SDN).burst_until == START + 2 * MINUTE + BURST
    (row,) = bench.rows(PUBLICATIONS, PUBLICATIONS.c.key == DESIGNATIONS.id)
    names = [each["name"]["last"] for each in decode(row.document)["entries"]]
    assert names == ["EXAMPLE", "EXAMPLE"]
    bench.verify()


@pytest.mark.parametrize(
    ("action", "reasons"),
    [
        (LICENSE, ["OFAC published an action", None]),
        (SETTLEMENT, [None, None]),
        (MISFILED, [None, "it names parties of OFAC's lists"]),
    ],
)
async def test_which_actions_are_told(
    bench: Bench, action: Action, reasons: list[str | None]
) -> None:
    await actions_so_far(bench)
    serve_actions(bench.source, action, OLD_ACTION)
    outcome = await bench.poll(ACTIONS)

    assert [each["tell"] for each in payloads(bench)] == reasons
    assert outcome.announced == any(reasons)
    assert (bench.feed(SDN).burst_until is not None) == any(reasons)


async def test_an_action_without_a_known_section_is_stored_without_entries(bench: Bench) -> None:
    await actions_so_far(bench)
    serve_actions(bench.source, LICENSE, OLD_ACTION)
    await bench.poll(ACTIONS)

    assert payloads(bench, "publication.body")[0]["entries"] == 0
    assert states(bench)[LICENSE.id] == "read"
    assert bench.open_incidents() == []


async def test_a_gap_in_the_listing_is_closed_by_its_second_page(bench: Bench) -> None:
    await actions_so_far(bench)
    serve_actions(bench.source, DESIGNATIONS)  # nothing on it is known
    await bench.poll(ACTIONS)

    assert bench.source.asked(ACTION_LISTING) >= 4, "both pages are read, twice"
    assert bench.open_incidents() == []


# --- bulletins: the body stands in the listing -----------------------------------------------------------------------


@on_both
async def test_a_bulletin_and_its_body_are_put_on_record_in_one_poll(bench: Bench) -> None:
    await bulletins_so_far(bench)
    serve_bulletins(bench.source, SANCTIONS_BULLETIN, *OLD_BULLETINS)
    outcome = await bench.poll(BULLETINS)

    assert (outcome.new, outcome.announced) == (1, True)
    listed, body = bench.events("publication")
    assert (listed.kind, body.kind) == ("publication.listed", "publication.body")
    assert listed.payload["tell"] == "its title says 'Sanctions'"
    assert (body.payload["tell"], body.payload["action"]) == (None, ACTION_OF_TODAY)
    assert states(bench)["101"] == "read"
    asked = {request.path for request in bench.source.requests}
    assert asked == {TOPIC, OTHER_TOPIC}, "no page of its own is asked for"
    bench.verify()


async def test_the_first_reading_of_bulletins_stores_no_bodies(bench: Bench) -> None:
    await bulletins_so_far(bench)
    await bench.poll(BULLETINS)

    assert set(states(bench).values()) == {"not needed"}
    assert bench.events() == []


async def test_a_bulletin_is_told_by_its_body_too(bench: Bench) -> None:
    await bulletins_so_far(bench)
    quiet_title = Bulletin(101, "Operation Example Closes an Exchange", SANCTIONS_BULLETIN.text)
    serve_bulletins(bench.source, quiet_title, *OLD_BULLETINS)
    outcome = await bench.poll(BULLETINS)

    assert outcome.announced
    assert [each["tell"] for each in payloads(bench)] == [
        None,
        "it links to OFAC's action of the day",
    ]
    assert bench.feed(SDN).burst_until == START + 2 * MINUTE + BURST


async def test_a_bulletin_whose_text_comes_later_is_read_then(bench: Bench) -> None:
    await bulletins_so_far(bench)
    empty = Bulletin(101, SANCTIONS_BULLETIN.title, "")
    serve_bulletins(bench.source, empty, *OLD_BULLETINS)
    await bench.poll(BULLETINS)
    assert states(bench)["101"] == "pending"
    serve_bulletins(bench.source, SANCTIONS_BULLETIN, *OLD_BULLETINS)
    await bench.poll(BULLETINS)

    assert states(bench)["101"] == "read"
    assert bench.open_incidents() == []


async def test_a_corrected_bulletin_is_found_in_the_listing(bench: Bench) -> None:
    await bulletins_so_far(bench)
    serve_bulletins(bench.source, SANCTIONS_BULLETIN, *OLD_BULLETINS)
    await bench.poll(BULLETINS)
    corrected = Bulletin(101, SANCTIONS_BULLETIN.title, "<p>WASHINGTON. Today, corrected.</p>")
    serve_bulletins(bench.source, corrected, *OLD_BULLETINS)
    outcome = await bench.poll(BULLETINS)

    assert not outcome.announced
    (event,) = payloads(bench, "publication.corrected")
    assert event["changed"] == ["text", "links"]
    bench.verify()


async def test_the_other_topic_is_read_with_every_poll_and_asked_only_for_what_is_new(
    bench: Bench,
) -> None:
    await bulletins_so_far(bench)
    for _ in range(3):
        # A poll may come a tenth earlier than its interval.
        await bench.poll(BULLETINS, after=FIVE_MINUTES * 0.92)

    asked = [request for request in bench.source.requests if request.path == OTHER_TOPIC]
    assert len(asked) == 4
    assert all(request.headers["If-None-Match"] for request in asked[1:])


async def test_a_gap_that_no_page_can_close_is_over_when_the_listing_joins_again(
    bench: Bench,
) -> None:
    await bulletins_so_far(bench)
    others = [Bulletin(each.number + 300, each.title) for each in OLD_BULLETINS]
    bench.source.serve(TOPIC, topic(*others), content_type="application/rss+xml")
    await bench.poll(BULLETINS)
    assert bench.open_incidents() == [("gap", BULLETINS)]
    await bench.poll(BULLETINS, after=FIVE_MINUTES)

    assert bench.open_incidents() == []


# --- the topic that repeats actions ---------------------------------------------------------------------------------


ACTION_BULLETIN = Bulletin(2000, "Counter Terrorism Designations", SANCTIONS_BULLETIN.text)


async def an_action_by_mail(bench: Bench) -> PollOutcome:
    serve_bulletins(bench.source, *OLD_BULLETINS, others=[ACTION_BULLETIN])
    return await bench.poll(BULLETINS, after=FIVE_MINUTES)


async def test_an_action_by_mail_is_not_told_while_the_actions_are_read(bench: Bench) -> None:
    await bulletins_so_far(bench)
    await actions_so_far(bench)
    outcome = await an_action_by_mail(bench)

    assert (outcome.new, outcome.announced) == (1, False)
    assert [each["tell"] for each in payloads(bench)] == [None, None]
    assert states(bench)["2000"] == "read"


@pytest.mark.parametrize("why", ["they fail", "they are not watched", "they were read long ago"])
async def test_an_action_by_mail_is_told_while_the_actions_cannot_be_read(
    bench: Bench, why: str
) -> None:
    await bulletins_so_far(bench)
    if why != "they are not watched":
        await actions_so_far(bench)
    if why == "they fail":
        bench.source.misbehave(ACTION_LISTING, Status(403))
        await bench.poll(ACTIONS)
    if why == "they were read long ago":
        bench.clock.move(timedelta(hours=2))
    outcome = await an_action_by_mail(bench)

    assert outcome.announced
    assert payloads(bench)[0]["tell"] == "its title says 'Designations'"


# --- notices --------------------------------------------------------------------------------------------------------


async def notices_so_far(bench: Bench) -> None:
    serve_documents(bench.source, "2026-20001")
    assert (await bench.poll(NOTICES)).result == "baseline"


async def test_a_legal_notice_is_stored_with_its_text_and_tells_nobody_by_itself(
    bench: Bench,
) -> None:
    await notices_so_far(bench)
    serve_documents(bench.source, "2026-20215", "2026-20001")
    text = notice_text("2026-20215", "EXAMPLE, Jane; DOB 1988 (individual) [SDGT].")
    bench.source.serve(text_path("2026-20215"), text, content_type="text/html")
    outcome = await bench.poll(NOTICES, after=timedelta(hours=1))

    assert (outcome.new, outcome.announced) == (1, False)
    listed, body = payloads(bench)
    assert [(each["tell"], each["witness"]) for each in (listed, body)] == [(None, "notice")] * 2
    assert body["entries"] == 1
    assert "/documents/2026/11/24/2026-20215/" in body["url"], "people are led to its own page"
    assert bench.feed(SDN).burst_until is None
    assert {request.path for request in bench.source.requests} == {
        DOCUMENTS,
        text_path("2026-20215"),
    }, "nothing else is asked for, and nothing of the first reading"


async def test_a_notice_whose_text_is_missing_is_asked_for_again_and_told_as_an_incident(
    bench: Bench,
) -> None:
    await notices_so_far(bench)
    serve_documents(bench.source, "2026-20215", "2026-20001")
    for _ in range(6):
        await bench.poll(NOTICES, after=timedelta(hours=1))
    assert states(bench)["2026-20215"] == "pending"
    assert bench.open_incidents() == []
    await bench.poll(NOTICES, after=timedelta(hours=1))
    assert bench.open_incidents() == [("not_built", f"{NOTICES} 2026-20215")]

    bench.source.serve(text_path("2026-20215"), notice_text("2026-20215"), content_type="text/html")
    await bench.poll(NOTICES, after=timedelta(hours=1))

    assert states(bench)["2026-20215"] == "read"
    assert bench.open_incidents() == []


# --- corrections ----------------------------------------------------------------------------------------------------


@on_both
async def test_a_release_is_read_again_daily_for_a_week(bench: Bench) -> None:
    await a_release(bench)
    for day in range(1, 10):
        await bench.poll(RELEASES, after=DAY)
        assert bench.source.asked(SANCTIONS.path) == 1 + min(day, 7)
    assert [event.kind for event in bench.events("publication")] == [
        "publication.listed",
        "publication.body",
    ]
    bench.verify()


async def test_a_corrected_release_is_an_event_with_what_changed(bench: Bench) -> None:
    await a_release(bench)
    bench.source.serve(
        SANCTIONS.path, release_page(SANCTIONS, ACTION_OF_TODAY), content_type="text/html"
    )
    outcome = await bench.poll(RELEASES, after=DAY)

    assert not outcome.announced, "a correction wakes nobody"
    (event,) = payloads(bench, "publication.corrected")
    assert event["changed"] == ["text", "links"]
    assert (event["tell"], event["action"]) == (None, ACTION_OF_TODAY)
    assert len(bench.rows(PUBLICATION_REVISIONS, PUBLICATION_REVISIONS.c.key == SANCTIONS.id)) == 3
    bench.verify()


async def test_a_corrected_action_says_that_its_entries_changed(bench: Bench) -> None:
    await actions_so_far(bench)
    serve_actions(bench.source, DESIGNATIONS, OLD_ACTION)
    await bench.poll(ACTIONS)
    more = ADDED.replace("1970", "1971") + "<p>EXAMPLE, Joe; DOB 1972 (individual) [SDGT].</p>"
    serve_action(bench.source, Action(DESIGNATIONS.id, DESIGNATIONS.title, body=more))
    await bench.poll(ACTIONS, after=DAY)

    (event,) = payloads(bench, "publication.corrected")
    assert (event["changed"], event["entries"]) == (["text", "entries"], 3)


@pytest.mark.parametrize("is_there", [False, True])
async def test_a_page_that_cannot_be_read_again_leaves_what_was_read(
    bench: Bench, is_there: bool
) -> None:
    await a_release(bench)
    if is_there:
        bench.source.serve(SANCTIONS.path, "<!doctype html><html>Soon</html>")
    else:
        bench.source.misbehave(SANCTIONS.path, Status(404))
    await bench.poll(RELEASES, after=DAY)
    await bench.poll(RELEASES, after=timedelta(hours=12))
    assert bench.open_incidents() == []
    assert states(bench)[SANCTIONS.id] == "read"
    assert bench.source.asked(SANCTIONS.path) == 2, "it is left until the next day"
    await bench.poll(RELEASES, after=DAY)

    assert bench.source.asked(SANCTIONS.path) == 3
    assert bench.events("publication.corrected") == []


async def a_release(bench: Bench) -> None:
    serve_listing(bench.source, *BEFORE)
    serve_files(bench.source, *BEFORE, OLD, OLDER)
    await bench.poll(RELEASES)
    serve_listing(bench.source, SANCTIONS, *BEFORE)
    bench.source.serve(SANCTIONS.path, release_page(SANCTIONS), content_type="text/html")
    await bench.poll(RELEASES)
    assert states(bench)[SANCTIONS.id] == "read"
