"""Channels in the configuration: where messages go, how they are written there, and how often and when."""

from typing import cast, get_args
from zoneinfo import ZoneInfo

from monitor.config import scalars
from monitor.config.errors import one_of
from monitor.config.routes import SEVERITIES
from monitor.config.tree import Section
from monitor.config.values import ChannelSettings, Format
from monitor.core.pace import Pace, QuietHours

CHANNEL_SETTINGS = (
    "url",
    "webhook",
    "file",
    "secret",
    "format",
    "language",
    "max_per_minute",
    "quiet_hours",
    "quiet_except",
)
FORMATS: tuple[str, ...] = get_args(Format)
LANGUAGE = "en"

_TARGETS = ("url", "webhook", "file")
_HIGH = frozenset({"high"})


def read_channels(section: Section, *, zone: str) -> dict[str, ChannelSettings]:
    """The channels by name. ``zone`` is that of quiet hours which name none of their own.

    Raises ConfigurationError for the first thing that is not right.
    """
    return {name: _channel(name, section.section(name), zone) for name in section.names("channel")}


def _channel(name: str, section: Section, zone: str) -> ChannelSettings:
    section.only(CHANNEL_SETTINGS)
    if sum(map(section.has, _TARGETS)) != 1:
        raise section.wrong_itself(
            "expected either url (people), webhook (programs) or file (JSON Lines)"
        )
    if section.has("secret") != section.has("webhook"):
        raise section.wrong_itself(
            "a webhook needs a secret to sign with, and nothing else takes one"
        )
    for key in ("format", "language"):
        if section.has(key) and not section.has("url"):
            raise section.wrong(key, "a webhook and a file are always written JSON; remove the key")
    return ChannelSettings(
        name=name,
        url=section.secret("url", scalars.apprise_url),
        webhook=section.secret("webhook", scalars.webhook_url),
        file=section.value("file", scalars.file),
        secrets=section.secrets("secret", scalars.webhook_secret),
        format=cast(Format | None, section.word("format", FORMATS)),
        language=section.value("language", scalars.language) or LANGUAGE,
        pace=_pace(section, zone),
    )


def _pace(section: Section, zone: str) -> Pace:
    hours = section.value("quiet_hours", scalars.hours)
    if section.has("quiet_except") and hours is None:
        raise section.wrong_itself("quiet_except says what comes through in quiet_hours; set these")
    if hours is None:
        return Pace(max_per_minute=section.value("max_per_minute", scalars.positive))
    begins, ends, named = hours
    return Pace(
        max_per_minute=section.value("max_per_minute", scalars.positive),
        quiet=QuietHours(begins, ends, ZoneInfo(named or zone), _excepted(section)),
    )


def _excepted(section: Section) -> frozenset[str]:
    """The severities that come through; an empty list lets none through."""
    if not section.has("quiet_except"):
        return _HIGH
    words = section.value("quiet_except", scalars.words) or ()
    unknown = [word for word in words if word not in SEVERITIES]
    if unknown:
        raise section.wrong(
            "quiet_except", f"expected {one_of(SEVERITIES)}, or a list of them; not {unknown[0]}"
        )
    return frozenset(words)
