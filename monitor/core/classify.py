"""A change's categories and severity, with the reasons; and its form for other programs.

Severities are defaults, in the words of those who have to act: high when somebody is newly blocked, released or payable under
another ground, medium when what identifies a party or binds it changed, low otherwise. Routes decide who hears of what.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from monitor.core.canonical import Document
from monitor.core.diff import Added, Amended, Change, FieldChange, Removed
from monitor.core.footnotes import identifier_kind, split_remarks
from monitor.core.programs import program
from monitor.core.titles import action_of_day, sanctions_word

__all__ = [
    "Classification",
    "action_of_day",
    "change_json",
    "classify",
    "display_name",
    "sanctions_word",
]

SEVERITIES = ("low", "medium", "high")
"""From the least to the most."""


@dataclass(frozen=True, slots=True)
class Classification:
    """What kind of change it is (sorted), how much it matters, and why: one reason for each finding."""

    categories: tuple[str, ...]
    severity: str
    reasons: tuple[str, ...]


Finding = tuple[str, str, str]
"""A category, its severity, and the reason."""


def classify(change: Change) -> Classification:
    """The categories and severity of a change; the severity is the highest of its findings."""
    match change:
        case Added():
            return Classification(("designation",), "high", ("added to the list",))
        case Removed():
            return Classification(("delisting",), "high", ("removed from the list",))
        case Amended(_, old, new, fields):
            return _gathered([finding for each in fields for finding in _findings(each, old, new)])


def worst(severities: Iterable[str]) -> str:
    """The highest of several severities; of none, low."""
    return max(severities, key=SEVERITIES.index, default="low")


def change_json(feed: str, change: Change, c: Classification) -> dict[str, Any]:
    """The contract's "A change" object: plain JSON, the same for the same change.

    Of an added or removed party it holds the whole document, of an amended one a short form and exactly what left and came.
    """
    described: dict[str, Any] = {
        "feed": feed,
        "key": change.key,
        "kind": "amended",
        "categories": list(c.categories),
        "severity": c.severity,
    }
    match change:
        case Added():
            described |= {"kind": "added", "party": change.document}
        case Removed():
            described |= {"kind": "removed", "party": change.document}
        case Amended():
            described["party"] = {
                "name": display_name(change.new.get("name", {})),
                "type": change.new.get("type", ""),
                "programs": change.new.get("programs", []),
            }
            described["fields"] = [
                {"field": each.field, "before": list(each.before), "after": list(each.after)}
                for each in change.fields
            ]
    return described


def display_name(name: Any) -> str:
    """A name as the list writes it, ``LAST, First``; one that is a string already stays."""
    if isinstance(name, str):
        return name
    return ", ".join(filter(None, (name.get("last"), name.get("first"))))


def _gathered(found: list[Finding]) -> Classification:
    return Classification(
        categories=tuple(sorted({category for category, _, _ in found})),
        severity=worst(severity for _, severity, _ in found),
        reasons=tuple(dict.fromkeys(reason for _, _, reason in found)),
    )


def _findings(change: FieldChange, old: Document, new: Document) -> Iterator[Finding]:
    rule = _RULES.get(change.field, _whatever)
    yield from rule(change, old, new)


def _always(category: str, severity: str, reason: str) -> Callable[..., Iterator[Finding]]:
    def rule(change: FieldChange, old: Document, new: Document) -> Iterator[Finding]:
        yield category, severity, reason

    return rule


def _whatever(change: FieldChange, old: Document, new: Document) -> Iterator[Finding]:
    yield "remarks", "low", f"{change.field} changed"


def _programs(change: FieldChange, old: Document, new: Document) -> Iterator[Finding]:
    """A tag that comes is a new legal ground without a new number, unless it is a marker or the new name of one that leaves."""
    left = set(change.before)
    renamed = {tag for tag in change.after if program(tag).replaces in left}
    left -= {program(tag).replaces for tag in renamed}
    for tag in change.after:
        if tag in renamed:
            yield "program", "low", f"programme tag {program(tag).replaces} is now called {tag}"
        elif program(tag).is_marker:
            yield "program", "medium", f"marker {tag} added"
        elif tag in old.get("programs", ()):
            yield "program", "low", f"programme tag {tag} repeated"
        else:
            yield "designation", "high", f"listed under {tag} as well: a new legal ground"
    for tag in sorted(left):
        if tag in new.get("programs", ()):
            yield "program", "low", f"programme tag {tag} repeated no longer"
        else:
            yield "program", "medium", f"no longer listed under {tag}"


def _aliases(change: FieldChange, old: Document, new: Document) -> Iterator[Finding]:
    values = (*change.before, *change.after)
    if any(value.get("strength") != "weak" for value in values):
        yield "alias", "medium", "a strong or former name added or removed"
    else:
        yield "alias", "low", "a weak name added or removed; screening for those is not required"


def _addresses(change: FieldChange, old: Document, new: Document) -> Iterator[Finding]:
    before = {address.get("country") for address in old.get("addresses", ())}
    countries = {address.get("country") for address in change.after} - before - {None}
    if countries:
        yield "address", "medium", f"an address in a new country: {', '.join(sorted(countries))}"
    else:
        yield "address", "low", "an address changed, in no new country"


def _identifiers(change: FieldChange, old: Document, new: Document) -> Iterator[Finding]:
    came = {value.get("type", "") for value in change.after}
    left = {value.get("type", "") for value in change.before}
    for type in sorted(came | left):
        kind = identifier_kind(type)
        severity = kind.severity
        if kind.category == "digital_currency" and type in came:
            yield kind.category, "high", "a digital currency address added: payments can be blocked"
            continue
        if kind.category == "notice" and type in came and type in left:
            severity = "low"  # the risk was and is there; only its wording changed
        yield kind.category, severity, f"{type.rstrip(' :-') or 'identifier'}: {kind.reason}"


def _vessel(change: FieldChange, old: Document, new: Document) -> Iterator[Finding]:
    before, after = (dict(values[0]) if values else {} for values in (change.before, change.after))
    different = {
        part for part in before.keys() | after.keys() if before.get(part) != after.get(part)
    }
    if different <= {"tonnage", "gross_registered_tonnage"}:
        yield "vessel", "low", "tonnage changed"
    else:
        yield "vessel", "medium", f"vessel: {', '.join(sorted(different))} changed"


def _remarks(change: FieldChange, old: Document, new: Document) -> Iterator[Finding]:
    before, after = (
        split_remarks(values[0] if values else "") for values in (change.before, change.after)
    )
    if sorted(before[0]) != sorted(after[0]):
        yield "link", "medium", "a tie to another party added or removed"
    if before[1] != after[1] or sorted(before[0]) == sorted(after[0]):
        yield "remarks", "low", "the remarks changed"


_RULES: dict[str, Callable[[FieldChange, Document, Document], Iterator[Finding]]] = {
    "type": _always("type", "low", "its type changed"),
    "name": _always("name", "medium", "the primary name changed under the same number"),
    "title": _always("title", "low", "its title changed"),
    "programs": _programs,
    "aliases": _aliases,
    "addresses": _addresses,
    "identifiers": _identifiers,
    "nationalities": _always("nationality", "medium", "a nationality changed"),
    "citizenships": _always("nationality", "medium", "a citizenship changed"),
    "dates_of_birth": _always("birth", "medium", "a date of birth changed"),
    "places_of_birth": _always("birth", "medium", "a place of birth changed"),
    "vessel": _vessel,
    "remarks": _remarks,
    "legal_basis": _always("program", "medium", "the legal basis changed"),
    "measures": _always("link", "medium", "the measures that apply changed"),
    "links": _always("link", "medium", "a tie to another party added or removed"),
}
