"""The Treasury's press releases: both eras of the site, and everything that must not pass for "no news"."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest

from feeds.base import Body, Follow, Page, Publication, Reading
from feeds.errors import (
    CountMismatch,
    EmptyListing,
    FeedError,
    NotTheFeed,
    RepeatedKey,
    Truncated,
    UnexpectedShape,
)
from feeds.treasury_press_releases import FEED, read, read_body

FIXTURES = Path(__file__).parent / "fixtures" / "treasury_press_releases"
LOOPBACK = "http://127.0.0.1:9999/news/press-releases"
SEED_TITLE = (
    "Treasury Sanctions Key Facilitators Behind North Korea’s Illicit Financial Activities and "
    "Military Support to Russia"
)


def text(name: str) -> str:
    return (FIXTURES / name).read_text(encoding="utf-8")


def read_as(kind: str, body: str | bytes, url: str = FEED.url) -> Reading:
    return read(Page(kind, url, body.encode() if isinstance(body, str) else body))


def read_release(body: str | bytes, url: str = FEED.url + "/jy2751") -> Body:
    return read_body(Page("body", url, body.encode() if isinstance(body, str) else body))


def keys(reading: Reading) -> list[str]:
    return [publication.key for publication in reading.publications]


def a_shard(*items: dict[str, Any], **members: Any) -> str:
    shard = {"category": "press-releases", "count": len(items), "items": list(items)}
    return json.dumps({**shard, **members})


def an_item(id: str = "sb0632", **members: Any) -> dict[str, Any]:
    item = {
        "title": "A release",
        "url": f"/news/press-releases/{id}/",
        "date": "2026-09-17",
        "datetime": "2026-09-17T18:00:00Z",
        "subcategory": {},
    }
    return {key: value for key, value in {**item, **members}.items() if value is not None}


# --- the listing ----------------------------------------------------------------------------------------------------


def test_a_row_of_the_static_site_is_a_publication() -> None:
    first, second, third = read_as("listing", text("listing.html")).publications

    assert first == Publication(
        key="jy2751",
        title=SEED_TITLE,
        url="https://home.treasury.gov/news/press-releases/jy2751",
        date="2024-12-16",
        stated="2024-12-16T10:30:00Z",
        category="",
        current=True,
    )
    assert (second.key, second.category) == ("jy2750", "Readouts")
    assert (third.key, third.category) == ("jy2743", "Statements & Remarks")


def test_both_eras_give_the_same_key_title_and_address() -> None:
    static = read_as("listing", text("listing.html")).publications
    drupal = read_as("listing", text("listing_drupal.html")).publications

    assert [(p.key, p.title, p.url) for p in drupal] == [
        (p.key, p.title, p.url) for p in static[:2]
    ]
    assert drupal[0].stated == "2024-12-16T15:30:00Z", "as the source states it"


def test_releases_in_the_menu_are_no_rows() -> None:
    assert "sb0367" in text("listing.html")
    assert keys(read_as("listing", text("listing.html"))) == ["jy2751", "jy2750", "jy2743"]
    assert keys(read_as("listing", text("listing_drupal.html"))) == ["jy2751", "jy2750"]


def test_on_loopback_addresses_lead_to_loopback() -> None:
    (first, *_) = read_as("listing", text("listing.html"), LOOPBACK).publications

    assert first.url == "http://127.0.0.1:9999/news/press-releases/jy2751"
    assert first.key == "jy2751"


def test_a_page_with_its_marker_and_no_row_is_an_empty_listing() -> None:
    page = text("listing.html").replace("featured-stories__headline", "headline")

    with pytest.raises(EmptyListing):
        read_as("listing", page)


def test_a_page_without_the_marker_has_another_shape() -> None:
    page = text("listing.html").replace("featured-stories content--2col", "x")
    page = page.replace("data-news-list ", "")

    with pytest.raises(UnexpectedShape, match="featured-stories or data-news-list"):
        read_as("listing", page)


@pytest.mark.parametrize("marker", ["featured-stories content--2col", "data-news-list "])
def test_either_marker_is_enough(marker: str) -> None:
    assert len(keys(read_as("listing", text("listing.html").replace(marker, "x ")))) == 3


@pytest.mark.parametrize(
    ("old", "new", "missing"),
    [
        (
            "jy2743/ hreflang=en>Joint Statement on the EU-U.S. Joint Financial Regulatory Forum",
            "jy2743/>",
            "title",
        ),
        ("<a href=/news/press-releases/jy2743/ hreflang=en>", "<a>", "href"),
        ('<time datetime="2024-12-10T11:00:00Z" class=datetime>', "<time>", "datetime"),
        ("2024-12-10T11:00:00Z", "yesterday", "a date and time"),
        ("2024-12-10T11:00:00Z", "2024-13-10T11:00:00Z", "a date and time"),
        ("2024-12-10T11:00:00Z", "2024-12-10 and more", "a date and time"),
        (
            '<time datetime="2024-12-10T11:00:00Z" class=datetime>December 10, 2024</time>',
            "",
            "a time",
        ),
    ],
)
def test_a_row_that_lacks_something_spoils_the_page(old: str, new: str, missing: str) -> None:
    page = text("listing.html")
    assert page.count(old) == 1

    with pytest.raises(UnexpectedShape, match=missing):
        read_as("listing", page.replace(old, new))


def test_rows_that_share_one_element_are_another_shape() -> None:
    page = text("listing.html").replace("</h3></div>\n<div>", "</h3>")

    with pytest.raises(UnexpectedShape, match="around each headline"):
        read_as("listing", page)


def test_two_rows_with_one_id_are_refused() -> None:
    page = text("listing.html").replace("/jy2750/", "/JY2751")

    with pytest.raises(RepeatedKey, match="jy2751"):
        read_as("listing", page)


@pytest.mark.parametrize(
    "href",
    [
        "https://home.treasury.gov.example.org/news/press-releases/jy2750",
        "http://home.treasury.gov/news/press-releases/jy2750",
        "https://home.treasury.gov:444/news/press-releases/jy2750",
        "https://user@home.treasury.gov/news/press-releases/jy2750",
        "/news/press-releases/../press-releases/jy2750",
        "/news/press-releases/archive/jy2750",
        "/news/press-releases/",
        "/news/featured-stories/jy2750",
        "//example.org/news/press-releases/jy2750",
    ],
)
def test_a_foreign_address_is_dropped_while_the_others_are_taken(href: str) -> None:
    page = text("listing.html").replace("/news/press-releases/jy2750/", f'"{href}"')

    reading = read_as("listing", page)

    assert keys(reading) == ["jy2751", "jy2743"]
    assert [dropped.reason for dropped in reading.dropped] == ["foreign_url"]
    assert href in reading.dropped[0].detail


def test_a_listing_of_foreign_addresses_only_is_another_shape() -> None:
    page = text("listing.html").replace("/news/press-releases/jy", "/newsroom/jy")

    with pytest.raises(UnexpectedShape, match="addresses of releases"):
        read_as("listing", page)


def test_a_section_page_in_the_listing_is_left_out_without_a_word() -> None:
    reading = read_as("listing", text("listing.html").replace("/jy2750/", "/readouts/"))

    assert keys(reading) == ["jy2751", "jy2743"]
    assert reading.dropped == ()


def test_a_firewalls_page_is_no_listing() -> None:
    with pytest.raises(NotTheFeed, match="firewall"):
        read_as("listing", "<html><body>Access Denied. Reference #18</body></html>")


def test_a_listing_cut_short_is_truncated_however_many_rows_it_shows() -> None:
    with pytest.raises(Truncated):
        read_as("listing", text("listing.html").partition("</main>")[0])


# --- identity and series --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("href", "key"),
    [
        ("/news/press-releases/sb0632/", "sb0632"),
        ("/news/press-releases/SB0632", "sb0632"),
        ("/index.php/news/press-releases/sb0632", "sb0632"),
        ("https://home.treasury.gov/news/press-releases/sb0632?page=1#top", "sb0632"),
        ("/news/press-releases/sm755-en-espanol", "sm755-en-espanol"),
        ("/news/press-releases/200311617465917428", "200311617465917428"),
        ("/news/press-releases/housing-crisis-in-focus/", "housing-crisis-in-focus"),
    ],
)
def test_the_key_is_the_last_part_of_the_path(href: str, key: str) -> None:
    (publication,) = read_as("shard", a_shard(an_item(url=href))).publications

    assert publication.key == key
    assert publication.url.lower() == f"https://home.treasury.gov/news/press-releases/{key}"


@pytest.mark.parametrize(
    ("id", "day", "current"),
    [
        ("sb0632", "2026-09-17", True),
        ("jy2751", "2024-12-16", True),
        ("jy2751", "2026-09-17", False),
        ("sm755-en-espanol", "2019-08-28", True),
        ("sm0549", "2021-06-01", False),
        ("xy0001", "2029-02-01", True),
        ("a-third-quarter-update", "2024-12-19", True),
        ("2026-trade-report", "2026-01-19", True),
        ("js3012", "2021-04-01", False),
        ("hp119", "2006-10-02", False),
        ("tg1234", "2026-09-17", False),
        ("as1", "2026-09-17", False),
        ("200311617465917428", "2026-09-17", False),
    ],
)
def test_an_id_of_an_old_series_is_not_current(id: str, day: str, current: bool) -> None:
    item = an_item(id, date=day, datetime=f"{day}T10:00:00Z")

    (publication,) = read_as("shard", a_shard(item)).publications

    assert publication.current is current


# --- manifest and shards --------------------------------------------------------------------------------------------


def test_the_manifest_leads_to_the_two_newest_years() -> None:
    reading = read_as("manifest", text("manifest.json"))

    assert reading == Reading(
        publications=(),
        follow=(
            Follow(
                "young-shard",
                "https://home.treasury.gov/news-data/press-releases/search/2024.json",
                may_be_missing=True,
            ),
            Follow("shard", "https://home.treasury.gov/news-data/press-releases/search/2023.json"),
        ),
    )


def test_a_year_that_is_well_under_way_must_be_there() -> None:
    manifest = text("manifest.json").replace('"count": 4', '"count": 261')

    newest, before = read_as("manifest", manifest).follow

    assert (newest.kind, newest.may_be_missing) == ("shard", False)
    assert (before.kind, before.may_be_missing) == ("shard", False)


def test_on_loopback_the_manifest_leads_to_loopback() -> None:
    url = urljoin(LOOPBACK, FEED.pages[1].path)

    assert read_as("manifest", text("manifest.json"), url).follow[0].url == (
        "http://127.0.0.1:9999/news-data/press-releases/search/2024.json"
    )


def test_a_shard_elsewhere_is_dropped_and_the_other_year_followed() -> None:
    manifest = text("manifest.json").replace(
        "/news-data/press-releases/search/2024", "//example.org/2024"
    )

    reading = read_as("manifest", manifest)

    assert [follow.url[-9:] for follow in reading.follow] == ["2023.json"]
    assert [dropped.reason for dropped in reading.dropped] == ["foreign_url"]


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("/news-data/", "/elsewhere/"),
        ("searchShards", "shards"),
        ('"category": "press-releases"', '"category": "speeches"'),
        ('"endYear": 2024', '"endYear": "2024"'),
        ('"path": "/news-data/press-releases/search/2022.json", ', ""),
    ],
)
def test_a_manifest_in_another_shape_is_refused(old: str, new: str) -> None:
    assert old in text("manifest.json")

    with pytest.raises(UnexpectedShape):
        read_as("manifest", text("manifest.json").replace(old, new))


def test_a_shard_holds_the_releases_of_a_year_without_its_section_pages() -> None:
    reading = read_as("shard", text("shard.json"))

    assert keys(reading) == ["jy2751", "jy2743", "jy2707"]
    assert reading.dropped == ()
    assert [p.category for p in reading.publications] == ["", "Statements & Remarks", ""]
    assert [p.stated for p in reading.publications][-1] == "2024-11-01", "no hour is known"


def test_a_title_is_in_plain_text_with_single_spaces() -> None:
    (release,) = read_as(
        "shard", a_shard(an_item(title=" Q&amp;A on  E.O.\u00a013687 "))
    ).publications

    assert release.title == "Q&A on E.O. 13687"


def test_the_shard_and_the_listing_agree_on_a_release() -> None:
    shard = {p.key: p for p in read_as("shard", text("shard.json")).publications}
    listing = {p.key: p for p in read_as("listing", text("listing.html")).publications}

    assert [shard[key] for key in ("jy2751", "jy2743")] == [
        listing[key] for key in ("jy2751", "jy2743")
    ]


@pytest.mark.parametrize("count", [0, 3, 5])
def test_a_count_that_is_not_the_number_of_items_is_refused(count: int) -> None:
    with pytest.raises(CountMismatch) as caught:
        read_as("shard", text("shard.json").replace('"count": 4', f'"count": {count}'))

    assert (caught.value.declared, caught.value.counted) == (count, 4)


def test_two_items_with_one_id_are_refused() -> None:
    with pytest.raises(RepeatedKey):
        read_as("shard", a_shard(an_item("sb0632"), an_item("SB0632")))


def test_an_empty_shard_is_honest_only_for_a_year_that_has_just_begun() -> None:
    assert read_as("young-shard", a_shard()) == Reading(publications=())
    with pytest.raises(EmptyListing):
        read_as("shard", a_shard())


@pytest.mark.parametrize(
    "item",
    [
        an_item(title=None),
        an_item(title="  "),
        an_item(title=7),
        an_item(url=None),
        an_item(date=None, datetime=None),
        an_item(date="soon", datetime=None),
        an_item(subcategory=[]),
    ],
)
def test_an_item_that_lacks_something_spoils_the_shard(item: dict[str, Any]) -> None:
    with pytest.raises(UnexpectedShape):
        read_as("shard", a_shard(an_item("sb0001"), item))


def test_a_foreign_item_is_dropped_while_the_others_are_taken() -> None:
    reading = read_as(
        "shard", a_shard(an_item(), an_item(url="https://example.org/news/press-releases/sb1"))
    )

    assert keys(reading) == ["sb0632"]
    assert [dropped.reason for dropped in reading.dropped] == ["foreign_url"]


@pytest.mark.parametrize("kind", ["manifest", "shard", "young-shard"])
def test_html_in_the_place_of_json_is_refused(kind: str) -> None:
    with pytest.raises(NotTheFeed):
        read_as(kind, text("listing.html"))


def test_a_page_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(UnexpectedShape, match="feed"):
        read_as("feed", text("listing.html"))


# --- a release's own page -------------------------------------------------------------------------------------------


def test_a_release_is_read_up_to_its_end_mark() -> None:
    body = read_release(text("body.html"))

    assert body.title == SEED_TITLE
    assert body.text.split("\n") == [
        "WASHINGTON — The Office of Foreign Assets Control today sanctioned nine individuals and seven entities "
        "for their support of the Democratic People’s Republic of Korea.",
        "Some were designated before. Golden Triangle Bank is one of the seven.",
        "It is designated pursuant to E.O. 13687.",
        "SANCTIONS IMPLICATIONS",
        "All property and interests in property of these persons are blocked.",
        "Write to the press office. To the top",
        "Click here for more information on the individuals and entities designated today.",
    ]


def test_links_are_absolute_in_order_and_of_the_text_only() -> None:
    assert read_release(text("body.html")).links == (
        "https://home.treasury.gov/news/press-releases/jy1938",
        "https://ofac.treasury.gov/recent-actions/20241216",
    )


def test_the_time_is_the_one_in_the_publication_field() -> None:
    assert read_release(text("body.html")).stated == "2024-12-16T10:30:00-05:00"


def test_times_in_menus_are_never_taken() -> None:
    page = text("body.html").replace("field--name-field-news-publication-date", "another-field")

    assert read_release(page).stated == ""


def test_the_theme_of_january_2026_is_read_too() -> None:
    body = read_release(text("body_january_2026.html"))

    assert body.title == "A release in the theme of January 2026"
    assert body.stated == "2026-01-21T10:30:00-05:00"
    assert body.text.startswith("WASHINGTON — ") and body.text.endswith("designated today.")
    assert body.links == ("https://ofac.treasury.gov/recent-actions/20260121",)


@pytest.mark.parametrize("mark", ["# # #", " ### ", "&#35;##"])
def test_the_end_mark_has_several_spellings(mark: str) -> None:
    assert read_release(text("body.html").replace("###", mark)) == read_release(text("body.html"))


def test_what_changes_in_the_frame_changes_nothing() -> None:
    page = text("body.html").replace("sb0367", "sb0999").replace("2026-01-16", "2026-02-01")

    assert read_release(page) == read_release(text("body.html"))


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("field--name-field-news-body", "another-body", "field--name-field-news-body"),
        ("<p>WASHINGTON", "<p>###</p><p>WASHINGTON", "200 characters"),
        ("<h2 class=uswds-page-title>", "<h2>", "a title"),
    ],
)
def test_a_release_that_lacks_something_is_another_shape(old: str, new: str, expected: str) -> None:
    assert old in text("body.html")

    with pytest.raises(UnexpectedShape, match=expected):
        read_release(text("body.html").replace(old, new))


def test_a_firewalls_page_is_no_release() -> None:
    with pytest.raises(NotTheFeed, match="firewall"):
        read_release("<html><body>Request unsuccessful. _Incapsula_ incident</body></html>")


def test_a_release_may_speak_of_denied_access() -> None:
    page = text("body.html").replace("SANCTIONS IMPLICATIONS", "Access denied to funds")

    assert "Access denied to funds" in read_release(page).text


# --- real pages, where they are present -----------------------------------------------------------------------------


@pytest.fixture
def real(shared_data: Path) -> Path:
    return shared_data / "treasury"


@pytest.mark.parametrize(
    ("name", "count", "newest"),
    [
        ("listing_drupal_2024-12-16_REBUILT.html", 10, "jy2751"),
        ("listing_static_before_jy2751_REBUILT.html", 10, "jy2750"),
        ("listing_static_after_jy2751_REBUILT.html", 10, "jy2751"),
        ("listing_static_2026-09-22_EXCERPT.html", 5, "sb0633"),
    ],
)
def test_listings_of_both_eras_are_read(real: Path, name: str, count: int, newest: str) -> None:
    reading = read_as("listing", (real / name).read_bytes())

    assert len(reading.publications) == count
    assert reading.publications[0].key == newest
    assert reading.dropped == ()


def test_the_listing_before_and_after_differ_by_the_release_and_the_row_that_fell_off(
    real: Path,
) -> None:
    before = set(
        keys(read_as("listing", (real / "listing_static_before_jy2751_REBUILT.html").read_bytes()))
    )
    after = set(
        keys(read_as("listing", (real / "listing_static_after_jy2751_REBUILT.html").read_bytes()))
    )

    assert after - before == {"jy2751"}
    assert len(before - after) == 1


def test_a_listing_without_rows_is_a_failure(real: Path) -> None:
    with pytest.raises(EmptyListing):
        read_as("listing", (real / "listing_static_zero_rows_REBUILT.html").read_bytes())


@pytest.mark.parametrize(
    "name", ["recent_actions_listing_REBUILT.html", "release_jy2751_static_REBUILT.html"]
)
def test_another_page_of_the_same_authority_is_no_listing(real: Path, name: str) -> None:
    with pytest.raises(FeedError):
        read_as("listing", (real / name).read_bytes())


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("search_2024_before_jy2751_REBUILT.json", 46),
        ("search_2024_after_jy2751_REBUILT.json", 47),
        ("search_2026_EXCERPT_REBUILT.json", 8),
        ("search_2020_selfreference_items_REBUILT.json", 0),
    ],
)
def test_shards_are_read(real: Path, name: str, count: int) -> None:
    reading = read_as("shard", (real / name).read_bytes())

    assert len(reading.publications) == count
    assert reading.dropped == ()


def test_the_manifest_is_read(real: Path) -> None:
    reading = read_as("manifest", (real / "manifest_REBUILT.json").read_bytes())

    assert [follow.url[-9:] for follow in reading.follow] == ["2026.json", "2025.json"]


def test_the_release_of_16_december_2024_is_read(real: Path) -> None:
    body = read_release((real / "release_jy2751_static_REBUILT.html").read_bytes())

    assert body.title == SEED_TITLE
    assert body.stated == "2024-12-16T10:30:00-05:00"
    assert "sanctioned nine individuals and seven entities" in body.text
    assert body.links[-1] == "https://ofac.treasury.gov/recent-actions/20241216"
    assert "###" not in body.text
