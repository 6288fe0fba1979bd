"""Which signals are of one action: each clause of the written rule, and that their order does not matter."""

from datetime import date, timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.dossier import Case, Signal, correlate
from tests.core.dossier.signals import (
    ACTION,
    DAY,
    a_designation,
    a_listing,
    a_publication,
    an_action,
    an_entry,
)

BANK = a_listing("1", "GOLDEN TRIANGLE BANK")
TRADER = a_listing("2", "CHOE, Chol Ryong", type="individual")
RELEASE = a_designation(
    "jy2751", "Treasury Sanctions Facilitators", "Golden Triangle Bank and Choe Chol Ryong", ACTION
)
PAGE = an_action(
    "20241216",
    "North Korea Designations",
    an_entry("GOLDEN TRIANGLE BANK"),
    an_entry("CHOE, Chol Ryong"),
)


def joined(*signals: Signal) -> list[set[str]]:
    """Who is in which case: the keys of publications, and of changes."""
    return [keys(case) for case in correlate(signals)]


def keys(case: Case) -> set[str]:
    return {ref.part or ref.subject for ref in case.refs}


def test_release_page_and_list_of_one_action_are_one_case() -> None:
    assert joined(RELEASE, PAGE, BANK, TRADER) == [{"jy2751", "20241216", "1", "2"}]


@pytest.mark.parametrize("order", list(permutations([0, 1, 2])))
def test_in_any_order(order: tuple[int, ...]) -> None:
    arrivals: list[list[Signal]] = [[RELEASE], [PAGE], [BANK, TRADER]]
    ordered = [signal for number in order for signal in arrivals[number]]

    assert correlate(ordered) == correlate([RELEASE, PAGE, BANK, TRADER])


def test_a_release_and_a_list_without_a_page_are_joined_by_names() -> None:
    release = a_designation("jy1", "Treasury Sanctions a Bank", "Golden Triangle Bank")

    assert joined(release, BANK) == [{"jy1", "1"}]


def test_two_pages_of_one_day_are_two_cases() -> None:
    iran = a_listing("9", "EXAMPLE SHIPPING CO", programs=("IRAN",))
    other = an_action("20241216_33", "Iran-related Designations", an_entry("EXAMPLE SHIPPING CO"))
    about_iran = a_designation(
        "jy2752", "Treasury Targets Shipping", "Example Shipping Co", f"{ACTION}_33"
    )

    assert joined(RELEASE, PAGE, BANK, TRADER, iran, other, about_iran) == [
        {"jy2751", "20241216", "1", "2"},
        {"jy2752", "20241216_33", "9"},
    ]


def test_two_releases_without_pages_share_a_list_version_by_names() -> None:
    iran = a_listing("9", "EXAMPLE SHIPPING CO", programs=("IRAN",))
    about_iran = a_designation("jy2752", "Treasury Targets Shipping", "Example Shipping Co")
    about_korea = a_designation("jy2753", "Treasury Targets a Bank", "Golden Triangle Bank")

    assert joined(about_iran, about_korea, iran, BANK) == [{"jy2753", "1"}, {"jy2752", "9"}]


def test_a_linked_release_that_mentions_anothers_party_is_not_joined_to_it() -> None:
    """The background of one release names a party of the other action."""
    iran = a_listing("9", "EXAMPLE SHIPPING CO", programs=("IRAN",))
    other = an_action("20241216_33", "Iran-related Designations", an_entry("EXAMPLE SHIPPING CO"))
    chatty = a_designation(
        "jy2752",
        "Treasury Targets Shipping",
        "Example Shipping Co, a customer of Golden Triangle Bank",
        f"{ACTION}_33",
    )

    assert joined(RELEASE, PAGE, BANK, TRADER, iran, other, chatty) == [
        {"jy2751", "20241216", "1", "2"},
        {"jy2752", "20241216_33", "9"},
    ]


def test_releases_that_link_to_one_page_are_one_case() -> None:
    second = a_designation("jy2760", "Joint Statement", "nobody here by name", ACTION)

    assert joined(RELEASE, second, PAGE, BANK, TRADER) == [
        {"jy2751", "jy2760", "20241216", "1", "2"}
    ]


def test_a_release_under_two_numbers_is_one() -> None:
    copy = a_designation("jy2751a", RELEASE.title, "Golden Triangle Bank", day=DAY + timedelta(1))

    assert joined(RELEASE, copy, BANK, TRADER) == [{"jy2751", "jy2751a", "1", "2"}]


def test_what_nobody_names_is_of_the_only_case_of_its_version() -> None:
    unnamed = a_listing("3", "PERSON, Of State", type="individual", programs=("NPWMD",))

    (case,) = correlate([RELEASE, BANK, TRADER, unnamed])

    assert keys(case) == {"jy2751", "1", "2", "3"}
    (member,) = [each for each in case.members if each.ref.part == "3"]
    assert member.because == "it came in the same version of the list"


def test_what_nobody_names_goes_with_its_programme_where_two_actions_share_a_version() -> None:
    iran = a_listing("9", "EXAMPLE SHIPPING CO", programs=("IRAN",))
    about_iran = a_designation("jy2752", "Treasury Targets Shipping", "Example Shipping Co")
    unnamed = a_listing("3", "ANOTHER LINE", programs=("IRAN",))
    of_neither = a_listing("4", "A THIRD", programs=("SDGT",))

    assert joined(RELEASE, BANK, TRADER, about_iran, iran, unnamed, of_neither) == [
        {"jy2751", "1", "2"},
        {"jy2752", "9", "3"},
        {"4"},
    ]


def test_a_removal_that_nobody_names_is_not_of_a_designation() -> None:
    gone = a_listing("7", "FORMER CO", kind="removed", categories=("delisting",))

    assert joined(RELEASE, BANK, TRADER, gone) == [{"jy2751", "1", "2"}, {"7"}]


def test_an_amendment_is_of_a_case_only_if_its_page_lists_it() -> None:
    listed = a_listing("5", "LISTED CO", kind="amended", categories=("alias",))
    other = a_listing("6", "OTHER CO", kind="amended", categories=("alias",))
    page = an_action("20241216", "Changes", an_entry("LISTED CO", kind="changed"))

    assert joined(page, listed, other) == [{"20241216", "5"}]


@pytest.mark.parametrize("days", [-2, 1, 4])
def test_a_list_that_changes_days_late_or_early_is_joined(days: int) -> None:
    late = a_listing("1", "GOLDEN TRIANGLE BANK", day=DAY + timedelta(days=days))

    assert joined(RELEASE, late) == [{"jy2751", "1"}]


def test_a_list_that_changes_a_week_later_is_not() -> None:
    late = a_listing("1", "GOLDEN TRIANGLE BANK", day=DAY + timedelta(days=7))

    assert joined(RELEASE, late) == [{"1"}, {"jy2751"}]


@pytest.mark.parametrize(
    ("listed", "others", "on_the_page"),
    [
        ("MYSTERY FRONT LLC", (), "MYSTERY FRONT L.L.C."),
        ("MYSTERY FRONT LIMITED", ("FRONT OF MYSTERY",), "FRONT OF MYSTERY"),
    ],
    ids=["legal form", "another name"],
)
def test_a_page_may_write_a_name_otherwise(
    listed: str, others: tuple[str, ...], on_the_page: str
) -> None:
    party = a_listing("1", listed, aliases=others)
    page = an_action("20241216", "Designations", an_entry(on_the_page))

    assert joined(page, party) == [{"20241216", "1"}]


def test_a_party_that_moved_to_another_list_is_no_act() -> None:
    moved = a_listing("1", "GOLDEN TRIANGLE BANK", categories=("program",))
    moved.change["moved"] = {"from": {}}  # type: ignore[index]

    assert joined(moved) == []


def test_releases_about_something_else_open_nothing() -> None:
    auction = a_publication(
        "release", "jy3", "Treasury to Auction 10-Year Notes", text="WASHINGTON — The auction is."
    )
    licence = an_action("20241216_44", "Issuance of a General License")

    assert joined(auction, licence) == []


def test_an_action_without_release_is_a_case() -> None:
    assert joined(PAGE) == [{"20241216"}]


def test_a_change_file_is_of_every_case_whose_changes_it_holds() -> None:
    iran = a_listing("9", "EXAMPLE SHIPPING CO", programs=("IRAN",))
    about_iran = a_designation("jy2752", "Treasury Targets Shipping", "Example Shipping Co")
    file = a_publication(
        "change_file", "1234", "Changes", entries=(an_entry("X", key="1"), an_entry("Y", key="9"))
    )

    assert joined(RELEASE, BANK, about_iran, iran, file) == [
        {"1234", "jy2751", "1"},
        {"1234", "jy2752", "9"},
    ]


def test_a_notice_is_of_the_case_of_which_it_names_most() -> None:
    iran = a_listing("9", "EXAMPLE SHIPPING CO", programs=("IRAN",))
    about_iran = a_designation("jy2752", "Treasury Targets Shipping", "Example Shipping Co")
    notice = a_publication(
        "notice",
        "2024-30001",
        "Notice of OFAC Sanctions Action",
        entries=(an_entry("GOLDEN TRIANGLE BANK"), an_entry("CHOE, Chol Ryong")),
        day=date(2024, 12, 27),
    )

    assert joined(RELEASE, BANK, TRADER, about_iran, iran, notice) == [
        {"jy2751", "1", "2", "2024-30001"},
        {"jy2752", "9"},
    ]


SIGNALS = st.permutations(
    [
        RELEASE,
        PAGE,
        BANK,
        TRADER,
        a_listing("3", "PERSON, Of State", type="individual", programs=("NPWMD",)),
        a_listing("9", "EXAMPLE SHIPPING CO", programs=("IRAN",)),
        a_designation("jy2752", "Treasury Targets Shipping", "Example Shipping Co"),
        a_designation("jy2751b", RELEASE.title, "Golden Triangle Bank"),
        a_listing("7", "FORMER CO", kind="removed", categories=("delisting",)),
        an_action("20241216_33", "Removals", an_entry("FORMER CO", kind="removed")),
    ]
)


@given(SIGNALS, st.integers(0, 10))
def test_the_set_decides_and_never_the_order(signals: list[Signal], number: int) -> None:
    some = signals[:number]

    assert correlate(some) == correlate(sorted(some, key=lambda each: each.ref, reverse=True))


@given(SIGNALS, st.integers(0, 10))
def test_each_change_is_of_one_case_and_each_act_of_some(
    signals: list[Signal], number: int
) -> None:
    some = signals[:number]

    held = [ref for case in correlate(some) for ref in case.refs if ref.witness == "list"]

    assert sorted(held) == sorted(each.ref for each in some if each.ref.witness == "list")


@pytest.mark.parametrize(
    ("kind", "named_as", "days_after", "is_joined"),
    [
        ("added", "added", 11, True),
        ("added", "added", 0, True),
        ("added", "added", -1, False),
        ("added", "changed", 11, True),
        ("added", "removed", 11, False),
        ("amended", "added", 11, True),
        ("removed", "removed", 11, True),
        ("removed", "added", 11, False),
    ],
)
def test_a_legal_notice_is_of_what_it_names_as_what_was_done(
    kind: str, named_as: str, days_after: int, is_joined: bool
) -> None:
    act = a_listing("1", "GOLDEN TRIANGLE BANK", kind=kind)
    notice = a_publication(
        "notice",
        "2024-31001",
        "Notice of OFAC Sanctions Action",
        day=DAY + timedelta(days_after),
        entries=(an_entry("GOLDEN TRIANGLE BANK", kind=named_as),),
    )

    assert joined(act, notice) == [{"1", "2024-31001"} if is_joined else {"1"}]


def test_the_signals_of_a_case_alone_are_the_same_case() -> None:
    """A late notice makes a dossier anew from its own signals: nothing of it may depend on what is beside it."""
    iran = a_listing("9", "EXAMPLE SHIPPING CO", programs=("IRAN",))
    about_iran = a_designation("jy2752", "Treasury Targets Shipping", "Example Shipping Co")
    unnamed = a_listing("3", "ANOTHER LINE", programs=("IRAN",))
    of_neither = a_listing("4", "A THIRD", programs=("SDGT",))

    cases = correlate([RELEASE, PAGE, BANK, TRADER, about_iran, iran, unnamed, of_neither])

    assert len(cases) == 3
    for case in cases:
        (again,) = correlate(each.signal for each in case.members)
        assert again == case
