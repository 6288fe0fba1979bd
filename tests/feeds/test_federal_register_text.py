"""The printer's text of the Federal Register: paragraphs, and whom a notice lists and to what end."""

import pytest

from feeds.base import Entry, Name
from feeds.federal_register_text import entries_of, is_notice_of_parties, paragraphs_of, preamble_of

BLOCKED = "On May 1, 2024, OFAC determined that the property of the persons below is blocked."
JANE = "1. EXAMPLE, Jane; DOB 1970 (individual) [EXAMPLE1]."
JOHN = "2. EXAMPLE, John; DOB 1971 (individual) [EXAMPLE1]."


def document(text: str) -> str:
    return (
        f"A Title\n\nAGENCY: OFAC.\n\n{text}\n\n[FR Doc. 2024-1 Filed 12-18-24; 8:45 am]\nBILLING\n"
    )


def paragraphs(text: str) -> list[str]:
    """The paragraphs between the head and the end of a document."""
    return paragraphs_of(document(text))[2:-1]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("One line \nand another.", ["One line and another."]),
        ("One line\nand another.", ["One line and another."]),
        ("    One.\n    Two,\nwhole.", ["One.", "Two, whole."]),
        ("[RUSSIA-\nEO14024]", ["[RUSSIA-EO14024]"]),
        ("a word--\nand more", ["a word--and more"]),
        ("OLD NAME -to-\nNEW NAME", ["OLD NAME -to- NEW NAME"]),
        ("One\n\n[[Page 105678]]\n\nsentence.", ["One sentence."]),
        ("One.\n\n[[Page 105678]]\n\n    Two.", ["One.", "Two."]),
        ("One.\n\n[[Page 105678]]\n\nIndividuals\n\nTwo.", ["One.", "Individuals", "Two."]),
        ("One.\n-----------------\nTwo.", ["One.", "Two."]),
        ("(a.k.a. ``JENNY'')", ['(a.k.a. "JENNY")']),
        ("One\r\nline.\r\n\r\nTwo.", ["One line.", "Two."]),
    ],
)
def test_lines_are_put_together_to_paragraphs(text: str, expected: list[str]) -> None:
    assert paragraphs(text) == expected


def test_a_document_begins_with_its_title_and_ends_with_its_number() -> None:
    found = paragraphs_of(f"[Notices]\n[FR Doc No: 2024-1]\n\n{document('Text.')}")

    assert found == [
        "A Title",
        "AGENCY: OFAC.",
        "Text.",
        "[FR Doc. 2024-1 Filed 12-18-24; 8:45 am]",
    ]


def test_the_preamble_ends_where_the_long_text_begins() -> None:
    assert preamble_of(["A", "SUMMARY: B.", "SUPPLEMENTARY INFORMATION:", "C"]) == [
        "A",
        "SUMMARY: B.",
    ]


def names(*found: str) -> list[tuple[str, Name]]:
    return [(each.kind, each.name) for each in entries_of(found)]


def test_entries_are_numbered_under_headings() -> None:
    assert names(BLOCKED, "Individuals", JANE, JOHN) == [
        ("added", Name("EXAMPLE", "Jane")),
        ("added", Name("EXAMPLE", "John")),
    ]


def test_a_single_party_may_lack_a_number_under_its_heading() -> None:
    jane = JANE.removeprefix("1. ")

    assert names(BLOCKED, "Individual:", jane) == [("added", Name("EXAMPLE", "Jane"))]
    assert names(BLOCKED, jane) == [], "neither a number nor a heading"


def test_nobody_is_named_before_it_is_said_what_was_done() -> None:
    assert names("Individuals", JANE) == []


@pytest.mark.parametrize(
    ("prose", "kind"),
    [
        (BLOCKED, "added"),
        ("OFAC has removed from the SDN List the persons below, who were blocked.", "removed"),
        ("OFAC determined that the persons below are no longer blocked.", "removed"),
        ("OFAC has updated the entry on the SDN List for the person below, who stays blocked.", "changed"),
        ("OFAC determined that these are blocked under E.O. 13224, as amended.", "added"),
    ],
)  # fmt: skip
def test_the_prose_above_says_what_was_done(prose: str, kind: str) -> None:
    assert names(prose, "Individuals", JANE) == [(kind, Name("EXAMPLE", "Jane"))]


def test_one_notice_may_add_some_and_remove_others() -> None:
    removed = "On May 1, 2024, OFAC removed the following from the SDN List."

    assert [kind for kind, _ in names(BLOCKED, JANE, removed, JOHN)] == ["added", "removed"]


def only(*found: str) -> Entry:
    (entry,) = entries_of(found)
    return entry


def test_the_reason_may_follow_in_a_paragraph_of_its_own() -> None:
    reason = "Designated pursuant to section 1(a)(i) of an order"

    assert only(BLOCKED, JANE, f"{reason}.").legal_basis == (reason,)
    assert only(BLOCKED, f"{JANE} {reason}.").legal_basis == (reason,)


def test_the_list_is_that_of_the_summary() -> None:
    summary = (
        "SUMMARY: OFAC is publishing whom it has placed on the Blocked Persons List (SDN List)."
    )

    assert only(summary, BLOCKED, JANE).list_name == "SDN List"
    assert only(BLOCKED, JANE).list_name == ""


def test_a_change_is_one_entry_also_in_three_paragraphs() -> None:
    changed = "OFAC has updated this entry."
    new = "EXAMPLE, Janet; DOB 1970 (individual) [EXAMPLE1]."

    for found in ((f"{JANE} -to- {new}",), (JANE, "-to-", new)):
        entry = only(changed, "Individuals", *found)
        assert (entry.kind, entry.name, entry.before) == (
            "changed",
            Name("EXAMPLE", "Janet"),
            "EXAMPLE, Jane",
        )


def test_a_picture_and_a_signature_name_nobody() -> None:
    found = (
        BLOCKED,
        "Individuals",
        "BILLING CODE 4810-AL-P [GRAPHIC] [TIFF OMITTED] TN27DE24.003",
        "Dated: December 16, 2024. Jane Specimen, Director. [FR Doc. 2024-1 Filed 12-18-24; 8:45 am]",
    )

    assert entries_of(found) == ()


@pytest.mark.parametrize(
    ("title", "action", "expected"),
    [
        ("Notice of OFAC Sanctions Action", "ACTION: Notice.", True),
        ("Publication of a Web General License", "ACTION: Notice; publication.", False),
        ("Example Sanctions Regulations", "ACTION: Final rule.", False),
    ],
)
def test_only_a_notice_lists_whom_something_was_done_to(
    title: str, action: str, expected: bool
) -> None:
    assert is_notice_of_parties([title, "AGENCY: OFAC.", action]) is expected
