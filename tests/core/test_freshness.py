"""A source that has gone quiet."""

from datetime import UTC, datetime, timedelta

from monitor.core.freshness import incident_of_staleness, patience

DAY = timedelta(days=1)
START = datetime(2026, 1, 1, 12, tzinfo=UTC)


def after(*days: int) -> list[datetime]:
    return [START + day * DAY for day in days]


def test_a_pause_of_exactly_the_longest_is_nothing_unusual() -> None:
    assert incident_of_staleness("f", "the list", after(0), 5 * DAY, START + 5 * DAY) is None


def test_a_longer_pause_than_ever_is_an_incident_that_names_both() -> None:
    incident = incident_of_staleness("f", "the list", after(0, 9), 5 * DAY, START + 19 * DAY)

    assert incident is not None
    assert incident.kind == "stale"
    assert incident.summary == "nothing new from the list for 10 days"
    assert "10 Jan 2026 12:00 UTC" in incident.detail
    assert "never been longer than 9 days" in incident.detail


def test_what_was_quiet_for_long_before_may_be_so_again() -> None:
    assert patience(after(0, 9, 12), 5 * DAY) == 9 * DAY
    assert incident_of_staleness("f", "the list", after(0, 9), 5 * DAY, START + 18 * DAY) is None


def test_a_source_that_was_never_read_is_not_called_quiet() -> None:
    assert incident_of_staleness("f", "the list", [], 5 * DAY, START) is None
