"""The value that is routed and rendered: one thing that people are told."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from monitor.core.canonical import encode


@dataclass(frozen=True, kw_only=True)
class IncidentFacts:
    """What an alert about our own watch says. ``state`` is opened, reminded or closed; ``until`` is when it was over.

    ``summary`` says what is wrong in one line, ``detail`` what follows, ``what_to_do`` the next step.
    """

    id: int
    kind: str
    subject: str
    state: str
    summary: str
    detail: str
    what_to_do: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class ListedSince:
    """Since when a party had been listed: the day on which we saw it added, or only that the first list we saw held it."""

    at: datetime
    is_known: bool


@dataclass(frozen=True, slots=True)
class ReadBefore:
    """Who had acknowledged a party as it was before it changed: by whom, when, and in which alert."""

    by: str
    at: datetime
    alert: str


@dataclass(frozen=True, kw_only=True)
class Alert:
    """A message about changes of one publication of a list, about a publication, or about an incident.

    ``kind`` is change, publication, incident or test. ``changes`` are the contract's objects, sorted by key, as people are told of
    them (:mod:`monitor.core.telling`); ``listed_since`` holds for removed keys since when they had been on the list. What it tells was
    published between ``not_before`` (the last check that saw the old content, if there was one) and ``first_seen``.
    ``publication`` has ``key``, ``title``, ``url``, ``date`` and, where known, ``stated`` and ``action``, the address of OFAC's
    action of the day. ``published`` is the date as the source states it. ``authority`` is short, as in a heading; ``feed_title``
    is how people call the source. ``party_page`` is a record's address at the authority, with ``{key}`` in it. ``dossier_id`` is the
    case that it tells of, if it tells of one; ``thread`` names the conversation that it belongs to, if it belongs to one.
    ``read_before`` holds for keys who had acknowledged the party as it was before.
    """

    id: str
    kind: str
    feed: str
    feed_title: str
    authority: str
    severity: str
    first_seen: datetime
    not_before: datetime | None
    changes: tuple[dict[str, Any], ...] = ()
    publication: dict[str, Any] | None = None
    incident: IncidentFacts | None = None
    snapshot_sha256: str | None = None
    published: str | None = None
    blocking: bool = True
    record_count: int | None = None
    party_page: str = ""
    listed_since: Mapping[str, ListedSince] = field(default_factory=dict)
    dossier_id: str | None = None
    thread: str | None = None
    read_before: Mapping[str, ReadBefore] = field(default_factory=dict)


def alert_id(kind: str, *parts: str) -> str:
    """The id of the alert that tells just this: 26 lower-case letters and digits, the same whenever it is made again."""
    digest = hashlib.sha256(encode([kind, *parts])).digest()
    return base64.b32encode(digest).decode("ascii")[:26].lower()


def permalink(public_url: str, alert: str) -> str:
    """Where an alert can be read again."""
    return f"{public_url.rstrip('/')}/alerts/{alert}"
