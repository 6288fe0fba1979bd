"""An amendment in words: what left (−), what came (+), and the one line that counts them.

The unchanged is left out. Values are whole and as written; of remarks and of a vessel's particulars only the parts that differ are
shown.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from monitor.core.classify import display_name
from monitor.core.footnotes import identifier_kind, split_remarks
from monitor.core.parties import address_words, alias_words, identifier_words, vessel_words
from monitor.core.programs import program
from monitor.core.words import counted

PLUS = "+"
MINUS = "−"

Changed = Mapping[str, Any]
"""A change as the contract's object."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One value that left or came: its sign, what it is (a noun), and its words."""

    sign: str
    noun: str
    words: str

    @property
    def line(self) -> str:
        """``+ a.k.a. "CH'OE, Ch'o'l-ryong"``."""
        return f"{self.sign} {self.words}"


def differences(change: Changed) -> list[Difference]:
    """What left and came in an amended record, the weightiest fields first, departures before arrivals."""
    fields = sorted(
        change.get("fields", ()), key=lambda each: _ORDER.get(each["field"], len(_ORDER))
    )
    return [difference for each in fields for difference in of_field(each)]


def summary(change: Changed) -> str:
    """``1 alias added``, ``2 addresses removed, 1 identifier changed``: an amendment in numbers."""
    came: Counter[str] = Counter()
    left: Counter[str] = Counter()
    found = differences(change)
    for each in found:
        (came if each.sign == PLUS else left)[each.noun] += 1
    nouns = dict.fromkeys(each.noun for each in found)
    return ", ".join(_counts(noun, came[noun], left[noun]) for noun in nouns)


def of_field(change: Mapping[str, Any]) -> list[Difference]:
    """What left and came in one field."""
    field, before, after = change["field"], change["before"], change["after"]
    if field == "remarks":
        return _of_remarks(before, after)
    if field == "vessel":
        return _of_vessel(before, after)
    left = [_named(field, value) for value in before]
    came = [_named(field, value) for value in after]
    if set(left) & set(came):
        # They differ in something that the words leave out, such as a mark of the main entry.
        left = [
            (noun, _everything(value, words))
            for (noun, words), value in zip(left, before, strict=True)
        ]
        came = [
            (noun, _everything(value, words))
            for (noun, words), value in zip(came, after, strict=True)
        ]
    return [
        *(Difference(MINUS, noun, words) for noun, words in left),
        *(Difference(PLUS, noun, words) for noun, words in came),
    ]


def _named(field: str, value: Any) -> tuple[str, str]:
    """The noun of a value, and its words."""
    if field == "identifiers":
        noun = _IDENTIFIER_NOUNS.get(identifier_kind(value.get("type", "")).category, "identifier")
        return noun, identifier_words(value)
    noun, words = _FIELDS.get(field, (field, str))
    return noun, words(value)


def _everything(value: Any, words: str) -> str:
    if not isinstance(value, Mapping):
        return words
    return f"{words} ({', '.join(f'{name}: {part}' for name, part in sorted(value.items()))})"


def _of_remarks(before: Sequence[str], after: Sequence[str]) -> list[Difference]:
    old, new = (split_remarks(values[0] if values else "") for values in (before, after))
    found = _multiset_difference("link", "linked to {}", old[0], new[0])
    found += _multiset_difference("remark", 'remark "{}"', old[1].split("; "), new[1].split("; "))
    return found or [  # only the punctuation differs
        *(Difference(MINUS, "remark", f'remark "{text}"') for text in before),
        *(Difference(PLUS, "remark", f'remark "{text}"') for text in after),
    ]


def _of_vessel(before: Sequence[Any], after: Sequence[Any]) -> list[Difference]:
    old, new = (dict(values[0]) if values else {} for values in (before, after))
    parts = [part for part in {**old, **new} if old.get(part) != new.get(part)]
    found = []
    for sign, vessel in ((MINUS, old), (PLUS, new)):
        found += [
            Difference(
                sign,
                "vessel detail",
                vessel_words({part: vessel[part]}) or f"{part} {vessel[part]}",
            )
            for part in parts
            if part in vessel
        ]
    return found


def _multiset_difference(
    noun: str, form: str, before: Iterable[str], after: Iterable[str]
) -> list[Difference]:
    old, new = Counter(filter(None, before)), Counter(filter(None, after))
    return [
        *(Difference(MINUS, noun, form.format(text)) for text in (old - new).elements()),
        *(Difference(PLUS, noun, form.format(text)) for text in (new - old).elements()),
    ]


def _counts(noun: str, came: int, left: int) -> str:
    if noun in _SINGLE:
        return f"{noun} {verb(came, left)}"
    if came == left:
        return f"{counted(came, noun)} changed"
    return ", ".join(
        f"{counted(number, noun)} {verb}"
        for number, verb in ((came, "added"), (left, "removed"))
        if number
    )


def verb(came: int, left: int) -> str:
    """added, removed or changed."""
    if came and left:
        return "changed"
    return "added" if came else "removed"


def _quoted(noun: str) -> Callable[[Any], str]:
    return lambda value: f'{noun} "{display_name(value)}"'


def _place(noun: str, part: str) -> Callable[[Any], str]:
    return lambda value: f"{noun} {value.get(part, '')}"


_FIELDS: dict[str, tuple[str, Callable[[Any], str]]] = {
    "name": ("name", _quoted("name")),
    "type": ("type", lambda value: f"type {value}"),
    "programs": ("programme", lambda tag: program(tag).words),
    "legal_basis": ("legal basis", lambda value: f"legal basis {value}"),
    "aliases": ("alias", alias_words),
    "dates_of_birth": ("date of birth", _place("born", "date")),
    "places_of_birth": ("place of birth", _place("born in", "place")),
    "nationalities": ("nationality", _place("nationality", "country")),
    "citizenships": ("citizenship", _place("citizenship", "country")),
    "addresses": ("address", lambda value: f"address {address_words(value)}"),
    "measures": ("measure", str),
    "links": ("link", lambda value: f"linked to {value}"),
    "title": ("title", _quoted("title")),
    "listed_on": ("date of listing", lambda value: f"listed on {value}"),
}
_WEIGHTIEST = ("name", "type", "programs", "legal_basis", "identifiers")
_ORDER = {
    field: place
    for place, field in enumerate(dict.fromkeys([*_WEIGHTIEST, *_FIELDS, "vessel", "remarks"]))
}
_IDENTIFIER_NOUNS = {
    "digital_currency": "digital currency address",
    "contact": "contact",
    "notice": "notice",
    "link": "measure",
    "birth": "date of foundation",
}
_SINGLE = frozenset({"name", "type", "title", "date of listing"})
