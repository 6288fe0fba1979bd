"""Keeps dossiers: each arrival is set beside what arrived around it, and what belongs together is put on record together.

:mod:`monitor.core.dossier` decides; here signals are looked up and cases are matched with the dossiers on record. Runs inside the
alerter's transaction: a dossier has grown when the alert about it is made, or neither.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import chain, count, groupby
from typing import Any

from sqlalchemy import Connection, Row

from feeds.base import Feed, RegisterFeed, StreamFeed
from monitor.alerting.telling import changes_as_told
from monitor.core.alert import alert_id
from monitor.core.canonical import decode, digest
from monitor.core.dossier import (
    Account,
    Case,
    ListChange,
    Published,
    Ref,
    Signal,
    account,
    correlate,
)
from monitor.core.dossier.joining import named_in_notice
from monitor.core.dossier.overdue import UNANNOUNCED, UNLISTED, incident_of_overdue
from monitor.core.duties import day_in_washington
from monitor.core.second_witness import LegalFacts
from monitor.store import dossiers, events, incidents, publications
from monitor.store.dossiers import StoredMember

WINDOW = timedelta(days=4)
"""How far back an arrival is set beside what arrived before it: two days either way, for both of those that may be late."""

NOTICES = timedelta(days=90)
"""How long after an action its legal notice is still taken for its own; they come days to weeks later."""

REPEATED = frozenset({("treasury-bulletins", "OFAC: Recent Actions")})
"""Items (by feed and category) that repeat another stream's under a name of their own: no release, and no witness of their own."""

Legal = Callable[[Connection, str, Sequence[str], datetime], Mapping[str, LegalFacts]]
"""What change files state of parties (feed, keys) since a moment, by key."""


@dataclass(frozen=True)
class Grown:
    """One dossier that an arrival opened or changed: what it said before (None when it was opened), what it says now, its signals."""

    id: str
    before: Account | None
    after: Account
    refs: frozenset[Ref]


class Dossiers:
    """The dossiers of one database. ``feeds`` are all known feeds: their data say what kind of witness each is."""

    def __init__(self, feeds: Mapping[str, Feed], legal: Legal | None = None) -> None:
        self._feeds = feeds
        self._legal = legal

    def take(self, connection: Connection, arrived: Iterable[Ref], at: datetime) -> list[Grown]:
        """Set what has arrived beside the rest, and put on record which dossiers it opened or added to, in the order of their ids.

        ``at`` is when it arrived. Appends an event for each; to be called after other rows are locked.
        """
        arrivals = set(arrived)
        notices = {ref for ref in arrivals if ref.witness == "notice"}
        grown = self._take(connection, arrivals - notices, at)
        for notice in sorted(notices):
            grown += self._take_notice(connection, notice, at)
        return grown

    def _take_notice(self, connection: Connection, notice: Ref, at: datetime) -> list[Grown]:
        """Add a legal notice to the dossier of whose parties it names most, however long ago that was.

        Only acts are looked through, and only that dossier is made anew, from its own signals.
        """
        published = self._publication(connection, notice)
        if published is None or not published.entries:
            return []
        rows = dossiers.changes_since(connection, at - NOTICES, acts_only=True)
        named = {
            act.ref
            for act in named_in_notice(published, (_list_change(row, {}, True) for row in rows))
        }
        holding = {
            id: frozenset(members_as_refs(members))
            for id, members in dossiers.of_signals(connection, [ref[1:] for ref in named]).items()
        }
        if not holding:
            return []
        refs = min(holding.items(), key=lambda each: (-len(named & each[1]), each[0]))[1]
        signals = [*self._signals_of(connection, refs), published]
        cases = [case for case in correlate(signals) if notice in case.refs]
        return self._keep_all(connection, cases, at)

    def _take(self, connection: Connection, new: set[Ref], at: datetime) -> list[Grown]:
        if not new:
            return []
        since = at - WINDOW
        signals = self._signals(connection, since)
        if new.isdisjoint(signal.ref for signal in signals):
            return []  # aliases and addresses, of which no page speaks
        cases = correlate(signals)
        known = _dossiers_of(connection, [case for case in cases if not new.isdisjoint(case.refs)])
        earliest = min((row.opened_at for row, _ in known.values()), default=at)
        if earliest - WINDOW < since:  # what it holds already is looked at again, whole
            cases = correlate(self._signals(connection, earliest - WINDOW))
        concerned = new.union(*(members for _, members in known.values()))
        touched = [case for case in cases if not concerned.isdisjoint(case.refs)]
        return self._keep_all(connection, touched, at)

    def _keep_all(self, connection: Connection, cases: Sequence[Case], at: datetime) -> list[Grown]:
        known = _dossiers_of(connection, cases)
        return [
            grown
            for case, id in _matched(cases, known, lambda id: dossiers.is_free(connection, id))
            if (grown := self._keep(connection, case, id, known, at)) is not None
        ]

    def _keep(
        self,
        connection: Connection,
        case: Case,
        id: str,
        known: Mapping[str, "_Known"],
        at: datetime,
    ) -> Grown | None:
        """Store one case as the dossier ``id``; None when it is what it was."""
        row, earlier = known.get(id, (None, frozenset()))
        before = dossiers.account_of(row) if row else None
        after = account(case, self._legal_facts(connection, case, at))
        if before == after and earlier == case.refs:
            return None
        members = [StoredMember(*each.ref, each.because) for each in case.members]
        dossiers.save(connection, id, members, after, authority=self._authority(case), at=at)
        absorbed = [
            other
            for other, (_, theirs) in sorted(known.items())
            if other != id and theirs and theirs <= case.refs
        ]
        for other in absorbed:
            dossiers.join(connection, other, id, at)
        _put_on_record(connection, Grown(id, before, after, case.refs), absorbed, at)
        return Grown(id, before, after, case.refs)

    def _signals(self, connection: Connection, since: datetime) -> list[Signal]:
        streams = [id for id, feed in self._feeds.items() if isinstance(feed, StreamFeed)]
        found: list[Signal] = []
        for row in dossiers.publications_since(connection, streams, since):
            published = self._published(row)
            if published is not None:
                found.append(published)
        amended_too = any(
            entry.get("kind") == "changed"
            for each in found
            if isinstance(each, Published) and each.witness == "action"
            for entry in each.entries
        )
        rows = dossiers.changes_since(connection, since, acts_only=not amended_too)
        return [*found, *self._as_told(connection, rows)]

    def _as_told(self, connection: Connection, rows: Iterable[Row[Any]]) -> list[ListChange]:
        """The changes of these rows, version by version, as people are told of them: a move is neither designation nor delisting."""
        changes: list[ListChange] = []
        for (feed, snapshot), version in groupby(rows, lambda row: (row.feed, row.snapshot_id)):
            of_version = list(version)
            told = {
                change["key"]: change
                for change in changes_as_told(
                    connection, self._feeds, feed, snapshot, of_version[0].first_seen_at
                )
            }
            register = self._feeds.get(feed)
            blocking = not isinstance(register, RegisterFeed) or register.blocking
            changes += (_list_change(row, told, blocking) for row in of_version)
        return changes

    def _signals_of(self, connection: Connection, refs: Iterable[Ref]) -> list[Signal]:
        """These signals themselves."""
        wanted = set(refs)
        versions = {(ref.feed, int(ref.subject)) for ref in wanted if ref.witness == "list"}
        rows = [
            row
            for feed, snapshot in sorted(versions)
            for row in dossiers.changes_of(connection, feed, snapshot)
        ]
        changes = self._as_told(connection, rows)
        published = [
            self._publication(connection, ref) for ref in sorted(wanted) if ref.witness != "list"
        ]
        return [
            *(each for each in changes if each.ref in wanted),
            *(each for each in published if each is not None),
        ]

    def _publication(self, connection: Connection, ref: Ref) -> Published | None:
        row = publications.find(connection, ref.feed, ref.subject)
        return self._published(row) if row is not None and ref.feed in self._feeds else None

    def _published(self, row: Row[Any]) -> Published | None:
        feed = self._feeds[row.feed]
        if not isinstance(feed, StreamFeed):
            return None
        document = decode(row.document)
        if (row.feed, document.get("category")) in REPEATED:
            return None
        return Published(
            witness=feed.witness,
            feed=row.feed,
            key=row.key,
            authority=feed.heading,
            title=document.get("title", ""),
            url=document.get("url", ""),
            day=date.fromisoformat(row.date),
            first_seen=row.first_seen_at,
            stated=row.stated,
            category=document.get("category", ""),
            text=document.get("text", ""),
            links=tuple(document.get("links", ())),
            entries=tuple(document.get("entries", ())),
        )

    def _legal_facts(
        self, connection: Connection, case: Case, at: datetime
    ) -> Mapping[str, LegalFacts]:
        if self._legal is None:
            return {}
        by_feed: dict[str, list[str]] = {}
        for ref in case.refs:
            if ref.witness == "list":
                by_feed.setdefault(ref.feed, []).append(ref.part)
        facts: dict[str, LegalFacts] = {}
        for feed, keys in sorted(by_feed.items()):
            facts |= self._legal(connection, feed, sorted(keys), at - NOTICES)
        return facts

    def _authority(self, case: Case) -> str:
        for ref in sorted(case.refs):
            feed = self._feeds.get(ref.feed)
            if ref.witness in ("list", "action") and feed is not None:
                return feed.heading
        feed = self._feeds.get(min(case.refs).feed)
        return feed.heading if feed else ""


_Known = tuple[Row[Any], frozenset[Ref]]
"""A dossier on record, and the signals that it holds."""


def _dossiers_of(connection: Connection, cases: Sequence[Case]) -> dict[str, _Known]:
    """The dossiers on record that hold a signal of one of these cases."""
    refs = {(ref.feed, ref.subject, ref.part) for case in cases for ref in case.refs}
    found = {}
    for id, members in dossiers.of_signals(connection, sorted(refs)).items():
        row = dossiers.find(connection, id)
        if row is not None:
            found[id] = (row, frozenset(members_as_refs(members)))
    return found


def members_as_refs(members: Iterable[StoredMember]) -> Iterable[Ref]:
    """Which signals a dossier's members are."""
    return (Ref(each.witness, each.feed, each.subject, each.part) for each in members)


def _matched(
    cases: Sequence[Case], known: Mapping[str, _Known], is_free: Callable[[str], bool]
) -> list[tuple[Case, str]]:
    """Each case with the id of its dossier: the one on record that shares most signals with it, else one of its own.

    A dossier goes on as one case only; what was told apart from it gets a dossier of its own.
    """
    shared = sorted(
        (-len(case.refs & theirs), id, number)
        for number, case in enumerate(cases)
        for id, (_, theirs) in known.items()
        if not case.refs.isdisjoint(theirs)
    )
    ids: dict[int, str] = {}
    for _, id, number in shared:
        if number not in ids and id not in ids.values():
            ids[number] = id
    for number, case in enumerate(cases):
        if number not in ids:
            own = chain(
                (alert_id("dossier", *ref) for ref in sorted(case.refs)),
                (alert_id("dossier", *min(case.refs), str(again)) for again in count(2)),
            )
            ids[number] = next(id for id in own if id not in ids.values() and is_free(id))
    return [(case, ids[number]) for number, case in enumerate(cases)]


def _list_change(
    row: Row[Any], told: Mapping[str, Mapping[str, Any]], blocking: bool
) -> ListChange:
    change = decode(row.change)
    change = told.get(change["key"], change)
    party = decode(row.document) if row.document else change["party"]
    day = day_in_washington(row.first_seen_at)
    return ListChange(
        feed=row.feed,
        snapshot=row.snapshot_id,
        change=change,
        party=party,
        since=day_in_washington(row.not_before) if row.not_before else day,
        day=day,
        first_seen=row.first_seen_at,
        sha256=row.sha256,
        blocking=blocking,
    )


def _put_on_record(
    connection: Connection, grown: Grown, absorbed: Sequence[str], at: datetime
) -> None:
    payload = {
        "dossier": grown.id,
        "account": digest(grown.after),
        "members": len(grown.refs),
        "joined": list(absorbed),
    }
    kind = "dossier.opened" if grown.before is None else "dossier.grown"
    events.append(connection, kind=kind, at=at, subject=grown.id, payload=payload)


def notice_overdue(connection: Connection, now: datetime) -> int:
    """Open or close the incidents about dossiers that lack something for too long; return how many are news.

    What is missing is looked for as long as it could join: after :data:`WINDOW` its incident ends, and says so.
    """
    news = 0
    looked_at = set()
    for row in dossiers.waiting(connection, now - WINDOW):
        looked_at.add(row.id)
        incident = incident_of_overdue(row.id, dossiers.account_of(row), row.opened_at, now)
        if incident is not None:
            news += incidents.open_incident(connection, incident, now)
        for kind in (UNLISTED, UNANNOUNCED):
            if incident is None or incident.kind != kind:
                news += incidents.close_incident(
                    connection, kind=kind, subject=row.id, at=now, by="what was missing has come"
                )
    for kind, subject in incidents.open_incidents(connection):
        if kind in (UNLISTED, UNANNOUNCED) and subject not in looked_at:
            by = f"it is looked for no longer, {WINDOW.days} days after"
            news += incidents.close_incident(connection, kind=kind, subject=subject, at=now, by=by)
    return news
