"""What an error is called: by the system's own word, never by a text that may hold anything."""

import errno
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

from monitor.service.complaints import words_of
from monitor.store.database import Database, sqlite_url


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.ENOSPC, "No space left on device", "/secret"), "No space left on device"),
        (OSError(errno.EROFS, ""), "Read-only file system"),
        (OSError("a secret"), "OSError"),
        (ValueError("a secret"), "ValueError"),
        (OperationalError("SELECT 'secret'", None, RuntimeError("a secret")), "RuntimeError"),
    ],
)
def test_an_error_in_words(error: Exception, words: str) -> None:
    assert words_of(error) == words


def test_a_full_disk_beneath_the_database_is_a_full_disk(tmp_path: Path) -> None:
    database = Database.open(sqlite_url(tmp_path / "small.db"))
    with database.write() as connection:
        connection.execute(text("PRAGMA max_page_count = 2"))
        connection.execute(text("CREATE TABLE one (a)"))
        with pytest.raises(OperationalError) as raised:
            connection.execute(text("CREATE TABLE two (a)"))
    database.close()

    assert words_of(raised.value) == "No space left on device"
