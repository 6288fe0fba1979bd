"""One installation of the service in a life: its configuration, its processes, and what its database says."""

import asyncio
import json
import multiprocessing
import os
import signal
import socket
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import yaml
from sqlalchemy import Row, Select
from sqlalchemy.exc import OperationalError, ProgrammingError

import feeds
from monitor.store.database import Database, sqlite_url
from tests.faults.machine import Steering, install
from tests.faults.points import arm
from tests.journeys.sources import LISTING, SDN

_SERVER = multiprocessing.get_context("forkserver")
_SERVER.set_forkserver_preload(["tests.journeys.warm"])

SECRET = "whsec_" + "ZmF1bHRzLW9mLXRoZS1oYXJuZXNzLWZpcnN0LWhvb2s="
OTHER_SECRET = "whsec_" + "ZmF1bHRzLW9mLXRoZS1oYXJuZXNzLW90aGVyLWhvb2s="
LOGIN, PASSWORD = "watch", "w1de-open-f1elds"
OFFICER, AUDITOR = "officer@example.org", "auditor@example.org"
HOOK_PATH, OTHER_PATH = "/hooks/t0k3n-of-the-first", "/hooks/t0k3n-of-the-other"
SECRETS = (SECRET[6:], OTHER_SECRET[6:], PASSWORD, HOOK_PATH[7:], OTHER_PATH[7:])

PATIENCE = 30.0


@dataclass(frozen=True)
class Addresses:
    """Where sources and receivers are."""

    source: str
    hook: str
    other: str
    mail_port: int


class Process:
    """The command line in a process that starts at once (see ``tests.journeys.forked``), on a machine that fails."""

    def __init__(
        self,
        arguments: Sequence[str],
        output: Path,
        steering: Steering,
        instant: str = "",
        nth: int = 1,
    ) -> None:
        self._process = _SERVER.Process(
            target=_run, args=(list(arguments), output, steering, instant, nth), daemon=True
        )
        self._process.start()

    @property
    def returncode(self) -> int | None:
        """The exit code; None while it runs."""
        return self._process.exitcode

    async def kill(self) -> int:
        """SIGKILL, unless it has ended; the exit code."""
        self._process.kill()
        return await self.wait()

    def terminate(self) -> None:
        """SIGTERM."""
        if self._process.pid is not None:
            os.kill(self._process.pid, signal.SIGTERM)

    async def wait(self) -> int:
        """The exit code, once there is one."""
        while (code := self._process.exitcode) is None:
            await asyncio.sleep(0.01)
        return code


class Installation:
    """A configuration file, a data directory and a log, in ``folder``."""

    def __init__(
        self, folder: Path, steering: Steering, addresses: Addresses, database: str | None
    ) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.log = folder / "log.txt"
        self.alerts = self.data / "alerts.jsonl"
        self.url = f"http://127.0.0.1:{_free_port()}"
        self.database = database or sqlite_url(self.data / "sanctions-monitor.db")
        self._steering = steering
        self._file = folder / "sanctions-monitor.yaml"
        self._file.write_text(yaml.safe_dump(self._settings(addresses, database)))
        self.log.touch()

    def start(self, instant: str = "", nth: int = 1) -> Process:
        """The service; ``instant`` names where it dies by itself."""
        return self._process("run", instant=instant, nth=nth)

    def command(self, *arguments: str) -> Process:
        """A command beside it, its output in the same log."""
        return self._process(*arguments)

    async def ready(self, process: Process, within: float = PATIENCE) -> bool:
        """Wait until it answers; False when it ended before."""
        async with asyncio.timeout(within), aiohttp.ClientSession() as session:
            while process.returncode is None:
                with suppress(aiohttp.ClientError):
                    async with session.get(f"{self.url}/readyz") as answer:
                        if answer.status == 200:
                            return True
                await asyncio.sleep(0.05)
        return False

    def rows(self, statement: Select[Any]) -> Sequence[Row[Any]]:
        """What the database says; nothing while it cannot be asked."""
        if self.database.startswith("sqlite") and not self._has_file():
            return []
        database = Database.open_for_reading(self.database)
        try:
            with database.read() as connection:
                return connection.execute(statement).all()
        except (OperationalError, ProgrammingError):
            return []
        finally:
            database.close()

    def received_lines(self) -> list[dict[str, Any]]:
        """What stands in the file of the file channel."""
        if not self.alerts.exists():
            return []
        return [json.loads(line) for line in self.alerts.read_bytes().splitlines()]

    def _has_file(self) -> bool:
        file = self.data / "sanctions-monitor.db"
        return file.exists() and file.stat().st_size > 0

    def _process(self, *arguments: str, instant: str = "", nth: int = 1) -> Process:
        return Process(
            ["--config", str(self._file), *arguments], self.log, self._steering, instant, nth
        )

    def _settings(self, at: Addresses, database: str | None) -> dict[str, Any]:
        watched: dict[str, Any] = {id: {"enabled": False} for id in feeds.discover()}
        guard = {"min_records": 50, "max_removed": "15%", "max_added": "50%"}
        watched["ofac-sdn"] = {"url": at.source + SDN, "interval": "1s", "guard": guard}
        watched["treasury-press-releases"] = {"url": at.source + LISTING, "interval": "1s"}
        mail = (
            f"mailto://{LOGIN}:{PASSWORD}@127.0.0.1:{at.mail_port}"
            f"?from=watch@example.org&to={OFFICER},{AUDITOR}"
        )
        return {
            "data_dir": str(self.data),
            "database_url": database,
            "listen": self.url.removeprefix("http://"),
            "public_url": self.url,
            "feeds": watched,
            "channels": {
                "everything": {"webhook": at.hook + HOOK_PATH, "secret": SECRET},
                "people": {"webhook": at.other + OTHER_PATH, "secret": OTHER_SECRET},
                "officers": {"url": mail, "format": "html"},
                "file": {"file": str(self.alerts)},
            },
            "routes": [
                {
                    "when": {"kind": ["change", "dossier", "publication", "incident"]},
                    "send": ["everything", "officers", "file"],
                },
                {"when": {"kind": "change", "party_type": "individual"}, "send": ["people"]},
                {"when": {"kind": "incident"}, "send": ["people"]},
            ],
        }


def _run(arguments: list[str], output: Path, steering: Steering, instant: str, nth: int) -> None:
    """In the forked process."""
    file = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(file, 1)
    os.dup2(file, 2)
    os.close(file)
    sys.stdout = os.fdopen(1, "w", buffering=1, closefd=False)
    sys.stderr = os.fdopen(2, "w", buffering=1, closefd=False)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_DFL)
    install(steering)
    if instant:
        arm(instant, nth)
    from monitor.cli.main import main

    main(arguments)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
