"""What OFAC keeps among a party's identifiers and in its remarks, told apart.

The list of identifiers holds papers and numbers, but most of its entries are footnotes: gender, risk notices, websites, directives.
What each kind is decides its category, its severity and where it stands in a message. Kinds are told by the beginning of their
name, because OFAC writes them with and without a colon or hyphen at the end and numbers some of them ("Directive 1a").
An unknown kind is taken for a paper or number: that is what nearly every kind is that ever appeared.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

Identifier = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class IdentifierKind:
    """What an entry among the identifiers is: a category of the contract, its severity, and why."""

    category: str
    severity: str
    reason: str


_RULES: tuple[tuple[tuple[str, ...], IdentifierKind], ...] = (
    (
        ("digital currency address",),
        IdentifierKind("digital_currency", "medium", "a digital currency address"),
    ),
    (
        (
            "secondary sanctions risk",
            "transactions prohibited",
            "additional sanctions information",
        ),
        IdentifierKind("notice", "medium", "a notice of what else applies"),
    ),
    (
        ("for more information",),
        IdentifierKind("notice", "low", "a pointer to where more is written"),
    ),
    (
        ("executive order", "caatsa section", "listing date", "effective date", "purchase/sales"),
        IdentifierKind("link", "medium", "a directive, a menu-based measure or its dates"),
    ),
    (
        ("website", "email", "e-mail", "phone", "telephone", "alt. phone", "fax", "alt. fax"),
        IdentifierKind("contact", "low", "a way to reach the party"),
    ),
    (
        ("organization established date",),
        IdentifierKind("birth", "medium", "the date of foundation, as a date of birth"),
    ),
    (
        ("nationality of registration",),
        IdentifierKind("nationality", "medium", "where it is registered"),
    ),
    (
        (
            "former vessel",
            "other vessel",
            "vessel flag",
            "vessel type",
            "vessel owner",
            "vessel call",
        ),
        IdentifierKind("vessel", "medium", "a flag, type, owner or call sign of a vessel"),
    ),
    (
        ("gender", "target type", "organization type"),
        IdentifierKind("identifier", "low", "describes the party without identifying it"),
    ),
)
_NUMBER = IdentifierKind("identifier", "medium", "a paper or number that identifies the party")


@lru_cache(maxsize=4096)
def identifier_kind(type: str) -> IdentifierKind:
    """What an entry of this type is; an unknown type is a paper or number."""
    folded = type.casefold()
    for beginnings, kind in _RULES:
        if folded.startswith(beginnings):
            return kind
    return _NUMBER


def describes(type: str) -> bool:
    """Whether entries of this type only describe (gender, kind of organization)."""
    kind = identifier_kind(type)
    return kind.category == "identifier" and kind.severity == "low"


def of_category(identifiers: Iterable[Identifier], category: str) -> list[Identifier]:
    """The entries that are of one category, in their order."""
    return [
        each for each in identifiers if identifier_kind(each.get("type", "")).category == category
    ]


_LINKED = "linked to:"


def linked_to(document: Mapping[str, Any]) -> list[str]:
    """The names of those that a record says its party is tied to, as written: from ``links`` and "(Linked To: …)" in its remarks."""
    return [*document.get("links", ()), *split_remarks(document.get("remarks", ""))[0]]


def split_remarks(remarks: str) -> tuple[list[str], str]:
    """The names after "Linked To:", and the remarks without these ties.

    A name may hold brackets of its own. Without brackets around the tie, as in OFAC's flat files, it ends at the next semicolon.
    """
    names: list[str] = []
    rest: list[str] = []
    position = 0
    while (start := remarks.casefold().find(_LINKED, position)) >= 0:
        bracketed = remarks[:start].rstrip().endswith("(")
        end = _closing(remarks, start) if bracketed else _semicolon(remarks, start)
        names.append(remarks[start + len(_LINKED) : end].strip(" ;"))
        before = remarks[position:start].rstrip()
        rest.append(before[:-1] if bracketed else before)
        position = end + 1
    rest.append(remarks[position:])
    left = "; ".join(filter(None, (part.strip(" ;.") for part in rest)))
    return [name for name in names if name], left


def _closing(text: str, start: int) -> int:
    depth = 1
    for position in range(start, len(text)):
        depth += {"(": 1, ")": -1}.get(text[position], 0)
        if depth == 0:
            return position
    return len(text)


def _semicolon(text: str, start: int) -> int:
    end = text.find(";", start)
    return end if end >= 0 else len(text)
