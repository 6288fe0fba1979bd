"""The event log: chained, without gaps, appended by one at a time, read from a cursor."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, select, update

from monitor.core.evidence import GENESIS, link_hash
from monitor.store import events
from monitor.store.database import Database
from monitor.store.events import Event
from monitor.store.tables import EVENTS

NOW = datetime(2024, 12, 16, 15, 2, 11, 123456, tzinfo=UTC)


def append(connection: Connection, subject: str = "1", **payload: object) -> int:
    return events.append(
        connection,
        kind="snapshot.accepted",
        at=NOW,
        feed="ofac-sdn",
        subject=subject,
        payload=payload,
    )


def is_whole(database: Database) -> bool:
    """Whether each event is linked to the one before, and none is missing."""
    head, number = GENESIS, 0
    with database.read() as connection:
        for link, previous, stored in events.chain(connection):
            number += 1
            if (link.id, previous, link_hash(head, link)) != (number, head, stored):
                return False
            head = stored
    return True


def test_events_are_numbered_and_chained(database: Database) -> None:
    with database.write() as connection:
        assert [append(connection, str(number)) for number in range(3)] == [1, 2, 3]
    with database.write() as connection:
        assert append(connection) == 4

    assert is_whole(database)


def test_an_event_is_read_as_it_was_written(database: Database) -> None:
    with database.write() as connection:
        append(connection, "12", name="Ján", count=3, nothing=None)
        events.append(connection, kind="service.started", at=NOW, subject="host")

    with database.read() as connection:
        assert events.after(connection, 0) == [
            Event(
                1,
                NOW,
                "snapshot.accepted",
                "ofac-sdn",
                "12",
                {"name": "Ján", "count": 3, "nothing": None},
            ),
            Event(2, NOW, "service.started", None, "host", {}),
        ]


def test_an_altered_row_breaks_the_chain(database: Database) -> None:
    with database.write() as connection:
        for _ in range(3):
            append(connection, n=1)
    assert is_whole(database)

    was: dict[str, object] = {
        "payload": '{"n":1}',
        "subject": "1",
        "kind": "snapshot.accepted",
        "feed": "ofac-sdn",
        "at": NOW,
    }
    later = NOW + timedelta(microseconds=1)
    for altered in (
        {"payload": '{"n":2}'},
        {"payload": '{"n": 1}'},
        {"subject": "2"},
        {"kind": "snapshot.held"},
        {"feed": None},
        {"at": later},
    ):
        with database.write() as connection:
            connection.execute(update(EVENTS).where(EVENTS.c.id == 2).values({**was, **altered}))
        assert not is_whole(database), altered
    with database.write() as connection:
        connection.execute(update(EVENTS).where(EVENTS.c.id == 2).values(was))
    assert is_whole(database)


def test_a_removed_row_breaks_the_chain(database: Database) -> None:
    with database.write() as connection:
        for _ in range(3):
            append(connection)
    with database.write() as connection:
        connection.execute(EVENTS.delete().where(EVENTS.c.id == 2))

    assert not is_whole(database)


def test_appenders_at_once_make_one_chain(database: Database, database_url: str) -> None:
    """From several threads of several processes; a transaction that is undone leaves no gap."""
    others = [Database.open(database_url) for _ in range(2)]

    def work(one: Database) -> None:
        for number in range(8):
            try:
                with one.write() as connection:
                    append(connection, n=number)
                    append(connection, n=number)
                    if number % 4 == 3:
                        raise InterruptedError
            except InterruptedError:
                pass

    with ThreadPoolExecutor() as pool:
        list(pool.map(work, [database, *others, database]))
    for other in others:
        other.close()

    with database.read() as connection:
        assert events.newest(connection) == 4 * 6 * 2
    assert is_whole(database)


def test_a_reader_never_passes_over_an_event_that_commits_later(
    database: Database, database_url: str
) -> None:
    """Numbers are seen in the order in which they are given: whoever has seen 2 has seen 1."""
    other = Database.open(database_url)
    seen: list[list[int]] = []

    def write(one: Database) -> None:
        for _ in range(15):
            with one.write() as connection:
                append(connection)

    def look() -> None:
        while not seen or len(seen[-1]) < 30:
            with database.read() as connection:
                seen.append(
                    list(connection.execute(select(EVENTS.c.id).order_by(EVENTS.c.id)).scalars())
                )

    with ThreadPoolExecutor() as pool:
        work = [pool.submit(write, database), pool.submit(write, other), pool.submit(look)]
        for each in work:
            each.result()
    other.close()

    assert all(ids == list(range(1, len(ids) + 1)) for ids in seen)


def test_a_cursor_begins_at_the_beginning_and_stays_where_it_was_moved(database: Database) -> None:
    with database.write() as connection:
        for _ in range(5):
            append(connection)
        assert events.position(connection, "alerter") == 0
        events.move(connection, "alerter", 3)

    with database.write() as connection:
        at = events.position(connection, "alerter")
        assert at == 3
        assert [event.id for event in events.after(connection, at)] == [4, 5]
        assert events.position(connection, "another") == 0


def test_a_cursor_is_not_moved_by_a_turn_that_fails(database: Database) -> None:
    with suppress(ZeroDivisionError), database.write() as connection:
        events.position(connection, "alerter")
        events.move(connection, "alerter", 3)
        1 / 0  # noqa: B018

    with database.write() as connection:
        assert events.position(connection, "alerter") == 0


def test_events_come_in_portions(database: Database) -> None:
    with database.write() as connection:
        for _ in range(5):
            append(connection)

    with database.read() as connection:
        assert [event.id for event in events.after(connection, 1, limit=2)] == [2, 3]


def test_an_empty_log(database: Database) -> None:
    with database.read() as connection:
        assert events.newest(connection) == 0
        assert events.after(connection, 0) == []
    assert is_whole(database)


def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(Exception, match="zone"), database.write() as connection:
        events.append(connection, kind="a", at=NOW.replace(tzinfo=None), subject="1")
