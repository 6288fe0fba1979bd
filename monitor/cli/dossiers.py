"""``dossiers``: the case files of official actions, newest first, or one in full."""

import sys
from datetime import UTC
from typing import Annotated

import typer

from monitor.cli import columns
from monitor.cli.acknowledge import SHORTEST
from monitor.cli.context import Mistake, existing_database, global_options, nothing_yet
from monitor.cli.decisions import refused
from monitor.cli.listings import Limit, Since, Until, Written, asked_for, found_in, show
from monitor.cli.output import Format, chosen, printable, write_json_lines
from monitor.config import Configuration
from monitor.core.dossier import Account
from monitor.core.dossier.in_full import in_full
from monitor.store import dossiers as on_record
from monitor.store import listings

_SHOWN = 3


def dossiers(
    context: typer.Context,
    dossier: Annotated[
        str | None,
        typer.Argument(
            help=f"Show this one in full: its id, or its first {SHORTEST} characters or more.",
            show_default=False,
        ),
    ] = None,
    since: Since = None,
    until: Until = None,
    limit: Limit = None,
    format: Written = None,
) -> None:
    """List the case files of official actions, newest first, or show one in full.

    A dossier holds what release, list, action page, change file and legal notice say of one action, and who says what the others
    do not. Exit code 1 when there is no such dossier.

    Example: sanctions-monitor dossiers --since 7d
    """
    if dossier is None:
        asked = asked_for(since, until, None, None, limit, format)
        listing = found_in(context, lambda connection: listings.dossiers(connection, asked))
        show(listing, columns.DOSSIERS, format, columns.DOSSIER_FIELDS, "dossier", "opened")
        return
    if since or until or limit:
        raise Mistake("--since, --until and --limit are for the list of dossiers, not for one")
    id, account = _one(global_options(context).configuration(), dossier.strip().lower())
    if chosen(format) is Format.TABLE:
        sys.stdout.writelines(
            f"{printable(line)}\n" for line in in_full(id, account, UTC).split("\n")
        )
    else:
        write_json_lines([{"id": id, **account}], sys.stdout)


def _one(configuration: Configuration, beginning: str) -> tuple[str, Account]:
    """The one dossier whose id begins so, or the one that it is part of."""
    if len(beginning) < SHORTEST:
        raise Mistake(f"DOSSIER must be at least {SHORTEST} characters of the dossier's id")
    with existing_database(configuration) as database:
        if database is None:
            raise refused(nothing_yet(configuration))
        with database.read() as connection:
            found = on_record.beginning_with(connection, printable(beginning), _SHOWN + 1)
            row = on_record.as_it_is_by_now(connection, found[0]) if found else None
    if row is None:
        raise refused(
            f"There is no dossier {printable(beginning)}; see `sanctions-monitor dossiers`."
        )
    if len(found) > 1:
        more = " and more" if len(found) > _SHOWN else ""
        raise refused(
            f"Several dossiers begin with {beginning}: {', '.join(found[:_SHOWN])}{more}. Write more of the id."
        )
    return row.id, on_record.account_of(row)
