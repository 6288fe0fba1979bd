"""The listings: what is on record, newest first, in every format, on both databases."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from monitor.cli.incident_kinds import incident_kinds
from monitor.cli.main import run
from tests.cli.records import FEED, fill
from tests.test_docs_operations import KINDS

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> Command:
    """Runs a command on a database in which there is something; returns its exit code, output and what it said on stderr."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SANCTIONS_MONITOR__DATABASE_URL", database_url)
    fill(database_url)

    def command(*arguments: str) -> tuple[int, str, str]:
        code = run(arguments)
        out, err = capsys.readouterr()
        return code, out, err

    return command


def rows(output: tuple[int, str, str]) -> list[dict[str, Any]]:
    code, out, _ = output
    assert code == 0
    return list(map(json.loads, out.splitlines()))


def test_changes_are_the_contracts_objects_with_when_they_were_seen(command: Command) -> None:
    listed = rows(command("changes"))

    assert [change["key"] for change in listed] == ["48220", "99", "47148"]
    assert listed[0]["fields"][0]["after"][0]["last"] == "CH'OE"
    assert listed[2] | {"id": 0} == {
        "id": 0,
        "first_seen": "2024-12-16T15:02:11Z",
        "feed": FEED,
        "key": "47148",
        "kind": "added",
        "categories": ["designation"],
        "severity": "high",
        "party": {
            "type": "entity",
            "name": {"last": "GOLDEN TRIANGLE BANK"},
            "programs": ["DPRK4"],
        },
        "snapshot": {"id": 2, "sha256": "2" * 64},
    }


@pytest.mark.parametrize(
    ("arguments", "keys"),
    [
        (["--kind", "added"], ["47148"]),
        (["--severity", "medium"], ["48220"]),
        (["--feed", "ofac-consolidated"], []),
        (["--since", "2024-12-16"], ["48220", "99", "47148"]),
        (["--since", "2024-12-16T15:02:11Z"], ["48220", "99", "47148"]),
        (["--since", "2024-12-16T15:02:12Z"], []),
        (["--until", "2024-12-16T15:02:11Z"], []),
        (["--until", "2024-12-16"], ["48220", "99", "47148"]),
        (["--until", "2024-12-15"], []),
        (["--since", "24h"], []),
        (["--limit", "1"], ["48220"]),
    ],
)
def test_changes_can_be_filtered(command: Command, arguments: list[str], keys: list[str]) -> None:
    assert [change["key"] for change in rows(command("changes", *arguments))] == keys


def test_people_get_numbers_first_and_a_table(command: Command) -> None:
    _, out, _ = command("changes", "--kind", "added", "--format", "table")

    headline, heads, row = out.splitlines()
    assert headline == "1 change, 16 Dec 2024. Newest first."
    assert heads.startswith("first seen (UTC)      change   party")
    assert row.split() == (
        [
            "2024-12-16",
            "15:02:11",
            "added",
            "GOLDEN",
            "TRIANGLE",
            "BANK",
            "entity",
            "designation",
            "high",
            "DPRK4",
            "ofac-sdn",
            "47148",
        ]
    )


def test_a_screenful_says_how_many_there_are(command: Command) -> None:
    _, out, _ = command("changes", "--limit", "2", "--format", "table")

    assert out.startswith("The newest 2 of 3 changes, 16 Dec 2024.")


def test_nothing_that_fits_is_said(command: Command) -> None:
    assert command("changes", "--since", "2025-01-01", "--format", "table") == (
        0,
        "No changes on record that fit.\n",
        "",
    )


def test_alerts_tell_how_many_deliveries_were_accepted(command: Command) -> None:
    listed = rows(command("alerts", "--kind", "change"))

    assert [alert["deliveries"] for alert in listed] == [{"accepted": 1, "dead": 1, "due": 1}]
    assert "1 of 3 accepted, 1 dead" in command("alerts", "--format", "table")[1]
    assert "to nobody" in command("alerts", "--format", "table")[1]


def test_deliveries_are_found_by_state_and_the_dead_get_advice(command: Command) -> None:
    _, out, err = command("deliveries", "--state", "dead", "--channel", "desk")

    assert [json.loads(line)["part"] for line in out.splitlines()] == [2]
    assert "sanctions-monitor retry" in err
    assert rows(command("deliveries", "--kind", "incident")) == []


def test_open_incidents_say_what_to_do(command: Command) -> None:
    _, out, err = command("incidents", "--open")

    assert [json.loads(line)["id"] for line in out.splitlines()] == [1]
    assert err == "What to do: Read the runbook.\n"
    assert len(rows(command("incidents"))) == 2


def test_a_held_snapshot_says_how_to_decide(command: Command) -> None:
    _, out, err = command("snapshots", "--format", "table")

    assert out.startswith("3 snapshots, 13 to 16 Dec 2024. Newest first.")
    assert "snapshot accept 3 --because TEXT" in err
    assert [row["id"] for row in rows(command("snapshots", "--state", "accepted"))] == [2, 1]


def test_feeds_are_listed_also_before_they_were_polled(command: Command) -> None:
    listed = {row["feed"]: row for row in rows(command("feeds"))}

    assert listed[FEED]["records"] == 2
    assert listed[FEED]["outcome"] == "held"
    assert listed["ofac-consolidated"]["outcome"] is None
    assert "never polled" in command("feeds", "--format", "table")[1]


@pytest.mark.parametrize(
    "verb", ["changes", "alerts", "deliveries", "incidents", "feeds", "snapshots"]
)
def test_csv_has_a_head_and_every_row(command: Command, verb: str) -> None:
    listed = rows(command(verb))

    _, out, _ = command(verb, "--format", "csv")

    assert set(out.splitlines()[0].split(",")) >= set(listed[0]) - {"deliveries"}
    assert len(out.splitlines()) == len(listed) + 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["changes", "--kind", "addded"], 'did you mean "added"?'),
        (["changes", "--since", "yesterday"], '--since is "yesterday": expected a day'),
        (["changes", "--feed", "ofac-sdm"], "did you mean 'ofac-sdn'?"),
        (["changes", "--limit", "0"], "--limit"),
        (["changes", "--format", "xml"], "--format"),
        (["deliveries", "--state", "lost"], "expected accepted, claimed, dead or due"),
        (["feeds", "--feed", "x"], "expected"),
        (["incidents", "--kind", "helt"], 'did you mean "held"?'),
        (["deliveries", "--channel", "desc"], 'did you mean "desk"?'),
    ],
)
def test_a_wrong_filter_is_a_mistake(command: Command, arguments: list[str], said: str) -> None:
    code, out, err = command(*arguments)

    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1


def test_before_the_first_run_there_is_nothing_and_nothing_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)

    assert run(["changes"]) == 0

    out, err = capsys.readouterr()
    assert out == ""
    assert "Nothing is on record yet in data" in err
    assert list(tmp_path.iterdir()) == []


def test_every_kind_of_incident_with_a_section_in_the_runbook_can_be_asked_for(
    command: Command,
) -> None:
    assert incident_kinds() >= set(KINDS)
    for kind in ("held", "unreachable", "alert_not_written"):
        assert rows(command("incidents", "--kind", kind)) is not None


def test_a_channel_is_known_from_the_configuration_or_from_the_record(
    command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SANCTIONS_MONITOR__CHANNELS__ROOM__URL", "json://localhost")

    assert rows(command("deliveries", "--channel", "room")) == []
    assert rows(command("deliveries", "--channel", "desk"))


@pytest.mark.parametrize("verb", ["changes", "verify", "feeds", "deliveries"])
def test_an_empty_database_is_one_in_which_nothing_is_on_record_yet(
    database_url: str,
    verb: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SANCTIONS_MONITOR__DATABASE_URL", database_url)
    if database_url.startswith("sqlite"):
        (tmp_path / "sanctions-monitor.db").touch()

    assert run([verb]) == 0

    out, err = capsys.readouterr()
    assert "relation" not in out + err
    assert verb == "feeds" or "yet" in out + err


@pytest.mark.parametrize(
    ("arguments", "code"),
    [(["changes"], 0), (["party", FEED, "48220"], 0), (["feeds"], 0), (["incidents"], 0)],
)
def test_what_is_kept_in_a_folder_that_cannot_be_written_to_can_be_read(
    arguments: list[str],
    code: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = tmp_path / "what is kept #1"
    folder.mkdir()
    fill(f"sqlite:///{folder / 'sanctions-monitor.db'}")
    assert [file.name for file in folder.iterdir()] == ["sanctions-monitor.db"]
    monkeypatch.setattr(os, "access", lambda _, mode: mode != os.W_OK)  # root may always
    folder.chmod(0o555)

    assert run(["--data-dir", str(folder), *arguments]) == code

    folder.chmod(0o755)
    assert capsys.readouterr().out
    assert [file.name for file in folder.iterdir()] == ["sanctions-monitor.db"]


def test_a_kept_copy_whose_journal_cannot_be_read_is_not_taken_for_the_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fill(f"sqlite:///{tmp_path / 'sanctions-monitor.db'}")
    (tmp_path / "sanctions-monitor.db-wal").write_bytes(b"commits")
    monkeypatch.setattr(os, "access", lambda _, mode: mode != os.W_OK)

    assert run(["--data-dir", str(tmp_path), "changes"]) == 2

    assert "its journal (-wal) holds what its file does not" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        (["99"], "There is no delivery 99; see `sanctions-monitor deliveries`.\n"),
        (["1"], "Delivery 1 is accepted, not dead.\n"),
        (["2", "3"], "Delivery 3 is due already, not dead.\n"),
    ],
)
def test_a_delivery_that_is_not_dead_is_not_retried(
    command: Command, numbers: list[str], said: str
) -> None:
    assert command("retry", *numbers) == (1, "", said)
    assert [row["id"] for row in rows(command("deliveries", "--state", "dead"))] == [2]
