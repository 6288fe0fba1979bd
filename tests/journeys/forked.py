"""The command line in processes that start at once: forked from one that has imported everything.

An ordinary start takes seconds, nearly all of them imports. What runs is the same; the first journeys start it the ordinary way.
"""

import asyncio
import multiprocessing
import os
import signal
import sys
from pathlib import Path

from tests.journeys.dying_service import INSTANTS

_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(["tests.journeys.warm"])


class Forked:
    """A process of the command line, with the few members of ``asyncio.subprocess.Process`` that journeys use."""

    def __init__(self, arguments: list[str], output: Path, error: Path, dying: str = "") -> None:
        self._process = _SERVER.Process(target=_run, args=(arguments, output, error, dying))
        self._process.start()

    @property
    def returncode(self) -> int | None:
        """The exit code; None while it runs."""
        return self._process.exitcode

    def send_signal(self, number: int) -> None:
        """Send a signal."""
        assert self._process.pid is not None
        os.kill(self._process.pid, number)

    def kill(self) -> None:
        """End it at once."""
        self._process.kill()

    async def wait(self) -> int:
        """The exit code, once there is one."""
        while (code := self._process.exitcode) is None:
            await asyncio.sleep(0.02)
        return code


def _run(arguments: list[str], output: Path, error: Path, dying: str) -> None:
    """In the forked process."""
    for number, path in ((1, output), (2, error)):
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(file, number)
        os.close(file)
    sys.stdout = os.fdopen(1, "w", buffering=1, closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    if dying:
        INSTANTS[dying]()
    from monitor.cli.main import main

    main(arguments)
