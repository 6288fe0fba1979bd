"""Incidents: opened once, reminded, closed once; each step is an event."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, select

from monitor.core.watch import Incident
from monitor.store import events
from monitor.store.database import Database
from monitor.store.incidents import (
    close_incident,
    close_where,
    open_incident,
    open_incidents,
    remind,
)
from monitor.store.tables import INCIDENTS

NOW = datetime(2024, 12, 16, 14, 20, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


def an_incident(**given: Any) -> Incident:
    values: dict[str, Any] = {
        "kind": "blocked",
        "subject": "ofac-sdn",
        "feed": "ofac-sdn",
        "severity": "high",
        "summary": "the SDN list cannot be read",
        "detail": "It answers 403.",
        "what_to_do": "See docs/operations.md#blocked",
    }
    return Incident(**{**values, **given})


def opened(database: Database, at: datetime = NOW, **given: Any) -> bool:
    with database.write() as connection:
        return open_incident(connection, an_incident(**given), at)


def closed(database: Database, at: datetime = NOW, **given: Any) -> bool:
    values: dict[str, Any] = {"kind": "blocked", "subject": "ofac-sdn", "by": "it can be read"}
    with database.write() as connection:
        return close_incident(connection, at=at, **{**values, **given})


def told(database: Database) -> list[str]:
    with database.read() as connection:
        return [event.kind for event in events.after(connection, 0)]


def rows(database: Database) -> list[Row[Any]]:
    with database.read() as connection:
        return list(connection.execute(select(INCIDENTS).order_by(INCIDENTS.c.id)))


def test_an_incident_is_opened_once_and_then_counted(database: Database) -> None:
    assert opened(database)
    assert not opened(database, NOW + MINUTE, detail="It still answers 403.")

    (row,) = rows(database)
    assert (row.times, row.opened_at, row.last_seen_at) == (2, NOW, NOW + MINUTE)
    assert row.detail == "It still answers 403."
    assert told(database) == ["incident.opened"]


def test_an_incident_is_closed_once(database: Database) -> None:
    opened(database)

    assert closed(database, NOW + MINUTE)
    assert not closed(database, NOW + 2 * MINUTE)

    (row,) = rows(database)
    assert (row.closed_at, row.closed_by) == (NOW + MINUTE, "it can be read")
    assert told(database) == ["incident.opened", "incident.closed"]


def test_what_happens_again_is_a_new_incident(database: Database) -> None:
    opened(database)
    closed(database)

    assert opened(database, NOW + DAY)

    assert len(rows(database)) == 2
    assert told(database) == ["incident.opened", "incident.closed", "incident.opened"]


def test_kinds_and_subjects_are_apart(database: Database) -> None:
    assert opened(database)
    assert opened(database, kind="truncated")
    assert opened(database, subject="ofac-sdn/listing")

    assert closed(database, kind="truncated")

    with database.read() as connection:
        assert open_incidents(connection) == [
            ("blocked", "ofac-sdn"),
            ("blocked", "ofac-sdn/listing"),
        ]


def test_incidents_can_be_asked_of_one_feed(database: Database) -> None:
    opened(database)
    opened(database, subject="desk", feed=None, kind="delivery_dead")

    with database.read() as connection:
        assert open_incidents(connection, feed="ofac-sdn") == [("blocked", "ofac-sdn")]
        assert open_incidents(connection, feed="another") == []


def test_only_the_kinds_that_ended_are_closed(database: Database) -> None:
    for kind in ("blocked", "truncated", "held"):
        opened(database, kind=kind)
    opened(database, subject="another")

    with database.write() as connection:
        close_where(
            connection,
            subject="ofac-sdn",
            kinds={"blocked", "truncated"},
            at=NOW,
            by="it can be read",
        )

    with database.read() as connection:
        assert open_incidents(connection) == [("held", "ofac-sdn"), ("blocked", "another")]


def test_people_are_reminded_once_a_period(database: Database) -> None:
    opened(database)

    def reminded(after: timedelta) -> int:
        with database.write() as connection:
            return remind(connection, at=NOW + after, every=DAY)

    assert [reminded(each) for each in (DAY - MINUTE, DAY, DAY + MINUTE, 2 * DAY)] == [0, 1, 0, 1]
    closed(database)
    assert reminded(9 * DAY) == 0
    assert told(database).count("incident.reminded") == 2


def test_an_event_holds_what_people_are_told(database: Database) -> None:
    opened(database)
    closed(database, NOW + MINUTE)

    with database.read() as connection:
        first, second = events.after(connection, 0)
    assert (first.feed, first.subject, first.at) == ("ofac-sdn", "ofac-sdn", NOW)
    assert first.payload == {
        "incident": 1,
        "kind": "blocked",
        "severity": "high",
        "summary": "the SDN list cannot be read",
        "detail": "It answers 403.",
        "what_to_do": "See docs/operations.md#blocked",
        "opened_at": "2024-12-16T14:20:00.000000Z",
        "closed_at": None,
        "closed_by": None,
        "times": 1,
    }
    assert second.payload["closed_at"] == "2024-12-16T14:21:00.000000Z"
    assert second.payload["closed_by"] == "it can be read"


def test_opened_by_several_at_once_it_is_one(database: Database, database_url: str) -> None:
    other = Database.open(database_url)
    with ThreadPoolExecutor() as pool:
        news = list(pool.map(opened, [database, other] * 4))
    other.close()

    assert news.count(True) == 1
    assert [row.times for row in rows(database)] == [8]
    assert told(database) == ["incident.opened"]


def test_incidents_and_events_wait_for_each_other_in_one_order(
    database: Database, database_url: str
) -> None:
    """Two transactions that touch two incidents in opposite order would else end in a deadlock on PostgreSQL."""
    other = Database.open(database_url)
    for subject in ("one", "two"):
        opened(database, subject=subject)

    def count(one: Database, *subjects: str) -> None:
        for _ in range(10):
            with one.write() as connection:
                for subject in subjects:
                    open_incident(connection, an_incident(subject=subject), NOW)

    with ThreadPoolExecutor() as pool:
        for each in [
            pool.submit(count, database, "one", "two"),
            pool.submit(count, other, "two", "one"),
        ]:
            each.result()
    other.close()

    assert [row.times for row in rows(database)] == [21, 21]


def test_another_kind_of_the_same_trouble_is_one_incident_in_its_newest_words(
    database: Database,
) -> None:
    opened(database)
    with database.write() as connection:
        stalled = an_incident(kind="stalled", detail="Nothing came.")
        assert not open_incident(connection, stalled, NOW + MINUTE, among={"blocked", "stalled"})
        assert open_incident(connection, an_incident(kind="stalled", subject="other"), NOW)

    one, other = rows(database)
    assert (one.kind, one.times, one.detail) == ("blocked", 2, "Nothing came.")
    assert other.subject == "other"
    assert told(database) == ["incident.opened"] * 2


def test_what_began_before_it_is_told_is_opened_as_of_then_and_not_reminded_of_at_once(
    database: Database,
) -> None:
    opened(database, since=NOW - DAY)

    (row,) = rows(database)
    assert row.opened_at == NOW - DAY
    with database.write() as connection:
        assert remind(connection, at=NOW + MINUTE, every=DAY) == 0
        assert remind(connection, at=NOW + DAY, every=DAY) == 1
