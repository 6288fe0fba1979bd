"""When a source is asked again."""

from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.schedule import (
    FASTEST_BURST,
    JITTER,
    LONGEST_BACK_OFF,
    LONGEST_OBEDIENCE,
    NextPoll,
    next_poll,
)

NOW = datetime(2024, 12, 16, 15, 2, 11, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

polls = st.fixed_dictionaries(
    {
        "now": st.datetimes(
            min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)
        ),
        "interval": st.timedeltas(timedelta(seconds=1), timedelta(days=2)),
        "outcome": st.sampled_from(["good", "failed", "held"]),
        "consecutive_failures": st.integers(0, 100_000),
        "retry_after": st.none() | st.timedeltas(timedelta(days=-2), timedelta(days=400)),
        "burst_until": st.none()
        | st.datetimes(
            min_value=datetime(2000, 1, 1), max_value=datetime(2100, 1, 1), timezones=st.just(UTC)
        ),
        "random": st.integers().map(Random),
    }
)


@given(polls)
def test_the_next_poll_is_never_in_the_past_and_never_given_up(poll: dict[str, Any]) -> None:
    wait = next_poll(**poll).at - poll["now"]

    longest = max(poll["interval"], LONGEST_OBEDIENCE, LONGEST_BACK_OFF)
    assert timedelta(0) < wait <= longest * (1 + JITTER) + timedelta(seconds=1)


@given(polls)
def test_a_servers_wish_is_never_undercut(poll: dict[str, Any]) -> None:
    wait = next_poll(**poll).at - poll["now"]

    assert wait >= min(poll["retry_after"] or timedelta(0), LONGEST_OBEDIENCE)


@given(polls)
def test_a_burst_is_faster_than_the_interval_and_yet_polite(poll: dict[str, Any]) -> None:
    poll |= {"outcome": "good", "burst_until": poll["now"] + MINUTE, "retry_after": None}

    wait = next_poll(**poll).at - poll["now"]

    floor = min(poll["interval"], max(FASTEST_BURST, poll["interval"] / 4))
    assert floor * (1 - JITTER) - timedelta(milliseconds=1) <= wait
    assert wait <= poll["interval"] * (1 + JITTER) + timedelta(milliseconds=1)


@given(polls, st.integers(1, 50))
def test_more_failures_never_mean_a_shorter_wait(poll: dict[str, Any], failures: int) -> None:
    poll |= {"outcome": "failed", "random": _Middle()}

    one = next_poll(**poll | {"consecutive_failures": failures})
    more = next_poll(**poll | {"consecutive_failures": failures + 1})

    assert one.at <= more.at


@given(polls)
def test_the_same_randomness_gives_the_same_moment(poll: dict[str, Any]) -> None:
    first = next_poll(**poll | {"random": Random(7)})

    assert first == next_poll(**poll | {"random": Random(7)})


def test_a_good_poll_is_followed_after_its_interval() -> None:
    assert _after_a_poll() == NextPoll(NOW + MINUTE, "its interval")


def test_a_held_snapshot_keeps_the_interval() -> None:
    assert _after_a_poll(outcome="held").at == NOW + MINUTE


def test_installations_spread_over_a_tenth_of_the_interval() -> None:
    waits = {
        next_poll(now=NOW, interval=MINUTE, outcome="good", random=Random(seed)).at - NOW
        for seed in range(200)
    }

    assert timedelta(seconds=54) <= min(waits) < timedelta(seconds=56)
    assert timedelta(seconds=64) < max(waits) <= timedelta(seconds=66)


@pytest.mark.parametrize(
    ("failures", "minutes"), [(1, 1), (2, 1), (3, 2), (4, 4), (5, 8), (6, 15), (7, 15), (1000, 15)]
)
def test_failures_back_off_from_one_minute_to_fifteen(failures: int, minutes: int) -> None:
    poll = _after_a_poll(outcome="failed", consecutive_failures=failures)

    assert poll.at == NOW + minutes * MINUTE


def test_a_failing_feed_of_a_long_interval_is_tried_again_within_fifteen_minutes() -> None:
    poll = _after_a_poll(outcome="failed", consecutive_failures=1, interval=timedelta(hours=24))

    assert poll.at == NOW + 15 * MINUTE


def test_a_failing_feed_of_ten_minutes_is_never_asked_more_often_than_that() -> None:
    poll = _after_a_poll(outcome="failed", consecutive_failures=2, interval=10 * MINUTE)

    assert poll.at == NOW + 10 * MINUTE


def test_a_release_makes_its_list_watched_every_fifteen_seconds() -> None:
    poll = _after_a_poll(burst_until=NOW + 10 * MINUTE)

    assert poll.at == NOW + timedelta(seconds=15)
    assert "release" in poll.because


def test_a_burst_that_is_over_changes_nothing() -> None:
    assert _after_a_poll(burst_until=NOW).at == NOW + MINUTE


def test_a_failure_backs_off_even_within_a_burst() -> None:
    poll = _after_a_poll(
        outcome="failed", consecutive_failures=4, burst_until=NOW + timedelta(hours=1)
    )

    assert poll.at == NOW + 4 * MINUTE


def test_a_servers_wish_is_the_reason_when_it_decides() -> None:
    poll = _after_a_poll(
        outcome="failed", consecutive_failures=1, retry_after=timedelta(seconds=120)
    )

    assert poll == NextPoll(NOW + 2 * MINUTE, "the server asked to wait")


def test_a_wish_shorter_than_our_own_wait_changes_nothing() -> None:
    poll = _after_a_poll(
        outcome="failed", consecutive_failures=6, retry_after=timedelta(seconds=120)
    )

    assert poll == NextPoll(NOW + 15 * MINUTE, "6 polls in a row failed")


def test_a_wish_for_a_week_is_obeyed_for_six_hours() -> None:
    poll = _after_a_poll(outcome="failed", retry_after=timedelta(days=7))

    assert poll.at == NOW + timedelta(hours=6)


def _after_a_poll(**said: Any) -> NextPoll:
    """The next poll of a feed of one minute, with a randomness that changes nothing."""
    defaults: dict[str, Any] = {
        "now": NOW,
        "interval": MINUTE,
        "outcome": "good",
        "random": _Middle(),
    }
    return next_poll(**defaults | said)


class _Middle(Random):
    """Draws the value nearest to one, which leaves a wait as it is."""

    def uniform(self, a: float, b: float) -> float:
        return min(max(1.0, a), b)


def test_a_feed_that_is_polled_by_the_second_backs_off_from_seconds() -> None:
    waits = [
        (_after_a_poll(outcome="failed", consecutive_failures=n, interval=MINUTE / 60).at - NOW)
        for n in (1, 2, 3, 4, 5, 30)
    ]

    assert [wait.total_seconds() for wait in waits] == [1, 1, 2, 4, 8, 900]
