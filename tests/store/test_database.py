"""Transactions: what is written is whole or not there, and readers disturb nobody."""

import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import insert, select, text, update
from sqlalchemy.exc import DBAPIError

from monitor.store.database import Database, sqlite_url
from monitor.store.tables import CURSORS


def positions(database: Database) -> dict[str, int]:
    with database.read() as connection:
        return {row.reader: row.position for row in connection.execute(select(CURSORS))}


def test_what_is_written_is_there(database: Database) -> None:
    with database.write() as connection:
        connection.execute(insert(CURSORS).values(reader="alerter", position=7))

    assert positions(database) == {"alerter": 7}


def test_a_transaction_that_fails_half_way_leaves_nothing(database: Database) -> None:
    with suppress(ZeroDivisionError), database.write() as connection:
        connection.execute(insert(CURSORS).values(reader="alerter", position=7))
        1 / 0  # noqa: B018

    assert positions(database) == {}


def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(DBAPIError), database.read() as connection:
        connection.execute(insert(CURSORS).values(reader="alerter", position=7))

    assert positions(database) == {}


def test_a_reader_sees_one_state_from_beginning_to_end(database: Database) -> None:
    with database.write() as connection:
        connection.execute(insert(CURSORS).values(reader="alerter", position=1))

    with database.read() as connection:
        before = connection.execute(select(CURSORS.c.position)).scalar_one()
        with database.write() as other:
            other.execute(update(CURSORS).values(position=2))
        after = connection.execute(select(CURSORS.c.position)).scalar_one()

    assert (before, after) == (1, 1)
    assert positions(database) == {"alerter": 2}


def test_no_update_is_lost_between_two_processes(database: Database, database_url: str) -> None:
    """Two Database objects are what two processes are: no lock of Python's stands between them."""
    with database.write() as connection:
        connection.execute(insert(CURSORS).values(reader="alerter", position=0))
    other = Database.open(database_url)

    def count(one: Database) -> None:
        for _ in range(25):
            with one.write() as connection:
                statement = select(CURSORS.c.position).with_for_update()
                position = connection.execute(statement).scalar_one()
                connection.execute(update(CURSORS).values(position=position + 1))

    with ThreadPoolExecutor() as pool:
        list(pool.map(count, [database, other, database, other]))
    other.close()

    assert positions(database) == {"alerter": 100}


def test_writers_of_one_process_take_turns(database: Database) -> None:
    inside = threading.Event()
    order: list[str] = []

    def second() -> None:
        inside.wait()
        with database.write():
            order.append("second")

    thread = threading.Thread(target=second)
    thread.start()
    with database.write():
        inside.set()
        thread.join(0.05)  # it would be through by now
        order.append("first")
    thread.join()

    assert order == ["first", "second"]


def test_sqlite_survives_a_power_cut_and_keeps_readers_apart(tmp_path: Path) -> None:
    database = Database.open(sqlite_url(tmp_path / "a.db"))
    with database.write() as connection:
        settings = {
            name: connection.execute(text(f"PRAGMA {name}")).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys")
        }
    database.close()

    assert settings == {"journal_mode": "wal", "synchronous": 2, "foreign_keys": 1}


def test_sqlite_waits_for_another_process_that_writes(tmp_path: Path) -> None:
    database = Database.open(sqlite_url(tmp_path / "a.db"))
    with database.write() as connection:
        connection.execute(text("CREATE TABLE t (n)"))
    other = sqlite3.connect(tmp_path / "a.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    done = threading.Event()

    def write() -> None:
        with database.write() as connection:
            connection.execute(text("INSERT INTO t VALUES (1)"))
        done.set()

    thread = threading.Thread(target=write)
    thread.start()
    assert not done.wait(0.05)
    other.execute("COMMIT")
    thread.join()
    other.close()
    database.close()

    assert done.is_set()


def test_nothing_is_made_but_an_empty_file(tmp_path: Path) -> None:
    Database.open(sqlite_url(tmp_path / "a.db")).close()

    assert [path.name for path in tmp_path.iterdir()] in ([], ["a.db"])


@pytest.mark.parametrize("replaced", [False, True])
def test_a_file_that_is_removed_takes_no_commit_that_would_vanish(
    tmp_path: Path, replaced: bool
) -> None:
    file = tmp_path / "removed.db"
    database = Database.open(sqlite_url(file))
    with database.write() as connection, database.read():
        connection.execute(text("CREATE TABLE kept (number INTEGER)"))
    for each in tmp_path.iterdir():
        each.rename(each.with_suffix(".away"))
    if replaced:
        sqlite3.connect(file).execute("CREATE TABLE kept (number INTEGER)").connection.close()

    with (
        pytest.raises(DBAPIError, match="removed or replaced"),
        database.write() as connection,
    ):
        connection.execute(text("INSERT INTO kept VALUES (1)"))
    with pytest.raises(DBAPIError, match="removed or replaced"), database.read():
        pass
    database.close()
