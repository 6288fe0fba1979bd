"""One poll of the press releases: quiet at first, then told at once by title, or by what the release's own page links to."""

from datetime import timedelta

import pytest

from monitor.core.news import BURST
from monitor.poller import PollOutcome
from monitor.store.tables import PUBLICATION_REVISIONS, PUBLICATIONS
from tests.poller.bench import LISTING, MINUTE, RELEASES, SDN, START, Bench, on_both
from tests.poller.pages import (
    ACTION_OF_TODAY,
    AUCTION,
    BEFORE,
    DISRUPTION,
    LAST_YEAR,
    MANIFEST,
    OLD,
    OLDER,
    READOUT,
    SANCTIONS,
    THIS_YEAR,
    Release,
    listing,
    serve_files,
    serve_listing,
    serve_page,
)
from tests.servers import Status


async def poll(bench: Bench, **how: timedelta) -> PollOutcome:
    return await bench.poll(RELEASES, **how)


async def first_reading(bench: Bench) -> None:
    """What was published before we looked is on record."""
    serve_listing(bench.source, *BEFORE)
    serve_files(bench.source, *BEFORE, OLD, OLDER)
    assert (await poll(bench)).result == "baseline"


def known(bench: Bench) -> dict[str, str]:
    """The state of every release's body, by its id."""
    return {row.key: row.body_state for row in bench.rows(PUBLICATIONS)}


# --- the first reading


@on_both
async def test_the_first_reading_is_quiet_over_all_its_pages(bench: Bench) -> None:
    serve_listing(bench.source, SANCTIONS, *BEFORE)
    serve_files(bench.source, *BEFORE, OLD, OLDER)
    outcome = await poll(bench)

    assert (outcome.result, outcome.new, outcome.announced) == ("baseline", 0, False)
    assert known(bench) == dict.fromkeys(
        ("sb0100", "sb0500", "sb0889", "sb0890", "sb0900"), "not needed"
    )
    assert bench.events() == []
    assert bench.source.asked(SANCTIONS.path) == 0
    assert bench.feed(SDN).burst_until is None
    assert bench.feed(RELEASES).first_read_at == START + MINUTE


async def test_a_yearly_file_that_could_be_read_only_later_belongs_to_the_first_reading(
    bench: Bench,
) -> None:
    serve_listing(bench.source, *BEFORE)
    serve_files(bench.source, *BEFORE, OLD, OLDER)
    bench.source.misbehave(LAST_YEAR, Status(503), times=1)
    assert (await poll(bench)).result == "baseline"
    outcome = await poll(bench, after=timedelta(minutes=10))

    assert outcome.new == 0
    assert "sb0100" in known(bench)
    assert bench.events("publication") == []


async def test_a_first_reading_by_a_clock_that_was_ahead_silences_nothing(bench: Bench) -> None:
    serve_listing(bench.source, *BEFORE)
    serve_files(bench.source, *BEFORE, OLD, OLDER)
    await poll(bench, after=timedelta(days=3))
    serve_listing(bench.source, SANCTIONS, *BEFORE)

    assert (await poll(bench)).announced


async def test_a_listing_that_fails_leaves_the_first_reading_to_the_next_poll(bench: Bench) -> None:
    serve_files(bench.source, *BEFORE, OLD)
    bench.source.misbehave(LISTING, Status(503), times=1)
    serve_files(bench.source, *BEFORE, OLD)
    assert (await poll(bench)).result == "failed"
    serve_listing(bench.source, SANCTIONS, *BEFORE)
    assert (await poll(bench)).result == "baseline"
    assert bench.events("publication") == []


# --- news


@on_both
async def test_a_sanctions_title_is_told_at_once_and_wakes_the_lists(bench: Bench) -> None:
    await first_reading(bench)
    serve_listing(bench.source, SANCTIONS, *BEFORE)
    outcome = await poll(bench)

    assert (outcome.result, outcome.new, outcome.announced) == ("listed", 1, True)
    assert outcome.sentence == "Treasury press releases: 1 new"
    event = bench.events()[-1]
    assert (event.kind, event.feed, event.subject) == ("publication.listed", RELEASES, "sb0900")
    assert event.payload["tell"] == "its title says 'Sanctions'"
    assert event.payload["title"] == SANCTIONS.title
    assert event.payload["url"] == bench.source.url + SANCTIONS.path
    assert (event.payload["date"], event.payload["stated"]) == (
        "2026-11-24",
        "2026-11-24T10:30:00Z",
    )
    assert event.payload["first_seen"] == "2026-11-24T12:02:00.000000Z"
    assert event.payload["not_before"] == "2026-11-24T12:01:00.000000Z"
    assert bench.feed(SDN).burst_until == START + 2 * MINUTE + BURST
    bench.verify()


async def test_any_other_release_is_stored_and_not_told(bench: Bench) -> None:
    await first_reading(bench)
    serve_listing(bench.source, DISRUPTION, *BEFORE)
    serve_page(bench.source, DISRUPTION, "https://ofac.treasury.gov/recent-actions/20240101")
    outcome = await poll(bench)

    assert (outcome.new, outcome.announced) == (1, False)
    listed, body = bench.events("publication")
    assert (listed.kind, listed.payload["tell"]) == ("publication.listed", None)
    assert (body.kind, body.payload["tell"], body.payload["action"]) == (
        "publication.body",
        None,
        None,
    )
    assert bench.feed(SDN).burst_until is None


@on_both
async def test_a_body_that_links_to_the_action_of_the_day_is_told(bench: Bench) -> None:
    await first_reading(bench)
    serve_listing(bench.source, DISRUPTION, *BEFORE)
    serve_page(bench.source, DISRUPTION, ACTION_OF_TODAY)
    outcome = await poll(bench)

    assert outcome.announced
    listed, body = bench.events("publication")
    assert listed.payload["tell"] is None
    assert body.payload["tell"] == "it links to OFAC's action of the day"
    assert body.payload["action"] == ACTION_OF_TODAY
    assert bench.feed(SDN).burst_until == START + 2 * MINUTE + BURST
    assert known(bench)["sb0901"] == "read"
    first, second = bench.rows(PUBLICATION_REVISIONS, PUBLICATION_REVISIONS.c.key == "sb0901")
    assert first.digest != second.digest
    bench.verify()


async def test_what_was_told_by_its_title_is_not_told_again_by_its_body(bench: Bench) -> None:
    await first_reading(bench)
    serve_listing(bench.source, SANCTIONS, *BEFORE)
    serve_page(bench.source, SANCTIONS, ACTION_OF_TODAY)
    await poll(bench)

    listed, body = bench.events("publication")
    assert listed.payload["tell"]
    assert (body.payload["tell"], body.payload["action"]) == (None, ACTION_OF_TODAY)


async def test_a_release_is_news_once(bench: Bench) -> None:
    """It stands in the listing and in the year's file, with another title's white space and another time of day."""
    await first_reading(bench)
    serve_listing(bench.source, SANCTIONS, *BEFORE)
    serve_page(bench.source, SANCTIONS)
    await poll(bench)
    serve_files(bench.source, SANCTIONS, *BEFORE, OLD, OLDER)
    await poll(bench, after=timedelta(minutes=10))
    await poll(bench)

    assert [event.kind for event in bench.events()] == ["publication.listed", "publication.body"]
    assert bench.source.asked(SANCTIONS.path) == 1


async def test_the_year_s_file_alone_brings_news_too(bench: Bench) -> None:
    await first_reading(bench)
    serve_files(bench.source, SANCTIONS, *BEFORE, OLD, OLDER)
    outcome = await poll(bench, after=timedelta(minutes=10))

    assert (outcome.new, outcome.announced) == (1, True)


async def test_several_new_releases_are_announced_oldest_first(bench: Bench) -> None:
    await first_reading(bench)
    serve_listing(bench.source, DISRUPTION, SANCTIONS, *BEFORE)
    await poll(bench)

    assert [event.subject for event in bench.events("publication.listed")] == ["sb0900", "sb0901"]


@pytest.mark.parametrize(
    "release",
    [
        Release("js3012", "Treasury Designates a Charity of Long Ago"),
        Release("sb0700", "Treasury Sanctions of Weeks Ago", "2026-11-03"),
    ],
)
async def test_old_paper_that_comes_back_is_stored_silently(bench: Bench, release: Release) -> None:
    await first_reading(bench)
    serve_listing(bench.source, release, *BEFORE)
    outcome = await poll(bench)

    assert not outcome.announced
    assert release.id in known(bench)
    assert [event.payload["tell"] for event in bench.events("publication.listed")] in ([None], [])
    assert bench.feed(SDN).burst_until is None


# --- what is missing, and what is the same


async def test_an_older_listing_changes_nothing(bench: Bench) -> None:
    await first_reading(bench)
    serve_listing(bench.source, SANCTIONS, *BEFORE)
    serve_page(bench.source, SANCTIONS)
    await poll(bench)
    before, events = known(bench), bench.events()
    serve_listing(bench.source, READOUT)
    outcome = await poll(bench)
    assert (outcome.result, outcome.new) == ("listed", 0)
    serve_listing(bench.source, SANCTIONS, *BEFORE)
    await poll(bench)

    assert (known(bench), bench.events()) == (before, events)


async def test_a_listing_that_is_not_modified_is_good(bench: Bench) -> None:
    await first_reading(bench)
    bench.source.misbehave(LISTING, Status(503), times=3)
    for _ in range(3):
        await poll(bench)
    assert bench.open_incidents() == [("server_error", f"{RELEASES}/listing")]
    outcome = await poll(bench)

    asked = [request for request in bench.source.requests if request.path == LISTING][-1]
    assert asked.headers["If-None-Match"]
    assert (outcome.result, outcome.sentence) == ("listed", "Treasury press releases: nothing new")
    assert bench.open_incidents() == []
    assert bench.feed(RELEASES).failures == 0


async def test_a_manifest_that_is_the_same_still_leads_to_its_files(bench: Bench) -> None:
    """The files change while the manifest that names them does not: it is asked for whole."""
    await first_reading(bench)
    await poll(bench)
    assert bench.source.asked(MANIFEST) == 1
    await poll(bench, after=timedelta(minutes=10))

    asked = [request for request in bench.source.requests if request.path == MANIFEST]
    assert len(asked) == 2
    assert "If-None-Match" not in asked[-1].headers
    assert bench.source.asked(THIS_YEAR) == bench.source.asked(LAST_YEAR) == 2
    files = [request for request in bench.source.requests if request.path == THIS_YEAR]
    assert files[-1].headers["If-None-Match"], "a file itself is asked for only if it is another"


async def test_a_saved_listing_goes_through_the_same_line(bench: Bench) -> None:
    await first_reading(bench)
    bench.clock.move(MINUTE)
    outcome = bench.poller.streams.take(
        bench.releases,  # type: ignore[arg-type]
        "listing",
        bench.source.url + LISTING,
        listing(SANCTIONS, AUCTION).encode(),
        bench.clock.now(),
    )

    assert (outcome.result, outcome.new, outcome.announced) == ("listed", 1, True)
    assert bench.events()[-1].payload["tell"]
