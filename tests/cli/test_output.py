"""How results are written: for people, and for programs."""

import io
import json
from collections.abc import Sequence

import pytest

from monitor.cli.output import (
    Column,
    Format,
    Row,
    counted,
    has_colour,
    moment,
    printable,
    write_listing,
)

COLUMNS = (
    Column("party", lambda row: row["name"]),
    Column("number", lambda row: str(row["key"]), right=True),
    Column("what", lambda row: row.get("what", "")),
)
ROWS: list[Row] = [
    {
        "name": "DOE, John",
        "key": 7,
        "what": "alias",
        "programs": ["A", "B"],
        "extra": {"deep": None},
    },
    {"name": "株式会社, \x1b[31mEvil\x1b[0m\nname", "key": 12345, "programs": []},
]


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def written(stream: io.StringIO, format: Format | None = None, rows: Sequence[Row] = ROWS) -> str:
    write_listing(
        rows,
        COLUMNS,
        format=format,
        headline=lambda rows: f"{counted(len(rows), 'party', 'parties')}.",
        fields=("name", "key", "programs", "extra"),
        stream=stream,
    )
    return stream.getvalue()


def test_a_terminal_gets_a_heading_and_an_aligned_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    lines = written(Terminal()).splitlines()

    assert lines[:3] == [
        "2 parties.",
        f"party{23 * ' '}   number   what",
        f"DOE, John{19 * ' '}        7   alias",
    ]


def test_a_list_cannot_steer_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    assert "\x1b" not in written(Terminal())
    assert printable("a\u202eb\nc") == "a�b c"


def test_a_pipe_gets_each_row_whole_as_json_lines() -> None:
    assert list(map(json.loads, written(io.StringIO()).splitlines())) == ROWS


def test_the_format_asked_for_wins() -> None:
    assert written(Terminal(), Format.JSON).startswith('{"name":"DOE, John"')
    assert written(io.StringIO(), Format.TABLE).startswith("2 parties.")


def test_csv_has_a_head_and_quotes_what_needs_it() -> None:
    lines = written(io.StringIO(), Format.CSV, ROWS[:1]).split("\r\n")

    assert lines == ["name,key,programs,extra", '"DOE, John",7,A; B,"{""deep"":null}"', ""]


def test_nothing_is_a_sentence_for_people_and_nothing_for_programs() -> None:
    assert written(Terminal(), rows=[]) == "no parties.\n"
    assert written(io.StringIO(), rows=[]) == ""


@pytest.mark.parametrize(
    ("environment", "colour"), [({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)]
)
def test_colour_is_for_terminals_that_want_it(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], colour: bool
) -> None:
    for name in ("NO_COLOR", "TERM"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    assert has_colour(Terminal()) is colour
    assert not has_colour(io.StringIO())


def test_moments_are_written_to_the_second() -> None:
    assert moment("2024-12-16T15:02:11Z") == "2024-12-16 15:02:11"
    assert moment(None) == ""
