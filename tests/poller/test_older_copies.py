"""Edges of a content network serve stale files: an older copy is counted, never compared."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.builders import a_party
from tests.poller.bench import SDN, START, Bench, twenty_parties

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
