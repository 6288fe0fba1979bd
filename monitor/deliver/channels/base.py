"""What a channel is: a name, a profile, and one way to hand over one message.

A channel makes one attempt and says what became of it. It does not retry, does not wait, does not remember: all that is
a row in the database. A new kind of channel is one module with one class of this shape, and its test.

It never raises for a send that failed, and what it reports never holds an address or a secret.
"""

from dataclasses import dataclass
from typing import Protocol

from monitor.core.channel import ChannelProfile, Outgoing
from monitor.core.outcome import Accepted, Failed

__all__ = ["Accepted", "Channel", "ChannelProfile", "Failed", "Outgoing", "UnusableChannel"]

REPEAT_NOTE = "This may be a repeat: an earlier sending of alert {alert} was not confirmed."
"""Stands under the text of a message whose earlier attempt may have arrived."""

REPEAT_ROOM = 160
"""Characters that a channel with a limit keeps free for the note."""


class Channel(Protocol):
    """One configured way to reach people or programs."""

    @property
    def name(self) -> str:
        """What people call it; never its address."""
        ...

    @property
    def profile(self) -> ChannelProfile:
        """What the renderer has to keep to."""
        ...

    async def send(self, outgoing: Outgoing) -> Accepted | Failed:
        """Make one attempt and say what became of it."""
        ...

    async def close(self) -> None:
        """Let go of connections; the channel is not used afterwards."""
        ...


@dataclass(eq=False)
class UnusableChannel(ValueError):
    """A channel's settings cannot be used; names the channel, never its address."""

    name: str
    why: str

    def __str__(self) -> str:
        return f"channel {self.name}: {self.why}"


def repeat_note(outgoing: Outgoing) -> str:
    """The sentence that a repeat carries, or nothing when this is none."""
    return REPEAT_NOTE.format(alert=outgoing.alert_id) if outgoing.may_be_repeat else ""
