"""Accept or hold a register's new snapshot, with the numbers.

What cannot be read at all never comes here: it is a :class:`feeds.errors.FeedError`. What comes here is whole, and the
question is whether it can be believed without a person: silence must never become "everyone was delisted".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction

from feeds.base import Guard
from monitor.core.words import counted

EMPTIED = Fraction(1, 2)
"""A field that is filled in less than this share of what it was has been emptied, whatever the reason."""

FEWEST_FILLED = 20
"""A field that was filled in fewer records may well empty by honest changes."""


@dataclass(frozen=True, slots=True)
class Counts:
    """What a comparison counted. ``on_record`` is the number of records in force before; 0 for a first snapshot.

    ``filled`` and ``filled_before`` tell, by field, in how many of the records that stay it is and was filled; ``dated`` and
    ``dated_on_record`` are the days that the lists state of themselves, where they do.
    """

    records: int
    declared: int | None
    on_record: int
    added: int
    removed: int
    amended: int
    filled: Mapping[str, int] = field(default_factory=dict)
    filled_before: Mapping[str, int] = field(default_factory=dict)
    dated: date | None = None
    dated_on_record: date | None = None


@dataclass(frozen=True, slots=True)
class Finding:
    """One rule that a snapshot breaks: the rule's name, and the numbers as a clause for people."""

    rule: str
    sentence: str


def judge(counts: Counts, guard: Guard) -> tuple[Finding, ...]:
    """Why the snapshot must be held; empty when it can be accepted.

    A share of exactly the limit is accepted. The first snapshot has nothing to be compared with: only its count and the minimum
    are looked at.
    """
    findings = [_declared(counts), _minimum(counts, guard)]
    if counts.on_record:
        findings += [_removed(counts, guard), _added(counts, guard), _dated(counts)]
        findings += [_emptied(counts, name) for name in sorted(counts.filled_before)]
    return tuple(finding for finding in findings if finding)


def _declared(counts: Counts) -> Finding | None:
    if counts.declared is None or counts.declared == counts.records:
        return None
    return Finding(
        "declared_count",
        f"the list says that it holds {counted(counts.declared, 'record')} and holds {counts.records:,}",
    )


def _minimum(counts: Counts, guard: Guard) -> Finding | None:
    if counts.records >= guard.min_records:
        return None
    return Finding(
        "min_records",
        f"it holds {counted(counts.records, 'record')}; at least {guard.min_records:,} are expected",
    )


def _removed(counts: Counts, guard: Guard) -> Finding | None:
    if counts.removed <= _limit_of(guard.max_removed, counts.on_record):
        return None
    return Finding(
        "max_removed",
        f"{counts.removed:,} of {counted(counts.on_record, 'party')} {_are(counts.removed)} missing "
        f"({_share(counts.removed, counts.on_record, guard.max_removed)})",
    )


def _added(counts: Counts, guard: Guard) -> Finding | None:
    if counts.added <= _limit_of(guard.max_added, counts.on_record):
        return None
    return Finding(
        "max_added",
        f"{counted(counts.added, 'party')} {_are(counts.added)} new to a list of {counts.on_record:,} "
        f"({_share(counts.added, counts.on_record, guard.max_added)})",
    )


def _limit_of(share: float, whole: int) -> Fraction:
    """The share as it was written, in decimals: 0.29 of 100 is 29, which floating point makes a little less."""
    return Fraction(str(share)) * whole


def _dated(counts: Counts) -> Finding | None:
    """A list that goes back in time: an older copy that says so itself, even where the server does not."""
    if counts.dated is None or counts.dated_on_record is None:
        return None
    if counts.dated >= counts.dated_on_record:
        return None
    return Finding(
        "stated_date",
        f"it is dated {counts.dated:%d %b %Y}, before the version in force ({counts.dated_on_record:%d %b %Y})",
    )


def _emptied(counts: Counts, name: str) -> Finding | None:
    """A field that used to be filled and no longer is: the source changed its shape, or lost a column."""
    before, now = counts.filled_before[name], counts.filled.get(name, 0)
    if before < FEWEST_FILLED or now >= EMPTIED * before:
        return None
    return Finding(
        "emptied_field",
        f"of the {counts.on_record - counts.removed:,} parties that stay, {before:,} had the field {name} filled, "
        f"and {now:,} have it now",
    )


def _are(number: int) -> str:
    return "is" if number == 1 else "are"


def _share(part: int, whole: int, limit: float) -> str:
    """``37 percent; limit 5``; from twice the list on ``15 times as many; limit 25 percent``."""
    share = 100 * part / whole
    if share >= 200:
        return f"{_digits(share / 100)} times as many; limit {100 * limit:g} percent"
    return f"{_digits(share)} percent; limit {100 * limit:g}"


def _digits(number: float) -> str:
    return f"{number:,.0f}" if number >= 10 else f"{number:.1f}".removesuffix(".0")
