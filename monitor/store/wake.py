"""How processes on one PostgreSQL database wake each other: a commit that appends events notifies, and the others listen.

Nothing depends on it: whoever hears nothing looks every few seconds. SQLite has one process, which wakes itself.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from typing import Literal, cast, get_args

import psycopg
from sqlalchemy import URL, Connection, text

from monitor.clock import Clock

log = logging.getLogger(__name__)

Word = Literal["happened", "due"]
"""``happened``: there are events that may be told. ``due``: there are deliveries to be made."""

CHANNEL = "sanctions_monitor"
LONGEST_PAUSE = 30
"""Seconds between attempts to connect again, at most."""

_NOTIFY = text("SELECT pg_notify(:channel, :word)")


def notify(connection: Connection, kind: str) -> None:
    """Wake who waits for events of this kind, once this transaction is committed; several times in one are once."""
    if connection.dialect.name == "postgresql":
        for word in _words(kind):
            connection.execute(_NOTIFY, {"channel": CHANNEL, "word": word})


def _words(kind: str) -> tuple[Word, ...]:
    match kind:
        case "alert.made":
            return ("due",)
        case "request.performed":  # dead deliveries may be due again
            return ("happened", "due")
        case "delivery.accepted" | "delivery.dead":
            return ()
    return ("happened",)


class Listener:
    """Hears what other processes on the database commit, on a connection of its own."""

    def __init__(self, url: URL, clock: Clock) -> None:
        self._conninfo = url.set(drivername="postgresql").render_as_string(hide_password=False)
        self._clock = clock

    async def run(self, stopping: asyncio.Event, heard: Callable[[Word], None]) -> None:
        """Call ``heard`` for each word until ``stopping`` is set. Whatever goes wrong is logged, and tried again."""
        listening = asyncio.create_task(self._listen_for_ever(heard), name="listen-connection")
        try:
            await stopping.wait()
        finally:
            listening.cancel()
            with suppress(asyncio.CancelledError):
                await listening

    async def _listen_for_ever(self, heard: Callable[[Word], None]) -> None:
        trouble = 0
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(
                    self._conninfo, autocommit=True
                ) as connection:
                    await connection.execute(f"LISTEN {CHANNEL}")
                    trouble = 0
                    for word in get_args(Word):  # what was said while nobody listened
                        heard(word)
                    async for said in connection.notifies():
                        if said.payload in get_args(Word):
                            heard(cast(Word, said.payload))
                reason = "the connection ended"
            except Exception as error:  # noqa: BLE001 - the loop is where it is caught, once
                reason = type(error).__name__  # its text may name host and user
            log.warning("other processes are not heard (%s); trying again", reason)
            await self._clock.sleep(min(2**trouble, LONGEST_PAUSE))
            trouble = min(trouble + 1, 10)
