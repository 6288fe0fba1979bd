"""What was measured, as a table, as a chart and as JSON; and into ``docs/performance.md``, so that no figure is typed by hand."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

RESULTS = Path(__file__).with_name("results.json")
PAGE = Path(__file__).resolve().parents[1] / "docs" / "performance.md"
SUBJECTS = ("updates", "deliveries")
_WIDTH = 40


@dataclass(frozen=True, kw_only=True)
class Result:
    """One line of the table of its subject. All goals are upper limits, None where there is none."""

    subject: Literal["updates", "deliveries"] = "updates"
    name: str
    amount: float
    unit: str
    goal: float | None = None
    milliseconds: float | None = None
    goal_milliseconds: float | None = None
    peak_mib: float | None = None
    peak_goal_mib: float | None = None

    @property
    def is_ratio(self) -> bool:
        """Whether it is a multiple of the reference."""
        return self.unit in ("expat passes", "bare POSTs")

    @property
    def is_reached(self) -> bool:
        """Whether all goals are reached, as far as there are any."""
        return (
            _is_within(self.amount, self.goal)
            and _is_within(self.milliseconds, self.goal_milliseconds)
            and _is_within(self.peak_mib, self.peak_goal_mib)
        )

    @property
    def has_goal(self) -> bool:
        """Whether there is any."""
        return (self.goal, self.goal_milliseconds, self.peak_goal_mib) != (None, None, None)

    def to_json(self) -> dict[str, object]:
        """The result as others read it."""
        return {
            "subject": self.subject,
            "name": self.name,
            ("ratio" if self.is_ratio else "value"): round(self.amount, 3),
            "unit": self.unit,
            "goal": self.goal,
            "milliseconds": None if self.milliseconds is None else round(self.milliseconds, 1),
            "goal_milliseconds": self.goal_milliseconds,
            "peak_mib": None if self.peak_mib is None else round(self.peak_mib, 1),
            "peak_goal_mib": self.peak_goal_mib,
        }


def save(results: Sequence[Result], machine: Mapping[str, str]) -> None:
    """Write the results as JSON, and the tables and charts between their marks in the documentation.

    ``machine`` says of each subject on what it was measured. What was measured earlier of one that was not now stays as it is.
    """
    measured = {each.subject for each in results}
    earlier = [each for each in json.loads(RESULTS.read_text()) if each["subject"] not in measured]
    everything = [*earlier, *(each.to_json() for each in results)]
    everything.sort(key=lambda each: SUBJECTS.index(each["subject"]))
    RESULTS.write_text(json.dumps(everything, indent=2) + "\n")
    for subject in measured:
        of_it = [each for each in results if each.subject == subject]
        _write(subject, of_it, machine[subject])


def _write(subject: str, results: Sequence[Result], machine: str) -> None:
    begin, end = f"<!-- {subject}: begin -->", f"<!-- {subject}: end -->"
    page = PAGE.read_text()
    before, _, rest = page.partition(begin)
    _, _, after = rest.partition(end)
    drawn = chart(results)
    bars = f"\n\n```\n{drawn}\n```" if drawn else ""
    PAGE.write_text(f"{before}{begin}\n{markdown(results)}{bars}\n\n{machine}\n{end}{after}")


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
    rows = [_HEADINGS, *(_cells(each) for each in results)]
    filled = [n for n in range(len(_HEADINGS)) if n == 0 or any(row[n] for row in rows[1:])]
    rows.insert(1, ["---", *("---:" for _ in _HEADINGS[1:])])
    return "\n".join(f"| {' | '.join(row[n] for n in filled)} |" for row in rows)


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


def _is_within(measured: float | None, goal: float | None) -> bool:
    return goal is None or measured is None or measured <= goal


_HEADINGS = ["", "measured", "goal", "time", "goal", "memory", "goal", "reached"]


def _cells(result: Result) -> list[str]:
    digits = 2 if result.amount < 100 else 0
    amount = (
        f"{result.amount:.{digits}f}" if result.is_ratio else f"{result.amount:.1f} {result.unit}"
    )
    return [
        result.name,
        amount,
        "" if result.goal is None else f"≤ {result.goal:g}",
        "" if result.milliseconds is None else f"{result.milliseconds:,.0f} ms",
        "" if result.goal_milliseconds is None else f"≤ {result.goal_milliseconds:,.0f}",
        "" if result.peak_mib is None else f"{result.peak_mib:.1f} MiB",
        "" if result.peak_goal_mib is None else f"≤ {result.peak_goal_mib:g}",
        ("yes" if result.is_reached else "NO") if result.has_goal else "",
    ]
