"""One fetch under way: what was asked, how far it came, and what its failures are called.

aiohttp's exceptions end here. Its sentences hold whole URLs, the signatures of a redirect's target included, so ours are made
anew, from hosts and fixed words only.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import aiohttp
from yarl import URL

from monitor.fetch.answers import Expectation, challenge_sign, check_beginning
from monitor.fetch.errors import (
    Blocked,
    FetchError,
    ForbiddenAddress,
    ForbiddenRedirect,
    Stalled,
    TooSlow,
    TruncatedBody,
    Unreachable,
)
from monitor.fetch.hosts import AllowedHosts, NotPublic, host_of
from monitor.fetch.limits import IncomingBody, Limits

MAX_REDIRECTS = 5


@dataclass(frozen=True, slots=True)
class Validators:
    """What a server said about the content on record, to be sent back: ours to store once that content is accepted."""

    etag: str | None = None
    last_modified: str | None = None

    def headers(self) -> dict[str, str]:
        """The request headers that ask for content only if it is other than this."""
        pairs = (("If-None-Match", self.etag), ("If-Modified-Since", self.last_modified))
        return {name: value for name, value in pairs if value}


@dataclass(kw_only=True)
class Attempt:
    """One attempt to fetch ``url`` for a feed. ``asked`` is the host of the latest hop, ``received`` counts bytes as sent."""

    feed: str
    url: URL
    validators: Validators
    hosts: AllowedHosts
    max_bytes: int
    limits: Limits
    expects: Expectation | None
    asked: str = ""
    received: int = 0

    @property
    def host(self) -> str:
        """The host of the feed's own address."""
        return self.hosts.own

    def check_hop(self, url: URL) -> None:
        """Called before each hop; raises when it may not be taken."""
        is_first = not self.asked
        self.asked = host_of(url)
        detail = self.hosts.refusal(url)
        if detail is not None:
            raise self._refused(detail) if is_first else self._refused_redirect(detail)

    def body(self, headers: Mapping[str, str]) -> IncomingBody:
        """The body that these headers announce."""
        declared = headers.get("Content-Length", "")
        is_declared = (
            declared.isascii() and declared.isdigit() and "Transfer-Encoding" not in headers
        )
        return IncomingBody(
            feed=self.feed,
            host=self.host,
            encoding=headers.get("Content-Encoding", ""),
            declared=int(declared) if is_declared else None,
            max_bytes=self.max_bytes,
            max_compressed=self.limits.max_compressed,
        )

    def judge(self, content_type: str, beginning: bytes, *, is_whole: bool) -> None:
        """Raise if the first bytes show that this is not the source's own document."""
        sign = challenge_sign(content_type, beginning, is_whole=is_whole)
        if sign is not None:
            raise Blocked(feed=self.feed, host=self.host, sign=sign)
        if self.expects is not None:
            check_beginning(self.feed, self.expects, content_type, beginning)

    def no_answer(self, error: Exception) -> FetchError:
        """What an error before the answer's body is called."""
        match error:
            case aiohttp.TooManyRedirects():
                return self._refused_redirect(f"more than {MAX_REDIRECTS} redirects in a row")
            case aiohttp.RedirectClientError():
                return self._refused_redirect("it is not an https address", "elsewhere")
            case aiohttp.InvalidURL() | aiohttp.NonHttpUrlClientError():
                return self._refused("it is not a complete https address")
            case aiohttp.SocketTimeoutError():
                return self._stalled()
            case aiohttp.ClientConnectorError(os_error=NotPublic()):
                detail = "its name resolves to a private network"
                return (
                    self._refused(detail)
                    if self.asked == self.host
                    else self._refused_redirect(detail)
                )
        return Unreachable(feed=self.feed, host=self.asked or self.host, detail=_detail(error))

    def broken_off(self, error: Exception) -> FetchError:
        """What an error within the answer's body is called."""
        if isinstance(error, TimeoutError):
            return self._stalled()
        return TruncatedBody(
            feed=self.feed,
            host=self.host,
            detail="the connection ended before the body did",
            received=self.received,
        )

    def too_slow(self) -> TooSlow:
        """What running out of the total time is called."""
        return TooSlow(
            feed=self.feed, host=self.host, limit=self.limits.total, received=self.received
        )

    def _stalled(self) -> Stalled:
        return Stalled(
            feed=self.feed, host=self.host, limit=self.limits.stall, received=self.received
        )

    def _refused(self, detail: str) -> ForbiddenAddress:
        return ForbiddenAddress(feed=self.feed, host=self.host or "its address", detail=detail)

    def _refused_redirect(self, detail: str, target_host: str = "") -> ForbiddenRedirect:
        return ForbiddenRedirect(
            feed=self.feed,
            host=self.host,
            target_host=target_host or self.asked[:100],
            detail=detail,
        )


def _detail(error: Exception) -> str:
    """A connection's failure in words of our own, without any address."""
    match error:
        case aiohttp.ClientConnectorDNSError():
            return "its name does not resolve"
        case aiohttp.ClientConnectorCertificateError():
            return "its certificate is not valid"
        case aiohttp.ClientSSLError():
            return "TLS could not be agreed upon"
        case aiohttp.ConnectionTimeoutError():
            return "the connection took too long"
        case aiohttp.ClientProxyConnectionError() | aiohttp.ClientHttpProxyError():
            return "the proxy did not connect us"
        case aiohttp.ServerDisconnectedError():
            return "it closed the connection without an answer"
        case aiohttp.ClientResponseError():
            return "its answer is not valid HTTP"
        case aiohttp.ClientOSError(strerror=str(reason)) if reason and "://" not in reason:
            return reason.lower()
    return "the connection failed"


def parsed(feed: str, url: str) -> URL:
    """An address as a URL; ForbiddenAddress if it cannot be one."""
    try:
        return URL(url)
    except ValueError:
        detail = "it is not a complete https address"
        raise ForbiddenAddress(feed=feed, host="its address", detail=detail) from None
