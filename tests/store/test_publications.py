"""Publications: stored when they are first listed, with the body as a later revision, announced unless they belong to a first reading."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Row, select

from feeds.base import Body, Publication
from monitor.core.canonical import digest, publication_document
from monitor.store import events, publications
from monitor.store.database import Database
from monitor.store.tables import PUBLICATION_REVISIONS, PUBLICATIONS

FEED = "treasury-press-releases"
NOW = datetime(2024, 12, 16, 15, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
URL = "https://home.treasury.gov/news/press-releases"
ACTION = "https://ofac.treasury.gov/recent-actions/20241216"
BODY = Body("Treasury Sanctions Somebody", "WASHINGTON — today.", links=(ACTION,))


def a_publication(key: str = "jy2751", **given: Any) -> Publication:
    values: dict[str, Any] = {
        "key": key,
        "title": "Treasury Sanctions Somebody",
        "url": f"{URL}/{key}",
        "date": "2024-12-16",
        "stated": "2024-12-16T10:30:00Z",
        "category": "Readouts",
    }
    return Publication(**{**values, **given})


def listed(
    database: Database,
    publication: Publication,
    *,
    at: datetime = NOW,
    quiet: bool = False,
    tell: str | None = None,
) -> None:
    with database.write() as connection:
        publications.list_new(
            connection,
            FEED,
            publication,
            version=1,
            at=at,
            not_before=NOW - MINUTE,
            quiet=quiet,
            tell=tell,
        )


def row_of(database: Database, key: str = "jy2751") -> Row[Any]:
    with database.read() as connection:
        return connection.execute(select(PUBLICATIONS).where(PUBLICATIONS.c.key == key)).one()


def built(database: Database, *, tell: str | None = None) -> None:
    row = row_of(database)
    with database.write() as connection:
        publications.add_body(
            connection, row, BODY, version=1, at=NOW + MINUTE, action=ACTION, tell=tell
        )


def told(database: Database) -> list[Any]:
    with database.read() as connection:
        return events.after(connection, 0)


def due(database: Database, at: datetime) -> list[str]:
    with database.read() as connection:
        return [row.key for row in publications.bodies_due(connection, FEED, at)]


def test_what_is_listed_is_stored_announced_and_its_body_pending(database: Database) -> None:
    listed(database, a_publication(), tell="its title says so")

    (event,) = told(database)
    assert (event.kind, event.feed, event.subject) == ("publication.listed", FEED, "jy2751")
    assert event.payload == {
        "key": "jy2751",
        "title": "Treasury Sanctions Somebody",
        "url": f"{URL}/jy2751",
        "date": "2024-12-16",
        "stated": "2024-12-16T10:30:00Z",
        "category": "Readouts",
        "digest": digest(publication_document(a_publication())),
        "first_seen": "2024-12-16T15:30:00.000000Z",
        "not_before": "2024-12-16T15:29:00.000000Z",
        "tell": "its title says so",
    }
    row = row_of(database)
    assert (row.body_state, row.told, row.first_seen_at) == ("pending", True, NOW)
    assert due(database, NOW) == ["jy2751"]


def test_a_first_reading_announces_nothing_and_needs_no_bodies(database: Database) -> None:
    listed(database, a_publication(), quiet=True)

    assert told(database) == []
    assert due(database, NOW) == []
    with database.read() as connection:
        assert publications.known(connection, FEED, ["jy2751", "jy2752"]) == {"jy2751"}


def test_a_body_is_a_revision_of_what_was_listed(database: Database) -> None:
    listed(database, a_publication())

    built(database, tell="it links to the action")

    first, second = revisions(database)
    assert first == publication_document(a_publication())
    assert second == publication_document(a_publication(), BODY)
    assert second["category"] == "Readouts", "what the listing said is not lost"
    row = row_of(database)
    assert (row.body_state, row.told, row.digest) == ("read", True, digest(second))
    assert due(database, NOW + timedelta(days=9)) == []
    event = told(database)[-1]
    assert (event.kind, event.at) == ("publication.body", NOW + MINUTE)
    assert event.payload["action"] == ACTION
    assert event.payload["tell"] == "it links to the action"
    assert event.payload["digest"] == digest(second)
    assert event.payload["first_seen"] == "2024-12-16T15:30:00.000000Z"


def revisions(database: Database) -> list[dict[str, Any]]:
    with database.read() as connection:
        rows = connection.execute(
            select(PUBLICATION_REVISIONS).order_by(PUBLICATION_REVISIONS.c.id)
        ).all()
    for row in rows:
        assert digest(json.loads(row.document)) == row.digest
    return [json.loads(row.document) for row in rows]


def test_a_body_that_is_told_nobody_leaves_what_was_told(database: Database) -> None:
    listed(database, a_publication(), tell="its title says so")

    built(database)

    assert row_of(database).told


def test_a_body_that_was_not_there_is_due_again_later(database: Database) -> None:
    listed(database, a_publication())
    row = row_of(database)

    with database.write() as connection:
        publications.postpone_body(connection, row, NOW + 2 * MINUTE)

    assert row_of(database).body_attempts == 1
    assert [due(database, NOW + each * MINUTE) for each in (1, 2)] == [[], ["jy2751"]]


def test_the_newest_body_is_read_first(database: Database) -> None:
    listed(database, a_publication("jy1"), at=NOW - MINUTE)
    listed(database, a_publication("jy3"))
    listed(database, a_publication("jy2"))

    assert due(database, NOW) == ["jy3", "jy2", "jy1"]


def test_keys_of_another_feed_are_not_known(database: Database) -> None:
    listed(database, a_publication())

    with database.read() as connection:
        assert publications.known(connection, "another", ["jy2751"]) == set()
        assert publications.known(connection, FEED, []) == set()


# --- pages ----------------------------------------------------------------------------------------------------------


def test_a_page_keeps_its_validators_until_it_has_others(database: Database) -> None:
    with database.write() as connection:
        publications.record_page(connection, FEED, "listing", URL, read_at=NOW, etag='"a"')
        publications.record_page(connection, FEED, "listing", URL, read_at=NOW + MINUTE)

    with database.read() as connection:
        page = publications.page(connection, FEED, "listing", URL)
        assert publications.page(connection, FEED, "manifest", URL) is None
    assert page is not None
    assert (page.etag, page.read_at) == ('"a"', NOW + MINUTE)


def test_failures_of_a_page_are_counted_until_it_is_read(database: Database) -> None:
    with database.write() as connection:
        counted = [
            publications.record_page_failure(
                connection, FEED, "listing", URL, at=NOW + number * MINUTE
            )
            for number in range(3)
        ]
        publications.record_page(connection, FEED, "listing", URL, read_at=NOW)
        anew = publications.record_page_failure(
            connection, FEED, "listing", URL, at=NOW + 9 * MINUTE
        )

    assert counted == [(1, NOW), (2, NOW), (3, NOW)]
    assert anew == (1, NOW + 9 * MINUTE)
