"""Tells digests: what routes have gathered, at the end of each period, and that the watch was kept where nothing was.

Each digest is one transaction: its event, its alert with the deliveries, which items it told, and how far it has come. One that is
interrupted has not happened, and is made again; its id is derived from channel, schedule and the end of the period.

What was gathered for a digest that is configured no longer is told at once: to its channel, or to every channel if that is gone too.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import Connection
from sqlalchemy.exc import SQLAlchemyError

from feeds.base import Feed
from monitor.alerting.alerter import OF_THE_LINE, READER
from monitor.alerting.writer import Writer, put_on_record
from monitor.clock import Clock
from monitor.core.alert import Alert
from monitor.core.classify import worst
from monitor.core.digest import NotASchedule, Schedule, quarter_of, schedule
from monitor.core.gathered import (
    DigestFacts,
    Gathered,
    Scope,
    alert_of,
    scope_of,
    selected,
    selection_of,
)
from monitor.core.route import Route, Selection
from monitor.core.times import to_text
from monitor.store import digests, events
from monitor.store.alerts import Promise, Written
from monitor.store.database import Database
from monitor.store.digests import Waiting

log = logging.getLogger(__name__)

Again = Callable[[Connection, str], Alert | None]
Digest = tuple[str, Schedule]
"""A channel, and when it is told."""

SETTLING = timedelta(seconds=30)
"""So long after its end a period is told: a poll that was in hand then is over by now, and counted."""

NO_LONGER = "This digest is no longer in the configuration: what was gathered for it is told now."
NO_CHANNEL = "The channel {} and its digest are no longer in the configuration: what was gathered for it goes to every channel now."


class Digester:
    """``again`` makes the whole alert of an id again; ``feeds`` are those that are watched, with the time between their polls."""

    def __init__(
        self,
        database: Database,
        clock: Clock,
        *,
        feeds: Mapping[str, tuple[Feed, timedelta]],
        routes: Sequence[Route],
        writer: Writer,
        again: Again,
    ) -> None:
        self._database = database
        self._clock = clock
        self._feeds = feeds
        self._routes = routes
        self._writer = writer
        self._again = again
        self._digests = _configured(routes, writer.profiles)

    def next_due(self) -> datetime | None:
        """When there will be something to do; None when no digest is configured."""
        with self._database.read() as connection:
            begun = digests.positions(connection)
        now = self._clock.now()
        ends = [
            digest.next_end(begun.get((channel, digest.text), now))
            for channel, digest in self._digests
        ]
        return min(ends) + SETTLING if ends else None

    def turn(self) -> int:
        """Tell every digest that is due; return how many alerts were made."""
        with self._database.read() as connection:
            known = digests.known(connection)
            begun = digests.positions(connection)
        now = self._clock.now()
        configured = {(channel, digest.text) for channel, digest in self._digests}
        made = 0
        for channel, text in known:
            if (channel, text) not in configured:
                made += self._end(channel, text)
        for channel, digest in self._digests:
            since = begun.get((channel, digest.text))
            if since is None or digest.next_end(since) + SETTLING <= now:
                made += self._tell(channel, digest)
        return made

    def _tell(self, channel: str, digest: Schedule) -> bool:
        """Tell a digest if a period of it is over, all its periods that are over at once; begin it if it is new."""
        with self._database.write() as connection:
            now = self._clock.now()
            digests.begin(connection, channel, digest.text, quarter_of(now))
            since = digests.told_until(connection, channel, digest.text) or quarter_of(now)
            until = digest.last_end(since, now - SETTLING)
            if until is None:
                return False
            if not digests.is_dealt_with(connection, READER, until, OF_THE_LINE):
                return False  # an alert of this period is being made
            waiting = digests.waiting(connection, channel, digest.text, until)
            numbers = self._numbers(channel, digest)
            scope = scope_of(self._routes, numbers)
            facts = self._facts(connection, digest, since, until, waiting, scope)
            digests.advance(connection, channel, digest.text, until)
            alert = alert_of(channel, facts)
            return self._record(
                connection, alert, [selection_of(channel, facts, numbers)], waiting, channel, now
            )

    def _end(self, channel: str, text: str) -> bool:
        """Tell at once what waits for a digest that is configured no longer, and forget it."""
        with self._database.write() as connection:
            now = self._clock.now()
            since = digests.told_until(connection, channel, text)
            waiting = digests.waiting(connection, channel, text)
            digests.end(connection, channel, text)
            if not waiting:
                return False
            is_there = channel in self._writer.profiles
            log.warning(
                "the digest of %s, %s, is configured no longer; what it had gathered (%s alerts) is told now",
                channel,
                text,
                len(waiting),
            )
            facts = DigestFacts(
                schedule=_schedule(text),
                since=min([waiting[0].at, *([since] if since else [])]),
                until=now,
                gathered=tuple(self._gathered(connection, each) for each in waiting),
                because=NO_LONGER if is_there else NO_CHANNEL.format(channel),
            )
            channels = [channel] if is_there else list(self._writer.profiles)
            selections = [selection_of(each, facts, ()) for each in channels]
            return self._record(
                connection, alert_of(channel, facts), selections, waiting, channel, now
            )

    def _record(
        self,
        connection: Connection,
        alert: Alert,
        selections: Sequence[Selection],
        waiting: Sequence[Waiting],
        channel: str,
        now: datetime,
    ) -> bool:
        facts = alert.digest
        assert facts is not None
        written, promises = self._write(alert, facts, selections)
        digests.told(connection, [each.item for each in waiting], alert.id)
        event = events.append(
            connection,
            kind="digest.due",
            at=now,
            feed=alert.feed or None,
            subject=channel,
            payload={
                "schedule": facts.schedule.text,
                "since": to_text(facts.since),
                "until": to_text(facts.until),
                "gathered": [each.id for each in facts.gathered],
            },
        )
        return put_on_record(connection, written, promises, event=event, at=now)

    def _write(
        self, alert: Alert, facts: DigestFacts, selections: Sequence[Selection]
    ) -> tuple[Written, list[Promise]]:
        try:
            return self._writer.write(alert, selections)
        except (
            Exception
        ):  # one alert that cannot be written again must not keep the others from being told
            log.exception("the digest %s is told by the titles of its alerts", alert.id)
            titles = tuple(replace(each, alert=None, changes=()) for each in facts.gathered)
            alert = replace(alert, changes=(), digest=replace(facts, gathered=titles))
            return self._writer.write(alert, [replace(each, changes=()) for each in selections])

    def _facts(
        self,
        connection: Connection,
        digest: Schedule,
        since: datetime,
        until: datetime,
        waiting: Sequence[Waiting],
        scope: Scope,
    ) -> DigestFacts:
        watched = [
            (feed, interval)
            for feed, interval in self._feeds.values()
            if digests.is_covered(scope, feed)
        ]
        return DigestFacts(
            schedule=digest,
            since=since,
            until=until,
            gathered=tuple(self._gathered(connection, each) for each in waiting),
            kept=tuple(
                digests.kept(connection, feed, interval, since, until) for feed, interval in watched
            ),
            troubles=tuple(
                digests.troubles(connection, [feed.id for feed, _ in watched], since, until)
            ),
            is_of_incidents=scope.is_of_incidents,
        )

    def _gathered(self, connection: Connection, waiting: Waiting) -> Gathered:
        row = waiting.alert
        try:
            alert = self._again(connection, row.id)
        except SQLAlchemyError:
            raise  # the database's trouble, not the alert's: the turn is made again
        except Exception:
            log.exception("alert %s could not be made again", row.id)
            alert = None
        changes = selected(alert, waiting.stored) if alert else ()
        return Gathered(
            id=row.id,
            title=row.title,
            severity=worst(each["severity"] for each in changes) if changes else row.severity,
            at=waiting.at,
            # What is told of an alert with changes is changes: one that has lost them is told by its title.
            alert=alert if bool(changes) == bool(waiting.stored["keys"]) else None,
            changes=changes,
            others=waiting.stored["others"],
        )

    def _numbers(self, channel: str, digest: Schedule) -> list[int]:
        return [
            number
            for number, route in enumerate(self._routes)
            if channel in route.send and route.digest == digest
        ]


def _configured(routes: Sequence[Route], channels: Mapping[str, object]) -> list[Digest]:
    found = [
        (channel, route.digest)
        for route in routes
        if route.digest
        for channel in route.send
        if channel in channels
    ]
    return list(dict.fromkeys(found))


def _schedule(text: str) -> Schedule:
    try:
        return schedule(text)
    except NotASchedule:  # its zone is known here no longer
        return schedule("daily 00:00 UTC")
