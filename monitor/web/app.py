"""Everything that is served over HTTP, and to whom.

The two probes are open to everybody and say nothing about anybody. Pages are open on loopback; on any other address they need the
configured token (``Authorization: Bearer``; never in the address, as addresses are logged). On loopback, a page is asked for by
this machine's own name or the configured one: under another, a web site could read it in a reader's browser (DNS rebinding).
"""

import hmac
import json
import logging
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

import aiohttp_jinja2
import jinja2
from aiohttp import web
from aiohttp.typedefs import Handler, Middleware

from monitor.fetch.hosts import is_loopback
from monitor.store.database import Database
from monitor.web import dossier_page, health, pages

log = logging.getLogger(__name__)

PROBES = frozenset({"/healthz", "/readyz"})

SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'none'; "
        "base-uri 'none'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
}
_KEPT_HEADERS = ("Allow", "WWW-Authenticate", "Retry-After")


@dataclass(frozen=True, slots=True)
class Access:
    """Who may read: everybody on loopback, else whoever holds the token (None: nobody).

    ``hosts`` are the names, besides this machine's own, under which pages that are open may be asked for.
    """

    is_loopback: bool
    token: str | None
    hosts: frozenset[str] = frozenset()

    def is_meant(self, host: str) -> bool:
        """Whether a request with this ``Host`` header may be for us."""
        if self.token is not None or not self.is_loopback:
            return True  # no browser sends the token by itself
        try:
            name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
        except ValueError:
            return False
        return is_loopback(name) or name in self.hosts

    def allows(self, authorization: str | None) -> bool:
        """Whether a request with this ``Authorization`` header may read pages."""
        if self.token is None:
            return self.is_loopback
        scheme, _, given = (authorization or "").partition(" ")
        return scheme.lower() == "bearer" and hmac.compare_digest(
            given.strip().encode("utf-8", "surrogateescape"), self.token.encode()
        )


def make_app(database: Database, access: Access) -> web.Application:
    """The application; the caller serves it and closes the database."""
    app = web.Application(middlewares=[_secure, _problems, _allow(access)])
    app[health.DATABASE] = database
    aiohttp_jinja2.setup(
        app,
        loader=jinja2.PackageLoader("monitor.web"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    app.add_routes(
        [
            web.get("/healthz", health.healthz),
            web.get("/readyz", health.readyz),
            web.get("/alerts/{id}", pages.alert),
            web.get("/dossiers/{id}", dossier_page.dossier),
            web.get("/static/style.css", pages.style),
        ]
    )
    return app


@web.middleware
async def _secure(request: web.Request, handler: Handler) -> web.StreamResponse:
    response = await handler(request)
    response.headers.update(SECURITY_HEADERS)
    return response


@web.middleware
async def _problems(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Every error is ``application/problem+json`` (RFC 9457) with a sentence that a person would need."""
    try:
        return await handler(request)
    except web.HTTPException as error:
        if error.status < HTTPStatus.BAD_REQUEST:
            raise
        response = problem(error.status, error.text or error.reason)
        for name in _KEPT_HEADERS:
            if name in error.headers:
                response.headers[name] = error.headers[name]
        return response
    except Exception:  # the middleware is where it is caught, once
        log.exception("a page could not be made")
        return problem(
            HTTPStatus.INTERNAL_SERVER_ERROR, "The page could not be made. The log says why."
        )


def _allow(access: Access) -> Middleware:
    @web.middleware
    async def allow(request: web.Request, handler: Handler) -> web.StreamResponse:
        if request.path not in PROBES and not access.is_meant(request.headers.get("Host", "")):
            return problem(
                HTTPStatus.MISDIRECTED_REQUEST,
                "This page is not served under that name. Ask for localhost, or set public_url to the name.",
            )
        if request.path in PROBES or access.allows(request.headers.get("Authorization")):
            return await handler(request)
        sentence = (
            "This page needs the token: send it as 'Authorization: Bearer …'."
            if access.token
            else "This page is open on loopback only. Set a token in the configuration to read it from elsewhere."
        )
        response = problem(HTTPStatus.UNAUTHORIZED, sentence)
        response.headers["WWW-Authenticate"] = "Bearer"
        return response

    return allow


def problem(status: int, detail: str) -> web.Response:
    """An error as RFC 9457 has it."""
    body = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
    }
    return web.Response(
        status=status, body=json.dumps(body).encode(), content_type="application/problem+json"
    )
