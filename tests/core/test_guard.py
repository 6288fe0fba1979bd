"""What is believed without a person: just below, at and above each limit."""

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.base import Guard
from monitor.core.guard import Counts, Finding, judge

GUARD = Guard(min_records=100, max_removed=0.05, max_added=0.25)


def counts(**given: Any) -> Counts:
    """A list of 1,000 that is as it was, but for what is given."""
    values: dict[str, Any] = {
        "records": 1000,
        "declared": 1000,
        "on_record": 1000,
        "added": 0,
        "removed": 0,
        "amended": 0,
    }
    return Counts(**{**values, **given})


def rules(counted: Counts, guard: Guard = GUARD) -> list[str]:
    return [finding.rule for finding in judge(counted, guard)]


@pytest.mark.parametrize(
    ("counted", "broken"),
    [
        (counts(), []),
        (counts(removed=49), []),
        (counts(removed=50), []),
        (counts(removed=51), ["max_removed"]),
        (counts(added=249), []),
        (counts(added=250), []),
        (counts(added=251), ["max_added"]),
        (counts(records=101, declared=101), []),
        (counts(records=100, declared=100), []),
        (counts(records=99, declared=99), ["min_records"]),
        (counts(declared=None), []),
        (counts(declared=999), ["declared_count"]),
        (counts(declared=1001), ["declared_count"]),
        (counts(amended=1000), []),
        (counts(records=0, declared=0, removed=1000), ["min_records", "max_removed"]),
    ],
)
def test_a_limit_is_met_and_its_neighbour_is_not(counted: Counts, broken: list[str]) -> None:
    assert rules(counted) == broken


def test_a_first_snapshot_has_nothing_to_be_compared_with() -> None:
    first = counts(on_record=0, added=1000)

    assert rules(first) == []


def test_a_first_snapshot_is_held_all_the_same_when_it_is_too_small_or_says_otherwise() -> None:
    first = counts(on_record=0, records=99, declared=1000, added=99)

    assert rules(first) == ["declared_count", "min_records"]


@given(st.integers(0, 1000), st.integers(1, 20))
def test_a_share_of_exactly_the_limit_is_accepted(permille: int, thousands: int) -> None:
    """0.29 of 100 is 28.999… in floating point."""
    whole, part = 1000 * thousands, permille * thousands
    guard = Guard(min_records=0, max_removed=permille / 1000, max_added=permille / 1000)
    at = {"records": whole, "declared": None, "on_record": whole}

    assert rules(counts(**at, removed=part, added=part), guard) == []
    assert rules(counts(**at, removed=part + 1), guard) == ["max_removed"]
    assert rules(counts(**at, added=part + 1), guard) == ["max_added"]


def test_a_limit_of_nothing_lets_nothing_pass() -> None:
    guard = Guard(min_records=0, max_removed=0, max_added=0)

    assert rules(counts(), guard) == []
    assert rules(counts(removed=1, added=1), guard) == ["max_removed", "max_added"]


def test_the_numbers_are_said_in_words() -> None:
    half = counts(records=9_700, declared=19_391, on_record=19_391, removed=9_691)

    assert judge(half, Guard(min_records=10_000, max_removed=0.05, max_added=0.25)) == (
        Finding("declared_count", "the list says that it holds 19,391 records and holds 9,700"),
        Finding("min_records", "it holds 9,700 records; at least 10,000 are expected"),
        Finding("max_removed", "9,691 of 19,391 parties are missing (50 percent; limit 5)"),
    )


@pytest.mark.parametrize(
    ("added", "share"),
    [
        (251, "25 percent; limit 25"),
        (1000, "100 percent; limit 25"),
        (2500, "2.5 times as many; limit 25 percent"),
        (15_000, "15 times as many; limit 25 percent"),
    ],
)
def test_additions_are_said_as_a_share_of_the_list(added: int, share: str) -> None:
    (finding,) = judge(counts(added=added), GUARD)

    assert finding.sentence == (f"{added:,} parties are new to a list of 1,000 ({share})")


def test_a_small_share_is_said_to_a_tenth() -> None:
    (finding,) = judge(counts(removed=51), GUARD)

    assert "(5.1 percent; limit 5)" in finding.sentence


@pytest.mark.parametrize(
    ("filled", "broken"), [(501, []), (500, []), (499, ["emptied_field"]), (0, ["emptied_field"])]
)
def test_a_field_may_be_emptied_to_half_and_no_further(filled: int, broken: list[str]) -> None:
    counted = counts(filled_before={"aliases": 1000}, filled={"aliases": filled})

    assert rules(counted) == broken


def test_a_field_that_few_records_have_may_go() -> None:
    assert rules(counts(filled_before={"title": 19}, filled={})) == []
    assert rules(counts(filled_before={"title": 20}, filled={})) == ["emptied_field"]


def test_an_emptied_field_is_named_with_its_numbers() -> None:
    (finding,) = judge(counts(filled_before={"dates_of_birth": 640}, filled={}), GUARD)

    assert finding.sentence == (
        "of the 1,000 parties that stay, 640 had the field dates_of_birth filled, and 0 have it now"
    )


@pytest.mark.parametrize(
    ("day", "broken"), [(15, ["stated_date"]), (16, []), (17, [])], ids=["before", "same", "after"]
)
def test_a_list_may_not_go_back_in_time(day: int, broken: list[str]) -> None:
    counted = counts(dated=date(2024, 12, day), dated_on_record=date(2024, 12, 16))

    assert rules(counted) == broken


def test_a_list_without_a_date_is_not_older() -> None:
    assert rules(counts(dated=None, dated_on_record=date(2024, 12, 16))) == []
    assert rules(counts(dated=date(2024, 12, 16), dated_on_record=None)) == []
