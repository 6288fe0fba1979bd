"""What became of one attempt to send: accepted, or failed and how.

Plain values, so that the decision what to do next (:mod:`monitor.core.retry`) needs no channel, and a channel needs
no schedule. ``detail`` is what the receiver said, already redacted: it is stored, shown and exported.
"""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Accepted:
    """The receiver took the message and said so."""

    detail: str


@dataclass(frozen=True)
class Failed:
    """The receiver did not confirm the message.

    ``permanent``: the same message to the same address will be refused again. ``unknown``: it may have arrived all the
    same (a time-out after it was handed over), so a repeat has to say that it may be one. ``disable``: the receiver
    asked never to be called again. ``retry_after``: how long it asked us to wait.
    """

    detail: str
    permanent: bool = False
    retry_after: timedelta | None = None
    unknown: bool = False
    disable: bool = False


Outcome = Accepted | Failed
