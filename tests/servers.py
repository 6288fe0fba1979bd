"""Real HTTP servers on loopback that record what they were asked, and misbehave on request.

``SourceServer`` stands for an authority, ``WebhookReceiver`` for a customer::

    async with SourceServer() as source:
        source.serve("/SDN.XML", b"<sdnList/>", content_type="application/xml")
        source.misbehave("/SDN.XML", Status(503, retry_after="120"), times=2)
        ...
        assert source.asked("/SDN.XML") == 3
"""

import asyncio
import gzip
import hashlib
import json
import zlib
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any, Self

from aiohttp import web

PIECE = b"x" * 65536


# --- how a source misbehaves ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Stall:
    """Sends the head and ``after`` bytes, then nothing more. ``after=None``: not even a head."""

    after: int | None = 100


@dataclass(frozen=True)
class Drip:
    """Sends one byte every so many seconds, for ever."""

    every: float = 0.02


@dataclass(frozen=True)
class Late:
    """Answers as it is served, after so many seconds."""

    after: float = 0.05


@dataclass(frozen=True)
class CutShort:
    """Announces the whole body's length, sends ``share`` of it and hangs up."""

    body: bytes = b"<list>" + b"x" * 10_000
    share: float = 0.5


@dataclass(frozen=True)
class CutUnannounced:
    """Announces neither length nor chunks, sends ``share`` of the body and hangs up, as if that were all."""

    body: bytes = b"<list>" + b"x" * 10_000
    share: float = 0.5


@dataclass(frozen=True)
class CutGzip:
    """Sends half of a gzip body, with exactly the length of that half."""

    body: bytes = bytes(range(256)) * 100


@dataclass(frozen=True)
class GzipBomb:
    """A small gzip body that expands to ``expanded`` bytes."""

    expanded: int = 20_000_000


@dataclass(frozen=True)
class Endless:
    """A body that never ends, made while it is sent. ``announce`` is a length to declare, None for chunks."""

    announce: int | None = None
    beginning: bytes = b"<?xml version='1.0'?><list>"


@dataclass(frozen=True)
class Status:
    """Answers with that status."""

    status: int
    retry_after: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b"no"


@dataclass(frozen=True)
class Redirect:
    """Leads elsewhere; a relative ``to`` stays at this server."""

    to: str
    status: int = 302


@dataclass(frozen=True)
class Challenge:
    """Answers 200 with a firewall's page."""

    body: bytes = (
        b"<!DOCTYPE html><html><head><title>Access Denied</title></head>"
        b"<body><h1>Access Denied</h1>You don't have permission to access this server.</body></html>"
    )
    status: int = 200


@dataclass(frozen=True)
class HangUp:
    """Closes the connection instead of answering."""


@dataclass(frozen=True)
class Raw:
    """Sends exactly these bytes, head included, and hangs up."""

    sent: bytes


Misbehaviour = (
    Stall
    | Drip
    | Late
    | CutShort
    | CutUnannounced
    | CutGzip
    | GzipBomb
    | Endless
    | Status
    | Redirect
    | Challenge
    | HangUp
    | Raw
)


# --- what was asked ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Recorded:
    """A request as it came."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    at: datetime

    def json(self) -> Any:
        return json.loads(self.body)


class LoopbackServer:
    """An HTTP server on a free port of 127.0.0.1 that records every request. ``url`` has no slash at its end."""

    def __init__(self) -> None:
        self.url = ""
        self.port = 0
        self.requests: list[Recorded] = []
        self.open_now = 0
        """How many requests are being answered, and the most that ever were at once."""
        self.open_at_most = 0
        self._closing = asyncio.Event()
        self._came = asyncio.Condition()
        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.router.add_route("*", "/{path:.*}", self._record_and_answer)
        self._runner = web.AppRunner(
            app, access_log=None, shutdown_timeout=0.1, handler_cancellation=True
        )

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self.url = f"http://127.0.0.1:{self.port}"
        return self

    async def __aexit__(self, *_: object) -> None:
        self._closing.set()
        await self._runner.cleanup()

    def asked(self, path: str) -> int:
        """How often a path was asked for."""
        return sum(request.path == path for request in self.requests)

    async def wait_for(self, count: int, path: str | None = None, *, within: float = 10) -> None:
        """Return once ``count`` requests (for ``path``) have come; TimeoutError after ``within`` seconds."""
        async with asyncio.timeout(within), self._came:
            await self._came.wait_for(
                lambda: (len(self.requests) if path is None else self.asked(path)) >= count
            )

    async def _record_and_answer(self, request: web.Request) -> web.StreamResponse:
        recorded = Recorded(
            request.method,
            request.path,
            request.query_string,
            request.headers.copy(),
            await request.read(),
            datetime.now(UTC),
        )
        self.requests.append(recorded)
        async with self._came:
            self._came.notify_all()
        self.open_now += 1
        self.open_at_most = max(self.open_at_most, self.open_now)
        try:
            return await self._answer(request, recorded)
        finally:
            self.open_now -= 1

    async def _answer(self, request: web.Request, recorded: Recorded) -> web.StreamResponse:
        raise NotImplementedError


# --- an authority -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Served:
    body: bytes
    status: int
    content_type: str
    headers: Mapping[str, str]
    etag: str | None
    last_modified: datetime | None
    gzip: bool


class SourceServer(LoopbackServer):
    """An authority's web server. What was neither served nor misbehaves is 404."""

    def __init__(self) -> None:
        super().__init__()
        self._served: dict[str, _Served] = {}
        self._misbehaviours: dict[str, tuple[Misbehaviour, int | None]] = {}

    def serve(
        self,
        path: str,
        body: bytes | str,
        *,
        status: int = 200,
        content_type: str = "application/xml",
        headers: Mapping[str, str] | None = None,
        etag: str | bool = True,
        last_modified: datetime | None = None,
        gzip: bool = False,
    ) -> None:
        """Serve a body from now on; ends a misbehaviour of that path.

        ``etag``: True makes one of the body, False sends none. Conditional requests are answered 304 by either validator.
        ``gzip`` compresses for whoever accepts it.
        """
        body = body.encode() if isinstance(body, str) else body
        tag = f'"{hashlib.sha256(body).hexdigest()[:16]}"' if etag is True else etag or None
        self._served[path] = _Served(
            body, status, content_type, headers or {}, tag, last_modified, gzip
        )
        self._misbehaviours.pop(path, None)

    def forget(self, path: str) -> None:
        """Answer 404 from now on."""
        self._served.pop(path, None)
        self._misbehaviours.pop(path, None)

    def misbehave(self, path: str, how: Misbehaviour, *, times: int | None = None) -> None:
        """Misbehave at that path from now on, or so many times; then what is served there is served again."""
        self._misbehaviours[path] = (how, times)

    async def _answer(self, request: web.Request, recorded: Recorded) -> web.StreamResponse:
        how = self._next_misbehaviour(request.path)
        if isinstance(how, Late):
            await asyncio.sleep(how.after)
        elif how is not None:
            return await self._misbehave(request, how)
        served = self._served.get(request.path)
        if served is None:
            return web.Response(status=404, text="nothing here")
        return _answer_as_served(request, served)

    def _next_misbehaviour(self, path: str) -> Misbehaviour | None:
        how, times = self._misbehaviours.get(path, (None, None))
        if times is not None:
            if times > 1 and how is not None:
                self._misbehaviours[path] = (how, times - 1)
            else:
                del self._misbehaviours[path]
        return how

    async def _misbehave(self, request: web.Request, how: Misbehaviour) -> web.StreamResponse:
        match how:
            case Late():
                raise AssertionError("is answered as it is served")
            case Stall():
                return await self._stall(request, how)
            case Drip():
                return await self._drip(request, how)
            case Endless():
                return await self._send_endlessly(request, how)
            case CutShort():
                return _hang_up_after(request, _head(len(how.body)) + _part(how.body, how.share))
            case CutUnannounced():
                return _hang_up_after(request, _head(None) + _part(how.body, how.share))
            case CutGzip():
                half = _part(gzip.compress(how.body), 0.5)
                return _compressed(half)
            case GzipBomb():
                return _compressed(_zeros_in_gzip(how.expanded))
            case Status():
                wish = {} if how.retry_after is None else {"Retry-After": how.retry_after}
                return web.Response(
                    status=how.status, headers={**wish, **how.headers}, body=how.body
                )
            case Redirect():
                return web.Response(status=how.status, headers={"Location": how.to})
            case Challenge():
                return web.Response(status=how.status, body=how.body, content_type="text/html")
            case HangUp():
                return _hang_up_after(request, b"")
            case Raw():
                return _hang_up_after(request, how.sent)

    async def _stall(self, request: web.Request, how: Stall) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/xml"})
        if how.after is not None:
            response.content_length = how.after + 1_000_000
            await response.prepare(request)
            await response.write(b"x" * how.after)
        await self._closing.wait()
        return response

    async def _drip(self, request: web.Request, how: Drip) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/xml"})
        await response.prepare(request)
        while not self._closing.is_set():
            await response.write(b"x")
            await asyncio.sleep(how.every)
        return response

    async def _send_endlessly(self, request: web.Request, how: Endless) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/xml"})
        response.content_length = how.announce
        await response.prepare(request)
        await response.write(how.beginning)
        while not self._closing.is_set():
            await response.write(PIECE)
        return response


def _answer_as_served(request: web.Request, served: _Served) -> web.StreamResponse:
    headers = {"Content-Type": served.content_type, **served.headers}
    if served.etag is not None:
        headers["ETag"] = served.etag
    if served.last_modified is not None:
        headers["Last-Modified"] = format_datetime(served.last_modified, usegmt=True)
    if served.status == 200 and _still_holds(request, served):
        return web.Response(status=304, headers=headers)
    body = served.body
    if served.gzip and "gzip" in request.headers.get("Accept-Encoding", ""):
        headers["Content-Encoding"] = "gzip"
        body = gzip.compress(body, mtime=0)
    return web.Response(status=served.status, headers=headers, body=body)


def _still_holds(request: web.Request, served: _Served) -> bool:
    """RFC 9110: a sent If-None-Match decides alone; If-Modified-Since counts only without it."""
    tags = request.headers.get("If-None-Match")
    if tags is not None:
        return served.etag is not None and served.etag in [tag.strip() for tag in tags.split(",")]
    since = request.headers.get("If-Modified-Since")
    if since is None or served.last_modified is None:
        return False
    return served.last_modified.replace(microsecond=0) <= parsedate_to_datetime(since)


def _compressed(body: bytes) -> web.Response:
    headers = {"Content-Encoding": "gzip", "Content-Type": "application/xml"}
    return web.Response(body=body, headers=headers)


def _head(length: int | None) -> bytes:
    announced = b"" if length is None else b"Content-Length: %d\r\n" % length
    return b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\n" + announced + b"\r\n"


def _part(body: bytes, share: float) -> bytes:
    return body[: int(len(body) * share)]


def _hang_up_after(request: web.Request, sent: bytes) -> web.StreamResponse:
    """Past aiohttp, which is too well-behaved: write bytes to the socket and close it."""
    transport = request.transport
    assert transport is not None
    if sent:
        transport.write(sent)
    transport.close()
    return web.Response()  # goes nowhere: the connection is closed


def _zeros_in_gzip(count: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    whole, rest = divmod(count, 1_000_000)
    packed = [packer.compress(bytes(1_000_000)) for _ in range(whole)]
    return b"".join([*packed, packer.compress(bytes(rest)), packer.flush()])


# --- a customer -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """What a receiver answers once. ``after`` seconds of delay; ``status=None`` hangs up without an answer."""

    status: int | None = 204
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    after: float = 0


class WebhookReceiver(LoopbackServer):
    """Records what is delivered (``requests``) and answers from ``answers``, in order; 204 when there are none."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: deque[Answer] = deque()
        self.on_request: Callable[[Recorded], None] = lambda _: None
        """Called before each answer: for a test that must do something between receipt and answer."""

    async def _answer(self, request: web.Request, recorded: Recorded) -> web.StreamResponse:
        self.on_request(recorded)
        answer = self.answers.popleft() if self.answers else Answer()
        await asyncio.sleep(answer.after)
        if answer.status is None:
            return _hang_up_after(request, b"")
        return web.Response(status=answer.status, headers=answer.headers, body=answer.body)
