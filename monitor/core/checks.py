"""How a feed was checked in a period: counted by quarters of an hour as it happens, summed exactly afterwards."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarter:
    """The checks of one quarter of an hour: so many ``polls``, of which ``good`` were answered, the first and the last of those.

    ``longest_gap`` is the longest time between two good ones of this quarter.
    """

    polls: int = 0
    good: int = 0
    first_good_at: datetime | None = None
    last_good_at: datetime | None = None
    longest_gap: timedelta = timedelta(0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """How a feed was checked in a period. ``longest_gap`` is the longest time of it without a good check, its ends included."""

    polls: int
    good: int
    last_good_at: datetime | None
    longest_gap: timedelta

    @property
    def failed(self) -> int:
        """How many checks were not answered, or not as they should be."""
        return self.polls - self.good


def with_poll(quarter: Quarter, at: datetime, *, good: bool) -> Quarter:
    """The quarter with one poll more."""
    if not good:
        return replace(quarter, polls=quarter.polls + 1)
    first, last = quarter.first_good_at or at, quarter.last_good_at or at
    return Quarter(
        polls=quarter.polls + 1,
        good=quarter.good + 1,
        # A moment before the last one is a clock that was set back: no gap is made shorter by it.
        first_good_at=min(first, at),
        last_good_at=max(last, at),
        longest_gap=max(quarter.longest_gap, at - last),
    )


def summed(quarters: Iterable[Quarter], since: datetime, until: datetime) -> Checked:
    """The checks of a period from its quarters, in order; a quarter in which nothing was checked may be absent."""
    polls = good = 0
    position, longest, last = since, timedelta(0), None
    for quarter in quarters:
        polls += quarter.polls
        good += quarter.good
        if quarter.first_good_at and quarter.last_good_at:
            longest = max(longest, quarter.longest_gap, quarter.first_good_at - position)
            position = last = quarter.last_good_at
    return Checked(
        polls=polls, good=good, last_good_at=last, longest_gap=max(longest, until - position)
    )
