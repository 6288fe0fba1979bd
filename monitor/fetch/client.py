"""One polite HTTP attempt: not modified, content, or a typed failure.

Polite: conditional, one request at a time per host, no HEAD, no cookies, gzip offered, a truthful User-Agent. Careful: https
only, redirects only to allowed hosts, public addresses only, every limit enforced while streaming to disk. It never retries
(but for the one repeat that aiohttp makes when a connection is closed without any answer) and never decides when to come back.
"""

import asyncio
from collections import defaultdict
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Self

import aiohttp
from aiohttp.abc import AbstractResolver

from monitor.clock import Clock, SystemClock
from monitor.fetch.answers import BEGINNING, Expectation, failure
from monitor.fetch.attempt import MAX_REDIRECTS, Attempt, Validators, parsed
from monitor.fetch.hosts import AllowedHosts, PublicAddresses, host_of
from monitor.fetch.limits import PIECE, IncomingBody, Limits
from monitor.fetch.spool import SpoolFile

__all__ = ["Content", "Fetcher", "NotModified", "Validators", "default_user_agent"]


@dataclass(frozen=True, slots=True)
class NotModified:
    """The server vouches that the content on record is still the present one."""

    headers: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Content:
    """A whole body on disk, expanded. ``path`` is the caller's to remove; ``sha256`` is of exactly the bytes in it.

    ``final_host`` is where it came from in the end: for the record only, never a place to ask next time.
    """

    path: Path
    sha256: str
    size: int
    headers: Mapping[str, str]
    content_type: str
    final_host: str

    @property
    def validators(self) -> Validators:
        """What to send with the next request, once this content is accepted."""
        return Validators(self.headers.get("ETag"), self.headers.get("Last-Modified"))


def default_user_agent(version: str, url: str) -> str:
    """A truthful User-Agent that OFAC's list service accepts: it must begin ``Mozilla/<digit>`` and have 40 characters."""
    return f"Mozilla/5.0 (compatible; sanctions-monitor/{version}; +{url})"


class Fetcher:
    """Fetches documents into ``spool``. An async context manager: it holds one session, and makes the folder.

    ``trust_env`` takes proxies from the environment. ``resolver`` replaces the system's; its answers are checked as well.
    """

    def __init__(
        self,
        *,
        user_agent: str,
        spool: Path,
        limits: Limits | None = None,
        trust_env: bool = False,
        clock: Clock | None = None,
        resolver: AbstractResolver | None = None,
    ) -> None:
        self._user_agent = user_agent
        self._spool = spool
        self._limits = limits or Limits()
        self._trust_env = trust_env
        self._clock = clock or SystemClock()
        self._resolver = resolver
        self._one_at_a_time: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def __aenter__(self) -> Self:
        self._spool.mkdir(parents=True, exist_ok=True)
        self._addresses = PublicAddresses(self._resolver or aiohttp.ThreadedResolver())
        self._session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(resolver=self._addresses, limit_per_host=2),
            timeout=aiohttp.ClientTimeout(
                total=None,
                sock_connect=self._limits.connect.total_seconds(),
                sock_read=self._limits.stall.total_seconds(),
            ),
            # Encodings are named, or the offer would grow with whatever else is installed.
            headers={"User-Agent": self._user_agent, "Accept-Encoding": "gzip"},
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            trust_env=self._trust_env,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._session.close()
        await self._addresses.close()

    async def fetch(
        self,
        url: str,
        *,
        feed: str,
        validators: Validators | None = None,
        redirect_hosts: Sequence[str] = (),
        max_bytes: int | None = None,
        expects: Expectation | None = None,
    ) -> NotModified | Content:
        """What ``url`` serves now: NotModified if ``validators`` still hold, else its whole Content.

        Raises a FetchError, or NotTheFeed when the body plainly is not ``expects``; nothing is left on disk then, nor after
        a cancellation. Raises OSError when the spool cannot be written.
        """
        address = parsed(feed, url)
        attempt = Attempt(
            feed=feed,
            url=address,
            validators=validators or Validators(),
            hosts=AllowedHosts(address, redirect_hosts),
            max_bytes=self._limits.max_bytes if max_bytes is None else max_bytes,
            limits=self._limits,
            expects=expects,
        )
        async with self._one_at_a_time[attempt.host]:
            total = asyncio.timeout(self._limits.total.total_seconds())
            try:
                async with total:
                    return await self._attempt(attempt)
            except TimeoutError:
                if not total.expired():
                    raise
                raise attempt.too_slow() from None

    async def _attempt(self, attempt: Attempt) -> NotModified | Content:
        async def check_hop(
            request: aiohttp.ClientRequest, ask: aiohttp.ClientHandlerType
        ) -> aiohttp.ClientResponse:
            attempt.check_hop(request.url)
            if request.proxy is not None:
                self._addresses.exempt.add(host_of(request.proxy))
            return await ask(request)

        try:
            response = await self._session.get(
                attempt.url,
                headers=attempt.validators.headers(),
                middlewares=(check_hop,),
                # aiohttp counts the redirect that it refuses
                max_redirects=MAX_REDIRECTS + 1,
            )
        except (aiohttp.ClientError, TimeoutError) as error:
            # Without its cause: aiohttp's sentences hold whole URLs.
            raise attempt.no_answer(error) from None
        try:
            return await self._receive(attempt, response)
        finally:
            # A whole body has given its connection back; any other connection is not worth keeping.
            response.close()

    async def _receive(
        self, attempt: Attempt, response: aiohttp.ClientResponse
    ) -> NotModified | Content:
        if response.status == HTTPStatus.NOT_MODIFIED and attempt.validators.headers():
            return NotModified(response.headers)
        refusal = failure(
            response.status,
            response.headers,
            feed=attempt.feed,
            host=attempt.host,
            now=self._clock.now(),
        )
        if refusal is not None:
            raise refusal
        body = attempt.body(response.headers)
        content_type = response.headers.get("Content-Type", "")
        beginning = b""
        with SpoolFile(self._spool) as file:
            async with aclosing(_pieces(attempt, response, body)) as pieces:
                async for piece in pieces:
                    file.write(piece)
                    if len(beginning) < BEGINNING:
                        beginning += piece[:BEGINNING]
                        if len(beginning) >= BEGINNING:
                            attempt.judge(content_type, beginning, is_whole=False)
            if len(beginning) < BEGINNING:
                attempt.judge(content_type, beginning, is_whole=True)
            return Content(
                path=file.keep(),
                sha256=file.sha256,
                size=body.size,
                headers=response.headers,
                content_type=content_type,
                final_host=host_of(response.url),
            )


async def _pieces(
    attempt: Attempt, response: aiohttp.ClientResponse, body: IncomingBody
) -> AsyncGenerator[bytes, None]:
    """The expanded body, in small pieces; ends only when it is whole."""
    chunks = response.content.iter_chunked(PIECE)
    while True:
        try:
            sent = await anext(chunks, b"")
        except (aiohttp.ClientError, TimeoutError) as error:
            raise attempt.broken_off(error) from None
        if not sent:
            break
        attempt.received += len(sent)
        for piece in body.expand(sent):
            yield piece
            # A few bytes can expand to many pieces: let others run in between.
            await asyncio.sleep(0)
    body.finish()
