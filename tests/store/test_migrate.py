"""The migrations make the tables that the code expects, on both databases, and run by themselves."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import util
from pathlib import Path
from types import ModuleType

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, text

from monitor.store.database import Database, sqlite_url
from monitor.store.migrate import is_current, migrations, upgrade
from monitor.store.tables import Table


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without a table."""
    if request.param == "sqlite":
        return sqlite_url(tmp_path / "sanctions-monitor.db")
    url: str = request.getfixturevalue("postgresql_url")
    return url


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """An empty database."""
    database = Database.open(database_url)
    yield database
    database.close()


def test_an_empty_database_is_not_current(database: Database) -> None:
    with database.read() as connection:
        assert not is_current(connection)


def test_the_migrations_make_every_table_and_run_twice(database: Database) -> None:
    upgrade(database)
    upgrade(database)

    with database.read() as connection:
        assert is_current(connection)
        tables = set(inspect(connection).get_table_names())
    assert tables == {*Table.metadata.tables, "alembic_version"}


def test_a_database_of_another_revision_is_not_current(database: Database) -> None:
    upgrade(database)
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))

    with database.read() as connection:
        assert not is_current(connection)


def test_the_models_and_the_migrated_database_do_not_differ(database: Database) -> None:
    upgrade(database)

    with database.read() as connection:
        context = MigrationContext.configure(
            connection, opts={"compare_type": True, "compare_server_default": True}
        )
        assert compare_metadata(context, Table.metadata) == []
        for name, table in Table.metadata.tables.items():
            partial = {
                index["name"]
                for index in inspect(connection).get_indexes(name)
                if any("where" in option for option in index.get("dialect_options", {}))
            }
            expected = {
                index.name
                for index in table.indexes
                if index.dialect_options[connection.dialect.name].get("where") is not None
            }
            assert partial == expected, "an index over a part of the rows enforces one of a kind"


def test_two_that_start_at_once_migrate_once(database_url: str) -> None:
    databases = [Database.open(database_url) for _ in range(2)]
    try:
        with ThreadPoolExecutor() as pool:
            list(pool.map(upgrade, databases))
        with databases[0].read() as connection:
            assert is_current(connection)
    finally:
        for database in databases:
            database.close()


def test_a_migration_that_fails_leaves_nothing_behind(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is one transaction, DDL included: a half-migrated database would be of no version at all."""
    with database.write() as connection:
        connection.execute(text("CREATE TABLE snapshots (id INTEGER)"))  # stands in its way

    with pytest.raises(Exception, match="snapshots"):
        upgrade(database)

    with database.read() as connection:
        assert inspect(connection).get_table_names() == ["snapshots"]


def test_every_migration_can_be_undone(database: Database) -> None:
    from alembic.operations import Operations

    upgrade(database)
    with database.write() as connection:
        context = MigrationContext.configure(connection)
        with Operations.context(context):
            for path in sorted(migrations().glob("versions/*.py"), reverse=True):
                module(path.stem, str(path)).downgrade()

    with database.read() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]


def module(name: str, path: str) -> ModuleType:
    spec = util.spec_from_file_location(f"migration_{name}", path)
    assert spec is not None
    assert spec.loader is not None
    loaded = util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded
