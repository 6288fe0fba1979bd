"""OFAC's documents in the Federal Register: numbers, texts, and everything that must not pass for "no news"."""

import json
from pathlib import Path
from typing import Any

import pytest

from feeds.base import Name, Page, Publication, Reading
from feeds.errors import (
    CountMismatch,
    EmptyListing,
    FeedError,
    NotTheFeed,
    RepeatedKey,
    Truncated,
    UnexpectedShape,
)
from feeds.federal_register_ofac import FEED, body_address, read, read_body

FIXTURES = Path(__file__).parent / "fixtures" / "federal_register_ofac"
REPLY: dict[str, Any] = json.loads((FIXTURES / "documents.json").read_text("utf-8"))


def read_reply(reply: Any, url: str = FEED.url) -> Reading:
    body = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
    return read(Page("documents", url, body))


def replied(*documents: dict[str, Any], **members: Any) -> dict[str, Any]:
    return {**REPLY, "results": list(documents), **members}


def a_document(**members: Any) -> dict[str, Any]:
    return {**REPLY["results"][0], **members}


def test_a_document_is_a_publication_under_its_number() -> None:
    first, second, third = read_reply(REPLY).publications

    assert first == Publication(
        key="2024-30245",
        title="Notice of OFAC Sanctions Action",
        url="https://www.federalregister.gov/documents/2024/12/19/2024-30245/notice-of-ofac-sanctions-action",
        date="2024-12-19",
        stated="2024-12-19",
        category="Notice",
    )
    assert second.title == first.title, "titles repeat"
    assert (third.key, third.category) == ("C1-2024-29900", "Rule")
    assert third.title == (
        "Publication of Example & Other Sanctions Regulations Web General Licenses 1A and 1B"
    )


TEXT = (FIXTURES / "body.html").read_text("utf-8")
ADDRESS = "https://www.federalregister.gov/documents/full_text/text/2024/12/19/2024-30245.txt"


def test_the_text_stands_at_an_address_of_its_own() -> None:
    first = read_reply(REPLY).publications[0]

    assert body_address(first.url) == ADDRESS
    assert body_address("https://www.federalregister.gov/x") == "https://www.federalregister.gov/x"


def test_the_text_of_a_notice_is_its_paragraphs_and_parties() -> None:
    body = read_body(Page("body", ADDRESS, TEXT.encode()))

    assert body.title == "Notice of OFAC Sanctions Action"
    assert body.text.split("\n")[:3] == [
        "Notice of OFAC Sanctions Action",
        "AGENCY: Office of Foreign Assets Control, Treasury.",
        "ACTION: Notice.",
    ]
    assert [each.name for each in body.entries] == [
        Name("EXAMPLE", "Jane"),
        Name("EXAMPLE", "John"),
        Name("SAMPLE & SONS CO., LTD."),
    ]
    assert body.links == ()


def test_of_a_rule_only_the_preamble_is_kept_and_nobody_is_named() -> None:
    body = read_body(Page("body", ADDRESS, TEXT.replace("ACTION: Notice", "ACTION: Rule").encode()))

    assert body.text.split("\n")[-1].startswith("FOR FURTHER INFORMATION CONTACT")
    assert body.entries == ()


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (TEXT.replace("[FR Doc. ", "[Doc. "), Truncated),
        (TEXT.replace("</html>", ""), Truncated),
        (TEXT.replace("2024-30245", "2024-30246"), UnexpectedShape),
        (TEXT.replace("<pre>", "<p>").replace("</pre>", "</p>"), UnexpectedShape),
        ("<html><body>Request unsuccessful. Incapsula</body></html>", NotTheFeed),
        ('{"errors": 404}', NotTheFeed),
    ],
)
def test_what_is_no_such_text_is_refused(content: str, error: type[FeedError]) -> None:
    with pytest.raises(error):
        read_body(Page("body", ADDRESS, content.encode()))


def test_another_agencys_document_is_left_out() -> None:
    assert "2024-29800" not in {each.key for each in read_reply(REPLY).publications}


def test_a_page_without_any_document_of_ours_is_another_shape() -> None:
    with pytest.raises(UnexpectedShape, match="documents of foreign-assets-control-office"):
        read_reply(replied(REPLY["results"][3]))


@pytest.mark.parametrize("reply", [replied(count=0), replied()])
def test_a_list_of_nothing_is_empty(reply: dict[str, Any]) -> None:
    with pytest.raises(EmptyListing):
        read_reply(reply)


@pytest.mark.parametrize(("count", "pages"), [(2, 1), (3, 1), (0, 1)])
def test_an_only_page_holds_as_many_as_are_counted(count: int, pages: int) -> None:
    reply = replied(a_document(), count=count, total_pages=pages)

    with pytest.raises(CountMismatch if count else EmptyListing):
        read_reply(reply)


def test_two_documents_with_one_number_are_refused() -> None:
    with pytest.raises(RepeatedKey):
        read_reply(replied(a_document(), a_document()))


@pytest.mark.parametrize(
    "members",
    [
        {"document_number": None},
        {"title": " "},
        {"publication_date": "soon"},
        {"publication_date": "20241219"},
        {"publication_date": None},
        {"html_url": None},
        {"agencies": None},
    ],
)
def test_a_document_that_lacks_something_spoils_the_page(members: dict[str, Any]) -> None:
    with pytest.raises(UnexpectedShape):
        read_reply(replied(a_document(document_number="2024-1"), a_document(**members)))


@pytest.mark.parametrize(
    "url",
    [
        "https://www.federalregister.example.org/documents/2024/12/19/2024-30245/x",
        "http://www.federalregister.gov/documents/2024/12/19/2024-30245/x",
        "https://www.federalregister.gov/documents/2024/12/19/2024-30246/x",
        "https://www.federalregister.gov/agencies/2024-30245",
        "https://www.federalregister.gov/documents/2024-30245",
    ],
)
def test_a_document_that_leads_elsewhere_is_dropped(url: str) -> None:
    reading = read_reply(replied(a_document(html_url=url), REPLY["results"][1]))

    assert [each.key for each in reading.publications] == ["2024-30101"]
    assert [each.reason for each in reading.dropped] == ["foreign_url"]


def test_a_page_of_an_unknown_kind_is_refused() -> None:
    with pytest.raises(UnexpectedShape):
        read(Page("listing", FEED.url, json.dumps(REPLY).encode()))


def test_the_address_asks_for_ofac_alone_and_for_every_field_that_is_read() -> None:
    assert "conditions%5Bagencies%5D%5B%5D=foreign-assets-control-office" in FEED.url
    for field in REPLY["results"][0]:
        assert f"fields%5B%5D={field}" in FEED.url


def test_the_real_documents_of_a_day_are_read(shared_data: Path) -> None:
    path = shared_data / "fr" / "federal_register_documents_2026-10-02.json"

    reading = read_reply(path.read_bytes())

    assert [each.key for each in reading.publications] == [
        "2026-20215",
        "2026-20032",
        "2026-20014",
        "2026-20007",
    ]
    assert reading.dropped == ()
    assert [body_address(each.url).rpartition("/")[2] for each in reading.publications] == [
        f"{each.key}.txt" for each in reading.publications
    ]
