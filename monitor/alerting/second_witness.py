"""One turn of the second witness: what is new by either witness of a list is judged, and the verdicts are put on record.

:mod:`monitor.core.testimony` holds the rule. A reader of the event log with a cursor of its own; it looks both witnesses up anew each
time, so that a turn that is interrupted, or made twice, comes to the same. It never makes a change.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, Row, select

from feeds.base import Feed, RegisterFeed, StreamFeed
from monitor.clock import Clock
from monitor.core.second_witness import LegalFacts
from monitor.core.testimony import (
    COMPARED,
    DISAGREE,
    Heard,
    Verdict,
    facts_of,
    incident_of_disagreement,
    judge,
)
from monitor.core.words import stated_day
from monitor.store import events, incidents, snapshots, witnesses
from monitor.store import feeds as feed_states
from monitor.store.database import Database
from monitor.store.tables import SNAPSHOTS

READER = "second witness"

LOOK_AGAIN = timedelta(minutes=1)
"""How soon a verdict that waits only for a source to be read is looked at again."""

LOOK_AT_DISPUTES = timedelta(hours=1)
"""How soon open disputes are looked at again without news: they end by age."""


@dataclass(frozen=True, slots=True)
class Pair:
    """A register, the change files that account for it, and what they call it."""

    register: RegisterFeed
    files: StreamFeed
    list_name: str


class SecondWitness:
    """Compares registers with their change files. ``feeds`` are the data of those that are watched, by id."""

    def __init__(self, database: Database, clock: Clock, *, feeds: Mapping[str, Feed]) -> None:
        self._database = database
        self._clock = clock
        self._pairs = tuple(pairs_of(feeds))
        self._looked_at = -1
        self._again_at: datetime | None = None

    def turn(self) -> int:
        """Judge if there is anything to judge; return how many verdicts were put on record."""
        if not self._pairs:
            return 0
        now = self._clock.now()
        with self._database.read() as connection:
            newest = events.newest(connection)
        is_due = self._again_at is not None and now >= self._again_at
        if newest == self._looked_at and not is_due:
            return 0
        made, again_at = 0, self._again_at
        with self._database.write() as connection:
            position = events.position(connection, READER)
            newest = events.newest(connection)
            ids = {id for pair in self._pairs for id in (pair.register.id, pair.files.id)}
            if is_due or self._looked_at < 0 or witnesses.has_news(connection, ids, position):
                moments: list[datetime] = []
                for pair in self._pairs:
                    made += self._judge(connection, pair, now, moments)
                again_at = min(moments, default=None)
            events.move(connection, READER, newest)
        self._looked_at, self._again_at = newest, again_at
        return made

    def _judge(
        self, connection: Connection, pair: Pair, now: datetime, moments: list[datetime]
    ) -> int:
        """Put new verdicts on record; ``moments`` takes when to look again."""
        heard, in_force = _heard(connection, pair, now)
        if heard is None or in_force is None:
            return 0
        register = pair.register.id
        decided = witnesses.decided(connection, register, now - COMPARED)
        disputes = witnesses.open_disputes(connection, register, DISAGREE)
        made = 0
        for verdict in judge(heard, now):
            disputes.pop(f"{register} {verdict.subject}", None)
            if verdict.state == "waiting":
                moments.append(max(verdict.again_at or now, now + LOOK_AGAIN))
                continue
            if verdict.state == "disagreed":
                moments.append(now + LOOK_AT_DISPUTES)
            kind = witnesses.AGREED if verdict.state == "agreed" else witnesses.DISAGREED
            before = decided.get(verdict.subject)
            if before is None and verdict.is_without_subject:
                continue
            if before != kind:
                self._record(connection, pair, verdict, kind, in_force, now)
                made += 1
        for subject in disputes:
            made += incidents.close_incident(
                connection,
                kind=DISAGREE,
                subject=subject,
                at=now,
                by="it is no longer judged, as it is too long ago; what was said stays on record",
            )
        return made

    def _record(
        self,
        connection: Connection,
        pair: Pair,
        verdict: Verdict,
        kind: str,
        in_force: Row[tuple[str | None]],
        now: datetime,
    ) -> None:
        register = pair.register
        events.append(
            connection,
            kind=kind,
            at=now,
            feed=register.id,
            subject=verdict.subject,
            payload={"change_feed": pair.files.id, **facts_of(verdict)},
        )
        if verdict.state == "agreed":
            incidents.close_incident(
                connection,
                kind=DISAGREE,
                subject=f"{register.id} {verdict.subject}",
                at=now,
                by="nothing of it is disputed any more",
            )
            return
        american = register.stated_date_format == "%m/%d/%Y"
        incident = incident_of_disagreement(
            register.id,
            register.title,
            pair.files.heading,
            verdict,
            list_day=stated_day(in_force.stated_date or "", american=american),
            blocking=register.blocking,
            held=snapshots.holds(connection, register.id),
        )
        incidents.open_incident(connection, incident, now)


def pairs_of(feeds: Mapping[str, Feed]) -> Iterator[Pair]:
    """Each register with the change files that account for it, where both are among ``feeds``."""
    for feed in feeds.values():
        if isinstance(feed, StreamFeed):
            for list_name, register in feed.attests.items():
                attested = feeds.get(register)
                if isinstance(attested, RegisterFeed):
                    yield Pair(attested, feed, list_name)


def legal_facts_of(
    feeds: Mapping[str, Feed],
) -> Callable[[Connection, str, Sequence[str], datetime], dict[str, LegalFacts]]:
    """A function that looks up what change files listed since a moment state of a register's records, by key."""
    pairs = tuple(pairs_of(feeds))

    def look_up(
        connection: Connection, register: str, keys: Sequence[str], since: datetime
    ) -> dict[str, LegalFacts]:
        facts: dict[str, LegalFacts] = {}
        for pair in pairs:
            if pair.register.id == register:
                facts |= witnesses.legal_facts(
                    connection, pair.files.id, keys, since, list_name=pair.list_name
                )
        return facts

    return look_up


def _heard(
    connection: Connection, pair: Pair, now: datetime
) -> tuple[Heard | None, Row[tuple[str | None]] | None]:
    """Both witnesses, and our version in force; None while one of them has not been read for the first time."""
    register = feed_states.state(connection, pair.register.id)
    files = feed_states.state(connection, pair.files.id)
    if register is None or register.snapshot_id is None:
        return None, None
    if files is None or files.first_read_at is None:
        return None, None
    in_force = connection.execute(
        select(SNAPSHOTS.c.stated_date).where(SNAPSHOTS.c.id == register.snapshot_id)
    ).first()
    since = now - COMPARED
    ours = witnesses.snapshots_since(connection, pair.register.id, since)
    theirs = witnesses.files_since(connection, pair.files.id, pair.list_name, since)
    unread = witnesses.has_unread_file(connection, pair.files.id, since)
    keys = {key for each in theirs for key in each.keys}
    heard = Heard(
        ours=ours,
        theirs=theirs,
        in_force=witnesses.keys_in_force(connection, pair.register.id, keys),
        ours_read=register.last_success_at,
        theirs_read=None if unread else files.last_success_at,
        theirs_began=files.first_read_at,
    )
    return heard, in_force
