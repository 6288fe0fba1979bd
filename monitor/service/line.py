"""The line that data travels, built from a configuration: the only place that knows everybody.

The service runs it on and on; the commands ``poll`` and ``ingest`` put one thing through it; both get the same parts.
"""

import asyncio
import os
import socket
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import TextIO

from alembic.util import CommandError
from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError

import feeds
from feeds import Adapter
from feeds.base import Guard
from monitor.alerting.alerter import Alerter
from monitor.alerting.digester import Digester
from monitor.alerting.escalator import Escalator
from monitor.alerting.second_witness import SecondWitness
from monitor.alerting.writer import Writer
from monitor.clock import Clock, SystemClock
from monitor.config import ChannelSettings, Configuration
from monitor.core.pace import Pace
from monitor.deliver.channels import Channel, build_channel, terminal_channel
from monitor.deliver.dispatcher import Dispatcher
from monitor.errors import UnusableData
from monitor.fetch.client import Fetcher
from monitor.poller import Poller, Watched
from monitor.store.archive import Archive
from monitor.store.database import Database
from monitor.store.lock import WatchLock, watch_lock
from monitor.store.migrate import upgrade


@dataclass(frozen=True, kw_only=True)
class Line:
    """Every part of the line, wired. ``watched`` are the enabled feeds; ``channels`` as configured, or the terminal alone."""

    configuration: Configuration
    clock: Clock
    database: Database
    archive: Archive
    spool: Path
    adapters: dict[str, Adapter]
    watched: dict[str, Watched]
    poller: Poller
    writer: Writer
    alerter: Alerter
    escalator: Escalator
    digester: Digester
    second_witness: SecondWitness
    dispatcher: Dispatcher
    channels: list[Channel]
    lock: WatchLock


def prepare(configuration: Configuration) -> Database:
    """Make the data directory, connect, and bring the database to the newest revision.

    Raises UnusableData when the directory cannot be written to or the database cannot be used.
    """
    try:
        configuration.data_dir.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=configuration.data_dir):
            pass  # SQLite would only say that it is unable to open its file
        database = Database.open(configuration.database)
    except OSError as error:
        raise UnusableData(str(configuration.data_dir), _refusal(error)) from error
    try:
        upgrade(database)
    except (OperationalError, CommandError) as error:
        database.close()
        raise UnusableData(_where(configuration), _reason(error)) from error
    except BaseException:
        database.close()
        raise
    return database


def _refusal(error: OSError) -> str:
    """What the system says, and to whom: a container's user is a number that the owner of a mounted directory must know."""
    said = error.strerror or "no access"
    return f"{said} for user {os.geteuid()}" if isinstance(error, PermissionError) else said


def _where(configuration: Configuration) -> str:
    url = make_url(configuration.database)
    return url.database or "" if url.drivername == "sqlite" else f"{url.host or 'this machine'}"


def _reason(error: OperationalError | CommandError) -> str:
    """What the driver says, in one line; it names host and user, and never a password."""
    said = str(error.orig) if isinstance(error, OperationalError) else str(error)
    return " ".join(said.split())[:300]


def watch_lock_of(configuration: Configuration) -> WatchLock:
    """The right to watch with this configuration's database."""
    return watch_lock(configuration.database, configuration.data_dir)


def channels_of(configuration: Configuration, clock: Clock | None = None) -> list[Channel]:
    """The configured channels. Raises UnusableChannel, whose sentence never holds an address."""
    return [
        channel_of(settings, configuration, clock) for settings in configuration.channels.values()
    ]


def channel_of(
    settings: ChannelSettings, configuration: Configuration, clock: Clock | None = None
) -> Channel:
    """One configured channel. Raises UnusableChannel, whose sentence never holds an address."""
    return build_channel(
        settings.name,
        url=settings.url.reveal() if settings.url else None,
        webhook=settings.webhook.reveal() if settings.webhook else None,
        file=settings.file,
        secrets=[secret.reveal() for secret in settings.secrets],
        format=settings.format,
        language=settings.language,
        public_url=configuration.public_url,
        user_agent=configuration.user_agent,
        clock=clock,
    )


def paces_of(configuration: Configuration) -> dict[str, Pace]:
    """How much, and when, each configured channel takes."""
    return {name: settings.pace for name, settings in configuration.channels.items()}


@asynccontextmanager
async def line(
    configuration: Configuration,
    *,
    clock: Clock | None = None,
    stopping: Callable[[], bool] = lambda: False,
    terminal: TextIO | None = None,
) -> AsyncIterator[Line]:
    """Build the line, and take it down when the block ends.

    ``terminal`` is where alerts are written when no channel is configured: standard output, unless results go there.
    Raises UnusableChannel, AdapterProblem, or UnusableData when the data directory or the database cannot be used.
    """
    clock = clock or SystemClock()
    channels = channels_of(configuration, clock) or [terminal_channel(terminal or sys.stdout)]
    adapters = feeds.discover()
    watched = _watched(configuration, adapters)
    database = await asyncio.to_thread(prepare, configuration)
    spool = configuration.data_dir / "spool"
    spool.mkdir(parents=True, exist_ok=True)
    archive = Archive(configuration.data_dir / "archive")
    writer = Writer(
        [channel.profile for channel in channels],
        public_url=configuration.public_url,
        zone=configuration.zone_info,
    )
    alerter = Alerter(
        database,
        clock,
        feeds={id: adapter.feed for id, adapter in adapters.items()},
        routes=configuration.routes,
        writer=writer,
    )
    fetcher = Fetcher(user_agent=configuration.user_agent, spool=spool, clock=clock, trust_env=True)
    try:
        async with fetcher:
            yield Line(
                configuration=configuration,
                clock=clock,
                database=database,
                archive=archive,
                spool=spool,
                adapters=adapters,
                watched=watched,
                poller=Poller(database, archive, fetcher, clock, watched, spool, stopping=stopping),
                writer=writer,
                alerter=alerter,
                escalator=Escalator(database, clock, again=alerter.again, writer=writer),
                digester=Digester(
                    database,
                    clock,
                    feeds={
                        id: (each.adapter.feed, configuration.feeds[id].interval)
                        for id, each in watched.items()
                    },
                    routes=configuration.routes,
                    writer=writer,
                    again=alerter.again,
                ),
                second_witness=SecondWitness(
                    database,
                    clock,
                    feeds={id: each.adapter.feed for id, each in watched.items()},
                ),
                dispatcher=Dispatcher(
                    database,
                    channels,
                    clock=clock,
                    random=Random(),
                    worker_id=f"{socket.gethostname()}-{os.getpid()}",
                    paces=paces_of(configuration),
                    give_up_after=configuration.give_up_after,
                ),
                channels=channels,
                lock=watch_lock_of(configuration),
            )
    finally:
        for channel in channels:
            await channel.close()
        await asyncio.to_thread(database.close)


def _watched(configuration: Configuration, adapters: dict[str, Adapter]) -> dict[str, Watched]:
    return {
        id: Watched(adapters[id], settings.url, settings.guard)
        for id, settings in configuration.feeds.items()
        if settings.enabled and id in adapters
    }


def guard_of(configuration: Configuration, adapter: feeds.RegisterAdapter) -> Guard:
    """The guard in force for a register: the configured one, or the adapter's own."""
    settings = configuration.feeds.get(adapter.feed.id)
    return (settings.guard if settings else None) or adapter.feed.guard


def clear_spool(spool: Path) -> None:
    """Remove what a killed process left half fetched or half compared.

    Only for whoever holds the right to watch: another process may be reading there.
    """
    for left in spool.iterdir():
        left.unlink(missing_ok=True)
