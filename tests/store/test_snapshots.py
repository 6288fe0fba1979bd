"""The first commit: a snapshot with all that belongs to it, or nothing of it."""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, select

from monitor.core.canonical import digest, encode
from monitor.core.diff import Change, Removed
from monitor.core.guard import Counts, Finding
from monitor.core.spool import Entry
from monitor.errors import NothingToDecide, StaleComparison
from monitor.store import events, feeds, register, snapshots
from monitor.store.database import Database
from monitor.store.snapshots import Compared, Observed
from monitor.store.tables import CHANGES, EVENTS, FEEDS, REVISIONS, SNAPSHOTS
from tests.builders import a_party, an_added, an_amended, as_json

FEED = "ofac-sdn"
NOW = datetime(2024, 12, 16, 15, 2, 11, tzinfo=UTC)
SHA256 = "ab" * 32


def observed(sha256: str = SHA256, **given: Any) -> Observed:
    values: dict[str, Any] = {
        "sha256": sha256,
        "size": 1234,
        "headers": {"ETag": '"a"'},
        "first_seen_at": NOW,
        "not_before": NOW - timedelta(minutes=1),
    }
    return Observed(**{**values, **given})


def compared(compared_with: int | None = None, **counts: int) -> Compared:
    numbers: dict[str, Any] = {
        "records": 2,
        "declared": 2,
        "on_record": 0,
        "added": 2,
        "removed": 0,
        "amended": 0,
    }
    return Compared(
        feed=FEED,
        compared_with=compared_with,
        counts=Counts(**{**numbers, **counts}),
        stated_date="12/16/2024",
        filled={"name": 1},
        register_digest="r" * 64,
        changes_digest="c" * 64,
        adapter_version=1,
        digest_version=1,
    )


def baseline(*keys: str) -> list[Entry]:
    document = a_party()
    return [
        Entry("baseline", key, digest(document), encode(document).decode(), None) for key in keys
    ]


def entry(change: Change) -> Entry:
    (described,) = as_json(change)
    if isinstance(change, Removed):
        return Entry("removed", change.key, None, None, described)
    document = change.new if hasattr(change, "new") else change.document
    kind: Any = described["kind"]
    return Entry(kind, change.key, digest(document), encode(document).decode(), described)


def commit(
    database: Database,
    entries: Iterable[Entry],
    compared_with: int | None = None,
    sha256: str = SHA256,
    **counts: int,
) -> int:
    with database.write() as connection:
        row = feeds.lock(connection, FEED)
        number = snapshots.commit(
            connection, row, observed(sha256), compared(compared_with, **counts), entries, NOW
        )
        feeds.record_good(connection, row, at=NOW, outcome="accepted", snapshot_id=number)
    return number


def hold(database: Database, sha256: str = "cd" * 32) -> int:
    with database.write() as connection:
        feeds.lock(connection, FEED)
        findings = [Finding("max_removed", "9 of 10 parties are missing")]
        return snapshots.hold(connection, observed(sha256), compared(1), findings, NOW)


def everything_in(database: Database) -> dict[str, list[Any]]:
    with database.read() as connection:
        return {
            table.name: list(connection.execute(select(table)))
            for table in (SNAPSHOTS, REVISIONS, CHANGES, EVENTS)
        }


def in_force(database: Database) -> dict[str, str]:
    with database.read() as connection:
        return register.digests_in_force(connection, FEED)


def state_of(database: Database, number: int) -> str:
    with database.read() as connection:
        row = snapshots.find(connection, number)
    assert row is not None
    return str(row.state)


def told(database: Database) -> list[tuple[str, str]]:
    with database.read() as connection:
        return [(event.kind, event.subject) for event in events.after(connection, 0)]


def test_a_baseline_is_revisions_and_one_event_and_no_change(database: Database) -> None:
    number = commit(database, baseline("7", "8"))

    found = everything_in(database)
    assert in_force(database) == {"7": digest(a_party()), "8": digest(a_party())}
    assert found["changes"] == []
    assert told(database) == [("snapshot.baseline", str(number))]
    (row,) = found["snapshots"]
    assert (row.state, row.sha256, row.size, row.stated_date) == (
        "accepted",
        SHA256,
        1234,
        "12/16/2024",
    )
    assert (row.added, row.removed, row.amended, row.record_count) == (0, 0, 0, 2)
    assert json.loads(row.headers) == {"ETag": '"a"'}


def test_a_change_ends_and_begins_revisions_and_is_stored_as_the_contracts_object(
    database: Database,
) -> None:
    first = commit(database, baseline("1", "2", "3"))
    changes: list[Change] = [
        Removed("2", a_party()),
        an_amended("3", title="Director"),
        an_added("4", name="NEW"),
    ]

    second = commit(database, map(entry, changes), first, "cd" * 32, added=1, removed=1, amended=1)

    found = everything_in(database)
    spans = {(row.key, row.from_snapshot, row.until_snapshot) for row in found["revisions"]}
    assert spans == {
        ("1", first, None),
        ("2", first, second),
        ("3", first, second),
        ("3", second, None),
        ("4", second, None),
    }
    stored = {row.key: row for row in found["changes"]}
    for change, described in zip(changes, as_json(*changes), strict=True):
        row = stored[change.key]
        assert json.loads(row.change) == described
        assert (row.kind, row.severity, row.snapshot_id) == (
            described["kind"],
            described["severity"],
            second,
        )
        assert row.categories.split(",") == described["categories"]
        assert row.seen_at == NOW


def test_the_event_holds_what_is_needed_to_check_the_rows(database: Database) -> None:
    first = commit(database, baseline("1"))
    commit(database, [entry(an_added("2"))], first, "cd" * 32, added=1)

    with database.read() as connection:
        (event,) = events.after(connection, 1)
    assert event.kind == "snapshot.accepted"
    assert event.payload == {
        "snapshot": 2,
        "sha256": "cd" * 32,
        "size": 1234,
        "published": "12/16/2024",
        "records": 2,
        "added": 1,
        "removed": 0,
        "amended": 0,
        "compared_with": 1,
        "first_seen": "2024-12-16T15:02:11.000000Z",
        "not_before": "2024-12-16T15:01:11.000000Z",
        "register_digest": "r" * 64,
        "changes_digest": "c" * 64,
    }


def broken_off(after: int) -> Iterator[Entry]:
    """A spool that cannot be read to its end."""
    yield from baseline(*map(str, range(after)))
    raise OSError("the disk is gone")


@pytest.mark.parametrize("after", [0, 1, 1200])
def test_a_commit_that_fails_half_way_leaves_nothing_behind(database: Database, after: int) -> None:
    with pytest.raises(OSError, match="disk"):
        commit(database, broken_off(after))

    assert everything_in(database) == {
        "snapshots": [],
        "revisions": [],
        "changes": [],
        "events": [],
    }
    with database.read() as connection:
        assert connection.execute(select(FEEDS)).all() == []


def test_a_second_document_in_force_for_one_record_is_refused(database: Database) -> None:
    """The table's own rule, whatever the code above it believes."""
    first = commit(database, baseline("1"))

    with pytest.raises(Exception, match=r"(?i)unique"):
        commit(database, [entry(an_added("1"))], first, "cd" * 32)

    assert len(everything_in(database)["snapshots"]) == 1


def test_a_spool_longer_than_a_batch_is_written_whole(database: Database) -> None:
    keys = [str(number) for number in range(1201)]

    first = commit(database, baseline(*keys))
    commit(database, (entry(an_amended(key, title="T")) for key in keys), first, "cd" * 32)

    assert len(in_force(database)) == 1201
    assert set(in_force(database).values()) == {digest(a_party(title="T"))}


@pytest.mark.parametrize("compared_with", [None, 1, 99])
def test_a_comparison_with_what_is_not_in_force_is_refused(
    database: Database, compared_with: int | None
) -> None:
    commit(database, baseline("1"))
    commit(database, [entry(an_added("2"))], 1, "cd" * 32)
    before = everything_in(database)

    with pytest.raises(StaleComparison) as caught:
        commit(database, [entry(an_added("3"))], compared_with, "ef" * 32)

    assert (caught.value.compared_with, caught.value.in_force) == (compared_with, 2)
    assert everything_in(database) == before


# --- held -----------------------------------------------------------------------------------------------------------


def test_a_held_snapshot_is_a_verdict_and_an_event_and_changes_nothing(database: Database) -> None:
    commit(database, baseline("1"))

    hold(database)

    assert in_force(database) == {"1": digest(a_party())}
    found = everything_in(database)
    assert found["changes"] == []
    row = found["snapshots"][-1]
    verdict = [{"rule": "max_removed", "sentence": "9 of 10 parties are missing"}]
    assert (row.state, json.loads(row.verdict)) == ("held", verdict)
    with database.read() as connection:
        event = events.after(connection, 1)[0]
        assert snapshots.holds(connection, FEED)
        assert not snapshots.holds(connection, "another")
    assert (event.kind, event.payload["verdict"]) == ("snapshot.held", verdict)


def test_an_accepted_snapshot_supersedes_what_was_held_before(database: Database) -> None:
    commit(database, baseline("1"))
    one, other = hold(database), hold(database, "ce" * 32)

    commit(database, [entry(an_added("2"))], 1, "ef" * 32)

    assert [state_of(database, each) for each in (one, other)] == ["superseded"] * 2
    assert told(database)[-3:] == [
        ("snapshot.superseded", str(one)),
        ("snapshot.superseded", str(other)),
        ("snapshot.accepted", "4"),
    ]


def test_a_rejected_snapshot_names_who_and_why(database: Database) -> None:
    number = hold(database)

    with database.write() as connection:
        snapshots.reject(connection, found(connection, number), by="ann", because="half", at=NOW)

    with database.read() as connection:
        row = found(connection, number)
        event = events.after(connection, 1)[0]
    assert (row.state, row.decided_by, row.because) == ("rejected", "ann", "half")
    assert event.kind == "snapshot.rejected"
    assert event.payload == {
        "snapshot": number,
        "sha256": "cd" * 32,
        "by": "ann",
        "because": "half",
    }


def found(connection: Connection, number: int) -> Any:
    row = snapshots.find(connection, number)
    assert row is not None
    return row


def test_what_is_not_held_cannot_be_rejected(database: Database) -> None:
    number = commit(database, baseline("1"))

    with pytest.raises(NothingToDecide) as caught, database.write() as connection:
        snapshots.reject(connection, found(connection, number), by="ann", because="x", at=NOW)

    assert (caught.value.snapshot, caught.value.state) == (number, "accepted")


def test_the_newest_snapshot_with_the_same_bytes_is_found(database: Database) -> None:
    hold(database, SHA256)
    newest = hold(database, SHA256)

    with database.read() as connection:
        row = snapshots.seen_before(connection, FEED, SHA256)
        assert row is not None and row.id == newest
        assert snapshots.seen_before(connection, "another", SHA256) is None
        assert snapshots.seen_before(connection, FEED, "ff" * 32) is None


def test_documents_in_force_come_by_key(database: Database) -> None:
    commit(database, baseline("1", "2"))

    with database.read() as connection:
        documents = dict(register.documents_in_force(connection, FEED, ["2", "404"]))
        none = list(register.documents_in_force(connection, "another", ["2"]))
    assert documents == {"2": a_party()}
    assert none == []
