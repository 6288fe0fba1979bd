"""The instants at which a service is killed, by name. Armed in the process that is to die, before anything runs.

The production code has no hooks: its functions are wrapped here. Death is SIGKILL of oneself: nothing of Python's own clearing up
happens. A transaction is marked by what is done in it, and its owner dies just before or just after it is committed.
"""

import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import IO, Any, NoReturn

import alembic.command
import zstandard
from sqlalchemy import Connection, Engine, event

from monitor.deliver.channels.mail import MailChannel
from monitor.deliver.channels.webhook import WebhookChannel
from monitor.store import alerts, archive, claims, deliveries, migrate, publications, snapshots
from monitor.store.database import Database

ANY = "any"
"""Killed from outside, whatever it is doing."""


def die() -> NoReturn:
    """As ``kill -9`` does it."""
    os.kill(os.getpid(), signal.SIGKILL)
    raise AssertionError("SIGKILL returned")


def arm(instant: str, nth: int) -> None:
    """Die at that instant, the ``nth`` time that it comes."""
    INSTANTS[instant](_Countdown(nth))


def put(target: Any, name: str, value: Any) -> None:
    """Replace what the product would call, for the rest of this process."""
    if not hasattr(target, name):
        raise AttributeError(
            f"{target} has no {name} any more: the harness no longer knows the product"
        )
    setattr(target, name, value)


class _Countdown:
    """Dies when it has been called so many times."""

    def __init__(self, nth: int) -> None:
        self._left = nth

    def __call__(self) -> None:
        self._left -= 1
        if self._left <= 0:
            die()


Arming = Callable[[_Countdown], None]


# --- transactions -----------------------------------------------------------------------------------------------------


class _Marks(threading.local):
    """What was done in the transaction that this thread has in hand."""

    done: bool = False


def _around(target: Any, name: str, *, committed: bool) -> Arming:
    """Before or after the commit of a transaction in which ``target.name`` did something."""

    def armed(countdown: _Countdown) -> None:
        marks = _Marks()
        real = getattr(target, name)

        def and_mark(*arguments: Any, **named: Any) -> Any:
            result = real(*arguments, **named)
            marks.done |= bool(result) or result is None
            return result

        setattr(target, name, and_mark)
        real_write = Database.write

        @contextmanager
        def write(self: Database) -> Iterator[Connection]:
            marks.done = False
            with real_write(self) as connection:
                yield connection
                if marks.done and not committed:
                    countdown()
            if marks.done and committed:
                countdown()

        put(Database, "write", write)

    return armed


def _at_a_statement(countdown: _Countdown) -> None:
    event.listen(Engine, "before_cursor_execute", lambda *_: countdown())


def _in_a_migration(countdown: _Countdown) -> None:
    """After so many of its statements; where there are fewer (the database is current), before its commit."""
    real = alembic.command.upgrade
    inside = threading.local()

    def upgrade(*arguments: Any) -> None:
        inside.now = True
        real(*arguments)
        die()

    def statement(*_: Any) -> None:
        if getattr(inside, "now", False):
            countdown()

    put(migrate, "command", SimpleNamespace(upgrade=upgrade))
    event.listen(Engine, "after_cursor_execute", statement)


# --- the archive ------------------------------------------------------------------------------------------------------


def _in_the_archive_write(countdown: _Countdown) -> None:
    """With half of the bytes in a file that has not got its name yet."""

    class HalfWay(zstandard.ZstdCompressor):
        def copy_stream(
            self, ifh: IO[bytes], ofh: IO[bytes], *sizes: int, **named: int
        ) -> tuple[int, int]:
            whole = zstandard.ZstdCompressor(level=3).compress(ifh.read())
            ofh.write(whole[: len(whole) // 2])
            ofh.flush()
            countdown()
            ifh.seek(0)
            ofh.seek(0)
            return super().copy_stream(ifh, ofh, *sizes, **named)

    library = SimpleNamespace(
        ZstdCompressor=HalfWay,
        ZstdDecompressor=zstandard.ZstdDecompressor,
        ZstdError=zstandard.ZstdError,
    )
    put(archive, "zstandard", library)


def _archived(countdown: _Countdown) -> None:
    real = archive.Archive.keep

    def keep(*arguments: Any) -> None:
        real(*arguments)
        countdown()

    put(archive.Archive, "keep", keep)


# --- sending ----------------------------------------------------------------------------------------------------------


def _sending(*channels: Any, sent: bool) -> Arming:
    def armed(countdown: _Countdown) -> None:
        for channel in channels:
            _wrap_send(channel, countdown, sent=sent)

    return armed


def _wrap_send(channel: Any, countdown: _Countdown, *, sent: bool) -> None:
    real = channel.send

    async def send(self: Any, outgoing: Any) -> Any:
        if not sent:
            countdown()
        outcome = await real(self, outgoing)
        if sent:
            countdown()
        return outcome

    channel.send = send


INSTANTS: dict[str, Arming] = {
    "in the migration": _in_a_migration,
    "in the archive's write": _in_the_archive_write,
    "archived, before commit 1": _archived,
    "before commit 1": _around(snapshots, "commit", committed=False),
    "after commit 1": _around(snapshots, "commit", committed=True),
    "before a list is held": _around(snapshots, "hold", committed=False),
    "after a list is held": _around(snapshots, "hold", committed=True),
    "before a held list is accepted": _around(snapshots, "decide", committed=False),
    "after a held list is accepted": _around(snapshots, "decide", committed=True),
    "before a release is stored": _around(publications, "list_new", committed=False),
    "after a release is stored": _around(publications, "list_new", committed=True),
    "before commit 2": _around(alerts, "add", committed=False),
    "after commit 2": _around(alerts, "add", committed=True),
    "claimed, not sent": _around(claims, "claim_due", committed=True),
    "before a mail is sent": _sending(MailChannel, sent=False),
    "mail sent, no receipt": _sending(MailChannel, sent=True),
    "webhook sent, no receipt": _sending(WebhookChannel, sent=True),
    "before the receipt's commit": _around(deliveries, "record_accepted", committed=False),
    "after the receipt's commit": _around(deliveries, "record_accepted", committed=True),
    "before a failure's commit": _around(deliveries, "record_failure", committed=False),
    "at a statement": _at_a_statement,
}
