"""The sections of an OFAC notice: which headings open one, and which lines below them are entries."""

import pytest
from lxml import etree

from feeds.base import Entry
from feeds.ofac_sections import Section, entries_of, list_named, section_of
from feeds.ofac_text import written
from feeds.pages import Line, lines

ADDED = "The following individuals have been added to OFAC's SDN List:"
DOE = "DOE, Jane (a.k.a. ROE, Jane), Paris, France; DOB 1970 (individual) [SDGT]."
ACME = "ACME LLC (a.k.a. ACME), Berlin, Germany [RUSSIA-EO14024]."
SHIP = "PATHFINDER (8P2482) Crude Oil Tanker Barbados flag; IMO 9577094 (vessel) [IRAN]."


def entries(html: str) -> list[tuple[str, str, str]]:
    """What is read from the body of a page: what was done, to whom, on which list."""
    element = etree.fromstring(f"<div>{html}</div>", etree.HTMLParser())
    return [_said(entry) for entry in entries_of(lines(element))]


def _said(entry: Entry) -> tuple[str, str, str]:
    return entry.kind, written(entry.name), entry.list_name


# --- headings -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "section"),
    [
        (ADDED, Section("added", "SDN List")),
        ("The following entities have been added to OFAC’s SDN list", Section("added", "SDN List")),
        ("The following vessel has been added to OFAC's SDN List:", Section("added", "SDN List")),
        (
            "In addition, the following aircraft have also been added to the SDN List:",
            Section("added", "SDN List"),
        ),
        (
            "The following deletions have been made to OFAC's SDN List:",
            Section("removed", "SDN List"),
        ),
        (
            "The following individual has been removed from OFAC's SDN List:",
            Section("removed", "SDN List"),
        ),
        (
            "The following changes have been made to OFAC's SDN List:",
            Section("changed", "SDN List"),
        ),
        (
            "The following identifying information has been added to the below names on OFAC's SDN List:",
            Section("changed", "SDN List"),
        ),
        (
            "The following entities have been added to the Sectoral Sanctions Identifications List:",
            Section("added", "Sectoral Sanctions Identifications List"),
        ),
        (
            "The following changes have been made to OFAC's Non-SDN Menu-Based Sanctions List:",
            Section("changed", "Non-SDN Menu-Based Sanctions List"),
        ),
        (
            "The following names have been added to the Specially Designated Nationals and Blocked Persons List:",
            Section("added", "SDN List"),
        ),
        ("The following individuals have been added:", Section("added", "")),
    ],
)
def test_a_heading_that_opens_a_section(heading: str, section: Section) -> None:
    assert section_of(heading) == section


@pytest.mark.parametrize(
    "heading",
    [
        "The following individuals have been added to and removed from OFAC's SDN List:",
        "The following additions and deletions have been made to OFAC's SDN List:",
        "Specially Designated Nationals List Update",
        "Issuance of a General License",
        "The following frequently asked questions have been published:",
        "OFAC has added the documents that follow",
        "",
    ],
)
def test_a_heading_that_opens_none(heading: str) -> None:
    assert section_of(heading) is None


def test_a_heading_without_a_list_names_none() -> None:
    assert list_named("General License 134A") == ""
    assert list_named("Sectoral Sanctions Identifications List Update") == (
        "Sectoral Sanctions Identifications List"
    )


# --- entries --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "layout",
    [
        "<h4>{heading}</h4><p>{first}</p><p>{second}</p>",
        "<h3>{heading}</h3><p>{first}<br>{second}</p>",
        "<p><strong>{heading}</strong></p><p>{first}<br><br>{second}</p>",
        "<p><b>{heading}</b><br>{first}<br>{second}</p>",
        "<p>{heading}</p><p><a>{first}</a></p><p><a>{second}</a></p>",
        "<p>{heading} {first}</p><p>{second}</p>",
        "<h4>{heading}</h4><p>Below are those that were added.</p><ul><li>{first}<li>{second}</ul>",
    ],
)
def test_entries_are_read_in_every_layout(layout: str) -> None:
    html = layout.format(heading=ADDED, first=DOE, second=ACME)

    assert entries(html) == [
        ("added", "DOE, Jane", "SDN List"),
        ("added", "ACME LLC", "SDN List"),
    ]


def test_each_section_is_of_its_own_kind_and_list() -> None:
    html = f"""
        <h3>Specially Designated Nationals List Update</h3>
        <h4>{ADDED}</h4><p>{DOE}</p>
        <h4>The following vessels have been added to OFAC’s SDN List:</h4><p>{SHIP}</p>
        <h4>The following deletions have been made to OFAC's SDN List:</h4><p>{ACME}</p>
        <h3>Sectoral Sanctions Identifications List Update</h3>
        <h4>The following changes have been made:</h4><p>{ACME} -to- {ACME.replace("LLC", "JSC")}</p>
    """

    assert entries(html) == [
        ("added", "DOE, Jane", "SDN List"),
        ("added", "PATHFINDER", "SDN List"),
        ("removed", "ACME LLC", "SDN List"),
        ("changed", "ACME JSC", "Sectoral Sanctions Identifications List"),
    ]


def test_an_unknown_heading_ends_a_section() -> None:
    html = f"<h4>{ADDED}</h4><p>{DOE}</p><h4>Related documents</h4><p>{ACME}</p>"

    assert entries(html) == [("added", "DOE, Jane", "SDN List")]


def test_an_entry_in_bold_is_an_entry() -> None:
    html = f"<h4>{ADDED}</h4><p><strong>{DOE}</strong></p><p>{ACME}</p>"

    assert len(entries(html)) == 2


def test_entries_without_a_section_belong_to_none() -> None:
    assert entries(f"<h3>Cyber-related Designation</h3><p>{DOE}</p>") == []


def test_entries_under_additions_and_removals_at_once_belong_to_none() -> None:
    heading = "The following individuals have been added to and removed from OFAC's SDN List:"

    assert entries(f"<h4>{ADDED}</h4><h4>{heading}</h4><p>{DOE}</p>") == []


@pytest.mark.parametrize("between", [" -to- ", "<br>-to-<br>", " -to-<br>", "<br>-to- "])
def test_the_old_and_the_new_entry_are_one_change(between: str) -> None:
    heading = "The following changes have been made to OFAC's SDN List:"
    html = f"<h4>{heading}</h4><p>{ACME}{between}{ACME.replace('LLC', 'JSC')}</p><p>{DOE}</p>"
    element = etree.fromstring(f"<div>{html}</div>", etree.HTMLParser())

    first, second = entries_of(lines(element))

    assert (written(first.name), first.before) == ("ACME JSC", "ACME LLC")
    assert (written(second.name), second.before) == ("DOE, Jane", "")


def test_a_line_is_emphasised_only_as_a_whole() -> None:
    element = etree.fromstring(
        "<div><h3>A <i>heading</i></h3><p><b>All</b> <strong>bold</strong></p><p><b>Half</b> bold</p></div>",
        etree.HTMLParser(),
    )

    assert lines(element) == [
        Line("A heading", True),
        Line("All bold", True),
        Line("Half bold", False),
    ]
