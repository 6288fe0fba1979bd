"""Checks that are counted by quarters sum to what was done, gaps included."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.checks import Quarter, summed, with_poll
from monitor.core.digest import QUARTER, quarter_of

START = datetime(2026, 11, 17, 12, tzinfo=UTC)
END = START + timedelta(hours=3)

polls = st.lists(
    st.tuples(st.integers(0, 3 * 3600 * 1000 - 1), st.booleans()), max_size=60, unique=True
).map(lambda some: [(START + timedelta(milliseconds=after), good) for after, good in sorted(some)])


def counted(polls: list[tuple[datetime, bool]]) -> list[Quarter]:
    quarters: dict[datetime, Quarter] = defaultdict(Quarter)
    for at, good in polls:
        quarters[quarter_of(at)] = with_poll(quarters[quarter_of(at)], at, good=good)
    return [quarters[begin] for begin in sorted(quarters)]


@settings(deadline=None)
@given(polls)
def test_the_sum_is_what_was_done(polls: list[tuple[datetime, bool]]) -> None:
    checked = summed(counted(polls), START, END)

    good = [at for at, is_good in polls if is_good]
    assert (checked.polls, checked.good) == (len(polls), len(good))
    assert checked.failed == len(polls) - len(good)
    assert checked.last_good_at == (good[-1] if good else None)
    assert checked.longest_gap == max(
        later - earlier for earlier, later in pairwise([START, *good, END])
    )


def test_a_gap_over_quarters_in_which_nothing_was_checked_is_seen() -> None:
    polls = [(START, True), (START + 7 * QUARTER, True), (END - timedelta(minutes=1), True)]

    assert summed(counted(polls), START, END).longest_gap == 7 * QUARTER


def test_a_clock_that_was_set_back_makes_no_gap_shorter() -> None:
    minute = timedelta(minutes=1)
    polls = [(START, True), (START + 10 * minute, True), (START + 5 * minute, True)]

    (quarter,) = counted(polls)

    assert quarter.longest_gap == 10 * minute
    assert (quarter.first_good_at, quarter.last_good_at) == (START, START + 10 * minute)
