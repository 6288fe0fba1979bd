"""``dossiers``: the case files, newest first, and one in full."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from monitor.cli.main import run
from monitor.core.dossier import Signal, account, correlate
from monitor.store import dossiers
from monitor.store.database import Database
from monitor.store.dossiers import StoredMember
from monitor.store.migrate import upgrade
from tests.core.dossier.signals import (
    ACTION,
    a_designation,
    a_listing,
    a_publication,
    an_action,
    an_entry,
)

Command = Callable[..., tuple[int, str, str]]

OPENED = datetime(2024, 12, 16, 15, 2, 11, tzinfo=UTC)
BANK = a_listing("47148", "GOLDEN TRIANGLE BANK")
RELEASE = a_designation("jy2751", "Treasury Sanctions a Bank", "Golden Triangle Bank", ACTION)
PAGE = an_action("20241216", "North Korea Designations", an_entry("GOLDEN TRIANGLE BANK"))
NOTICE = a_publication(
    "notice", "2024-31001", "Notice of OFAC Sanctions Action", entries=(an_entry("GOLDEN TRIANGLE BANK"),)
)  # fmt: skip
FULL, LONE, PART = "abcdefg" + "a" * 19, "abcdefh" + "b" * 19, "cccccc" + "c" * 20


@pytest.fixture
def database(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Database:
    """A database with two dossiers, and one that turned out to be part of the first."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SANCTIONS_MONITOR__DATABASE_URL", database_url)
    database = Database.open(database_url)
    upgrade(database)
    keep(database, FULL, OPENED, RELEASE, PAGE, BANK, NOTICE)
    keep(database, LONE, OPENED + timedelta(days=1), a_designation("jy1", "A Title", "Nobody"))
    keep(database, PART, OPENED, BANK)
    with database.write() as connection:
        dossiers.join(connection, PART, FULL, OPENED)
    return database


def keep(database: Database, id: str, at: datetime, *signals: Signal) -> None:
    (case,) = correlate(signals)
    members = [StoredMember(*each.ref, each.because) for each in case.members]
    with database.write() as connection:
        dossiers.save(connection, id, members, account(case), authority="OFAC", at=at)


@pytest.fixture
def command(database: Database, capsys: pytest.CaptureFixture[str]) -> Command:
    database.close()

    def command(*arguments: str) -> tuple[int, str, str]:
        code = run(("dossiers", *arguments))
        out, err = capsys.readouterr()
        return code, out, err

    return command


def rows(output: tuple[int, str, str]) -> list[dict[str, Any]]:
    code, out, _ = output
    assert code == 0
    return list(map(json.loads, out.splitlines()))


def test_they_are_listed_newest_first_with_what_the_list_did_and_who_tells_of_it(
    command: Command,
) -> None:
    newest, first = rows(command())

    assert (newest["id"], newest["heading"]) == (LONE, "the list has not changed yet")
    assert first == {
        "id": FULL,
        "opened": "2024-12-16T15:02:11Z",
        "updated": "2024-12-16T15:02:11Z",
        "day": "2024-12-16",
        "heading": "1 designated (1 entity)",
        "title": "Treasury Sanctions a Bank",
        "parties": 1,
        "witnesses": [
            "Treasury's release jy2751",
            "OFAC's action page 20241216",
            "Federal Register's notice 2024-31001",
        ],
    }


@pytest.mark.parametrize(
    ("arguments", "ids"),
    [
        (["--since", "2024-12-17"], [LONE]),
        (["--until", "2024-12-16"], [FULL]),
        (["--limit", "1"], [LONE]),
        (["--since", "2024-12-18"], []),
    ],
)
def test_filters(command: Command, arguments: list[str], ids: list[str]) -> None:
    assert [row["id"] for row in rows(command(*arguments))] == ids


def test_a_table_is_for_people(command: Command) -> None:
    _, out, _ = command("--format", "table")

    assert out.startswith("2 dossiers, 16 to 17 Dec 2024. Newest first.\n")
    assert "1 designated (1 entity)" in out


def test_csv_has_every_field(command: Command) -> None:
    _, out, _ = command("--format", "csv")

    assert out.splitlines()[0] == "id,opened,updated,day,heading,title,parties,witnesses"


@pytest.mark.parametrize("given", [FULL, FULL[:7], f" {FULL[:7].upper()} ", PART[:6]])
def test_one_is_shown_in_full_also_by_the_one_that_became_part_of_it(
    command: Command, given: str
) -> None:
    code, out, _ = command(given, "--format", "table")

    assert code == 0
    assert out.startswith(f"Dossier {FULL}, 16 Dec 2024\nTreasury Sanctions a Bank\n")
    assert "- Treasury's release names the party (1 entity)." in out
    assert "Named by       the list, release jy2751" in out


def test_for_programs_one_is_its_account(command: Command) -> None:
    (row,) = rows(command(FULL))

    assert (row["id"], row["parties"][0]["name"]) == (FULL, "GOLDEN TRIANGLE BANK")
    assert [each["witness"] for each in row["parties"][0]["named_by"]] == [
        "release",
        "action",
        "notice",
    ]


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["abcdef"], 1, f"Several dossiers begin with abcdef: {LONE}, {FULL}. Write more of the id."),
        (["zzzzzz"], 1, "There is no dossier zzzzzz; see `sanctions-monitor dossiers`."),
        (["abcde"], 2, "DOSSIER must be at least 6 characters of the dossier's id"),
        ([FULL, "--since", "7d"], 2, "--since, --until and --limit are for the list of dossiers"),
    ],
)  # fmt: skip
def test_what_is_not_one_dossier_is_said(
    command: Command, arguments: list[str], code: int, said: str
) -> None:
    got, out, err = command(*arguments)

    assert (got, out) == (code, "")
    assert said in err
