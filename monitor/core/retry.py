"""When to try a failed delivery again, or why to give up.

The schedule grows from seconds to an hour and stays there: most receivers are back within a minute, the others are to
be asked politely. A delivery dies when the receiver refuses it for good, or when it has been tried for a day or as long
as configured: then people hear of it (an incident), and ``retry`` makes it due again.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from monitor.core.outcome import Failed
from monitor.core.words import span_words

PAUSES = tuple(timedelta(seconds=s) for s in (10, 30, 60, 120, 300, 600, 900, 1_800, 3_600))
"""The pause after the first failure, the second and so on; the last one for ever after."""

JITTER = 0.1
"""Each pause is up to this share longer or shorter, so that a hundred deliveries do not come back as one."""

AGE_LIMIT = timedelta(hours=24)
"""How long after its first attempt a delivery is still tried, unless configured otherwise."""

UNREACHABLE_AFTER = timedelta(minutes=30)
"""How long a delivery may fail before people hear of its channel. The pauses put an attempt just behind it."""


@dataclass(frozen=True)
class RetryAt:
    """Try again at ``when``."""

    when: datetime
    because: str


@dataclass(frozen=True)
class Dead:
    """Do not try again by yourself."""

    because: str


def after_failure(
    *,
    attempts: int,
    first_attempt_at: datetime,
    now: datetime,
    failed: Failed,
    random: Random,
    age_limit: timedelta = AGE_LIMIT,
) -> RetryAt | Dead:
    """What follows the failure of the ``attempts``-th attempt.

    A permanent failure is final at once. Otherwise the next attempt is due after the schedule's pause, or later where
    the receiver asked for more (never sooner than it asked); if that is beyond the age limit, a last attempt is made at
    the limit, and after it the delivery is dead. The limit wins over the receiver's wish.
    """
    if failed.permanent:
        return Dead(f"refused for good: {failed.detail}")
    limit = first_attempt_at + age_limit
    if now >= limit:
        return Dead(
            f"not accepted in {attempts} attempts within {span_words(age_limit)}: {failed.detail}"
        )
    pause = _pause(attempts, random)
    because = f"attempt {attempts} failed: {failed.detail}"
    if failed.retry_after is not None and failed.retry_after > pause:
        pause, because = failed.retry_after, f"{because}; the receiver asked to wait"
    # Compared as spans: a receiver may ask for more than a calendar can hold.
    return RetryAt(now + min(pause, limit - now), because)


def is_unreachable(first_attempt_at: datetime, now: datetime) -> bool:
    """Whether a delivery has been failing for so long that people are to know that its channel cannot be reached."""
    return now - first_attempt_at >= UNREACHABLE_AFTER


def _pause(attempts: int, random: Random) -> timedelta:
    pause = PAUSES[min(max(attempts, 1), len(PAUSES)) - 1]
    return pause * random.uniform(1 - JITTER, 1 + JITTER)
