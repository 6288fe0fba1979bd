"""A release's own numbers. The sentences are ours, in the turns that Treasury uses."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.releases import Counts, compare, counts_in
from monitor.core.releases.numerals import in_words, number_of
from tests.core.releases.real import releases

OFAC = (
    "WASHINGTON — Today, the Department of the Treasury’s Office of Foreign Assets Control (OFAC)"
)


def said(text: str) -> Counts:
    counts = counts_in(text)
    assert counts is not None
    return counts


def numbers(text: str) -> tuple[int | None, ...]:
    counts = said(text)
    return counts.individuals, counts.entities, counts.vessels, counts.aircraft


@pytest.mark.parametrize(
    ("what", "expected"),
    [
        ("is sanctioning nine individuals and seven entities for it.", (9, 7, None, None)),
        ("sanctioned 12 individuals and eight entities, located in it.", (12, 8, None, None)),
        ("is sanctioning one individual and three vessels.", (1, None, 3, None)),
        ("is designating twenty-one companies and two aircraft.", (None, 21, None, 2)),
        ("is sanctioning two Georgian officials from a ministry.", (2, None, None, None)),
        ("is sanctioning three former Government of Uzbekistan officials.", (3,) + (None,) * 3),
        ("is sanctioning, as of 2024 nine individuals.", (9, None, None, None)),
        ("is sanctioning 1,204 entities.", (None, 1204, None, None)),
        (
            "acts. Today’s actions sanction one individual, one entity and one individual.",
            (2, 1, None, None),
        ),
    ],
)
def test_numbers_stand_in_words_or_digits(what: str, expected: tuple[int | None, ...]) -> None:
    assert numbers(f"{OFAC} {what}") == expected


def test_kinds_that_are_counted_together_stay_together() -> None:
    counts = said(f"{OFAC} is imposing sanctions on 35 entities and vessels that carry oil.")

    assert (counts.entities, counts.vessels) == (None, None)
    assert [(claim.number, claim.kinds) for claim in counts.claims] == [(35, ("entity", "vessel"))]
    targets = said(f"{OFAC} designated nearly 60 targets.").claims[0]
    assert (targets.number, targets.bound) == (60, "about")
    assert targets.kinds == ("individual", "entity", "vessel", "aircraft")


def test_an_approximate_number_is_said_to_be_one() -> None:
    counts = said(f"{OFAC} is sanctioning over 20 individuals and entities.")

    assert counts.is_approximate
    assert counts.words == "over 20 individuals and entities"
    assert not said(f"{OFAC} is sanctioning 20 entities.").is_approximate


@pytest.mark.parametrize(
    "sentence",
    [
        "Since 2021, Treasury has designated more than 500 individuals and entities for corruption.",
        "On September 13, 2024, OFAC designated three individuals.",
        "Over the past year, OFAC designated over 100 individuals.",
        "Also, today, the U.S. Department of State sanctioned three targets related to missiles.",
        "The United Kingdom is designating five individuals and two entities.",
        "The DPRK fired at least seven missiles and sanctioned nobody.",
        "Entities owned 50 percent or more by one or more blocked persons are also blocked.",
        "OFAC is sanctioning a company and one of its officials.",
        "Dignitaries of 12 companies met two ministers.",
    ],
)
def test_the_past_other_departments_and_other_things_are_not_counted(sentence: str) -> None:
    filling = "What follows is about a network that carries petroleum to its customers overseas."

    assert counts_in(f"{filling} {sentence}") is None


def test_only_the_lead_counts() -> None:
    text = (
        "OFAC disrupts two companies’ network\n"
        f"{OFAC} is sanctioning a network that sells oil.\n"
        "“We sanction nine individuals,” said somebody.\n"
        "THE NETWORK\n"
        "OFAC is designating five individuals pursuant to E.O. 13902 for operating in Iran."
    )

    assert counts_in(text) is None


def test_a_later_sentence_adds_only_if_it_says_also() -> None:
    lead = f"{OFAC} is sanctioning five individuals and four entities. "

    assert numbers(f"{lead}All five individuals are being designated.")[:2] == (5, 4)
    assert numbers(f"{lead}OFAC also designated two entities.")[:2] == (5, 6)
    assert numbers(f"{lead}This action also identifies a Wyoming-based entity.")[:2] == (5, 5)


def test_others_that_are_named_without_a_number_make_it_the_least() -> None:
    before = said(f"{OFAC} sanctions its leaders. OFAC is also designating 18 individuals.")
    after = said(f"{OFAC} is sanctioning six organizations. OFAC is also targeting the Conference.")

    assert [claim.bound for claim in (*before.claims, *after.claims)] == ["at least"] * 2


def test_numbers_that_agree_need_no_sentence() -> None:
    counts = said(f"{OFAC} is sanctioning nine individuals and seven entities.")

    assert compare(counts, {"individual": 9, "entity": 7}) is None
    assert compare(counts, {"individual": 9, "entity": 7, "vessel": 3}) is None, "it says nothing"
    together = said(f"{OFAC} is sanctioning 35 entities and vessels.")
    assert compare(together, {"entity": 20, "vessel": 15}) is None


def test_numbers_that_differ_are_said_side_by_side() -> None:
    counts = said(f"{OFAC} is sanctioning nine individuals and seven entities.")

    assert compare(counts, {"individual": 9, "entity": 5}) == (
        "The release speaks of “seven entities”; found in it are 5 entities of those that the list changed."
    )
    assert compare(counts, {}) == (
        "The release speaks of “nine individuals and seven entities”; found in it are 0 individuals and "
        "0 entities of those that the list changed."
    )
    together = said(f"{OFAC} is sanctioning 35 entities and vessels.")
    assert compare(together, {"entity": 1}) == (
        "The release speaks of “35 entities and vessels”; found in it are 1 entities and vessels of those that the list changed."
    )


def test_an_approximate_number_agrees_with_what_it_allows() -> None:
    over = said(f"{OFAC} is sanctioning over 20 individuals.")
    nearly = said(f"{OFAC} is sanctioning nearly 60 individuals.")

    assert compare(over, {"individual": 23}) is None
    assert compare(over, {"individual": 19}) is not None
    assert compare(nearly, {"individual": 58}) is None
    assert compare(nearly, {"individual": 40}) is not None


def test_counts_come_back_from_plain_json() -> None:
    counts = said(f"{OFAC} is sanctioning over 20 individuals and one vessel.")

    assert Counts.from_dict(counts.as_dict()) == counts


@given(st.integers(1, 99))
def test_a_number_in_words_is_that_number(number: int) -> None:
    words = in_words(number)

    assert (
        number_of(words) == number_of(words.upper()) == number_of(words.replace("-", " ")) == number
    )
    assert numbers(f"{OFAC} is sanctioning {words} entities.")[1] == number


@given(st.integers(1, 9999))
def test_a_number_in_digits_is_that_number(number: int) -> None:
    assert number_of(str(number)) == number_of(f"{number:,}") == number
    assert numbers(f"{OFAC} is sanctioning {number:,} vessels.")[2] == number


def test_what_is_no_number_is_none() -> None:
    assert number_of("several") is None
    assert number_of("") is None
    assert number_of("two-ninety") is None


@given(st.text(max_size=300))
def test_no_text_breaks_it(text: str) -> None:
    counts_in(f"OFAC is sanctioning {text} individuals")
    counts_in(text)


# Read by hand in each release. 35, 28, 18 and a dozen are of individuals, entities or vessels together.
REAL = {
    "jy2732": ["three former Government of Uzbekistan officials"],
    "jy2734": ["35 entities and vessels"],
    "jy2735": ["five individuals", "four entities", "a Wyoming-based entity"],
    "jy2740": ["28 individuals and businesses"],
    "jy2741": ["one individual", "one entity", "one individual"],
    "jy2751": ["nine individuals", "seven entities"],
    "jy2752": ["two individuals", "one entity"],
    "jy2753": ["12 individuals", "eight entities"],
    "jy2755": ["two entities", "two individuals"],
    "jy2756": ["three individuals", "four entities"],
    "jy2757": ["a dozen individuals and entities"],
    "jy2758": ["four entities", "three vessels"],
    "jy2759": ["two Georgian officials"],
    "sb0364": ["18 individuals and entities"],
    "sb0368": ["six Gaza-based organizations"],
}


def test_the_numbers_of_real_releases_are_those_that_a_reader_finds(shared_data: Path) -> None:
    found = {
        release.key: [claim.quoted for claim in counts.claims]
        for release in releases(shared_data)
        if (counts := counts_in(release.text))
    }

    assert found == REAL


def test_a_number_in_a_name_counts_nobody() -> None:
    assert counts_in("WASHINGTON — Today, OFAC is designating Example Two Company.") is None
