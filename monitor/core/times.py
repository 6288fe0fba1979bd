"""Moments as text, and back: RFC 3339, always UTC.

Two spellings: with microseconds where the text is stored, compared or hashed (it then sorts like time), and to the second
where people and receivers read it.
"""

from datetime import UTC, datetime


def to_text(moment: datetime) -> str:
    """``2024-12-16T15:02:11.123456Z``. Raises ValueError for a datetime without a zone."""
    if moment.tzinfo is None:
        raise ValueError(f"a moment needs a zone: {moment.isoformat()}")
    return _utc(moment, "microseconds")


def to_seconds(moment: datetime) -> str:
    """``2024-12-16T15:02:11Z``. Raises ValueError for a datetime without a zone."""
    if moment.tzinfo is None:
        raise ValueError(f"a moment needs a zone: {moment.isoformat()}")
    return _utc(moment, "seconds")


def from_text(text: str) -> datetime:
    """The aware moment that RFC 3339 text states. Raises ValueError for other text and for one without a zone."""
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"a moment needs a zone: {text}")
    return moment.astimezone(UTC)


def _utc(moment: datetime, precision: str) -> str:
    return moment.astimezone(UTC).replace(tzinfo=None).isoformat(timespec=precision) + "Z"
