"""What a digest tells: the alerts that were gathered for it, and how the watch was kept meanwhile."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from monitor.core.alert import Alert, alert_id
from monitor.core.checks import Checked
from monitor.core.classify import worst
from monitor.core.digest import Schedule
from monitor.core.route import Condition, Route, Selection
from monitor.core.times import to_text

KIND = "digest"
"""The kind of an alert that tells what was gathered."""

PATIENCE = timedelta(minutes=15)
"""So long a feed may go unchecked before its watch has a gap; three of its intervals where those are longer."""

_OF_LISTS = ("change", "dossier")
_OF_STREAMS = ("publication", "dossier")
_OF_A_CHANGE = ("category", "party_type", "program", "country")


@dataclass(frozen=True, kw_only=True)
class Gathered:
    """One alert that waited, and which of its changes were selected. ``at`` is when what it tells was put on record.

    ``alert`` is None where it cannot be made again; then it is told by its ``title``.
    """

    id: str
    title: str
    severity: str
    at: datetime
    alert: Alert | None = None
    changes: tuple[dict[str, Any], ...] = ()
    others: int = 0


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """An incident of the period; ``until`` is None while it is open."""

    summary: str
    severity: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, kw_only=True)
class Kept:
    """How the watch of one feed was kept, and what it brought, whoever was told of that.

    ``published`` is the date of the list in force as its source states it, ``records`` how many parties it holds; ``witness`` is what
    the items of a stream are, "" for a list. ``news`` counts changes, or publications; ``about_sanctions`` those that were told.
    """

    feed: str
    title: str
    authority: str
    checked: Checked
    interval: timedelta
    witness: str = ""
    published: str | None = None
    records: int | None = None
    news: int = 0
    about_sanctions: int = 0

    @property
    def is_list(self) -> bool:
        """Whether it is a list of parties."""
        return not self.witness

    @property
    def is_whole(self) -> bool:
        """Whether it was checked throughout."""
        return self.checked.longest_gap <= max(PATIENCE, 3 * self.interval)


@dataclass(frozen=True, kw_only=True)
class DigestFacts:
    """A digest: what was gathered from ``since`` to ``until``, oldest first, and how the watch was kept.

    ``is_of_incidents`` tells that it is about nothing else. ``because`` says why it comes at another time than its own, if it does.
    """

    schedule: Schedule
    since: datetime
    until: datetime
    gathered: tuple[Gathered, ...] = ()
    kept: tuple[Kept, ...] = ()
    troubles: tuple[Trouble, ...] = ()
    is_of_incidents: bool = False
    because: str = ""

    @property
    def is_kept(self) -> bool:
        """Whether the watch was kept throughout, so that the absence of news means something."""
        is_blind = any(each.until is None and each.severity == "high" for each in self.troubles)
        return bool(self.kept) and all(each.is_whole for each in self.kept) and not is_blind

    @property
    def changes(self) -> tuple[dict[str, Any], ...]:
        """Every gathered change, in the order of the alerts."""
        return tuple(change for each in self.gathered for change in each.changes)


@dataclass(frozen=True, kw_only=True)
class Scope:
    """What a digest is about: these feeds (all that are watched, if None) and kinds of feeds, or incidents alone."""

    feeds: frozenset[str] | None = None
    lists: bool = True
    streams: bool = True
    is_of_incidents: bool = False

    def covers(self, feed: str, *, is_list: bool) -> bool:
        """Whether a digest of this scope tells how the watch of this feed was kept."""
        return (self.feeds is None or feed in self.feeds) and (
            self.lists if is_list else self.streams
        )


def scope_of(routes: Sequence[Route], numbers: Sequence[int]) -> Scope:
    """What the digest is about that these of the routes gather for."""
    conditions = [routes[number].when for number in numbers]
    if conditions and all(when.kind == ("incident",) for when in conditions):
        feeds = _feeds(conditions)
        return Scope(feeds=feeds, is_of_incidents=True)
    conditions = [when for when in conditions if when.kind != ("incident",)]
    return Scope(
        feeds=_feeds(conditions),
        lists=not conditions or any(_takes(when, _OF_LISTS) for when in conditions),
        streams=not conditions
        or any(
            _takes(when, _OF_STREAMS) and not any(getattr(when, word) for word in _OF_A_CHANGE)
            for when in conditions
        ),
    )


def _feeds(conditions: Sequence[Condition]) -> frozenset[str] | None:
    if not conditions or not all(when.feed for when in conditions):
        return None
    return frozenset(feed for when in conditions for feed in when.feed)


def _takes(when: Condition, kinds: Sequence[str]) -> bool:
    return not when.kind or not set(when.kind).isdisjoint(kinds)


@dataclass(frozen=True)
class Chapter:
    """Changes of one list, with an alert that tells of all of them, in which no party stands twice."""

    alert: Alert
    changes: tuple[dict[str, Any], ...]
    told_in: tuple[Gathered, ...]


def chapters(gathered: Sequence[Gathered]) -> list[Chapter]:
    """The gathered changes by list, those of several alerts as one; a party that changed again is in a further chapter."""
    found: list[Chapter] = []
    for each in gathered:
        if each.alert is None or not each.changes:
            continue
        place = next((n for n, chapter in enumerate(found) if _has_room(chapter, each)), None)
        if place is None:
            found.append(Chapter(_bare(each.alert, each.changes), each.changes, (each,)))
        else:
            found[place] = _joined(found[place], each, each.alert)
    return found


def others(gathered: Sequence[Gathered]) -> list[Gathered]:
    """What was gathered and tells of no changes: publications, additions to cases, incidents, in their order."""
    return [each for each in gathered if each.alert is None or not each.changes]


def alert_of(channel: str, digest: DigestFacts) -> Alert:
    """The alert that tells a channel of a digest. Its id is derived, so that it is made once."""
    feeds = {each.alert.feed if each.alert else "" for each in digest.gathered}
    severities = [each.severity for each in digest.gathered]
    return Alert(
        id=alert_id(KIND, channel, digest.schedule.text, to_text(digest.until)),
        kind=KIND,
        feed=feeds.pop() if len(feeds) == 1 else "",
        feed_title="",
        authority="",
        severity=worst(severities) if severities else "low" if digest.is_kept else "medium",
        first_seen=digest.until,
        not_before=None,
        changes=digest.changes,
        digest=digest,
    )


def selection_of(channel: str, digest: DigestFacts, routes: Sequence[int]) -> Selection:
    """What a digest tells its channel: all of it."""
    return Selection(channel, digest.changes, 0, tuple(routes))


def as_stored(selection: Selection) -> dict[str, Any]:
    """What of an alert waits for a digest, as it stands in its row."""
    return {
        "keys": [each["key"] for each in selection.changes],
        "others": selection.others,
        "routes": list(selection.routes),
    }


def selected(alert: Alert, stored: Mapping[str, Any]) -> tuple[dict[str, Any], ...]:
    """The changes of an alert that waited for a digest."""
    keys = set(stored["keys"])
    return tuple(each for each in alert.changes if each["key"] in keys)


def _has_room(chapter: Chapter, each: Gathered) -> bool:
    if each.alert is None or chapter.alert.feed != each.alert.feed:
        return False
    return {change["key"] for change in chapter.changes}.isdisjoint(
        change["key"] for change in each.changes
    )


def _joined(chapter: Chapter, each: Gathered, alert: Alert) -> Chapter:
    changes = tuple(sorted((*chapter.changes, *each.changes), key=lambda change: change["key"]))
    return Chapter(
        replace(
            chapter.alert,
            changes=changes,
            listed_since={**chapter.alert.listed_since, **alert.listed_since},
            read_before={**chapter.alert.read_before, **alert.read_before},
            # What is to be done by a date is to be done by the earliest.
            first_seen=min(chapter.alert.first_seen, alert.first_seen),
            dossiers=(*chapter.alert.dossiers, *alert.dossiers),
        ),
        changes,
        (*chapter.told_in, each),
    )


def _bare(alert: Alert, changes: tuple[dict[str, Any], ...]) -> Alert:
    return replace(alert, changes=changes)
