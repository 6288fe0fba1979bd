"""The service as people run it: a process of its own, a configuration file, and the command line beside it."""

import asyncio
import json
import signal
import socket
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yaml
from sqlalchemy import Row, select
from sqlalchemy.exc import OperationalError, ProgrammingError

from feeds import RegisterAdapter, discover
from monitor.config import load
from monitor.store.archive import Archive
from monitor.store.database import Database
from monitor.store.tables import DELIVERIES, EVENTS, FEEDS
from monitor.store.verification import verify
from tests.journeys.forked import Forked
from tests.mailbox import Mailbox
from tests.servers import SourceServer, WebhookReceiver

ROOT = Path(__file__).resolve().parents[2]

WEBHOOK_SECRET = "whsec_c2VjcmV0LW9mLXRoZS1qb3VybmV5cy10ZXN0"
WEBHOOK_PATH = "/hooks/t0k3n-in-the-path"
MAIL_LOGIN, MAIL_PASSWORD = "watch", "corr3ct-horse-battery"
OFFICER = "officer@example.org"
SECRETS = (
    WEBHOOK_SECRET,
    WEBHOOK_SECRET.removeprefix("whsec_"),
    "t0k3n-in-the-path",
    MAIL_PASSWORD,
)

PATIENCE = 25.0

Process = asyncio.subprocess.Process | Forked


class World:
    """A source, a mailbox, a receiver, and one installation of the service that knows them."""

    def __init__(
        self, folder: Path, source: SourceServer, mailbox: Mailbox, receiver: WebhookReceiver
    ) -> None:
        self.folder = folder
        self.source = source
        self.mailbox = mailbox
        self.receiver = receiver
        self.file = folder / "sanctions-monitor.yaml"
        self.data = folder / "data"
        self.output = folder / "output.txt"
        self.url = ""
        self._processes: list[Process] = []

    def configure(
        self,
        *,
        feeds: dict[str, dict[str, Any]],
        database_url: str | None = None,
        channels: Iterable[str] = ("officers", "case-system"),
    ) -> None:
        """Write the configuration. A feed that is not named is disabled; ``path`` is where the source serves it."""
        port = _free_port()
        self.url = f"http://127.0.0.1:{port}"
        every = discover()
        guard = {"min_records": 1, "max_removed": "50%", "max_added": "50%"}
        settings: dict[str, Any] = {id: {"enabled": False} for id in every}
        for id, given in feeds.items():
            limits = {"guard": guard} if isinstance(every[id], RegisterAdapter) else {}
            url = self.source.url + given["path"]
            settings[id] = {"url": url, "interval": given.get("interval", "1s"), **limits}
        known = {
            "officers": {
                "url": f"mailto://{MAIL_LOGIN}:{MAIL_PASSWORD}@127.0.0.1:{self.mailbox.port}"
                f"?from=watch@example.org&to={OFFICER}",
                "format": "html",
            },
            "case-system": {
                "webhook": self.receiver.url + WEBHOOK_PATH,
                "secret": WEBHOOK_SECRET,
            },
        }
        self.file.write_text(
            yaml.safe_dump(
                {
                    "data_dir": str(self.data),
                    "database_url": database_url,
                    "listen": f"127.0.0.1:{port}",
                    "public_url": self.url,
                    "feeds": settings,
                    "channels": {name: known[name] for name in channels},
                }
            )
        )

    # --- the service ------------------------------------------------------------------------------------------------

    async def start(self, *, dying: str = "", ordinarily: bool = False) -> Process:
        """Start the service; ``dying`` names an instant of ``dying_service`` at which it is killed.

        ``ordinarily``: by ``python -m monitor``, else forked, which takes less time.
        """
        arguments = ["--config", str(self.file), "run"]
        process: Process
        if ordinarily:
            with self.output.open("ab") as output:
                process = await asyncio.create_subprocess_exec(
                    sys.executable,
                    "-m",
                    "monitor",
                    *arguments,
                    cwd=ROOT,
                    stdout=output,
                    stderr=output,
                )
        else:
            process = Forked(arguments, self.output, self.output, dying)
        self._processes.append(process)
        if not dying:
            await self.until(self._is_ready, process=process)
        return process

    async def stop(self, process: Process) -> int:
        """SIGTERM, and the exit code; TimeoutError when it is still there after ten seconds."""
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(10):
            return await process.wait()

    async def died(self, process: Process) -> None:
        """Wait for the death at the instant that was named."""
        await self.until(lambda: process.returncode is not None)
        assert process.returncode == -signal.SIGKILL, self.output.read_text()

    async def command(self, *arguments: str) -> tuple[int, str, str]:
        """Run a command on the same configuration: exit code, output, and what was said on stderr."""
        number = len(self._processes)
        out, err = self.folder / f"{number}.out", self.folder / f"{number}.err"
        process = Forked(["--config", str(self.file), *arguments], out, err)
        self._processes.append(process)
        async with asyncio.timeout(PATIENCE):
            code = await process.wait()
        return code, out.read_text(), err.read_text()

    async def baseline(self, feed: str) -> None:
        """Put what the source serves on record, without a service."""
        code, _, err = await self.command("poll", feed)
        assert code == 0, err

    def verify(self) -> None:
        """Assert that the chain of evidence holds, by the very function of the command, and that nothing tells a secret."""
        with self._database() as database, database.read() as connection:
            found = verify(connection, Archive(self.data / "archive"))
        assert found.broken is None
        said = self.output.read_text() + json.dumps(self.events(), default=str)
        said += "".join(each.detail for each in self.deliveries())
        assert [secret for secret in SECRETS if secret in said] == []

    def feed(self, id: str) -> Row[Any]:
        """A feed's state on record."""
        with self._database() as database, database.read() as connection:
            return connection.execute(select(FEEDS).where(FEEDS.c.feed == id)).one()

    async def close(self) -> None:
        """End what still runs."""
        for process in self._processes:
            if process.returncode is None:
                process.kill()
                await process.wait()

    async def get(self, path: str) -> tuple[int, str]:
        """A page of the service."""
        async with aiohttp.ClientSession() as session, session.get(self.url + path) as answer:
            return answer.status, await answer.text()

    async def _is_ready(self) -> bool:
        try:
            return (await self.get("/readyz"))[0] == 200
        except aiohttp.ClientError:
            return False

    # --- what happened ----------------------------------------------------------------------------------------------

    async def until(
        self,
        happened: Callable[[], Any],
        *,
        within: float = PATIENCE,
        process: Process | None = None,
    ) -> None:
        """Return once ``happened()`` is true; fail with the service's output when it does not come true in time."""
        try:
            async with asyncio.timeout(within):
                while True:
                    found = happened()
                    if await found if asyncio.iscoroutine(found) else found:
                        return
                    assert process is None or process.returncode is None, "the service ended"
                    await asyncio.sleep(0.05)
        except (TimeoutError, AssertionError) as error:
            pytest.fail(
                f"{str(error) or 'it did not happen'}; the service said:\n{self.output.read_text()}"
            )

    async def quiet(self, path: str, polls: int = 2) -> None:
        """Return when the source was asked so many times more and everything that came of it was dealt with."""
        await self.source.wait_for(self.source.asked(path) + polls, path, within=PATIENCE)
        await self.until(self._has_dealt_with_everything)

    def _has_dealt_with_everything(self) -> bool:
        kinds = [event["kind"] for event in self.events()]
        promised = [
            each for event in self.events("alert.made") for each in event["payload"]["promised"]
        ]
        return kinds.count("delivery.accepted") >= len(promised)

    def events(self, kind: str | None = None) -> list[dict[str, Any]]:
        """The event log as it is now; empty while there is none."""
        with self._database() as database:
            try:
                with database.read() as connection:
                    statement = select(EVENTS).order_by(EVENTS.c.id)
                    rows = connection.execute(statement).mappings().all()
            except (OperationalError, ProgrammingError):  # the tables are not made yet
                return []
        found = [{**row, "payload": json.loads(row["payload"])} for row in rows]
        return [event for event in found if kind in (None, event["kind"])]

    @contextmanager
    def _database(self) -> Iterator[Database]:
        database = Database.open(load(self.file, {}).database)
        try:
            yield database
        finally:
            database.close()

    def deliveries(self, channel: str | None = None) -> Sequence[Row[Any]]:
        """The deliveries on record, of one channel or all."""
        with self._database() as database, database.read() as connection:
            rows = connection.execute(select(DELIVERIES).order_by(DELIVERIES.c.id)).all()
        return [row for row in rows if channel in (None, row.channel)]

    def receiver_again(self) -> WebhookReceiver:
        """Another receiver at the same address, for one that was closed."""
        receiver = WebhookReceiver()
        receiver.port = self.receiver.port
        return receiver

    def happened(self, kind: str, times: int = 1) -> Callable[[], bool]:
        """Whether so many events of a kind are in the log, for :meth:`until`."""
        return lambda: len(self.events(kind)) >= times

    def mails(self) -> list[str]:
        """The subjects of the mails that came."""
        return [str(message.mail["Subject"]) for message in self.mailbox.messages]

    def hooks(self) -> list[dict[str, Any]]:
        """The bodies that the receiver got."""
        return [request.json()["data"] for request in self.receiver.requests]


@asynccontextmanager
async def a_world(folder: Path) -> AsyncIterator[World]:
    """Everything but the service, which the test starts."""
    async with (
        SourceServer() as source,
        Mailbox(passwords={MAIL_LOGIN: MAIL_PASSWORD}) as mailbox,
        WebhookReceiver() as receiver,
    ):
        world = World(folder, source, mailbox, receiver)
        try:
            yield world
        finally:
            await world.close()


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
