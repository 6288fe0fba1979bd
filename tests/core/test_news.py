"""Which publications people are told about."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from feeds.base import Publication, Witness
from monitor.core.news import (
    RECENT,
    has_gap,
    is_quiet,
    next_reread,
    reason_to_tell_at_once,
    reason_to_tell_by_body,
)

NOW = datetime(2024, 12, 16, 15, 0, tzinfo=UTC)
ACTION = "https://ofac.treasury.gov/recent-actions/20241216"


def a_publication(**given: Any) -> Publication:
    values: dict[str, Any] = {
        "key": "jy2751",
        "title": "Treasury Sanctions Key Facilitators",
        "url": "https://home.treasury.gov/news/press-releases/jy2751",
        "date": "2024-12-16",
    }
    return Publication(**{**values, **given})


def test_the_first_reading_is_quiet() -> None:
    assert is_quiet(a_publication(), None)


def test_what_is_listed_later_is_not() -> None:
    assert not is_quiet(a_publication(), NOW - timedelta(hours=1))


@pytest.mark.parametrize(
    ("date", "quiet"), [("2024-12-13", True), ("2024-12-14", True), ("2024-12-15", False)]
)
def test_what_is_older_than_the_first_reading_belongs_to_it(date: str, quiet: bool) -> None:
    """A yearly file that could not be read at first brings hundreds."""
    assert is_quiet(a_publication(date=date), NOW) is quiet


@pytest.mark.parametrize(
    ("date", "quiet"), [("2024-12-09", True), ("2024-12-10", False), ("2024-12-11", False)]
)
def test_a_clock_that_was_ahead_at_the_first_reading_silences_nothing(
    date: str, quiet: bool
) -> None:
    """The clock said the sixteenth; what was listed then was of the eleventh."""
    assert is_quiet(a_publication(date=date), NOW, "2024-12-11") is quiet


def test_a_title_about_sanctions_is_told_at_once() -> None:
    assert reason_to_tell_at_once(a_publication(), NOW) == "its title says 'Sanctions'"


@pytest.mark.parametrize(
    "given",
    [
        pytest.param({"title": "READOUT: Seventh Meeting"}, id="another subject"),
        pytest.param({"current": False}, id="old paper by its number"),
        pytest.param({"date": "2024-12-01"}, id="old paper by its date"),
    ],
)
def test_what_is_not_told_by_its_title(given: dict[str, Any]) -> None:
    assert reason_to_tell_at_once(a_publication(**given), NOW) is None


@pytest.mark.parametrize(("later", "told"), [(RECENT, True), (RECENT + timedelta(hours=1), False)])
def test_old_paper_begins_after_two_weeks(later: timedelta, told: bool) -> None:
    midnight = datetime(2024, 12, 16, tzinfo=UTC)

    assert bool(reason_to_tell_at_once(a_publication(), midnight + later)) is told


def test_a_body_is_told_by_its_link_to_the_action_of_the_day() -> None:
    links = ["https://home.treasury.gov/", ACTION]

    assert reason_to_tell_by_body(links, "2024-12-16", NOW) == (
        ACTION,
        "it links to OFAC's action of the day",
    )


def test_a_link_to_another_days_action_is_background() -> None:
    assert reason_to_tell_by_body([ACTION], "2024-12-10", NOW) == (None, None)


def test_the_action_of_old_paper_is_kept_and_not_told() -> None:
    assert reason_to_tell_by_body([ACTION], "2024-12-16", NOW + timedelta(days=30)) == (
        ACTION,
        None,
    )


# --- other witnesses than releases ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("category", "told"),
    [
        ("Sanctions List Updates", True),
        ("General Licenses", True),
        ("Miscellaneous, Sanctions List Updates", True),
        ("Enforcement Actions", False),
        ("Miscellaneous", False),
        ("", False),
    ],
)
def test_an_action_is_told_by_its_category(category: str, told: bool) -> None:
    """Its title decides nothing: "Settlement Agreement … Violations of Sanctions" is none of a list."""
    action = a_publication(category=category, title="Sanctions")

    reason = reason_to_tell_at_once(action, NOW, "action")

    assert reason == ("OFAC published an action" if told else None)


def test_an_old_action_is_not_told() -> None:
    action = a_publication(category="Sanctions List Updates", date="2024-12-01")

    assert reason_to_tell_at_once(action, NOW, "action") is None


def test_an_action_of_another_category_is_told_by_the_parties_on_its_page() -> None:
    at_once = reason_to_tell_by_body([], "2024-12-16", NOW, "action", entries=2)

    assert at_once == (None, "it names parties of OFAC's lists")
    assert reason_to_tell_by_body([], "2024-12-16", NOW, "action") == (None, None)
    assert reason_to_tell_by_body([], "2024-12-01", NOW, "action", entries=2) == (None, None)


def test_a_link_to_another_action_is_no_reason_to_tell_of_an_action() -> None:
    assert reason_to_tell_by_body([ACTION], "2024-12-16", NOW, "action") == (ACTION, None)


@pytest.mark.parametrize("witness", ["change_file", "notice"])
def test_change_files_and_notices_are_never_told_by_themselves(witness: Witness) -> None:
    publication = a_publication(category="Sanctions List Updates")

    assert reason_to_tell_at_once(publication, NOW, witness) is None
    _, reason = reason_to_tell_by_body([ACTION], "2024-12-16", NOW, witness, entries=3)
    assert reason is None


# --- corrections ----------------------------------------------------------------------------------------------------


def test_a_page_is_read_again_for_as_long_as_it_may_be_corrected() -> None:
    day, week = timedelta(days=1), timedelta(days=7)

    assert next_reread(NOW, NOW, day, week) == NOW + day
    assert next_reread(NOW + 6 * day, NOW, day, week) == NOW + week
    assert next_reread(NOW + 6.5 * day, NOW, day, week) is None
    assert next_reread(NOW, NOW, None, week) is None


# --- joining --------------------------------------------------------------------------------------------------------


def test_a_listing_that_shows_nothing_known_has_a_gap() -> None:
    assert has_gap([a_publication()], set(), NOW)


@pytest.mark.parametrize(
    ("listed", "known", "first_read_at"),
    [
        pytest.param([a_publication()], {"jy2751"}, NOW, id="it joins"),
        pytest.param([a_publication()], set(), None, id="the first reading"),
        pytest.param([], set(), NOW, id="nothing is listed"),
    ],
)
def test_where_there_is_no_gap(
    listed: list[Publication], known: set[str], first_read_at: datetime | None
) -> None:
    assert not has_gap(listed, known, first_read_at)
