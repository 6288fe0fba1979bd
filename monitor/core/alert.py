"""The value that is routed and rendered: one thing that people are told."""

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from monitor.core.canonical import encode

if TYPE_CHECKING:
    from monitor.core.gathered import DigestFacts


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
class DossierFacts:
    """What an alert says of a case: ``lines`` are the sentences that are told, ``account`` everything that is on record of it.

    See :func:`monitor.core.dossier.account`. ``told`` says which alert told of its list changes before, if one did.
    """

    id: str
    lines: tuple[str, ...]
    account: Mapping[str, Any]
    told: "ToldBefore | None" = None


@dataclass(frozen=True, slots=True)
class ToldBefore:
    """An earlier alert: its id, and when it was made."""

    alert: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Escalated:
    """That an alert is told again, to others: nobody has acknowledged ``alert``, made ``at``, for so long (``after``).

    ``title`` and ``text`` are the words in which it was told, where nothing else of it can be had again.
    """

    alert: str
    at: datetime
    after: timedelta
    title: str = ""
    text: str = ""


@dataclass(frozen=True, kw_only=True)
class Alert:
    """A message about changes of one publication of a list, about a publication, or about an incident.

    ``kind`` is change, dossier (what joined a case that was told), publication, incident, digest or test. ``changes`` are the
    contract's objects, sorted by key, as people are told of them (:mod:`monitor.core.telling`); ``listed_since`` holds for removed
    keys since when they had been on the list. What it tells was published between ``not_before`` (the last check that saw the old
    content, if there was one) and ``first_seen``. ``publication`` has ``key``, ``title``, ``url``, ``date`` and, where known,
    ``witness`` (what it is to a dossier), ``authority``, ``stated`` and ``action``, the address of OFAC's action of the day.
    ``published`` is the date as the source states it. ``authority`` is short, as in a heading; ``feed_title`` is how people call the
    source. ``party_page`` is a record's address at the authority, with ``{key}`` in it. ``dossiers`` are the cases that it tells of;
    ``thread`` names the conversations that it belongs to, divided by blanks. ``read_before`` holds for keys who had acknowledged the
    party as it was before. ``escalates`` is the alert that it tells again, if it does; its kind is escalation then. ``digest`` is
    what was gathered, and its changes are then those of several alerts.
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
    dossiers: tuple[DossierFacts, ...] = ()
    thread: str | None = None
    read_before: Mapping[str, ReadBefore] = field(default_factory=dict)
    escalates: Escalated | None = None
    digest: "DigestFacts | None" = None

    @property
    def dossier_id(self) -> str | None:
        """The case that it tells of; the first where it tells of several."""
        return self.dossiers[0].id if self.dossiers else None


def alert_id(kind: str, *parts: str) -> str:
    """The id of the alert that tells just this: 26 lower-case letters and digits, the same whenever it is made again."""
    digest = hashlib.sha256(encode([kind, *parts])).digest()
    return base64.b32encode(digest).decode("ascii")[:26].lower()


def permalink(public_url: str, alert: str) -> str:
    """Where an alert can be read again."""
    return f"{public_url.rstrip('/')}/alerts/{alert}"
