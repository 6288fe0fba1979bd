"""Logs: one chain of processors for our own lines and for those of the libraries, text or JSON, on stderr.

No line holds a secret. Whatever was configured as one is cut out of every line, the whole of it and each long piece, since tokens
sit in the paths of addresses and libraries like to repeat addresses. Apprise and urllib3 print whole addresses at DEBUG: their
lines of that level are never shown. Names of listed parties belong at DEBUG, which is not shown either.
"""

import logging
import sys
from collections.abc import Iterable, Mapping, MutableMapping
from typing import Any, Literal, TextIO
from urllib.parse import quote, unquote, urlsplit

import structlog
from structlog.stdlib import ProcessorFormatter

from monitor.config.values import Secret

LogFormat = Literal["text", "json"]
HIDDEN = "***"

# The first two log addresses at DEBUG; the others tell of every single job and request at INFO.
_LOUD = {
    "apprise": logging.INFO,
    "urllib3": logging.WARNING,
    "apscheduler.scheduler": logging.ERROR,  # warns when a poll is in hand as its interval comes round
    "apscheduler": logging.WARNING,
    "aiohttp.access": logging.WARNING,
    "alembic": logging.WARNING,
    "mail.log": logging.WARNING,
}
_MAIL = frozenset({"mailto", "mailtos"})
_WEB = frozenset({"http", "https"})
_SHORTEST = 6


def configure_logs(
    format: LogFormat, secrets: Iterable[Secret] = (), stream: TextIO | None = None
) -> None:
    """Send every log line of this process to ``stream`` (stderr), as text or as one JSON object a line.

    May be called again: the last call counts. Processes without a terminal get no colours.
    """
    stream = stream or sys.stderr
    redaction = Redaction(secrets)
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="time"),
        structlog.processors.StackInfoRenderer(),
    ]
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                ProcessorFormatter.remove_processors_meta,
                *_rendering(format, stream, redaction),
            ],
        )
    )
    handler.addFilter(_is_shown)
    root = logging.getLogger()
    for former in [
        former for former in root.handlers if getattr(former, "of_sanctions_monitor", False)
    ]:
        root.removeHandler(former)
    handler.of_sanctions_monitor = True  # type: ignore[attr-defined]
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    logging.captureWarnings(True)
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *shared,
            structlog.stdlib.PositionalArgumentsFormatter(),
            ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )


class Redaction:
    """Cuts every configured secret, and each long piece of one, out of texts; usable as a structlog processor."""

    def __init__(self, secrets: Iterable[Secret]) -> None:
        found = {piece for secret in secrets for piece in _pieces(secret.reveal())}
        # The longest first, or a short piece would leave the rest of a long one standing.
        self._pieces = sorted(found, key=len, reverse=True)

    def __call__(
        self, logger: Any, method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        """The event with every text in it redacted, however deep it stands."""
        return {self.text(str(key)): self._value(value) for key, value in event.items()}

    def text(self, text: str) -> str:
        """The text without secrets."""
        for piece in self._pieces:
            if piece in text:
                text = text.replace(piece, HIDDEN)
        return text

    def _value(self, value: Any) -> Any:
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, Mapping):
            return {self.text(str(key)): self._value(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self._value(inner) for inner in value]
        return self.text(value if isinstance(value, str) else str(value))


def _rendering(
    format: LogFormat, stream: TextIO, redaction: Redaction
) -> list[structlog.typing.Processor]:
    # An exception is made text before redaction, for it may quote an address.
    if format == "json":
        return [
            structlog.processors.format_exc_info,
            redaction,
            structlog.processors.EventRenamer("message"),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    return [
        structlog.processors.format_exc_info,
        redaction,
        structlog.dev.ConsoleRenderer(
            colors=stream.isatty(), timestamp_key="time", pad_event_to=0, pad_level=False
        ),
    ]


def _is_shown(record: logging.LogRecord) -> bool:
    for name, level in _LOUD.items():
        if record.name == name or record.name.startswith(f"{name}."):
            return record.levelno >= level
    return record.levelno >= logging.INFO


def _pieces(secret: str) -> set[str]:
    found = {secret}
    try:
        parts = urlsplit(secret)
        username, password = parts.username or "", parts.password or ""
    except ValueError:
        parts, username, password = urlsplit(""), "", ""
    if parts.scheme and parts.netloc:
        found |= {password, parts.netloc.rpartition("@")[0], parts.fragment}
        found |= {parts.path, parts.path.strip("/"), *parts.path.split("/")}
        if parts.query:
            found |= {
                parts.query,
                *(pair.partition("=")[2] for pair in _private(parts.scheme, parts.query)),
            }
        if parts.scheme not in _MAIL:  # who sends mail is no secret
            found.add(username)
        if parts.scheme not in _MAIL | _WEB:  # a token may stand where others have a host
            found.add(parts.netloc.rpartition("@")[2].partition(":")[0])
    else:
        found.add(secret.removeprefix("whsec_"))
    forms = {
        form
        for piece in found
        for form in (piece, unquote(piece), quote(piece), quote(piece, safe=""))
    }
    return {form for form in forms if len(form) >= _SHORTEST or form in (secret, password)} - {""}


def _private(scheme: str, query: str) -> list[str]:
    pairs = query.split("&")
    if scheme in _MAIL:  # servers and addresses are needed to understand a line about them
        return [pair for pair in pairs if pair.startswith(("pass", "+"))]
    return [
        pair for pair in pairs if not pair.startswith(("format=", "overflow=", "verify=", "mode="))
    ]
