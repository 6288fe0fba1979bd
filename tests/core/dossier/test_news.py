"""What an arrival adds: told once, and never what was told before."""

from monitor.core.dossier import Account, Signal, account, correlate, news
from tests.core.dossier.signals import (
    ACTION,
    a_designation,
    a_listing,
    a_publication,
    an_action,
    an_entry,
)

BANK = a_listing("1", "GOLDEN TRIANGLE BANK")
RELEASE = a_designation("jy1", "Treasury Sanctions a Bank", "Golden Triangle Bank", ACTION)
PAGE = an_action("20241216", "Designations", an_entry("GOLDEN TRIANGLE BANK"))


def told(*signals: Signal) -> Account:
    (case,) = correlate(signals)
    return account(case)


def test_a_release_that_joins_the_list_is_news() -> None:
    added = news.of_publication(told(BANK), told(BANK, RELEASE), RELEASE.ref)

    assert added is not None
    assert added.lines == ("Treasury's release names the party (1 entity).",)


def test_before_the_list_has_changed_it_adds_nothing_to_its_own_message() -> None:
    assert news.of_publication(None, told(RELEASE), RELEASE.ref) is None


def test_the_same_release_a_second_time_is_no_news() -> None:
    known = told(BANK, RELEASE)

    assert news.of_publication(known, known, RELEASE.ref) is None


def test_a_page_that_confirms_is_of_low_severity() -> None:
    added = news.of_publication(told(BANK), told(BANK, PAGE), PAGE.ref)

    assert added is not None
    assert added.severity == "low"


def test_a_page_that_lists_more_than_the_list_is_not() -> None:
    page = an_action("20241216", "Designations", an_entry("GOLDEN TRIANGLE BANK"), an_entry("X CO"))

    added = news.of_publication(told(BANK), told(BANK, page), page.ref)

    assert added is not None
    assert added.severity == "medium"


def test_a_change_file_that_agrees_is_not_told() -> None:
    file = a_publication("change_file", "1234", "Changes", entries=(an_entry("X", key="1"),))

    assert news.of_publication(told(BANK), told(BANK, file), file.ref) is None


def test_the_same_title_in_another_place_is_a_copy() -> None:
    bulletin = a_designation(
        "987", "Treasury  sanctions a bank", "Golden Triangle Bank", feed="treasury-bulletins"
    )
    other = a_designation("jy2", "Another Title", "nobody", ACTION)
    known = told(BANK, RELEASE, bulletin, other)

    assert news.copies(known, RELEASE.ref) == [("treasury-bulletins", "987")]
    assert news.copies(known, other.ref) == []


def test_a_copy_may_have_other_quotation_marks() -> None:
    site = a_designation("jy1", "Treasury Sanctions Iran’s “Shadow” Bank", "Golden Triangle Bank")
    mailed = a_designation(
        "987",
        'Treasury Sanctions Iran\'s "Shadow" Bank',
        "Golden Triangle Bank",
        feed="treasury-bulletins",
    )

    assert news.copies(told(BANK, site, mailed), site.ref) == [("treasury-bulletins", "987")]


def test_the_list_alone_says_nothing_of_witnesses() -> None:
    assert news.of_list(told(BANK)) == ()
