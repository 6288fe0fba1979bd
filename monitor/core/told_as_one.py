"""Several changes that people are told of as one: a mass edit, and a party that is re-listed under a new number."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from monitor.core.canonical import encode
from monitor.core.classify import display_name
from monitor.core.differences import Changed, of_field, verb
from monitor.core.footnotes import identifier_kind

__all__ = ["MASS_EDIT", "Changed", "MassEdit", "mass_edits", "relisted"]

MASS_EDIT = 20
"""From so many records amended in exactly the same way on, they are told in one line."""


@dataclass(frozen=True, slots=True)
class MassEdit:
    """Records that were amended in exactly the same way."""

    changes: tuple[Changed, ...]

    @property
    def words(self) -> str:
        """``identifier "Secondary sanctions risk:" added``."""
        return "; ".join(_mass_words(self.changes[0]))


def mass_edits(changes: Sequence[Changed]) -> tuple[list[MassEdit], list[Changed]]:
    """The mass edits among amended changes, the largest first, and the changes that belong to none, in their order."""
    groups: dict[bytes, list[Changed]] = {}
    for change in changes:
        groups.setdefault(encode(change.get("fields", ())), []).append(change)
    edits = [MassEdit(tuple(group)) for group in groups.values() if len(group) >= MASS_EDIT]
    told = {change["key"] for edit in edits for change in edit.changes}
    alone = [change for change in changes if change["key"] not in told]
    return sorted(edits, key=lambda edit: -len(edit.changes)), alone


def relisted(changes: Iterable[Changed]) -> list[tuple[Changed, Changed]]:
    """Those removed and added at once under a new number: the same name and type, and a birth date or identifier in common."""
    removed: dict[tuple[str, str], list[Changed]] = {}
    added = []
    for change in changes:
        if change["kind"] == "removed":
            removed.setdefault(_identity(change), []).append(change)
        elif change["kind"] == "added":
            added.append(change)
    return [
        (old, new)
        for new in added
        for old in removed.get(_identity(new), ())
        if _proofs(old["party"]) & _proofs(new["party"])
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


def _mass_words(change: Changed) -> Iterable[str]:
    for each in change.get("fields", ()):
        if each["field"] == "identifiers":
            left = [value.get("type", "") for value in each["before"]]
            came = [value.get("type", "") for value in each["after"]]
            for type in dict.fromkeys([*left, *came]):
                yield f'identifier "{type}" {verb(came.count(type), left.count(type))}'
        else:
            yield " ".join(difference.line for difference in of_field(each))
