"""What was measured, as a table, as a chart and as JSON; and into ``docs/performance.md``, so that no figure is typed by hand."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

RESULTS = Path(__file__).with_name("results.json")
PAGE = Path(__file__).resolve().parents[1] / "docs" / "performance.md"
_BEGIN, _END = "<!-- measured: begin -->", "<!-- measured: end -->"
_WIDTH = 40


@dataclass(frozen=True, kw_only=True)
class Result:
    """One line of the table. ``goal`` and ``peak_goal_mib`` are upper limits, None where there is none."""

    name: str
    amount: float
    unit: str
    goal: float | None = None
    milliseconds: float | None = None
    peak_mib: float | None = None
    peak_goal_mib: float | None = None

    @property
    def is_ratio(self) -> bool:
        """Whether it is a multiple of the reference."""
        return self.unit == "expat passes"

    @property
    def is_reached(self) -> bool:
        """Whether both goals are reached, as far as there are any."""
        return (self.goal is None or self.amount <= self.goal) and (
            self.peak_goal_mib is None
            or self.peak_mib is None
            or self.peak_mib <= self.peak_goal_mib
        )

    def to_json(self) -> dict[str, object]:
        """The result as others read it."""
        return {
            "name": self.name,
            ("ratio" if self.is_ratio else "value"): round(self.amount, 3),
            "unit": self.unit,
            "goal": self.goal,
            "milliseconds": None if self.milliseconds is None else round(self.milliseconds, 1),
            "peak_mib": None if self.peak_mib is None else round(self.peak_mib, 1),
            "peak_goal_mib": self.peak_goal_mib,
        }


def save(results: Sequence[Result], machine: str) -> None:
    """Write the results as JSON, and the table and the chart between their marks in the documentation."""
    RESULTS.write_text(json.dumps([each.to_json() for each in results], indent=2) + "\n")
    page = PAGE.read_text()
    before, _, rest = page.partition(_BEGIN)
    _, _, after = rest.partition(_END)
    measured = f"{_BEGIN}\n{markdown(results)}\n\n```\n{chart(results)}\n```\n\n{machine}\n{_END}"
    PAGE.write_text(before + measured + after)


def table(results: Sequence[Result]) -> str:
    """The results for a terminal."""
    rows = [_HEADINGS, *(_cells(each) for each in results)]
    widths = [max(len(row[n]) for row in rows) for n in range(len(_HEADINGS))]
    return "\n".join(
        "  ".join(
            cell.ljust(width) if n == 0 else cell.rjust(width)
            for n, (cell, width) in enumerate(zip(row, widths, strict=True))
        )
        for row in rows
    )


def markdown(results: Sequence[Result]) -> str:
    """The results for the documentation."""
    ruler = ["---", *("---:" for _ in _HEADINGS[1:])]
    rows = [_HEADINGS, ruler, *(_cells(each) for each in results)]
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def chart(results: Sequence[Result]) -> str:
    """The ratios as bars, each on the scale of its own goal: the goal is where the ``|`` stands."""
    lines = []
    drawn = [each for each in results if each.is_ratio and each.goal]
    longest = max((len(each.name) for each in drawn), default=0)
    for each in drawn:
        assert each.goal
        filled = min(round(each.amount / each.goal * _WIDTH), _WIDTH + 10)
        bar = ("█" * filled).ljust(_WIDTH)
        bar = bar[:_WIDTH] + "|" + bar[_WIDTH:]
        lines.append(f"{each.name.ljust(longest)}  {bar} {each.amount:.2f} of {each.goal:g}")
    return "\n".join(lines)


_HEADINGS = ["", "measured", "goal", "time", "memory", "goal", "reached"]


def _cells(result: Result) -> list[str]:
    amount = f"{result.amount:.2f}" if result.is_ratio else f"{result.amount:.1f} {result.unit}"
    return [
        result.name,
        amount,
        "" if result.goal is None else f"≤ {result.goal:g}",
        "" if result.milliseconds is None else f"{result.milliseconds:,.0f} ms",
        "" if result.peak_mib is None else f"{result.peak_mib:.1f} MiB",
        "" if result.peak_goal_mib is None else f"≤ {result.peak_goal_mib:g}",
        ""
        if result.goal is None and result.peak_goal_mib is None
        else ("yes" if result.is_reached else "NO"),
    ]
