"""Publications of a stream: stored when first listed, with the body as a later revision; never removed.

First sight, body and correction are three events. Every function runs inside the caller's transaction, in which the feed's row is
locked already.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Update, and_, func, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from feeds.base import Body, Publication, StreamFeed
from monitor.core.canonical import (
    DIGEST_VERSION,
    Document,
    decode,
    digest,
    encode,
    publication_document,
)
from monitor.core.news import AN_OLDER_COPY
from monitor.core.times import to_text
from monitor.store import events
from monitor.store.tables import PAGES, PUBLICATION_REVISIONS, PUBLICATIONS


def known(connection: Connection, feed: str, keys: list[str]) -> set[str]:
    """Those of the keys that were seen before."""
    rows = connection.execute(
        select(PUBLICATIONS.c.key).where(PUBLICATIONS.c.feed == feed, PUBLICATIONS.c.key.in_(keys))
    )
    return set(rows.scalars())


def newest_of_first_reading(connection: Connection, feed: str) -> str | None:
    """The latest day that an item of the first reading was dated; None when there was none."""
    newest: str | None = connection.execute(
        select(func.max(PUBLICATIONS.c.date)).where(
            PUBLICATIONS.c.feed == feed,
            PUBLICATIONS.c.not_before.is_(None),  # nothing had been read before it
        )
    ).scalar()
    return newest


def find(connection: Connection, feed: str, key: str) -> Row[Any] | None:
    """One publication as it is by now; None when it was never seen."""
    return connection.execute(
        select(PUBLICATIONS).where(PUBLICATIONS.c.feed == feed, PUBLICATIONS.c.key == key)
    ).first()


def with_body(connection: Connection, feed: str, keys: Iterable[str]) -> list[Row[Any]]:
    """Those of the publications that a body can be put on record for: pending, or read before; oldest first."""
    return list(
        connection.execute(
            select(PUBLICATIONS)
            .where(
                PUBLICATIONS.c.feed == feed,
                PUBLICATIONS.c.key.in_(list(keys)),
                PUBLICATIONS.c.body_state != "not needed",
            )
            .order_by(PUBLICATIONS.c.first_seen_at, PUBLICATIONS.c.date, PUBLICATIONS.c.key)
        )
    )


def list_new(
    connection: Connection,
    feed: StreamFeed,
    publication: Publication,
    *,
    has_page: bool = True,
    at: datetime,
    not_before: datetime | None,
    quiet: bool,
    tell: str | None,
) -> None:
    """Store a publication that was not known, and announce it unless it is part of a first reading (``quiet``).

    ``has_page`` tells that it has a page of its own, which is due at once. ``tell`` is the reason for which people are told of it
    at once, None when they are not (yet).
    """
    document = publication_document(publication)
    connection.execute(
        insert(PUBLICATIONS).values(
            feed=feed.id,
            key=publication.key,
            url=publication.url,
            title=document.get("title", ""),
            date=publication.date,
            stated=publication.stated,
            current=publication.current,
            first_seen_at=at,
            not_before=not_before,
            body_state="not needed" if quiet else "pending",
            body_attempts=0,
            next_body_at=at if has_page and not quiet else None,
            told=tell is not None,
            document=encode(document).decode(),
            digest=digest(document),
        )
    )
    _revise(connection, feed, publication.key, document, at)
    if not quiet:
        payload = _facts(document, publication.key, publication.stated, at, not_before)
        payload |= {"tell": tell, "witness": feed.witness}
        _announce(connection, "publication.listed", feed.id, publication.key, payload, at)


def add_body(
    connection: Connection,
    row: Row[Any],
    body: Body,
    *,
    feed: StreamFeed,
    at: datetime,
    action: str | None,
    tell: str | None,
    next_body_at: datetime | None = None,
) -> None:
    """Store the body of a listed publication as a revision of it, and announce it.

    ``action`` is the OFAC action of the day that it links to; ``tell`` as in :func:`list_new`, None also when people were told
    of this publication before. ``next_body_at`` is when its page is read again.
    """
    document = _document_with(row, body)
    connection.execute(
        _one(row).values(
            body_state="read",
            body_attempts=row.body_attempts + 1,
            next_body_at=next_body_at,
            told=row.told or tell is not None,
            document=encode(document).decode(),
            digest=digest(document),
        )
    )
    _revise(connection, feed, row.key, document, at)
    payload = _facts_of_body(row, document, body, feed) | {"action": action, "tell": tell}
    _announce(connection, "publication.body", feed.id, row.key, payload, at)


def correct_body(
    connection: Connection,
    row: Row[Any],
    body: Body,
    *,
    feed: StreamFeed,
    at: datetime,
    action: str | None,
    next_body_at: datetime | None,
) -> None:
    """Compare a body that was read again with the one on record; store what is another as a revision, and announce it.

    ``changed`` in the event names what is another: title, text, links, entries. A document that only a new version of the adapter
    expresses otherwise is a revision and no correction. One that stood before the last revision, read within a day after that, is
    an older copy from another server, and is nothing.
    """
    document = _document_with(row, body)
    last = _last_revision(connection, row)
    is_new = digest(document) != row.digest and not _is_older_copy(
        connection, row, document, last, at
    )
    if not is_new:
        plan_body(connection, row, next_body_at)
        return
    connection.execute(
        _one(row).values(
            next_body_at=next_body_at, document=encode(document).decode(), digest=digest(document)
        )
    )
    _revise(connection, feed, row.key, document, at)
    if (last.adapter_version, last.digest_version) != (feed.version, DIGEST_VERSION):
        return
    payload = _facts_of_body(row, document, body, feed)
    payload |= {
        "action": action,
        "tell": None,
        "changed": _changed(decode(row.document), document),
    }
    _announce(connection, "publication.corrected", feed.id, row.key, payload, at)


def plan_body(connection: Connection, row: Row[Any], next_body_at: datetime | None) -> None:
    """Record when a page that was read is read again; None when it is not any more."""
    if row.next_body_at != next_body_at:
        connection.execute(_one(row).values(next_body_at=next_body_at))


def _document_with(row: Row[Any], body: Body) -> Document:
    publication = Publication(
        key=row.key,
        title=row.title,
        url=row.url,
        date=row.date,
        stated=row.stated,
        category=decode(row.document).get("category", ""),
        current=row.current,
    )
    return publication_document(publication, body)


def _last_revision(connection: Connection, row: Row[Any]) -> Row[Any]:
    return connection.execute(
        select(PUBLICATION_REVISIONS)
        .where(PUBLICATION_REVISIONS.c.feed == row.feed, PUBLICATION_REVISIONS.c.key == row.key)
        .order_by(PUBLICATION_REVISIONS.c.id.desc())
        .limit(1)
    ).one()


def _is_older_copy(
    connection: Connection, row: Row[Any], document: Document, last: Row[Any], at: datetime
) -> bool:
    if at - last.seen_at >= AN_OLDER_COPY:
        return False
    found = connection.execute(
        select(PUBLICATION_REVISIONS.c.id).where(
            PUBLICATION_REVISIONS.c.feed == row.feed,
            PUBLICATION_REVISIONS.c.key == row.key,
            PUBLICATION_REVISIONS.c.digest == digest(document),
        )
    )
    return found.first() is not None


def _changed(before: Document, after: Document) -> list[str]:
    """What of a publication is another: title, text, links or entries."""
    parts = {"title": "body_title", "text": "text", "links": "links", "entries": "entries"}
    return [name for name, field in parts.items() if before.get(field) != after.get(field)]


def postpone_body(connection: Connection, row: Row[Any], next_body_at: datetime) -> None:
    """Record an attempt to read a body that failed, and when the next is due."""
    connection.execute(
        _one(row).values(body_attempts=row.body_attempts + 1, next_body_at=next_body_at)
    )


def bodies_due(connection: Connection, feed: str, now: datetime, limit: int = 20) -> list[Row[Any]]:
    """Publications whose body is due, those that were never read first, then the newest."""
    return list(
        connection.execute(
            select(PUBLICATIONS)
            .where(
                PUBLICATIONS.c.feed == feed,
                PUBLICATIONS.c.body_state.in_(("pending", "read")),
                PUBLICATIONS.c.next_body_at <= now,
            )
            .order_by(
                PUBLICATIONS.c.body_state,
                PUBLICATIONS.c.first_seen_at.desc(),
                PUBLICATIONS.c.key.desc(),
            )
            .limit(limit)
        )
    )


def page(connection: Connection, feed: str, kind: str, url: str) -> Row[Any] | None:
    """What is known of one page of the stream; None when it was never read."""
    return connection.execute(
        select(PAGES).where(and_(PAGES.c.feed == feed, PAGES.c.kind == kind, PAGES.c.url == url))
    ).first()


def record_page(
    connection: Connection, feed: str, kind: str, url: str, *, read_at: datetime, **columns: Any
) -> None:
    """Record that a page was read whole (or found unmodified), with its validators."""
    values = {"read_at": read_at, "failures": 0, "failing_since": None, **columns}
    _upsert_page(connection, feed, kind, url, values)


def record_page_failure(
    connection: Connection, feed: str, kind: str, url: str, *, at: datetime
) -> tuple[int, datetime]:
    """Count one more failure of a page in a row; return how many, and since when it has failed."""
    row = page(connection, feed, kind, url)
    failures = (row.failures if row else 0) + 1
    since: datetime = (row.failing_since if row else None) or at
    _upsert_page(connection, feed, kind, url, {"failures": failures, "failing_since": since})
    return failures, since


def _upsert_page(
    connection: Connection, feed: str, kind: str, url: str, values: dict[str, Any]
) -> None:
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    row = {"feed": feed, "kind": kind, "url": url, "failures": 0} | values
    connection.execute(
        dialect.insert(PAGES)
        .values(row)
        .on_conflict_do_update(index_elements=["feed", "kind", "url"], set_=values)
    )


def _one(row: Row[Any]) -> Update:
    return update(PUBLICATIONS).where(
        PUBLICATIONS.c.feed == row.feed, PUBLICATIONS.c.key == row.key
    )


def _revise(
    connection: Connection, feed: StreamFeed, key: str, document: Document, at: datetime
) -> None:
    connection.execute(
        insert(PUBLICATION_REVISIONS).values(
            feed=feed.id,
            key=key,
            digest=digest(document),
            document=encode(document).decode(),
            seen_at=at,
            adapter_version=feed.version,
            digest_version=DIGEST_VERSION,
        )
    )


def _facts(
    document: Document, key: str, stated: str, first_seen: datetime, not_before: datetime | None
) -> dict[str, Any]:
    return {
        "key": key,
        "title": document.get("title", ""),
        "url": document.get("url", ""),
        "date": document.get("date", ""),
        "stated": stated,
        "category": document.get("category", ""),
        "digest": digest(document),
        "first_seen": to_text(first_seen),
        "not_before": to_text(not_before) if not_before else None,
    }


def _facts_of_body(
    row: Row[Any], document: Document, body: Body, feed: StreamFeed
) -> dict[str, Any]:
    facts = _facts(document, row.key, row.stated, row.first_seen_at, row.not_before)
    return facts | {"witness": feed.witness, "entries": len(body.entries)}


def _announce(
    connection: Connection, kind: str, feed: str, key: str, payload: dict[str, Any], at: datetime
) -> None:
    events.append(connection, kind=kind, at=at, feed=feed, subject=key, payload=payload)
