"""``run``, ``poll`` and ``ingest``: the line at work, on and on or once.

``poll`` and ``ingest`` put one thing through the whole line: what they find is committed, alerts are made, and one attempt is made
at each delivery; what is not accepted stays due for the service. They refuse while a service runs on the same data.
"""

import asyncio
import errno
import hashlib
import logging
import shutil
import socket
import sys
import tempfile
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Annotated

import typer

import feeds
from feeds import RegisterAdapter
from monitor import service
from monitor.cli import times
from monitor.cli.compare import write_changes
from monitor.cli.context import Mistake, global_options, nothing_left_behind
from monitor.cli.files import opened
from monitor.cli.output import Format
from monitor.cli.progress import progress
from monitor.config import Configuration, Listen
from monitor.errors import CannotListen, ServiceIsRunning
from monitor.poller import PollOutcome
from monitor.poller.comparison import Progress
from monitor.service.line import Line, guard_of, line
from monitor.store import alerts

log = logging.getLogger(__name__)

FAILED = 1
HELD = 3

FeedName = Annotated[
    str, typer.Argument(help="Which feed, for example ofac-sdn.", show_default=False)
]
Written = Annotated[
    Format | None, typer.Option(help="How changes are written.", show_default=False)
]


def run(context: typer.Context) -> None:
    """The service: poll, compare, alert, serve. Ctrl-C or SIGTERM ends it within ten seconds.

    Example: sanctions-monitor --config sanctions-monitor.yaml run
    """
    configuration = global_options(context).configuration()
    if not configuration.data_dir.exists():
        _check_address(configuration.listen)
    introduce(configuration)
    with nothing_left_behind(configuration):
        asyncio.run(service.run(configuration))


def poll(context: typer.Context, feed: FeedName, format: Written = None) -> None:
    """One poll now; prints the changes.

    Exit code 1 when the poll failed, 3 when the list is held back.

    Example: sanctions-monitor poll ofac-sdn
    """
    configuration = global_options(context).configuration()
    _known(configuration, feed)

    async def work(parts: Line) -> PollOutcome:
        with _reading(f"Reading {feed}") as told:
            return await parts.poller.poll(feed, told)

    _once(configuration, work, format)


def ingest(
    context: typer.Context,
    feed: FeedName,
    file: Annotated[
        Path, typer.Argument(help="A saved file: plain, .gz, .zst or .zip.", show_default=False)
    ],
    at: Annotated[
        str | None,
        typer.Option(help="When it was seen, for a file of the past (UTC).", show_default=False),
    ] = None,
    page: Annotated[
        str | None,
        typer.Option(help="Which kind of page of a stream it is; its first kind unless given."),
    ] = None,
    format: Written = None,
) -> None:
    """Put a saved file through the whole line as if it had been fetched; prints the changes.

    Exit code 1 when it cannot be read, 3 when the list is held back.

    Example: sanctions-monitor ingest ofac-sdn SDN.XML --at 2024-12-16T15:02
    """
    configuration = global_options(context).configuration()
    adapter = feeds.by_id(feed)
    moment = times.begin(at, datetime.now(UTC), "--at") if at else None

    async def work(parts: Line) -> PollOutcome:
        with opened(file, max_bytes=adapter.feed.max_bytes) as content:
            seen = moment or parts.clock.now()
            if isinstance(adapter, RegisterAdapter):
                return await asyncio.to_thread(_take, parts, adapter, content, seen)
            kind = page or adapter.feed.pages[0].kind
            url = parts.configuration.feeds[feed].url
            return await asyncio.to_thread(
                parts.poller.streams.take, adapter, kind, url, content.read(), seen
            )

    _once(configuration, work, format)


def introduce(configuration: Configuration) -> None:
    """Say on stderr what is going to be watched, where it can be seen, and what is missing for either."""
    watched = [name for name, settings in configuration.feeds.items() if settings.enabled]
    sys.stderr.write(
        f"Watching {', '.join(watched) or 'nothing: every feed is disabled'}. "
        f"Probes and alerts at {configuration.public_url}. Ctrl-C ends it.\n"
    )
    if not configuration.listen.is_loopback and configuration.token is None:
        sys.stderr.write(
            "No token is configured: of what is served, only the probes are answered. "
            "docs/operations.md says how to read the pages.\n"
        )
    if not configuration.channels:
        sys.stderr.write(
            "No channel is configured: alerts are written to this terminal. "
            "docs/configuration.md shows how to send them to chat and mail.\n"
        )


def _check_address(listen: Listen) -> None:
    """Raises CannotListen before anything is made, where it can be known beforehand."""
    try:
        found = socket.getaddrinfo(listen.host, listen.port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise _cannot_listen(listen, error) from error
    refusals = []
    for family, _, _, _, address in found:
        try:
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                if family == socket.AF_INET6:
                    probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
                probe.bind(address)
                probe.listen(1)
        except OSError as error:
            refusals.append(error)
    # A name may stand for an address of a family that this machine does not have.
    taken = [error for error in refusals if error.errno == errno.EADDRINUSE]
    if taken or len(refusals) == len(found):
        raise _cannot_listen(listen, (taken or refusals)[0])


def _cannot_listen(listen: Listen, error: OSError) -> CannotListen:
    return CannotListen(str(listen), (error.strerror or "no such address").lower())


def _known(configuration: Configuration, feed: str) -> None:
    feeds.by_id(feed)  # an unknown one is said with the nearest right one
    if not configuration.feeds[feed].enabled:
        raise Mistake(f"{feed} is disabled in the configuration; set feeds.{feed}.enabled to true")


def _once(
    configuration: Configuration,
    work: Callable[[Line], Awaitable[PollOutcome]],
    format: Format | None,
) -> None:
    """Put one thing through the whole line, print its changes, and leave with the exit code that it earned."""

    async def whole_line() -> PollOutcome:
        # Results go to standard output: alerts stay off it, so that a pipe gets the changes alone.
        async with line(configuration, terminal=sys.stderr) as parts:
            if not parts.lock.acquire():
                raise ServiceIsRunning(str(configuration.data_dir))
            try:
                outcome = await work(parts)
                await asyncio.to_thread(parts.alerter.turn)
                await parts.dispatcher.turn()
                await asyncio.to_thread(_print, parts, outcome, format)
                return outcome
            finally:
                parts.lock.release()

    with nothing_left_behind(configuration):
        outcome = asyncio.run(whole_line())
    code = {"failed": FAILED, "held": HELD}.get(outcome.result, 0)
    if code:
        raise typer.Exit(code)


def _print(parts: Line, outcome: PollOutcome, format: Format | None) -> None:
    said = outcome.sentence.rstrip(".")
    if not said.startswith(f"{outcome.feed}:"):  # an id is written as it is
        said = said[:1].upper() + said[1:]
    sys.stderr.write(f"{said}.\n")
    if outcome.result == "held":
        sys.stderr.write(
            f"Decide: sanctions-monitor snapshot accept {outcome.snapshot} --because … "
            f"(or reject).\n"
        )
    if outcome.result == "accepted" and outcome.snapshot is not None:
        with parts.database.read() as connection:
            write_changes(list(alerts.changes_of(connection, outcome.snapshot)), format, sys.stdout)


def _take(parts: Line, adapter: RegisterAdapter, content: IO[bytes], at: datetime) -> PollOutcome:
    with tempfile.NamedTemporaryFile(dir=parts.spool, suffix=".ingest") as copy:
        shutil.copyfileobj(content, copy, 1024 * 1024)
        copy.flush()
        copy.seek(0)
        sha256 = hashlib.file_digest(copy, "sha256").hexdigest()
        with _reading(f"Reading {adapter.feed.id}") as told:
            return parts.poller.taker.take(
                adapter,
                guard_of(parts.configuration, adapter),
                Path(copy.name),
                sha256=sha256,
                size=copy.tell(),
                headers={},
                at=at,
                progress=told,
            )


@contextmanager
def _reading(description: str) -> Iterator[Progress]:
    """Progress by the number of records read so far."""
    seen = 0
    with progress(description) as steps:

        def told(count: int) -> None:
            nonlocal seen
            steps.advance(count - seen)
            seen = count

        yield told
