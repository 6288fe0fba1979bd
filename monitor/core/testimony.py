"""When two witnesses of a list have agreed, when to wait for one of them, and when their disagreement is told.

**The rule.** A change file states a day and so does the list, and one snapshot may cover several files, so that publications cannot be
matched by their stamps. They are matched by what they say of each record, over thirty days:

* What both have said of a record up to some moment, all in all, may be the same (:mod:`monitor.core.second_witness`). It is settled; what
  was said of it since is compared.
* A record on which they do not agree belongs to the newest change file that speaks of it. If our newest word on it came more than two
  hours later than that file, or no file speaks of it, it belongs to that snapshot of ours.
* A publication whose records are all agreed on is agreed, at once. Else we wait: the other witness may have its publication still to come.
  Two hours after the last of it was seen the other's silence is an answer, provided that it was read whole since then. A source that
  cannot be read accuses nobody.
* What is left then is disputed if it is about who joined or left the list, or contradicts outright. Else it is written down.

Each publication is judged anew with every further one, for fourteen days.
"""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from monitor.core.second_witness import (
    Agreement,
    Differing,
    Statement,
    all_in_all,
    compare_statements,
)
from monitor.core.watch import Incident
from monitor.core.words import counted, listed

PATIENCE = timedelta(hours=2)
"""How long one witness may be later than the other."""

JUDGED = timedelta(days=14)
"""How long a publication is judged anew; a dispute that is older stays on record and is no open incident."""

COMPARED = timedelta(days=30)
"""How far back publications are taken together, so that what is judged finds its counterpart however late that was."""

DISAGREE = "witnesses_disagree"

_MOST_NAMED = 5
_MOST_EXPLAINED = 20
_MOST_WRITTEN_DOWN = 200

Side = Literal["ours", "theirs"]


@dataclass(frozen=True, slots=True)
class Deposition:
    """What one publication says by one witness: a snapshot of ours or a change file. ``not_before`` as for snapshots."""

    id: str
    seen: datetime
    statements: tuple[Statement, ...]
    not_before: datetime | None = None

    @property
    def keys(self) -> frozenset[str]:
        """The records that it speaks of."""
        return frozenset(each.key for each in self.statements)


@dataclass(frozen=True, kw_only=True)
class Heard:
    """Both witnesses over the same stretch, each in order of time.

    ``in_force`` are those of their keys that our list holds now. ``ours_read`` and ``theirs_read`` are when each was last read whole
    (None while a listed file is unread), ``theirs_began`` is when their first reading was: of what came before it they were not asked.
    """

    ours: Sequence[Deposition]
    theirs: Sequence[Deposition]
    in_force: Collection[str]
    ours_read: datetime | None
    theirs_read: datetime | None
    theirs_began: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is thought of one publication: ``agreement`` is about the records that it speaks of, ``snapshots`` those that agree with it.

    ``again_at`` is when one that waits may be judged.
    """

    side: Side
    deposition: Deposition
    state: Literal["agreed", "waiting", "disagreed"]
    agreement: Agreement
    snapshots: tuple[str, ...] = ()
    again_at: datetime | None = None

    @property
    def subject(self) -> str:
        """What is judged, in words that are the same each time."""
        return f"{'snapshot' if self.side == 'ours' else 'change file'} {self.deposition.id}"

    @property
    def is_without_subject(self) -> bool:
        """Whether it is a snapshot's of which change files have taken up everything: their verdicts speak of it."""
        return self.side == "ours" and self.agreement.is_complete


def judge(heard: Heard, now: datetime) -> Iterator[Verdict]:
    """A verdict on each change file of the last fourteen days, then one on each snapshot."""
    said = _Said(heard)
    agreement = compare_statements(said.unsettled("ours"), said.unsettled("theirs"), heard.in_force)
    undecided = frozenset(agreement.undecided)
    for file in heard.theirs:
        if now - file.seen <= JUDGED:
            keys = {key for key in file.keys if key not in undecided or said.owner(key) is file}
            snapshots = tuple(each.id for each in heard.ours if each.keys & file.keys)
            verdict = Verdict("theirs", file, "agreed", agreement.about(keys), snapshots)
            yield _judged(verdict, said)
    for snapshot in heard.ours:
        since = snapshot.not_before or snapshot.seen
        if now - snapshot.seen <= JUDGED and since >= heard.theirs_began + PATIENCE:
            keys = {key for key in snapshot.keys & undecided if said.owner(key) is snapshot}
            verdict = Verdict("ours", snapshot, "agreed", agreement.about(keys), (snapshot.id,))
            yield _judged(verdict, said)


def _judged(verdict: Verdict, said: "_Said") -> Verdict:
    if verdict.agreement.is_complete:
        return verdict
    last = max((said.last(key) for key in verdict.agreement.undecided), key=lambda each: each.seen)
    until = max(last.seen, verdict.deposition.seen) + PATIENCE
    reads = [said.heard.ours_read if verdict.side == "theirs" else said.heard.theirs_read]
    if verdict.side == "theirs" and said.is_ours(last):
        reads.append(said.heard.theirs_read)
    if any(read is None or read < until for read in reads):
        return replace(verdict, state="waiting", again_at=until)
    return (
        verdict if verdict.agreement.disputed.is_complete else replace(verdict, state="disagreed")
    )


class _Said:
    """What both have said of each record, in order of time."""

    def __init__(self, heard: Heard) -> None:
        self.heard = heard
        self._of: dict[str, list[tuple[Deposition, Side, Statement]]] = defaultdict(list)
        sides: tuple[tuple[Side, Sequence[Deposition]], ...] = (
            ("ours", heard.ours),
            ("theirs", heard.theirs),
        )
        for side, depositions in sides:
            for deposition in depositions:
                for statement in deposition.statements:
                    self._of[statement.key].append((deposition, side, statement))
        for spoken in self._of.values():
            spoken.sort(key=lambda each: each[0].seen)

    def unsettled(self, side: Side) -> list[Statement]:
        """What one of them has said since both last said the same of a record, all in all; all of it where they say so in the end."""
        return [
            statement
            for spoken in self._of.values()
            for _, who, statement in spoken[_settled(spoken) :]
            if who == side
        ]

    def last(self, key: str) -> Deposition:
        """The newest publication of either that speaks of a record."""
        return self._of[key][-1][0]

    def is_ours(self, deposition: Deposition) -> bool:
        """Whether it is a snapshot of ours."""
        return any(deposition is each for each in self.heard.ours)

    def owner(self, key: str) -> Deposition:
        """The publication that a record belongs to on which they do not agree."""
        newest: dict[Side, Deposition] = {side: each for each, side, _ in self._of[key]}
        file, snapshot = newest.get("theirs"), newest.get("ours")
        if file is None or snapshot is None:
            return file or snapshot or self.last(key)
        return snapshot if snapshot.seen > file.seen + PATIENCE else file


def _settled(spoken: Sequence[tuple[Deposition, Side, Statement]]) -> int:
    """How many of these are settled: up to there both say the same all in all. None if they do so in the end as well."""
    if _kind("ours", spoken) == _kind("theirs", spoken):
        return 0
    for place in range(len(spoken) - 1, 0, -1):
        if _kind("ours", spoken[:place]) == _kind("theirs", spoken[:place]):
            return place
    return 0


def _kind(side: Side, spoken: Sequence[tuple[Deposition, Side, Statement]]) -> str | None:
    """What one of them says was done to this one record, all in all."""
    in_the_end = all_in_all(statement for _, who, statement in spoken if who == side)
    return next((each.kind for each in in_the_end.values() if each), None)


def facts_of(verdict: Verdict) -> dict[str, Any]:
    """The verdict as the event log holds it; of very many records the first two hundred."""
    agreement = verdict.agreement
    return {
        "change_file": verdict.deposition.id if verdict.side == "theirs" else None,
        "snapshots": [int(each) for each in verdict.snapshots],
        "counts": {
            "agreed": len(agreement.agreed),
            "only_ours": len(agreement.only_ours),
            "only_theirs": len(agreement.only_theirs),
            "differing": len(agreement.differing),
        },
        "only_ours": [_said(each) for each in agreement.only_ours[:_MOST_WRITTEN_DOWN]],
        "only_theirs": [_said(each) for each in agreement.only_theirs[:_MOST_WRITTEN_DOWN]],
        "differing": [
            {"fields": list(each.fields), "ours": _said(each.ours), "theirs": _said(each.theirs)}
            for each in agreement.differing[:_MOST_WRITTEN_DOWN]
        ],
    }


def incident_of_disagreement(
    register: str,
    title: str,
    authority: str,
    verdict: Verdict,
    *,
    list_day: str,
    blocking: bool = True,
    held: bool = False,
) -> Incident:
    """The incident of a verdict that is a disagreement: who is meant, and what each of the two says of them.

    ``list_day`` is the day that our version states, in words; ``held`` tells that a newer version is held back.
    """
    disputed = verdict.agreement.disputed
    names = [
        *(_named(each) for each in (*disputed.only_theirs, *disputed.only_ours)),
        *(_named(each.ours) for each in disputed.differing),
    ]
    more = [f"{len(names) - _MOST_NAMED} more"] if len(names) > _MOST_NAMED else []
    who = listed([*names[:_MOST_NAMED], *more])
    our_list = f"our list of {list_day}" if list_day else "our list"
    if verdict.side == "theirs":
        file = f"change file {verdict.deposition.id}"
        summary = f"{authority}'s {file} and our copy of {title} disagree about {counted(len(names), 'record')}: {who}"
    else:
        summary = f"{authority}'s change files do not tell of {counted(len(names), 'change')} that we found on {title}: {who}"
    told = list(_explained(disputed, authority, verdict, our_list))
    left = f" And {len(told) - _MOST_EXPLAINED} more." if len(told) > _MOST_EXPLAINED else ""
    holding = f" A newer version of {title} is held back and may explain it." if held else ""
    return Incident(
        kind=DISAGREE,
        subject=f"{register} {verdict.subject}",
        feed=register,
        severity="high" if verdict.agreement.concerns_listing and blocking else "medium",
        summary=summary,
        detail=f"{' '.join(told[:_MOST_EXPLAINED])}{left}{holding} The list decides what is told; nothing was changed.",
        what_to_do=f"Look for them in the source's own search. See docs/operations.md#{DISAGREE}",
    )


def _explained(
    disputed: Agreement, authority: str, verdict: Verdict, our_list: str
) -> Iterator[str]:
    file = f"{authority}'s change files say"
    if verdict.side == "theirs":
        file = f"{authority}'s change file {verdict.deposition.id} says"
    for each in disputed.only_theirs:
        ending = "does not hold it" if each.kind == "added" else "still holds it"
        yield f"{file} that {_named(each)} was {each.kind}; {our_list} {ending}."
    for each in disputed.only_ours:
        yield f"We found that {_named(each)} was {each.kind}; all in all, {authority}'s change files do not say so."
    for differing in disputed.differing:
        yield _contradiction(differing, file, our_list)


def _contradiction(differing: Differing, file: str, our_list: str) -> str:
    ours, theirs = differing.ours, differing.theirs
    if differing.fields == ("kind",):
        return f"{file} that {_named(ours)} was {theirs.kind}; we found that it was {ours.kind}."
    said = listed(
        [
            f"{field} {_value(theirs, field)}, not {_value(ours, field)}"
            for field in differing.fields
        ]
    )
    return f"Of {_named(ours)}, {file} other than {our_list}: {said}."


def _value(statement: Statement, field: str) -> str:
    values: Mapping[str, str] = {
        "type": statement.type,
        "name": statement.name,
        "programs": listed(sorted(set(statement.programs))),
    }
    return values[field]


def _named(statement: Statement) -> str:
    return f"{statement.name} (uid {statement.key})" if statement.name else f"uid {statement.key}"


def _said(statement: Statement) -> dict[str, str]:
    return {"key": statement.key, "kind": statement.kind, "name": statement.name}
