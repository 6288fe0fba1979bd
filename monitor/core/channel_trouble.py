"""What people are told of a channel that does not work. Pure: what it amounts to is decided elsewhere.

Such an incident has the channel's name as its subject, and has to reach people by another channel.
"""

from datetime import timedelta

from monitor.core.watch import Incident
from monitor.core.words import counted, span_words

DELIVERY_DEAD = "delivery_dead"
CHANNEL_DISABLED = "channel_disabled"
CHANNEL_UNREACHABLE = "channel_unreachable"

CHANNEL_TROUBLE = frozenset({DELIVERY_DEAD, CHANNEL_DISABLED, CHANNEL_UNREACHABLE})
"""The kinds of incident that are about a channel."""


def incident_of_death(channel: str, delivery: int, alert: str, because: str) -> Incident:
    """A message that the channel will not get by itself."""
    return Incident(
        kind=DELIVERY_DEAD,
        subject=channel,
        feed=None,
        severity="high",
        summary=f"the channel {channel} did not get an alert",
        detail=f"Delivery {delivery} of alert {alert}: {because}.",
        what_to_do=f"Correct the channel, then: sanctions-monitor retry {delivery}",
    )


def incident_of_disabling(channel: str, said: str) -> Incident:
    """A receiver that asked never to be called again."""
    return Incident(
        kind=CHANNEL_DISABLED,
        subject=channel,
        feed=None,
        severity="high",
        summary=f"the channel {channel} is switched off",
        detail=f"Its receiver says that it is gone for good ({said}). Alerts to it wait.",
        what_to_do="Correct the channel's address, then: sanctions-monitor retry",
    )


def incident_of_failing(
    channel: str, delivery: int, alert: str, *, since: timedelta, attempts: int, said: str
) -> Incident:
    """A message that has been failing for long."""
    failing = f"has failed for {span_words(since)}, in {counted(attempts, 'attempt')}"
    return _unreachable(
        channel,
        f"Delivery {delivery} of alert {alert} {failing}: {said}. It goes on being tried; "
        "other channels get their messages.",
    )


def incident_of_long_wait(
    channel: str, delivery: int, alert: str, *, wait: timedelta, said: str
) -> Incident:
    """A receiver that asked to be left alone for long."""
    return _unreachable(
        channel,
        f"Its receiver did not take delivery {delivery} of alert {alert} ({said}) and asked not to be called for "
        f"{span_words(wait)}. Alerts to it wait; other channels get their messages.",
    )


def _unreachable(channel: str, detail: str) -> Incident:
    return Incident(
        kind=CHANNEL_UNREACHABLE,
        subject=channel,
        feed=None,
        severity="medium",
        summary=f"the channel {channel} cannot be reached",
        detail=detail,
        what_to_do="Look whether the receiver works, and whether the channel's address is right",
    )
