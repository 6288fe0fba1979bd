"""When a digest is due."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.digest import (
    QUARTER,
    NotASchedule,
    Schedule,
    days_in_words,
    quarter_of,
    schedule,
)

ZONES = (
    "UTC",
    "America/New_York",
    "Europe/London",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",  # its clocks move by half an hour
    "Pacific/Apia",  # left out 30 December 2011
    "Pacific/Chatham",
    "America/St_Johns",
)

schedules = st.builds(
    lambda weekday, quarter, zone: Schedule(
        kind="daily" if weekday is None else "weekly",
        weekday=weekday,
        time=time(quarter // 4, quarter % 4 * 15),
        zone=zone,
    ),
    st.none() | st.integers(0, 6),
    st.integers(0, 95),
    st.sampled_from(ZONES),
)
moments = st.datetimes(
    datetime(2000, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC)
)  # before that some clocks did not move by quarters


@settings(deadline=None)
@given(schedules)
def test_the_text_of_a_schedule_states_it(given: Schedule) -> None:
    assert schedule(given.text) == given


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("daily 07:00 America/New_York", "daily 07:00 America/New_York"),
        ("Daily 7:00", "daily 07:00 Europe/London"),
        ("weekly 07:15", "weekly monday 07:15 Europe/London"),
        ("weekly  Friday 23:45 UTC", "weekly friday 23:45 UTC"),
    ],
)
def test_what_is_left_out_is_monday_and_the_readers_zone(text: str, canonical: str) -> None:
    assert schedule(text, "Europe/London").text == canonical


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "expected daily 07:00"),
        ("dayly 07:00", "expected daily 07:00"),
        ("daily", "expected a time of day"),
        ("daily monday 07:00", "expected a time of day"),
        ("daily 25:00", "from 00:00 to 23:59"),
        ("daily 7", "from 00:00 to 23:59"),
        ("daily 07:0", "from 00:00 to 23:59"),
        ("daily 07:10", "full quarter of an hour"),
        ("weekly mondy 07:00", "a day of the week"),
        ("daily 07:00 New York", "one time zone"),
        ("daily 07:00 Mars/Base", "a time zone such as"),
        ("daily 07:00 ../etc", "a time zone such as"),
    ],
)
def test_another_text_is_refused_with_what_would_be_right(text: str, expected: str) -> None:
    with pytest.raises(NotASchedule, match=expected):
        schedule(text)


@settings(deadline=None)
@given(schedules, moments, st.timedeltas(timedelta(0), timedelta(days=60)))
def test_ends_strictly_increase_on_quarters_and_are_next_ends(
    given: Schedule, after: datetime, span: timedelta
) -> None:
    ends = given.ends(after, after + span)

    assert all(earlier < later for earlier, later in zip([after, *ends], ends, strict=False))
    assert all(end <= after + span for end in ends)
    assert all(quarter_of(end) == end for end in ends)
    expected = []
    position = after
    while (position := given.next_end(position)) <= after + span:
        expected.append(position)
    assert ends == expected
    assert given.last_end(after, after + span) == (ends[-1] if ends else None)


@settings(deadline=None)
@given(schedules, moments)
def test_a_period_is_about_a_day_or_a_week(given: Schedule, after: datetime) -> None:
    first, second = given.ends(after, after + timedelta(days=30))[:2]

    length = timedelta(days=1 if given.kind == "daily" else 7)
    # Apia left out a day: one period was a day longer or shorter.
    slack = timedelta(days=1, hours=1) if given.zone == "Pacific/Apia" else timedelta(hours=1)
    assert abs(second - first - length) <= slack
    assert first - after <= length + slack


def test_a_local_time_that_does_not_exist_is_an_end_once() -> None:
    daily = schedule("daily 02:30 America/New_York")  # clocks went from 02:00 to 03:00 on 8 March

    ends = daily.ends(datetime(2026, 3, 7, 12, tzinfo=UTC), datetime(2026, 3, 9, 12, tzinfo=UTC))

    assert ends == [
        datetime(2026, 3, 8, 7, 30, tzinfo=UTC),
        datetime(2026, 3, 9, 6, 30, tzinfo=UTC),
    ]


def test_a_local_time_that_comes_twice_is_an_end_once() -> None:
    daily = schedule("daily 01:30 America/New_York")  # clocks went back at 02:00 on 1 November

    ends = daily.ends(datetime(2026, 10, 31, 12, tzinfo=UTC), datetime(2026, 11, 2, 12, tzinfo=UTC))

    assert ends == [
        datetime(2026, 11, 1, 5, 30, tzinfo=UTC),
        datetime(2026, 11, 2, 6, 30, tzinfo=UTC),
    ]


def test_a_day_that_a_zone_left_out_has_no_end_of_its_own() -> None:
    daily = schedule("daily 07:00 Pacific/Apia")

    ends = daily.ends(datetime(2011, 12, 29, tzinfo=UTC), datetime(2012, 1, 1, tzinfo=UTC))

    assert len(ends) == len(set(ends)) == 3


@settings(deadline=None)
@given(moments)
def test_a_moment_lies_in_its_quarter(moment: datetime) -> None:
    assert quarter_of(moment) <= moment < quarter_of(moment) + QUARTER


@pytest.mark.parametrize(
    ("since", "until", "words"),
    [
        ("2026-11-17 07:00", "2026-11-24 07:00", "17 to 23 Nov 2026"),
        ("2026-11-16 18:00", "2026-11-23 18:00", "17 to 23 Nov 2026"),
        ("2026-11-23 07:00", "2026-11-24 07:00", "23 Nov 2026"),
        ("2026-11-30 00:00", "2026-12-07 00:00", "30 Nov to 6 Dec 2026"),
        ("2026-12-28 07:00", "2027-01-04 07:00", "28 Dec 2026 to 3 Jan 2027"),
        ("2026-11-24 09:15", "2026-11-24 11:00", "24 Nov 2026"),
        ("2026-11-23 20:00", "2026-11-24 07:00", "23 to 24 Nov 2026"),
    ],
)
def test_a_period_is_called_by_its_days(since: str, until: str, words: str) -> None:
    zone = ZoneInfo("America/New_York")
    begins, ends = (datetime.fromisoformat(text).replace(tzinfo=zone) for text in (since, until))

    assert days_in_words(begins, ends, zone) == words


def test_a_schedule_is_said_in_words() -> None:
    assert schedule("daily 07:00 America/New_York").words == "daily at 07:00 (America/New_York)"
    assert schedule("weekly 07:00").words == "each Monday at 07:00 (UTC)"
