"""Single values: text to durations, shares, addresses and URLs.

Each function takes what stands in the file (or the environment's text) and returns the value, or raises :class:`Wrong` with what
would be right. YAML guesses types; so that no guess passes unnoticed, text is text only where it was written as text.
"""

import base64
import re
from datetime import time, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo

from monitor.config.values import Listen, is_loopback

_DURATION = re.compile(r"(?:(\d+)d)?(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s)?")
_HOURS = re.compile(r"(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})(?:\s+(\S+))?")
_SHORTEST_TOKEN = 16
_SIGNING_KEY = range(24, 65)  # bytes, as Standard Webhooks asks for
_TRUE = ("true", "yes", "on")
_FALSE = ("false", "no", "off")


class Wrong(ValueError):
    """The value is not what belongs there; the text says what would be."""


def text(value: Any) -> str:
    """Text that is not empty."""
    if not isinstance(value, str):
        raise Wrong("expected text; put it into quotes if YAML takes it for something else")
    if not value.strip():
        raise Wrong("expected text that is not empty")
    return value.strip()


def boolean(value: Any) -> bool:
    """True or false, also as the environment writes it."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in (*_TRUE, *_FALSE):
        return value.strip().lower() in _TRUE
    raise Wrong("expected true or false")


def count(value: Any) -> int:
    """A whole number from 0 up."""
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise Wrong("expected a whole number such as 5000")
    return value


def positive(value: Any) -> int:
    """A whole number from 1 up."""
    number = count(value)
    if number < 1:
        raise Wrong("expected a whole number from 1 up")
    return number


def words(value: Any) -> tuple[str, ...]:
    """A word or a list of words; as text also several, with commas between them."""
    items = value.split(",") if isinstance(value, str) else value
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise Wrong("expected a word or a list of words")
    return tuple(item.strip() for item in items)


def duration(value: Any) -> timedelta:
    """A span such as ``60s``, ``5m``, ``1h``, ``1h30m``. A bare number is refused: of what?"""
    found = _DURATION.fullmatch(value.strip().lower()) if isinstance(value, str) else None
    numbers = [int(number or 0) for number in found.groups()] if found else []
    if not any(numbers) or max(numbers) > 1_000_000:
        raise Wrong("expected a duration such as 60s, 5m or 1h")
    days, hours, minutes, seconds = numbers
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)


def share(value: Any) -> float:
    """A percentage such as ``5%``, as a share of one. A bare number is taken below 1 only (0.05), where it cannot be misread."""
    number = _number(value.removesuffix("%")) if isinstance(value, str) else _number(value)
    if isinstance(value, str) and value.endswith("%") and number is not None:
        number = number / 100
        if 0 <= number <= 1:
            return number
    elif number is not None and 0 <= number < 1:
        return number
    raise Wrong("expected a percentage from 0% to 100%, such as 5%")


def listen(value: Any) -> Listen:
    """``host:port``; an IPv6 address stands in brackets."""
    host, _, port = value.strip().rpartition(":") if isinstance(value, str) else ("", "", "")
    bracketed = host.startswith("[") and host.endswith("]")
    host = host[1:-1] if bracketed else host
    if not host or (":" in host) != bracketed or not (port.isascii() and port.isdigit()):
        raise Wrong("expected host:port, such as 127.0.0.1:8080")
    if int(port) > 65535 or "/" in host:
        raise Wrong("expected host:port, such as 127.0.0.1:8080, with a port up to 65535")
    return Listen(host, int(port))


def source_url(value: Any) -> str:
    """The address of a source: https, or http on this machine; public, and without credentials."""
    if isinstance(value, str) and "@" in re.split("[/?#]", value.partition("//")[2])[0]:
        # Sources are public; an address is shown in listings, logs and incidents.
        raise Wrong("expected an address without user and password, as it is shown in listings")
    url = _web_address(value, "expected an https:// address (http:// for this machine only)")
    if _is_private(host(url)):
        raise Wrong("expected a public address: one of a private network is never asked")
    return url


def webhook_url(value: Any) -> str:
    """The address of a webhook: https, or http on this machine."""
    return _web_address(value, "expected an https:// address (http:// for this machine only)")


def public_url(value: Any) -> str:
    """The beginning of every link: http or https, no query; without a slash at the end."""
    url = text(value)
    parts = _split(url)
    if parts is None or parts.scheme not in ("http", "https") or parts.query or parts.fragment:
        raise Wrong(
            "expected an address that links can start with, such as https://watch.example.org"
        )
    return url.rstrip("/")


def apprise_url(value: Any) -> str:
    """Any Apprise URL; only its scheme is looked at here."""
    url = text(value)
    if not re.match(r"[A-Za-z][A-Za-z0-9+.-]*://.", url):
        raise Wrong("expected an Apprise URL such as slack://… or mailtos://…")
    return url


def token(value: Any) -> str:
    """What other machines show to read pages; long enough that nobody guesses it."""
    found = text(value)
    if len(found) < _SHORTEST_TOKEN:
        raise Wrong(f"expected at least {_SHORTEST_TOKEN} characters, so that nobody guesses it")
    return found


def webhook_secret(value: Any) -> str:
    """A secret as Standard Webhooks writes it: ``whsec_`` and base64 of 24 to 64 bytes."""
    secret = text(value)
    try:
        # The library decodes leniently, and would sign with what is left of a mistyped secret.
        key = base64.b64decode(secret.removeprefix("whsec_"), validate=True)
    except ValueError:
        key = b""
    if len(key) not in _SIGNING_KEY:
        raise Wrong(
            "expected a secret as Standard Webhooks writes it: whsec_ and base64 of 24 to 64 bytes"
        )
    return secret


def database_url(value: Any) -> str:
    """SQLAlchemy's URL of the database; ``postgresql://`` is taken for our driver."""
    url = text(value)
    scheme, separator, rest = url.partition("://")
    if scheme in ("postgresql", "postgres"):
        scheme = "postgresql+psycopg"
    if not separator or scheme not in ("postgresql+psycopg", "sqlite") or not rest:
        raise Wrong("expected postgresql://user@host/database, or nothing for SQLite in data_dir")
    return f"{scheme}://{rest}"


def zone(value: Any) -> str:
    """A time zone by its IANA name."""
    name = text(value)
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError) as error:
        raise Wrong("expected a time zone such as UTC or America/New_York") from error
    return name


def hours(value: Any) -> tuple[time, time, str | None]:
    """From when until when each day, and the zone if it is named: ``22:00-07:00 Europe/London``."""
    found = _HOURS.fullmatch(value.strip()) if isinstance(value, str) else None
    if found is None:
        raise Wrong("expected hours such as 22:00-07:00, or 22:00-07:00 Europe/London")
    *numbers, named = found.groups()
    try:
        begins = time(int(numbers[0]), int(numbers[1]))
        ends = time(int(numbers[2]), int(numbers[3]))
    except ValueError:
        raise Wrong("expected hours from 00:00 to 23:59, such as 22:00-07:00") from None
    if begins == ends:
        raise Wrong("expected hours that end at another time than they begin")
    return begins, ends, zone(named) if named else None


def language(value: Any) -> str:
    """A language by its tag, as far as it is known how dates are written in it: ``de``, ``pt-BR``."""
    # Babel takes a while to be imported, which only a configuration that names a language should pay.
    from babel import Locale, UnknownLocaleError

    try:
        return str(Locale.parse(text(value), sep="-" if "-" in text(value) else "_"))
    except (UnknownLocaleError, ValueError, TypeError):
        raise Wrong("expected a language such as en, de or pt-BR") from None


def file(value: Any) -> Path:
    """A file's path; relative to where the command is run."""
    path = Path(text(value)).expanduser()
    if path.is_dir():
        raise Wrong("expected a file, such as ./alerts.jsonl; this is a directory")
    return path


def user_agent(value: Any) -> str:
    """A header's text: one line of printable ASCII."""
    agent = text(value)
    if not (agent.isascii() and agent.isprintable()):
        raise Wrong("expected one line of plain ASCII text")
    return agent


def host(url: str) -> str:
    """The host that a checked URL names."""
    parts = _split(url)
    return (parts.hostname or "") if parts else ""


def _number(value: Any) -> float | None:
    if isinstance(value, bool):
        return None
    try:
        return float(value)
    except (TypeError, ValueError):
        return None


def _web_address(value: Any, expected: str) -> str:
    url = text(value)
    parts = _split(url)
    if parts is None or parts.scheme not in ("http", "https"):
        raise Wrong(expected)
    if parts.scheme == "http" and not is_loopback(parts.hostname or ""):
        raise Wrong(expected)
    return url


def _is_private(host: str) -> bool:
    try:
        address = ip_address(host)
    except ValueError:
        return False
    return not (address.is_loopback or address.is_global) or address.is_multicast


def _split(url: str) -> SplitResult | None:
    try:
        parts = urlsplit(url)
        _ = parts.port  # raises for a port that is none
    except ValueError:
        return None
    return parts if parts.hostname and not any(map(str.isspace, url)) else None
