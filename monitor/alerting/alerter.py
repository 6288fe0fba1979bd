"""One turn of the alerter: events after its cursor become alerts, with everything that is promised by them.

Each event is one transaction: the alert, its deliveries and the cursor. A turn that is interrupted is made again from where the
cursor stands, and finds the alerts that it made before by their derived ids.
"""

import logging
from collections.abc import Mapping, Sequence

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from feeds.base import Feed
from monitor.alerting.composer import Composer
from monitor.alerting.dossiers import Dossiers, Grown
from monitor.alerting.second_witness import legal_facts_of
from monitor.alerting.writer import Writer, put_on_record
from monitor.clock import Clock
from monitor.core.alert import Alert
from monitor.core.escalation import Escalation, escalations
from monitor.core.route import Condition, Documents, Route, select
from monitor.core.watch import Incident
from monitor.store import alerts, events, incidents, register
from monitor.store.alerts import Promise, Written
from monitor.store.database import Database
from monitor.store.events import Event

log = logging.getLogger(__name__)

READER = "alerter"
UNTOLD = "alert_not_written"
UNJOINED = "dossier_not_kept"

OF_THE_LINE = ("alert.made", "delivery.accepted", "delivery.dead", "digest.due")
"""What alerts themselves come to: never told, and so many that they are passed over together."""


Writing = tuple[Written, list[Promise], list[Escalation]]
"""An alert as it will be sent, what it promises to whom, and to whom else when nobody acknowledges it."""


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
        self._composer = Composer(feeds)
        self._dossiers = Dossiers(feeds, legal_facts_of(feeds))
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
        made = alerts.find(connection, id)
        if made is None:
            return None
        (event,) = events.after(connection, made.event_id - 1, limit=1)
        alert = self._composer.compose_again(connection, event, made)
        return alert if alert is not None and alert.id == id else None

    def _one(self) -> bool | None:
        """Deal with the next event: whether it became an alert, or None when there is none."""
        with self._database.write() as connection:
            position = events.position(connection, READER)
            newest = events.newest(connection)
            waiting = events.after(connection, position, limit=1, besides=OF_THE_LINE)
            if not waiting:
                if newest > position:
                    events.move(connection, READER, newest)
                return None
            (event,) = waiting
            try:
                written = self._told(connection, event, self._grow(connection, event))
            except SQLAlchemyError:
                raise  # the database's trouble, not the event's: the turn is made again
            except (
                Exception
            ):  # one event that cannot be told must not keep the next from being told
                log.exception("event %s could not be made into an alert", event.id)
                written = None
                # An incident about an incident that cannot be told could not be told either, and so on for ever.
                if event.payload.get("kind") != UNTOLD:
                    incidents.open_incident(connection, _untold(event), self._clock.now())
            made = bool(
                written
                and put_on_record(connection, *written, event=event.id, at=self._clock.now())
            )
            events.move(connection, READER, event.id)
        return made

    def _told(self, connection: Connection, event: Event, grown: list[Grown]) -> Writing | None:
        """The alert and what it promises; without its dossiers where they cannot be put into words."""
        try:
            return self._in_words(connection, event, grown)
        except SQLAlchemyError:
            raise
        except Exception:  # noqa: BLE001 - what belongs together must not keep what happened untold
            written = self._in_words(connection, event, [], alone=True)
            self._complain(connection, event)
            return written

    def _in_words(
        self, connection: Connection, event: Event, grown: list[Grown], *, alone: bool = False
    ) -> Writing | None:
        alert = self._composer.compose(connection, event, grown, alone=alone)
        return self._write(connection, alert, event) if alert else None

    def _write(self, connection: Connection, alert: Alert, event: Event) -> Writing:
        """The alert as it will be sent, what it promises to whom, and to whom else when nobody acknowledges it."""
        documents = self._documents(connection, alert)
        selections = select(alert, self._routes, list(self._writer.profiles), documents)
        snapshot = event.payload["snapshot"] if alert.kind == "change" else None
        return (
            *self._writer.write(alert, selections, snapshot=snapshot),
            escalations(alert, self._routes, documents),
        )

    def _documents(self, connection: Connection, alert: Alert) -> Documents:
        """Whole documents of amended parties, for routes that look at what their changes do not hold."""
        if not any(map(_asks_for_country, self._routes)):
            return {}
        keys = [each["key"] for each in alert.changes if each["kind"] == "amended"]
        return dict(register.documents_in_force(connection, alert.feed, keys))

    def _grow(self, connection: Connection, event: Event) -> list[Grown]:
        """Put on record what the event adds to dossiers. If that cannot be done, the event is told all the same."""
        try:
            with connection.begin_nested():
                refs = self._composer.arrived(connection, event)
                return self._dossiers.take(connection, refs, event.at)
        except SQLAlchemyError:
            raise
        except Exception:  # noqa: BLE001 - a case that cannot be kept must not keep its changes untold
            self._complain(connection, event)
            return []

    def _complain(self, connection: Connection, event: Event) -> None:
        """Within the handler of an error: log it, and have people told."""
        log.exception("event %s could not be set beside others in a dossier", event.id)
        incidents.open_incident(connection, _unjoined(event), self._clock.now())


def _asks_for_country(route: Route) -> bool:
    when: Condition | None = route.when
    while when is not None:
        if when.country:
            return True
        when = when.unless
    return False


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


def _unjoined(event: Event) -> Incident:
    return Incident(
        kind=UNJOINED,
        subject=f"event {event.id}",
        feed=event.feed,
        severity="medium",
        summary=f"event {event.id} ({event.kind}) could not be set beside others in a dossier",
        detail="It was told by itself. Which release belongs to which change of the list is not known. The log holds the error.",
        what_to_do=f"Report the error. See docs/operations.md#{UNJOINED}",
    )
