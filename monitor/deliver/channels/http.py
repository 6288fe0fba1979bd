"""What an HTTP status means for a message: the one table that webhooks and chat services share."""

from datetime import timedelta

from monitor.core.outcome import Failed

_TRY_AGAIN = frozenset({408, 409, 421, 423, 425, 429})
"""Statuses below 500 that speak of the moment, not of the message: time-out, conflict, misdirected, locked, too early,
too many. Every other 4xx would answer the same to the same message, and a redirect is an address nobody configured."""


def failure_of_status(status: int, detail: str, retry_after: timedelta | None = None) -> Failed:
    """The failure that a status other than 2xx is; 410 asks never to be called again."""
    temporary = status >= 500 or status in _TRY_AGAIN or status < 300
    return Failed(
        detail,
        permanent=not temporary,
        retry_after=retry_after if temporary else None,
        disable=status == 410,
    )
