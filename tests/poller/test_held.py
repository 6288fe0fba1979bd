"""A list that must not be believed without a person: held, told once, decided about, or overtaken."""

import pytest

from feeds.base import Guard
from monitor.errors import NothingToDecide
from monitor.poller import Watched
from monitor.store.tables import CHANGES, INCIDENTS, SNAPSHOTS
from tests.builders import a_party
from tests.poller.bench import LIST, MINUTE, SDN, Bench, Document, on_both, twenty_parties
from tests.servers import Status

Parties = dict[str, Document]


def without(parties: Parties, count: int) -> Parties:
    """The list with its last ``count`` parties missing."""
    return dict(list(parties.items())[: len(parties) - count])


def with_new(parties: Parties, count: int) -> Parties:
    """The list with ``count`` more parties."""
    return parties | {str(key): a_party(name=f"NEW, {key}") for key in range(300, 300 + count)}


# --- what is held


@on_both
async def test_half_a_list_is_held_with_its_numbers_and_tells_nobody_of_a_change(
    bench: Bench,
) -> None:
    parties = await bench.baseline()
    bench.serve(without(parties, 10), date="12/17/2024")
    outcome = await bench.poll()

    assert (outcome.result, outcome.snapshot) == ("held", 2)
    assert bench.states() == ["accepted", "held"]
    assert bench.verdict(2) == ["max_removed"]
    assert bench.rows(CHANGES) == []
    assert bench.in_force() == parties
    assert bench.feed().snapshot_id == 1
    incident = bench.incident("held")
    assert "10 of 20 parties are missing (50 percent; limit 5)" in incident.summary
    assert "snapshot accept 2" in incident.what_to_do
    event, opened = bench.events()[1:]
    assert (event.kind, event.subject, opened.kind) == ("snapshot.held", "2", "incident.opened")
    assert (event.payload["removed"], event.payload["compared_with"]) == (10, 1)
    assert [finding["rule"] for finding in event.payload["verdict"]] == ["max_removed"]
    bench.verify()


async def test_a_list_that_declares_another_number_is_held(bench: Bench) -> None:
    parties = await bench.baseline()
    bench.serve(with_new(parties, 1), count=20)

    assert (await bench.poll()).result == "held"
    assert bench.verdict(2) == ["declared_count"]


async def test_a_list_below_the_minimum_is_held_even_as_the_first(bench: Bench) -> None:
    bench.serve({"1": a_party()})

    assert (await bench.poll()).result == "held"
    assert bench.verdict(1) == ["min_records"]
    assert bench.in_force() == {}
    assert "the version before it" not in bench.incident("held").detail, "there is none"
    bench.accept(1)
    assert [event.kind for event in bench.events("snapshot")][-1] == "snapshot.baseline"
    assert bench.told() == []


async def test_every_broken_rule_is_named(bench: Bench) -> None:
    await bench.baseline()
    bench.serve(with_new({}, 4), count=7)
    await bench.poll()

    assert bench.verdict(2) == ["declared_count", "min_records", "max_removed"]


async def test_a_column_that_empties_is_held_though_no_party_is_missing(bench: Bench) -> None:
    titled = {key: party | {"title": "Minister"} for key, party in twenty_parties().items()}
    bench.serve(titled)
    await bench.poll()
    half = dict(list(titled.items())[:10]) | dict(list(twenty_parties().items())[10:])
    bench.serve(half, date="12/17/2024")
    assert (await bench.poll()).result == "accepted", "half of it may go"

    bench.serve(titled, date="12/18/2024")
    await bench.poll()
    bench.serve(twenty_parties(), date="12/19/2024")
    assert (await bench.poll()).result == "held"

    assert bench.verdict(4) == ["emptied_field"]
    assert "of the 20 parties that stay, 20 had the field title filled, and 0 have it now" in (
        bench.incident("held").summary
    )
    assert bench.in_force() == titled
    assert bench.accept(4).result == "accepted"
    bench.serve(with_new(twenty_parties(), 1), date="12/20/2024")
    assert (await bench.poll()).result == "accepted", (
        "what was accepted is what counts from then on"
    )


async def test_a_field_that_leaves_with_its_parties_was_not_emptied(bench: Bench) -> None:
    lenient = Watched(bench.adapter, bench.source.url + LIST, Guard(1, 1.0, 1.0))
    bench.poller._watched = {SDN: lenient}
    parties = twenty_parties()
    vessels = {
        str(key): a_party(name=f"VESSEL {key}", type="vessel", vessel={"flag": "Panama"})
        for key in range(500, 520)
    }
    bench.serve(parties | vessels)
    await bench.poll()
    bench.serve(parties, date="12/17/2024")

    assert (await bench.poll()).result == "accepted"


async def test_a_list_that_states_an_earlier_day_is_held(bench: Bench) -> None:
    parties = twenty_parties()
    bench.serve(parties, date="12/16/2024")
    await bench.poll()
    bench.serve(with_new(parties, 1), date="12/15/2024")

    assert (await bench.poll()).result == "held"
    assert bench.verdict(2) == ["stated_date"]
    assert "dated 15 Dec 2024, before the version in force (16 Dec 2024)" in (
        bench.incident("held").summary
    )


async def test_exactly_the_limits_are_accepted_and_one_more_is_not(bench: Bench) -> None:
    parties = await bench.baseline()
    bench.serve(with_new(without(parties, 1), 5))
    assert (await bench.poll()).result == "accepted"

    parties = bench.in_force()  # 24: six may come, one may leave
    bench.serve(parties | {str(key): a_party(name=f"MORE, {key}") for key in range(400, 407)})
    assert (await bench.poll()).result == "held"
    assert bench.verdict(3) == ["max_added"]
    bench.serve(without(parties, 2))
    assert (await bench.poll()).result == "held"
    assert bench.verdict(4) == ["max_removed"]


async def test_the_limits_configured_here_take_the_place_of_the_feeds(bench: Bench) -> None:
    parties = await bench.baseline()
    lenient = Watched(bench.adapter, bench.source.url + LIST, Guard(1, 0.5, 0.25))
    bench.poller._watched = {SDN: lenient}
    bench.serve(without(parties, 10))

    assert (await bench.poll()).result == "accepted"


# --- held again


async def test_a_held_list_is_neither_downloaded_nor_announced_again(bench: Bench) -> None:
    parties = await bench.baseline()
    bench.serve(without(parties, 10))
    await bench.poll()
    with bench.nothing_changes():
        outcome = await bench.poll()

    assert bench.source.requests[-1].headers["If-None-Match"]
    assert (outcome.result, outcome.snapshot) == ("held", 2), "it still is"
    assert len(bench.events()) == 3


async def test_it_stays_held_when_the_source_failed_in_between(bench: Bench) -> None:
    parties = await bench.baseline()
    bench.serve(without(parties, 10))
    await bench.poll()
    bench.source.misbehave(LIST, Status(503), times=1)
    await bench.poll()

    assert (await bench.poll()).result == "held"
    assert bench.feed().last_outcome == "held"
    assert bench.open_incidents() == [("held", SDN)]


async def test_a_held_list_without_validators_is_not_compared_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    parties = await bench.baseline()
    bench.serve(without(parties, 10), etag=False)
    await bench.poll()
    monkeypatch.setattr("monitor.poller.register.comparing", None)
    with bench.nothing_changes():
        outcome = await bench.poll()

    assert (outcome.result, outcome.snapshot) == ("held", 2)
    assert len(bench.events()) == 3


# --- a person decides


@on_both
async def test_accepting_tells_the_changes_of_that_content(bench: Bench) -> None:
    parties = await bench.baseline()
    half = without(parties, 10)
    bench.serve(half)
    await bench.poll()
    bench.clock.move(MINUTE)
    outcome = bench.accept(2)

    assert (outcome.result, outcome.snapshot, outcome.changes) == ("accepted", 2, 10)
    assert bench.in_force() == half
    assert {kind for kind, _ in bench.told()} == {"removed"}
    (row,) = bench.rows(SNAPSHOTS, SNAPSHOTS.c.id == 2)
    assert (row.state, row.decided_by, row.because) == ("accepted", "Ann", "OFAC said so")
    assert bench.open_incidents() == []
    assert bench.incident("held").closed_by == "Ann accepted snapshot 2"
    event = bench.events("snapshot.accepted")[-1]
    assert event.payload["first_seen"] == "2026-11-24T12:02:00.000000Z", "not when it was accepted"
    assert (await bench.poll()).result == "unchanged"
    bench.verify()


async def test_accepting_waives_the_limits_for_that_content_only(bench: Bench) -> None:
    parties = await bench.baseline()
    bench.serve(without(parties, 10))
    await bench.poll()
    bench.accept(2)
    bench.serve(without(parties, 12))

    assert (await bench.poll()).result == "held"
    assert bench.verdict(3) == ["max_removed"]


async def test_accepting_is_no_look_at_the_source(bench: Bench) -> None:
    """A decision proves nothing about what is published now, and ends no failure of the source."""
    parties = await bench.baseline()
    bench.serve(without(parties, 10))
    await bench.poll()
    bench.source.misbehave(LIST, Status(503), times=3)
    for _ in range(3):
        await bench.poll()
    before = bench.feed()
    bench.clock.move(MINUTE)
    bench.accept(2)

    after = bench.feed()
    for fact in ("polls", "last_polled_at", "last_success_at", "failures", "failing_since"):
        assert getattr(after, fact) == getattr(before, fact), fact
    assert bench.open_incidents() == [("server_error", SDN)]


async def test_accepting_after_an_upgrade_tells_only_what_the_source_changed(bench: Bench) -> None:
    parties = await bench.baseline()
    bench.serve(without(parties, 10))
    await bench.poll()
    bench.upgrade(lambda party: party._replace(title="In other words"))
    outcome = bench.accept(2)

    assert outcome.changes == 10
    assert {kind for kind, _ in bench.told()} == {"removed"}
    bench.verify()


async def test_a_rejected_content_is_not_looked_at_again(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    parties = await bench.baseline()
    bench.serve(without(parties, 10), etag=False)
    await bench.poll()
    bench.reject(2)

    assert bench.states() == ["accepted", "rejected"]
    assert bench.open_incidents() == []
    rejected = bench.events("snapshot.rejected")[0]
    assert (rejected.payload["by"], rejected.payload["because"]) == ("Ann", "half is missing")
    monkeypatch.setattr("monitor.poller.register.comparing", None)
    with bench.nothing_changes():
        assert (await bench.poll()).result == "rejected"
    with pytest.raises(NothingToDecide, match="snapshot 2 is rejected"):
        bench.accept(2)
    with pytest.raises(NothingToDecide):
        bench.reject(2)
    bench.verify()


async def test_a_rejected_content_that_is_not_modified_is_no_longer_called_held(
    bench: Bench,
) -> None:
    parties = await bench.baseline()
    bench.serve(without(parties, 10))
    await bench.poll()
    bench.reject(2)

    assert (await bench.poll()).result == "rejected"
    assert bench.feed().last_outcome == "rejected"


async def test_only_a_held_snapshot_of_this_list_can_be_decided_about(bench: Bench) -> None:
    await bench.baseline()

    with pytest.raises(NothingToDecide, match="snapshot 1 is accepted"):
        bench.accept(1)
    with pytest.raises(NothingToDecide, match="unknown"):
        bench.accept(7)
    with pytest.raises(NothingToDecide, match="unknown"):
        bench.reject(7)


# --- a rejected version that is still served


@pytest.mark.parametrize("etag", [True, False])
async def test_a_rejected_version_that_is_still_served_is_an_incident_until_another_is(
    bench: Bench, etag: bool
) -> None:
    parties = await bench.baseline()
    bench.serve(without(parties, 10), etag=etag)
    await bench.poll()
    bench.reject(2)
    assert bench.open_incidents() == []
    await bench.poll()
    await bench.poll()

    assert bench.open_incidents() == [("rejected_served", SDN)]
    incident = bench.incident("rejected_served")
    assert (incident.severity, incident.times) == ("medium", 2)
    assert incident.summary == ("the rejected version of the SDN list (snapshot 2) is still served")
    bench.serve(with_new(parties, 1))
    await bench.poll()
    assert bench.open_incidents() == []
    assert bench.incident("rejected_served").closed_by == "another version is served"


@pytest.mark.parametrize("missing", [0, 9])
async def test_the_version_in_force_or_another_held_one_ends_it_too(
    bench: Bench, missing: int
) -> None:
    parties = await bench.baseline()
    bench.serve(without(parties, 10))
    await bench.poll()
    bench.reject(2)
    await bench.poll()
    bench.serve(without(parties, missing))
    await bench.poll()

    assert ("rejected_served", SDN) not in bench.open_incidents()


async def test_a_single_older_copy_does_not_end_it_and_an_hour_of_them_does(bench: Bench) -> None:
    old = await bench.baseline()
    parties = with_new(old, 1)
    bench.serve(parties)
    await bench.poll()
    bench.serve(without(parties, 10))
    await bench.poll()
    bench.reject(3)
    await bench.poll()
    bench.serve(old)
    await bench.poll()
    assert bench.open_incidents() == [("rejected_served", SDN)]
    await bench.poll(after=60 * MINUTE)

    assert bench.open_incidents() == [("stale_copy", SDN)]


# --- overtaken


@on_both
async def test_a_later_good_version_supersedes_what_is_held(bench: Bench) -> None:
    parties = await bench.baseline()
    bench.serve(without(parties, 10))
    await bench.poll()
    bench.serve(with_new(parties, 1))
    outcome = await bench.poll()

    assert outcome.result == "accepted"
    assert bench.states() == ["accepted", "superseded", "accepted"]
    assert bench.told() == [("added", "300")]
    assert bench.open_incidents() == []
    assert [event.subject for event in bench.events("snapshot.superseded")] == ["2"]
    with pytest.raises(NothingToDecide, match="snapshot 2 is superseded"):
        bench.accept(2)
    bench.verify()


@on_both
async def test_the_version_in_force_served_again_ends_the_holding(bench: Bench) -> None:
    parties = await bench.baseline()
    bench.serve(without(parties, 10))
    await bench.poll()
    bench.serve(parties)
    outcome = await bench.poll()

    assert outcome.result == "unchanged"
    assert bench.states() == ["accepted", "superseded"]
    assert bench.open_incidents() == []
    assert bench.incident("held").closed_by == "the version in force is served again"
    assert (await bench.poll()).result == "unchanged"
    bench.verify()


async def test_a_superseded_content_that_comes_back_is_looked_at_again(bench: Bench) -> None:
    parties = await bench.baseline()
    bench.serve(without(parties, 10))
    await bench.poll()
    bench.serve(parties)
    await bench.poll()
    bench.serve(without(parties, 10))

    assert (await bench.poll()).result == "held"
    assert bench.states() == ["accepted", "superseded", "held"]


# --- two that are held


async def two_held(bench: Bench) -> Parties:
    """Half of the list was served and held, then another version with as little; the baseline's parties."""
    parties = await bench.baseline()
    bench.serve(without(parties, 10), etag=False)
    await bench.poll()
    bench.serve(without(parties, 9), etag=False)
    await bench.poll()
    return parties


@on_both
async def test_another_version_that_is_held_is_told_in_place_of_the_first(bench: Bench) -> None:
    await two_held(bench)

    assert bench.states() == ["accepted", "superseded", "held"]
    overtaken, incident = bench.rows(INCIDENTS)
    assert overtaken.closed_by == "another version is served now, which is held as snapshot 3"
    assert "9 of 20 parties are missing" in incident.summary
    assert "snapshot accept 3" in incident.what_to_do
    assert bench.open_incidents() == [("held", SDN)]
    assert [event.kind for event in bench.events()][-4:] == [
        "snapshot.held",
        "snapshot.superseded",
        "incident.closed",
        "incident.opened",
    ]
    bench.verify()


async def test_what_is_not_served_any_more_is_not_decided_about(bench: Bench) -> None:
    await two_held(bench)

    with bench.nothing_changes():
        for decide in (bench.accept, bench.reject):
            with pytest.raises(
                NothingToDecide, match=r"snapshot 2 is superseded.* held as snapshot 3"
            ):
                decide(2)
    bench.reject(3)
    assert bench.open_incidents() == []


async def test_servers_that_disagree_about_what_is_held_are_told_of_once_for_each_content(
    bench: Bench,
) -> None:
    parties = await two_held(bench)
    told = len(bench.events("incident"))
    for missing in (10, 9, 10):
        bench.serve(without(parties, missing), etag=False)
        assert (await bench.poll()).result == "held"

    assert bench.states() == ["accepted", "held", "superseded"]
    assert len(bench.events("incident")) == told
    (incident,) = bench.rows(INCIDENTS, INCIDENTS.c.closed_at.is_(None))
    assert "snapshot accept 2" in incident.what_to_do
    with pytest.raises(NothingToDecide, match="held as snapshot 2"):
        bench.accept(3)
    assert bench.accept(2).changes == 10
    assert bench.open_incidents() == []
    bench.verify()


async def test_a_holding_is_against_what_is_in_force_when_it_is_written(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While we compared, a person accepted what this list differs from by little."""
    parties = await bench.baseline()
    half = without(parties, 10)
    bench.serve(half)
    await bench.poll()
    keep = bench.archive.keep

    def keep_while_a_person_accepts(*given: object) -> None:
        monkeypatch.undo()
        bench.accept(2)
        keep(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(bench.archive, "keep", keep_while_a_person_accepts)
    bench.serve(with_new(half, 1))
    outcome = await bench.poll()

    assert (outcome.result, outcome.changes) == ("accepted", 1)
    assert bench.open_incidents() == []


async def test_what_came_after_a_held_version_may_have_been_published_with_it(
    bench: Bench,
) -> None:
    """The last check that saw the version in force was before the held one, not the last poll."""
    parties = await bench.baseline()
    bench.serve(without(parties, 10))
    await bench.poll()
    await bench.poll()
    bench.serve(with_new(parties, 1))
    await bench.poll()

    event = bench.events("snapshot.accepted")[-1]
    assert event.payload["not_before"] == "2026-11-24T12:01:00.000000Z"
