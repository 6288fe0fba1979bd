from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select

from monitor.core.outcome import Accepted, Failed
from monitor.core.pace import UNHURRIED, Pace
from monitor.core.retry import Dead, RetryAt
from monitor.store import events
from monitor.store.claims import Claimed, claim_due, next_due
from monitor.store.database import Database
from monitor.store.deliveries import record_accepted, record_failure, retry_dead
from monitor.store.incidents import open_incidents
from monitor.store.tables import ATTEMPTS, DELIVERIES, Table

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
LEASE = timedelta(minutes=3)
SECOND = timedelta(seconds=1)
BUSY = Failed("HTTP 503 Service Unavailable")
GONE = Failed("HTTP 410 Gone", permanent=True, disable=True)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database.open(database_url)
    Table.metadata.create_all(database.engine)
    yield database
    database.close()


def add(database: Database, **given: Any) -> int:
    values: dict[str, Any] = {
        "alert_id": "alert-1",
        "channel": "desk",
        "recipient": "",
        "part": 1,
        "parts": 1,
        "severity": "medium",
        "state": "due",
        "subject": "OFAC: 1 amended",
        "text": "OFAC: 1 amended",
        "created_at": NOW,
        "first_seen_at": NOW,
        "next_attempt_at": NOW,
        "attempts": 0,
        "detail": "",
    }
    with database.write() as connection:
        statement = insert(DELIVERIES).values(**{**values, **given}).returning(DELIVERIES.c.id)
        return int(connection.execute(statement).scalar_one())


def claim(
    database: Database,
    *,
    now: datetime = NOW,
    worker: str = "one",
    limit: int = 10,
    pace: Pace = UNHURRIED,
) -> list[Claimed]:
    """Everything of the desk that may be sent, one after the other."""
    claimed: list[Claimed] = []
    with database.write() as connection:
        while len(claimed) < limit and (
            found := claim_due(connection, "desk", now=now, worker=worker, lease=LEASE, pace=pace)
        ):
            claimed.append(found)
    return claimed


def accept(database: Database, claimed: Claimed, at: datetime = NOW + SECOND) -> None:
    with database.write() as connection:
        record_accepted(connection, claimed, Accepted("250 queued"), at=at)


def fail(
    database: Database,
    claimed: Claimed,
    decision: RetryAt | Dead,
    failed: Failed = BUSY,
    at: datetime = NOW + SECOND,
) -> None:
    with database.write() as connection:
        record_failure(connection, claimed, failed, decision, at=at)


def row(database: Database, delivery: int) -> Any:
    with database.read() as connection:
        return connection.execute(select(DELIVERIES).where(DELIVERIES.c.id == delivery)).one()


def attempts(database: Database) -> list[tuple[int, str, str]]:
    with database.read() as connection:
        found = connection.execute(select(ATTEMPTS).order_by(ATTEMPTS.c.id))
        return [(attempt.number, attempt.outcome, attempt.detail) for attempt in found]


def told(database: Database) -> list[Any]:
    with database.read() as connection:
        return events.after(connection, 0)


def due(database: Database, now: datetime = NOW, pace: Pace = UNHURRIED) -> datetime | None:
    with database.read() as connection:
        found = next_due(connection, now, ["desk", "officers"], lease=LEASE, paces={"desk": pace})
    return found.get("desk")


def later(minutes: float) -> RetryAt:
    return RetryAt(NOW + timedelta(minutes=minutes), "busy")


def test_a_due_delivery_is_claimed_once(database: Database) -> None:
    delivery = add(database)

    (claimed,) = claim(database)

    assert claimed.outgoing.delivery_id == delivery
    assert (claimed.outgoing.attempt, claimed.outgoing.may_be_repeat) == (1, False)
    assert claim(database, worker="two") == []


def test_only_what_is_due_on_the_channels_asked_for_is_claimed(database: Database) -> None:
    add(database, next_attempt_at=NOW + SECOND)
    add(database, alert_id="2", channel="officers")
    add(database, alert_id="3", state="accepted")
    add(database, alert_id="4", state="dead")

    assert claim(database) == []


def test_two_processes_never_claim_the_same_row(postgresql_url: str) -> None:
    """On PostgreSQL: SQLite has one writer, so that there are no two transactions to compare."""
    database = Database.open(postgresql_url)
    Table.metadata.create_all(database.engine)
    first, second = add(database), add(database, alert_id="2")

    with database.engine.begin() as one, database.engine.begin() as two:
        by_one = claim_due(one, "desk", worker="one", now=NOW, lease=LEASE)
        by_two = claim_due(two, "desk", worker="two", now=NOW, lease=LEASE)

    database.close()
    assert by_one and by_two
    assert {by_one.outgoing.delivery_id, by_two.outgoing.delivery_id} == {first, second}


def test_the_most_severe_goes_first_then_the_longest_due(database: Database) -> None:
    young = add(database, alert_id="a", severity="medium", next_attempt_at=NOW - SECOND)
    old = add(database, alert_id="b", severity="medium", next_attempt_at=NOW - 2 * SECOND)
    low = add(database, alert_id="c", severity="low", next_attempt_at=NOW - 3 * SECOND)
    high = add(database, alert_id="d", severity="high")

    assert [c.outgoing.delivery_id for c in claim(database)] == [high, old, young, low]


def test_a_part_waits_for_the_earlier_ones(database: Database) -> None:
    add(database, part=1, parts=2)
    second = add(database, part=2, parts=2)
    other = add(database, part=2, parts=2, recipient="else", alert_id="2")

    first_claim = claim(database)
    assert [c.outgoing.part for c in first_claim] == [1, 2]
    assert first_claim[1].outgoing.delivery_id == other
    fail(database, first_claim[0], later(1))
    assert claim(database) == []
    (again,) = claim(database, now=NOW + timedelta(minutes=1))
    accept(database, again)

    assert [c.outgoing.delivery_id for c in claim(database)] == [second]


def test_a_receipt_is_kept_with_time_and_words_and_told_as_an_event(database: Database) -> None:
    delivery = add(database, recipient="a@example.org", first_seen_at=NOW - SECOND)
    (claimed,) = claim(database)

    accept(database, claimed)

    stored = row(database, delivery)
    assert (stored.state, stored.accepted_at, stored.detail) == (
        "accepted",
        NOW + SECOND,
        "250 queued",
    )
    assert attempts(database) == [(1, "accepted", "250 queued")]
    (event,) = told(database)
    assert (event.kind, event.subject) == ("delivery.accepted", "alert-1")
    assert event.payload["recipient"] == "a@example.org"
    assert event.payload["milliseconds"] == 2000


def test_a_failed_delivery_is_due_again_at_the_time_decided(database: Database) -> None:
    add(database)
    (claimed,) = claim(database)

    fail(database, claimed, later(1))

    assert claim(database) == []
    (again,) = claim(database, now=NOW + timedelta(minutes=1))
    assert (again.outgoing.attempt, again.outgoing.may_be_repeat) == (2, False)
    assert again.first_attempt_at == NOW
    assert attempts(database) == [(1, "failed", BUSY.detail)]


def test_a_delivery_whose_outcome_is_unknown_comes_back_as_a_possible_repeat(
    database: Database,
) -> None:
    add(database)
    (claimed,) = claim(database)

    fail(database, claimed, later(1), Failed("no answer", unknown=True))

    (again,) = claim(database, now=NOW + timedelta(minutes=1))
    assert again.outgoing.may_be_repeat


def test_a_lease_that_runs_out_is_due_again_as_a_possible_repeat(database: Database) -> None:
    delivery = add(database)
    claim(database)

    assert claim(database, now=NOW + LEASE - SECOND, worker="two") == []
    (again,) = claim(database, now=NOW + LEASE, worker="two")

    assert again.outgoing.delivery_id == delivery
    assert (again.outgoing.attempt, again.outgoing.may_be_repeat) == (2, True)
    assert attempts(database) == [
        (1, "unknown", "the sending ended before its outcome was recorded")
    ]


def test_a_late_failure_does_not_take_the_row_from_its_new_holder(database: Database) -> None:
    delivery = add(database)
    (lost,) = claim(database)
    claim(database, now=NOW + LEASE, worker="two")

    fail(database, lost, Dead("refused"), at=NOW + LEASE + SECOND)

    assert (row(database, delivery).state, row(database, delivery).claimed_by) == ("claimed", "two")
    assert told(database) == []


def test_a_late_receipt_counts_and_a_second_one_is_not_told_twice(database: Database) -> None:
    delivery = add(database)
    (lost,) = claim(database)
    (held,) = claim(database, now=NOW + LEASE, worker="two")

    accept(database, lost, at=NOW + LEASE + SECOND)
    accept(database, held, at=NOW + LEASE + 2 * SECOND)

    assert row(database, delivery).accepted_at == NOW + LEASE + SECOND
    assert [event.kind for event in told(database)] == ["delivery.accepted"]


def test_a_death_is_told_and_opens_one_incident_about_the_channel(database: Database) -> None:
    add(database)
    add(database, alert_id="2")
    for claimed in claim(database):
        fail(database, claimed, Dead("refused for good: 550 5.1.1"))

    kinds = [event.kind for event in told(database)]
    assert kinds.count("delivery.dead") == 2
    assert kinds.count("incident.opened") == 1
    with database.read() as connection:
        assert open_incidents(connection) == [("delivery_dead", "desk")]
    assert due(database) is None


def incidents_of(database: Database) -> list[tuple[str, str]]:
    with database.read() as connection:
        return open_incidents(connection)


def test_a_channel_that_fails_for_half_an_hour_is_an_incident_once(database: Database) -> None:
    add(database)
    for minutes in (0, 20, 31, 62):
        (claimed,) = claim(database, now=NOW + timedelta(minutes=minutes))
        at = NOW + timedelta(minutes=minutes)
        fail(database, claimed, RetryAt(at, "busy"), at=at)
        expected = [("channel_unreachable", "desk")] if minutes > 30 else []
        assert incidents_of(database) == expected

    (opened,) = [event for event in told(database) if event.kind == "incident.opened"]
    assert opened.payload["severity"] == "medium"
    assert "31 minutes" in opened.payload["detail"]
    assert "HTTP 503" in opened.payload["detail"]


def test_the_next_accepted_message_closes_it(database: Database) -> None:
    add(database)
    add(database, alert_id="2")
    first, second = claim(database)
    fail(database, first, later(60), at=NOW + timedelta(minutes=31))

    accept(database, second, at=NOW + timedelta(minutes=32))

    assert incidents_of(database) == []
    assert told(database)[-1].kind == "incident.closed"


def test_a_message_that_fails_while_others_arrive_does_not_make_the_channel_unreachable(
    database: Database,
) -> None:
    add(database)
    add(database, alert_id="2")
    first, second = claim(database)
    accept(database, second)

    fail(database, first, later(60), at=NOW + timedelta(minutes=31))

    assert incidents_of(database) == []


def test_mail_to_one_does_not_close_it_while_mail_to_another_fails(database: Database) -> None:
    add(database, recipient="a@example.org")
    add(database, recipient="b@example.org")
    first, second = claim(database)
    fail(database, first, later(31), at=NOW + timedelta(minutes=31))
    assert incidents_of(database) == [("channel_unreachable", "desk")]

    accept(database, second, at=NOW + timedelta(minutes=32))
    assert incidents_of(database) == [("channel_unreachable", "desk")]

    (again,) = claim(database, now=NOW + timedelta(minutes=33))
    accept(database, again, at=NOW + timedelta(minutes=33))
    assert incidents_of(database) == []


def test_a_channel_that_asks_never_to_be_called_again_is_left_alone(database: Database) -> None:
    add(database)
    waiting = add(database, alert_id="2", next_attempt_at=NOW + SECOND)
    (claimed,) = claim(database)

    fail(database, claimed, Dead("gone"), GONE)

    assert claim(database, now=NOW + timedelta(days=1)) == []
    assert due(database) is None
    assert row(database, waiting).state == "due"


def test_a_dead_delivery_can_be_tried_again_with_a_fresh_schedule(database: Database) -> None:
    delivery = add(database)
    other = add(database, alert_id="2")
    (claimed,) = claim(database, limit=1)
    fail(database, claimed, Dead("gone"), GONE)
    tomorrow = NOW + timedelta(days=1)

    with database.write() as connection:
        assert retry_dead(connection, [other], now=tomorrow) == []
        assert retry_dead(connection, now=tomorrow) == [delivery]

    again = {c.outgoing.delivery_id: c for c in claim(database, now=tomorrow)}
    assert set(again) == {delivery, other}
    assert again[delivery].tries == 1
    assert again[delivery].outgoing.attempt == 2
    assert again[delivery].first_attempt_at == tomorrow
    with database.read() as connection:
        assert open_incidents(connection) == []


def test_the_incident_stays_open_while_another_delivery_is_dead(database: Database) -> None:
    first = add(database)
    add(database, alert_id="2")
    for claimed in claim(database):
        fail(database, claimed, Dead("refused"))

    with database.write() as connection:
        retry_dead(connection, [first], now=NOW)

    with database.read() as connection:
        assert open_incidents(connection) == [("delivery_dead", "desk")]


def test_what_is_next_due_counts_leases_and_not_parts_that_wait(database: Database) -> None:
    assert due(database) is None
    add(database, part=1, parts=2)
    add(database, part=2, parts=2)
    assert due(database) == NOW
    (claimed,) = claim(database)
    assert due(database) == NOW + LEASE

    fail(database, claimed, later(5))

    assert due(database) == NOW + timedelta(minutes=5)
    assert due(database, NOW + timedelta(hours=1)) == NOW + timedelta(hours=1)
