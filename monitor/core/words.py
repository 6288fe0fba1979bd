"""Plain words for numbers, lists, days and spans, as they stand in messages.

Numbers as digits, days as ``16 Dec 2024``, times in UTC with the reader's zone beside it, an interval where only an interval is
known. No capitals for effect, nothing that needs colour or a picture to be understood.

Every day in a message is written by :func:`day_words`, and so in the language that :func:`days_in` sets around its rendering.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta, tzinfo

_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_PLURALS = {
    "entity": "entities",
    "party": "parties",
    "aircraft": "aircraft",
    "alias": "aliases",
    "address": "addresses",
    "nationality": "nationalities",
    "digital currency address": "digital currency addresses",
    "citizenship": "citizenships",
    "legal basis": "legal bases",
    "date of birth": "dates of birth",
    "place of birth": "places of birth",
    "date of foundation": "dates of foundation",
}
_ENGLISH = "en"
_language: ContextVar[str] = ContextVar("language of days", default=_ENGLISH)
_AMERICAN_DAY = re.compile(r"(\d{2})/(\d{2})/(\d{4})")
_ISO_DAY = re.compile(r"(\d{4})-(\d{2})-(\d{2})(?:T.*)?")


def counted(number: int, noun: str) -> str:
    """``1 entity``, ``8 entities``, ``2 aircraft``, ``1,204 individuals``."""
    return f"{number:,} {noun if number == 1 else plural(noun)}"


def plural(noun: str) -> str:
    """The plural of a noun that these messages use."""
    return _PLURALS.get(noun, f"{noun}s")


def listed(words: Sequence[str], joining: str = "and") -> str:
    """``a``, ``a and b``, ``a, b and c``."""
    if len(words) < 2:
        return "".join(words)
    return f"{', '.join(words[:-1])} {joining} {words[-1]}"


def percent(share: float) -> str:
    """``37 percent``; under one percent with a digit more."""
    return f"{share * 100:.0f} percent" if share >= 0.01 else f"{share * 100:.1f} percent"


@contextmanager
def days_in(language: str) -> Iterator[None]:
    """Within the block, days are written in this language (``en``, ``de``, ``pt_BR``): whatever is rendered there gets it."""
    token = _language.set(language)
    try:
        yield
    finally:
        _language.reset(token)


def day_words(day: date) -> str:
    """``16 Dec 2024``, whatever the system's locale; ``16. Dez. 2024`` where days are written in German."""
    language = _language.get()
    if language == _ENGLISH:
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
    # Babel takes a while to be imported, which only a channel of another language should pay.
    from babel.dates import format_skeleton

    return format_skeleton("yMMMd", day, locale=language)


def stated_day(text: str, *, american: bool = False) -> str:
    """A day as a source states it, in our words; ``american`` says that MM/DD/YYYY is meant. What is no day stays as it is."""
    if american and (match := _AMERICAN_DAY.fullmatch(text)):
        month, day, year = match.groups()
    elif match := _ISO_DAY.fullmatch(text):
        year, month, day = match.groups()
    else:
        return text
    try:
        return day_words(date(int(year), int(month), int(day)))
    except ValueError:
        return text


def clock(moment: datetime, zone: tzinfo = UTC) -> str:
    """``15:02 UTC``, with ``(10:02 EST)`` beside it for a reader elsewhere; a day that differs there is said."""
    here = moment.astimezone(UTC)
    there = moment.astimezone(zone)
    text = f"{here:%H:%M} UTC"
    if there.utcoffset() == timedelta(0):
        return text
    return f"{text} ({_beside(there, here)})"


def seen_between(not_before: datetime | None, first_seen: datetime, zone: tzinfo = UTC) -> str:
    """When something was published, as far as known: ``Published between 14:58 and 15:02 UTC (09:58 and 10:02 EST) on 16 Dec 2024``.

    Both within one minute need no more than that minute. Without an earlier check only the moment at which we saw it can be said.
    """
    end = first_seen.astimezone(UTC)
    if not_before is None:
        return f"First seen at {clock(first_seen, zone)} on {day_words(end.date())}"
    start = not_before.astimezone(UTC)
    if start.replace(second=0, microsecond=0) == end.replace(second=0, microsecond=0):
        return f"Published at {clock(first_seen, zone)} on {day_words(end.date())}"
    if start.date() != end.date():
        return f"Published between {moment_words(start, zone)} and {moment_words(end, zone)}"
    span = f"{start:%H:%M} and {end:%H:%M} UTC"
    there_start, there_end = start.astimezone(zone), end.astimezone(zone)
    if there_end.utcoffset() == timedelta(0):
        beside = ""
    elif there_start.date() == there_end.date():
        beside = f" ({there_start:%H:%M} and {_beside(there_end, end)})"
    else:
        beside = f" ({_beside(there_start, start)} and {_beside(there_end, end)})"
    return f"Published between {span}{beside} on {day_words(end.date())}"


def moment_words(moment: datetime, zone: tzinfo = UTC) -> str:
    """``16 Dec 2024 15:02 UTC (10:02 EST)``."""
    return f"{day_words(moment.astimezone(UTC).date())} {clock(moment, zone)}"


def span_words(span: timedelta) -> str:
    """``45 seconds``, ``40 minutes``, ``2 hours 10 minutes``, ``3 days 4 hours``: the two largest units that count."""
    seconds = max(int(span.total_seconds()), 0)
    if seconds < 60:
        return counted(seconds, "second")
    minutes, hours = seconds // 60, seconds // 3600
    if minutes < 60:
        return counted(minutes, "minute")
    if hours < 48:
        return _two(hours, "hour", minutes % 60, "minute")
    return _two(hours // 24, "day", hours % 24, "hour")


def shortened(text: str, limit: int) -> str:
    """Prose cut to ``limit`` characters at a blank, with "…" at the end. Not for names and identifiers, which are never cut."""
    if len(text) <= limit:
        return text
    kept = text[: limit - 1]
    head, _, _ = kept.rpartition(" ")
    return f"{(head or kept).rstrip(' ,;:(')}…"


def joined(parts: Iterable[str], separator: str = " · ") -> str:
    """The parts that are not empty, joined."""
    return separator.join(part for part in parts if part)


def _beside(there: datetime, here: datetime) -> str:
    other_day = "" if there.date() == here.date() else f"{day_words(there.date())} "
    return f"{other_day}{there:%H:%M} {there.tzname()}"


def _two(large: int, noun: str, small: int, smaller: str) -> str:
    return counted(large, noun) + (f" {counted(small, smaller)}" if small else "")
