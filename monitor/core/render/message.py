"""One part of an alert as a channel sends it."""

from dataclasses import dataclass

from monitor.core.alert import Alert, permalink


@dataclass(frozen=True)
class Message:
    """Part ``part`` of ``parts``, from 1. ``html`` where the channel shows HTML, ``wire`` where it speaks to programs."""

    part: int
    parts: int
    subject: str
    text: str
    html: str | None = None
    wire: str | None = None


def link_of(alert: Alert, public_url: str) -> str:
    """Where the alert can be read again; "" for a test, which nothing keeps."""
    return "" if alert.kind == "test" else permalink(public_url, alert.id)


def numbered(subject: str, part: int, parts: int) -> str:
    """The subject with "(part 2 of 3)" where there are several."""
    return subject if parts == 1 else f"{subject} (part {part} of {parts})"
