"""The configuration as frozen values. Everything in them has been checked."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Literal
from urllib.parse import unquote, urlsplit
from zoneinfo import ZoneInfo

from feeds.base import Guard
from monitor.core.pace import UNHURRIED, Pace
from monitor.core.retry import AGE_LIMIT
from monitor.core.route import Route

Format = Literal["text", "html", "markdown"]

DATABASE_FILE = "sanctions-monitor.db"


class Secret:
    """A text that is never shown: neither by ``str`` nor by ``repr``, only by asking for it with :meth:`reveal`."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def reveal(self) -> str:
        """The secret itself, for the one who needs it to call the outside."""
        return self._text

    def __repr__(self) -> str:
        return "Secret(…)"

    def __str__(self) -> str:
        return "(a secret)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and other._text == self._text

    def __hash__(self) -> int:
        return hash(self._text)


@dataclass(frozen=True)
class Listen:
    """The address that pages and probes are served on."""

    host: str
    port: int

    @property
    def is_loopback(self) -> bool:
        """Whether only this machine can reach it."""
        return is_loopback(self.host)

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{host}:{self.port}"


@dataclass(frozen=True)
class FeedSettings:
    """How one feed is polled. ``guard`` is None for a stream, which has no set that could shrink."""

    enabled: bool
    url: str
    interval: timedelta
    guard: Guard | None


@dataclass(frozen=True)
class ChannelSettings:
    """One way to reach people (``url``, any Apprise URL) or programs (``webhook``, signed with each of ``secrets``; ``file``).

    Exactly one of ``url``, ``webhook`` and ``file`` is set. ``format`` is text, html or markdown; None leaves it to the channel.
    ``language`` is what dates are written in, ``pace`` how much and when the channel takes.
    """

    name: str
    url: Secret | None = None
    webhook: Secret | None = None
    file: Path | None = None
    secrets: tuple[Secret, ...] = ()
    format: Format | None = None
    language: str = "en"
    pace: Pace = UNHURRIED


@dataclass(frozen=True)
class Configuration:
    """Everything that can be set. ``source`` is the file it was read from, None when there was none."""

    data_dir: Path
    database_url: str | None = field(repr=False)
    listen: Listen
    public_url: str
    user_agent: str
    zone: str
    token: Secret | None
    feeds: Mapping[str, FeedSettings]
    channels: Mapping[str, ChannelSettings]
    routes: tuple[Route, ...]
    give_up_after: timedelta = AGE_LIMIT
    source: Path | None = None

    @property
    def database(self) -> str:
        """The URL of the database: the configured one, or SQLite in the data directory."""
        return self.database_url or f"sqlite:///{self.data_dir / DATABASE_FILE}"

    @property
    def hosts(self) -> frozenset[str]:
        """The names under which pages are asked for: the one that is listened on, and the one in links."""
        return frozenset({self.listen.host.lower(), urlsplit(self.public_url).hostname or ""}) - {
            ""
        }

    @property
    def zone_info(self) -> ZoneInfo:
        """The readers' own time zone."""
        return ZoneInfo(self.zone)

    @property
    def secrets(self) -> tuple[Secret, ...]:
        """Everything that must never be logged or shown."""
        found = [self.token] if self.token else []
        for channel in self.channels.values():
            found += [secret for secret in (channel.url, channel.webhook) if secret]
            found += channel.secrets
        password = urlsplit(self.database_url).password if self.database_url else None
        if password:
            found += [Secret(password), Secret(unquote(password))]
        return tuple(found)


def is_loopback(host: str) -> bool:
    """Whether a host name or address is this machine's own."""
    return host in ("localhost", "::1") or (host.startswith("127.") and host.count(".") == 3)
