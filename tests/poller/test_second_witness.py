"""The list and OFAC's own change files, polled from sources of ours: what is put on record of how they agree."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

import feeds
from monitor.alerting.second_witness import SecondWitness, legal_facts_of, pairs_of
from monitor.core.second_witness import LegalFacts
from monitor.core.testimony import PATIENCE
from monitor.store.tables import CHANGES, INCIDENTS
from tests.builders import a_party
from tests.ofac_delta import Told, serve_file, serve_history
from tests.poller.bench import CHANGE_FILES, MINUTE, SDN, START, Bench, Document, on_both
from tests.servers import Status

FEEDS = {id: adapter.feed for id, adapter in feeds.discover().items()}
JANE = a_party(name="EXAMPLE, Jane", programs=["EXAMPLE1"])
BEFORE = {"811": "2026-11-19"}
A_LONG_TIME = 3 * PATIENCE


@pytest.fixture
def witness(bench: Bench) -> SecondWitness:
    return SecondWitness(bench.database, bench.clock, feeds=FEEDS)


async def watching(bench: Bench) -> dict[str, Document]:
    """Both have been read for the first time, and again some hours later."""
    parties = await bench.baseline()
    serve_history(bench.source, BEFORE)
    await bench.poll(CHANGE_FILES)
    await bench.poll(after=A_LONG_TIME)
    await bench.poll(CHANGE_FILES)
    return parties


async def publish_file(bench: Bench, *told: Told, key: str = "812") -> None:
    serve_history(bench.source, {**BEFORE, key: "2026-11-24"})
    serve_file(bench.source, key, told)
    await bench.poll(CHANGE_FILES)


async def publish_list(bench: Bench, parties: dict[str, Document]) -> None:
    bench.serve(parties, date="11/24/2026")
    assert (await bench.poll()).result == "accepted"


def verdicts(bench: Bench) -> list[tuple[str, str]]:
    return [(event.kind, event.subject) for event in bench.events("witness")]


def disputes(bench: Bench) -> list[str]:
    return [about for kind, about in bench.open_incidents() if kind == "witnesses_disagree"]


@on_both
async def test_a_list_and_a_file_that_say_the_same_are_agreed_in_either_order(
    bench: Bench, witness: SecondWitness
) -> None:
    parties = await watching(bench)
    removed = parties.pop("101")
    told = [Told("added", "500", JANE), Told("removed", "101", removed)]

    await publish_list(bench, parties | {"500": JANE})
    assert witness.turn() == 0, "the file may still come"
    await publish_file(bench, *told)
    assert witness.turn() == 1
    await publish_file(bench, Told("removed", "500", JANE), key="813")
    assert witness.turn() == 0, "the list may still come"
    await publish_list(bench, parties)
    assert witness.turn() == 1

    assert verdicts(bench) == [
        ("witness.agreed", "change file 812"),
        ("witness.agreed", "change file 813"),
    ]
    (first, _) = bench.events("witness")
    assert first.feed == SDN
    assert first.payload["change_feed"] == CHANGE_FILES
    assert first.payload["snapshots"] == [2]
    assert first.payload["counts"]["agreed"] == 2
    assert bench.open_incidents() == []
    bench.verify()


@on_both
async def test_a_designation_that_our_list_never_shows_is_an_incident_until_it_does(
    bench: Bench, witness: SecondWitness
) -> None:
    parties = await watching(bench)
    await publish_file(bench, Told("added", "500", JANE))
    witness.turn()
    bench.clock.move(PATIENCE)
    assert witness.turn() == 0, "the list has not been read since"

    with bench.nothing_changes():
        await bench.poll()
        witness.turn()

    assert disputes(bench) == ["ofac-sdn change file 812"]
    incident = bench.incident("witnesses_disagree")
    assert incident.severity == "high"
    assert "EXAMPLE, Jane (uid 500) was added" in incident.detail
    assert "does not hold it" in incident.detail

    await publish_list(bench, parties | {"500": JANE})
    witness.turn()
    assert disputes(bench) == []
    assert [kind for kind, _ in verdicts(bench)] == ["witness.disagreed", "witness.agreed"]
    bench.verify()


async def test_a_change_that_no_file_tells_of_is_an_incident_until_one_does(
    bench: Bench, witness: SecondWitness
) -> None:
    parties = await watching(bench)
    gone = parties.pop("101")
    await publish_list(bench, parties)
    witness.turn()
    bench.clock.move(PATIENCE)
    await bench.poll(CHANGE_FILES)
    witness.turn()

    assert disputes(bench) == ["ofac-sdn snapshot 2"]
    assert "our list of 24 Nov 2026" not in bench.incident("witnesses_disagree").summary
    assert "PERSON, Number 101 (uid 101)" in bench.incident("witnesses_disagree").summary

    await publish_file(bench, Told("removed", "101", gone))
    witness.turn()
    assert disputes(bench) == []
    assert verdicts(bench)[-2:] == [
        ("witness.agreed", "change file 812"),
        ("witness.agreed", "snapshot 2"),
    ]


async def test_a_turn_made_again_puts_nothing_more_on_record(
    bench: Bench, witness: SecondWitness
) -> None:
    parties = await watching(bench)
    await publish_list(bench, parties | {"500": JANE})
    await publish_file(bench, Told("added", "500", JANE))
    assert witness.turn() == 1

    again = SecondWitness(bench.database, bench.clock, feeds=FEEDS)

    assert (witness.turn(), again.turn(), again.turn()) == (0, 0, 0)


async def test_a_file_of_another_list_only_is_agreed_and_asks_nothing_of_ours(
    bench: Bench, witness: SecondWitness
) -> None:
    await watching(bench)
    await publish_file(bench, Told("added", "900", JANE, list_name="Example Sectoral List"))
    witness.turn()

    assert verdicts(bench) == [("witness.agreed", "change file 812")]


async def test_files_that_cannot_be_read_accuse_nobody(
    bench: Bench, witness: SecondWitness
) -> None:
    parties = await watching(bench)
    await publish_list(bench, parties | {"500": JANE})
    serve_history(bench.source, {**BEFORE, "812": "2026-11-24"})
    bench.source.misbehave("/changes/812", Status(503), times=50)
    for _ in range(3):
        await bench.poll(CHANGE_FILES, after=PATIENCE)
        witness.turn()

    assert verdicts(bench) == []
    assert disputes(bench) == []


async def test_what_the_list_held_before_it_was_first_read_is_no_dispute(
    bench: Bench, witness: SecondWitness
) -> None:
    """The very first reading of the list may already show what a file tells of a moment later."""
    parties = await watching(bench)
    await publish_file(bench, Told("added", "101", parties["101"]))
    witness.turn()

    assert verdicts(bench) == [("witness.agreed", "change file 812")]


async def test_changes_from_before_the_files_were_watched_are_not_held_against_them(
    bench: Bench, witness: SecondWitness
) -> None:
    parties = await bench.baseline()
    await publish_list(bench, parties | {"500": JANE})
    serve_history(bench.source, {**BEFORE, "812": "2026-11-24"})
    await bench.poll(CHANGE_FILES)
    bench.clock.move(PATIENCE)
    await bench.poll(CHANGE_FILES)
    witness.turn()

    assert verdicts(bench) == []


async def test_a_list_that_is_held_back_is_told_as_the_likely_reason(
    bench: Bench, witness: SecondWitness
) -> None:
    parties = await watching(bench)
    names = list(parties)[:5]
    bench.serve({key: party for key, party in parties.items() if key not in names})
    assert (await bench.poll()).result == "held"
    await publish_file(bench, *(Told("removed", key, parties[key]) for key in names))
    bench.clock.move(PATIENCE)
    await bench.poll()
    witness.turn()

    assert "held back" in bench.incident("witnesses_disagree").detail
    assert bench.rows(CHANGES) == []


async def test_a_dispute_ends_after_a_fortnight_and_stays_on_record(
    bench: Bench, witness: SecondWitness
) -> None:
    await watching(bench)
    await publish_file(bench, Told("added", "500", JANE))
    await bench.poll(after=A_LONG_TIME)
    witness.turn()
    assert len(disputes(bench)) == 1

    bench.clock.move(timedelta(days=15))
    witness.turn()

    assert disputes(bench) == []
    (row,) = bench.rows(INCIDENTS, INCIDENTS.c.kind == "witnesses_disagree")
    assert "no longer judged" in row.closed_by
    bench.verify()


async def test_without_both_of_a_pair_nothing_is_compared(bench: Bench) -> None:
    await watching(bench)
    await publish_file(bench, Told("added", "500", JANE))
    lonely = {id: feed for id, feed in FEEDS.items() if id != CHANGE_FILES}

    assert list(pairs_of(lonely)) == []
    assert SecondWitness(bench.database, bench.clock, feeds=lonely).turn() == 0
    assert [pair.register.id for pair in pairs_of(FEEDS)] == [SDN]


@on_both
async def test_what_the_files_state_beside_the_list_can_be_looked_up(bench: Bench) -> None:
    await watching(bench)
    await publish_file(bench, Told("added", "500", JANE), Told("changed", "101", {}))
    await publish_file(
        bench,
        Told("added", "500", JANE, list_name="Example Sectoral List", listed_on="2020-01-01"),
        key="813",
    )
    look_up: Callable[..., Any] = legal_facts_of(FEEDS)

    with bench.database.read() as connection:
        found = look_up(connection, SDN, ["500", "101", "7"], START - MINUTE)
        nothing = look_up(connection, SDN, ["500"], bench.clock.now() + MINUTE)
        of_another = look_up(connection, "ofac-consolidated", ["500"], START - MINUTE)

    assert found == {"500": LegalFacts(("Executive Order 10001 (Example)",), "2026-11-24", "812")}
    assert nothing == of_another == {}
