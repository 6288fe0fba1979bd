"""Publications: stored when they are first listed, with the body as a later revision, announced unless they belong to a first reading."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Row, select

from feeds import treasury_press_releases
from feeds.base import Body, Entry, Name, Publication, StreamFeed
from monitor.core.canonical import digest, publication_document
from monitor.store import events, publications
from monitor.store.database import Database
from monitor.store.tables import PUBLICATION_REVISIONS, PUBLICATIONS

RELEASES = treasury_press_releases.FEED
FEED = RELEASES.id
NOW = datetime(2024, 12, 16, 15, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
URL = "https://home.treasury.gov/news/press-releases"
ACTION = "https://ofac.treasury.gov/recent-actions/20241216"
BODY = Body(
    "Treasury Sanctions Somebody",
    "WASHINGTON — today.",
    links=(ACTION,),
    entries=(Entry("added", Name("DOE", "Jane")),),
)


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
            RELEASES,
            publication,
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
            connection, row, BODY, feed=RELEASES, at=NOW + MINUTE, action=ACTION, tell=tell
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
        "witness": "release",
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
    assert (event.payload["witness"], event.payload["entries"]) == ("release", 1)


def revisions(database: Database) -> list[dict[str, Any]]:
    with database.read() as connection:
        rows = connection.execute(
            select(PUBLICATION_REVISIONS).order_by(PUBLICATION_REVISIONS.c.id)
        ).all()
    for row in rows:
        assert digest(json.loads(row.document)) == row.digest
    return [json.loads(row.document) for row in rows]


def test_what_has_no_page_of_its_own_is_never_due(database: Database) -> None:
    with database.write() as connection:
        publications.list_new(
            connection,
            RELEASES,
            a_publication(),
            has_page=False,
            at=NOW,
            not_before=None,
            quiet=False,
            tell=None,
        )

    assert row_of(database).body_state == "pending"
    assert due(database, NOW + timedelta(days=9)) == []


def test_a_body_can_be_put_on_record_for_what_is_not_of_a_first_reading(database: Database) -> None:
    listed(database, a_publication("jy1"))
    listed(database, a_publication("jy2"), quiet=True)

    with database.read() as connection:
        found = publications.with_body(connection, FEED, ["jy1", "jy2", "jy3"])

    assert [row.key for row in found] == ["jy1"]


# --- corrections ----------------------------------------------------------------------------------------------------


DAY = timedelta(days=1)


def read_again(
    database: Database, body: Body, *, at: datetime = NOW + DAY, feed: StreamFeed = RELEASES
) -> None:
    row = row_of(database)
    with database.write() as connection:
        publications.correct_body(
            connection, row, body, feed=feed, at=at, action=ACTION, next_body_at=at + DAY
        )


@pytest.mark.parametrize(
    ("another", "changed"),
    [
        ({"title": "Treasury Sanctions Somebody Else"}, ["title"]),
        ({"text": "WASHINGTON — today and tomorrow."}, ["text"]),
        ({"links": ()}, ["links"]),
        ({"entries": ()}, ["entries"]),
        ({"text": "Another.", "links": ()}, ["text", "links"]),
    ],
)
def test_a_corrected_page_is_a_revision_and_announced(
    database: Database, another: dict[str, Any], changed: list[str]
) -> None:
    listed(database, a_publication())
    built(database)
    corrected = replace(BODY, **another)

    read_again(database, corrected)

    document = publication_document(a_publication(), corrected)
    assert revisions(database)[-1] == document
    assert row_of(database).digest == digest(document)
    event = told(database)[-1]
    assert (event.kind, event.subject) == ("publication.corrected", "jy2751")
    assert event.payload["changed"] == changed
    assert event.payload["digest"] == digest(document)
    assert (event.payload["tell"], event.payload["action"]) == (None, ACTION)
    assert event.payload["witness"] == "release"


def test_a_page_that_reads_as_before_is_read_again_later_and_nothing_else(
    database: Database,
) -> None:
    listed(database, a_publication())
    built(database)
    before = revisions(database), told(database)

    read_again(database, BODY)

    assert (revisions(database), told(database)) == before
    assert due(database, NOW + DAY + DAY) == ["jy2751"]


def test_an_older_copy_is_no_correction_and_a_return_to_it_days_later_is_one(
    database: Database,
) -> None:
    listed(database, a_publication())
    built(database)
    read_again(database, replace(BODY, text="Another."))

    read_again(database, BODY, at=NOW + DAY + MINUTE)
    assert len(revisions(database)) == 3

    read_again(database, BODY, at=NOW + 2 * DAY)
    assert len(revisions(database)) == 4
    assert told(database)[-1].payload["changed"] == ["text"]


def test_what_only_a_new_adapter_reads_otherwise_is_no_correction(database: Database) -> None:
    listed(database, a_publication())
    built(database)
    newer = replace(RELEASES, version=RELEASES.version + 1)

    read_again(database, replace(BODY, text="Read otherwise."), feed=newer)

    assert revisions(database)[-1]["text"] == "Read otherwise."
    assert [event.kind for event in told(database)] == ["publication.listed", "publication.body"]

    read_again(database, replace(BODY, text="Corrected."), feed=newer, at=NOW + 2 * DAY)
    assert told(database)[-1].kind == "publication.corrected"


def test_what_was_never_read_is_read_before_what_was(database: Database) -> None:
    listed(database, a_publication())
    built(database)
    read_again(database, BODY, at=NOW)
    listed(database, a_publication("jy1"), at=NOW - MINUTE)

    assert due(database, NOW + DAY) == ["jy1", "jy2751"]


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
