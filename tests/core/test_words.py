"""Numbers, lists, days and spans in plain words."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from monitor.core.words import (
    clock,
    counted,
    listed,
    percent,
    seen_between,
    shortened,
    span_words,
    stated_day,
)

NEW_YORK = ZoneInfo("America/New_York")
TOKYO = ZoneInfo("Asia/Tokyo")


def at(hour: int, minute: int, day: int = 16) -> datetime:
    return datetime(2024, 12, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("number", "noun", "words"),
    [
        (1, "entity", "1 entity"),
        (8, "entity", "8 entities"),
        (2, "aircraft", "2 aircraft"),
        (1204, "individual", "1,204 individuals"),
        (2, "date of birth", "2 dates of birth"),
    ],
)
def test_counts_have_digits_and_the_right_plural(number: int, noun: str, words: str) -> None:
    assert counted(number, noun) == words


def test_lists_are_joined_as_people_join_them() -> None:
    assert listed(["a"]) == "a"
    assert listed(["a", "b"]) == "a and b"
    assert listed(["a", "b", "c"]) == "a, b and c"


def test_a_time_has_the_readers_zone_beside_it() -> None:
    assert clock(at(15, 2)) == "15:02 UTC"
    assert clock(at(15, 2), NEW_YORK) == "15:02 UTC (10:02 EST)"
    assert clock(at(15, 2), TOKYO) == "15:02 UTC (17 Dec 2024 00:02 JST)"


def test_a_publication_is_told_as_an_interval_not_as_a_false_minute() -> None:
    assert seen_between(at(14, 58), at(15, 2)) == (
        "Published between 14:58 and 15:02 UTC on 16 Dec 2024"
    )
    assert seen_between(at(14, 58), at(15, 2), NEW_YORK) == (
        "Published between 14:58 and 15:02 UTC (09:58 and 10:02 EST) on 16 Dec 2024"
    )


def test_an_interval_over_midnight_says_both_days() -> None:
    assert seen_between(at(23, 59), at(0, 1, day=17)) == (
        "Published between 16 Dec 2024 23:59 UTC and 17 Dec 2024 00:01 UTC"
    )
    assert seen_between(at(14, 58), at(15, 2), TOKYO) == (
        "Published between 14:58 and 15:02 UTC (23:58 JST and 17 Dec 2024 00:02 JST) on 16 Dec 2024"
    )


def test_without_an_earlier_check_only_the_first_sight_is_told() -> None:
    assert seen_between(None, at(15, 2)) == "First seen at 15:02 UTC on 16 Dec 2024"


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=45), "45 seconds"),
        (timedelta(minutes=40), "40 minutes"),
        (timedelta(hours=2, minutes=10), "2 hours 10 minutes"),
        (timedelta(days=3, hours=1), "3 days 1 hour"),
    ],
)
def test_spans_have_the_units_that_count(span: timedelta, words: str) -> None:
    assert span_words(span) == words


def test_a_stated_day_is_told_in_our_words_and_what_is_no_day_as_it_is() -> None:
    assert stated_day("2024-12-16") == "16 Dec 2024"
    assert stated_day("12/16/2024", american=True) == "16 Dec 2024"
    assert stated_day("12/16/2024") == "12/16/2024"
    assert stated_day("2024-13-45") == "2024-13-45"


def test_prose_is_cut_between_words() -> None:
    assert shortened("the list has not been readable", 18) == "the list has not…"
    assert shortened("short", 18) == "short"


def test_a_share_has_a_digit_more_when_it_is_tiny() -> None:
    assert percent(0.371) == "37 percent"
    assert percent(0.004) == "0.4 percent"


def test_a_publication_within_one_minute_is_said_to_be_of_that_minute() -> None:
    moment = datetime(2024, 12, 16, 15, 0, 2, tzinfo=UTC)

    assert (
        seen_between(moment, moment + timedelta(seconds=5))
        == "Published at 15:00 UTC on 16 Dec 2024"
    )
