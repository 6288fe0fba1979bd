"""What a dossier lacks for longer than a day is an incident, and what it has not lacked is none."""

from datetime import timedelta

import pytest

from monitor.core.dossier import Account, Signal, account, correlate
from monitor.core.dossier.overdue import incident_of_overdue
from tests.core.dossier.signals import (
    ACTION,
    MOMENT,
    a_designation,
    a_listing,
    an_action,
    an_entry,
)

A_DAY = timedelta(hours=24)


def told(*signals: Signal) -> Account:
    (case,) = correlate(signals)
    return account(case)


def kind_of(what: Account, waited: timedelta = A_DAY) -> str | None:
    incident = incident_of_overdue("d1", what, MOMENT, MOMENT + waited)
    return incident.kind if incident else None


RELEASE = a_designation("jy2751", "Treasury Sanctions a Bank", "Golden Triangle Bank", ACTION)
PAGE = an_action("20241216", "Designations", an_entry("GOLDEN TRIANGLE BANK"))
MANY = [a_listing(str(key), f"EXAMPLE NUMBER {key}") for key in range(5)]


@pytest.mark.parametrize("signal", [RELEASE, PAGE])
def test_what_was_announced_and_is_not_listed_is_an_incident_after_a_day(signal: Signal) -> None:
    assert kind_of(told(signal)) == "announced_not_listed"


def test_not_before_a_day_has_passed() -> None:
    assert kind_of(told(RELEASE), A_DAY - timedelta(seconds=1)) is None


def test_not_once_the_list_shows_it() -> None:
    assert kind_of(told(RELEASE, a_listing("1", "GOLDEN TRIANGLE BANK"))) is None


def test_not_of_a_release_that_may_be_no_designation() -> None:
    doubtful = a_designation("jy1", "Treasury Sanctions a Bank", "Golden Triangle Bank")

    assert kind_of(told(doubtful)) is None


def test_a_large_change_that_nobody_announces_is_an_incident() -> None:
    incident = incident_of_overdue("d1", told(*MANY), MOMENT, MOMENT + A_DAY)

    assert incident is not None
    assert (incident.kind, incident.severity) == ("listed_not_announced", "low")
    assert incident.summary == (
        "the list changed (5 parties), and nothing was published about it after 24 hours"
    )


def test_a_small_one_is_not() -> None:
    assert kind_of(told(*MANY[:4])) is None


def test_nor_one_that_a_page_lists() -> None:
    page = an_action("20241216", "Designations", an_entry("EXAMPLE NUMBER 3"))

    assert kind_of(told(*MANY, page)) is None
