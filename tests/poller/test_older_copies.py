"""Edges of a content network serve stale files: an older copy is counted, never compared."""

from datetime import UTC, datetime, timedelta

import pytest

from monitor.errors import NothingToDecide
from monitor.store.tables import SNAPSHOTS
from tests.builders import a_party
from tests.poller.bench import SDN, START, Bench, Document, on_both, twenty_parties

PUBLISHED = datetime(2026, 11, 24, 11, 0, tzinfo=UTC)
NEW = {"201": a_party(name="NEW, Person")}


async def test_bytes_that_were_in_force_before_are_an_older_copy(bench: Bench) -> None:
    old = await bench.baseline()
    bench.serve(old | NEW)
    await bench.poll()
    bench.serve(old)
    with bench.nothing_changes():
        outcome = await bench.poll()

    assert outcome.result == "older"
    assert (bench.feed().older_copies, bench.feed().snapshot_id) == (1, 2)
    assert bench.told() == [("added", "201")]
    bench.serve(old | NEW)
    assert (await bench.poll()).result == "unchanged"
    assert bench.feed().older_since is None


async def test_a_content_last_modified_before_the_one_in_force_is_an_older_copy(
    bench: Bench,
) -> None:
    old = twenty_parties()
    bench.serve(old, last_modified=PUBLISHED)
    await bench.poll()
    bench.serve(old | NEW, last_modified=PUBLISHED - timedelta(hours=1))
    with bench.nothing_changes():
        outcome = await bench.poll()

    assert outcome.result == "older"
    bench.serve(old | NEW, last_modified=PUBLISHED)
    assert (await bench.poll()).result == "accepted", "the same moment is not older"


@pytest.mark.parametrize("stated", ["yesterday", "Tue, 24 Nov 2026 10:00:00 -0000", ",", ""])
async def test_a_last_modified_that_means_nothing_is_not_older(bench: Bench, stated: str) -> None:
    old = twenty_parties()
    bench.serve(old, last_modified=PUBLISHED)
    await bench.poll()
    content = bench.serve(old | NEW)
    bench.source.serve("/SDN.XML", content, headers={"Last-Modified": stated})

    outcome = await bench.poll()
    assert outcome.result == ("older" if "-0000" in stated else "accepted")


async def test_an_hour_of_only_older_copies_is_an_incident(bench: Bench) -> None:
    old = await bench.baseline()
    bench.serve(old | NEW)
    await bench.poll()
    bench.serve(old)
    await bench.poll()
    await bench.poll(after=timedelta(minutes=59))
    assert bench.open_incidents() == []
    await bench.poll()
    assert bench.open_incidents() == [("stale_copy", SDN)]
    await bench.poll()
    assert bench.incident("stale_copy").times == 2

    bench.serve(old | NEW)
    await bench.poll()
    assert bench.open_incidents() == []
    assert [event.kind for event in bench.events("incident")] == [
        "incident.opened",
        "incident.closed",
    ]


async def test_copies_in_turns_are_no_incident(bench: Bench) -> None:
    old = await bench.baseline()
    bench.serve(old | NEW, etag=False)
    await bench.poll()
    for _ in range(4):
        bench.serve(old, etag=False)
        await bench.poll(after=timedelta(minutes=30))
        bench.serve(old | NEW, etag=False)
        await bench.poll(after=timedelta(minutes=30))

    assert bench.feed().older_copies == 4
    assert bench.open_incidents() == []


async def test_an_older_copy_does_not_prove_that_nothing_was_published(bench: Bench) -> None:
    """The newest version may have been out while an edge still served the oldest."""
    old = await bench.baseline()
    bench.serve(old | NEW)
    await bench.poll()
    bench.serve(old)
    assert (await bench.poll()).result == "older"
    assert bench.feed().last_success_at == START + timedelta(minutes=2), "it is no success"
    bench.serve(old | NEW | {"202": a_party(name="NEWEST, Person")})
    await bench.poll()

    event = bench.events("snapshot.accepted")[-1]
    assert event.payload["first_seen"] == "2026-11-24T12:04:00.000000Z"
    assert event.payload["not_before"] == "2026-11-24T12:02:00.000000Z"


# --- the publisher has gone back to it for good


async def rolled_back(bench: Bench, **how: bool) -> dict[str, Document]:
    """One party came, and an hour and more ago the source went back to the list without it, which is given."""
    old = await bench.baseline()
    bench.serve(old | NEW, **how)
    await bench.poll()
    bench.serve(old, **how)
    await bench.poll()
    await bench.poll(after=timedelta(hours=1))
    return old


@on_both
async def test_an_earlier_version_that_is_served_for_good_can_be_accepted(bench: Bench) -> None:
    old = await rolled_back(bench)
    incident = bench.incident("stale_copy")
    assert "was in force before, as snapshot 1" in incident.detail
    assert "snapshot accept 1 " in incident.what_to_do
    outcome = bench.accept(1)

    assert (outcome.result, outcome.snapshot, outcome.changes) == ("accepted", 3, 1)
    assert bench.in_force() == old
    assert bench.told() == [("added", "201"), ("removed", "201")]
    row = bench.rows(SNAPSHOTS)[-1]
    assert (row.state, row.decided_by, row.because) == ("accepted", "Ann", "OFAC said so")
    event = bench.events("snapshot.accepted")[-1]
    assert event.payload["first_seen"] == "2026-11-24T12:03:00.000000Z", "when it went back"
    assert event.payload["not_before"] == "2026-11-24T12:02:00.000000Z"
    assert bench.open_incidents() == []
    assert bench.incident("stale_copy").closed_by == "Ann accepted snapshot 1"
    assert (await bench.poll()).result == "unchanged"
    assert bench.feed().older_since is None
    bench.verify()


@pytest.mark.parametrize("etag", [True, False])
async def test_an_earlier_version_is_one_with_validators_or_without(
    bench: Bench, etag: bool
) -> None:
    await rolled_back(bench, etag=etag)

    assert bench.accept(1).changes == 1


async def test_only_the_earlier_version_that_is_served_now_can_be_accepted(bench: Bench) -> None:
    old = await rolled_back(bench)
    bench.serve(old | NEW | {"202": a_party(name="NEWEST, Person")})
    await bench.poll()
    with pytest.raises(NothingToDecide, match="snapshot 1 is accepted"):
        bench.accept(1)
    bench.serve(old | NEW)
    assert (await bench.poll()).result == "older"
    with bench.nothing_changes(), pytest.raises(NothingToDecide, match="snapshot 1 is accepted"):
        bench.accept(1)

    assert bench.accept(2).changes == 1
    with pytest.raises(NothingToDecide, match="snapshot 4 is accepted"):
        bench.accept(4)


async def test_a_copy_that_was_never_in_force_takes_the_place_of_the_earlier_version(
    bench: Bench,
) -> None:
    """It says that it is older; what is not known cannot be accepted, and what was served before it is not either."""
    old = twenty_parties()
    bench.serve(old, last_modified=PUBLISHED)
    await bench.poll()
    bench.serve(old | NEW, last_modified=PUBLISHED + timedelta(minutes=30))
    await bench.poll()
    bench.serve(old, last_modified=PUBLISHED)
    assert (await bench.poll()).result == "older"
    unknown = old | {"202": a_party(name="UNKNOWN, Person")}
    bench.serve(unknown, last_modified=PUBLISHED - timedelta(hours=1))
    assert (await bench.poll(after=timedelta(hours=1))).result == "older"

    assert "snapshot accept" not in bench.incident("stale_copy").what_to_do
    with pytest.raises(NothingToDecide, match="snapshot 1 is accepted"):
        bench.accept(1)
    bench.serve(old | NEW, last_modified=PUBLISHED + timedelta(minutes=30))
    assert (await bench.poll()).result == "unchanged"
