"""``snapshot accept``, ``snapshot reject`` and ``retry``: what an operator decides.

Each writes one short row. A running service performs it within seconds; if none runs, the command performs it itself.
"""

import asyncio
import getpass
import sys
import time
from typing import Annotated

import typer

from monitor.cli.context import Mistake, existing_database, global_options, nothing_yet
from monitor.config import Configuration
from monitor.service import requests
from monitor.service.line import Line, line
from monitor.store import listings

REFUSED = 1
PATIENCE = 60.0
"""Seconds to wait for the running service to perform a request."""

Number = Annotated[
    int, typer.Argument(help="The snapshot's number, as `snapshots` lists it.", show_default=False)
]
Because = Annotated[str, typer.Option(help="Why; it is kept as evidence.", show_default=False)]
By = Annotated[str | None, typer.Option(help="Who decides; the system's user unless given.")]

snapshot = typer.Typer(
    help="Decide on a snapshot that is held back.",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
)


@snapshot.command("accept")
def accept(context: typer.Context, number: Number, because: Because, by: By = None) -> None:
    """Accept a held snapshot: its changes are told, the limits are waived for this content alone.

    Exit code 1 when there is nothing to accept.

    Example: sanctions-monitor snapshot accept 7 --because "OFAC announced the removal of 900 parties"
    """
    _ask(context, "accept", str(number), because, by)


@snapshot.command("reject")
def reject(context: typer.Context, number: Number, because: Because, by: By = None) -> None:
    """Refuse a held snapshot: the version before it stays in force, this content is not looked at again.

    Exit code 1 when there is nothing to reject.

    Example: sanctions-monitor snapshot reject 7 --because "half of the list is missing"
    """
    _ask(context, "reject", str(number), because, by)


def retry(
    context: typer.Context,
    deliveries: Annotated[
        list[int] | None,
        typer.Argument(
            help="Numbers of deliveries; all that are dead unless given.", show_default=False
        ),
    ] = None,
    by: By = None,
) -> None:
    """Make dead deliveries due again.

    Exit code 1 when one that is named is not dead, or is unknown; nothing is done then.

    Example: sanctions-monitor retry 41 42
    """
    _check_dead(global_options(context).configuration(), deliveries or [])
    _ask(context, "retry", ",".join(map(str, deliveries or ())), "asked to retry", by)


def _check_dead(configuration: Configuration, numbers: list[int]) -> None:
    """Refuse when one of these cannot be made due again: whoever names it believes that it will be."""
    with existing_database(configuration) as database:
        if database is None or not numbers:
            return
        with database.read() as connection:
            states = listings.delivery_states(connection, numbers)
    for number in numbers:
        if number not in states:
            raise refused(f"There is no delivery {number}; see `sanctions-monitor deliveries`.")
        if states[number] != "dead":
            raise refused(f"Delivery {number} is {_STATES[states[number]]}, not dead.")


def _check_there_is_something(configuration: Configuration) -> None:
    with existing_database(configuration) as database:
        if database is None:
            raise refused(nothing_yet(configuration))


def refused(sentence: str) -> typer.Exit:
    """Say why nothing is done; what is returned ends the command with exit code 1."""
    sys.stderr.write(f"{sentence}\n")
    return typer.Exit(REFUSED)


_STATES = {"due": "due already", "claimed": "being sent", "accepted": "accepted"}


def _ask(context: typer.Context, verb: str, subject: str, because: str, by: str | None) -> None:
    configuration = global_options(context).configuration()
    if not because.strip():
        raise Mistake("--because must say why; it is kept as evidence")
    _check_there_is_something(configuration)
    have_performed(configuration, verb, subject, because.strip(), by or _user())


def have_performed(
    configuration: Configuration,
    verb: str,
    subject: str,
    because: str,
    by: str,
    *,
    tell: bool = True,
) -> None:
    """Have a request performed and print its answer; exit code 1 when it is refused, or not performed in time.

    ``tell`` says that people are to be told of what follows from it, where no service runs that would.
    """
    outcome = asyncio.run(_asked(configuration, verb, subject, because, by, tell=tell))
    if outcome is None:
        sys.stderr.write("It is written down; the running service has not performed it yet.\n")
        raise typer.Exit(REFUSED)
    sys.stdout.write(f"{outcome[:1].upper()}{outcome[1:].rstrip('.')}.\n")
    if requests.was_refused(outcome):
        raise typer.Exit(REFUSED)


async def _asked(
    configuration: Configuration, verb: str, subject: str, because: str, by: str, *, tell: bool
) -> str | None:
    async with line(configuration, terminal=sys.stderr) as parts:
        with parts.database.write() as connection:
            number = requests.make(
                connection,
                verb=verb,
                subject=subject,
                by=by,
                because=because,
                at=parts.clock.now(),
            )
        if parts.lock.acquire():
            try:
                await asyncio.to_thread(requests.perform_waiting, parts)
                if tell:
                    await asyncio.to_thread(parts.alerter.turn)
                    await parts.dispatcher.turn()
            finally:
                parts.lock.release()
            return _answer(parts, number)
        deadline = time.monotonic() + PATIENCE
        # Another process performs it: there is no event to wait for.
        while (  # noqa: ASYNC110
            outcome := _answer(parts, number)
        ) is None and time.monotonic() < deadline:
            await asyncio.sleep(0.2)
        return outcome


def _answer(parts: Line, number: int) -> str | None:
    with parts.database.read() as connection:
        return requests.answer(connection, number)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return "unknown"
