"""Why a fetch brought nothing: one class per thing that a caller, or a person, does differently.

::

    FetchError
    ├── Blocked             403, or a challenge page: the server knows us and does not want us
    ├── RateLimited         429
    ├── ServerError         5xx
    ├── NotFound            404 or 410
    ├── Unreachable         the name, the connection or TLS; an answer that is not HTTP
    ├── Stalled             connected, then silent for too long
    ├── TooSlow             bytes came, but not all of them within the total time
    ├── TooLarge            more bytes than allowed, as sent or expanded
    ├── TruncatedBody       fewer bytes than promised, or a compressed body without its end
    ├── ForbiddenRedirect   the server leads to a place that the feed does not allow
    ├── ForbiddenAddress    the feed's own address is one that we refuse to ask
    ├── UnexpectedEncoding  a compression that we did not offer
    └── UnexpectedStatus    any other status

``reason`` is the incident's kind and a metric label. ``transient`` says that the cause usually passes by itself, so that one
failure alone need not disturb anybody. Polling goes on after every one of them.

No sentence holds a path, a query string or credentials: only the host is named.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar


@dataclass(eq=False, kw_only=True)
class FetchError(Exception):
    """One attempt to fetch failed. ``retry_after`` is how long the server asked us to stay away."""

    feed: str
    host: str
    retry_after: timedelta | None = None
    reason: ClassVar[str] = "fetch_failed"
    transient: ClassVar[bool] = True

    def __str__(self) -> str:
        return f"{self.feed}: {self._what_happened()}{self._wish()}"

    def _what_happened(self) -> str:
        return f"{self.host} could not be read."

    def _wish(self) -> str:
        if self.retry_after is None:
            return ""
        return f" It asks us to wait {in_words(self.retry_after)}."


@dataclass(eq=False, kw_only=True)
class Blocked(FetchError):
    """The server refuses us in particular. ``sign`` is what gave it away."""

    sign: str
    reason: ClassVar[str] = "blocked"

    def _what_happened(self) -> str:
        return (
            f"{self.host} blocks us ({self.sign}). Polling goes on, more slowly. If it lasts, check that the configured "
            f"user_agent is accepted there and that this machine's address is not on a block list."
        )


@dataclass(eq=False, kw_only=True)
class RateLimited(FetchError):
    """The server says that we ask too often."""

    reason: ClassVar[str] = "rate_limited"

    def _what_happened(self) -> str:
        return f"{self.host} says that we ask too often (HTTP 429). Polling goes on, more slowly."


@dataclass(eq=False, kw_only=True)
class ServerError(FetchError):
    """The server failed at its own work."""

    status: int
    reason: ClassVar[str] = "server_error"

    def _what_happened(self) -> str:
        return f"{self.host} reports an error of its own (HTTP {self.status})."


@dataclass(eq=False, kw_only=True)
class NotFound(FetchError):
    """There is nothing at that address, not yet or no longer."""

    status: int
    reason: ClassVar[str] = "not_found"
    transient: ClassVar[bool] = False

    def _what_happened(self) -> str:
        return f"{self.host} has nothing at this address (HTTP {self.status}). If it lasts, the source has moved."


@dataclass(eq=False, kw_only=True)
class Unreachable(FetchError):
    """No answer at all, or none that is HTTP."""

    detail: str
    reason: ClassVar[str] = "unreachable"

    def _what_happened(self) -> str:
        return f"{self.host} could not be reached: {self.detail}."


@dataclass(eq=False, kw_only=True)
class Stalled(FetchError):
    """The connection stood, and nothing came through it for ``limit``."""

    limit: timedelta
    received: int
    reason: ClassVar[str] = "stalled"

    def _what_happened(self) -> str:
        return f"{self.host} fell silent for {in_words(self.limit)} after {self.received:,} bytes."


@dataclass(eq=False, kw_only=True)
class TooSlow(FetchError):
    """The whole attempt took longer than ``limit``."""

    limit: timedelta
    received: int
    reason: ClassVar[str] = "too_slow"

    def _what_happened(self) -> str:
        return f"{self.host} had sent {self.received:,} bytes when the {in_words(self.limit)} for one fetch were over."


@dataclass(eq=False, kw_only=True)
class TooLarge(FetchError):
    """More bytes than ``limit``. ``measured`` says where they were counted: "as sent" or "expanded"."""

    limit: int
    measured: str
    reason: ClassVar[str] = "too_large"
    transient: ClassVar[bool] = False

    def _what_happened(self) -> str:
        return f"{self.host} sent more than the {self.limit:,} bytes allowed ({self.measured}). It was not read further."


@dataclass(eq=False, kw_only=True)
class TruncatedBody(FetchError):
    """The body is not whole."""

    detail: str
    received: int
    reason: ClassVar[str] = "truncated"

    def _what_happened(self) -> str:
        return f"{self.host} sent an incomplete body: {self.detail} ({self.received:,} bytes came)."


@dataclass(eq=False, kw_only=True)
class ForbiddenRedirect(FetchError):
    """The server leads somewhere that the feed does not allow; nobody was asked there."""

    target_host: str
    detail: str
    reason: ClassVar[str] = "forbidden_redirect"
    transient: ClassVar[bool] = False

    def _what_happened(self) -> str:
        return (
            f"{self.host} redirects to {self.target_host}, which is refused: {self.detail}. If the source has moved "
            f"there for good, its adapter's redirect_hosts must say so."
        )


@dataclass(eq=False, kw_only=True)
class ForbiddenAddress(FetchError):
    """The feed's own address is one that is never asked: plain http, or a machine of a private network."""

    detail: str
    reason: ClassVar[str] = "forbidden_address"
    transient: ClassVar[bool] = False

    def _what_happened(self) -> str:
        return f"{self.host} is refused as a source: {self.detail}."


@dataclass(eq=False, kw_only=True)
class UnexpectedEncoding(FetchError):
    """The body is compressed in a way that was not offered."""

    encoding: str
    reason: ClassVar[str] = "unexpected_content"
    transient: ClassVar[bool] = False

    def _what_happened(self) -> str:
        return f"{self.host} sent a body encoded as {self.encoding!r} where only gzip was offered."


@dataclass(eq=False, kw_only=True)
class UnexpectedStatus(FetchError):
    """A status that is neither content nor any known failure."""

    status: int
    reason: ClassVar[str] = "unexpected_status"
    transient: ClassVar[bool] = False

    def _what_happened(self) -> str:
        return f"{self.host} answered with HTTP {self.status}, which means nothing here."


def in_words(duration: timedelta) -> str:
    """A duration for a sentence: ``0.5 s``, ``90 s``, ``15 min``, ``6 h``."""
    seconds = duration.total_seconds()
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= 2 * size and seconds % size == 0:
            return f"{seconds // size:.0f} {unit}"
    return f"{seconds:g} s"
