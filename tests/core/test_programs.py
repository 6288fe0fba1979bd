"""Programme tags in plain words."""

import csv
from pathlib import Path

from monitor.core.programs import about, counted, program


def test_a_tag_is_told_in_plain_words_with_the_tag_in_brackets() -> None:
    assert program("DPRK4").words == "North Korea: industries [DPRK4]"


def test_an_unknown_tag_is_shown_as_it_is() -> None:
    assert program("MOON-EO99999").words == "[MOON-EO99999]"
    assert program("MOON-EO99999").name == "MOON-EO99999"
    assert not program("MOON-EO99999").is_marker


def test_tags_are_counted_the_commonest_first() -> None:
    assert counted(["DPRK2", "DPRK4", "DPRK4"]) == (
        "North Korea: industries [DPRK4] 2 · North Korea: its government and party [DPRK2] 1"
    )


def test_a_heading_says_what_the_parties_are_about_and_counts_each_party_once() -> None:
    parties = [
        ["DPRK4", "RUSSIA-EO14024"],
        ["RUSSIA-EO14024"],
        ["DPRK", "DPRK2", "DPRK4"],
        ["DPRK2"],
    ]

    assert about(parties) == ["North Korea", "Russia"]


def test_markers_say_nothing_of_why_a_party_is_listed() -> None:
    assert program("IFSR").is_marker
    assert about([["SDGT", "IFSR"]]) == ["terrorism"]


def test_every_tag_that_is_known_elsewhere_has_a_short_name(shared_data: Path) -> None:
    with (shared_data / "ofac_programs.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            known = program(row["tag"])
            assert known.short
            assert len(known.short) <= 55
            assert list(known.countries) == list(filter(None, row["country_codes"].split(";")))
            assert known.is_marker == row["plain_name"].startswith("Marker")
