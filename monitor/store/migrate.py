"""Finds the migrations, in an installed wheel or in a checkout, and runs them.

In an installed wheel they are ``monitor/store/migrations``. They are looked for there first: next to an installed ``monitor``
the folder called ``alembic`` is the library.
"""

from importlib.resources import files
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from monitor.store.database import Database

_MIGRATION_LOCK = 0x4D494752  # any constant, the same in every process on the database


def migrations() -> Path:
    """The folder that holds ``env.py`` and ``versions/``. Raises FileNotFoundError when the installation is incomplete."""
    shipped = Path(str(files("monitor.store") / "migrations"))
    checkout = Path(__file__).resolve().parents[2] / "alembic"
    for folder in (shipped, checkout):
        if (folder / "env.py").is_file():
            return folder
    raise FileNotFoundError(
        f"no migrations in {shipped} nor in {checkout}: the installation is incomplete"
    )


def upgrade(database: Database) -> None:
    """Bring the database to the newest revision, in one transaction, one process at a time."""
    with database.write() as connection:
        if not database.is_sqlite:
            connection.execute(
                text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK}
            )
        config = Config()
        config.set_main_option("script_location", str(migrations()))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def is_current(connection: Connection) -> bool:
    """Whether the database is at the newest revision."""
    config = Config()
    config.set_main_option("script_location", str(migrations()))
    head = ScriptDirectory.from_config(config).get_current_head()
    return MigrationContext.configure(connection).get_current_revision() == head
