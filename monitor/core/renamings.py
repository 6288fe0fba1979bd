"""A programme tag that is renamed on many records at once, told as that: low, and in one line.

A tag that gives way to another on one record is a new legal ground. On a whole list at once it is a renaming, if three things hold:

* many records show exactly this and nothing else in their programmes;
* the old tag is gone from the list, or nearly (OFAC may forget some). If it stays in use, those records were moved from one
  programme to another;
* the new tag is new to the list, or nearly. A programme that is ended, and whose parties are listed anew under one that exists
  already, gives them another legal ground.

Where one does not hold, the change stays what it is by itself: a designation, high. To call a new ground a renaming would be worse
than to call a renaming a new ground.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from monitor.core.canonical import Document
from monitor.core.classify import classify
from monitor.core.diff import Amended, FieldChange
from monitor.core.programs import program

Changed = Mapping[str, Any]

MANY = 10
"""From so many records on, the same pair of tags may be a renaming."""

FEW = 0.1
"""As a share of the records that show the renaming: so many others may still have the old tag, or may have had the new one."""


def with_renamings(
    changes: Sequence[dict[str, Any]], carriers: Callable[[str], int]
) -> list[dict[str, Any]]:
    """The changes, those that show a tag under a new name with ``renamed``: ``{"from": tag, "to": tag}``.

    ``carriers`` tells how many records of the list carry a tag now, after these changes; it is asked only about pairs that may be
    a renaming.
    """
    pairs = Counter(pair for each in changes if (pair := _pair(each)))
    renamed = {
        pair
        for pair, number in pairs.items()
        if program(pair[1]).replaces == pair[0] or _is_renaming(pair, number, changes, carriers)
    }
    return [
        _as_renamed(each, pair) if (pair := _pair(each)) in renamed and pair else each
        for each in changes
    ]


def _pair(change: Changed) -> tuple[str, str] | None:
    """The old and the new tag, where the one for the other is all that its programmes show."""
    for each in change.get("fields", ()):
        if each["field"] == "programs" and len(each["before"]) == len(each["after"]) == 1:
            return each["before"][0], each["after"][0]
    return None


def _is_renaming(
    pair: tuple[str, str],
    number: int,
    changes: Sequence[Changed],
    carriers: Callable[[str], int],
) -> bool:
    old, new = pair
    if number < MANY or program(old).is_marker != program(new).is_marker:
        return False
    left = carriers(old)
    before = carriers(new) - sum(_gained(each, new) for each in changes)
    return left <= number * FEW and before <= number * FEW


def _gained(change: Changed, tag: str) -> int:
    """By how many (1, 0, -1) this change raised the number of the tag's carriers."""
    match change["kind"]:
        case "added":
            return int(tag in change["party"].get("programs", ()))
        case "removed":
            return -int(tag in change["party"].get("programs", ()))
    for each in change.get("fields", ()):
        if each["field"] == "programs":
            has = tag in change["party"].get("programs", ())
            had = tag in each["before"] or (has and tag not in each["after"])
            return int(has) - int(had)
    return 0


def _as_renamed(change: dict[str, Any], pair: tuple[str, str]) -> dict[str, Any]:
    """The change as it matters without its new name: what else was amended decides, or nothing does.

    The record's other addresses are not at hand: an amended one counts as in a new country unless the one that it replaces was
    there, which is rather too much than too little.
    """
    renamed = {"renamed": {"from": pair[0], "to": pair[1]}}
    if program(pair[1]).replaces == pair[0]:
        return change | renamed  # classified as a renaming already
    rest = [
        FieldChange(each["field"], tuple(each["before"]), tuple(each["after"]))
        for each in change["fields"]
        if each["field"] != "programs"
    ]
    old, new = _documents(rest)
    remaining = classify(Amended(change["key"], old, new, tuple(rest)))
    return {
        **change,
        "categories": sorted({"program", *remaining.categories}),
        "severity": remaining.severity,
        **renamed,
    }


def _documents(fields: Sequence[FieldChange]) -> tuple[Document, Document]:
    """As much of the record before and after as its changes show."""
    return (
        {each.field: list(each.before) for each in fields if each.field == "addresses"},
        {each.field: list(each.after) for each in fields if each.field == "addresses"},
    )
