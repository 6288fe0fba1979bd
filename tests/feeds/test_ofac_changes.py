"""OFAC's change files: who joined or left which list, who was changed, and what could hide an addition is refused."""

from pathlib import Path

import pytest

from feeds.base import Alias, Body, Entry, Name, Page
from feeds.errors import EmptyListing, FeedError, RepeatedKey, UnexpectedShape
from feeds.ofac_changes import FEED, read, read_body
from monitor.core.titles import sanctions_word

FIXTURES = Path(__file__).parent / "fixtures" / "ofac_changes"
HISTORY = "https://sanctionslistservice.ofac.treas.gov/changes/history/2026"
FILE = (FIXTURES / "body.xml").read_text("utf-8")


def history(content: str, kind: str = "history") -> Page:
    return Page(kind, HISTORY, content.encode(), "application/json")


def body(content: str) -> Body:
    return read_body(Page("body", "https://example.org/changes/812", content.encode()))


def entries(key: str, content: str = FILE) -> list[Entry]:
    return [each for each in body(content).entries if each.key == key]


def test_the_history_is_read_newest_first_with_the_address_of_each_file() -> None:
    reading = read(history((FIXTURES / "history.json").read_text()))

    assert [each.key for each in reading.publications] == ["813", "812", "811"]
    assert reading.publications[0].date == "2026-11-24"
    assert reading.publications[0].url == "https://sanctionslistservice.ofac.treas.gov/changes/813"


def test_nobody_is_told_of_a_change_file_by_its_title() -> None:
    for publication in read(history((FIXTURES / "history.json").read_text())).publications:
        assert sanctions_word(publication.title) is None


def test_an_empty_history_is_accepted_only_while_the_year_is_young() -> None:
    assert read(history("[]", "young-history")).publications == ()
    for kind in ("history", "last-year"):
        with pytest.raises(EmptyListing):
            read(history("[]", kind))


@pytest.mark.parametrize(
    "content",
    [
        '[{"publicationID": 1}]',
        '[{"datePublished": "2026-11-24T00:00:00-05:00"}]',
        '[{"publicationID": "../latest", "datePublished": "2026-11-24"}]',
        '[{"publicationID": 1, "datePublished": "24 November 2026"}]',
        '[{"publicationID": 1, "datePublished": "2026-13-24"}]',
        "[812]",
    ],
)
def test_a_history_with_one_unreadable_item_is_refused_whole(content: str) -> None:
    with pytest.raises(UnexpectedShape):
        read(history(content))


def test_a_publication_that_stands_there_twice_is_refused() -> None:
    item = '{"publicationID": 1, "datePublished": "2026-11-24"}'
    with pytest.raises(RepeatedKey):
        read(history(f"[{item}, {item}]"))


def test_an_added_record_is_an_entry_with_all_that_the_lists_do_not_say() -> None:
    assert entries("70001") == [
        Entry(
            kind="added",
            key="70001",
            name=Name("EXAMPLE", "Jane"),
            type="individual",
            list_name="SDN List",
            programs=("EXAMPLE1", "EXAMPLE2"),
            aliases=(Alias("THE EXAMPLE", "", "aka", "weak"),),
            linked_to=("EXAMPLE TRADING",),
            legal_basis=("Executive Order 10001 (Example)",),
            listed_on="2026-11-24",
        )
    ]


def test_a_record_that_left_two_lists_is_an_entry_for_each() -> None:
    assert [(each.kind, each.list_name, each.listed_on) for each in entries("70002")] == [
        ("removed", "SDN List", "2014-05-14"),
        ("removed", "Example Sectoral List", "2015-01-02"),
    ]


def test_of_a_changed_record_the_entry_holds_what_came_and_not_what_came_back() -> None:
    (changed,) = entries("70003")

    assert changed.kind == "changed"
    assert (changed.name, changed.before) == (Name("EXAMPLE BANK"), "OLD EXAMPLE BANK")
    assert changed.programs == ("EXAMPLE3",)
    assert changed.aliases == ()


def test_a_record_that_moves_between_lists_is_removed_from_one_and_added_to_the_other() -> None:
    assert {(each.kind, each.list_name) for each in entries("70004")} == {
        ("added", "SDN List"),
        ("removed", "Example Sectoral List"),
    }


def test_a_record_that_moves_and_is_changed_besides_is_an_entry_of_that_too() -> None:
    program = (
        '<sanctionsPrograms><sanctionsProgram action="add">X</sanctionsProgram></sanctionsPrograms>'
    )
    moved = FILE.replace('<entity id="70004">', f'<entity id="70004">{program}')

    assert sorted(each.kind for each in entries("70004", moved)) == ["added", "changed", "removed"]


def test_a_list_that_comes_back_under_a_new_number_is_a_change_and_no_addition() -> None:
    assert [each.kind for each in entries("70005")] == ["changed"]


def test_the_text_says_what_was_done_to_whom() -> None:
    text = body(FILE).text

    assert text.startswith("Published on 2026-11-24 (Standard Action).\n")
    assert "2 added to the SDN List: EXAMPLE, Jane (70001); number 70004." in text
    assert "1 removed from the SDN List: EXAMPLE TRADING (70002)." in text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('<entity id="70001" action="add">', '<entity id="70001" action="insert">'),
        ('<entity id="70001" action="add">', '<entity id="70001" change="add">'),
        ('<entity id="70001" action="add">', '<entity action="add">'),
        ('<entity id="70001" action="add">', '<entity id="seven" action="add">'),
        ("<datePublished>2026", "<published>2026"),
        ("  <entities>", "  <entities /><entities>"),
        ("  <entities>", "  <entities><newEntity>EXAMPLE</newEntity>"),
        (">SDN List</sanctionsList></sanctionsLists>", "></sanctionsList></sanctionsLists>"),
        ('action="add">EXAMPLE3', 'action="replace">EXAMPLE3'),
    ],
)
def test_what_could_hide_an_addition_is_refused(old: str, new: str) -> None:
    changed = FILE.replace(old, new, 1).replace(
        "2026-11-24T00:00:00-05:00</datePublished>", _end(new)
    )
    with pytest.raises(FeedError):
        body(changed)


def _end(new: str) -> str:
    closing = "published" if new.startswith("<published>") else "datePublished"
    return f"2026-11-24T00:00:00-05:00</{closing}>"


def test_a_record_that_stands_there_twice_is_refused() -> None:
    with pytest.raises(RepeatedKey):
        body(FILE.replace('id="70002"', 'id="70001"'))


def test_a_section_that_is_not_known_is_named_and_hides_no_entry() -> None:
    news = FILE.replace("<featureTypes />", "<featureTypes /><relations><relation/></relations>")

    assert body(news).entries == body(FILE).entries
    assert "not read here: relations" in body(news).text


def test_a_document_type_is_refused() -> None:
    with pytest.raises(FeedError, match="DOCTYPE"):
        body(FILE.replace("<sanctionsData", "<!DOCTYPE sanctionsData><sanctionsData", 1))


def test_an_entity_elsewhere_is_refused() -> None:
    with pytest.raises(FeedError, match="where none belongs"):
        body(FILE.replace("<featureTypes />", '<featureTypes><entity id="1"/></featureTypes>'))


def test_it_says_for_which_register_it_stands() -> None:
    assert FEED.attests == {"SDN List": "ofac-sdn"}


# --- real files -----------------------------------------------------------------------------------------------------


def real(shared_data: Path, name: str) -> Body:
    content = (shared_data / "ofac_delta" / name).read_bytes()
    return read_body(Page("body", "https://example.org/changes/1", content))


def test_the_real_file_of_26_august_2026_adds_five(shared_data: Path) -> None:
    five = real(shared_data, "2026-08-26_delta.xml").entries

    assert [(each.kind, each.key, each.list_name) for each in five] == [
        ("added", key, "SDN List") for key in ("58105", "58314", "58462", "58463", "58464")
    ]
    assert {each.legal_basis for each in five} == {("Executive Order 13224 (Terrorism)",)}
    assert {each.listed_on for each in five} == {"2026-08-26"}
    assert five[3].name == Name("ALSAGHEER", "Rawa")


def test_the_real_change_of_24_august_2026_holds_what_came_and_not_the_city_that_stayed(
    shared_data: Path,
) -> None:
    changed, removed = real(shared_data, "2026-08-24_delta_EXCERPT.xml").entries

    assert (changed.kind, changed.key, changed.programs) == (
        "changed",
        "12060",
        ("IRAN-CON-ARMS-EO",),
    )
    assert (removed.kind, removed.key, removed.listed_on) == ("removed", "16937", "2014-05-14")


def test_the_numbers_of_a_real_file_are_those_of_the_list(shared_data: Path) -> None:
    """The two that left on 7 August 2026 stood on the list of July 2021 under the same numbers and names."""
    listed = (shared_data / "ofac_sdn_csv_pair" / "sdn_2021-07-07.csv").read_text(
        "utf-8", "replace"
    )

    for entry in real(shared_data, "2026-08-07_delta_EXCERPT.xml").entries:
        assert entry.kind == "removed"
        assert f'{entry.key},"{entry.name.last}, {entry.name.first}"' in listed
