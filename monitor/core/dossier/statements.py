"""An account in sentences: what each witness confirms, what one has and another lacks, and what is not known yet.

The number is always what the list did; what a release or a page says stands beside it. Short enough for a chat: names are given while
they are few, else counted.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from monitor.core.dossier.account import Account, acts
from monitor.core.parties import TYPES
from monitor.core.releases.counts import Counts, compare
from monitor.core.words import counted, day_words, listed

_NAMED = 3
"""So many names are given; more are counted."""

Shown = Mapping[str, Any]


def statements(told: Account) -> list[str]:
    """Every sentence about who confirms what, releases first; once, where two copies of a release say the same."""
    said = [
        *(line for each in told["releases"] for line in of_release(told, each)),
        *(line for each in told["actions"] for line in of_action(told, each)),
        *(line for each in told["change_files"] for line in of_change_file(told, each)),
        *(line for each in told["notices"] for line in of_notice(told, each)),
        *still_missing(told),
    ]
    return list(dict.fromkeys(said))


def of_release(told: Account, release: Shown) -> list[str]:
    """Whom of the listed a release names, and how that compares with its own numbers."""
    whose = f"{possessive(release['authority'])} release"
    if not release["has_text"]:
        return [f"{whose} could not be read yet: whom it names is not known."]
    parties = acts(told)
    named = [each for each in parties if _is_named(each, release["key"])]
    if not parties:
        said = _counts(release)
        spoken = f" It speaks of {said.words}." if said else ""
        return [
            f"The list shows no designation or delisting that {_lower(whose)} announces, yet.{spoken}"
        ]
    lines = [_sentence(f"{whose} names", named, parties, "named in it")]
    said = _counts(release)
    if said and (difference := compare(said, _types(named))):
        lines.append(difference)
    return lines


def of_action(told: Account, action: Shown) -> list[str]:
    """Whom of the changed OFAC's action page lists, and whom it lists beyond them."""
    page = f"OFAC's action page of {_day(action)}"
    if not action["entries"]:
        return [f'{page}: "{action["title"]}". It lists no parties in a form that can be read.']
    parties = acts(told)
    lines = []
    if parties:
        listed_there = [each for each in parties if _is_named(each, action["key"])]
        lines.append(_sentence(f"{page} lists", listed_there, parties, "on it"))
        lines += _contradictions(parties, action)
    beyond = [each for each in told["unlisted"] if each["action"] == action["key"]]
    if beyond:
        lines.append(
            f"{'It also' if parties else page} lists {counted(len(beyond), 'party')} for whom the list shows "
            f"no such change{'' if parties else ' yet'}: {names(beyond)}."
        )
    return lines


def of_change_file(told: Account, file: Shown) -> list[str]:
    """Whom of the changed OFAC's change file confirms."""
    parties = acts(told)
    confirmed = [each for each in parties if _is_named(each, file["key"])]
    if not parties:
        return []
    line = _sentence(f"OFAC's change file {file['key']} confirms", confirmed, parties, "in it")
    return [line, *_contradictions(parties, file)]


def of_notice(told: Account, notice: Shown) -> list[str]:
    """Whom of them a legal notice names."""
    parties = acts(told)
    named = [each for each in parties if _is_named(each, notice["key"])]
    where = f"The {notice['authority']} notice {notice['key']} of {_day(notice)}"
    if not parties:
        return [f"{where} is about this action."]
    return [_sentence(f"{where} names", named, parties, "named in it")]


def _contradictions(parties: Sequence[Shown], published: Shown) -> list[str]:
    said = [
        each
        for each in parties
        if any(other["key"] == published["key"] for other in each["contradicted_by"])
    ]
    return [f"It says the opposite of the list about {names(said)}."] if said else []


def still_missing(told: Account) -> list[str]:
    """Which witnesses an action usually has and this one has not, yet."""
    missing = []
    if acts(told) and not told["releases"]:
        missing.append("no press release")
    if acts(told) and not told["actions"]:
        missing.append("no action page of OFAC")
    return [f"Known so far: {listed(missing)} about it."] if missing else []


def names(parties: Sequence[Shown]) -> str:
    """The first three names, and how many more there are."""
    shown = " · ".join(each["name"] for each in parties[:_NAMED])
    more = len(parties) - _NAMED
    return f"{shown} and {more:,} more" if more > 0 else shown


def possessive(authority: str) -> str:
    """``Treasury's``, ``the State Department's``."""
    return f"{authority}'" if authority.endswith("s") else f"{authority}'s"


def types_in_words(parties: Sequence[Shown]) -> str:
    """``9 individuals, 7 entities``."""
    numbers = _types(parties)
    order = [*TYPES, *sorted(numbers.keys() - set(TYPES))]
    return ", ".join(counted(numbers[each], each) for each in order if numbers[each])


def _sentence(start: str, confirmed: Sequence[Shown], parties: Sequence[Shown], where: str) -> str:
    """``Treasury's release names 16 of the 19 (9 individuals, 7 entities); not named in it: A · B · C.``"""
    total = len(parties)
    if len(confirmed) == total:
        whole = {1: "the party", 2: "both"}.get(total, f"all {total:,}")
        return f"{start} {whole} ({types_in_words(confirmed)})."
    others = [each for each in parties if each not in confirmed]
    if not confirmed:
        return f"{start} {'none of the ' + format(total, ',') if total > 1 else 'nobody whom the list changed'}."
    beyond = (
        f"not {where}: {names(others)}"
        if len(others) <= _NAMED
        else f"{len(others):,} are not {where}"
    )
    return f"{start} {len(confirmed):,} of the {total:,} ({types_in_words(confirmed)}); {beyond}."


def _is_named(party: Shown, key: str) -> bool:
    return any(each["key"] == key for each in party["named_by"])


def _types(parties: Sequence[Shown]) -> Counter[str]:
    return Counter(each["type"] for each in parties)


def _day(published: Shown) -> str:
    return day_words(date.fromisoformat(published["date"]))


def _lower(text: str) -> str:
    return text[0].lower() + text[1:] if text.startswith("The ") else text


def _counts(release: Shown) -> Counts | None:
    """What the release says of itself how many it names."""
    return Counts.from_dict(release["counts"]) if release["counts"] else None
