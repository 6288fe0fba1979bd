"""Who confirms what, in sentences: all, some, none, beyond, and numbers that differ."""

from monitor.core.dossier import Account, Signal, account, correlate
from monitor.core.dossier.statements import statements
from tests.core.dossier.signals import (
    ACTION,
    a_designation,
    a_listing,
    a_publication,
    an_action,
    an_entry,
)

BANK = a_listing("1", "GOLDEN TRIANGLE BANK")
TRADER = a_listing("2", "CHOE, Chol Ryong", type="individual")
RELEASE = a_designation("jy1", "Treasury Sanctions a Bank", "Golden Triangle Bank", ACTION)
PAGE = an_action("20241216", "Designations", an_entry("GOLDEN TRIANGLE BANK"))


def told(*signals: Signal) -> Account:
    (case,) = correlate(signals)
    return account(case)


def test_a_release_that_names_some_says_who_is_not_named() -> None:
    assert statements(told(RELEASE, BANK, TRADER))[0] == (
        "Treasury's release names 1 of the 2 (1 entity); not named in it: CHOE, Chol Ryong."
    )


def test_two_copies_of_a_release_say_it_once() -> None:
    by_mail = a_designation(
        "101", RELEASE.title, "Golden Triangle Bank", ACTION, feed="treasury-bulletins"
    )

    said = statements(told(RELEASE, by_mail, BANK))

    assert said.count("Treasury's release names the party (1 entity).") == 1


def test_a_release_that_names_all_says_so() -> None:
    assert statements(told(RELEASE, BANK))[0] == "Treasury's release names the party (1 entity)."


def test_many_who_are_not_named_are_counted() -> None:
    others = [a_listing(str(key), f"EXAMPLE NUMBER {key}") for key in range(10, 14)]

    assert statements(told(RELEASE, BANK, *others))[0] == (
        "Treasury's release names 1 of the 5 (1 entity); 4 are not named in it."
    )


def test_before_the_list_changes_that_is_said() -> None:
    assert statements(told(RELEASE)) == [
        "The list shows no designation or delisting that Treasury's release announces, yet."
    ]


def test_a_page_that_lists_more_than_the_list_shows_says_whom() -> None:
    page = an_action(
        "20241216", "Designations", an_entry("GOLDEN TRIANGLE BANK"), an_entry("ANOTHER BANK")
    )

    assert statements(told(page, BANK))[:2] == [
        "OFAC's action page of 16 Dec 2024 lists the party (1 entity).",
        "It also lists 1 party for whom the list shows no such change: ANOTHER BANK.",
    ]


def test_a_change_file_confirms() -> None:
    file = a_publication("change_file", "1234", "Changes", entries=(an_entry("X", key="1"),))

    assert "OFAC's change file 1234 confirms the party (1 entity)." in statements(told(BANK, file))


def test_numbers_that_differ_are_shown() -> None:
    release = a_designation(
        "jy1", "Treasury Sanctions", "one individual and two entities, Golden Triangle Bank", ACTION
    )

    (_, difference, *_) = statements(told(release, BANK))

    assert "one individual and two entities" in difference


def test_what_is_missing_is_said() -> None:
    assert statements(told(BANK)) == [
        "Known so far: no press release and no action page of OFAC about it."
    ]


def test_a_licence_that_was_issued_with_the_action_is_linked() -> None:
    page = an_action(
        "20241216",
        "Designations; Issuance of Russia-related General License 13L",
        an_entry("GOLDEN TRIANGLE BANK"),
        text="OFAC is issuing Russia-related General License 13L and Venezuela-related General License 8P.",
    )

    assert [each["title"] for each in told(page, BANK)["licences"]] == [
        "Russia-related General License 13L",
        "Venezuela-related General License 8P",
    ]


def test_a_page_that_says_the_opposite_confirms_nothing() -> None:
    page = an_action("20241216", "Removals", an_entry("GOLDEN TRIANGLE BANK", kind="removed"))

    assert statements(told(page, BANK))[:2] == [
        "OFAC's action page of 16 Dec 2024 lists nobody whom the list changed.",
        "It says the opposite of the list about GOLDEN TRIANGLE BANK.",
    ]
