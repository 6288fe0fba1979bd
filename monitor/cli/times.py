"""Times as a user writes them: a day, a moment, or how long ago."""

from datetime import UTC, date, datetime, timedelta

from monitor.cli.context import Mistake
from monitor.config.scalars import Wrong, duration

EXPECTED = (
    "expected a day (2024-12-16), a moment (2024-12-16T15:02:00Z) or a span that is over (24h, 7d)"
)


def begin(text: str, now: datetime, option: str) -> datetime:
    """The moment that ``text`` means as a beginning: a day from its first moment, in UTC. Raises Mistake."""
    return _read(text, now, option, timedelta())


def end(text: str, now: datetime, option: str) -> datetime:
    """The moment that ``text`` means as an end: a day until its last moment, in UTC. Raises Mistake."""
    return _read(text, now, option, timedelta(days=1))


def _read(text: str, now: datetime, option: str, day: timedelta) -> datetime:
    try:
        if len(text) == len("2024-12-16"):
            found = date.fromisoformat(text)
            return datetime(found.year, found.month, found.day, tzinfo=UTC) + day
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError):
        pass
    try:
        return now - duration(text)
    except (Wrong, OverflowError):
        raise Mistake(f'{option} is "{text}": {EXPECTED}') from None
