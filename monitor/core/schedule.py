"""When to ask a source again. Randomness is passed in; whoever performs it owns the clock.

Three promises: never sooner than the server asked, never in the past, and never not at all.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Literal

Outcome = Literal["good", "failed", "held"]

JITTER = 0.1
"""Waits differ by up to this share, so that many installations do not ask at the same moment."""

BURST = timedelta(seconds=15)
FASTEST_BURST = timedelta(seconds=10)
LONGEST_BACK_OFF = timedelta(minutes=15)
LONGEST_OBEDIENCE = timedelta(hours=6)
"""A server's ``Retry-After`` beyond this is a mistake of its own; it would keep a list unwatched."""


@dataclass(frozen=True, slots=True)
class NextPoll:
    """The moment of the next poll, and why then."""

    at: datetime
    because: str


def next_poll(
    *,
    now: datetime,
    interval: timedelta,
    outcome: Outcome,
    consecutive_failures: int = 0,
    retry_after: timedelta | None = None,
    burst_until: datetime | None = None,
    random: Random,
) -> NextPoll:
    """When to poll next, after a poll that ended ``now`` with ``outcome``.

    ``consecutive_failures`` counts this one if it failed. A held snapshot was fetched well: its feed keeps its interval.
    A failure waits the feed's own interval, at most fifteen minutes; from the third in a row on that is doubled each time, to
    fifteen minutes: by default 1, 1, 2, 4, 8 and 15. ``retry_after`` is obeyed, up to six hours, whatever the outcome.
    """
    if outcome == "failed":
        wait, because = _back_off(interval, consecutive_failures)
    elif burst_until is not None and burst_until > now:
        wait, because = _burst(interval), "a release is out: the list is watched closely"
    else:
        wait, because = interval, "its interval"
    wait *= random.uniform(1 - JITTER, 1 + JITTER)
    asked = min(retry_after or timedelta(0), LONGEST_OBEDIENCE)
    if asked > wait:
        # Later than asked by a little, never sooner.
        wait, because = asked * random.uniform(1, 1 + JITTER), "the server asked to wait"
    return NextPoll(now + wait, because)


def _back_off(interval: timedelta, failures: int) -> tuple[timedelta, str]:
    base = min(interval, LONGEST_BACK_OFF)
    if failures <= 1:
        return base, "the last poll failed"
    doublings = min(failures - 2, 20)  # beyond that the limit has long been reached
    return min(base * 2**doublings, LONGEST_BACK_OFF), f"{failures} polls in a row failed"


def _burst(interval: timedelta) -> timedelta:
    return min(interval, max(BURST, FASTEST_BURST, interval / 4))
