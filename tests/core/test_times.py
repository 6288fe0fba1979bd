"""Moments as text, and back."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from monitor.core.times import from_text, to_seconds, to_text

moments = st.datetimes(
    min_value=datetime(2, 1, 1),
    max_value=datetime(9998, 12, 30),
    timezones=st.timedeltas(timedelta(hours=-23), timedelta(hours=23)).map(
        lambda offset: timezone(timedelta(minutes=offset // timedelta(minutes=1)))
    ),
)


@given(moments)
def test_a_moment_comes_back_from_its_text(moment: datetime) -> None:
    assert from_text(to_text(moment)) == moment
    assert from_text(to_text(moment)).tzinfo is UTC
    assert from_text(to_seconds(moment)) == moment.replace(microsecond=0)


@given(moments, moments)
def test_texts_sort_like_time(one: datetime, other: datetime) -> None:
    assert (to_text(one) < to_text(other)) == (one < other)


def test_the_two_spellings() -> None:
    eastern = timezone(timedelta(hours=-5))
    moment = datetime(2024, 12, 16, 10, 2, 11, 123456, tzinfo=eastern)

    assert to_text(moment) == "2024-12-16T15:02:11.123456Z"
    assert to_seconds(moment) == "2024-12-16T15:02:11Z"
    assert to_text(moment.replace(microsecond=0)) == "2024-12-16T15:02:11.000000Z"


@pytest.mark.parametrize("write", [to_text, to_seconds])
def test_a_moment_without_a_zone_is_refused(write: object) -> None:
    with pytest.raises(ValueError, match="zone"):
        write(datetime(2024, 12, 16))  # type: ignore[operator]


@pytest.mark.parametrize("text", ["2024-12-16T15:02:11", "2024-12-16", "yesterday", ""])
def test_text_that_is_no_moment_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        from_text(text)
