"""OFAC's recent actions: rows, action pages, and everything that must not pass for "no news"."""

from pathlib import Path

import pytest

from feeds.base import Alias, Body, Entry, Name, Page, Publication, Reading
from feeds.errors import (
    CountMismatch,
    EmptyListing,
    FeedError,
    NotTheFeed,
    RepeatedKey,
    UnexpectedShape,
)
from feeds.ofac_recent_actions import FEED, read, read_body

FIXTURES = Path(__file__).parent / "fixtures" / "ofac_recent_actions"
LOOPBACK = "http://127.0.0.1:9999/recent-actions"


def text(name: str) -> str:
    return (FIXTURES / name).read_text(encoding="utf-8")


def read_listing(body: str | bytes, url: str = FEED.url, kind: str = "listing") -> Reading:
    return read(Page(kind, url, body.encode() if isinstance(body, str) else body))


def read_action(body: str | bytes) -> Body:
    return read_body(
        Page("body", f"{FEED.url}/20241216", body.encode() if isinstance(body, str) else body)
    )


# --- the listing ----------------------------------------------------------------------------------------------------


def test_a_row_is_a_publication_with_its_category() -> None:
    first, second, third, fourth = read_listing(text("listing.html")).publications

    assert first == Publication(
        key="20241216",
        title="North Korea Designations; Russia-related Designations",
        url="https://ofac.treasury.gov/recent-actions/20241216",
        date="2024-12-16",
        stated="December 16, 2024",
        category="Sanctions List Updates",
    )
    assert (second.key, second.date, second.category) == (
        "20241216_33",
        "2024-12-16",
        "General Licenses",
    )
    assert third.category == "Enforcement Actions"
    assert (fourth.key, fourth.date, fourth.url) == (
        "node/970956",
        "2024-12-09",
        "https://ofac.treasury.gov/node/970956",
    )


def test_the_second_page_is_read_like_the_first() -> None:
    reading = read_listing(text("second-page.html"), kind="second-page")

    assert [each.key for each in reading.publications] == ["20241205", "20241204"]


def test_the_digits_of_the_address_are_the_day() -> None:
    page = text("listing.html").replace("December 10, 2024", "December 11, 2024")

    third = read_listing(page).publications[2]

    assert (third.date, third.stated) == ("2024-12-10", "December 11, 2024")


def test_on_loopback_addresses_lead_to_loopback() -> None:
    first = read_listing(text("listing.html"), LOOPBACK).publications[0]

    assert first.url == "http://127.0.0.1:9999/recent-actions/20241216"


def test_a_listing_without_rows_is_empty() -> None:
    page = text("listing.html").replace("search-result", "another")

    with pytest.raises(EmptyListing):
        read_listing(page)


def test_a_page_without_rows_and_markers_has_another_shape() -> None:
    with pytest.raises(UnexpectedShape, match="search-result"):
        read_listing("<html><body><p>Welcome</p></body></html>")


@pytest.mark.parametrize("said", ["1 - 3 of 2,345", "1 - 10 of 2,345"])
def test_a_count_that_is_not_the_number_of_rows_is_refused(said: str) -> None:
    with pytest.raises(CountMismatch):
        read_listing(text("listing.html").replace("1 - 4 of 2,345", said))


def test_a_listing_may_say_no_count() -> None:
    page = text("listing.html").replace("Displaying 1 - 4 of 2,345 results.", "")

    assert len(read_listing(page).publications) == 4


@pytest.mark.parametrize(
    ("old", "new", "missing"),
    [
        ("Settlement Agreement with an Example Company", "", "title"),
        ('<a href="/recent-actions/20241210">', "<a>", "href"),
        ("December 10, 2024", "lately", "a day in words"),
        ("December 10, 2024", "Decembre 10, 2024", "a day in words"),
    ],
)
def test_a_row_that_lacks_something_spoils_the_page(old: str, new: str, missing: str) -> None:
    page = text("listing.html")
    assert page.count(old) == 1

    with pytest.raises(UnexpectedShape, match=missing):
        read_listing(page.replace(old, new))


@pytest.mark.parametrize(
    "href",
    [
        "https://ofac.example.org/recent-actions/20241210",
        "http://ofac.treasury.gov/recent-actions/20241210",
        "/media/931961/download",
        "/recent-actions/",
    ],
)
def test_a_row_that_leads_elsewhere_is_dropped(href: str) -> None:
    reading = read_listing(text("listing.html").replace("/recent-actions/20241210", href))

    assert len(reading.publications) == 3
    assert [dropped.reason for dropped in reading.dropped] == ["foreign_url"]


def test_two_rows_with_one_key_are_refused() -> None:
    with pytest.raises(RepeatedKey):
        read_listing(text("listing.html").replace("/recent-actions/20241210", "/recent-actions/20241216/"))  # fmt: skip


def test_a_firewalls_page_is_no_listing() -> None:
    with pytest.raises(NotTheFeed):
        read_listing("<html><body><p>Access denied</p></body></html>")


# --- an action's page -----------------------------------------------------------------------------------------------


def test_an_action_names_its_parties_in_sections() -> None:
    body = read_action(text("body.html"))

    assert [(each.kind, each.name.last, each.type, each.list_name) for each in body.entries] == [
        ("added", "EXAMPLE", "individual", "SDN List"),
        ("added", "EXAMPLE", "individual", "SDN List"),
        ("added", "EXAMPLE BANK (EB)", "entity", "SDN List"),
        ("added", "EXAMPLE STAR", "vessel", "SDN List"),
        ("removed", "EXAMPLE", "individual", "SDN List"),
        ("changed", "EXAMPLE TRADING JSC", "entity", "SDN List"),
    ]
    assert body.entries[0] == Entry(
        kind="added",
        name=Name("EXAMPLE", "Jane"),
        type="individual",
        list_name="SDN List",
        programs=("DPRK4",),
        aliases=(
            Alias("제인", kind="Korean"),
            Alias("EXAMPLE", "Jenny", "aka", "strong"),
            Alias("JANE", "THE", "aka", "weak"),
        ),
        linked_to=("EXAMPLE BANK (EB)", "EXAMPLE GUARD"),
    )
    assert body.entries[2].programs == ("DPRK4", "CAATSA - RUSSIA")
    assert body.entries[5].before == "EXAMPLE TRADING LLC"


def test_the_release_is_the_first_of_its_links() -> None:
    assert read_action(text("body.html")).links == (
        "https://home.treasury.gov/news/press-releases/jy2751",
        "https://ofac.treasury.gov/media/933656/download?inline",
    )


def test_title_day_and_text_are_the_actions_own() -> None:
    body = read_action(text("body.html"))

    assert body.title == "North Korea Designations; Russia-related Designations"
    assert body.stated == "12/16/2024"
    assert "Recent Actions Body" not in body.text
    assert "FRAME" not in body.text
    assert body.text.startswith("The Office of Foreign Assets Control (OFAC) is issuing")


def test_the_title_may_stand_in_the_head_alone() -> None:
    page = text("body.html").replace('<h1 class="uswds-page-title">', "<h1>")

    assert read_action(page).title == "North Korea Designations; Russia-related Designations"


def test_an_action_without_a_known_section_has_no_entries() -> None:
    page = text("body.html").replace("following", "subsequent")

    body = read_action(page)

    assert body.entries == ()
    assert "EXAMPLE" in body.text


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("node--type-ofac-recent-action", "node--type-page", "an article"),
        ("field--name-field-body", "field--name-body", "a body"),
    ],
)
def test_an_action_that_lacks_something_is_another_shape(old: str, new: str, expected: str) -> None:
    with pytest.raises(UnexpectedShape, match=expected):
        read_action(text("body.html").replace(old, new))


def test_an_action_without_a_title_is_another_shape() -> None:
    page = text("body.html").replace("uswds-page-title", "x").replace(" | Office of", " of")

    with pytest.raises(UnexpectedShape, match="a title"):
        read_action(page)


def test_a_firewalls_page_is_no_action() -> None:
    with pytest.raises(NotTheFeed):
        read_action("<html><body><p>Access denied</p></body></html>")


# --- pages as they were described, where they are present -----------------------------------------------------------


@pytest.fixture
def real(shared_data: Path) -> Path:
    return shared_data / "treasury"


def test_the_rebuilt_listing_is_read(real: Path) -> None:
    reading = read_listing((real / "recent_actions_listing_REBUILT.html").read_bytes())

    assert [each.key for each in reading.publications] == [
        "20260917",
        "20260521",
        "20260408",
        "20260309",
        "20221230_33",
        "node/970956",
    ]
    assert reading.dropped == ()


def test_the_rebuilt_action_is_read(real: Path) -> None:
    body = read_action((real / "recent_action_page_REBUILT.html").read_bytes())

    first, second = body.entries
    assert (first.kind, first.name) == ("added", Name("MAGOMEDOV", "Khadzhi Murat Dalgatovich"))
    assert (second.kind, second.name, second.before) == ("changed", Name("LAZARUS GROUP"), "")
    assert body.links == ("https://home.treasury.gov/news/press-releases/jy2735",)
    assert body.stated == "12/04/2024"


@pytest.mark.parametrize(
    "name", ["listing_drupal_2024-12-16_REBUILT.html", "release_jy2751_static_REBUILT.html"]
)
def test_another_page_of_the_treasury_is_no_listing(real: Path, name: str) -> None:
    with pytest.raises(FeedError):
        read_listing((real / name).read_bytes())
