"""What changes are told as: moves between lists, new numbers, new names of programmes."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.config.routes import CATEGORIES, SEVERITIES
from monitor.core.classify import SEVERITIES as BY_RANK
from monitor.core.moves import WINDOW, Sibling, Stay, Telling
from monitor.core.renamings import MANY
from tests.builders import (
    FIRST_SEEN,
    a_party,
    a_removed,
    an_added,
    an_amended,
    as_json,
    told,
)

DAY = timedelta(days=1)
BORN = [{"date": "1962"}]


def a_stay(began: datetime, ended: datetime | None = None, *, is_baseline: bool = False) -> Stay:
    return Stay(began, ended, is_baseline, 1, None if ended is None else 2)


def a_sibling(*stays: Stay, blocking: bool = False, **given: Any) -> Sibling:
    """Another list with these stays of the record "1"."""
    values: dict[str, Any] = {
        "feed": "other",
        "title": "the other list",
        "blocking": blocking,
        "checked": FIRST_SEEN,
        "stays": {"1": stays},
    }
    return Sibling(**{**values, **given})


def said(change: dict[str, Any]) -> tuple[str | None, list[str], str]:
    """The way of its move, its categories and severity."""
    return next(iter(change.get("moved", {})), None), change["categories"], change["severity"]


# --- moves ----------------------------------------------------------------------------------------------------------

LONG_AGO = FIRST_SEEN - 99 * DAY
NOTHING = (None, ["delisting"], "high")
PROGRAM = (["program"], "medium")


@pytest.mark.parametrize(
    ("stay", "expected"),
    [
        (a_stay(FIRST_SEEN - WINDOW), ("to", *PROGRAM)),
        (a_stay(FIRST_SEEN - WINDOW - timedelta(seconds=1)), ("still_on", *PROGRAM)),
        (a_stay(FIRST_SEEN + DAY), ("to", *PROGRAM)),
        (a_stay(FIRST_SEEN + 8 * DAY), NOTHING),
        (a_stay(FIRST_SEEN - DAY, is_baseline=True), ("still_on", *PROGRAM)),
        (a_stay(LONG_AGO, FIRST_SEEN - DAY), ("also_left", ["delisting"], "high")),
        (a_stay(LONG_AGO, FIRST_SEEN + DAY), ("also_left", ["delisting"], "high")),
        (a_stay(LONG_AGO, FIRST_SEEN - 8 * DAY), NOTHING),
        (a_stay(LONG_AGO, FIRST_SEEN + 8 * DAY), ("still_on", *PROGRAM)),
    ],
)
def test_who_left_this_list_is_told_by_what_the_other_one_holds(
    stay: Stay, expected: tuple[Any, ...]
) -> None:
    (change,) = told(a_removed("1"), siblings=[a_sibling(stay)])

    assert said(change) == expected


@pytest.mark.parametrize(
    ("stay", "blocking", "expected"),
    [
        (a_stay(LONG_AGO, FIRST_SEEN - WINDOW), False, ("from", *PROGRAM)),
        (a_stay(LONG_AGO, FIRST_SEEN + DAY), False, ("from", *PROGRAM)),
        (a_stay(LONG_AGO, FIRST_SEEN - DAY), True, ("from", ["designation"], "high")),
        (a_stay(LONG_AGO, FIRST_SEEN - 8 * DAY), False, (None, ["designation"], "high")),
        (a_stay(LONG_AGO), False, ("still_on", ["designation"], "high")),
        (a_stay(LONG_AGO), True, ("still_on", ["designation"], "high")),
        (a_stay(FIRST_SEEN + DAY), True, (None, ["designation"], "high")),
    ],
)
def test_who_came_to_this_list_is_told_by_what_the_other_one_held(
    stay: Stay, blocking: bool, expected: tuple[Any, ...]
) -> None:
    (change,) = told(
        an_added("1"), blocking=blocking, siblings=[a_sibling(stay, blocking=not blocking)]
    )

    assert said(change) == expected


def test_the_other_list_is_not_believed_when_it_has_not_been_read_for_long() -> None:
    unread = a_sibling(a_stay(LONG_AGO), checked=FIRST_SEEN - WINDOW - DAY)

    assert [said(each) for each in told(a_removed("1"), siblings=[unread])] == [NOTHING]


def test_a_move_names_the_other_list_and_the_alert_that_told_of_it() -> None:
    sibling = a_sibling(
        a_stay(LONG_AGO, FIRST_SEEN - DAY),
        blocking=True,
        told={2: Telling("analert", FIRST_SEEN - DAY + timedelta(seconds=9))},
    )
    (change,) = told(an_added("1"), blocking=False, siblings=[sibling])

    assert change["moved"] == {
        "from": {
            "feed": "other",
            "list": "the other list",
            "blocking": True,
            "seen": "2024-12-15T15:02:11Z",
            "alert": "analert",
            "told": "2024-12-15T15:02:20Z",
        }
    }


def test_a_move_that_nobody_was_told_of_names_no_alert() -> None:
    (change,) = told(a_removed("1"), siblings=[a_sibling(a_stay(FIRST_SEEN - DAY))])

    assert change["moved"]["to"]["alert"] is change["moved"]["to"]["told"] is None


def test_only_who_came_or_left_can_have_moved() -> None:
    amended = an_amended("1", title="Minister")

    assert told(amended, siblings=[a_sibling(a_stay(FIRST_SEEN))]) == as_json(amended)


moments = st.integers(-30, 30).map(lambda days: FIRST_SEEN + days * DAY)
stays = st.builds(
    lambda began, length, is_baseline: a_stay(
        began, None if length is None else began + length * DAY, is_baseline=is_baseline
    ),
    moments,
    st.none() | st.integers(1, 40),
    st.booleans(),
)


@given(stays, st.booleans(), st.booleans(), st.sampled_from([an_added("1"), a_removed("1")]))
def test_whatever_other_lists_hold_the_change_itself_stays(
    stay: Stay, blocking: bool, other: bool, change: Any
) -> None:
    (before,) = as_json(change)
    (after,) = told(change, blocking=blocking, siblings=[a_sibling(stay, blocking=other)])

    unchanged = ("feed", "key", "kind", "party")
    assert {name: after[name] for name in unchanged} == {name: before[name] for name in unchanged}
    assert set(after) <= {*before, "moved"}
    if after["kind"] == "added" and blocking and not other:
        assert after["severity"] == "high", "who comes to the list that blocks is blocked"


# --- new numbers ----------------------------------------------------------------------------------------------------


def test_a_party_under_a_new_number_is_neither_delisted_nor_designated() -> None:
    old, new = told(a_removed("1", dates_of_birth=BORN), an_added("2", dates_of_birth=BORN))

    assert (old["categories"], old["severity"], old["relisted"]) == (
        ["identifier"],
        "medium",
        {"as": "2"},
    )
    assert (new["categories"], new["severity"], new["relisted"]) == (
        ["identifier"],
        "medium",
        {"from": "1"},
    )


def test_a_new_number_under_a_further_programme_stays_a_designation() -> None:
    old, new = told(
        a_removed("1", dates_of_birth=BORN),
        an_added("2", dates_of_birth=BORN, programs=["DPRK4", "NPWMD"]),
    )

    assert old["categories"] == ["identifier"]
    assert (new["categories"], new["severity"]) == (["designation", "identifier"], "high")


@pytest.mark.parametrize("programs", [["DPRK4", "IFSR"], []])
def test_a_marker_or_a_programme_less_is_no_new_ground(programs: list[str]) -> None:
    _, new = told(
        a_removed("1", dates_of_birth=BORN),
        an_added("2", dates_of_birth=BORN, programs=programs),
    )

    assert new["severity"] == "medium"


def test_two_new_records_for_one_old_one_are_one_new_number_and_one_designation() -> None:
    changes = told(
        a_removed("1", dates_of_birth=BORN),
        an_added("2", dates_of_birth=BORN),
        an_added("3", dates_of_birth=BORN),
    )

    assert [each["categories"] for each in changes] == [
        ["identifier"],
        ["identifier"],
        ["designation"],
    ]


def test_who_moved_to_another_list_is_not_taken_for_a_new_number() -> None:
    moved, new = told(
        a_removed("1", dates_of_birth=BORN),
        an_added("2", dates_of_birth=BORN),
        siblings=[a_sibling(a_stay(FIRST_SEEN - DAY))],
    )

    assert said(moved) == ("to", *PROGRAM)
    assert new["categories"] == ["designation"]


# --- new names ------------------------------------------------------------------------------------------------------


def renamed(number: int, old: str = "OLD", new: str = "NEW", **further: Any) -> list[Any]:
    return [
        an_amended(
            f"{key:03}",
            old=a_party(name=f"CO{key:03}", programs=["DPRK4", old]),
            programs=["DPRK4", new],
            **further,
        )
        for key in range(number)
    ]


def severities(changes: Any) -> set[str]:
    return {each["severity"] for each in changes}


def test_a_tag_that_gives_way_on_many_records_at_once_is_renamed() -> None:
    changes = told(*renamed(MANY), carriers={"NEW": MANY})

    assert {tuple(each["categories"]) for each in changes} == {("program",)}
    assert severities(changes) == {"low"}
    assert changes[0]["renamed"] == {"from": "OLD", "to": "NEW"}
    assert changes[0]["fields"] == as_json(*renamed(1))[0]["fields"]


@pytest.mark.parametrize(
    ("number", "carriers", "expected"),
    [
        (MANY - 1, {"NEW": MANY - 1}, "high"),
        (MANY, {"NEW": MANY, "OLD": 1}, "low"),
        (MANY, {"NEW": MANY, "OLD": 2}, "high"),
        (MANY, {"NEW": MANY + 1}, "low"),
        (MANY, {"NEW": MANY + 2}, "high"),
    ],
)
def test_it_takes_many_records_an_old_tag_that_goes_and_a_new_one_that_is_new(
    number: int, carriers: dict[str, int], expected: str
) -> None:
    assert severities(told(*renamed(number), carriers=carriers)) == {expected}


def test_parties_that_are_added_under_the_new_name_at_once_do_not_make_it_an_old_one() -> None:
    added = [an_added(f"x{key}", programs=["NEW"]) for key in range(5)]
    changes = told(*renamed(MANY), *added, carriers={"NEW": MANY + 5})

    assert severities(each for each in changes if each["kind"] == "amended") == {"low"}
    assert severities(each for each in changes if each["kind"] == "added") == {"high"}


def test_a_known_new_name_needs_no_number() -> None:
    (change,) = told(*renamed(1, "561List", "561-Related"), carriers={"561List": 400})

    assert (change["severity"], change["renamed"]["to"]) == ("low", "561-Related")


def test_what_else_was_amended_decides_beside_a_new_name() -> None:
    further = [{"number": "1", "type": "Passport"}]
    changes = told(*renamed(MANY, identifiers=further), carriers={"NEW": MANY})

    assert {tuple(each["categories"]) for each in changes} == {("identifier", "program")}
    assert severities(changes) == {"medium"}


def test_a_marker_is_no_name_of_a_ground() -> None:
    assert severities(told(*renamed(MANY, "OLD", "IFSR"), carriers={"IFSR": MANY})) == {"medium"}


# --- the words ------------------------------------------------------------------------------------------------------


def test_what_is_told_keeps_to_the_words_of_the_configuration() -> None:
    changes = [
        *told(a_removed("1"), siblings=[a_sibling(a_stay(FIRST_SEEN))]),
        *told(a_removed("1", dates_of_birth=BORN), an_added("2", dates_of_birth=BORN)),
        *told(*renamed(MANY), carriers={"NEW": MANY}),
    ]

    assert {category for each in changes for category in each["categories"]} <= set(CATEGORIES)
    assert severities(changes) <= set(SEVERITIES) == set(BY_RANK)
