from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from monitor.core.pace import (
    UNHURRIED,
    Pace,
    QuietHours,
    first_moment,
    may_be_sent,
    next_start,
    quiet_time,
    quiet_until,
)

LONDON = ZoneInfo("Europe/London")
NIGHT = QuietHours(time(22), time(7), LONDON, frozenset({"high"}))
LUNCH = QuietHours(time(12), time(13, 30), ZoneInfo("UTC"), frozenset())
NOW = datetime(2026, 1, 14, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def london(day: int, hour: int, minute: int = 0, month: int = 1, fold: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=LONDON, fold=fold).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "ends"),
    [
        (london(14, 21, 59), None),
        (london(14, 22), london(15, 7)),
        (london(15, 0), london(15, 7)),
        (london(15, 6, 59), london(15, 7)),
        (london(15, 7), None),
    ],
)
def test_quiet_hours_past_midnight_end_in_the_morning(
    moment: datetime, ends: datetime | None
) -> None:
    assert quiet_until(NIGHT, moment) == ends


def test_quiet_hours_within_a_day_are_no_others() -> None:
    assert quiet_until(LUNCH, NOW) == NOW + timedelta(minutes=90)
    assert quiet_until(LUNCH, NOW - SECOND) is None
    assert quiet_until(LUNCH, NOW + timedelta(minutes=90)) is None


def test_the_night_in_which_clocks_are_put_forward_is_an_hour_shorter() -> None:
    begins = london(28, 22, month=3)

    ends = quiet_until(NIGHT, begins)

    assert ends == datetime(2026, 3, 29, 6, tzinfo=UTC)
    assert ends - begins == timedelta(hours=8)


def test_the_night_in_which_clocks_are_put_back_is_an_hour_longer() -> None:
    begins = london(24, 22, month=10)

    ends = quiet_until(NIGHT, begins)

    assert ends == datetime(2026, 10, 25, 7, tzinfo=UTC)
    assert ends - begins == timedelta(hours=10)


def test_an_end_that_the_clocks_leap_over_comes_all_the_same() -> None:
    quiet = QuietHours(time(22), time(1, 30), LONDON, frozenset())

    assert quiet_until(quiet, london(28, 23, month=3)) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)


def test_an_end_that_comes_twice_is_the_first() -> None:
    quiet = QuietHours(time(22), time(1, 30), LONDON, frozenset())
    first, second = (london(25, 1, 30, month=10, fold=fold) for fold in (0, 1))
    assert first < second

    assert quiet_until(quiet, london(24, 23, month=10)) == first
    assert quiet_until(quiet, second - SECOND) is None


def test_hours_that_end_as_they_begin_are_refused() -> None:
    with pytest.raises(ValueError, match="end when they begin"):
        QuietHours(time(7), time(7), LONDON, frozenset())


def test_what_is_excepted_goes_through_and_the_rest_waits_until_they_end() -> None:
    pace, midnight = Pace(quiet=NIGHT), london(15, 0)

    assert first_moment(pace, "high", midnight) == midnight
    assert first_moment(pace, "medium", midnight) == london(15, 7)
    assert may_be_sent(pace, "high", midnight)
    assert not may_be_sent(pace, "medium", midnight)
    assert may_be_sent(pace, "medium", london(15, 7))


def test_without_a_pace_everything_goes_at_once() -> None:
    assert may_be_sent(UNHURRIED, "low", london(15, 0))
    assert next_start(UNHURRIED, [NOW] * 1000, NOW) == NOW


def test_the_next_starts_when_the_minute_has_room_again() -> None:
    pace = Pace(max_per_minute=3)
    starts = [NOW - seconds * SECOND for seconds in (50, 10, 20)]

    assert next_start(pace, starts[:2], NOW) == NOW
    assert next_start(pace, starts, NOW) == NOW + 10 * SECOND
    assert next_start(pace, starts, NOW + 10 * SECOND) == NOW + 10 * SECOND


def test_more_starts_than_there_is_room_for_are_waited_out_down_to_the_last() -> None:
    starts = [NOW - seconds * SECOND for seconds in (5, 4, 3, 2, 1)]

    assert next_start(Pace(max_per_minute=2), starts, NOW) == NOW + 58 * SECOND


def test_a_start_that_a_wrong_clock_wrote_down_stops_nothing() -> None:
    assert next_start(Pace(max_per_minute=1), [NOW + timedelta(days=1)], NOW) == NOW
    assert next_start(Pace(max_per_minute=1), [NOW + SECOND], NOW) == NOW + 61 * SECOND


def test_time_kept_back_is_that_within_the_quiet_hours_alone() -> None:
    pace = Pace(quiet=NIGHT)
    evening, next_evening = london(14, 21), london(15, 23)

    assert quiet_time(pace, "medium", evening, next_evening) == timedelta(hours=10)
    assert quiet_time(pace, "high", evening, next_evening) == timedelta(0)
    assert quiet_time(pace, "low", london(15, 3), london(15, 4)) == timedelta(hours=1)
    assert quiet_time(UNHURRIED, "low", evening, next_evening) == timedelta(0)
