"""What the renderer has to know of a channel, and what a channel is given to send.

A channel is a configured way to reach people or programs, spoken of by its name; its address is a secret and appears in
neither value.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

ChannelKind = Literal["apprise", "mail", "webhook", "file", "terminal"]
MessageFormat = Literal["text", "html", "markdown", "json"]
LayoutName = Literal["slack", "discord", "teams"]


@dataclass(frozen=True)
class ChannelProfile:
    """How much a channel takes, in which form, and for whom.

    Limits are in characters, each by itself; None means that there is none worth minding. Where a service has no titles, or counts
    them as part of the body, the channel has set room aside for the subject. Each of ``recipients`` gets a delivery of its own; a
    chat has the one recipient ``""``. ``language`` is what dates are written in. ``layout``
    is the service's own markup, where it has one that we know; ``format`` then says whether anything stands out (text: nothing).
    ``undivided`` is how many targets the one recipient stands for, where they cannot be told apart.
    """

    name: str
    kind: ChannelKind
    format: MessageFormat
    title_limit: int | None
    body_limit: int | None
    recipients: tuple[str, ...]
    language: str = "en"
    layout: LayoutName | None = None
    undivided: int = 1


@dataclass(frozen=True)
class Outgoing:
    """One part of one alert for one recipient, rendered, on its way for the ``attempt``-th time.

    Everything but ``attempt`` and ``may_be_repeat`` is the same in every attempt, so that a repeat is recognisable.
    ``thread`` names the conversations that the alert belongs to, divided by blanks.
    """

    delivery_id: int
    alert_id: str
    recipient: str
    part: int
    parts: int
    subject: str
    text: str
    html: str | None
    wire: str | None
    attempt: int
    created_at: datetime
    severity: str
    may_be_repeat: bool
    thread: str | None = None

    @property
    def attachment(self) -> str | None:
        """The table that goes with the text, where ``wire`` is that and no event that stands for itself."""
        return self.wire if self.wire and accompanies(self.wire) else None


def accompanies(wire: str) -> bool:
    """Whether what is stored beside a message's text goes with it (a mail's table), and does not stand for itself (an event)."""
    return not wire.startswith("{")


def digest_of_message(text: str, wire: str | None) -> str:
    """The SHA-256 of what is promised to somebody: of the event, or of the text, and of the table that goes with it."""
    whole = text if wire is None else f"{text}\0{wire}" if accompanies(wire) else wire
    return hashlib.sha256(whole.encode()).hexdigest()
