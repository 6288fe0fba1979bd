"""An amendment in words, and changes that are told as one."""

from typing import Any

import pytest

from monitor.core.differences import differences, summary
from monitor.core.relistings import relisted
from monitor.core.told_as_one import MASS_EDIT, mass_edits
from tests.builders import a_party, a_removed, an_added, an_amended, an_identifier, as_json


def lines(old: dict[str, Any] | None = None, **new: Any) -> list[str]:
    (change,) = as_json(an_amended(old=old, **new))
    return [each.line for each in differences(change)]


def in_numbers(old: dict[str, Any] | None = None, **new: Any) -> str:
    (change,) = as_json(an_amended(old=old, **new))
    return summary(change)


ALIAS = {"last": "CH'OE", "first": "Ch'o'l-ryong", "kind": "aka", "strength": "strong"}


@pytest.mark.parametrize(
    ("new", "line"),
    [
        ({"aliases": [ALIAS]}, "+ a.k.a. \"CH'OE, Ch'o'l-ryong\""),
        (
            {"aliases": [{"last": "BOSS", "kind": "aka", "strength": "weak"}]},
            '+ weak a.k.a. "BOSS"',
        ),
        (
            {
                "identifiers": [
                    an_identifier("Passport", "745", country="Korea, North", expires="2030")
                ]
            },
            "+ Passport 745 (Korea, North), expires 2030",
        ),
        (
            {"identifiers": [an_identifier("Digital Currency Address - XBT", "bc1q7")]},
            "+ XBT bc1q7",
        ),
        ({"programs": ["DPRK4", "SDGT"]}, "+ Terrorism [SDGT]"),
        ({"addresses": [{"city": "Dandong", "country": "China"}]}, "+ address Dandong, China"),
        ({"dates_of_birth": [{"date": "circa 1962"}]}, "+ born circa 1962"),
        ({"remarks": "(Linked To: THE BANK)"}, "+ linked to THE BANK"),
        ({"title": "General"}, '+ title "General"'),
        ({"listed_on": "2024"}, "+ listed on 2024"),
    ],
)
def test_each_value_that_came_has_a_plus_and_its_words(new: dict[str, Any], line: str) -> None:
    assert lines(**new) == [line]


def test_a_changed_value_has_a_minus_and_a_plus() -> None:
    assert lines(name="DOE, Johnny") == ['− name "DOE, John"', '+ name "DOE, Johnny"']


def test_the_unchanged_parts_of_remarks_and_vessels_are_left_out() -> None:
    old = a_party(
        remarks="HAMAS - Hebron; (Linked To: A)", vessel={"flag": "Panama", "type": "Tanker"}
    )

    assert lines(old, remarks="HAMAS - Hebron; (Linked To: B)") == [
        "− linked to A",
        "+ linked to B",
    ]
    assert lines(old, vessel={"flag": "Iran", "type": "Tanker"}) == ["− flag Panama", "+ flag Iran"]


def test_values_that_differ_only_in_what_words_leave_out_are_told_whole() -> None:
    old = a_party(dates_of_birth=[{"date": "1962", "main": "true"}])

    assert lines(old, dates_of_birth=[{"date": "1962"}]) == [
        "− born 1962 (date: 1962, main: true)",
        "+ born 1962 (date: 1962)",
    ]


def test_remarks_that_differ_only_in_punctuation_are_not_told_as_nothing() -> None:
    assert lines(a_party(remarks="HAMAS"), remarks="HAMAS.") == [
        '− remark "HAMAS"',
        '+ remark "HAMAS."',
    ]


def test_an_amendment_is_counted_in_one_line() -> None:
    other = {**ALIAS, "last": "CHOI"}
    assert in_numbers(aliases=[ALIAS]) == "1 alias added"
    assert in_numbers(aliases=[ALIAS, other]) == "2 aliases added"
    assert in_numbers(a_party(aliases=[ALIAS]), aliases=[other]) == "1 alias changed"
    assert in_numbers(a_party(aliases=[ALIAS, other]), aliases=[]) == "2 aliases removed"
    assert in_numbers(name="DOE, Johnny", title="General") == "name changed, title added"


def an_identical_edit(number: int) -> list[Any]:
    notice = [an_identifier("Secondary sanctions risk:", "section 1")]
    return [
        an_amended(str(key), old=a_party(name=f"DOE{key}, John"), identifiers=notice)
        for key in range(number)
    ]


def test_the_same_edit_on_many_records_is_one_mass_edit() -> None:
    changes = as_json(*an_identical_edit(MASS_EDIT), an_amended("x", title="General"))

    edits, alone = mass_edits(changes)

    assert [len(edit.changes) for edit in edits] == [MASS_EDIT]
    assert edits[0].words == 'identifier "Secondary sanctions risk:" added'
    assert [change["key"] for change in alone] == ["x"]


def test_a_few_alike_are_no_mass_edit() -> None:
    edits, alone = mass_edits(as_json(*an_identical_edit(MASS_EDIT - 1)))

    assert edits == []
    assert len(alone) == MASS_EDIT - 1


def test_removed_and_added_at_once_is_a_new_number_for_the_same_party() -> None:
    born = [{"date": "1962"}]
    changes = as_json(a_removed("1", dates_of_birth=born), an_added("2", dates_of_birth=born))

    assert [(old["key"], new["key"]) for old, new in relisted(changes)] == [("1", "2")]


def test_a_name_alone_does_not_make_two_parties_one() -> None:
    assert relisted(as_json(a_removed("1"), an_added("2"))) == []
    gender = [an_identifier("Gender", "Male")]
    assert (
        relisted(as_json(a_removed("1", identifiers=gender), an_added("2", identifiers=gender)))
        == []
    )


def test_the_same_phrase_in_the_remarks_of_many_is_one_edit_whatever_else_they_say() -> None:
    """As SDN.CSV shows 29 April 2022, in which the remarks hold everything that has no column."""
    edits, alone = mass_edits(
        as_json(
            *(
                an_amended(
                    f"{key:02}",
                    old=a_party(remarks=f"DOB {1900 + key}; Gender Male."),
                    remarks=f"DOB {1900 + key}; Secondary sanctions risk: section 1; Gender Male.",
                )
                for key in range(MASS_EDIT)
            )
        )
    )

    assert [edit.words for edit in edits] == ['+ remark "Secondary sanctions risk: section 1"']
    assert alone == []
