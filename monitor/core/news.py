"""Which publications people are told about, and how a listing is joined to what is known.

The first reading of a stream is as quiet as a list's baseline. From then on a release that is about sanctions is told at once by its
title; one whose title does not show it is told when its body links to OFAC's action of the day. An action of the authority is told
if it concerns its lists or a licence, by its category or by the parties that its page names. Change files and legal notices are
never told by themselves: they complete what is told by others. Everything else is only stored. A publication of an old series,
which a migration of the source brings back under a new date, is told only if its body proves it to be news.
"""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from feeds.base import Publication, Witness
from monitor.core.titles import action_of_day, sanctions_word

RECENT = timedelta(days=14)
"""An item listed for the first time with an older date than this is old paper."""

BURST = timedelta(minutes=30)
"""How long the lists are watched closely after a release about sanctions, or an action."""

TELLING_CATEGORIES = ("sanctions list updates", "general licenses")
"""The categories of actions that people are told of at once; others are enforcement, guidance and the like."""

NEVER_TOLD_ALONE: frozenset[Witness] = frozenset(("change_file", "notice"))
"""What completes the case of an action, and is no news by itself."""

READ_LATELY = timedelta(hours=1)
"""A stream that was read well within this time needs no other to stand in for it."""

AN_OLDER_COPY = timedelta(days=1)
"""A page that reads as it did before its last revision, within this time after it, is an older copy and no correction."""


def is_quiet(
    publication: Publication, first_read_at: datetime | None, newest_then: str | None = None
) -> bool:
    """Whether an item that was not known belongs to the first reading, and announces nothing.

    ``first_read_at`` is None during the first reading. Later, an item dated more than a day before it (a yearly file that could
    not be read at first) belongs to it too, unless the newest item of the first reading, dated ``newest_then``, was no newer:
    then our clock was ahead.
    """
    if first_read_at is None:
        return True
    moment = _moment(publication.date)
    if newest_then is not None and moment >= _moment(newest_then) - timedelta(days=1):
        return False
    return moment < first_read_at - timedelta(days=2)


def reason_to_tell_at_once(
    publication: Publication, now: datetime, witness: Witness = "release"
) -> str | None:
    """Why people are told of a publication by what its listing shows; None when they are not."""
    is_old = not publication.current or now - _moment(publication.date) > RECENT
    if is_old or witness in NEVER_TOLD_ALONE:
        return None
    if witness == "action":
        category = publication.category.casefold()
        tells = any(each in category for each in TELLING_CATEGORIES)
        return "OFAC published an action" if tells else None
    word = sanctions_word(publication.title)
    return f"its title says {word!r}" if word else None


def reason_to_tell_by_body(
    links: Sequence[str],
    stated_date: str,
    now: datetime,
    witness: Witness = "release",
    entries: int = 0,
) -> tuple[str | None, str | None]:
    """The OFAC action of the day that a body links to, and why people are told of it; each may be None.

    ``entries`` is how many parties the body names in a form of its own.
    """
    action = action_of_day(links, stated_date)
    if now - _moment(stated_date) > RECENT:
        return action, None
    if witness == "release" and action is not None:
        return action, "it links to OFAC's action of the day"
    if witness == "action" and entries:
        return action, "it names parties of OFAC's lists"
    return action, None


def has_gap(listed: Sequence[Publication], known: set[str], first_read_at: datetime | None) -> bool:
    """Whether items may lie between what is known and what is listed: nothing on the page was seen before."""
    return first_read_at is not None and bool(listed) and not known


def next_reread(
    now: datetime, first_seen: datetime, every: timedelta | None, during: timedelta
) -> datetime | None:
    """When the page of a publication is read again to find out that it was corrected; None when it is not any more."""
    if every is None or now + every > first_seen + during:
        return None
    return now + every


def _moment(day: str) -> datetime:
    """The beginning of a day as the source states it (YYYY-MM-DD)."""
    return datetime.combine(date.fromisoformat(day), time(), UTC)
