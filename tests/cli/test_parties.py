"""``party`` and ``search``: one party now or at a time, and who has a name, on both databases."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from monitor.cli.main import run
from monitor.cli.parties import _terms
from tests.cli.records import BANK, CHOE, CHOE_BEFORE, FEED, fill

Command = Callable[..., tuple[int, str, str]]


@pytest.fixture
def command(
    database_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> Command:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SANCTIONS_MONITOR__DATABASE_URL", database_url)
    fill(database_url)

    def command(*arguments: str) -> tuple[int, str, str]:
        code = run(arguments)
        out, err = capsys.readouterr()
        return code, out, err

    return command


def test_a_party_is_shown_with_its_history(command: Command) -> None:
    code, out, _ = command("party", FEED, "48220")

    shown = json.loads(out)
    assert code == 0
    assert shown["listed"]
    assert shown["party"] == CHOE
    assert [each["party"] for each in shown["revisions"]] == [CHOE, CHOE_BEFORE]
    assert [each["since"] for each in shown["revisions"]] == [
        "2024-12-16T15:02:11Z",
        "2024-12-13T09:00:00Z",
    ]
    assert [each["baseline"] for each in shown["revisions"]] == [False, True]
    assert shown["changes"][0]["kind"] == "amended"


def test_people_get_a_sentence_a_summary_and_the_history(command: Command) -> None:
    _, out, _ = command("party", FEED, "48220", "--format", "table")

    assert out.startswith("CHOE, Chol Ryong, ofac-sdn 48220: so since 2024-12-16 15:02:11.\n")
    assert "also known as   CH'OE, Ch'o'l-ryong (aka, strong)\n" in out
    assert "2024-12-16 15:02:11   amended: alias (aliases)\n" in out
    assert "2024-12-13 09:00:00   on the first list that we saw\n" in out


@pytest.mark.parametrize(
    ("at", "party"),
    [
        ("2024-12-16T15:02:10Z", CHOE_BEFORE),
        ("2024-12-16T15:02:11Z", CHOE),
        ("2024-12-16", CHOE),
        ("2024-12-15", CHOE_BEFORE),
    ],
)
def test_a_party_is_shown_as_the_list_said_then(
    command: Command, at: str, party: dict[str, Any]
) -> None:
    code, out, _ = command("party", FEED, "48220", "--at", at)

    assert (code, json.loads(out)["party"]) == (0, party)


def test_a_party_that_was_removed_is_shown_as_it_was_last(command: Command) -> None:
    code, out, _ = command("party", FEED, "99", "--format", "table")

    assert code == 0
    assert out.startswith("Not on ofac-sdn; it was until 2024-12-16 15:02:11. What it said last:\n")
    assert "ŽELEZNÝ" in out


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["47148", "--at", "2024-12-10"], "Our record of ofac-sdn begins on 2024-12-13 09:00:00."),
        (["1"], "has held no party 1 since our record begins (2024-12-13 09:00:00)."),
    ],
)
def test_what_is_not_known_is_said(command: Command, arguments: list[str], said: str) -> None:
    code, out, err = command("party", FEED, *arguments)

    assert (code, out) == (1, "")
    assert said in err


def test_a_party_not_listed_then_is_exit_code_1(command: Command) -> None:
    code, out, _ = command("party", FEED, "47148", "--at", "2024-12-14")

    assert code == 1
    assert json.loads(out)["party"] is None


@pytest.mark.parametrize(
    "text",
    [
        "choe chol ryong",
        "Chol Ryong CHOE",
        "CHOE, Chol",
        "ch’oe ch’o’l ryong",
        "CHÓE",
        "ryong",
        "48220",
    ],
)
def test_a_party_is_found_by_name_alias_and_number(command: Command, text: str) -> None:
    code, out, _ = command("search", text)

    assert (code, json.loads(out)["key"]) == (0, "48220")


def test_a_hit_says_what_matched(command: Command) -> None:
    assert json.loads(command("search", "ch'oe")[1])["matched"] == "CHOE, Chol Ryong"
    assert (
        "1 listed party by name or alias. This is not screening."
        in command("search", "golden triangle", "--format", "table")[1]
    )


@pytest.mark.parametrize("text", ["cho", "golden bankk", "ŽELEZNÝ", "", "'"])
def test_words_count_whole_and_only_what_is_in_force_is_found(command: Command, text: str) -> None:
    code, out, err = command("search", text)

    assert (code, out) == (1, "")
    assert "No listed party on record" in err


def test_a_search_can_be_kept_to_one_list(command: Command) -> None:
    assert json.loads(command("search", "bank", "--feed", FEED)[1])["name"] == BANK["name"]["last"]
    assert command("search", "bank", "--feed", "ofac-consolidated")[0] == 1


def test_a_main_entry_is_not_said_to_be_true() -> None:
    document = {
        "dates_of_birth": [{"date": "02 Jan 1970", "main": "true"}],
        "nationalities": [{"country": "Utopia", "main": "false"}],
    }

    shown = dict(_terms(document))

    assert shown["born"] == "02 Jan 1970"
    assert shown["nationality"] == "Utopia, not the main entry"
