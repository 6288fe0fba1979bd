"""A machine that fails beneath the service: a clock that is fast and jumps, a disk that is full, a database that somebody locks.

Part of it runs in the service's process (:func:`install`), steered by small files; part of it in ours.
"""

import asyncio
import errno
import os
import sqlite3
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import Engine, event, make_url

from tests.faults.points import put

SPEED = 20.0
"""The service's clock is so many times as fast, so that a pause of a minute before an attempt takes three seconds."""

DISK_BYTES = 48 * 1024 * 1024
"""Room for a life's journal (32 MB before it is written back), archive and database."""


# --- in the service's process -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Steering:
    """What the process is steered by: when its clock began, the file with its offset, and the file that stands for a full disk."""

    began: datetime
    offset: Path
    full: Path


class FastClock:
    """Tells a time that runs fast and jumps, in every process of one life the same."""

    def __init__(self, steering: Steering) -> None:
        self._steering = steering

    def now(self) -> datetime:
        """The time that this machine shows."""
        passed = (datetime.now(UTC) - self._steering.began) * SPEED
        return self._steering.began + passed + timedelta(hours=offset_of(self._steering.offset))

    async def sleep(self, seconds: float) -> None:
        """Wait so many of its own seconds."""
        await asyncio.sleep(seconds / SPEED)


def offset_of(file: Path) -> float:
    """By how many hours the clock is wrong."""
    return float(file.read_text() or 0) if file.exists() else 0.0


def install(steering: Steering) -> None:
    """Put the clock, and a disk that can be full, beneath everything that this process is about to run."""
    from monitor.store.archive import Archive

    # The package has a function of the module's name.
    put(import_module("monitor.service.line"), "SystemClock", lambda: FastClock(steering))
    real = Archive.keep

    def keep(*arguments: Any) -> None:
        if steering.full.exists():
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(*arguments)

    put(Archive, "keep", keep)

    def before(_: Any, __: Any, statement: str, *___: Any) -> None:
        if steering.full.exists() and statement.lstrip()[:6].upper() in ("INSERT", "UPDATE"):
            raise sqlite3.OperationalError("database or disk is full")

    event.listen(Engine, "before_cursor_execute", before)


# --- in ours ----------------------------------------------------------------------------------------------------------


@contextmanager
def small_disk(folder: Path, wanted: bool) -> Iterator[bool]:
    """The folder as a small disk of its own while the block runs; False where we may not make one."""
    folder.mkdir(parents=True, exist_ok=True)
    if not wanted or os.geteuid() != 0 or not _run("mount", *_TMPFS, str(folder)):
        yield False
        return
    try:
        yield True
    finally:
        _run("umount", "--lazy", str(folder))


_TMPFS = ("-t", "tmpfs", "-o", f"size={DISK_BYTES}", "tmpfs")


def fill(folder: Path) -> None:
    """Write until nothing more fits."""
    with (folder / "filler").open("ab", buffering=0) as file:
        for piece in (1024 * 1024, 4096):
            try:
                while file.write(bytes(piece)):
                    pass
            except OSError:
                continue


def make_room(folder: Path) -> None:
    """Undo :func:`fill`."""
    (folder / "filler").unlink(missing_ok=True)


def lock_database(url: str, seconds: float) -> None:
    """Keep everybody else from writing for so long, as a backup or a careless shell does. Nothing where there is no database yet."""
    if url.startswith("sqlite"):
        _lock_sqlite(Path(make_url(url).database or ""), seconds)
    else:
        _lock_postgresql(url, seconds)


def _lock_sqlite(path: Path, seconds: float) -> None:
    if not path.exists():
        return
    connection = sqlite3.connect(path, timeout=2, isolation_level=None)
    try:
        connection.execute("BEGIN IMMEDIATE")
        threading.Event().wait(seconds)
        connection.execute("ROLLBACK")
    except sqlite3.OperationalError:
        return  # the service had it all the while, or there is no room for it
    finally:
        connection.close()


def _lock_postgresql(url: str, seconds: float) -> None:
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    try:
        with psycopg.connect(plain, connect_timeout=2) as connection:
            connection.execute("SET LOCAL lock_timeout = '2s'")
            connection.execute("LOCK TABLE events, deliveries IN EXCLUSIVE MODE")
            threading.Event().wait(seconds)
            connection.rollback()
    except psycopg.Error:
        return  # it is restarting, or its tables are not made yet


def _run(*command: str) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
