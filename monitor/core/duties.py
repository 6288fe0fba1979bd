"""What follows from a listing, as reminders with their dates and sources. Not advice.

Sources: blocked property is reported within 10 business days of blocking and yearly by 30 September (31 CFR 501.603); rejected
transactions likewise (31 CFR 501.604); the 50 percent rule is OFAC's revised guidance of 13 August 2014 (79 FR 47726); records are
kept for ten years since 12 March 2025 (31 CFR 501.601). Nothing here says that anybody must screen or use software: OFAC does
not say so.
"""

from datetime import date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays

from monitor.core.words import day_words

BUSINESS_DAYS_TO_REPORT = 10

_WASHINGTON = "America/New_York"


def report_due(blocked_on: date) -> date:
    """The latest day to report property blocked on a day: the tenth business day after it.

    By the ordinary calendar of U.S. federal holidays; a day on which the President closes the offices for once is not in it.
    """
    due: date = _federal_holidays().get_nth_working_day(blocked_on, BUSINESS_DAYS_TO_REPORT)
    return due


def day_in_washington(moment: datetime) -> date:
    """The day on which a moment falls where the duties are counted."""
    return moment.astimezone(ZoneInfo(_WASHINGTON)).date()


def after_designation(count: int, blocked_on: date) -> str:
    """What follows when ``count`` parties are blocked, in one short paragraph with the date worked out."""
    theirs = "what it owns" if count == 1 else "what they own"
    return (
        f"Property is blocked; so is {theirs} 50 percent or more. "
        f"Blocked property is to be reported by {day_words(report_due(blocked_on))}."
    )


def after_designation_in_full(count: int, blocked_on: date) -> tuple[str, ...]:
    """What follows when ``count`` parties are blocked, with the sources: for a reader who has room."""
    them = "this party" if count == 1 else "these parties"
    return (
        f"All property of {them} that is in the United States or in the possession or control of U.S. persons is blocked; dealing in "
        "it needs a licence or an exemption. Treat it as in force from the moment of listing.",
        "Entities that blocked persons own 50 percent or more, directly or indirectly and taken together, are blocked though they are "
        "not listed (79 FR 47726; it speaks of ownership, not of control).",
        f"Property blocked on {day_words(blocked_on)} is to be reported by {day_words(report_due(blocked_on))}, ten business days later "
        "(31 CFR 501.603); rejected transactions likewise (31 CFR 501.604). Both go through OFAC's Reporting System.",
    )


def after_delisting(count: int) -> str:
    """What ends, and what does not, when ``count`` blocked parties leave the list."""
    listing = "this listing" if count == 1 else "these listings"
    return f"Removal ends blocking under {listing} only; check other owners and lists."


def after_unblocked_removal(grounds: str) -> str:
    """What ends when a party leaves a list whose parties are not blocked: what its programmes restricted."""
    return f"What ends is the restriction under {grounds or 'that listing'}."


def after_move(ended: str, goes_on: str, *, ended_blocks: bool, goes_on_blocks: bool) -> str:
    """What a party's listing on one list less means while that on another one goes on."""
    if goes_on_blocks:
        return f"Parties of {goes_on} are blocked."
    if ended_blocks:
        return (
            f"Blocking under {ended} ends; what {goes_on} restricts applies. "
            "Check other owners and lists."
        )
    return f"What {goes_on} restricts applies."


@lru_cache(maxsize=1)
def _federal_holidays() -> holidays.HolidayBase:
    return holidays.country_holidays("US")
