"""One poll of a list: baseline, the same again, changes, and the same differences told exactly once."""

from datetime import timedelta
from pathlib import Path

import pytest

from monitor.core.canonical import digest
from monitor.poller import Interrupted
from monitor.store.tables import CHANGES, FINGERPRINTS, REVISIONS, SNAPSHOTS
from tests.builders import a_party
from tests.ofac_xml import sdn_xml
from tests.poller.bench import MINUTE, SDN, START, Bench, on_both, twenty_parties

JOHNNY = {"last": "DOE", "first": "Johnny", "kind": "aka", "strength": "strong"}


@on_both
async def test_the_baseline_is_one_quiet_event(bench: Bench) -> None:
    bench.serve(twenty_parties())
    outcome = await bench.poll()

    assert outcome.result == "baseline"
    assert outcome.sentence == "baseline of the SDN list: 20 records as published on 12/16/2024"
    assert (outcome.snapshot, outcome.changes) == (1, 0)
    assert bench.rows(CHANGES) == []
    (event,) = bench.events()
    assert (event.kind, event.feed, event.subject) == ("snapshot.baseline", SDN, "1")
    assert bench.in_force() == twenty_parties()
    assert bench.feed().first_read_at == START + MINUTE
    bench.verify()


@on_both
async def test_a_change_is_stored_and_announced_exactly(bench: Bench) -> None:
    parties = await bench.baseline()
    del parties["103"]
    parties["105"] = parties["105"] | {"aliases": [JOHNNY]}
    parties["200"] = a_party(name="NEW COMPANY LLC", type="entity", programs=["DPRK4", "SDGT"])
    content = bench.serve(parties, date="12/17/2024")
    outcome = await bench.poll()

    assert outcome.result == "accepted"
    assert outcome.sentence == (
        "the SDN list as published on 12/17/2024: 1 added, 1 removed, 1 amended"
    )
    by_kind = {change["kind"]: change for change in bench.changes(outcome.snapshot)}
    assert by_kind["added"] == {
        "feed": SDN,
        "key": "200",
        "kind": "added",
        "categories": ["designation"],
        "severity": "high",
        "party": parties["200"],
    }
    assert by_kind["removed"] == {
        "feed": SDN,
        "key": "103",
        "kind": "removed",
        "categories": ["delisting"],
        "severity": "high",
        "party": twenty_parties()["103"],
    }
    assert by_kind["amended"] == {
        "feed": SDN,
        "key": "105",
        "kind": "amended",
        "categories": ["alias"],
        "severity": "medium",
        "party": {"name": "PERSON, Number 105", "type": "individual", "programs": ["DPRK4"]},
        "fields": [{"field": "aliases", "before": [], "after": [JOHNNY]}],
    }
    event = bench.events()[-1]
    assert (event.kind, event.subject) == ("snapshot.accepted", "2")
    (row,) = bench.rows(SNAPSHOTS, SNAPSHOTS.c.id == 2)
    assert event.payload == {
        "snapshot": 2,
        "sha256": row.sha256,
        "size": len(content),
        "published": "12/17/2024",
        "records": 20,
        "added": 1,
        "removed": 1,
        "amended": 1,
        "compared_with": 1,
        "first_seen": "2026-11-24T12:02:00.000000Z",
        "not_before": "2026-11-24T12:01:00.000000Z",
        "register_digest": row.register_digest,
        "changes_digest": row.changes_digest,
    }
    assert bench.in_force() == parties
    bench.verify()


async def test_what_was_said_before_stays_on_record(bench: Bench) -> None:
    parties = await bench.baseline()
    bench.serve(parties | {"105": parties["105"] | {"title": "Major"}})
    await bench.poll()

    old, new = bench.rows(REVISIONS, REVISIONS.c.key == "105")
    assert (old.from_snapshot, old.until_snapshot) == (1, 2)
    assert (new.from_snapshot, new.until_snapshot) == (2, None)
    assert (old.digest, new.digest) == (
        digest(parties["105"]),
        digest(parties["105"] | {"title": "Major"}),
    )


async def test_the_bytes_are_archived_as_served(bench: Bench) -> None:
    content = bench.serve(twenty_parties())
    await bench.poll()
    (row,) = bench.rows(SNAPSHOTS)

    with bench.archive.open(row.sha256) as archived:
        assert archived.read() == content
    assert '"ETag"' in row.headers


async def test_a_list_that_is_not_modified_is_a_good_poll_without_an_event(bench: Bench) -> None:
    await bench.baseline()
    outcome = await bench.poll()

    assert outcome.result == "unchanged"
    assert bench.source.requests[-1].headers["If-None-Match"]
    assert [event.kind for event in bench.events()] == ["snapshot.baseline"]
    state = bench.feed()
    assert (state.polls, state.last_success_at) == (2, START + 2 * MINUTE)


async def test_the_same_bytes_again_are_no_event_either(bench: Bench) -> None:
    bench.serve(twenty_parties(), etag=False)
    await bench.poll()
    outcome = await bench.poll()

    assert outcome.result == "unchanged"
    assert "If-None-Match" not in bench.source.requests[-1].headers
    assert (bench.states(), len(bench.events())) == (["accepted"], 1)


async def test_a_new_version_with_the_same_content_is_accepted_without_a_change(
    bench: Bench,
) -> None:
    parties = await bench.baseline()
    bench.serve(dict(reversed(parties.items())), date="12/17/2024")
    outcome = await bench.poll()

    assert (outcome.result, outcome.changes) == ("accepted", 0)
    assert "with the same content" in outcome.sentence
    assert bench.told() == []
    assert bench.feed().last_change_at == bench.feed().first_read_at


@on_both
async def test_after_missed_versions_each_difference_is_told_once(bench: Bench) -> None:
    parties = await bench.baseline()
    parties["201"] = a_party(name="MISSED, First")
    bench.serve(parties)  # nobody polls
    parties["202"] = a_party(name="MISSED, Second")
    parties["105"] = parties["105"] | {"title": "Major"}
    bench.serve(parties)
    await bench.poll(after=timedelta(days=3))
    await bench.poll()

    assert sorted(bench.told()) == [("added", "201"), ("added", "202"), ("amended", "105")]
    (event,) = bench.events("snapshot.accepted")
    assert event.payload["not_before"] == "2026-11-24T12:01:00.000000Z"


async def test_a_party_that_comes_back_is_told_again(bench: Bench) -> None:
    parties = await bench.baseline()
    without = {key: value for key, value in parties.items() if key != "103"}
    bench.serve(without)
    await bench.poll()
    bench.serve(parties, date="12/18/2024")
    await bench.poll()

    assert bench.told() == [("removed", "103"), ("added", "103")]
    assert len(bench.rows(REVISIONS, REVISIONS.c.key == "103")) == 2


async def test_dropping_what_is_remembered_of_the_bytes_changes_no_result(bench: Bench) -> None:
    parties = await bench.baseline()
    with bench.database.write() as connection:
        connection.execute(FINGERPRINTS.delete())
    bench.serve(parties | {"105": parties["105"] | {"title": "Major"}})
    await bench.poll()

    assert bench.told() == [("amended", "105")]
    bench.verify()


# --- a comparison and the record


@on_both
async def test_a_comparison_with_what_is_no_longer_in_force_is_made_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    parties = await bench.baseline()
    ours = parties | {"201": a_party(name="FIRST, Seen")}
    theirs = ours | {"202": a_party(name="SECOND, Seen")}

    keep = bench.archive.keep

    def keep_while_another_commits(content: Path, sha256: str) -> None:
        """Our comparison is done; before we commit, another poller does."""
        monkeypatch.undo()
        assert bench.take(sdn_xml(ours)).result == "accepted"
        keep(content, sha256)

    monkeypatch.setattr(bench.archive, "keep", keep_while_another_commits)
    bench.serve(theirs)
    outcome = await bench.poll()

    assert outcome.result == "accepted"
    assert bench.told() == [("added", "201"), ("added", "202")]
    assert [row.compared_with for row in bench.rows(SNAPSHOTS)] == [None, 1, 2]
    assert bench.in_force() == theirs
    bench.verify()


async def test_a_service_that_stops_abandons_the_comparison(bench: Bench) -> None:
    bench.serve({str(key): a_party(name=f"MANY, {key}") for key in range(1, 301)})
    bench.is_stopping = True
    with bench.nothing_changes(), pytest.raises(Interrupted):
        await bench.poll()

    assert bench.left_behind == []
    assert bench.events() == []
    bench.is_stopping = False
    assert (await bench.poll()).result == "baseline"


async def test_progress_is_told_while_a_long_list_is_read(bench: Bench) -> None:
    bench.serve({str(key): a_party(name=f"MANY, {key}") for key in range(1, 301)})
    seen: list[int] = []
    await bench.poller.poll(SDN, seen.append)

    assert seen
    assert seen == sorted(seen)
    assert seen[-1] <= 300


# --- a new version of the adapter


@on_both
async def test_a_new_version_of_the_adapter_renews_documents_and_reports_no_change(
    bench: Bench,
) -> None:
    parties = await bench.baseline()
    bench.upgrade(lambda party: party._replace(remarks="", title="In other words"))
    bench.serve(parties | {"201": a_party(name="NEW, Person")})
    outcome = await bench.poll()

    assert (outcome.result, outcome.changes) == ("accepted", 1)
    assert bench.told() == [("added", "201")]
    assert [event.kind for event in bench.events()][1:] == [
        "snapshot.reexpressed",
        "snapshot.accepted",
    ]
    assert all(document["title"] == "In other words" for document in bench.in_force().values())
    in_force = bench.rows(REVISIONS, REVISIONS.c.until_snapshot.is_(None))
    assert {row.adapter_version for row in in_force} == {bench.adapter.feed.version}
    bench.verify()


async def test_without_its_archived_bytes_a_list_cannot_be_expressed_anew(bench: Bench) -> None:
    parties = await bench.baseline()
    bench.upgrade(lambda party: party)
    (row,) = bench.rows(SNAPSHOTS)
    bench.archive.path(row.sha256).unlink()
    bench.serve(parties | {"201": a_party(name="NEW, Person")})
    with bench.nothing_changes():
        outcome = await bench.poll()

    assert (outcome.result, outcome.reason) == ("failed", "missing_evidence")
    assert bench.open_incidents() == [("missing_evidence", SDN)]
