"""Every poll is counted, and a period is summed exactly."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from monitor.store import checks, feeds
from monitor.store.database import Database
from monitor.store.tables import CHECKS

START = datetime(2026, 11, 17, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def poll(database: Database, at: datetime, *, good: bool = True, **columns: Any) -> None:
    with database.write() as connection:
        row = feeds.lock(connection, "ofac-sdn")
        if good:
            feeds.record_good(connection, row, at=at, outcome="unchanged", **columns)
        else:
            feeds.record_failure(connection, row, at=at, outcome="blocked", detail="403")


def test_polls_are_counted_by_quarters(database: Database) -> None:
    poll(database, START)
    poll(database, START + 1 * MINUTE, good=False)
    poll(database, START + 3 * MINUTE)
    poll(database, START + 16 * MINUTE, good=False)

    with database.read() as connection:
        rows = connection.execute(select(CHECKS).order_by(CHECKS.c.quarter)).all()
    assert [tuple(row) for row in rows] == [
        ("ofac-sdn", START, 3, 2, START, START + 3 * MINUTE, 180_000),
        ("ofac-sdn", START + 15 * MINUTE, 1, 0, None, None, 0),
    ]


def test_a_period_is_summed_with_gaps_over_quarters_and_at_its_ends(database: Database) -> None:
    for minutes in (0, 2, 14, 17, 44, 59, 60):
        poll(database, START + minutes * MINUTE, good=minutes != 17)

    with database.read() as connection:
        hour = checks.checked(connection, "ofac-sdn", START, START + 60 * MINUTE)
        begun_late = checks.checked(
            connection, "ofac-sdn", START - 60 * MINUTE, START + 60 * MINUTE
        )
        never = checks.checked(connection, "other", START, START + 60 * MINUTE)
    assert (hour.polls, hour.good, hour.longest_gap) == (6, 5, 30 * MINUTE)
    assert hour.last_good_at == START + 59 * MINUTE
    assert begun_late.longest_gap == 60 * MINUTE
    assert (never.polls, never.longest_gap, never.last_good_at) == (0, 60 * MINUTE, None)


def test_a_feed_is_judged_from_its_first_reading_on(database: Database) -> None:
    poll(database, START + 40 * MINUTE, first_read_at=START + 40 * MINUTE)

    with database.read() as connection:
        hour = checks.checked(connection, "ofac-sdn", START, START + 60 * MINUTE)
    assert hour.longest_gap == 20 * MINUTE


def test_a_moment_within_a_quarter_cannot_be_summed_to(database: Database) -> None:
    with database.read() as connection, pytest.raises(ValueError, match="full quarters"):
        checks.checked(connection, "ofac-sdn", START, START + MINUTE)
