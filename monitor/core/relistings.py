"""A party that leaves a list and comes back at once under a new number, told as that: neither delisted nor designated."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from monitor.core.classify import display_name
from monitor.core.footnotes import identifier_kind
from monitor.core.programs import program

Changed = Mapping[str, Any]


def relisted(changes: Iterable[Changed]) -> list[tuple[Changed, Changed]]:
    """Who was removed and added at once under a new number: the same name and type, and a birth date or identifier in common.

    Each record is in one pair at most; where there is a choice, in that with the most in common.
    """
    removed: dict[tuple[str, str], list[Changed]] = {}
    added = []
    for change in changes:
        if change["kind"] == "removed":
            removed.setdefault(_identity(change), []).append(change)
        elif change["kind"] == "added":
            added.append(change)
    pairs = [
        (len(common), old, new)
        for new in added
        for old in removed.get(_identity(new), ())
        if (common := _proofs(old["party"]) & _proofs(new["party"]))
    ]
    taken: set[str] = set()
    found = []
    for _, old, new in sorted(pairs, key=lambda pair: (-pair[0], pair[2]["key"], pair[1]["key"])):
        if taken.isdisjoint((old["key"], new["key"])):
            taken |= {old["key"], new["key"]}
            found.append((old, new))
    return sorted(found, key=lambda pair: str(pair[1]["key"]))


def with_relistings(changes: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The changes, those of parties that were re-listed with ``relisted``: ``{"as": key}`` and ``{"from": key}``.

    They are medium, under ``identifier``: the list's number of the party is another one. Where the new record states a ground that
    the old one did not, its addition is a designation all the same.
    """
    told = {}
    for old, new in relisted(each for each in changes if "moved" not in each):
        medium = {"categories": ["identifier"], "severity": "medium"}
        told[old["key"]] = medium | {"relisted": {"as": new["key"]}}
        if new_grounds(old["party"], new["party"]):
            medium = {"categories": ["designation", "identifier"], "severity": "high"}
        told[new["key"]] = medium | {"relisted": {"from": old["key"]}}
    return [{**each, **told.get(each["key"], {})} for each in changes]


def new_grounds(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """The programmes of the new record that the old one lacked: no markers, and no mere new names."""
    before = set(old.get("programs", ()))
    return [
        tag
        for tag in dict.fromkeys(new.get("programs", ()))
        if tag not in before and not program(tag).is_marker and program(tag).replaces not in before
    ]


def _identity(change: Changed) -> tuple[str, str]:
    return display_name(change["party"].get("name", "")), change["party"].get("type", "")


def _proofs(party: Mapping[str, Any]) -> set[tuple[str, str]]:
    born = {("born", each.get("date", "")) for each in party.get("dates_of_birth", ())}
    papers = {
        (each.get("type", ""), each.get("number", ""))
        for each in party.get("identifiers", ())
        if identifier_kind(each.get("type", "")).category in {"identifier", "digital_currency"}
        and identifier_kind(each.get("type", "")).severity != "low"
    }
    return born | papers
