"""Records that go from one list to another of the same numbers, told as that.

OFAC's lists share one series of uids. A record that leaves the SDN list and stands on the consolidated list has moved: it is no
delisting there and no designation here, but the other way round it is a designation, because it blocks. One that was on both and
leaves one is not delisted. The stored changes say what each list did; this is only how people are told.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from monitor.core.times import to_seconds

Changed = Mapping[str, Any]
"""A change as the contract's object. As it is told, it may have ``moved`` beside that."""

WINDOW = timedelta(days=7)
"""So far apart the two halves of a move may be seen: OFAC publishes both lists on one day, but one may be held or unreadable."""


@dataclass(frozen=True, slots=True)
class Stay:
    """One uninterrupted time of a record on a list: from when its first snapshot was seen until that was which lacked it.

    ``is_baseline`` says that the first list that we ever saw held it: then it has been there since before ``began``. The snapshots
    are the numbers of those with which it began and ended.
    """

    began: datetime
    ended: datetime | None
    is_baseline: bool
    began_with: int
    ended_with: int | None


@dataclass(frozen=True, slots=True)
class Telling:
    """The alert that told of a snapshot's changes, and when it was made."""

    alert: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Sibling:
    """What is known of another list of the same numbers.

    ``stays`` are those of the records in question, by key, oldest first; ``told`` the alerts about its snapshots. What it holds is
    known only as of ``checked``, the last check that saw its content in force.
    """

    feed: str
    title: str
    blocking: bool
    checked: datetime | None
    stays: Mapping[str, Sequence[Stay]] = field(default_factory=dict)
    told: Mapping[int, Telling] = field(default_factory=dict)


def with_moves(
    changes: Sequence[dict[str, Any]],
    *,
    at: datetime,
    blocking: bool,
    siblings: Sequence[Sibling],
) -> list[dict[str, Any]]:
    """The changes of a list first seen ``at``, those that concern another list as well with ``moved``; the others as they are.

    ``moved`` holds one of

    * ``to``: it left this list and came to that one;
    * ``still_on``: it left this list, or came to it, and was on that one all the while;
    * ``from``: it came to this list and left that one;
    * ``also_left``: it left both: a delisting like any other.

    Only what is known can be said: of a move, the half that is seen first is told as what it is by itself.
    """
    return [_as_moved(change, at, blocking, siblings) for change in changes]


def _as_moved(
    change: dict[str, Any], at: datetime, blocking: bool, siblings: Sequence[Sibling]
) -> dict[str, Any]:
    if change["kind"] not in ("added", "removed"):
        return change
    for sibling in siblings:
        stays = reversed(sibling.stays.get(change["key"], ()))
        is_fresh = sibling.checked is not None and sibling.checked >= at - WINDOW
        for stay in stays:
            way, when, snapshot = (_left if change["kind"] == "removed" else _came)(stay, at)
            if way is None or (way == "still_on" and not is_fresh):
                continue
            told = sibling.told.get(snapshot) if snapshot is not None else None
            fact = {
                "feed": sibling.feed,
                "list": sibling.title,
                "blocking": sibling.blocking,
                "seen": to_seconds(when),
                "alert": told.alert if told else None,
                "told": to_seconds(told.at) if told else None,
            }
            return {**change, **_matters(change, way, blocking, sibling), "moved": {way: fact}}
    return change


Way = tuple[str | None, datetime, int | None]
"""How the other list is concerned (None: not at all), when that was seen, and with which snapshot."""


def _left(stay: Stay, at: datetime) -> Way:
    """Of a record that left this list, what its stay on the other one means."""
    if stay.ended is not None and abs(stay.ended - at) <= WINDOW:
        return "also_left", stay.ended, stay.ended_with
    if stay.ended is not None and stay.ended < at:
        return None, stay.ended, None
    if stay.began > at + WINDOW:
        return None, stay.began, None
    came_now = not stay.is_baseline and stay.began >= at - WINDOW
    return "to" if came_now else "still_on", stay.began, stay.began_with


def _came(stay: Stay, at: datetime) -> Way:
    """Of a record that came to this list, what its stay on the other one means."""
    if stay.began > at:
        return None, stay.began, None
    if stay.ended is not None and abs(stay.ended - at) <= WINDOW:
        return "from", stay.ended, stay.ended_with
    if stay.ended is not None and stay.ended < at:
        return None, stay.ended, None
    return "still_on", stay.began, stay.began_with


def _matters(change: Changed, way: str, blocking: bool, sibling: Sibling) -> dict[str, Any]:
    """Category and severity of a change that is a move, where they are others than of the change alone.

    Whoever comes to a list that blocks is designated, from wherever; so is one that comes and was on another list all the while, for
    that is a further ground. Never made less of on a guess.
    """
    designated = change["kind"] == "added" and (
        way == "still_on" or (blocking and not sibling.blocking)
    )
    if designated or way == "also_left":
        return {}
    return {"categories": ["program"], "severity": "medium"}
