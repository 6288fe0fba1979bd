"""An open database with every table, once on SQLite and once on PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import URL, Engine, text

from monitor.store.database import Database, sqlite_url
from monitor.store.migrate import upgrade
from monitor.store.tables import Table


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """A database with every table and no row, as the migrations make them (test_migrate.py holds the two equal)."""
    database = Database.open(database_url)
    Table.metadata.create_all(database.engine)
    yield database
    database.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without a row. On PostgreSQL it is one for all tests: making one takes longer than most of them."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "sanctions-monitor.db")
    engine: Engine = request.getfixturevalue("emptied_postgresql")
    with engine.begin() as connection:
        tables = ", ".join(Table.metadata.tables)
        connection.execute(text(f"TRUNCATE {tables} RESTART IDENTITY"))
    return engine.url.render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def emptied_postgresql(postgresql_server: URL) -> Iterator[Engine]:
    """A PostgreSQL database that has been migrated."""
    name = f"test_{uuid4().hex}"
    conninfo = postgresql_server.set(drivername="postgresql").render_as_string(hide_password=False)
    with psycopg.connect(conninfo, autocommit=True) as server:
        server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        url = postgresql_server.set(drivername="postgresql+psycopg", database=name)
        database = Database.open(url.render_as_string(hide_password=False))
        upgrade(database)
        yield database.engine
        database.close()
        server.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))
