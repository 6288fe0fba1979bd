"""Two accounts of one stretch: the same in any order agree; who is missing from either is named."""

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.diff import Added, Removed, diff
from monitor.core.second_witness import (
    Agreement,
    compare_witnesses,
    entries_on,
)
from tests.builders import a_party, a_removed, an_added, an_amended, as_json

Document = dict[str, Any]
Register = dict[str, Document]

PARTIES = [
    a_party(name=name, programs=[tag]) for name in ("DOE, John", "ROE") for tag in ("A", "B")
]
registers = st.dictionaries(st.sampled_from("12345"), st.sampled_from(PARTIES))
"""Of what the parties say no more is needed than that they differ: that is the subject of tests/core/test_diff.py."""


def an_entry(kind: str, key: str, party: Document | None = None, **given: Any) -> dict[str, Any]:
    """An entry of a change file, as it is on record."""
    described: Document = party if party is not None and kind != "changed" else {}
    facts = {name: described[name] for name in ("name", "type", "programs") if name in described}
    on_list = {} if kind == "changed" else {"list": "SDN List"}
    return facts | {"kind": kind, "key": key, **on_list, **given}


def told_by_file(old: Register, new: Register) -> list[dict[str, Any]]:
    """What a change file says between two registers."""
    entries = []
    for change in diff(old, new):
        match change:
            case Added():
                entries.append(an_entry("added", change.key, change.document))
            case Removed():
                entries.append(an_entry("removed", change.key, change.document))
            case _:
                entries.append(an_entry("changed", change.key))
    return entries


@given(registers, registers, st.randoms(use_true_random=False))
def test_the_same_changes_on_both_sides_agree_in_any_order(
    old: Register, new: Register, random: Random
) -> None:
    ours, theirs = list(as_json(*diff(old, new))), told_by_file(old, new)
    random.shuffle(ours)
    random.shuffle(theirs)

    agreement = compare_witnesses(ours, theirs, new)

    assert agreement == Agreement(agreed=tuple(sorted(change["key"] for change in ours)))


@given(registers, registers, st.data())
def test_what_is_missing_from_their_side_is_named(
    old: Register, new: Register, data: st.DataObject
) -> None:
    theirs = told_by_file(old, new)
    if not theirs:
        return
    missing = data.draw(st.sampled_from(theirs))
    theirs.remove(missing)

    agreement = compare_witnesses(as_json(*diff(old, new)), theirs, new)

    assert [(each.key, each.kind) for each in agreement.only_ours] == [
        (missing["key"], missing["kind"])
    ]
    assert not agreement.only_theirs
    assert not agreement.differing
    assert agreement.disputed.is_complete == (missing["kind"] == "changed")


@given(registers, registers, st.data())
def test_what_our_list_lacks_is_named(old: Register, new: Register, data: st.DataObject) -> None:
    """The list did not take one of the changes, and so we did not find it."""
    theirs = told_by_file(old, new)
    if not theirs:
        return
    missing = data.draw(st.sampled_from(theirs))
    key = missing["key"]
    ours = {name: party for name, party in new.items() if name != key}
    ours |= {key: old[key]} if key in old else {}

    agreement = compare_witnesses(as_json(*diff(old, ours)), theirs, ours)

    assert [(each.key, each.kind) for each in agreement.only_theirs] == [(key, missing["kind"])]
    assert not agreement.only_ours
    assert not agreement.differing
    assert agreement.disputed.is_complete == (missing["kind"] == "changed")
    assert agreement.concerns_listing == (missing["kind"] != "changed")


@given(registers, registers, registers)
def test_one_snapshot_over_two_publications_agrees_with_both_files(
    one: Register, two: Register, three: Register
) -> None:
    """After an outage; where a record came back meanwhile it need not be the same, so that a change may stand on one side only."""
    theirs = told_by_file(one, two) + told_by_file(two, three)

    agreement = compare_witnesses(as_json(*diff(one, three)), theirs, three)

    assert agreement.disputed.is_complete, agreement


def test_an_addition_that_our_list_held_already_is_agreed_on() -> None:
    agreement = compare_witnesses([], [an_entry("added", "5", a_party())], {"5"})

    assert agreement == Agreement(agreed=("5",))


def test_a_removal_of_whom_our_list_never_held_is_agreed_on() -> None:
    assert compare_witnesses([], [an_entry("removed", "5")], set()).is_complete


def test_an_addition_is_agreed_on_where_our_list_held_it_and_saw_it_changed() -> None:
    ours = as_json(an_amended("5", title="Director"))

    assert compare_witnesses(ours, [an_entry("added", "5", a_party())], {"5"}).agreed == ("5",)


def test_a_record_that_left_one_list_and_was_changed_on_another_has_left() -> None:
    theirs = [an_entry("removed", "5"), an_entry("changed", "5")]
    for entries in (theirs, theirs[::-1]):
        assert compare_witnesses(as_json(a_removed("5")), entries, set()).agreed == ("5",)


def test_a_changed_record_of_another_list_is_nobodys_business() -> None:
    assert compare_witnesses([], [an_entry("changed", "5")], set()) == Agreement()


def test_a_change_that_only_they_tell_is_written_down_and_no_dispute() -> None:
    agreement = compare_witnesses([], [an_entry("changed", "5")], {"5"})

    assert [each.key for each in agreement.only_theirs] == ["5"]
    assert agreement.disputed.is_complete


def test_a_delisting_that_they_call_a_change_is_a_contradiction() -> None:
    agreement = compare_witnesses(as_json(a_removed("5")), [an_entry("changed", "5")], set())

    (differing,) = agreement.differing
    assert (differing.fields, agreement.concerns_listing) == (("kind",), True)


@pytest.mark.parametrize(
    ("theirs", "fields"),
    [
        ({"type": "entity"}, ("type",)),
        ({"name": {"last": "ROE"}}, ("name",)),
        ({"programs": ["SDGT"]}, ("programs",)),
        ({"name": {"last": "DOE  JOHN"}}, ()),
        ({"name": {"last": "Döe", "first": "John"}}, ()),
        ({"programs": []}, ()),
        ({"type": "Undefined"}, ()),
        ({"aliases": [{"last": "ANOTHER"}]}, ()),
    ],
)
def test_added_records_that_both_state_whole_are_compared_where_they_are_unambiguous(
    theirs: dict[str, Any], fields: tuple[str, ...]
) -> None:
    entry = an_entry("added", "5", a_party()) | theirs

    agreement = compare_witnesses(as_json(an_added("5")), [entry], {"5"})

    assert [each.fields for each in agreement.differing] == ([fields] if fields else [])
    assert not agreement.concerns_listing


def test_a_record_that_was_changed_again_since_it_was_added_is_not_compared_field_by_field() -> (
    None
):
    entries = [an_entry("added", "5", a_party(programs=["SDGT"])), an_entry("changed", "5")]

    assert compare_witnesses(as_json(an_added("5")), entries, {"5"}).agreed == ("5",)


def test_an_amendment_on_both_sides_is_agreed_on_whatever_it_was() -> None:
    ours = as_json(an_amended("5", title="Director"))

    assert compare_witnesses(ours, [an_entry("changed", "5")], {"5"}).agreed == ("5",)


def test_entries_are_chosen_by_the_list_that_they_name() -> None:
    ours, other = an_entry("added", "1"), an_entry("added", "2", list="Example Sectoral List")
    changed, nameless = an_entry("changed", "3"), {"kind": "added", "name": {"last": "X"}}

    assert entries_on("SDN List", [ours, other, changed, nameless]) == [ours, changed]
