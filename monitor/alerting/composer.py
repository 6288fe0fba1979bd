"""Composes the alert that an event is: looks up what is known beside the event, and says what of it people are told.

Which publications belong to which list changes is decided and put on record by :class:`monitor.alerting.dossiers.Dossiers` before; here the
outcome (``grown``) becomes words. Made again later (``grown`` is None), an alert shows its dossier as it is by then.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row

from feeds.base import Feed, RegisterFeed, StreamFeed
from monitor.alerting.dossiers import Grown, members_as_refs
from monitor.alerting.telling import changes_as_told, listed_since, read_before
from monitor.core.alert import Alert, DossierFacts, IncidentFacts, ToldBefore, alert_id
from monitor.core.classify import worst
from monitor.core.dossier import Account, Ref, news
from monitor.core.times import from_text
from monitor.store import alerts, dossiers, publications
from monitor.store.events import Event

PUBLICATION_EVENTS = ("publication.listed", "publication.body", "publication.corrected")
INCIDENT_EVENTS = ("incident.opened", "incident.reminded", "incident.closed")

_HIGH_LABELS = ("designation", "delisting")


class Composer:
    """Composes alerts. ``feeds`` are the data of known feeds."""

    def __init__(self, feeds: Mapping[str, Feed]) -> None:
        self._feeds = feeds

    def arrived(self, connection: Connection, event: Event) -> list[Ref]:
        """The signals that an event brings to dossiers."""
        if event.kind == "snapshot.accepted":
            snapshot, feed = event.payload["snapshot"], event.feed or ""
            return [
                Ref("list", feed, str(snapshot), change["key"])
                for change in alerts.changes_of(connection, snapshot)
            ]
        if event.kind in PUBLICATION_EVENTS and not self._waits_for_body(connection, event):
            ref = self._ref(event)
            return [ref] if ref else []
        return []

    def compose(
        self,
        connection: Connection,
        event: Event,
        grown: Sequence[Grown] = (),
        *,
        alone: bool = False,
    ) -> Alert | None:
        """The alert that an event is; None for those that people are not told of. ``alone`` leaves its dossiers out."""
        if event.kind == "snapshot.accepted" and _changed(event.payload):
            return self._change(connection, event, alone=alone)
        if event.kind in PUBLICATION_EVENTS:
            return self._publication(connection, event, grown, alone=alone)
        if event.kind in INCIDENT_EVENTS:
            return self._incident(event)
        return None

    def compose_again(self, connection: Connection, event: Event, made: Row[Any]) -> Alert | None:
        """The alert ``made`` of this event, as it is by now: its dossier says what has joined since."""
        ref = self._ref(event) if event.kind in PUBLICATION_EVENTS else None
        if ref is None:
            return self.compose(connection, event)
        case = self._case_of(connection, ref, ())
        added = news.of_publication(None, case.after, ref) if case else None
        told = None
        if case is not None and made.kind != "publication":
            told = dossiers.told_before(connection, case.id, but=made.id)
        return self._of_publication(event, made.id, case, added, told)

    def _change(self, connection: Connection, event: Event, *, alone: bool) -> Alert:
        facts = event.payload
        feed = self._feeds.get(event.feed or "")
        first_seen = from_text(facts["first_seen"])
        changes = changes_as_told(
            connection, self._feeds, event.feed or "", facts["snapshot"], first_seen
        )
        # From the record, and not from what has grown: signals that arrived together are joined at the first of their events.
        found = (
            [] if alone else dossiers.of_snapshot(connection, event.feed or "", facts["snapshot"])
        )
        cases = [(row.id, dossiers.account_of(row)) for row in found]
        told = [_dossier(id, account, news.of_list(account)) for id, account in cases]
        return Alert(
            id=alert_id("change", event.feed or "", str(facts["snapshot"]), facts["sha256"]),
            kind="change",
            feed=event.feed or "",
            feed_title=_title(feed, event),
            authority=_authority(feed),
            severity=worst(each["severity"] for each in changes),
            first_seen=first_seen,
            not_before=from_text(facts["not_before"]) if facts["not_before"] else None,
            changes=changes,
            snapshot_sha256=facts["sha256"],
            published=facts["published"],
            blocking=feed.blocking if isinstance(feed, RegisterFeed) else True,
            record_count=facts["records"],
            party_page=feed.party_page if isinstance(feed, RegisterFeed) else "",
            listed_since=listed_since(connection, event.feed or "", facts["snapshot"], changes),
            read_before=read_before(
                connection, event.feed or "", facts["snapshot"], changes, first_seen
            ),
            dossiers=tuple(told),
            thread=" ".join(each.id for each in told) or None,
        )

    def _publication(
        self, connection: Connection, event: Event, grown: Sequence[Grown], *, alone: bool
    ) -> Alert | None:
        """A publication told by itself, or what it adds to a case of which people were told before."""
        ref = self._ref(event)
        if ref is None or self._waits_for_body(connection, event):
            return None
        case = None if alone else self._case_of(connection, ref, grown)
        own = alert_id("publication", ref.feed, ref.subject)
        was_told = alerts.find(connection, own) is not None
        if not was_told and self._is_told(connection, event, case):
            if case and any(
                alerts.find(connection, alert_id("publication", *copy)) is not None
                for copy in news.copies(case.after, ref)
            ):
                return None
            told = dossiers.told_before(connection, case.id, but=own) if case else None
            # Its first message says all that is known of it, whichever event joined it to the case.
            added = news.of_publication(None, case.after, ref) if case else None
            return self._of_publication(event, own, case, added, told)
        added = news.of_publication(case.before, case.after, ref) if case else None
        if case is None or added is None:
            return None
        id = alert_id("dossier", case.id, *ref, event.payload.get("digest", ""))
        told = dossiers.told_before(connection, case.id, but=id)
        return self._of_publication(event, id, case, added, told)

    def _of_publication(
        self,
        event: Event,
        id: str,
        case: Grown | None,
        added: news.News | None,
        told: ToldBefore | None,
    ) -> Alert:
        """``told`` is the alert that told of the case before: this one then adds to it."""
        facts = event.payload
        feed = self._feeds.get(event.feed or "")
        witness = feed.witness if isinstance(feed, StreamFeed) else "release"
        lines = added.lines if added else ()
        kind = "dossier" if told else "publication"
        return Alert(
            id=id,
            kind=kind,
            feed=event.feed or "",
            feed_title=_title(feed, event),
            authority=_authority(feed),
            severity=added.severity if added and kind == "dossier" else "medium",
            first_seen=from_text(facts["first_seen"]),
            not_before=from_text(facts["not_before"]) if facts["not_before"] else None,
            publication={
                "witness": witness,
                "corrected": event.kind == "publication.corrected",
                "label": _label(case, facts["key"]),
                "authority": _authority(feed),
                **{
                    name: facts.get(name)
                    for name in ("key", "title", "url", "date", "stated", "action")
                },
            },
            published=facts["date"],
            dossiers=(_dossier(case.id, case.after, lines, told),) if case else (),
            thread=case.id if case else None,
        )

    def _case_of(self, connection: Connection, ref: Ref, grown: Sequence[Grown]) -> Grown | None:
        for each in grown:
            if ref in each.refs:
                return each
        for id, members in dossiers.of_signals(connection, [ref[1:]]).items():
            row = dossiers.find(connection, id)
            if row is not None:
                account = dossiers.account_of(row)
                return Grown(id, account, account, frozenset(members_as_refs(members)))
        return None

    def _is_told(self, connection: Connection, event: Event, case: Grown | None) -> bool:
        """Whether a publication is told by itself: by its title, by its link to an action of the day, or by what it says."""
        if event.payload.get("tell"):
            return True
        row = publications.find(connection, event.feed or "", event.payload["key"])
        if row is None or event.kind == "publication.corrected":
            return False
        if row.told:  # its title said so, and its body came before anybody was told
            return True
        if case is None or not row.current:
            return False
        own = [each for each in case.after["releases"] if each["key"] == row.key]
        return any(each["label"] in _HIGH_LABELS and each["confidence"] == "high" for each in own)

    def _waits_for_body(self, connection: Connection, event: Event) -> bool:
        """Whether the body of what is listed has been read meanwhile: its own event follows, and says more."""
        if event.kind != "publication.listed":
            return False
        row = publications.find(connection, event.feed or "", event.payload["key"])
        return row is not None and row.body_state == "read"

    def _ref(self, event: Event) -> Ref | None:
        feed = self._feeds.get(event.feed or "")
        if not isinstance(feed, StreamFeed):
            return None
        return Ref(feed.witness, feed.id, event.payload["key"])

    def _incident(self, event: Event) -> Alert:
        facts = event.payload
        feed = self._feeds.get(event.feed or "")
        state = event.kind.removeprefix("incident.")
        return Alert(
            id=alert_id("incident", str(facts["incident"]), state, str(event.id)),
            kind="incident",
            feed=event.feed or "",
            feed_title=_title(feed, event),
            authority=_authority(feed),
            severity=facts["severity"],
            first_seen=event.at,
            not_before=None,
            incident=IncidentFacts(
                id=facts["incident"],
                kind=facts["kind"],
                subject=event.subject,
                state=state,
                summary=facts["summary"],
                detail=facts["detail"] if state != "closed" else f"Over: {facts['closed_by']}.",
                what_to_do=facts["what_to_do"],
                since=from_text(facts["opened_at"]),
                until=from_text(facts["closed_at"]) if facts["closed_at"] else None,
            ),
            thread=f"incident-{facts['incident']}",
        )


def _dossier(
    id: str, account: Account, lines: Sequence[str], told: ToldBefore | None = None
) -> DossierFacts:
    return DossierFacts(id=id, lines=tuple(lines), account=account, told=told)


def _label(case: Grown | None, key: str) -> str:
    """What kind of release it is, where it is a case's; "action" of a page that lists parties; else nothing."""
    if case is None:
        return ""
    labels = {each["key"]: str(each["label"]) for each in case.after["releases"]}
    pages = {each["key"]: "action" for each in case.after["actions"] if each["entries"]}
    return labels.get(key) or pages.get(key, "")


def _changed(facts: dict[str, Any]) -> bool:
    return bool(facts["added"] or facts["removed"] or facts["amended"])


def _title(feed: Feed | None, event: Event) -> str:
    return feed.title if feed else (event.feed or "the watch itself")


def _authority(feed: Feed | None) -> str:
    return feed.heading if feed else ""
