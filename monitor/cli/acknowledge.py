"""``acknowledge``: a person has read an alert.

Never done by opening a link: mail gateways open links. Beside a running service one short row is written, which it performs.
"""

from typing import Annotated

import typer

from monitor.cli.context import Mistake, existing_database, global_options, nothing_yet
from monitor.cli.decisions import have_performed, refused
from monitor.config import Configuration
from monitor.core.render.visible import visible
from monitor.store import alerts, escalations

SHORTEST = 6
"""So many characters of an alert's id are enough, if no other alert's begins with them."""

_LONGEST_NAME = 200
_SHOWN = 3


def acknowledge(
    context: typer.Context,
    alert: Annotated[
        str,
        typer.Argument(
            help=f"The alert's id, or its first {SHORTEST} characters or more.", show_default=False
        ),
    ],
    by: Annotated[str, typer.Option(help="Who has read it.", show_default=False)],
    note: Annotated[str, typer.Option(help="What there is to say; kept as evidence.")] = "",
) -> None:
    """Record that a person has read an alert, as it was told.

    When what was read changes later, the alert about the change asks again. Acknowledging twice adds another entry. Exit code 1
    when there is no such alert.

    Example: sanctions-monitor acknowledge knn5vs --by "J. Doe" --note "no accounts"
    """
    configuration = global_options(context).configuration()
    person = _one_line(by)
    if not person or len(person) > _LONGEST_NAME:
        raise Mistake(f"--by must name who has read it, in {_LONGEST_NAME} characters at most")
    id = _id(configuration, alert.strip().lower())
    have_performed(configuration, "acknowledge", id, _readable(note).strip(), person, tell=False)


def _id(configuration: Configuration, beginning: str) -> str:
    """The one alert whose id begins so; if it tells another again, that other."""
    if len(beginning) < SHORTEST:
        raise Mistake(f"ALERT must be at least {SHORTEST} characters of the alert's id")
    with existing_database(configuration) as database:
        if database is None:
            raise refused(nothing_yet(configuration))
        with database.read() as connection:
            found = alerts.beginning_with(connection, _readable(beginning), _SHOWN + 1)
            told = escalations.originals(connection, found)
    if not found:
        raise refused(f"There is no alert {_readable(beginning)}; see `sanctions-monitor alerts`.")
    if len(found) > 1:
        more = " and more" if len(found) > _SHOWN else ""
        raise refused(
            f"Several alerts begin with {beginning}: {', '.join(found[:_SHOWN])}{more}. Write more of the id."
        )
    return told.get(found[0], found[0])


def _one_line(text: str) -> str:
    return " ".join(_readable(text).split())


def _readable(text: str) -> str:
    """The text with what is no character (a terminal may send any bytes), or would steer a screen, written out."""
    return visible(text.encode("utf-8", "backslashreplace").decode())
