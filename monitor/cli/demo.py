"""``demo``: a real action played back before one's eyes."""

import asyncio
import logging
import os
import sys
from typing import Annotated

import typer

from monitor.cli.context import Mistake, global_options
from monitor.demo.narration import Narrator
from monitor.demo.play import play
from monitor.demo.stage import ORDER
from monitor.errors import CannotListen
from monitor.logs import configure_logs


def demo(
    context: typer.Context,
    once: Annotated[
        bool, typer.Option("--once", help="End after the action, also on a terminal.")
    ] = False,
    order: Annotated[
        str,
        typer.Option(
            help="In which order the action's three signals come: they are told as one in any."
        ),
    ] = ",".join(ORDER),
    port: Annotated[
        int | None,
        typer.Option(
            help="The port of the pages; a free one unless given.",
            min=1,
            max=65535,
            show_default=False,
        ),
    ] = None,
) -> None:
    """A real action, published before your eyes: the service, its sources, a chat room and a mailbox on this machine alone.

    Release, list and action page come one after the other, and end as one dossier, whichever came first.
    Needs no network and no configuration. On a terminal it stays until Ctrl-C, so that its pages can be opened.

    Example: sanctions-monitor demo
    """
    signals = [signal.strip() for signal in order.split(",")]
    if sorted(signals) != sorted(ORDER):
        raise Mistake(
            f"--order {order} cannot be played: it needs {', '.join(ORDER)}, each once, as in {','.join(ORDER)}"
        )
    configure_logs(global_options(context).log_format)
    logging.getLogger().setLevel(logging.WARNING)
    # A proxy is for the outside; everything here is on loopback, and no request may leave it.
    os.environ["NO_PROXY"] = os.environ["no_proxy"] = "127.0.0.1"
    stay = not once and sys.stdin.isatty() and sys.stdout.isatty()
    try:
        asyncio.run(play(Narrator(), order=signals, port=port, stay=stay))
    except CannotListen as error:
        raise Mistake(f"port {port} cannot be used: {error.detail}. Choose another") from None
