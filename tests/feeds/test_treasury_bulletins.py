"""The Treasury's bulletins: two topics of one mailing service, with the whole text in each item."""

import re
from pathlib import Path

import pytest

from feeds.base import Body, Name, Page, Publication, Reading
from feeds.errors import FeedError, ForbiddenMarkup, NotTheFeed, RepeatedKey, UnexpectedShape
from feeds.treasury_bulletins import ACTIONS, FEED, RELEASES, read

FIXTURES = Path(__file__).parent / "fixtures" / "treasury_bulletins"


def text(name: str) -> str:
    return (FIXTURES / name).read_text(encoding="utf-8")


def read_as(kind: str, body: str | bytes) -> Reading:
    return read(Page(kind, FEED.url, body.encode() if isinstance(body, str) else body))


def releases(body: str | bytes) -> Reading:
    return read_as("releases", body)


def test_an_item_is_a_publication_under_the_number_of_the_mail() -> None:
    first, second, *_ = releases(text("releases.xml")).publications

    assert first == Publication(
        key="70071839",
        title="Treasury Sanctions an Example Network, After Theft from Example Banks",
        url="https://content.govdelivery.com/accounts/USTREAS/bulletins/42d3600",
        date="2026-09-30",
        stated="Wed, 30 Sep 2026 09:42:10 -0500",
        category=RELEASES,
    )
    assert second.title == "Treasury & Example Department Launch a Center"


def test_the_day_is_that_of_washington() -> None:
    """22:30 in the stated offset is half an hour before midnight in Washington in September, and 23:30 is past it."""
    _, at_night, *_ = releases(text("releases.xml")).publications
    page = text("releases.xml").replace("22:30:00 -0500", "23:30:00 -0500")
    _, past_midnight, *_ = releases(page).publications

    assert (at_night.date, past_midnight.date) == ("2026-09-30", "2026-10-01")


def test_the_body_is_the_whole_text_up_to_its_end_mark() -> None:
    bodies = releases(text("releases.xml")).bodies

    assert bodies["70071839"] == Body(
        title="Treasury Sanctions an Example Network, After Theft from Example Banks",
        text="U.S. Department of the Treasury\n"
        "Press Release: September 30, 2026\n"
        "Treasury Sanctions an Example Network, After Theft from\n"
        "Example Banks\n"
        "WASHINGTON— Today, the U.S. Department of the Treasury’s Office of Foreign Assets Control (OFAC) designated "
        "Jane Example (aka “Jenny”).\n"
        "Click here for more information on the persons designated today.",
        links=("https://ofac.treasury.gov/recent-actions/20260930",),
        stated="Wed, 30 Sep 2026 09:42:10 -0500",
    )


def test_an_item_without_a_text_has_no_body() -> None:
    reading = releases(text("releases.xml"))

    assert "70071838" in {publication.key for publication in reading.publications}
    assert "70071838" not in reading.bodies
    assert len(reading.bodies) == len(reading.publications) - 1


def test_an_item_of_the_other_topic_is_known_by_its_category() -> None:
    reading = read_as("actions", text("actions.xml"))

    assert {publication.category for publication in reading.publications} == {ACTIONS}
    (entry,) = reading.bodies[reading.publications[0].key].entries
    assert (entry.kind, entry.name, entry.programs) == ("added", Name("EXAMPLE", "Jane"), ("TCO",))


def test_releases_name_no_entries() -> None:
    assert all(not body.entries for body in releases(text("releases.xml")).bodies.values())


@pytest.mark.parametrize(
    ("old", "new", "missing"),
    [
        (r"<guid[^>]*>70071837</guid>", "", "a guid"),
        (r"<title>READOUT[^<]*</title>", "<title> </title>", "a title"),
        (r"<pubDate>Tue, 29 Sep 2026[^<]*</pubDate>", "", "a pubDate"),
        (r"<pubDate>Tue, 29 Sep 2026[^<]*</pubDate>", "<pubDate>lately</pubDate>", "a date and time"),
        (r"Tue, 29 Sep 2026 09:42:10 -0500", "Tue, 29 Sep 2026 09:42:10 -0000", "a date and time"),
        (r'version="2.0"', 'version="0.91"', "RSS 2.0"),
    ],
)  # fmt: skip
def test_what_lacks_something_is_another_shape(old: str, new: str, missing: str) -> None:
    page, count = re.subn(old, new, text("releases.xml"), count=1)
    assert count == 1

    with pytest.raises(UnexpectedShape, match=missing):
        releases(page)


def test_fewer_items_than_there_always_are_is_another_shape() -> None:
    page = re.sub(r"<item>.*?</item>", "", text("releases.xml"), count=1, flags=re.DOTALL)

    with pytest.raises(UnexpectedShape, match=r"10 items or more \(found 9\)"):
        releases(page)


def test_two_items_with_one_number_are_refused() -> None:
    with pytest.raises(RepeatedKey):
        releases(text("releases.xml").replace("70071837", "70071836"))


@pytest.mark.parametrize(
    "link",
    [
        "https://content.govdelivery.example.org/accounts/USTREAS/bulletins/42d3602",
        "http://content.govdelivery.com/accounts/USTREAS/bulletins/42d3602",
        "https://content.govdelivery.com/accounts/USOTHER/bulletins/42d3602",
        "https://content.govdelivery.com@example.org/accounts/USTREAS/bulletins/42d3602",
        "https://[/accounts/USTREAS/bulletins/42d3602",
    ],
)
def test_an_item_that_leads_elsewhere_is_dropped(link: str) -> None:
    page = text("releases.xml").replace(
        "https://content.govdelivery.com/accounts/USTREAS/bulletins/42d3602", link
    )

    reading = releases(page)

    assert len(reading.publications) == 9
    assert [dropped.reason for dropped in reading.dropped] == ["foreign_url"]


def test_a_document_type_is_refused() -> None:
    page = text("releases.xml").replace("<rss", '<!DOCTYPE rss [<!ENTITY a "b">]><rss', 1)

    with pytest.raises(ForbiddenMarkup):
        releases(page)


def test_another_xml_document_is_refused() -> None:
    with pytest.raises(NotTheFeed):
        releases("<feed version='2.0'><channel/></feed>")


def test_markup_that_is_nested_beyond_measure_is_refused() -> None:
    page = text("releases.xml").replace("<p>WASHINGTON", "<b>" * 3000 + "<p>WASHINGTON", 1)

    with pytest.raises(ForbiddenMarkup):
        releases(page)


def test_a_page_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(UnexpectedShape):
        read_as("listing", text("releases.xml"))


# --- a real excerpt, where it is present ----------------------------------------------------------------------------


def test_the_real_excerpt_is_read_once_it_has_as_many_items_as_the_feed(shared_data: Path) -> None:
    path = shared_data / "treasury" / "govdelivery_USTREAS_49_2026-10-01_EXCERPT.xml"
    excerpt = path.read_text("utf-8")
    with pytest.raises(FeedError, match="found 3"):
        releases(excerpt)
    last = re.findall(r"<item>.*?</item>", excerpt, re.DOTALL)[-1]
    more = "".join(last.replace("70063338", str(number)) for number in range(7))

    reading = releases(excerpt.replace("</channel>", f"{more}</channel>"))

    assert [each.key for each in reading.publications[:3]] == ["70071839", "70071103", "70063338"]
    assert reading.publications[2].title.startswith("READOUT: Financial Stability")
    body = reading.bodies["70071839"]
    assert body.links == ("https://ofac.treasury.gov/recent-actions/20260930",)
    assert "Anibal Alexander Canelon Aguirre (aka “Prometheus”)" in body.text
    assert "###" not in body.text
    assert len(reading.bodies) == 1, "the other bodies are left out of the excerpt"
