"""When a channel may be sent to: quiet hours, and so many messages a minute at most.

Both only ever put a message off; they never drop one. Quiet hours are told by the wall clock of their zone: where it is put forward
over one of their ends, that end comes when it would have come without the change, and where it is put back, at the first of the two.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class QuietHours:
    """From ``begins`` until ``ends`` each day, past midnight where that is earlier; severities in ``excepted`` go through."""

    begins: time
    ends: time
    zone: ZoneInfo
    excepted: frozenset[str]

    def __post_init__(self) -> None:
        """Raises ValueError for hours that end as they begin: a day, or nothing?"""
        if self.begins == self.ends:
            raise ValueError("quiet hours end when they begin")


@dataclass(frozen=True)
class Pace:
    """What a channel is spared: more than ``max_per_minute`` messages, and messages in its ``quiet`` hours. None: no limit."""

    max_per_minute: int | None = None
    quiet: QuietHours | None = None


UNHURRIED = Pace()
"""Sends whatever is due."""


def quiet_until(quiet: QuietHours, moment: datetime) -> datetime | None:
    """When the quiet hours that ``moment`` lies in are over, in UTC; None when it lies in none."""
    today = moment.astimezone(quiet.zone).date()
    for day in (today - _DAY, today):
        begins, ends = _hours_of(quiet, day)
        if begins <= moment < ends:
            return ends
    return None


def may_be_sent(pace: Pace, severity: str, moment: datetime) -> bool:
    """Whether a message of this severity is let through at ``moment``, as far as quiet hours go."""
    return first_moment(pace, severity, moment) == moment


def first_moment(pace: Pace, severity: str, moment: datetime) -> datetime:
    """``moment``, or the end of the quiet hours that keep a message of this severity back then."""
    if pace.quiet is None or severity in pace.quiet.excepted:
        return moment
    return quiet_until(pace.quiet, moment) or moment


def next_start(pace: Pace, starts: Iterable[datetime], now: datetime) -> datetime:
    """When the next message may be begun, after those begun at ``starts``: ``now``, or as soon as there is room in a minute.

    ``starts`` may be in any order and hold older ones; those of the last minute must be there. One that lies more than a minute ahead
    is of a clock that was wrong, and does not count.
    """
    if pace.max_per_minute is None:
        return now
    recent = sorted((start for start in starts if abs(now - start) < MINUTE), reverse=True)
    if len(recent) < pace.max_per_minute:
        return now
    return recent[pace.max_per_minute - 1] + MINUTE


def quiet_time(pace: Pace, severity: str, since: datetime, until: datetime) -> timedelta:
    """How much of the span a message of this severity was kept back by quiet hours, which is nobody's failure."""
    kept_back = timedelta(0)
    if pace.quiet is None or severity in pace.quiet.excepted:
        return kept_back
    day = since.astimezone(pace.quiet.zone).date() - _DAY
    last = until.astimezone(pace.quiet.zone).date()
    while day <= last:
        begins, ends = _hours_of(pace.quiet, day)
        kept_back += max(min(ends, until) - max(begins, since), timedelta(0))
        day += _DAY
    return kept_back


def _hours_of(quiet: QuietHours, day: date) -> tuple[datetime, datetime]:
    """The quiet hours that begin on this day, in UTC."""
    last_day = day if quiet.begins < quiet.ends else day + _DAY
    return (
        datetime.combine(day, quiet.begins, quiet.zone).astimezone(UTC),
        datetime.combine(last_day, quiet.ends, quiet.zone).astimezone(UTC),
    )
