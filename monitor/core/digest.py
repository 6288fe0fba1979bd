"""When a digest is due: a schedule, and the ends of its periods.

A period ends at the same local time each day, or each week. A local time that a change of clocks leaves out, or brings twice, is an
end once: at the moment at which the clock would have shown it, or shows it first. Ends fall on full quarters of an hour, so that the
checks of a period, which are counted by quarters, can be summed exactly.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from monitor.core.words import day_words

QUARTER = timedelta(minutes=15)

KINDS = ("daily", "weekly")
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
EXAMPLE = "daily 07:00 America/New_York or weekly monday 07:00"

_A_DAY = timedelta(days=1)


@dataclass(eq=False)
class NotASchedule(ValueError):
    """A text is no schedule. ``expected`` says what would be; ``word`` is one that is not among those ``known``, if that is why."""

    expected: str
    word: str = ""
    known: tuple[str, ...] = ()

    def __str__(self) -> str:
        return self.expected


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """When a digest is told: each day, or on one ``weekday`` (0 is Monday) each week, at ``time`` in ``zone``."""

    kind: Literal["daily", "weekly"]
    weekday: int | None
    time: time
    zone: str

    @property
    def text(self) -> str:
        """``daily 07:00 America/New_York``: the one spelling that is stored and compared."""
        day = "" if self.weekday is None else f" {WEEKDAYS[self.weekday]}"
        return f"{self.kind}{day} {self.time:%H:%M} {self.zone}"

    @property
    def words(self) -> str:
        """``daily at 07:00 (America/New_York)``, ``each Monday at 07:00 (UTC)``."""
        when = "daily" if self.weekday is None else f"each {WEEKDAYS[self.weekday].capitalize()}"
        return f"{when} at {self.time:%H:%M} ({self.zone})"

    @property
    def zone_info(self) -> ZoneInfo:
        """The zone whose clock counts."""
        return ZoneInfo(self.zone)

    def next_end(self, after: datetime) -> datetime:
        """The first end of a period that is later than ``after``."""
        return next(self._ends_after(after))

    def ends(self, after: datetime, until: datetime) -> list[datetime]:
        """All ends later than ``after`` and not later than ``until``, in order."""
        found = []
        for end in self._ends_after(after):
            if end > until:
                break
            found.append(end)
        return found

    def last_end(self, after: datetime, until: datetime) -> datetime | None:
        """The last of :meth:`ends`, None when there is none."""
        return next(reversed(self.ends(after, until)), None)

    def _ends_after(self, after: datetime) -> Iterator[datetime]:
        # Two days earlier: zones are up to a day apart from UTC, and one has left out a whole day.
        day = after.astimezone(self.zone_info).date() - 2 * _A_DAY
        last = after
        while True:
            if self.weekday in (None, day.weekday()):
                end = self._end_on(day)
                if end > last:  # the end on a day that a zone left out is the next day's
                    last = end
                    yield end
            day += _A_DAY

    def _end_on(self, day: date) -> datetime:
        return datetime.combine(day, self.time, self.zone_info).astimezone(UTC)


def schedule(text: str, zone: str = "UTC") -> Schedule:
    """The schedule that a text states; ``zone`` is meant where it names none, Monday where a week has no day.

    Raises NotASchedule.
    """
    kind, *words = text.split() or [""]
    kind = kind.lower()
    if kind not in KINDS:
        raise NotASchedule(f"expected {EXAMPLE}", kind, KINDS)
    weekday = None
    if kind == "weekly":
        weekday = 0
        if words and not _looks_like_a_time(words[0]):
            weekday = _weekday(words.pop(0))
    if not words or not _looks_like_a_time(words[0]):
        raise NotASchedule(f"expected a time of day, as in {EXAMPLE}")
    at = _time(words.pop(0))
    if len(words) > 1:
        raise NotASchedule(f"expected one time zone at the end, as in {EXAMPLE}")
    return Schedule(
        kind="daily" if kind == "daily" else "weekly",
        weekday=weekday,
        time=at,
        zone=_zone(words[0]) if words else zone,
    )


def quarter_of(moment: datetime) -> datetime:
    """The beginning of the quarter of an hour in which ``moment`` lies."""
    moment = moment.astimezone(UTC)
    return moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)


def days_in_words(since: datetime, until: datetime, zone: ZoneInfo) -> str:
    """The days of a period, as a heading names them: ``17 to 23 Nov 2026``, ``30 Nov to 6 Dec 2026``, ``23 Nov 2026``.

    A period from morning to morning is called by the days that it began on; one that ends in the evening includes that day.
    """
    first = _nearest_midnight(since.astimezone(zone))
    last = _nearest_midnight(until.astimezone(zone)) - _A_DAY
    if last < first:  # less than a day
        first = since.astimezone(zone).date()
        last = max(first, (until - timedelta(microseconds=1)).astimezone(zone).date())
    if first == last:
        return day_words(first)
    return f"{_shortened(first, last)} to {day_words(last)}"


def _shortened(first: date, last: date) -> str:
    """The first day without what the last one says too; whole in a language that writes days in another order."""
    words = day_words(first)
    day, _, rest = words.partition(" ")
    month, _, year = rest.partition(" ")
    if (day, year) != (str(first.day), str(first.year)) or first.year != last.year:
        return words
    return day if first.month == last.month else f"{day} {month}"


def _nearest_midnight(local: datetime) -> date:
    return local.date() + (_A_DAY if local.time() > time(12) else timedelta(0))


def _looks_like_a_time(word: str) -> bool:
    return ":" in word or word[:1].isdigit()


def _weekday(word: str) -> int:
    if word.lower() not in WEEKDAYS:
        raise NotASchedule("expected a day of the week", word.lower(), WEEKDAYS)
    return WEEKDAYS.index(word.lower())


def _time(word: str) -> time:
    hour, _, minute = word.partition(":")
    numbers = [int(part) for part in (hour, minute) if part.isascii() and part.isdigit()]
    if len(numbers) != 2 or len(minute) != 2 or len(hour) > 2 or numbers[0] > 23 or numbers[1] > 59:
        raise NotASchedule("expected a time of day from 00:00 to 23:59, such as 07:00")
    if numbers[1] % 15:
        raise NotASchedule("expected a full quarter of an hour, such as 07:00, 07:15 or 07:30")
    return time(numbers[0], numbers[1])


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError) as error:
        raise NotASchedule("expected a time zone such as UTC or America/New_York") from error
    return name
