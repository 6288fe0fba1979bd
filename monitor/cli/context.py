"""What stands before the verb (``--config``, ``--data-dir``, ``--log-format``), and what every verb makes of it."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from monitor.config import Configuration, load
from monitor.logs import LogFormat, configure_logs

if TYPE_CHECKING:
    from monitor.store.database import Database

CONFIGURATION_FILE = "sanctions-monitor.yaml"
CONFIGURATION_VARIABLE = "SANCTIONS_MONITOR_CONFIG"


class Mistake(Exception):
    """Something the user asked for cannot be done as asked: one plain sentence, exit code 2."""


@dataclass(frozen=True)
class Global:
    """The options that stand before the verb, and the environment they are read with."""

    config: Path | None = None
    data_dir: Path | None = None
    log_format: LogFormat = "text"
    environment: Mapping[str, str] = field(default_factory=lambda: os.environ)

    def configuration(self) -> Configuration:
        """The configuration that the options, the environment and the file give; logs are set up with its secrets.

        Raises ConfigurationError. A file that was named must exist; the one in the current directory is read if it does.
        """
        found = load(self._file(), self.environment)
        if self.data_dir is not None:
            found = replace(found, data_dir=self.data_dir)
        configure_logs(self.log_format, found.secrets)
        return found

    def _file(self) -> Path | None:
        named = self.config or self.environment.get(CONFIGURATION_VARIABLE)
        if named:
            return Path(named)
        usual = Path(CONFIGURATION_FILE)
        return usual if usual.exists() else None


def global_options(context: typer.Context) -> Global:
    """The options that stood before the verb."""
    options = context.find_root().obj
    return options if isinstance(options, Global) else Global()


@contextmanager
def existing_database(configuration: Configuration) -> "Iterator[Database | None]":
    """The database for reading; None when the service has written nothing there yet. Nothing is created."""
    file = sqlite_file(configuration)
    if file is not None and not file.exists():
        yield None
        return
    from monitor.store.database import (
        Database,
    )  # late: verbs that need no database are quicker without

    database = Database.open_for_reading(configuration.database)
    try:
        yield None if database.is_empty else database
    finally:
        database.close()


@contextmanager
def nothing_left_behind(configuration: Configuration) -> Iterator[None]:
    """A data directory that was made in this block goes again when the block fails before anything was written to it."""
    folder = configuration.data_dir
    was_there = folder.exists()
    try:
        yield
    except BaseException:
        if not was_there:
            for made in (folder / "spool", folder):
                with suppress(OSError):  # what holds something stays
                    made.rmdir()
        raise


def nothing_yet(configuration: Configuration) -> str:
    """What is said when there is no database, or an empty one."""
    where = configuration.data_dir if sqlite_file(configuration) else "the database"
    return f"Nothing is on record yet in {where}: the service has not run there."


def sqlite_file(configuration: Configuration) -> Path | None:
    """The file of an SQLite database; None for another database."""
    scheme, _, path = configuration.database.partition("///")
    return Path(path) if scheme.startswith("sqlite") else None
