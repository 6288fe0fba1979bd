"""Whoever is certain to be alone makes due what a killed process had in hand."""

from datetime import timedelta

from sqlalchemy import select

from monitor.store.claims import claim_due, void_leases
from monitor.store.database import Database
from monitor.store.tables import ATTEMPTS
from tests.store.test_deliveries import LEASE, NOW, SECOND, add, claim, database

__all__ = ["database"]


def test_what_was_in_hand_is_due_at_once_and_may_be_a_repeat(database: Database) -> None:
    number = add(database)
    claim(database)
    later = NOW + 5 * SECOND
    assert not claim(database, now=later, worker="two")

    with database.write() as connection:
        assert void_leases(connection, lease=LEASE, now=later) == 1

    (again,) = claim(database, now=later, worker="two")
    assert again.outgoing.delivery_id == number
    assert again.outgoing.may_be_repeat
    assert again.outgoing.attempt == 2


def test_the_lost_attempt_is_on_record_with_its_times(database: Database) -> None:
    add(database)
    claim(database)
    with database.write() as connection:
        void_leases(connection, lease=LEASE, now=NOW + timedelta(seconds=5))

    with database.read() as connection:
        row = connection.execute(select(ATTEMPTS)).one()
    assert (row.outcome, row.number) == ("unknown", 1)
    assert (row.started_at, row.finished_at) == (NOW, NOW + timedelta(seconds=5))


def test_what_is_due_or_done_stays_as_it_is(database: Database) -> None:
    add(database)
    add(database, alert_id="alert-2", state="accepted")

    with database.write() as connection:
        assert void_leases(connection, lease=LEASE, now=NOW) == 0
        assert claim_due(connection, "desk", now=NOW, worker="one", lease=LEASE)
