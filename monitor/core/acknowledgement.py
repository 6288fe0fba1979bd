"""Whether an alert has been read, and whether what was read still holds.

An acknowledgement names a person, a time, an alert, and the revisions that the alert told. It is never erased: another entry adds
to it. When a later snapshot changes one of those revisions it holds no longer, and the alert about the change asks again.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class ReadRevision:
    """A listed party as an alert told it: the digest of its document after ``snapshot``, or of its last one before it was removed."""

    feed: str
    key: str
    digest: str
    snapshot: int
    is_removed: bool = False


@dataclass(frozen=True, slots=True)
class Acknowledgement:
    """That a person has read an alert as it was. ``number`` counts all acknowledgements on record."""

    number: int
    by: str
    at: datetime
    note: str
    revisions: tuple[ReadRevision, ...] = ()


@dataclass(frozen=True, slots=True)
class LaterChange:
    """A change of a record by some snapshot, and the alert that told of it (None: none has yet)."""

    feed: str
    key: str
    snapshot: int
    alert: str | None = None


@dataclass(frozen=True, slots=True)
class Open:
    """Nobody has acknowledged it."""


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """Somebody has, and what was read is as it was."""

    by: str
    at: datetime
    note: str


@dataclass(frozen=True, slots=True)
class Lapsed:
    """Somebody had, and it has changed since: ``change`` is the first change, ``others`` the number of other records that did."""

    by: str
    at: datetime
    note: str
    change: LaterChange
    others: int = 0


State = Open | Acknowledged | Lapsed


def state_of(acknowledgements: Sequence[Acknowledgement], later: Iterable[LaterChange]) -> State:
    """The state of an alert, from its acknowledgements (oldest first) and the changes of the records that it told.

    The last who acknowledged counts. Changes of other records, and those that the alert itself told, are passed over.
    """
    if not acknowledgements:
        return Open()
    last = acknowledgements[-1]
    read = {(each.feed, each.key): each.snapshot for each in last.revisions}
    since = [
        each
        for each in sorted(later, key=lambda each: (each.snapshot, each.feed, each.key))
        if each.snapshot > read.get((each.feed, each.key), each.snapshot)
    ]
    if not since:
        return Acknowledged(last.by, last.at, last.note)
    records = {(each.feed, each.key) for each in since}
    return Lapsed(last.by, last.at, last.note, since[0], len(records) - 1)


def revisions_as_stored(revisions: Iterable[ReadRevision]) -> list[dict[str, Any]]:
    """The revisions as they stand in the row and in its event."""
    return [
        {
            "feed": each.feed,
            "key": each.key,
            "digest": each.digest,
            "snapshot": each.snapshot,
            "removed": each.is_removed,
        }
        for each in revisions
    ]


def revisions_of_stored(stored: Iterable[dict[str, Any]]) -> tuple[ReadRevision, ...]:
    """The inverse of :func:`revisions_as_stored`."""
    return tuple(
        ReadRevision(
            each["feed"], each["key"], each["digest"], each["snapshot"], is_removed=each["removed"]
        )
        for each in stored
    )
