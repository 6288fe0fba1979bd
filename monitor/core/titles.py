"""What a release's title and links say: is it about sanctions, and which OFAC action goes with it.

Titles do not decide. Of 733 near-certain designation releases of 2018 to 2026, 69 percent have a sanctions word in the title, and 97
percent that or a verb like "targets"; of 1,829 that are certainly none, 3 percent have such a word too. So a word is enough to tell at
once, and its absence settles nothing: the release's own page does. Only verbs that are done to somebody count: the Treasury
"takes action" on much else.
"""

import re
from collections.abc import Sequence
from datetime import date, timedelta

_SANCTIONS = re.compile(
    r"\b(sanction(?:s|ed|ing)?|designat(?:e|es|ed|ing|ion|ions)|designa|delist(?:s|ed|ing)?"
    r"|OFAC|Office of Foreign Assets Control|general licen[sc]es?)\b",
    re.IGNORECASE,
)
_AGAINST_SOMEBODY = re.compile(
    r"\b(targets|disrupts|severs|takes down|takes? (?:[\w-]+ ){0,3}aim"
    r"|takes? (?:[\w-]+ ){0,3}actions? (?:against|on|in)|(?:States|Kingdom) target"
    r"|actions? (?:ever )?targeting|(?:increases|intensifies) pressure)\b",
    re.IGNORECASE,
)
_SOMETHING_ELSE = re.compile(
    r"opportunity zones?\b|currency manipulator|nonbank|\bFSOC\b|financial stability oversight|\bIRS\b"
    r"|^(?:readout|remarks|media advisory|fact sheet)\b|\bop-ed\b|\bspeech on\b|\bblog\b",
    re.IGNORECASE,
)
_ACTION = re.compile(
    r"^https?://(?:ofac|home|www)\.treasury\.gov/.*?"
    r"(?:recent-actions|OFAC-Enforcement/Pages)/((\d{4})(\d{2})(\d{2})(?:_\w+)?)(?:\.aspx)?/?(?:[?#].*)?$",
    re.IGNORECASE,
)
_A_DAY = timedelta(days=1)


def sanctions_word(title: str) -> str | None:
    """The word in a release's title that makes it worth telling at once, as written; None when there is none.

    Readouts, remarks and releases that designate something else (zones, nonbanks, officials of the IRS) are not told by title.
    """
    if _SOMETHING_ELSE.search(title):
        return None
    match = _SANCTIONS.search(title) or _AGAINST_SOMEBODY.search(title)
    return match[0] if match else None


def verb_against_somebody(title: str) -> str | None:
    """The words of a title that say that something is done to somebody ("Targets", "Takes Sweeping Action Against"), if any."""
    if _SOMETHING_ELSE.search(title):
        return None
    match = _AGAINST_SOMEBODY.search(title)
    return match[0] if match else None


def action_of_day(links: Sequence[str], date: str) -> str | None:
    """The first of ``links`` to an OFAC recent action whose day is that of the release, else one of the day before or after.

    ``date`` is the release's day (YYYY-MM-DD). Older links are background and do not count.
    """
    return next((link for link, _ in _linked_actions(links, date)), None)


def actions_of_day(links: Sequence[str], date: str) -> tuple[str, ...]:
    """The ids (``20241216``, ``20221230_33``) of all OFAC actions of the release's day ±1 that it links to, those of the day first."""
    return tuple(dict.fromkeys(action for _, action in _linked_actions(links, date)))


def _linked_actions(links: Sequence[str], date: str) -> list[tuple[str, str]]:
    """Each link to an action of the day ±1 with the action's id, those of the day itself first."""
    stated = _day(*date[:10].split("-")) if date.count("-") >= 2 else None
    own: list[tuple[str, str]] = []
    neighbouring: list[tuple[str, str]] = []
    for link in links:
        match = _ACTION.match(link)
        day = _day(*match.group(2, 3, 4)) if match else None
        if match is None or stated is None or day is None or abs(day - stated) > _A_DAY:
            continue
        (own if day == stated else neighbouring).append((link, match[1]))
    return own + neighbouring


def _day(year: str, month: str, day: str) -> date | None:
    try:
        return date(int(year), int(month), int(day))
    except ValueError:  # 20241399: an address that is not made of a day
        return None
