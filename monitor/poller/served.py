"""What a served content is, compared with what was served before: known, older, and what to ask about next time."""

import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from sqlalchemy import Row

from monitor.poller.outcome import Result


def known_result(known: Row[Any], in_force: Row[Any] | None) -> Result | None:
    """What it means that the bytes of a known snapshot are served again; None when they are to be looked at again."""
    if in_force is not None and known.sha256 == in_force.sha256:
        return "unchanged"
    results: dict[str, Result] = {"held": "held", "rejected": "rejected", "accepted": "older"}
    return results.get(known.state)  # a superseded one is looked at again


def is_older(headers: dict[str, str], in_force: Row[Any]) -> bool:
    """By Last-Modified, which edges of a content network serve differently; unknown counts as not older."""
    now, before = (
        _http_date(each.get("Last-Modified")) for each in (headers, json.loads(in_force.headers))
    )
    return now is not None and before is not None and now < before


def _http_date(text: str | None) -> datetime | None:
    try:
        moment = parsedate_to_datetime(text or "")
    except (ValueError, IndexError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)  # "-0000" is UTC too


def asked_next(snapshot: int, headers: dict[str, str]) -> dict[str, Any]:
    """What to ask the server about next time, and what a "not modified" will then mean."""
    return {
        "served_id": snapshot,
        "etag": headers.get("ETag"),
        "last_modified": headers.get("Last-Modified"),
    }
