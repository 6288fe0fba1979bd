"""What a case says by now: every party with its witnesses, every publication, and who says what the others do not.

An account is made of a case's members alone: the same members give the same account, whichever came first. Only the times of arrival
in it differ. It is stored, shown on pages, sent to webhooks, and compared with the one before it to know what is new.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from monitor.core.dossier.joining import Case, Listing, names_of, other_names_of
from monitor.core.dossier.signals import ListChange, Published, Ref
from monitor.core.folding import fold
from monitor.core.parties import (
    TYPES,
    aliases_of,
    also_applies_to,
    born_or_founded,
    identifiers_of,
    name_of,
    nationalities_of,
    ties_of,
    type_of,
)
from monitor.core.releases.counts import counts_in
from monitor.core.releases.mentions import Mention
from monitor.core.second_witness import LegalFacts
from monitor.core.times import to_text

_LICENCE = re.compile(r"(?:[A-Z][\w’'-]* ){0,4}General License (?:No\. ?)?\d+[A-Z]*\b")
"""``Russia-related General License 13L``, as OFAC's action pages write it."""

Account = dict[str, Any]
"""See :func:`account`."""


def account(case: Case, legal: Mapping[str, LegalFacts] | None = None) -> Account:
    """The account of a case. ``legal`` holds what change files state of parties, by key.

    ``day`` is that of the action page, else of the release, else of the list. ``parties`` are in the order in which they are told;
    each has what the list says, ``named_by`` (publications that name it: ``witness``, ``key``, and of a release the ``form`` that
    matched and the words ``around`` it), ``contradicted_by`` (pages and files that say the opposite of it) and ``ties`` to others of
    this case. ``unlisted`` are those whom an action page lists though the list shows no such change. ``releases``, ``actions``,
    ``change_files`` and ``notices`` are what was published.
    """
    changes = [each.signal for each in case.members if isinstance(each.signal, ListChange)]
    published = [each.signal for each in case.members if isinstance(each.signal, Published)]
    of = {
        witness: sorted(
            (each for each in published if each.witness == witness),
            key=lambda each: (each.day, each.key, each.feed),
        )
        for witness in ("release", "action", "change_file", "notice")
    }
    latest = _latest(changes)
    listings = [
        (each, Listing(each)) for each in published if each.witness != "release" and each.entries
    ]
    numbers = {
        name: change.change["key"] for change in latest.values() for name in change.folded_names
    }
    return {
        "day": _day(of, changes),
        "title": _title(of),
        "parties": _in_order(
            [
                _party(change, numbers, case.mentions, listings, legal or {})
                for change in latest.values()
            ]
        ),
        "unlisted": _unlisted(of["action"], changes),
        "releases": [_release(each, case.mentions.get(each.ref, {})) for each in of["release"]],
        "actions": [_published(each) for each in of["action"]],
        "change_files": [_published(each) for each in of["change_file"]],
        "notices": [_published(each) for each in of["notice"]],
        "licences": _licences(of["action"]),
        "versions": _versions(changes),
    }


def acts(told: Account) -> list[dict[str, Any]]:
    """The parties of an account that were designated or delisted."""
    return [each for each in told["parties"] if each["is_act"]]


def _latest(changes: Sequence[ListChange]) -> dict[tuple[str, str], ListChange]:
    """Of a party that several versions changed, the act; of several acts the last."""
    found: dict[tuple[str, str], ListChange] = {}
    for change in sorted(changes, key=lambda each: (each.is_act, each.snapshot)):
        found[change.feed, change.change["key"]] = change
    return found


def _party(
    change: ListChange,
    numbers: Mapping[tuple[str, ...], str],
    mentions: Mapping[Ref, Mapping[Ref, Mention]],
    listings: Sequence[tuple[Published, Listing]],
    legal: Mapping[str, LegalFacts],
) -> dict[str, Any]:
    key = change.change["key"]
    facts = legal.get(key, LegalFacts())
    named_by: list[dict[str, Any]] = [
        {
            "witness": "release",
            "key": release.subject,
            "form": named[change.ref].form,
            "is_alias": named[change.ref].is_alias,
            "around": named[change.ref].around,
        }
        for release, named in sorted(mentions.items())
        if change.ref in named
    ]
    named_by += [
        {"witness": each.witness, "key": each.key}
        for each, listing in listings
        if listing.tells_of(change)
    ]
    contradicted_by = [
        {"witness": each.witness, "key": each.key}
        for each, listing in listings
        if listing.fit(change) and not listing.tells_of(change)
    ]
    return {
        "feed": change.feed,
        "key": key,
        "kind": change.kind,
        "is_act": change.is_act,
        "blocking": change.blocking,
        "name": name_of(change.party),
        "type": type_of(change.party),
        "programs": sorted(change.programs),
        "aliases": aliases_of(change.party),
        "born": born_or_founded(change.party),
        "nationalities": nationalities_of(change.party),
        "identifiers": identifiers_of(change.party),
        "also_applies": also_applies_to(change.party),
        "legal_basis": list(facts.legal_basis) or list(change.party.get("legal_basis", ())),
        "listed_on": facts.listed_on or change.party.get("listed_on", ""),
        # Whom the record says it is linked to; with the number of those that are of this case.
        "ties": [
            {"name": name, "key": numbers.get(fold(name), "")} for name in ties_of(change.party)
        ],
        "named_by": named_by,
        "contradicted_by": contradicted_by,
    }


def _unlisted(actions: Sequence[Published], changes: Sequence[ListChange]) -> list[dict[str, Any]]:
    keys = {change.change["key"] for change in changes}
    names = set().union(*(change.folded_names for change in changes)) if changes else set()
    found = {}
    for action in actions:
        for entry in action.entries:
            if entry.get("kind") == "changed" or entry.get("key") in keys:
                continue
            if not (names_of(entry) | other_names_of(entry)) & names:
                shown = {
                    "name": name_of(entry),
                    "type": type_of(entry),
                    "kind": entry.get("kind", ""),
                    "list": entry.get("list", ""),
                    "action": action.key,
                }
                found[shown["name"], shown["kind"]] = shown
    return [found[each] for each in sorted(found)]


def _release(release: Published, mentions: Mapping[Ref, Mention]) -> dict[str, Any]:
    said = counts_in(release.text)
    return {
        **_published(release),
        "label": release.classified.label,
        "confidence": release.classified.confidence,
        "actions": list(release.classified.actions),
        "counts": said.as_dict() if said else None,
        "has_text": bool(release.text),
        "names": sorted({act.part for act in mentions}),
    }


def _published(each: Published) -> dict[str, Any]:
    return {
        "feed": each.feed,
        "key": each.key,
        "authority": each.authority,
        "title": each.title,
        "url": each.url,
        "date": each.day.isoformat(),
        "stated": each.stated,
        "first_seen": to_text(each.first_seen),
        "entries": len(each.entries),
    }


def _licences(actions: Sequence[Published]) -> list[dict[str, str]]:
    """The general licences that an action page says were issued, by name; each with the page, where its text is linked."""
    found = {
        " ".join(match[0].split()): {"title": " ".join(match[0].split()), "url": action.url}
        for action in actions
        for match in _LICENCE.finditer(f"{action.title}\n{action.text}")
    }
    return [found[name] for name in sorted(found)]


def _versions(changes: Sequence[ListChange]) -> list[dict[str, Any]]:
    """The versions of lists in which the changes came."""
    found = {
        (each.feed, each.snapshot): {
            "feed": each.feed,
            "snapshot": each.snapshot,
            "sha256": each.sha256,
            "first_seen": to_text(each.first_seen),
        }
        for each in changes
    }
    return [found[each] for each in sorted(found)]


def _day(of: Mapping[str, Sequence[Published]], changes: Sequence[ListChange]) -> str:
    for witness in ("action", "release"):
        if of[witness]:
            return of[witness][0].day.isoformat()
    days = [change.day for change in changes] or [each.day for each in of["notice"]]
    return min(days).isoformat() if days else ""


def _title(of: Mapping[str, Sequence[Published]]) -> str:
    titled = [*of["release"], *of["action"]]
    return titled[0].title if titled else ""


def _in_order(parties: list[dict[str, Any]]) -> list[dict[str, Any]]:
    kinds = ("added", "removed", "amended")
    types = {type: place for place, type in enumerate(TYPES)}
    return sorted(
        parties,
        key=lambda each: (
            kinds.index(each["kind"]),
            types.get(each["type"], len(types)),
            each["name"],
            each["feed"],
            each["key"],
        ),
    )
