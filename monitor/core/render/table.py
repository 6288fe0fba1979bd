"""Changes as a table for a spreadsheet: what is attached to a mail that cannot tell each of them.

UTF-8 with a byte order mark, without which Excel guesses; a row for each field that came or left. The same changes always give the
same text, so that a repeat of a message is the same message.
"""

import csv
import io
from collections.abc import Iterable, Sequence

from monitor.core.differences import PLUS, Difference, differences, of_field
from monitor.core.parties import name_of, type_of
from monitor.core.told_as_one import Changed

COLUMNS = (
    "change", "number", "name", "type", "programmes", "severity", "field", "came_or_left", "value",
)  # fmt: skip
LARGEST = 2_000_000
"""Characters of a table at most: a mail server takes no more than a few megabytes."""

_BYTE_ORDER_MARK = "\ufeff"
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def table(changes: Sequence[Changed], link: str, largest: int = LARGEST) -> str:
    """The changes as CSV, the weightiest first. What would make it larger than ``largest`` is counted in a last row, with the link."""
    changes = sorted(changes, key=weight)
    written = [_BYTE_ORDER_MARK, _rows([COLUMNS])]
    left = largest
    for place, change in enumerate(changes):
        rows = _rows(_of(change))
        left -= len(rows)
        if left < 0:
            written.append(_rows([(f"and {len(changes) - place:,} more: {link}",)]))
            break
        written.append(rows)
    return "".join(written)


def weight(change: Changed) -> tuple[int, int]:
    """What is told first where not everything can be: the most severe, of those who came, who left, who was amended."""
    return _SEVERITIES.get(change["severity"], 3), _KINDS.get(change["kind"], 3)


_SEVERITIES = {"high": 0, "medium": 1, "low": 2}
_KINDS = {"added": 0, "removed": 1, "amended": 2}


def _of(change: Changed) -> Iterable[Sequence[str]]:
    party = change["party"]
    who = (
        change["kind"],
        change["key"],
        name_of(party),
        type_of(party),
        "; ".join(party.get("programs", ())),
        change["severity"],
    )
    rows = [
        (*who, each.noun, "came" if each.sign == PLUS else "left", each.words)
        for each in _differences(change)
    ]
    return rows or [(*who, "", "", "")]


def _differences(change: Changed) -> list[Difference]:
    """Of who came or left, everything that the record holds."""
    if change["kind"] == "amended":
        return differences(change)
    found = []
    for field, value in change["party"].items():
        if field in ("name", "type"):  # which have columns of their own
            continue
        values = value if isinstance(value, list) else [value]
        before, after = ([], values) if change["kind"] == "added" else (values, [])
        found += of_field({"field": field, "before": before, "after": after})
    return found


def _rows(rows: Iterable[Sequence[str]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([_safe(cell) for cell in row] for row in rows)
    return text.getvalue()


def _safe(cell: str) -> str:
    """A spreadsheet calculates what begins like a formula, unless an apostrophe stands before it."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
