"""What the README shows is what happens: its commands run as written, and its alert is the one that is sent."""

import asyncio
import os
import re
import shlex
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

from feeds import discover
from tests.builders import a_party
from tests.conftest import ROOT
from tests.ofac_xml import sdn_xml
from tests.servers import WebhookReceiver

README = (ROOT / "README.md").read_text("utf-8")
BLOCKS = re.findall(r"^```(\w+)\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
COMMANDS = [
    line.partition("#")[0].strip()
    for language, block in BLOCKS
    if language == "sh"
    for line in block.splitlines()
]


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout as after the first ``make``: this one's files, and the environment that was made for it."""
    folder = tmp_path_factory.mktemp("readme") / "sanctions-monitor"
    folder.mkdir()
    for name in (
        "Makefile",
        "pyproject.toml",
        "requirements-bootstrap.lock",
        "requirements-dev.lock",
    ):
        shutil.copy2(ROOT / name, folder / name)
        os.utime(folder / name, (0, 0))  # older than the environment: there is nothing to install
    (folder / ".venv").symlink_to(ROOT / ".venv")
    if not (ROOT / ".venv" / ".ready").exists():
        pytest.fail("these tests need the environment of this checkout: run `make setup`")
    return folder


def run(command: str, checkout: Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        shlex.split(command),
        cwd=checkout,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        timeout=110,
        check=False,
        stdin=subprocess.DEVNULL,
    )


def test_every_command_of_the_readme_is_tried_here() -> None:
    assert COMMANDS == [
        "make demo",
        "make run",
        ".venv/bin/sanctions-monitor check-config",
        ".venv/bin/sanctions-monitor send-test desk",
        ".venv/bin/sanctions-monitor changes --since 7d",
        ".venv/bin/sanctions-monitor dossiers --since 7d",
        '.venv/bin/sanctions-monitor search "golden triangle"',
        ".venv/bin/sanctions-monitor verify",
    ]


def test_make_demo_sends_the_alert_that_the_readme_shows(checkout: Path) -> None:
    done = run("make demo", checkout)

    assert done.returncode == 0, done.stderr
    (shown,) = (block for language, block in BLOCKS if language == "text")
    for line in filter(None, shown.splitlines()):
        assert line in done.stdout


def test_make_run_serves_until_it_is_told_to_stop(checkout: Path, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {
        "SANCTIONS_MONITOR__LISTEN": f"127.0.0.1:{port}",
        "SANCTIONS_MONITOR__DATA_DIR": str(tmp_path / "data"),
    }
    with subprocess.Popen(
        ["make", "run"],
        cwd=checkout,
        env=environment,
        stderr=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        text=True,
        start_new_session=True,
    ) as service:
        try:
            assert answers(f"http://127.0.0.1:{port}/healthz")
        finally:
            os.killpg(service.pid, signal.SIGTERM)
        _, said = service.communicate(timeout=20)
    assert f"Watching {', '.join(sorted(discover()))}" in said
    assert "No channel is configured" in said
    assert "Traceback" not in said


def answers(url: str) -> bool:
    """Whether the address answers within half a minute."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(url, timeout=2) as response:
                return bool(response.status == 200)
        except OSError:
            time.sleep(0.1)
    return False


async def test_the_other_commands_answer_with_the_configuration_that_the_readme_shows(
    checkout: Path,
) -> None:
    (shown,) = (block for language, block in BLOCKS if language == "yaml")
    (checkout / "sanctions-monitor.yaml").write_text(
        shown.replace("mailtos://…", "mailtos://watch:secret@mail.example.org?to=desk@example.org")
        + "feeds:\n  ofac-sdn: {guard: {min_records: 1, max_added: 100%}}\n"
    )
    async with WebhookReceiver() as chat:
        chat_url = chat.url.replace("http://", "json://")

        def said(command: str) -> str:
            done = run(command, checkout, SLACK_URL=chat_url)
            assert done.returncode == 0, f"{command}: {done.stdout}{done.stderr}"
            return done.stdout + done.stderr

        first, second = checkout / "OLD.xml", checkout / "NEW.xml"
        first.write_bytes(sdn_xml({"1": a_party(name="ANOTHER BANK", type="entity")}))
        second.write_bytes(
            sdn_xml(
                {
                    "1": a_party(name="ANOTHER BANK", type="entity"),
                    "47148": a_party(name="GOLDEN TRIANGLE BANK", type="entity"),
                }
            )
        )
        diff = re.search(r"`(\.venv/bin/sanctions-monitor diff [^`]+)`", README)
        assert diff is not None
        compared = run(diff[1], checkout, SLACK_URL=chat_url)
        assert (compared.returncode, '"key":"47148"' in compared.stdout) == (1, True)

        told = asyncio.to_thread
        assert "desk" in await told(said, COMMANDS[2])
        assert "accepted" in await told(said, COMMANDS[3])
        for file in (first, second):
            await told(said, f".venv/bin/sanctions-monitor ingest ofac-sdn {file}")
        assert "GOLDEN TRIANGLE BANK" in await told(said, COMMANDS[4])
        assert "1 designated" in await told(said, COMMANDS[5])
        assert "47148" in await told(said, COMMANDS[6])
        assert "All of it holds" in await told(said, COMMANDS[7])
    assert len(chat.requests) == 2, "the test alert and the designation"
