"""Pages of a stream that fail, lead astray or are not there yet: each is its own incident, and the others are read."""

from datetime import timedelta

import pytest

import feeds
from tests.poller.bench import LISTING, RELEASES, Bench, on_both
from tests.poller.pages import (
    ACTION_OF_TODAY,
    BEFORE,
    DISRUPTION,
    MANIFEST,
    OLD,
    OLDER,
    SANCTIONS,
    THIS_YEAR,
    Release,
    listing,
    manifest,
    serve_files,
    serve_listing,
    serve_page,
    shard,
)
from tests.poller.test_stream import first_reading, known, poll
from tests.servers import Challenge, Status

LISTING_FAILS = f"{RELEASES}/listing"
FILE_FAILS = f"{RELEASES}/2026.json"
ELSEWHERE = Release("", "A row that leads elsewhere")
TEN_MINUTES = timedelta(minutes=10)


# --- the listing


async def test_a_blocked_listing_is_an_incident_after_three(bench: Bench) -> None:
    await first_reading(bench)
    bench.source.misbehave(LISTING, Status(403, retry_after="300"))
    for failures in (1, 2):
        outcome = await poll(bench)
        assert (outcome.result, outcome.reason) == ("failed", "blocked")
        assert (outcome.failures, outcome.retry_after) == (failures, timedelta(minutes=5))
        assert bench.open_incidents() == []
    await poll(bench)

    assert bench.open_incidents() == [("blocked", LISTING_FAILS)]
    assert [event.subject for event in bench.events("poll.failed")] == [LISTING_FAILS] * 3


EMPTY = listing()
RESHAPED = "<!doctype html><html><body><div class=cards><a href=/x>News</a></div></body></html>"
UNDATED = listing(*BEFORE).replace("T10:30:00Z", " of late")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (EMPTY, "empty_listing"),
        (RESHAPED, "shape_changed"),
        (UNDATED, "shape_changed"),
        (listing(*BEFORE)[:-30], "truncated"),
        ('{"items": []}', "unexpected_content"),
    ],
)
async def test_a_listing_that_is_not_what_it_was_is_an_incident_at_once(
    bench: Bench, content: str, reason: str
) -> None:
    await first_reading(bench)
    before = known(bench)
    bench.source.serve(LISTING, content, content_type="text/html")
    outcome = await poll(bench)

    assert (outcome.result, outcome.reason) == ("failed", reason)
    assert bench.open_incidents() == [(reason, LISTING_FAILS)]
    assert "Treasury press releases (listing) cannot be read" in bench.incident(reason).summary
    assert known(bench) == before
    serve_listing(bench.source, *BEFORE)
    await poll(bench)
    assert bench.open_incidents() == []


async def test_a_challenge_page_is_never_no_news(bench: Bench) -> None:
    await first_reading(bench)
    bench.source.misbehave(LISTING, Challenge())
    outcome = await poll(bench)

    assert outcome.result == "failed"
    assert outcome.reason in ("blocked", "unexpected_content")


async def test_while_the_listing_is_blocked_the_files_bring_news(bench: Bench) -> None:
    await first_reading(bench)
    bench.source.misbehave(LISTING, Status(403))
    serve_files(bench.source, SANCTIONS, *BEFORE, OLD, OLDER)
    outcome = await poll(bench, after=TEN_MINUTES)

    assert (outcome.result, outcome.new, outcome.announced) == ("failed", 1, True)
    assert bench.events("publication.listed")[0].payload["tell"]


# --- a row that leads elsewhere


async def test_a_foreign_address_is_dropped_with_an_incident_and_the_others_are_taken(
    bench: Bench,
) -> None:
    await first_reading(bench)
    serve_listing(bench.source, ELSEWHERE, SANCTIONS, *BEFORE)
    outcome = await poll(bench)

    assert (outcome.result, outcome.new) == ("listed", 1)
    assert "sb0900" in known(bench)
    incident = bench.incident("foreign_url")
    assert "example.org/news" in incident.detail
    assert "The other items were taken" in incident.detail
    assert incident.what_to_do.endswith("#foreign_url")
    await poll(bench)
    assert len(bench.open_incidents()) == 1, "a page that is not modified still holds it"


async def test_it_is_over_once_the_page_lists_it_no_longer(bench: Bench) -> None:
    await first_reading(bench)
    serve_listing(bench.source, ELSEWHERE, *BEFORE)
    await poll(bench)
    serve_files(bench.source, *BEFORE, OLD, OLDER)
    await poll(bench, after=TEN_MINUTES)
    assert len(bench.open_incidents()) == 1, "another page says nothing of it"
    serve_listing(bench.source, *BEFORE)
    await poll(bench)

    assert bench.open_incidents() == []


# --- a gap


async def test_a_gap_asks_for_the_files_at_once(bench: Bench) -> None:
    await first_reading(bench)
    serve_listing(bench.source, DISRUPTION)  # nothing on it is known
    serve_files(bench.source, DISRUPTION, SANCTIONS, *BEFORE, OLD, OLDER)
    outcome = await poll(bench)

    assert bench.source.asked(MANIFEST) == 2
    assert outcome.new == 2
    assert {"sb0900", "sb0901"} <= known(bench).keys()
    assert bench.open_incidents() == []


@on_both
async def test_a_gap_that_nothing_closes_is_an_incident_until_the_files_are_read(
    bench: Bench,
) -> None:
    await first_reading(bench)
    serve_listing(bench.source, DISRUPTION)
    bench.source.misbehave(MANIFEST, Status(503))
    await poll(bench)
    assert bench.open_incidents() == [("gap", RELEASES)]
    await poll(bench)
    assert bench.open_incidents() == [("gap", RELEASES)], "a later quiet listing closes no gap"
    serve_files(bench.source, DISRUPTION, SANCTIONS, *BEFORE, OLD, OLDER)
    outcome = await poll(bench)

    assert outcome.new == 1
    assert bench.open_incidents() == []


async def test_a_gap_stays_open_while_one_of_the_files_fails(bench: Bench) -> None:
    await first_reading(bench)
    serve_listing(bench.source, DISRUPTION)
    bench.source.misbehave(THIS_YEAR, Status(503), times=1)
    await poll(bench)
    assert bench.open_incidents() == [("gap", RELEASES)]
    await poll(bench)
    assert bench.open_incidents() == []


# --- a file


async def test_a_file_that_fails_does_not_fail_the_listing(bench: Bench) -> None:
    await first_reading(bench)
    bench.source.misbehave(THIS_YEAR, Status(503))
    serve_listing(bench.source, SANCTIONS, *BEFORE)
    for _ in range(6):
        outcome = await poll(bench, after=TEN_MINUTES)
        assert (outcome.result, bench.feed(RELEASES).failures) == ("listed", 0)
        assert [kind for kind, _ in bench.open_incidents()] in ([], ["not_built"])
    await poll(bench, after=TEN_MINUTES)

    assert ("server_error", FILE_FAILS) in bench.open_incidents()
    incident = bench.incident("server_error")
    assert incident.severity == "medium"
    assert "The other pages of this source are read as before" in incident.detail
    serve_files(bench.source, SANCTIONS, *BEFORE, OLD, OLDER)
    await poll(bench, after=TEN_MINUTES)
    assert ("server_error", FILE_FAILS) not in bench.open_incidents()


async def test_a_server_that_asks_to_wait_for_a_file_is_obeyed(bench: Bench) -> None:
    await first_reading(bench)
    bench.source.misbehave(MANIFEST, Status(503, retry_after="1800"), times=1)
    asked = bench.source.asked(MANIFEST)
    await poll(bench, after=TEN_MINUTES)
    for _ in range(2):
        outcome = await poll(bench, after=TEN_MINUTES)
        assert (outcome.result, outcome.retry_after) == ("listed", None), "the listing goes on"
        assert bench.source.asked(MANIFEST) == asked + 1
    await poll(bench, after=TEN_MINUTES)

    assert bench.source.asked(MANIFEST) == asked + 2


async def test_a_file_whose_count_is_wrong_is_an_incident_at_once(bench: Bench) -> None:
    await first_reading(bench)
    wrong = shard(SANCTIONS, *BEFORE).replace('"count": 3', '"count": 4')
    bench.source.serve(THIS_YEAR, wrong, content_type="application/json")
    outcome = await poll(bench, after=TEN_MINUTES)

    assert outcome.result == "listed"
    assert bench.open_incidents() == [("count_mismatch", FILE_FAILS)]
    assert "sb0900" not in known(bench)


async def test_a_file_of_a_year_that_has_just_begun_may_be_missing(bench: Bench) -> None:
    await first_reading(bench)
    young = manifest(this_year=3)
    bench.source.serve(MANIFEST, young, content_type="application/json")
    bench.source.forget(THIS_YEAR)
    outcome = await poll(bench, after=TEN_MINUTES)

    assert outcome.result == "listed"
    assert bench.open_incidents() == []
    assert bench.events("poll.failed") == []


# --- a release's own page


@on_both
async def test_a_page_that_is_not_built_yet_is_awaited(bench: Bench) -> None:
    retry = feeds.by_id(RELEASES).feed.body_retry  # type: ignore[union-attr]
    await first_reading(bench)
    serve_listing(bench.source, SANCTIONS, *BEFORE)
    await poll(bench)
    for attempts, wait in enumerate(retry, start=1):
        assert bench.source.asked(SANCTIONS.path) == attempts
        assert known(bench)["sb0900"] == "pending"
        assert bench.open_incidents() == []
        await poll(bench, after=wait - timedelta(seconds=1))
        assert bench.source.asked(SANCTIONS.path) == attempts, "it is not due yet"
        await poll(bench, after=timedelta(seconds=1))
    ((kind, subject),) = bench.open_incidents()
    assert (kind, subject) == ("not_built", f"{RELEASES} sb0900")
    assert SANCTIONS.title in bench.incident("not_built").summary

    serve_page(bench.source, SANCTIONS, ACTION_OF_TODAY)
    await poll(bench, after=timedelta(hours=1))
    assert known(bench)["sb0900"] == "read"
    assert bench.open_incidents() == []
    bench.verify()


async def test_a_page_of_another_shape_is_an_incident_at_once(bench: Bench) -> None:
    await first_reading(bench)
    serve_listing(bench.source, SANCTIONS, *BEFORE)
    bench.source.serve(
        SANCTIONS.path, "<!doctype html><html><body>Soon</body></html>", content_type="text/html"
    )
    await poll(bench)

    assert bench.open_incidents() == [("not_built", f"{RELEASES} sb0900")]
    assert known(bench)["sb0900"] == "pending"
    serve_page(bench.source, SANCTIONS)
    await poll(bench)
    assert bench.open_incidents() == []


async def test_a_server_that_asks_to_wait_for_a_page_is_obeyed(bench: Bench) -> None:
    await first_reading(bench)
    serve_listing(bench.source, SANCTIONS, *BEFORE)
    bench.source.misbehave(SANCTIONS.path, Status(429, retry_after="600"))
    await poll(bench)
    await poll(bench, after=timedelta(minutes=9))
    assert bench.source.asked(SANCTIONS.path) == 1
    await poll(bench)
    assert bench.source.asked(SANCTIONS.path) == 2
