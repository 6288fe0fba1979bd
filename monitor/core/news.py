"""Which publications people are told about, and how a listing is joined to what is known.

The first reading of a stream is as quiet as a list's baseline. From then on a publication that is about sanctions is told at once
by its title; one whose title does not show it is told when its body links to OFAC's action of the day. Everything else is only
stored. A publication of an old series, which a migration of the source brings back under a new date, is told only if its body
proves it to be news.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from feeds.base import Publication
from monitor.core.titles import action_of_day, sanctions_word

RECENT = timedelta(days=14)
"""An item listed for the first time with an older date than this is old paper."""

BURST = timedelta(minutes=30)
"""How long the lists are watched closely after a release about sanctions."""


def is_quiet(publication: Publication, first_read_at: datetime | None) -> bool:
    """Whether an item that was not known belongs to the first reading, and announces nothing.

    ``first_read_at`` is None during the first reading. Later, an item dated more than a day before it (a yearly file that could
    not be read at first) belongs to it too.
    """
    if first_read_at is None:
        return True
    return _moment(publication.date) < first_read_at - timedelta(days=2)


def reason_to_tell_at_once(publication: Publication, now: datetime) -> str | None:
    """Why people are told of a publication by its title alone; None when they are not."""
    if not publication.current or now - _moment(publication.date) > RECENT:
        return None
    word = sanctions_word(publication.title)
    return f"its title says {word!r}" if word else None


def reason_to_tell_by_body(
    links: Sequence[str], stated_date: str, now: datetime
) -> tuple[str | None, str | None]:
    """The OFAC action of the day that a body links to, and why people are told of it; each may be None."""
    action = action_of_day(links, stated_date)
    if action is None or now - _moment(stated_date) > RECENT:
        return action, None
    return action, "it links to OFAC's action of the day"


def has_gap(listed: Sequence[Publication], known: set[str], first_read_at: datetime | None) -> bool:
    """Whether items may lie between what is known and what is listed: nothing on the page was seen before."""
    return first_read_at is not None and bool(listed) and not known


def _moment(day: str) -> datetime:
    """The beginning of a day as the source states it (YYYY-MM-DD)."""
    return datetime.combine(date.fromisoformat(day), time(), UTC)
