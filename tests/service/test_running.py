"""Starting and stopping: what is refused in one sentence, what is cleared away, what is on record."""

import asyncio
import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, select, text

import feeds
from monitor import service
from monitor.cli.main import run as command
from monitor.config import Configuration, load
from monitor.errors import CannotListen, ServiceIsRunning, UnusableData
from monitor.service.line import Line, line, prepare
from monitor.store import events
from monitor.store.database import Database
from monitor.store.tables import EVENTS, INCIDENTS


def configured(folder: Path, **settings: str) -> Configuration:
    """Every feed disabled, a free port, and what ``settings`` say."""
    file = folder / "sanctions-monitor.yaml"
    lines = [f"data_dir: {folder / 'data'}"]
    lines += [
        f"{name}: {value}"
        for name, value in ({"listen": f"127.0.0.1:{free_port()}"} | settings).items()
    ]
    lines += ["feeds:"]
    for feed in feeds.discover():
        lines += [f"  {feed}: {{enabled: false}}"]
    file.write_text("\n".join(lines))
    return load(file, {})


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def run_and_stop(configuration: Configuration) -> Line:
    """Run the service, and stop it as soon as it has started."""
    stopping, seen = asyncio.Event(), list[Line]()

    async def started(parts: Line) -> None:
        seen.append(parts)
        stopping.set()

    await service.run(configuration, started=started, stopping=stopping)
    return seen[0]


async def test_start_and_stop_are_events(tmp_path: Path) -> None:
    configuration = configured(tmp_path)

    await run_and_stop(configuration)

    database = Database.open(configuration.database)
    with database.read() as connection:
        kinds = connection.execute(select(EVENTS.c.kind).order_by(EVENTS.c.id)).scalars().all()
    database.close()
    assert kinds == ["service.started", "service.stopped"]


async def test_a_new_database_beside_a_filled_archive_is_an_incident_until_the_next_start(
    tmp_path: Path,
) -> None:
    configuration = configured(tmp_path)
    kept = tmp_path / "data" / "archive" / "ab" / ("ab" * 32 + ".zst")
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"a list")

    await run_and_stop(configuration)
    (lost,) = incidents_of(configuration)
    assert (lost.kind, lost.severity, lost.closed_at) == ("record_lost", "high", None)
    assert lost.summary.startswith("the record of what was known is gone: ")

    await run_and_stop(configuration)
    (lost,) = incidents_of(configuration)
    assert lost.closed_by == "the service was started again, on the record as it is now"


async def test_a_record_that_was_begun_before_the_archive_is_not_lost(tmp_path: Path) -> None:
    configuration = configured(tmp_path)
    await run_and_stop(configuration)
    kept = tmp_path / "data" / "archive" / "ab" / ("ab" * 32 + ".zst")
    kept.parent.mkdir(parents=True)
    kept.write_bytes(b"a list")
    await run_and_stop(configuration)

    assert incidents_of(configuration) == []


def incidents_of(configuration: Configuration) -> list[Row[Any]]:
    """Every incident that there ever was."""
    database = Database.open(configuration.database)
    with database.read() as connection:
        rows = list(connection.execute(select(INCIDENTS)))
    database.close()
    return rows


async def test_a_second_service_on_the_same_data_is_refused(tmp_path: Path) -> None:
    first, second = configured(tmp_path), configured(tmp_path)
    stopping = asyncio.Event()

    async def started(_: Line) -> None:
        with pytest.raises(ServiceIsRunning, match="a service is running"):
            await service.run(second)
        stopping.set()

    await service.run(first, started=started, stopping=stopping)
    await run_and_stop(second)


async def test_an_address_that_is_taken_is_named(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"

        with pytest.raises(CannotListen, match=f"{address}: address already in use"):
            await run_and_stop(configured(tmp_path, listen=address))


def test_the_command_says_it_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        configured(tmp_path, listen=f"127.0.0.1:{taken.getsockname()[1]}")
        code = command(["--config", str(tmp_path / "sanctions-monitor.yaml"), "run"])

    said = capsys.readouterr().err.splitlines()
    assert code == 1
    assert said[-1].startswith("sanctions-monitor: cannot listen on 127.0.0.1:")
    assert not any("Traceback" in line for line in said)


async def test_a_host_that_is_not_this_machine_is_named(tmp_path: Path) -> None:
    with pytest.raises(CannotListen, match=r"cannot listen on 192\.0\.2\.1:8080"):
        await run_and_stop(configured(tmp_path, listen="192.0.2.1:8080"))


def test_a_database_that_cannot_be_reached_is_named_without_its_password(tmp_path: Path) -> None:
    url = f"postgresql://watch:corr3ct-horse@127.0.0.1:{free_port()}/watch"

    with pytest.raises(UnusableData) as raised:
        prepare(configured(tmp_path, database_url=url))

    assert "127.0.0.1" in str(raised.value)
    assert "corr3ct-horse" not in str(raised.value)
    assert "\n" not in str(raised.value)


def test_a_database_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    configuration = configured(tmp_path)
    database = prepare(configuration)
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database.close()

    with pytest.raises(UnusableData, match="9999"):
        prepare(configuration)


def test_a_data_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    configuration = configured(tmp_path)
    (tmp_path / "data").write_text("a file stands there")

    with pytest.raises(UnusableData, match=str(tmp_path / "data")):
        prepare(configuration)


def test_a_data_directory_of_somebody_else_is_named_with_the_user_who_may_not_write() -> None:
    with tempfile.TemporaryDirectory() as folder:  # unlike tmp_path, one that others may enter
        Path(folder).chmod(0o755)
        data = Path(folder) / "data"
        data.mkdir(mode=0o555)
        configuration = configured(Path(folder))

        with unprivileged() as user, pytest.raises(UnusableData) as raised:
            prepare(configuration)

    assert str(raised.value) == (
        f"the data ({data}) cannot be used: Permission denied for user {user}. Nothing was started"
    )


async def test_a_start_clears_what_was_left_half_read(tmp_path: Path) -> None:
    left = tmp_path / "data" / "spool" / "left.spool"
    left.parent.mkdir(parents=True)
    left.write_text("half a list")
    stopping = asyncio.Event()

    async def started(_: Line) -> None:
        async with asyncio.timeout(10):
            while left.exists():
                await asyncio.sleep(0.01)
        stopping.set()

    await service.run(configured(tmp_path), started=started, stopping=stopping)


async def test_a_command_beside_a_service_leaves_what_it_is_reading(tmp_path: Path) -> None:
    reading = tmp_path / "data" / "spool" / "reading.spool"
    reading.parent.mkdir(parents=True)
    reading.write_text("half a list")

    async with line(configured(tmp_path)):
        pass

    assert reading.exists()


@contextmanager
def unprivileged() -> Iterator[int]:
    """Be a user whom file modes bind, as root is not bound; gives the user's number."""
    before = os.geteuid()
    if before == 0:
        os.seteuid(65534)
    try:
        yield os.geteuid()
    finally:
        os.seteuid(before)


async def test_an_event_is_told_on_the_terminal_when_there_is_no_channel(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    configuration = configured(tmp_path)
    stopping = asyncio.Event()

    async def started(parts: Line) -> None:
        payload = {
            "incident": 1,
            "kind": "blocked",
            "severity": "high",
            "summary": "the SDN list cannot be read",
            "detail": "",
            "what_to_do": "",
            "opened_at": "2026-11-24T12:00:00Z",
            "closed_at": None,
            "closed_by": None,
        }
        with parts.database.write() as connection:
            events.append(
                connection,
                kind="incident.opened",
                at=parts.clock.now(),
                subject="ofac-sdn",
                payload=payload,
            )
        async with asyncio.timeout(20):
            while not await asyncio.to_thread(_accepted, parts):
                await asyncio.sleep(0.02)
        stopping.set()

    await service.run(configuration, started=started, stopping=stopping)

    assert "the SDN list cannot be read" in capsys.readouterr().out


def _accepted(parts: Line) -> bool:
    with parts.database.read() as connection:
        kinds = select(EVENTS.c.id).where(EVENTS.c.kind == "delivery.accepted")
        return connection.execute(kinds).first() is not None
