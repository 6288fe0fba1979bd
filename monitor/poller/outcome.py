"""How a poll ended: a value that a log line, a command and the schedule quote."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

Result = Literal[
    "unchanged", "baseline", "accepted", "held", "older", "rejected", "listed", "failed"
]


@dataclass(frozen=True, kw_only=True)
class PollOutcome:
    """One poll of one feed.

    ``unchanged``: what is in force is still served. ``baseline``, ``accepted``, ``held``: see ``snapshot``. ``older``: a copy from
    before what is in force, counted. ``rejected``: the content that a person refused is still served. ``listed``: a stream was
    read, with ``new`` items. ``failed``: ``reason`` and ``sentence`` say why; ``failures`` counts those in a row.
    ``announced`` tells that an authority announced something that the lists are about to show.
    """

    feed: str
    result: Result
    sentence: str
    snapshot: int | None = None
    changes: int = 0
    new: int = 0
    reason: str = ""
    failures: int = 0
    retry_after: timedelta | None = None
    announced: bool = False
