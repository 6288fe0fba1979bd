"""The words that routes may use are those that changes have."""

from typing import Any

import pytest
from hypothesis import given, settings

from monitor.config.routes import CATEGORIES, PARTY_TYPES, SEVERITIES
from monitor.core import classify as classification
from monitor.core.classify import classify
from monitor.core.diff import Change, diff
from monitor.core.footnotes import _RULES as FOOTNOTES
from monitor.core.parties import TYPES
from tests.builders import a_removed, an_added, an_amended, an_identifier
from tests.registers import register_pairs


def an_identifier_added(type: str) -> Change:
    return an_amended(identifiers=[an_identifier(type, "1")])


EXAMPLES: dict[str, Change] = {
    "designation": an_added(),
    "delisting": a_removed(),
    "program": an_amended(programs=["DPRK4", "IFSR"]),
    "name": an_amended(name="ROE, Jane"),
    "alias": an_amended(aliases=[{"last": "ROE", "kind": "aka", "strength": "weak"}]),
    "identifier": an_identifier_added("Passport"),
    "digital_currency": an_identifier_added("Digital Currency Address - XBT"),
    "birth": an_amended(dates_of_birth=[{"date": "1962"}]),
    "nationality": an_amended(nationalities=[{"country": "Iran"}]),
    "address": an_amended(addresses=[{"city": "Tehran"}]),
    "vessel": an_amended(vessel={"flag": "Iran"}),
    "link": an_amended(remarks="(Linked To: DOE)"),
    "remarks": an_amended(remarks="A remark."),
    "title": an_amended(title="Minister"),
    "type": an_amended(type="entity"),
    "notice": an_identifier_added("Secondary sanctions risk:"),
    "contact": an_identifier_added("Website"),
}


def test_there_is_a_change_for_each_word() -> None:
    assert EXAMPLES.keys() == set(CATEGORIES)
    assert set(SEVERITIES) == set(classification.SEVERITIES)
    assert set(PARTY_TYPES) == set(TYPES)


@pytest.mark.parametrize("category", CATEGORIES)
def test_a_change_for_a_word_has_it(category: str) -> None:
    assert category in classify(EXAMPLES[category]).categories


@pytest.mark.parametrize("beginning", [each for kinds, _ in FOOTNOTES for each in kinds])
def test_no_entry_among_the_identifiers_has_another_word(beginning: str) -> None:
    said = classify(an_identifier_added(beginning))

    assert set(said.categories) <= set(CATEGORIES)
    assert said.severity in SEVERITIES


@given(register_pairs())
@settings(max_examples=60)
def test_no_change_has_another_word_and_none_has_no_word(registers: Any) -> None:
    for change in diff(*registers):
        said = classify(change)

        assert said.categories
        assert set(said.categories) <= set(CATEGORIES)
        assert said.severity in SEVERITIES
        assert said.reasons
