"""What is going to happen in one life, decided by its seed alone: each kill, and the trouble that goes on around it."""

from dataclasses import dataclass, replace
from random import Random
from typing import Literal, get_args

from tests.faults.points import ANY, INSTANTS
from tests.faults.receivers import MailTrouble, WebhookTrouble
from tests.faults.sources import SourceTrouble

MachineTrouble = Literal["disk full", "database locked", "postgresql restarts"]
Operator = Literal["accept", "reject", "retry"]
Published = Literal["nothing", "edits", "mass edit", "drop"]

LONGEST = 2.5
"""Seconds from a start to a kill that comes from outside, at most: a poll, its commits and the first sendings lie in between."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One start of the service, and its end.

    ``instant`` is a named one, the ``nth`` time that it comes, or ``any`` after so many seconds. ``later`` publishes once it runs
    instead of before. ``jump`` is by how many hours the clock is wrong from then on, if it jumps.
    """

    instant: str
    nth: int = 1
    after: float = 0.0
    published: Published = "nothing"
    edits: int = 0
    later: bool = False
    release: bool = False
    source: SourceTrouble | None = None
    hook: WebhookTrouble | None = None
    other: WebhookTrouble | None = None
    mail: MailTrouble | None = None
    machine: MachineTrouble | None = None
    lasts: float = 0.0
    jump: float | None = None
    operator: Operator | None = None


@dataclass(frozen=True)
class Script:
    """One life: a data directory, and everything that is done to the service that lives on it."""

    seed: str
    database: Literal["sqlite", "postgresql"]
    small_disk: bool
    steps: tuple[Step, ...]


def script(seed: int, life: int, kills: int) -> Script:
    """The script of one life. Every fifth is on PostgreSQL; of the others every other one has a small disk of its own."""
    name = f"{seed}/{life}"
    random = Random(name)
    database: Literal["sqlite", "postgresql"] = "postgresql" if life % 5 == 4 else "sqlite"
    steps = [Step(instant="in the migration", nth=random.randint(1, 40))]
    for _ in range(kills - 1):
        step = _step(random, database)
        # What was cut off is asked for again before anything else is published.
        steps.append(replace(step, later=step.later or steps[-1].instant in _CUT_OFF))
    return Script(name, database, database == "sqlite" and life % 2 == 0, tuple(steps[:kills]))


_CUT_OFF = ("in the archive's write", "archived, before commit 1", "before commit 1")
_NAMED = tuple(name for name in INSTANTS if name != "in the migration")

# What has to happen, and what must not stand in the way, or else the instant does not come.
_LIST: dict[str, object] = {"source": None, "machine": None, "nth": 1}
_HELD: dict[str, object] = {**_LIST, "published": "drop"}
_RELEASE: dict[str, object] = {"release": True, "source": None, "machine": None, "nth": 1}
_NEEDS: dict[str, dict[str, object]] = {
    "in the archive's write": _LIST,
    "archived, before commit 1": _LIST,
    "before commit 1": _LIST,
    "after commit 1": _LIST,
    "before a list is held": _HELD,
    "after a list is held": _HELD,
    "before a held list is accepted": {**_HELD, "operator": "accept"},
    "after a held list is accepted": {**_HELD, "operator": "accept"},
    "before a release is stored": _RELEASE,
    "after a release is stored": _RELEASE,
    "before commit 2": _LIST,
    "after commit 2": _LIST,
    "claimed, not sent": _LIST,
    "before a mail is sent": {**_LIST, "mail": None},
    "mail sent, no receipt": {**_LIST, "mail": None},
    "webhook sent, no receipt": {**_LIST, "hook": None},
    "before the receipt's commit": {**_LIST, "hook": None, "mail": None},
    "after the receipt's commit": {**_LIST, "hook": None, "mail": None},
    "before a failure's commit": {**_LIST, "hook": "500"},
}


def _step(random: Random, database: str) -> Step:
    instant = random.choice((ANY, random.choice(_NAMED)))
    # Every draw is made whatever is used of it, so that a line that is changed here moves few others.
    published = random.choices(("nothing", "edits", "mass edit", "drop"), (2, 10, 1, 1))[0]
    trouble = random.choice(
        ("source", "source", *("receivers",) * 3, *("machine",) * 2, "clock", "none")
    )
    drawn: dict[str, object] = {
        "published": published,
        "edits": random.randint(1, 6),
        "later": random.random() < 0.3,
        "release": random.random() < 0.3,
        "nth": random.choice((1, 1, 1, 2, 3)),
        "after": random.uniform(0.05, LONGEST),
        "lasts": random.uniform(0.3, 3.0),
        "operator": random.choice((None, None, None, None, "accept", "reject", "retry")),
    }
    source = random.choice(get_args(SourceTrouble))
    hooks = [random.choice((None, *get_args(WebhookTrouble))) for _ in range(2)]
    mail = random.choice((None, *get_args(MailTrouble)))
    machine = random.choice(_machine_troubles(database))
    jump = round(random.choice((random.uniform(-12, 0), random.uniform(0, 40))), 1)
    if trouble == "source":
        drawn["source"] = source
    elif trouble == "receivers":
        drawn |= {"hook": hooks[0], "other": hooks[1], "mail": mail}
    elif trouble == "machine":
        drawn["machine"] = machine
    elif trouble == "clock":
        drawn["jump"] = jump
    if instant != ANY and drawn["published"] in ("nothing", "drop"):
        drawn["published"] = "edits"
    if instant == "at a statement":
        drawn["nth"] = random.randint(1, 250)
    return Step(instant=instant, **(drawn | _NEEDS.get(instant, {})))  # type: ignore[arg-type]


def _machine_troubles(database: str) -> tuple[MachineTrouble, ...]:
    if database == "sqlite":
        return ("disk full", "database locked")
    return ("postgresql restarts", "database locked")
