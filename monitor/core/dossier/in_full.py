"""A dossier in full, as text: at a glance, the parties with their witnesses, what each witness says, what follows, where to read it."""

import textwrap
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, tzinfo
from typing import Any

from monitor.core.dossier.account import Account, acts
from monitor.core.dossier.statements import names, possessive, statements, types_in_words
from monitor.core.duties import after_delisting, after_designation_in_full, day_in_washington
from monitor.core.programs import counted as programs_counted
from monitor.core.programs import program
from monitor.core.times import from_text
from monitor.core.words import day_words, joined, listed, moment_words

WIDTH = 78

_VERBS = (
    "designated",
    "added to the list",
    "listed under a further programme",
    "delisted",
    "removed from the list",
    "moved or re-numbered",
    "amended",
)
"""What was done to parties, in the order in which it is told."""
_WITNESSES = {
    "release": "release",
    "action": "action page",
    "change_file": "change file",
    "notice": "notice",
}
_PUBLISHED = {
    "releases": "release",
    "actions": "action page",
    "change_files": "change file",
    "notices": "notice",
}


def in_full(id: str, told: Account, zone: tzinfo) -> str:
    """The whole dossier; lines are broken between words at 78 columns."""
    return "\n".join(
        [
            f"Dossier {id}, {day_words(date.fromisoformat(told['day']))}",
            *_wrapped(told["title"] or "(no release or action page yet)"),
            "",
            *_titled("At a glance", at_a_glance(told)),
            *_titled("Who confirms what", [f"- {line}" for line in statements(told)]),
            *_titled(f"Parties ({len(told['parties']):,})", _parties(told)),
            *_titled("What follows", [f"- {line}" for line in consequences(told)]),
            *_titled("Official pages", _pages(told, zone)),
            *_titled("The list's versions", _versions(told, zone)),
        ]
    )


def heading(told: Account) -> str:
    """The dossier in one line: ``16 designated (9 individuals, 7 entities)``; before the list has changed, that it has not."""
    numbers = [
        f"{len(some):,} {verb} ({types_in_words(some)})"
        for verb in _VERBS
        if (some := [each for each in told["parties"] if _verb(each) == verb])
    ]
    return listed(numbers) if numbers else "the list has not changed yet"


def witnesses(told: Account) -> list[str]:
    """What was published of it: ``Treasury's release jy2751``, ``OFAC's action page 20241216``."""
    return [
        f"{possessive(each['authority'])} {words} {each['key']}"
        for kind, words in _PUBLISHED.items()
        for each in told[kind]
    ]


def at_a_glance(told: Account) -> list[str]:
    """What the list did, on what ground, and who announced it."""
    tags = Counter(tag for each in acts(told) for tag in each["programs"])
    by = dict.fromkeys(each["authority"] for each in (*told["releases"], *told["actions"]))
    lines = [f"On the list: {heading(told)}."]
    if tags:
        lines.append(f"Ground: {programs_counted(list(tags.elements()))}")
    if by:
        lines.append(f"Announced by: {listed(list(by))}.")
    return lines


def _parties(told: Account) -> Iterable[str]:
    for number, party in enumerate(told["parties"], start=1):
        yield f"{number:>2}. {party['name']} ({done_to(party)})"
        for label, text in facts_of(party):
            yield f"    {label:<14} {text}"


def done_to(party: Mapping[str, Any]) -> str:
    """``entity, designated, no. 47148``."""
    return f"{party['type']}, {_verb(party)}, no. {party['key']}"


def facts_of(party: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What there is to say of a party, each with what it is; last who confirms it, and in which words."""
    grounds = [*(program(tag).words for tag in party["programs"]), *party["legal_basis"]]
    quotes = [each for each in party["named_by"] if each["witness"] == "release"]
    facts: list[tuple[str, Iterable[str]]] = [
        ("Ground", dict.fromkeys(grounds)),
        ("Listed on", filter(None, [party["listed_on"]])),
        ("Other names", party["aliases"]),
        ("Born, founded", party["born"]),
        ("Nationality", party["nationalities"]),
        ("Identifiers", party["identifiers"]),
        ("Also applies", party["also_applies"]),
        ("Linked to", map(_tie, party["ties"])),
        ("Named by", [named_by(party)]),
        ("Release says", (f"“{each['around']}”" for each in quotes)),
    ]
    return [(label, text) for label, values in facts if (text := joined(list(values)))]


def _verb(party: Mapping[str, Any]) -> str:
    if party["kind"] == "amended":
        return "listed under a further programme" if party["is_act"] else "amended"
    if not party["is_act"]:
        return "moved or re-numbered"
    coming = party["kind"] == "added"
    if party["blocking"]:
        return "designated" if coming else "delisted"
    return "added to the list" if coming else "removed from the list"


def named_by(party: Mapping[str, Any]) -> str:
    """``the list, release jy2751 and action page 20241216``."""
    named = [f"{_WITNESSES[each['witness']]} {each['key']}" for each in party["named_by"]]
    return listed(["the list", *named]) if named else "the list alone"


def _tie(tie: Mapping[str, str]) -> str:
    return f"{tie['name']} (no. {tie['key']} of this dossier)" if tie["key"] else tie["name"]


def consequences(told: Account) -> list[str]:
    """What follows for those who hold property of the parties, and which licences came with it; nothing before the list has changed."""
    if not told["versions"]:
        return []
    seen = day_in_washington(from_text(told["versions"][0]["first_seen"]))
    blocked = [each for each in acts(told) if each["blocking"]]
    added = [each for each in blocked if each["kind"] == "added"]
    removed = [each for each in blocked if each["kind"] == "removed"]
    lines = list(after_designation_in_full(len(added), seen)) if added else []
    if added and len(added) < len(acts(told)):
        lines = [f"Of {names(added)}:", *lines]
    if removed:
        lines = [*lines, after_delisting(len(removed))]
    if len(blocked) < len(acts(told)):
        lines.append(
            "Parties of a list that does not block are restricted as their programmes state."
        )
    return [*lines, *(f"Licence issued with it: {each['title']}" for each in told["licences"])]


def _pages(told: Account, zone: tzinfo) -> Iterable[str]:
    for words, url in pages(told, zone):
        yield words
        yield f"   {url}"


def pages(told: Account, zone: tzinfo) -> list[tuple[str, str]]:
    """The official pages, each with what it is and when it was first seen, and its address."""
    found = []
    for kind in _PUBLISHED:
        for each in told[kind]:
            seen = moment_words(from_text(each["first_seen"]), zone)
            stated = f", its own time {each['stated']}" if each["stated"] else ""
            words = f"{each['authority']}: {each['title']} ({each['key']}){stated}"
            found.append((f"{words}, first seen {seen}", each["url"]))
    return [*found, *((each["title"], each["url"]) for each in told["licences"])]


def _versions(told: Account, zone: tzinfo) -> Iterable[str]:
    for each in told["versions"]:
        seen = moment_words(from_text(each["first_seen"]), zone)
        yield f"{each['feed']}, snapshot {each['snapshot']}, first seen {seen}"
        yield f"   SHA-256 {each['sha256']}"


def _titled(title: str, lines: Iterable[str]) -> list[str]:
    shown = [part for line in lines for part in _wrapped(line)]
    return [title, "-" * len(title), *shown, ""] if shown else []


def _wrapped(line: str) -> Sequence[str]:
    indent = " " * 19 if line.startswith("    ") else " " * (len(line) - len(line.lstrip()) + 2)
    return textwrap.wrap(
        line,
        WIDTH,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
        drop_whitespace=True,
    )
