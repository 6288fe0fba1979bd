"""How a table is fitted to a terminal: what is wrapped, what goes into the next line, and what is never broken."""

import io
import os
import shutil

import pytest
from rich.cells import cell_len

from monitor.cli import columns
from monitor.cli.fitting import Place, fitted, wrapped
from monitor.cli.output import Column, Format, Row, write_listing
from tests.cli.test_output import Terminal

ALERT = "abcdefghijklmnopqrstuvwxyz"
DELIVERY: Row = {
    "created": "2024-12-16T15:02:11Z",
    "channel": "case-system",
    "recipient": "a-rather-long-name@compliance.example.org",
    "state": "dead",
    "accepted": None,
    "next_attempt": "2024-12-16T15:07:11Z",
    "attempts": 12,
    "subject": "OFAC: 12 designated, 4 delisted, 3 amended under DPRK4 and RUSSIA-EO14024",
    "detail": "HTTP 500 and a rather long sentence that the receiver said about itself " * 2,
    "id": 123456,
}
INCIDENT: Row = {
    "opened": "2024-12-16T15:02:11Z",
    "closed": None,
    "severity": "high",
    "kind": "poll_broke_down",
    "summary": "a poll of the Specially Designated Nationals list broke down: no space left on device",
    "id": 12,
}


def shown(row: Row, shown_columns: tuple[Column, ...], width: int) -> str:
    stream = Terminal()
    write_listing(
        [row, row],
        shown_columns,
        format=Format.TABLE,
        headline=lambda rows: "2 rows.",
        fields=(),
        stream=stream,
    )
    return stream.getvalue()


@pytest.fixture(params=[80, 100, 132])
def width(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    monkeypatch.setenv("NO_COLOR", "1")
    size = os.terminal_size((request.param, 24))
    monkeypatch.setattr(shutil, "get_terminal_size", lambda: size)
    return int(request.param)


@pytest.mark.parametrize(
    ("row", "shown_columns"), [(DELIVERY, columns.DELIVERIES), (INCIDENT, columns.INCIDENTS)]
)
def test_no_line_is_wider_than_the_terminal_and_nothing_is_lost(
    row: Row, shown_columns: tuple[Column, ...], width: int
) -> None:
    table = shown(row, shown_columns, width)

    assert max(map(cell_len, table.splitlines())) <= width
    for column in shown_columns:
        for word in column.cell(row).split():
            assert table.count(word) >= 2


def test_what_is_no_free_text_stays_whole(width: int) -> None:
    table = shown(DELIVERY, columns.DELIVERIES, width)

    for whole in ("2024-12-16 15:02:11", str(DELIVERY["recipient"]), "123456"):
        assert table.count(whole) == 2


def test_what_has_room_stays_in_one_line() -> None:
    assert fitted([10, 20, 5], [False, True, False], 41) == [
        [Place(0, 10), Place(1, 20), Place(2, 5)]
    ]


def test_free_text_gives_way_first() -> None:
    assert fitted([10, 90, 5], [False, True, False], 60) == [
        [Place(0, 10), Place(1, 39), Place(2, 5)]
    ]


def test_what_has_no_room_goes_below() -> None:
    assert fitted([30, 30, 30], [False, False, False], 70) == [
        [Place(0, 30), Place(1, 30)],
        [Place(2, 30)],
    ]


def test_words_are_kept_whole_and_a_word_without_end_is_not() -> None:
    assert wrapped("one two three", 8) == ["one two", "three"]
    assert wrapped("abcdefghij kl", 4) == ["abcd", "efgh", "ij", "kl"]
    assert wrapped("株式会社", 5) == ["株式", "会社"]
    assert wrapped("", 5) == [""]


def test_a_pipe_is_not_fitted() -> None:
    stream = io.StringIO()
    write_listing(
        [DELIVERY],
        columns.DELIVERIES,
        format=Format.TABLE,
        headline=lambda rows: "1 row.",
        fields=(),
        stream=stream,
    )

    assert len(stream.getvalue().splitlines()) == 3
