"""An open database with every table, once on SQLite and once on PostgreSQL."""

from collections.abc import Iterator

import pytest

from monitor.store.database import Database
from monitor.store.tables import Table


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with every table, as the migrations make them (test_migrate.py holds the two equal)."""
    database = Database.open(database_url)
    Table.metadata.create_all(database.engine)
    yield database
    database.close()
