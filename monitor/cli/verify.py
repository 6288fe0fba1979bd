"""``verify``: recompute the whole chain of evidence."""

import sys
from pathlib import Path

import typer

from monitor.cli.context import existing_database, global_options
from monitor.cli.progress import progress
from monitor.store.archive import Archive
from monitor.store.verification import verify as recompute

BROKEN = 1


def verify(context: typer.Context) -> None:
    """Recompute the whole chain of evidence from the database and the archive.

    Exit code 1 when it is broken; the first thing that does not hold is named.

    Example: sanctions-monitor verify
    """
    configuration = global_options(context).configuration()
    archive = Archive(configuration.data_dir / "archive")
    with existing_database(configuration) as database:
        if database is None:
            _without_database(configuration.data_dir)
            return
        with database.read() as connection, progress("Verifying") as steps:
            found = recompute(connection, archive, lambda _: steps.advance())
    sys.stdout.write(
        f"{found.events:,} events, {found.snapshots:,} snapshots, {found.changes:,} changes, "
        f"{found.documents:,} documents, {found.alerts:,} alerts, {found.receipts:,} receipts.\n"
    )
    if found.broken:
        sys.stdout.write(f"It does not hold: {found.broken}.\n")
        raise typer.Exit(BROKEN)
    sys.stdout.write(f"All of it holds. The last event's hash is {found.head}.\n")


def _without_database(data_dir: Path) -> None:
    """Lists in the archive prove that there was a database: that it is gone is no clean bill of health."""
    if any((data_dir / "archive").glob("*/*")):
        sys.stdout.write(
            f"It does not hold: {data_dir / 'archive'} holds lists, and the database that they belong to is gone.\n"
        )
        raise typer.Exit(BROKEN)
    sys.stdout.write(
        f"There is nothing to verify yet: no service has run on the data in {data_dir}.\n"
    )
