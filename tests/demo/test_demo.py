"""The demonstration as a newcomer starts it: one command, no network, no configuration."""

import os
import socket
import subprocess
import sys
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from monitor.demo.stage import in_earnest
from tests.conftest import ROOT

NUMBERS = "16 designated (9 individuals, 7 entities)"
TITLE = (
    "Treasury Sanctions Key Facilitators Behind North Korea’s Illicit Financial Activities "
    "and Military Support to Russia"
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An empty current directory, with what a demonstration must not read or be disturbed by."""
    folder = tmp_path_factory.mktemp("demo")
    (folder / "sanctions-monitor.yaml").write_text("nonsense: true\n")
    (folder / "temporary").mkdir()
    return folder


@pytest.fixture(scope="module")
def played(folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "TMPDIR": str(folder / "temporary"),
        "PYTHONIOENCODING": "utf-8",
        # A proxy that answers nobody: whatever goes through it, or outside, does not arrive.
        "http_proxy": "http://127.0.0.1:9",
        "https_proxy": "http://127.0.0.1:9",
        "NO_PROXY": "",
    }
    return subprocess.run(
        [sys.executable, "-m", "monitor", "demo", "--once"],
        cwd=folder,
        env=environment,
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def test_it_ends_well_and_complains_of_nothing(played: subprocess.CompletedProcess[str]) -> None:
    assert (played.returncode, played.stderr) == (0, "")


def test_chat_and_mail_say_who_was_designated(played: subprocess.CompletedProcess[str]) -> None:
    chat, mail, _ = played.stdout.split("3. OFAC publishes")[1].split("Mailbox of")

    assert NUMBERS in chat
    assert "CHOE, Chol Ryong" in chat
    assert f"Subject: OFAC: {NUMBERS}" in mail
    assert "CHOE, Chol Ryong (individual)" in mail


def test_a_newcomer_is_shown_the_command_that_there_is(tmp_path: Path) -> None:
    assert in_earnest(ROOT) == "make run"
    assert in_earnest(tmp_path) == "sanctions-monitor run"


def test_the_announcement_comes_first(played: subprocess.CompletedProcess[str]) -> None:
    announced, _ = played.stdout.split("3. OFAC publishes")

    assert announced.count(TITLE) == 2  # once in the room, once in the mailbox
    assert NUMBERS not in announced


def test_it_ends_with_the_dossier_in_full(played: subprocess.CompletedProcess[str]) -> None:
    dossier = played.stdout.split("5. The dossier")[1]

    assert f"On the list: {NUMBERS}." in dossier
    assert "Treasury's release names all 16 (9 individuals, 7 entities)." in dossier
    assert "OFAC's action page of 16 Dec 2024 lists all 16 (9 individuals, 7 entities)." in dossier


def test_the_signals_come_in_the_order_that_is_asked_for(tmp_path: Path) -> None:
    ended = _demo(tmp_path, "--order", "action,list,release")

    told = ended.stdout
    assert (ended.returncode, ended.stderr) == (0, "")
    assert told.index("OFAC publishes a page") < told.index("OFAC publishes the list")
    assert told.index("OFAC publishes the list") < told.index("The Treasury announces")
    assert (
        "Treasury's release names all 16 (9 individuals, 7 entities)."
        in told.split("5. The dossier")[1]
    )


def test_an_order_that_cannot_be_played_is_a_mistake_in_one_sentence(tmp_path: Path) -> None:
    ended = _demo(tmp_path, "--order", "list,list,release")

    assert ended.returncode == 2
    assert ended.stderr == (
        "sanctions-monitor: --order list,list,release cannot be played: it needs release, list, action, "
        "each once, as in release,list,action\n"
    )


def test_nobody_is_told_of_the_first_reading(
    played: subprocess.CompletedProcess[str], folder: Path
) -> None:
    subjects = [str(mail["Subject"]) for mail in _mails(folder)]

    assert len(subjects) == 3
    assert not any("EXAMPLE" in mail.as_string() for mail in _mails(folder))


def test_the_mails_stay_to_be_looked_at(
    played: subprocess.CompletedProcess[str], folder: Path
) -> None:
    (page,) = (folder / "temporary").glob("*/mail-2.html")

    assert page.as_uri() in played.stdout
    assert "GOLDEN TRIANGLE BANK" in page.read_text(encoding="utf-8")


def test_nothing_else_is_left_behind(
    played: subprocess.CompletedProcess[str], folder: Path
) -> None:
    assert sorted(each.name for each in folder.iterdir()) == ["sanctions-monitor.yaml", "temporary"]
    (mails,) = (folder / "temporary").iterdir()
    assert {each.suffix for each in mails.iterdir()} == {".eml", ".html"}


def test_a_port_that_is_taken_is_a_mistake_in_one_sentence(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ended = _demo(tmp_path, "--port", str(port))

    sentence = f"port {port} cannot be used: address already in use. Choose another"
    assert (ended.returncode, ended.stderr) == (2, f"sanctions-monitor: {sentence}\n")
    assert list(tmp_path.iterdir()) == []


def _demo(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "monitor", "demo", "--once", *options],
        cwd=folder,
        env={**os.environ, "TMPDIR": str(folder), "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def _mails(folder: Path) -> list[EmailMessage]:
    return [
        message_from_bytes(each.read_bytes(), policy=policy.default)
        for each in sorted((folder / "temporary").glob("*/*.eml"))
    ]
