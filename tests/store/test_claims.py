"""What a pace and a receiver's wish put off. Claims as such are tested with what becomes of them (test_deliveries.py)."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import event, text

from monitor.core.outcome import Failed
from monitor.core.pace import Pace, QuietHours
from monitor.core.retry import Dead, RetryAt
from monitor.store.claims import Claimed, claim_due, next_due
from monitor.store.database import Database, sqlite_url
from monitor.store.tables import Table
from tests.store.test_deliveries import (
    LEASE,
    NOW,
    SECOND,
    accept,
    add,
    claim,
    database,
    due,
    fail,
    incidents_of,
    later,
    row,
    told,
)

__all__ = ["database"]

MINUTE = timedelta(minutes=1)
NOON = QuietHours(time(11), time(14), ZoneInfo("UTC"), frozenset({"high"}))
QUIET = Pace(quiet=NOON)
THREE = Pace(max_per_minute=3)
TWO_OCLOCK = datetime(2026, 11, 24, 14, tzinfo=UTC)


def told_apart(database: Database, count: int, **given: object) -> list[int]:
    return [add(database, alert_id=f"alert-{n}", **given) for n in range(count)]


def ids(claimed: list[Claimed]) -> list[int]:
    return [each.outgoing.delivery_id for each in claimed]


def test_in_quiet_hours_only_what_is_excepted_is_claimed(database: Database) -> None:
    medium = add(database, alert_id="a")
    high = add(database, alert_id="b", severity="high")

    assert ids(claim(database, pace=QUIET)) == [high]
    assert due(database, pace=QUIET) == NOW + LEASE, "the lease of the one that was claimed"
    assert row(database, medium).state == "due"


def test_what_waits_is_due_when_the_quiet_hours_end(database: Database) -> None:
    medium = add(database)

    assert due(database, pace=QUIET) == TWO_OCLOCK
    assert claim(database, now=TWO_OCLOCK - SECOND, pace=QUIET) == []
    assert ids(claim(database, now=TWO_OCLOCK, pace=QUIET)) == [medium]


def test_what_becomes_due_within_quiet_hours_waits_for_their_end_too(database: Database) -> None:
    add(database, next_attempt_at=NOW)

    assert due(database, NOW - 3 * 60 * MINUTE, pace=QUIET) == TWO_OCLOCK


def test_an_excepted_message_is_due_at_once_whatever_else_waits(database: Database) -> None:
    add(database, alert_id="a", severity="low")
    add(database, alert_id="b", severity="high", next_attempt_at=NOW + MINUTE)

    assert due(database, pace=QUIET) == NOW + MINUTE


def test_no_more_are_begun_in_a_minute_than_the_pace_allows(database: Database) -> None:
    told_apart(database, 5)

    first = claim(database, pace=THREE)
    assert len(first) == 3
    for each in first:
        accept(database, each)

    assert claim(database, now=NOW + 59 * SECOND, pace=THREE) == []
    assert due(database, NOW + SECOND, pace=THREE) == NOW + MINUTE
    assert len(claim(database, now=NOW + MINUTE, pace=THREE)) == 2


def test_failed_attempts_and_those_in_hand_count_as_well(database: Database) -> None:
    told_apart(database, 5)
    failed, _, _ = claim(database, pace=THREE)
    fail(database, failed, later(10))

    assert claim(database, now=NOW + SECOND, pace=THREE) == []
    assert due(database, NOW + SECOND, pace=THREE) == NOW + MINUTE


def test_the_pace_of_one_channel_is_not_spent_by_another(database: Database) -> None:
    told_apart(database, 3, channel="officers")
    delivery = add(database)
    with database.write() as connection:
        for _ in range(3):
            assert claim_due(connection, "officers", now=NOW, worker="one", lease=LEASE)

    assert ids(claim(database, pace=Pace(max_per_minute=1))) == [delivery]


def test_two_processes_keep_one_pace(postgresql_url: str) -> None:
    """On PostgreSQL: the second waits for the first to commit, and counts what it claimed."""
    database = Database.open(postgresql_url)
    Table.metadata.create_all(database.engine)
    told_apart(database, 2)
    one = Pace(max_per_minute=1)

    with database.engine.connect() as other:
        with database.engine.begin() as first:
            assert claim_due(first, "desk", now=NOW, worker="one", lease=LEASE, pace=one)
            other.execute(text("SET lock_timeout = '50ms'"))
            try:
                claim_due(other, "desk", now=NOW, worker="two", lease=LEASE, pace=one)
                waited = False
            except Exception as error:
                waited = "lock timeout" in str(error)
            other.rollback()
        second = claim_due(other, "desk", now=NOW, worker="two", lease=LEASE, pace=one)
    database.close()

    assert waited
    assert second is None


def a_wait(minutes: float) -> Failed:
    return Failed("HTTP 429 Too Many Requests", retry_after=minutes * MINUTE)


def test_a_receiver_that_asks_to_wait_is_left_alone_by_the_whole_channel(
    database: Database,
) -> None:
    told_apart(database, 3)
    (first,) = claim(database, limit=1)

    fail(database, first, RetryAt(NOW + 10 * MINUTE, "asked"), a_wait(10), at=NOW)

    assert claim(database, now=NOW + 10 * MINUTE - SECOND) == []
    assert due(database, NOW + SECOND) == NOW + 10 * MINUTE
    assert len(claim(database, now=NOW + 10 * MINUTE)) == 3


def test_it_delays_no_other_channel(database: Database) -> None:
    add(database)
    (first,) = claim(database)
    fail(database, first, RetryAt(NOW + 10 * MINUTE, "asked"), a_wait(10), at=NOW)
    add(database, alert_id="2", channel="officers")

    with database.write() as connection:
        moments = next_due(connection, NOW, ["desk", "officers"], lease=LEASE)
        assert claim_due(connection, "officers", now=NOW, worker="one", lease=LEASE)
    assert moments == {"desk": NOW + 10 * MINUTE, "officers": NOW}


def test_only_what_was_asked_for_holds_the_others_up_not_the_schedule(database: Database) -> None:
    told_apart(database, 2)
    (first,) = claim(database, limit=1)

    fail(database, first, RetryAt(NOW + 10 * MINUTE, "the fifth"), a_wait(1 / 60), at=NOW)

    assert claim(database, now=NOW) == []
    assert len(claim(database, now=NOW + SECOND)) == 1


def test_a_failure_without_a_wish_holds_no_other_up(database: Database) -> None:
    _, second = told_apart(database, 2)
    (first,) = claim(database, limit=1)

    fail(database, first, later(10))

    assert ids(claim(database)) == [second]


def test_a_wish_beyond_all_bounds_ends_with_the_delivery_that_met_it(database: Database) -> None:
    told_apart(database, 2)
    (first,) = claim(database, limit=1)
    forever = Failed("HTTP 429", retry_after=timedelta.max)

    fail(database, first, RetryAt(NOW + 60 * MINUTE, "the limit"), forever, at=NOW)
    assert due(database) == NOW + 60 * MINUTE
    (again,) = claim(database, now=NOW + 60 * MINUTE, limit=1)
    fail(database, again, Dead("too old"), forever, at=NOW + 60 * MINUTE)

    assert len(claim(database, now=NOW + 60 * MINUTE)) == 1


def test_people_hear_at_once_of_a_receiver_that_wants_to_be_left_alone_for_long(
    database: Database,
) -> None:
    add(database)
    (first,) = claim(database)
    fail(database, first, RetryAt(NOW + 29 * MINUTE, "asked"), a_wait(29), at=NOW)
    assert incidents_of(database) == []

    (again,) = claim(database, now=NOW + 29 * MINUTE)
    at = NOW + 29 * MINUTE
    fail(database, again, RetryAt(at + 120 * MINUTE, "asked"), a_wait(120), at=at)

    assert incidents_of(database) == [("channel_unreachable", "desk")]
    (opened,) = [each for each in told(database) if each.kind == "incident.opened"]
    assert "asked not to be called for 2 hours" in opened.payload["detail"]


def test_the_next_delivery_is_found_without_sorting_the_queue(tmp_path: Path) -> None:
    """On SQLite: the planner of PostgreSQL goes by what it has counted."""
    database = Database.open(sqlite_url(tmp_path / "watch.db"))
    Table.metadata.create_all(database.engine)
    asked: list[tuple[str, Any]] = []

    @event.listens_for(database.engine, "before_cursor_execute")
    def remember(
        _connection: Any, _cursor: Any, statement: str, values: Any, *_others: Any
    ) -> None:
        asked.append((statement, values))

    claim(database)
    looks = [(statement, values) for statement, values in asked if "FROM deliveries" in statement]
    assert len(looks) == 4
    with database.read() as connection:
        for statement, values in looks[1:]:
            plan = [
                row[3]
                for row in connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values)
            ]
            assert "ix_deliveries_channel_state_severity_next_attempt_at" in plan[0]
            assert not [line for line in plan if "TEMP B-TREE" in line]
    database.close()


def test_a_claim_that_is_taken_over_keeps_the_pace(database: Database) -> None:
    told_apart(database, 2)
    (lost,) = claim(database, limit=1)
    one = replace(THREE, max_per_minute=1)

    (again,) = claim(database, now=NOW + LEASE, worker="two", pace=one)

    assert again.outgoing.delivery_id == lost.outgoing.delivery_id
