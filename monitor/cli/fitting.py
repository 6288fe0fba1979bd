"""How a table is fitted to a terminal: free text is wrapped, and what still has no room goes into a line of its own below.

Ids, numbers and times are never broken, so that they can be copied whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len, set_cell_size

GAP = 3
INDENT = 4
_NARROWEST = 24
"""Free text in fewer cells than this is not read any more; it goes into the next line instead."""


@dataclass(frozen=True)
class Place:
    """Where a column stands: its number and the cells it takes."""

    column: int
    width: int


def fitted(widths: Sequence[int], free: Sequence[bool], room: int) -> list[list[Place]]:
    """The columns in as few lines as ``room`` cells allow, in their order. Lines after the first are indented.

    ``widths`` are those of the widest cells; only a column that is ``free`` is ever made narrower.
    """
    lines: list[list[Place]] = []
    rest = list(range(len(widths)))
    while rest:
        here = room - INDENT if lines else room
        least = [min(widths[n], _NARROWEST) if free[n] else widths[n] for n in rest]
        taken = 1
        while taken < len(rest) and sum(least[: taken + 1]) + GAP * taken <= here:
            taken += 1
        lines.append(_spread(rest[:taken], least[:taken], widths, here - GAP * (taken - 1)))
        rest = rest[taken:]
    return lines


def wrapped(text: str, width: int) -> list[str]:
    """The text in lines of ``width`` cells at most, broken between words where that can be."""
    lines = [""]
    for word in text.split(" "):
        joined = f"{lines[-1]} {word}" if lines[-1] else word
        if cell_len(joined) <= width:
            lines[-1] = joined
            continue
        if lines[-1]:
            lines.append("")
        left = word
        while cell_len(left) > width:
            lines[-1] = set_cell_size(left, width).rstrip() or left[0]
            left = left[len(lines[-1]) :]
            lines.append("")
        lines[-1] = left
    return lines


def _spread(
    columns: Sequence[int], least: Sequence[int], widths: Sequence[int], room: int
) -> list[Place]:
    """Give what is left of the line to the columns that were made narrower, the first ones first."""
    left = max(0, room - sum(least))
    places = []
    for column, width in zip(columns, least, strict=True):
        more = min(left, widths[column] - width)
        left -= more
        places.append(Place(column, width + more))
    return places
