"""Exactness: what is reported turns the old register into the new one, and nothing is reported without reason."""

from collections import Counter
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.canonical import encode, in_order
from monitor.core.diff import (
    Added,
    Amended,
    DoesNotApply,
    FieldChange,
    Removed,
    apply,
    apply_fields,
    diff,
    differing_fields,
)
from tests.builders import a_party
from tests.registers import Document, documents, register_pairs, registers

Pair = tuple[dict[str, Document], dict[str, Document]]


@settings(max_examples=50)
@given(register_pairs())
def test_applying_a_diff_reproduces_the_new_register(pair: Pair) -> None:
    old, new = pair

    assert apply(old, diff(old, new)) == new


@settings(max_examples=50)
@given(registers, registers)
def test_any_two_registers_differ_by_something_that_can_be_undone(
    one: dict[str, Document], other: dict[str, Document]
) -> None:
    assert apply(apply(one, diff(one, other)), diff(other, one)) == one


@settings(max_examples=50)
@given(registers, st.randoms(use_true_random=False))
def test_a_register_does_not_differ_from_itself_in_any_order(
    register: dict[str, Document], random: Random
) -> None:
    keys = random.sample(sorted(register), len(register))

    assert diff(register, {key: dict(reversed(register[key].items())) for key in keys}) == []


@settings(max_examples=50)
@given(register_pairs())
def test_every_change_is_one_and_says_which(pair: Pair) -> None:
    old, new = pair

    changes = diff(old, new)

    assert [change.key for change in changes] == sorted({change.key for change in changes})
    for change in changes:
        match change:
            case Added(key, document):
                assert key not in old and document == new[key]
            case Removed(key, document):
                assert key not in new and document == old[key]
            case Amended(key, before, after, fields):
                assert (before, after) == (old[key], new[key])
                assert before != after and fields
    unchanged = {key for key in old if new.get(key) == old[key]}
    assert {change.key for change in changes} == (old.keys() | new.keys()) - unchanged


@given(documents, documents)
def test_only_values_that_left_or_came_are_told(old: Document, new: Document) -> None:
    for change in differing_fields(old, new):
        left, came = (Counter(map(encode, values)) for values in (change.before, change.after))
        assert left or came
        assert not left & came, "what stayed is not told"
        assert left - count_of(old, change.field) == Counter()
        assert count_of(old, change.field) - left + came == count_of(new, change.field)


def count_of(document: Document, field: str) -> Counter[bytes]:
    value = document.get(field, [])
    return Counter(map(encode, value if isinstance(value, list) else [value]))


def test_repetition_is_a_change() -> None:
    old, new = a_party(programs=["SDGT"]), a_party(programs=["SDGT", "SDGT"])

    assert differing_fields(old, new) == (FieldChange("programs", (), ("SDGT",)),)
    assert differing_fields(new, old) == (FieldChange("programs", ("SDGT",), ()),)


def test_an_alias_corrected_in_one_part_left_and_came_whole() -> None:
    old = a_party(aliases=[{"last": "A"}, {"last": "SIBREGIONGAS", "kind": "aka"}])
    new = a_party(aliases=[{"last": "A"}, {"last": "SIBREGIONGAZ", "kind": "aka"}])

    (change,) = differing_fields(old, new)

    assert change.before == ({"kind": "aka", "last": "SIBREGIONGAS"},)
    assert change.after == ({"kind": "aka", "last": "SIBREGIONGAZ"},)


@pytest.mark.parametrize(
    ("old", "new", "before", "after"),
    [
        ({}, {"title": "Director"}, (), ("Director",)),
        ({"title": "Director"}, {}, ("Director",), ()),
        ({"title": "Director"}, {"title": "Head"}, ("Director",), ("Head",)),
    ],
)
def test_a_single_value_has_one_or_none_of_each(
    old: dict[str, Any], new: dict[str, Any], before: tuple[str, ...], after: tuple[str, ...]
) -> None:
    assert differing_fields(a_party(**old), a_party(**new)) == (
        FieldChange("title", before, after),
    )


def test_a_uid_that_comes_back_is_an_addition() -> None:
    register = {"7": a_party()}

    assert diff({}, register) == [Added("7", a_party())]
    assert diff(register, {}) == [Removed("7", a_party())]


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(Added("7", a_party()), id="it is there already"),
        pytest.param(Removed("7", a_party(name="ANOTHER")), id="it is not what it was"),
        pytest.param(Removed("8", a_party()), id="it is not there to be removed"),
        pytest.param(Amended("8", {}, {}, ()), id="it is not there to be amended"),
        pytest.param(
            Amended("7", {}, {}, (FieldChange("programs", ("SDGT",), ()),)),
            id="a value that should leave is not there",
        ),
        pytest.param(
            Amended("7", {}, {}, (FieldChange("type", (), ("entity",)),)),
            id="a single value would become two",
        ),
    ],
)
def test_changes_made_from_another_register_do_not_apply(change: Any) -> None:
    with pytest.raises(DoesNotApply):
        apply({"7": a_party()}, [change])


def test_applying_leaves_the_old_register_as_it_was() -> None:
    old = {"7": a_party(programs=["SDGT"])}

    apply(old, diff(old, {"7": a_party(programs=["DPRK4"])}))

    assert old == {"7": a_party(programs=["SDGT"])}


def test_what_is_applied_is_in_canonical_order() -> None:
    document = apply_fields(
        a_party(programs=["B", "D"]), [FieldChange("programs", ("D",), ("C", "A"))]
    )

    assert document["programs"] == in_order(["A", "B", "C"])
