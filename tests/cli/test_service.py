"""``ingest``: one saved file through the whole line, results on standard output and all else beside it. What ``run`` says first."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from monitor.cli.main import run
from monitor.cli.service import introduce
from monitor.config import load
from tests.builders import a_party
from tests.ofac_xml import sdn_xml

Ingest = Callable[..., int]


@pytest.fixture
def ingest(tmp_path: Path) -> Ingest:
    """Ingest a list of these parties, by key; returns the exit code."""
    configuration = tmp_path / "sanctions-monitor.yaml"
    configuration.write_text(
        f"data_dir: {tmp_path / 'data'}\n"
        "feeds:\n  ofac-sdn: {guard: {min_records: 3, max_removed: 50%, max_added: 50%}}\n"
    )

    def ingest(*keys: str, content: bytes | None = None, options: tuple[str, ...] = ()) -> int:
        parties = {key: a_party(name=f"PARTY, {key}") for key in keys}
        file = tmp_path / "list.xml"
        file.write_bytes(content if content is not None else sdn_xml(parties))
        command = ["--config", str(configuration), "ingest", "ofac-sdn", str(file), *options]
        return run(command)

    return ingest


def test_the_first_list_is_a_baseline_and_no_result(
    ingest: Ingest, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ingest("1", "2", "3", "4") == 0

    said = capsys.readouterr()
    assert said.out == ""
    assert "Baseline of the SDN list: 4 records as published on" in said.err


def test_a_pipe_gets_the_changes_alone_and_the_alert_goes_beside_them(
    ingest: Ingest, capsys: pytest.CaptureFixture[str]
) -> None:
    ingest("1", "2", "3", "4")
    capsys.readouterr()

    assert ingest("1", "2", "3", "5") == 0

    said = capsys.readouterr()
    changes = [json.loads(line) for line in said.out.splitlines()]
    assert [(change["kind"], change["key"]) for change in changes] == [
        ("removed", "4"),
        ("added", "5"),
    ]
    assert "OFAC: 1 designated" in said.err


def test_a_held_list_says_how_to_decide_and_leaves_with_3(
    ingest: Ingest, capsys: pytest.CaptureFixture[str]
) -> None:
    ingest("1", "2", "3", "4")
    capsys.readouterr()

    assert ingest("1") == 3

    said = capsys.readouterr()
    assert said.out == ""
    assert "3 of 4 parties are missing" in said.err
    assert "snapshot accept 2" in said.err


def test_a_file_that_is_no_list_leaves_with_1(
    ingest: Ingest, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ingest(content=b"<html><body>Access Denied</body></html>") == 1

    assert "expected XML" in capsys.readouterr().err


def test_a_file_of_the_past_is_seen_at_its_time(
    ingest: Ingest, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    ingest("1", "2", "3", options=("--at", "2024-12-16T15:02"))
    capsys.readouterr()

    data = ["--data-dir", str(tmp_path / "data")]
    assert run([*data, "snapshots", "--format", "json"]) == 0
    (snapshot,) = map(json.loads, capsys.readouterr().out.splitlines())
    assert snapshot["first_seen"].startswith("2024-12-16T15:02:00")


@pytest.mark.parametrize(
    ("settings", "refused"),
    [
        ({"LISTEN": "0.0.0.0:8080"}, True),
        ({"LISTEN": "0.0.0.0:8080", "TOKEN": "for-those-who-read"}, False),
        ({"LISTEN": "127.0.0.1:8080"}, False),
    ],
)
def test_the_service_says_beforehand_that_its_pages_will_be_refused(
    settings: dict[str, str], refused: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    introduce(load(None, {f"SANCTIONS_MONITOR__{key}": value for key, value in settings.items()}))

    assert ("only the probes are answered" in capsys.readouterr().err) == refused
