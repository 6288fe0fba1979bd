"""Results on stdout: a table for people, JSON Lines or CSV for programs.

Tables are aligned and have no boxes; colour only on a terminal, never needed, and off with ``NO_COLOR``. What a source wrote is
shown without its control characters, so that a list cannot steer a terminal.
"""

import csv
import io
import os
import shutil
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, TextIO

import orjson
from rich.cells import cell_len

from monitor.cli.fitting import GAP, INDENT, Place, fitted, wrapped
from monitor.core.times import from_text

Row = Mapping[str, Any]

_GAP = " " * GAP
_BOLD, _PLAIN = "\x1b[1m", "\x1b[0m"


class Format(StrEnum):
    """How a listing is written."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"


@dataclass(frozen=True)
class Column:
    """One column of a table: its heading, and what stands in it for a row. ``free`` text may be wrapped, nothing else."""

    title: str
    cell: Callable[[Row], str]
    right: bool = False
    free: bool = False


def chosen(format: Format | None, stream: TextIO | None = None) -> Format:
    """The format asked for; else a table on a terminal and JSON Lines in a pipe."""
    if format is not None:
        return format
    return Format.TABLE if (stream or sys.stdout).isatty() else Format.JSON


def write_listing(
    rows: Iterable[Row],
    columns: Sequence[Column],
    *,
    format: Format | None = None,
    headline: Callable[[Sequence[Row]], str],
    fields: Sequence[str],
    stream: TextIO | None = None,
) -> None:
    """Write rows: for people the headline and a table, for programs each row whole.

    ``fields`` are the CSV columns, in order; a value that is not a single one is written as JSON in its cell.
    """
    out = stream or sys.stdout
    match chosen(format, out):
        case Format.JSON:
            write_json_lines(rows, out)
        case Format.CSV:
            write_csv(rows, fields, out)
        case Format.TABLE:
            listed = list(rows)
            out.write(f"{printable(headline(listed))}\n")
            if listed:
                width = shutil.get_terminal_size().columns if out.isatty() else None
                out.write(table(listed, columns, bold=has_colour(out), width=width))


def write_json_lines(rows: Iterable[Row], stream: TextIO) -> None:
    """One JSON object a line."""
    for row in rows:
        stream.write(orjson.dumps(row).decode() + "\n")


def write_csv(rows: Iterable[Row], fields: Sequence[str], stream: TextIO) -> None:
    """RFC 4180 with a head; absent values are empty."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\r\n")
    writer.writerow(fields)
    for row in rows:
        writer.writerow([_csv_cell(row.get(field)) for field in fields])
        stream.write(buffer.getvalue())
        buffer.seek(0)
        buffer.truncate()
    stream.write(buffer.getvalue())


def table(
    rows: Sequence[Row], columns: Sequence[Column], *, bold: bool = False, width: int | None = None
) -> str:
    """The rows as aligned text under their headings, in ``width`` cells a line if there is a limit. No cell is ever cut."""
    cells = [[column.title for column in columns]]
    cells += [[printable(column.cell(row)) for column in columns] for row in rows]
    widths = [max(cell_len(row[n]) for row in cells) for n in range(len(columns))]
    room = width or sum(widths) + GAP * len(widths)
    places = fitted(widths, [column.free for column in columns], room)
    written = [_block(row, columns, places) for row in cells]
    if bold:
        written[0] = f"{_BOLD}{written[0]}{_PLAIN}"
    return "".join(f"{block}\n" for block in written)


def summary(terms: Iterable[tuple[str, str]]) -> str:
    """Terms and what they mean for one thing, each on a line of its own; those without a value are left out."""
    shown = [(term, printable(value)) for term, value in terms if value]
    width = max((cell_len(term) for term, _ in shown), default=0)
    return "".join(f"{_padded(term, width, False)}{_GAP}{value}\n" for term, value in shown)


def moment(text: str | None) -> str:
    """``2024-12-16 15:02:11`` of an RFC 3339 text in UTC; "" of nothing."""
    return from_text(text).strftime("%Y-%m-%d %H:%M:%S") if text else ""


def day(when: date) -> str:
    """``16 Dec 2024``."""
    return f"{when.day} {_MONTHS[when.month - 1]} {when.year}"


def days_between(first: datetime, last: datetime) -> str:
    """``16 Dec 2024``, or ``3 to 16 Dec 2024``."""
    begin, end = first.astimezone(UTC).date(), last.astimezone(UTC).date()
    if begin == end:
        return day(end)
    if (begin.year, begin.month) == (end.year, end.month):
        return f"{begin.day} to {day(end)}"
    return f"{day(begin)} to {day(end)}"


def counted(number: int, one: str, many: str = "") -> str:
    """``1 change``, ``16 changes``, ``no changes``."""
    words = one if number == 1 else many or f"{one}s"
    return f"{number:,} {words}" if number else f"no {words}"


def printable(text: str) -> str:
    """The text on one line, without control characters and marks that turn the direction of writing."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() else " " if c.isspace() else "�" for c in text)


def has_colour(stream: TextIO) -> bool:
    """Whether colour may be written: on a terminal whose user has not switched it off."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _block(row: Sequence[str], columns: Sequence[Column], places: Sequence[Sequence[Place]]) -> str:
    """One row: a line where it fits, else its lines below each other."""
    lines = []
    for number, line in enumerate(places):
        indent = " " * INDENT if number else ""
        parts = [
            wrapped(row[place.column], place.width)
            if columns[place.column].free
            else [row[place.column]]
            for place in line
        ]
        for depth in range(max(map(len, parts))):
            texts = [part[depth] if depth < len(part) else "" for part in parts]
            lines.append(
                indent
                + _GAP.join(
                    _padded(text, place.width, columns[place.column].right)
                    for text, place in zip(texts, line, strict=True)
                ).rstrip()
            )
    return "\n".join(line for line in lines if line.strip())


def _padded(cell: str, width: int, right: bool) -> str:
    space = " " * (width - cell_len(cell))
    return space + cell if right else cell + space


def _csv_cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return value
    if isinstance(value, list) and all(isinstance(item, str) for item in value):
        return "; ".join(value)
    return orjson.dumps(value).decode()
