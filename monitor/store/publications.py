"""Publications of a stream: stored when first listed, with the body as a later revision; never removed.

First sight, body and correction are three events. Every function runs inside the caller's transaction, in which the feed's row is
locked already.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, and_, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from feeds.base import Body, Publication
from monitor.core.canonical import (
    DIGEST_VERSION,
    Document,
    decode,
    digest,
    encode,
    publication_document,
)
from monitor.core.times import to_text
from monitor.store import events
from monitor.store.tables import PAGES, PUBLICATION_REVISIONS, PUBLICATIONS


def known(connection: Connection, feed: str, keys: list[str]) -> set[str]:
    """Those of the keys that were seen before."""
    rows = connection.execute(
        select(PUBLICATIONS.c.key).where(PUBLICATIONS.c.feed == feed, PUBLICATIONS.c.key.in_(keys))
    )
    return set(rows.scalars())


def list_new(
    connection: Connection,
    feed: str,
    publication: Publication,
    *,
    version: int,
    at: datetime,
    not_before: datetime | None,
    quiet: bool,
    tell: str | None,
) -> None:
    """Store a publication that was not known, and announce it unless it is part of a first reading (``quiet``).

    ``tell`` is the reason for which people are told of it at once, None when they are not (yet).
    """
    document = publication_document(publication)
    connection.execute(
        insert(PUBLICATIONS).values(
            feed=feed,
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
            next_body_at=None if quiet else at,
            told=tell is not None,
            document=encode(document).decode(),
            digest=digest(document),
        )
    )
    _revise(connection, feed, publication.key, document, version=version, at=at)
    if not quiet:
        payload = _facts(document, publication.key, publication.stated, at, not_before)
        _announce(
            connection, "publication.listed", feed, publication.key, payload | {"tell": tell}, at
        )


def add_body(
    connection: Connection,
    row: Row[Any],
    body: Body,
    *,
    version: int,
    at: datetime,
    action: str | None,
    tell: str | None,
) -> None:
    """Store the body of a listed publication as a revision of it, and announce it.

    ``action`` is the OFAC action of the day that it links to; ``tell`` as in :func:`list_new`, None also when people were told
    of this publication before.
    """
    publication = Publication(
        key=row.key,
        title=row.title,
        url=row.url,
        date=row.date,
        stated=row.stated,
        category=decode(row.document).get("category", ""),
        current=row.current,
    )
    document = publication_document(publication, body)
    connection.execute(
        update(PUBLICATIONS)
        .where(PUBLICATIONS.c.feed == row.feed, PUBLICATIONS.c.key == row.key)
        .values(
            body_state="read",
            body_attempts=row.body_attempts + 1,
            next_body_at=None,
            told=row.told or tell is not None,
            document=encode(document).decode(),
            digest=digest(document),
        )
    )
    _revise(connection, row.feed, row.key, document, version=version, at=at)
    payload = _facts(document, row.key, row.stated, row.first_seen_at, row.not_before)
    payload |= {"action": action, "tell": tell, "digest": digest(document)}
    _announce(connection, "publication.body", row.feed, row.key, payload, at)


def postpone_body(connection: Connection, row: Row[Any], next_body_at: datetime) -> None:
    """Record an attempt to read a body that failed, and when the next is due."""
    connection.execute(
        update(PUBLICATIONS)
        .where(PUBLICATIONS.c.feed == row.feed, PUBLICATIONS.c.key == row.key)
        .values(body_attempts=row.body_attempts + 1, next_body_at=next_body_at)
    )


def bodies_due(connection: Connection, feed: str, now: datetime, limit: int = 20) -> list[Row[Any]]:
    """Publications whose body is pending and due, newest first."""
    return list(
        connection.execute(
            select(PUBLICATIONS)
            .where(
                PUBLICATIONS.c.feed == feed,
                PUBLICATIONS.c.body_state == "pending",
                PUBLICATIONS.c.next_body_at <= now,
            )
            .order_by(PUBLICATIONS.c.first_seen_at.desc(), PUBLICATIONS.c.key.desc())
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


def _revise(
    connection: Connection, feed: str, key: str, document: Document, *, version: int, at: datetime
) -> None:
    connection.execute(
        insert(PUBLICATION_REVISIONS).values(
            feed=feed,
            key=key,
            digest=digest(document),
            document=encode(document).decode(),
            seen_at=at,
            adapter_version=version,
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


def _announce(
    connection: Connection, kind: str, feed: str, key: str, payload: dict[str, Any], at: datetime
) -> None:
    events.append(connection, kind=kind, at=at, feed=feed, subject=key, payload=payload)
