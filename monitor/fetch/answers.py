"""What an answer's status, headers and first bytes mean. Pure: values in, values out.

A server's 200 proves little: firewalls answer with a friendly page. So the first bytes are looked at before anything is
handed on (:func:`challenge_sign`, :func:`check_beginning`).
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Literal

from feeds.errors import NotTheFeed
from monitor.fetch.errors import (
    Blocked,
    FetchError,
    NotFound,
    RateLimited,
    ServerError,
    UnexpectedStatus,
)

Expectation = Literal["xml", "html", "json"]

BEGINNING = 4096
"""How many of a body's first bytes are looked at."""


def failure(
    status: int, headers: Mapping[str, str], *, feed: str, host: str, now: datetime
) -> FetchError | None:
    """The failure that a status stands for; None for 200, whose body decides. Not to be asked about an awaited 304."""
    wish = retry_after(headers, now)
    waf = headers.get("x-amzn-waf-action")
    if waf is not None or status == HTTPStatus.FORBIDDEN:
        sign = f"HTTP {status}" if waf is None else f"HTTP {status}, firewall: {waf[:40]}"
        return Blocked(feed=feed, host=host, retry_after=wish, sign=sign)
    if status == HTTPStatus.OK:
        return None
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return RateLimited(feed=feed, host=host, retry_after=wish)
    if status in (HTTPStatus.NOT_FOUND, HTTPStatus.GONE):
        return NotFound(feed=feed, host=host, retry_after=wish, status=status)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return ServerError(feed=feed, host=host, retry_after=wish, status=status)
    return UnexpectedStatus(feed=feed, host=host, retry_after=wish, status=status)


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """How long the server asks us to wait, from either form of ``Retry-After``; None if it does not ask, or not clearly.

    A date is measured against the server's own clock (``Date``) where it shows one, else against ``now``. Never negative.
    """
    value = headers.get("Retry-After", "").strip()
    if value.isascii() and value.isdigit():
        return timedelta(seconds=min(int(value[:10]), _LONGEST_WAIT))
    until = _http_date(value)
    if until is None:
        return None
    return max(timedelta(0), until - (_http_date(headers.get("Date", "")) or now))


def challenge_sign(content_type: str, beginning: bytes, *, is_whole: bool) -> str | None:
    """What shows that an HTML body is a firewall's page and not the source's; None for an honest one.

    "Access Denied" alone may stand in an honest page's text: it counts as a page's title or heading, or anywhere in a page
    that is over after its first bytes (``is_whole``).
    """
    if not _is_html(content_type, beginning):
        return None
    text = beginning[:BEGINNING].lower()
    for sign in _SIGNS:
        if sign in text:
            return f"a page saying {sign.decode()!r}"
    if b"access denied" in text and (is_whole or _DENIED.search(text)):
        return "a page saying 'access denied'"
    return None


def check_beginning(feed: str, expects: Expectation, content_type: str, beginning: bytes) -> None:
    """Raise NotTheFeed if a body plainly is not what is expected. What is malformed is left to its reader."""
    if expects != "html" and _is_html(content_type, beginning):
        raise NotTheFeed(feed, _NAMES[expects], _excerpt(beginning))
    first = _stripped(beginning)[:1]
    if (expects == "xml" and first != b"<") or (expects == "json" and first not in (b"{", b"[")):
        raise NotTheFeed(feed, _NAMES[expects], _excerpt(beginning))
    if expects == "html" and first in (b"{", b"["):
        raise NotTheFeed(feed, _NAMES[expects], _excerpt(beginning))


_LONGEST_WAIT = 30 * 24 * 3600
_SIGNS = (b"_incapsula_", b"request unsuccessful")
_DENIED = re.compile(rb"<(?:title|h1)\b[^>]*>\s*access denied")
_HTML = re.compile(rb"<(?:!doctype html|html)\b", re.IGNORECASE)
_NAMES: Mapping[Expectation, str] = {"xml": "XML", "html": "an HTML page", "json": "JSON"}


def _http_date(text: str) -> datetime | None:
    try:
        date = parsedate_to_datetime(text)
    except (ValueError, IndexError):
        return None
    return date if date.tzinfo is not None else date.replace(tzinfo=UTC)


def _is_html(content_type: str, beginning: bytes) -> bool:
    media_type = content_type.partition(";")[0].strip().lower()
    return (
        media_type in ("text/html", "application/xhtml+xml")
        or _HTML.match(_stripped(beginning)) is not None
    )


def _stripped(beginning: bytes) -> bytes:
    # UTF-16 is rare and legal in XML: without its zero bytes the ASCII in it can be compared.
    return beginning.lstrip(b"\xef\xbb\xbf\xff\xfe").replace(b"\0", b"").lstrip()


def _excerpt(beginning: bytes) -> str:
    return " ".join(_stripped(beginning)[:200].decode("utf-8", errors="replace").split())[:80]
