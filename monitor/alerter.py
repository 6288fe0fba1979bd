"""One turn of the alerter: events after its cursor become alerts, with everything that is promised by them.

Each event is one transaction: the alert, its deliveries and the cursor. A turn that is interrupted is made again from where the
cursor stands, and finds the alerts that it made before by their derived ids.
"""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from feeds.base import Feed, RegisterFeed
from monitor.clock import Clock
from monitor.core.alert import Alert, IncidentFacts, alert_id
from monitor.core.classify import worst
from monitor.core.route import Condition, Documents, Route, select
from monitor.core.times import from_text
from monitor.core.watch import Incident
from monitor.store import alerts, events, incidents, register
from monitor.store.alerts import Promise, Written
from monitor.store.database import Database
from monitor.store.events import Event
from monitor.telling import changes_as_told, listed_since, read_before
from monitor.writer import Writer, put_on_record

log = logging.getLogger(__name__)

READER = "alerter"
UNTOLD = "alert_not_written"


class Alerter:
    """Makes alerts from events. ``writer`` knows the channels of this configuration, ``feeds`` the data of known feeds."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        feeds: Mapping[str, Feed],
        routes: Sequence[Route],
        writer: Writer,
    ) -> None:
        self._database = database
        self._clock = clock
        self._feeds = feeds
        self._routes = routes
        self._writer = writer

    def turn(self) -> int:
        """Deal with every event that is waiting; return how many alerts were made."""
        made = 0
        while (outcome := self._one()) is not None:
            made += outcome
        return made

    def again(self, connection: Connection, id: str) -> Alert | None:
        """The alert with this id, made again from the event that it told of; None where there is no such alert.

        None too for one that no single event makes: a test, a digest, an escalation.
        """
        written = alerts.find(connection, id)
        found = events.after(connection, written.event_id - 1, limit=1) if written else []
        alert = self._alert_of(connection, found[0]) if found else None
        return alert if alert is not None and alert.id == id else None

    def _one(self) -> bool | None:
        """Deal with the next event: whether it became an alert, or None when there is none."""
        with self._database.write() as connection:
            position = events.position(connection, READER)
            waiting = events.after(connection, position, limit=1)
            if not waiting:
                return None
            (event,) = waiting
            try:
                alert = self._alert_of(connection, event)
                written = self._write(connection, alert, event) if alert else None
            except SQLAlchemyError:
                raise  # the database's trouble, not the event's: the turn is made again
            except (
                Exception
            ):  # one event that cannot be told must not keep the next from being told
                log.exception("event %s could not be made into an alert", event.id)
                alert = written = None
                # An incident about an incident that cannot be told could not be told either, and so on for ever.
                if event.payload.get("kind") != UNTOLD:
                    incidents.open_incident(connection, _untold(event), self._clock.now())
            made = bool(
                written
                and put_on_record(connection, *written, event=event.id, at=self._clock.now())
            )
            events.move(connection, READER, event.id)
        return made

    def _write(
        self, connection: Connection, alert: Alert, event: Event
    ) -> tuple[Written, list[Promise]]:
        """The alert as it will be sent, and what it promises to whom."""
        documents = self._documents(connection, alert)
        selections = select(alert, self._routes, list(self._writer.profiles), documents)
        snapshot = event.payload["snapshot"] if alert.kind == "change" else None
        return self._writer.write(alert, selections, snapshot=snapshot)

    def _documents(self, connection: Connection, alert: Alert) -> Documents:
        """Whole documents of amended parties, for routes that look at what their changes do not hold."""
        if not any(map(_asks_for_country, self._routes)):
            return {}
        keys = [each["key"] for each in alert.changes if each["kind"] == "amended"]
        return dict(register.documents_in_force(connection, alert.feed, keys))

    def _alert_of(self, connection: Connection, event: Event) -> Alert | None:
        """The alert that an event is; None for those that people are not told of."""
        match event.kind:
            case "snapshot.accepted" if _changed(event.payload):
                return self._change(connection, event)
            case "publication.listed" | "publication.body" if event.payload.get("tell"):
                return self._publication(event)
            case "incident.opened" | "incident.reminded" | "incident.closed":
                return self._incident(event)
        return None

    def _change(self, connection: Connection, event: Event) -> Alert:
        facts = event.payload
        feed = self._feeds.get(event.feed or "")
        first_seen = from_text(facts["first_seen"])
        changes = changes_as_told(
            connection, self._feeds, event.feed or "", facts["snapshot"], first_seen
        )
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
        )

    def _publication(self, event: Event) -> Alert:
        facts = event.payload
        feed = self._feeds.get(event.feed or "")
        return Alert(
            id=alert_id("publication", event.feed or "", facts["key"]),
            kind="publication",
            feed=event.feed or "",
            feed_title=_title(feed, event),
            authority=_authority(feed),
            severity="medium",
            first_seen=from_text(facts["first_seen"]),
            not_before=from_text(facts["not_before"]) if facts["not_before"] else None,
            publication={
                name: facts.get(name)
                for name in ("key", "title", "url", "date", "stated", "action")
            },
            published=facts["date"],
        )

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


def _asks_for_country(route: Route) -> bool:
    when: Condition | None = route.when
    while when is not None:
        if when.country:
            return True
        when = when.unless
    return False


def _changed(facts: dict[str, Any]) -> bool:
    return bool(facts["added"] or facts["removed"] or facts["amended"])


def _title(feed: Feed | None, event: Event) -> str:
    return feed.title if feed else (event.feed or "the watch itself")


def _authority(feed: Feed | None) -> str:
    return feed.heading if feed else ""


def _untold(event: Event) -> Incident:
    return Incident(
        kind=UNTOLD,
        subject=f"event {event.id}",
        feed=event.feed,
        severity="high",
        summary=f"event {event.id} ({event.kind}) could not be made into an alert",
        detail="What happened is on record, and nobody has been told of it. The log holds the error.",
        what_to_do=(
            "Look at `sanctions-monitor changes`, and report the error. "
            f"See docs/operations.md#{UNTOLD}"
        ),
    )
