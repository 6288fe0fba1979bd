"""Who has read which alert, when, and as it was then. Rows are only ever added; each is announced in the event log.

An alert about changes is bound to the revisions that it told: feed, key and digest of each document that was in force after its
snapshot, and of a party that was removed its last one. Another expression of the same document (a new version of an adapter) is no
change and ends nothing.
"""

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, insert, select, update

from monitor.core.acknowledgement import (
    Acknowledgement,
    LaterChange,
    ReadRevision,
    State,
    revisions_as_stored,
    revisions_of_stored,
    state_of,
)
from monitor.core.alert import ReadBefore
from monitor.core.canonical import decode, encode
from monitor.core.times import to_text
from monitor.store import events
from monitor.store.bulk import in_batches
from monitor.store.tables import (
    ACKNOWLEDGEMENTS,
    ALERTS,
    CHANGES,
    DOSSIER_MEMBERS,
    ESCALATIONS,
    REVISIONS,
)

REPEATING = ("digest", "escalation")
"""Kinds of alerts that tell again what another alert told; a change is told by that other one."""


def add(
    connection: Connection, alert: Row[Any], *, by: str, note: str, asked: datetime, now: datetime
) -> Acknowledgement:
    """Record that ``by`` has read an alert (a row of ALERTS), which was said at ``asked``; then nobody else is told of it.

    Another one adds to it; the very same one (by whom, when) is not added twice. To be called after other rows are locked: the
    chain's head is the last lock.
    """
    for each in of(connection, alert.id):
        if (each.by, each.at) == (by, asked):
            return each
    connection.execute(
        update(ESCALATIONS)
        .where(ESCALATIONS.c.alert_id == alert.id, ESCALATIONS.c.state == "waiting")
        .values(state="acknowledged", decided_at=now)
    )
    revisions = revisions_told(connection, alert)
    stored = revisions_as_stored(revisions)
    number = connection.execute(
        insert(ACKNOWLEDGEMENTS)
        .values(
            alert_id=alert.id,
            by=by,
            note=note,
            at=asked,
            revisions=encode(stored).decode(),
        )
        .returning(ACKNOWLEDGEMENTS.c.id)
    ).scalar_one()
    payload = {
        "acknowledgement": number,
        "alert": alert.id,
        "by": by,
        "note": note,
        "at": to_text(asked),
        "revisions": stored,
    }
    events.append(
        connection,
        kind="alert.acknowledged",
        at=now,
        feed=alert.feed,
        subject=alert.id,
        payload=payload,
    )
    return Acknowledgement(number, by, asked, note, revisions)


def of(connection: Connection, alert: str) -> list[Acknowledgement]:
    """The acknowledgements of one alert, oldest first."""
    return of_each(connection, [alert]).get(alert, [])


def of_each(connection: Connection, alerts: Iterable[str]) -> dict[str, list[Acknowledgement]]:
    """The acknowledgements of these alerts, oldest first; an alert without any is left out."""
    found: dict[str, list[Acknowledgement]] = defaultdict(list)
    for batch in in_batches(alerts):
        rows = connection.execute(
            select(ACKNOWLEDGEMENTS)
            .where(ACKNOWLEDGEMENTS.c.alert_id.in_(batch))
            .order_by(ACKNOWLEDGEMENTS.c.id)
        )
        for row in rows:
            found[row.alert_id].append(_acknowledgement(row))
    return dict(found)


def states(connection: Connection, alerts: Collection[str]) -> dict[str, State]:
    """The state of each of these alerts."""
    found = of_each(connection, alerts)
    read = {revision for each in found.values() for revision in each[-1].revisions}
    later = defaultdict(list)
    for change in changes_since(connection, read):
        later[change.feed, change.key].append(change)
    return {
        id: state_of(
            found.get(id, ()),
            [
                change
                for revision in (found[id][-1].revisions if id in found else ())
                for change in later.get((revision.feed, revision.key), ())
            ],
        )
        for id in alerts
    }


def last_before(
    connection: Connection, feed: str, snapshot: int, keys: Iterable[str], at: datetime
) -> dict[str, ReadBefore]:
    """Who had, by ``at``, last acknowledged these records as they were before ``snapshot``; who was never is left out."""
    found: dict[str, tuple[datetime, int, ReadBefore]] = {}
    for batch in in_batches(keys):
        for row in connection.execute(_that_may_hold(feed, snapshot, batch, at)):
            acknowledged = _acknowledgement(row)
            before = ReadBefore(row.by, row.at, row.alert_id)
            for each in acknowledged.revisions:
                if each.feed == feed and each.key in batch and each.snapshot < snapshot:
                    this = (row.at, row.id, before)
                    found[each.key] = max(found.get(each.key, this), this, key=lambda one: one[:2])
    return {key: before for key, (_, _, before) in found.items()}


def revisions_told(connection: Connection, alert: Row[Any]) -> tuple[ReadRevision, ...]:
    """The revisions that an alert (a row of ALERTS) told, in the order in which it told them; none where it is about no change."""
    told = _told(alert.wire)
    by_feed: dict[str, list[str]] = defaultdict(list)
    for each in told:
        by_feed[each["feed"]].append(each["key"])
    found: dict[tuple[str, str], ReadRevision] = {}
    for feed, keys in by_feed.items():
        snapshots = _told_with(connection, alert, feed, keys)
        for revision in _revisions(connection, feed, snapshots):
            found[feed, revision.key] = revision
    order = dict.fromkeys((each["feed"], each["key"]) for each in told)
    return tuple(found[each] for each in order if each in found)


def changes_since(
    connection: Connection, revisions: Collection[ReadRevision]
) -> Iterator[LaterChange]:
    """The changes of these records by snapshots after those that were read, each with the alert that told of it."""
    read: dict[str, dict[str, int]] = defaultdict(dict)
    for each in revisions:
        earliest = read[each.feed].setdefault(each.key, each.snapshot)
        read[each.feed][each.key] = min(earliest, each.snapshot)
    found: list[tuple[str, str, int]] = []
    for feed, keys in read.items():
        for batch in in_batches(keys):
            rows = connection.execute(
                select(CHANGES.c.key, CHANGES.c.snapshot_id).where(
                    CHANGES.c.feed == feed,
                    CHANGES.c.key.in_(batch),
                    CHANGES.c.snapshot_id > min(keys[key] for key in batch),
                )
            )
            found += [(feed, key, number) for key, number in rows if number > keys[key]]
    telling = _tellings(connection, {number for _, _, number in found})
    for feed, key, number in found:
        alerts = telling.get(number, [])
        yield LaterChange(feed, key, number, _teller(connection, alerts, key))


def _that_may_hold(feed: str, snapshot: int, keys: Sequence[str], at: datetime) -> Select[Any]:
    """The acknowledgements of alerts that told of these records before: by a snapshot's changes, or by a dossier they are in."""
    told = select(CHANGES.c.snapshot_id).where(
        CHANGES.c.feed == feed, CHANGES.c.key.in_(keys), CHANGES.c.snapshot_id < snapshot
    )
    cases = select(DOSSIER_MEMBERS.c.dossier_id).where(
        DOSSIER_MEMBERS.c.feed == feed, DOSSIER_MEMBERS.c.part.in_(keys)
    )
    alerts = select(ALERTS.c.id).where(
        ALERTS.c.snapshot_id.in_(told) | ALERTS.c.dossier_id.in_(cases)
    )
    return select(ACKNOWLEDGEMENTS).where(
        ACKNOWLEDGEMENTS.c.at <= at, ACKNOWLEDGEMENTS.c.alert_id.in_(alerts)
    )


def _told_with(
    connection: Connection, alert: Row[Any], feed: str, keys: Sequence[str]
) -> dict[str, int]:
    """With which snapshot each record became what the alert told: its own, or the last one that had been seen by then."""
    found: dict[str, int] = {}
    for batch in in_batches(keys):
        rows = connection.execute(
            select(CHANGES.c.key, CHANGES.c.snapshot_id)
            .where(
                CHANGES.c.feed == feed,
                CHANGES.c.key.in_(batch),
                (CHANGES.c.seen_at <= alert.created_at)
                | (CHANGES.c.snapshot_id == alert.snapshot_id),
            )
            .order_by(CHANGES.c.snapshot_id)
        )
        for key, number in rows:
            if found.get(key, 0) != alert.snapshot_id:  # what it tells itself is not overtaken
                found[key] = number
    return found


def _revisions(
    connection: Connection, feed: str, snapshots: Mapping[str, int]
) -> Iterator[ReadRevision]:
    for batch in in_batches(snapshots):
        numbers = {snapshots[key] for key in batch}
        rows = connection.execute(
            select(
                REVISIONS.c.key,
                REVISIONS.c.digest,
                REVISIONS.c.from_snapshot,
                REVISIONS.c.until_snapshot,
            )
            .where(
                REVISIONS.c.feed == feed,
                REVISIONS.c.key.in_(batch),
                REVISIONS.c.from_snapshot.in_(numbers) | REVISIONS.c.until_snapshot.in_(numbers),
            )
            .order_by(REVISIONS.c.id)
        )
        began: dict[str, ReadRevision] = {}
        ended: dict[str, ReadRevision] = {}
        for key, digest, since, until in rows:
            number = snapshots[key]
            if since == number:  # the last of several: it was expressed anew
                began[key] = ReadRevision(feed, key, digest, number)
            elif until == number:
                ended[key] = ReadRevision(feed, key, digest, number, is_removed=True)
        yield from (ended | began).values()


def _tellings(connection: Connection, snapshots: Iterable[int]) -> dict[int, list[str]]:
    """The ids of the alerts that told these snapshots' changes, in the order in which they were made."""
    found: dict[int, list[str]] = defaultdict(list)
    for batch in in_batches(snapshots):
        rows = connection.execute(
            select(ALERTS.c.snapshot_id, ALERTS.c.id)
            .where(ALERTS.c.snapshot_id.in_(batch), ALERTS.c.kind.not_in(REPEATING))
            .order_by(ALERTS.c.created_at, ALERTS.c.id)
        )
        for number, id in rows:
            found[number].append(id)
    return found


def _teller(connection: Connection, alerts: Sequence[str], key: str) -> str | None:
    """Which of these alerts told of the record; changes of one snapshot may be told by several."""
    if len(alerts) < 2:
        return alerts[0] if alerts else None
    wires = dict(
        map(
            tuple,
            connection.execute(select(ALERTS.c.id, ALERTS.c.wire).where(ALERTS.c.id.in_(alerts))),
        )
    )
    return next((id for id in alerts if key in {each["key"] for each in _told(wires[id])}), None)


def _told(wire: str) -> Sequence[dict[str, Any]]:
    """The changes that an alert told, as it is kept whole."""
    changes: Sequence[dict[str, Any]] = json.loads(wire).get("data", {}).get("changes", ())
    return changes


def _acknowledgement(row: Row[Any]) -> Acknowledgement:
    return Acknowledgement(
        number=row.id,
        by=row.by,
        at=row.at,
        note=row.note,
        revisions=revisions_of_stored(decode(row.revisions)),
    )
