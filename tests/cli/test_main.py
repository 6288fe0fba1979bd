"""The command line as a whole: options before the verb, help, and what a mistake looks like."""

import os
import socket
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from monitor import __version__
from monitor.cli.main import VERBS, run


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nonsense"], "No such command 'nonsense'. See sanctions-monitor --help."),
        (["changes", "--nonsense"], "No such option"),
        (["party", "ofac-sdn"], "Missing argument"),
        (["--config", "nowhere.yaml", "changes"], "nowhere.yaml: it cannot be read"),
        (["--log-format", "xml", "changes"], "--log-format"),
    ],
)
def test_a_mistake_is_one_sentence_and_exit_code_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2

    out, err = capsys.readouterr()
    assert out == ""
    assert said in err
    assert err.startswith("sanctions-monitor: ")
    assert err.count("\n") == 1


def test_no_verb_shows_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert run([]) == 2

    out, err = capsys.readouterr()
    assert "Usage: sanctions-monitor" in out + err


@pytest.mark.parametrize("verb", [verb for verb in VERBS if verb != "snapshot"])
def test_every_verb_has_help_with_an_example(verb: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([verb, "--help"]) == 0

    out = capsys.readouterr().out
    assert "Example: sanctions-monitor " in out
    assert f" {verb}" in out.partition("Example: ")[2]


def test_help_shows_every_verb(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0

    out = capsys.readouterr().out
    for verb in VERBS:
        assert f"\n  {verb} " in out


def test_the_version_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert capsys.readouterr().out == f"sanctions-monitor {__version__}\n"


def test_the_data_directory_before_the_verb_wins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "sanctions-monitor.yaml").write_text("data_dir: ./from-the-file")

    run(["--data-dir", "elsewhere", "changes"])

    assert "Nothing is on record yet in elsewhere" in capsys.readouterr().err


def test_the_configuration_can_be_named_by_a_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mine.yaml").write_text("data_dir: ./mine")
    monkeypatch.setenv("SANCTIONS_MONITOR_CONFIG", "mine.yaml")

    run(["changes"])

    assert "Nothing is on record yet in mine" in capsys.readouterr().err


@pytest.mark.parametrize("said", ["no such table", "not a database"])
def test_a_database_that_cannot_be_used_is_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], said: str
) -> None:
    file = tmp_path / "sanctions-monitor.db"
    if said == "no such table":
        with closing(sqlite3.connect(file)) as connection:
            connection.execute("CREATE TABLE of_another_program (id)")
    else:
        file.write_bytes(b"not a database" * 100)

    assert run(["--data-dir", str(tmp_path), "changes"]) == 2

    err = capsys.readouterr().err
    assert err.startswith("sanctions-monitor: the database cannot be used: ")
    assert said in err
    assert err.count("\n") == 1


@pytest.mark.parametrize("buffering", [["-u"], []])
@pytest.mark.parametrize("arguments", [["feeds"], ["run", "--help"]])
def test_an_output_that_is_full_is_one_sentence(
    tmp_path: Path, buffering: list[str], arguments: list[str]
) -> None:
    with Path("/dev/full").open("w") as full:
        result = subprocess.run(
            [sys.executable, *buffering, "-m", "monitor", *arguments],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(Path.cwd())},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert result.returncode == 1
    assert result.stderr == (
        "sanctions-monitor: what was asked for cannot be written: No space left on device\n"
    )


def test_evidence_whose_database_is_gone_does_not_hold(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["--data-dir", str(tmp_path), "verify"]) == 0
    (tmp_path / "archive" / "ab").mkdir(parents=True)
    (tmp_path / "archive" / "ab" / "abcd.zst").write_bytes(b"a list")

    assert run(["--data-dir", str(tmp_path), "verify"]) == 1

    assert "the database that they belong to is gone" in capsys.readouterr().out


def test_a_search_where_nothing_is_on_record_does_not_say_that_nobody_is_listed(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["--data-dir", str(tmp_path), "search", "doe"]) == 1

    out, err = capsys.readouterr()
    assert "Nothing is on record yet" in out + err
    assert "No listed party" not in out + err


def test_a_database_server_that_does_not_answer_is_one_sentence_without_its_password(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(
        "SANCTIONS_MONITOR__DATABASE_URL", "postgresql://monitor:geheim@127.0.0.1:1/monitor"
    )

    assert run(["search", "doe"]) == 2

    err = capsys.readouterr().err
    assert "the database cannot be used" in err
    assert "`run`" not in err
    assert "geheim" not in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(("verb", "code"), [("run", 0), ("verify", 143)])
def test_sigterm_is_heard_while_the_verb_is_still_being_imported(verb: str, code: int) -> None:
    interrupted = (
        "import os, signal; from monitor.cli import main; "
        "main.import_module = lambda name: os.kill(os.getpid(), signal.SIGTERM); "
        f"main.main([{verb!r}])"
    )
    result = subprocess.run(
        [sys.executable, "-c", interrupted], capture_output=True, text=True, check=False
    )

    assert (result.returncode, result.stderr) == (code, "")


def test_the_module_is_the_same_command(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-m", "monitor", "nonsense"],
        cwd=tmp_path,
        env=os.environ | {"PYTHONPATH": str(Path.cwd())},
        capture_output=True,
        text=True,
        check=False,
    )

    assert result.returncode == 2
    assert (
        result.stderr
        == "sanctions-monitor: No such command 'nonsense'. See sanctions-monitor --help.\n"
    )


@pytest.mark.parametrize(
    "arguments",
    [["verify"], ["retry"], ["retry", "99"], ["snapshot", "accept", "1", "--because", "x"]],
)
def test_what_finds_nothing_makes_nothing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
) -> None:
    monkeypatch.chdir(tmp_path)

    assert run(arguments) == (0 if arguments == ["verify"] else 1)

    assert " yet" in "".join(capsys.readouterr())
    assert list(tmp_path.iterdir()) == []


def test_a_service_that_cannot_listen_makes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        monkeypatch.setenv("SANCTIONS_MONITOR__LISTEN", f"127.0.0.1:{taken.getsockname()[1]}")

        assert run(["run"]) == 1

    assert "address already in use" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [["run"], ["poll", "ofac-sdn"]])
def test_a_service_whose_database_does_not_answer_makes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SANCTIONS_MONITOR__DATABASE_URL", "postgresql://m@127.0.0.1:1/m")
    monkeypatch.setenv("SANCTIONS_MONITOR__LISTEN", "127.0.0.1:0")

    assert run(arguments) == 1

    assert list(tmp_path.iterdir()) == []
