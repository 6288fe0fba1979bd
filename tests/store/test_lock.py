"""One process watches at a time."""

from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from monitor.store.lock import SessionLock, WatchLock, watch_lock


@pytest.fixture
def locks(database_url: str, tmp_path: Path) -> tuple[WatchLock, WatchLock]:
    """Those of two processes."""
    return watch_lock(database_url, tmp_path), watch_lock(database_url, tmp_path)


def test_a_second_one_is_kept_out(locks: tuple[WatchLock, WatchLock]) -> None:
    one, other = locks
    try:
        assert one.acquire()
        assert not other.acquire()
        assert one.acquire(), "it is still held"
        assert not other.acquire()
    finally:
        one.release()
        other.release()


def test_what_was_given_up_can_be_taken(locks: tuple[WatchLock, WatchLock]) -> None:
    one, other = locks
    try:
        assert one.acquire()
        one.release()
        assert other.acquire()
        assert not one.acquire()
    finally:
        one.release()
        other.release()


def test_giving_up_what_is_not_held_is_nothing(locks: tuple[WatchLock, WatchLock]) -> None:
    one, other = locks
    try:
        assert other.acquire()
        one.release()
        assert not one.acquire()
    finally:
        other.release()


def test_a_lost_session_is_a_lost_lock(postgresql_url: str) -> None:
    """Another may hold it by now; whoever lost it takes it anew before it goes on."""
    one, other = SessionLock(postgresql_url), SessionLock(postgresql_url)
    try:
        assert one.acquire()
        engine = create_engine(postgresql_url)
        with engine.begin() as connection:
            connection.execute(
                text(
                    "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory'"
                    " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
                )
            )
        engine.dispose()
        assert not one.acquire()
        assert other.acquire()
        assert not one.acquire()
    finally:
        one.release()
        other.release()


def test_a_database_that_cannot_be_reached_gives_no_lock() -> None:
    assert not SessionLock("postgresql+psycopg://nobody@127.0.0.1:1/nothing").acquire()
