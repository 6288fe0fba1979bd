"""Every table, and the invariant that its keys enforce.

What happened (``events``, ``changes``, ``revisions``, ``attempts``) is only ever added to; what is (``feeds``, ``deliveries``,
``incidents``) is updated. Times are stored as text, RFC 3339 in UTC with microseconds, so that both databases order, compare
and hash them alike. JSON is stored as the text that was hashed.

The models describe the tables; statements are written against the tables themselves (``EVENTS.c.id``), in bulk where there are
many rows: a baseline of 19,391 records as objects takes four times as long.
"""

from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy
from sqlalchemy import (
    BigInteger,
    Dialect,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, SQLModel

from monitor.core.times import from_text, to_text

NUMBER = BigInteger().with_variant(Integer, "sqlite")
"""A row number. SQLite counts rows by itself only in a column declared INTEGER."""


class Moment(TypeDecorator[datetime]):
    """An aware datetime in UTC, stored as text that sorts like time."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """The text of an aware datetime; a naive one is refused."""
        return None if value is None else to_text(value)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        """The aware datetime that the text states."""
        return None if value is None else from_text(value)


class Table(SQLModel):
    """The parent of all tables; constraint names are spelt out so that migrations can name them."""

    metadata: ClassVar[MetaData] = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class FeedRow(Table, table=True):
    """The state of one feed: what is in force, how the last polls went, when the next is due.

    The row is locked first by every outcome of a poll. ``first_read_at`` is when the baseline was taken; ``snapshot_id`` is
    the accepted snapshot that comparisons must have been made against, ``confirmed_at`` the last check that saw its very content
    (a held or older one says nothing of it). Validators are those of the content that was served last, which is snapshot
    ``served_id`` (in force, held, rejected, or in force before), so that it is not downloaded again each minute.
    """

    __tablename__: ClassVar[Any] = "feeds"

    feed: str = Field(primary_key=True)
    snapshot_id: int | None = Field(default=None, sa_type=NUMBER)
    served_id: int | None = Field(default=None, sa_type=NUMBER)
    etag: str | None = None
    last_modified: str | None = None
    last_polled_at: datetime | None = Field(default=None, sa_type=Moment)
    last_success_at: datetime | None = Field(default=None, sa_type=Moment)
    confirmed_at: datetime | None = Field(default=None, sa_type=Moment)
    last_change_at: datetime | None = Field(default=None, sa_type=Moment)
    first_read_at: datetime | None = Field(default=None, sa_type=Moment)
    polls: int = 0
    older_copies: int = 0
    older_since: datetime | None = Field(default=None, sa_type=Moment)
    failures: int = 0
    failing_since: datetime | None = Field(default=None, sa_type=Moment)
    last_outcome: str = ""
    last_detail: str = ""
    burst_until: datetime | None = Field(default=None, sa_type=Moment)
    next_poll_at: datetime | None = Field(default=None, sa_type=Moment)


class SnapshotRow(Table, table=True):
    """One content of a register, as served: accepted, held, rejected or superseded."""

    __tablename__: ClassVar[Any] = "snapshots"
    __table_args__: ClassVar[Any] = (Index(None, "feed", "sha256"), Index(None, "feed", "state"))

    id: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    feed: str
    state: str
    sha256: str
    size: int = Field(sa_type=BigInteger)
    headers: str
    stated_date: str | None = None
    declared_count: int | None = None
    record_count: int | None = None
    added: int = 0
    removed: int = 0
    amended: int = 0
    not_before: datetime | None = Field(default=None, sa_type=Moment)
    first_seen_at: datetime = Field(sa_type=Moment)
    accepted_at: datetime | None = Field(default=None, sa_type=Moment)
    compared_with: int | None = Field(default=None, sa_type=NUMBER)
    adapter_version: int
    digest_version: int
    register_digest: str | None = None
    changes_digest: str | None = None
    filled: str = "{}"
    verdict: str = "[]"
    decided_by: str | None = None
    because: str | None = None


class RevisionRow(Table, table=True):
    """One document of one record, valid from one snapshot until another (or still). One open revision a key at most."""

    __tablename__: ClassVar[Any] = "revisions"
    __table_args__: ClassVar[Any] = (
        Index(None, "feed", "key"),
        Index(
            "uq_revisions_in_force",
            "feed",
            "key",
            unique=True,
            sqlite_where=text("until_snapshot IS NULL"),
            postgresql_where=text("until_snapshot IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    feed: str
    key: str
    digest: str
    document: str = Field(sa_type=Text)
    from_snapshot: int = Field(sa_type=NUMBER)
    until_snapshot: int | None = Field(default=None, sa_type=NUMBER)
    adapter_version: int
    digest_version: int


class FingerprintRow(Table, table=True):
    """The bytes of the records in force and what they said, packed, one row a feed: see ``monitor.core.fingerprints``.

    A cache: dropping it changes speed, never results. It is loaded whole and replaced whole, at each accepted snapshot.
    """

    __tablename__: ClassVar[Any] = "fingerprints"

    feed: str = Field(primary_key=True)
    context: str
    raws: bytes = Field(sa_type=LargeBinary)
    lines: str = Field(sa_type=Text)


class ChangeRow(Table, table=True):
    """One change of one record between two accepted snapshots, as the contract's object. Unique per snapshot and key."""

    __tablename__: ClassVar[Any] = "changes"
    __table_args__: ClassVar[Any] = (
        UniqueConstraint("snapshot_id", "key"),
        Index(None, "feed", "key"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    snapshot_id: int = Field(sa_type=NUMBER)
    feed: str
    key: str
    kind: str
    severity: str
    categories: str
    change: str = Field(sa_type=Text)
    seen_at: datetime = Field(sa_type=Moment)


class EventRow(Table, table=True):
    """The log that makes the service event-driven: append-only, one appender at a time, each row chained to the one before."""

    __tablename__: ClassVar[Any] = "events"

    id: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    at: datetime = Field(sa_type=Moment)
    kind: str
    feed: str | None = None
    subject: str
    payload: str = Field(sa_type=Text)
    previous: str
    hash: str


class CursorRow(Table, table=True):
    """How far one reader has come in the event log."""

    __tablename__: ClassVar[Any] = "cursors"

    reader: str = Field(primary_key=True)
    position: int = Field(sa_type=NUMBER)


class PublicationRow(Table, table=True):
    """One item of a stream that was ever seen; never removed. Its body is pending until its own page has been read."""

    __tablename__: ClassVar[Any] = "publications"

    feed: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    url: str
    title: str
    date: str
    stated: str
    current: bool
    first_seen_at: datetime = Field(sa_type=Moment)
    not_before: datetime | None = Field(default=None, sa_type=Moment)
    body_state: str
    body_attempts: int = 0
    next_body_at: datetime | None = Field(default=None, sa_type=Moment)
    told: bool = False
    document: str = Field(sa_type=Text)
    digest: str


class PublicationRevisionRow(Table, table=True):
    """One document of one publication: as first listed, with its body, and as corrected."""

    __tablename__: ClassVar[Any] = "publication_revisions"
    __table_args__: ClassVar[Any] = (Index(None, "feed", "key"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    feed: str
    key: str
    digest: str
    document: str = Field(sa_type=Text)
    seen_at: datetime = Field(sa_type=Moment)
    adapter_version: int
    digest_version: int


class PageRow(Table, table=True):
    """One page of a stream: its validators, and when it was last read whole."""

    __tablename__: ClassVar[Any] = "pages"

    feed: str = Field(primary_key=True)
    kind: str = Field(primary_key=True)
    url: str = Field(primary_key=True)
    etag: str | None = None
    last_modified: str | None = None
    sha256: str | None = None
    read_at: datetime | None = Field(default=None, sa_type=Moment)
    failures: int = 0
    failing_since: datetime | None = Field(default=None, sa_type=Moment)


class AlertRow(Table, table=True):
    """A message about a change, a publication or an incident. Its id is derived, so that it is made once.

    ``dossier_id`` is the case that it tells of, if it tells of one.
    """

    __tablename__: ClassVar[Any] = "alerts"

    id: str = Field(primary_key=True)
    kind: str
    feed: str | None = None
    severity: str
    title: str
    event_id: int = Field(sa_type=NUMBER)
    created_at: datetime = Field(sa_type=Moment)
    first_seen_at: datetime = Field(sa_type=Moment)
    snapshot_id: int | None = Field(default=None, sa_type=NUMBER)
    dossier_id: str | None = Field(default=None, index=True)
    text: str = Field(sa_type=Text)
    html: str = Field(sa_type=Text)
    wire: str = Field(sa_type=Text)


class DeliveryRow(Table, table=True):
    """One part of one alert to one recipient of one channel: due, claimed until, accepted or dead.

    ``thread`` names the conversations that it belongs to, divided by blanks: the dossiers' ids, or the incident's.
    ``asked_until`` is set while it is due after an attempt at which the receiver asked not to be called before then.
    """

    __tablename__: ClassVar[Any] = "deliveries"
    __table_args__: ClassVar[Any] = (
        UniqueConstraint("alert_id", "channel", "recipient", "part"),
        Index(None, "channel", "state", "severity", "next_attempt_at"),
        Index(
            "ix_deliveries_asked_until",
            "channel",
            "asked_until",
            sqlite_where=text("asked_until IS NOT NULL"),
            postgresql_where=text("asked_until IS NOT NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    alert_id: str
    channel: str
    recipient: str
    part: int
    parts: int
    severity: str
    state: str
    subject: str
    text: str = Field(sa_type=Text)
    html: str | None = Field(default=None, sa_type=Text)
    wire: str | None = Field(default=None, sa_type=Text)
    created_at: datetime = Field(sa_type=Moment)
    first_seen_at: datetime = Field(sa_type=Moment)
    attempts: int = 0
    first_attempt_at: datetime | None = Field(default=None, sa_type=Moment)
    next_attempt_at: datetime = Field(sa_type=Moment)
    asked_until: datetime | None = Field(default=None, sa_type=Moment)
    claimed_by: str | None = None
    claimed_until: datetime | None = Field(default=None, sa_type=Moment)
    accepted_at: datetime | None = Field(default=None, sa_type=Moment)
    detail: str = ""
    thread: str | None = None


class AttemptRow(Table, table=True):
    """One attempt at one delivery, and what the receiver said, redacted."""

    __tablename__: ClassVar[Any] = "attempts"
    __table_args__: ClassVar[Any] = (Index(None, "delivery_id"), Index(None, "started_at"))

    id: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    delivery_id: int = Field(sa_type=NUMBER)
    number: int
    started_at: datetime = Field(sa_type=Moment)
    finished_at: datetime = Field(sa_type=Moment)
    outcome: str
    detail: str


class IncidentRow(Table, table=True):
    """Something wrong with our own watch. One open incident of a kind about a subject at most."""

    __tablename__: ClassVar[Any] = "incidents"
    __table_args__: ClassVar[Any] = (
        Index(
            "uq_incidents_open",
            "kind",
            "subject",
            unique=True,
            sqlite_where=text("closed_at IS NULL"),
            postgresql_where=text("closed_at IS NULL"),
        ),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    kind: str
    subject: str
    feed: str | None = None
    severity: str
    summary: str
    detail: str = Field(sa_type=Text)
    what_to_do: str
    opened_at: datetime = Field(sa_type=Moment)
    last_seen_at: datetime = Field(sa_type=Moment)
    reminded_at: datetime | None = Field(default=None, sa_type=Moment)
    times: int = 1
    closed_at: datetime | None = Field(default=None, sa_type=Moment)
    closed_by: str | None = None


class CheckRow(Table, table=True):
    """How one feed was checked in one quarter of an hour, which ``quarter`` begins: evidence that the watch was kept.

    ``polls`` were made, ``good`` of them answered; ``first_good_at`` and ``last_good_at`` are the first and the last of those, and
    ``longest_gap`` is the longest time in milliseconds between two of them.
    """

    __tablename__: ClassVar[Any] = "checks"

    feed: str = Field(primary_key=True)
    quarter: datetime = Field(primary_key=True, sa_type=Moment)
    polls: int = 0
    good: int = 0
    first_good_at: datetime | None = Field(default=None, sa_type=Moment)
    last_good_at: datetime | None = Field(default=None, sa_type=Moment)
    longest_gap: int = 0


class DigestRow(Table, table=True):
    """How far one channel's digest of one schedule ("daily 07:00 America/New_York") has been told; made when it first gathers."""

    __tablename__: ClassVar[Any] = "digests"

    channel: str = Field(primary_key=True)
    schedule: str = Field(primary_key=True)
    told_until: datetime = Field(sa_type=Moment)


class DigestItemRow(Table, table=True):
    """One alert, or a selection of its changes, that waits for a channel's next digest; ``digest_alert_id`` is where it was told."""

    __tablename__: ClassVar[Any] = "digest_items"
    __table_args__: ClassVar[Any] = (
        UniqueConstraint("alert_id", "channel", "schedule"),
        Index(None, "channel", "schedule", "digest_alert_id"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    channel: str
    schedule: str
    alert_id: str
    selection: str = Field(sa_type=Text)
    added_at: datetime = Field(sa_type=Moment)
    digest_alert_id: str | None = None


class AcknowledgementRow(Table, table=True):
    """That a person has read an alert; only ever added to. ``revisions`` are those that were read: feed, key and digest of each."""

    __tablename__: ClassVar[Any] = "acknowledgements"
    __table_args__: ClassVar[Any] = (Index(None, "alert_id"),)

    id: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    alert_id: str
    by: str
    note: str
    at: datetime = Field(sa_type=Moment)
    revisions: str = Field(sa_type=Text)


class EscalationRow(Table, table=True):
    """That an alert goes to further channels at ``due_at`` unless it is acknowledged: waiting, escalated, acknowledged or over."""

    __tablename__: ClassVar[Any] = "escalations"
    __table_args__: ClassVar[Any] = (
        UniqueConstraint("alert_id", "channel"),
        Index(None, "state", "due_at"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    alert_id: str
    channel: str
    selection: str = Field(sa_type=Text)
    due_at: datetime = Field(sa_type=Moment)
    state: str
    decided_at: datetime | None = Field(default=None, sa_type=Moment)


class DossierRow(Table, table=True):
    """The case file of one official action. ``account`` is what it says by now, as pages and messages show it.

    ``joined_into`` names the dossier that this one turned out to belong to; then it grows no further.
    """

    __tablename__: ClassVar[Any] = "dossiers"
    __table_args__: ClassVar[Any] = (Index(None, "day"),)

    id: str = Field(primary_key=True)
    authority: str
    day: str
    title: str
    opened_at: datetime = Field(sa_type=Moment)
    updated_at: datetime = Field(sa_type=Moment)
    joined_into: str | None = None
    account: str = Field(sa_type=Text)


class DossierMemberRow(Table, table=True):
    """One signal of a dossier: a change of a snapshot (``part`` is its key) or a publication (``part`` is "").

    A signal belongs to one dossier, except an action or a change file that tells of several.
    """

    __tablename__: ClassVar[Any] = "dossier_members"
    __table_args__: ClassVar[Any] = (
        UniqueConstraint("dossier_id", "witness", "feed", "subject", "part"),
        Index(None, "feed", "subject", "part"),
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    dossier_id: str
    witness: str
    feed: str
    subject: str
    part: str
    because: str
    joined_at: datetime = Field(sa_type=Moment)


class RequestRow(Table, table=True):
    """What an operator asked for (accept, reject, retry, acknowledge): one short row that the service performs."""

    __tablename__: ClassVar[Any] = "requests"

    id: int | None = Field(default=None, primary_key=True, sa_type=NUMBER)
    verb: str
    subject: str
    by: str
    because: str
    at: datetime = Field(sa_type=Moment)
    performed_at: datetime | None = Field(default=None, sa_type=Moment)
    outcome: str | None = None


def _table(model: type[SQLModel]) -> sqlalchemy.Table:
    table: sqlalchemy.Table = Table.metadata.tables[str(model.__tablename__)]
    return table


FEEDS = _table(FeedRow)
SNAPSHOTS = _table(SnapshotRow)
REVISIONS = _table(RevisionRow)
FINGERPRINTS = _table(FingerprintRow)
CHANGES = _table(ChangeRow)
EVENTS = _table(EventRow)
CURSORS = _table(CursorRow)
PUBLICATIONS = _table(PublicationRow)
PUBLICATION_REVISIONS = _table(PublicationRevisionRow)
PAGES = _table(PageRow)
ALERTS = _table(AlertRow)
DELIVERIES = _table(DeliveryRow)
ATTEMPTS = _table(AttemptRow)
INCIDENTS = _table(IncidentRow)
CHECKS = _table(CheckRow)
DIGESTS = _table(DigestRow)
DIGEST_ITEMS = _table(DigestItemRow)
ACKNOWLEDGEMENTS = _table(AcknowledgementRow)
ESCALATIONS = _table(EscalationRow)
DOSSIERS = _table(DossierRow)
DOSSIER_MEMBERS = _table(DossierMemberRow)
REQUESTS = _table(RequestRow)
