"""Several changes that people are told of as one: a mass edit, a tag's new name, a move between lists, a new number."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from monitor.core.canonical import encode
from monitor.core.differences import Changed, of_field, verb
from monitor.core.renamings import MANY

__all__ = [
    "MASS_EDIT",
    "Changed",
    "Groups",
    "MassEdit",
    "Move",
    "Relisting",
    "groups",
    "mass_edits",
    "moves",
    "relistings",
]

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
    alike: dict[bytes, list[Changed]] = {}
    for change in changes:
        alike.setdefault(encode([_edit(each) for each in change.get("fields", ())]), []).append(
            change
        )
    edits = [
        MassEdit(tuple(group))
        for group in alike.values()
        if len(group) >= (MANY if "renamed" in group[0] else MASS_EDIT)
    ]
    told = {change["key"] for edit in edits for change in edit.changes}
    alone = [change for change in changes if change["key"] not in told]
    return sorted(edits, key=lambda edit: -len(edit.changes)), alone


def groups(changes: Iterable[Changed]) -> "Groups":
    """The changes by what people are told of them: who is newly listed or no longer, and who neither, whatever a list did."""
    said = Groups()
    for change in changes:
        categories = change["categories"]
        if change["kind"] == "amended":
            said.amended.append(change)
        elif change["kind"] == "added" and "designation" in categories:
            said.added.append(change)
        elif change["kind"] == "removed" and "delisting" in categories:
            said.removed.append(change)
        elif "moved" in change:
            said.moved.append(change)
        elif "relisted" in change:
            said.renumbered.append(change)
        else:
            (said.added if change["kind"] == "added" else said.removed).append(change)
    return said


@dataclass(slots=True)
class Groups:
    """Changes by what is told of them. ``renumbered`` are both halves of re-listings that are no designation."""

    added: list[Changed] = field(default_factory=list)
    removed: list[Changed] = field(default_factory=list)
    moved: list[Changed] = field(default_factory=list)
    renumbered: list[Changed] = field(default_factory=list)
    amended: list[Changed] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Move:
    """Changes that concern another list in the same way. ``other`` is what is known of it; see :mod:`monitor.core.moves`."""

    way: str
    other: Mapping[str, Any]
    changes: tuple[Changed, ...]

    def words(self, here: str) -> str:
        """``moved from the SDN list to the consolidated list``, in an alert about the list ``here``."""
        there = self.other["list"]
        match self.way:
            case "to":
                return f"moved from {here} to {there}"
            case "from":
                return f"moved from {there} to {here}"
            case _:
                return f"left {here}, still on {there}"


def moves(changes: Iterable[Changed]) -> list[Move]:
    """The moves among the changes, the largest first: those of one way, of one list, told by one alert are one."""
    found: dict[tuple[str, ...], list[Changed]] = {}
    for change in changes:
        for way, other in change.get("moved", {}).items():
            when = "" if way == "still_on" else other["alert"] or other["seen"]
            found.setdefault((way, other["feed"], when), []).append(change)
    some = [Move(way, group[0]["moved"][way], tuple(group)) for (way, _, _), group in found.items()]
    return sorted(some, key=lambda move: -len(move.changes))


@dataclass(frozen=True, slots=True)
class Relisting:
    """A party under its old and its new number. ``party`` is the new record where it is told, else the old one."""

    old: str
    new: str
    party: Mapping[str, Any]


def relistings(changes: Iterable[Changed]) -> list[Relisting]:
    """The re-listings among the changes, each once though both its halves may be there."""
    found: dict[tuple[str, str], Relisting] = {}
    for change in changes:
        match change.get("relisted"):
            case {"as": new}:
                found.setdefault(
                    (change["key"], new), Relisting(change["key"], new, change["party"])
                )
            case {"from": old}:
                found[old, change["key"]] = Relisting(old, change["key"], change["party"])
    return list(found.values())


def _edit(field: Mapping[str, Any]) -> Any:
    """What was edited in a field: of remarks only the parts that left and came, for the rest of them is each record's own."""
    if field["field"] == "remarks":
        return ["remarks", [difference.line for difference in of_field(field)]]
    return field


def _mass_words(change: Changed) -> Iterable[str]:
    for each in change.get("fields", ()):
        if each["field"] == "programs" and (tags := change.get("renamed")):
            yield f"programme tag {tags['from']} is now called {tags['to']}"
        elif each["field"] == "identifiers":
            left = [value.get("type", "") for value in each["before"]]
            came = [value.get("type", "") for value in each["after"]]
            for type in dict.fromkeys([*left, *came]):
                yield f'identifier "{type}" {verb(came.count(type), left.count(type))}'
        else:
            yield " ".join(difference.line for difference in of_field(each))
