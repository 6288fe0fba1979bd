"""OFAC's change files are polled politely: the history at each poll, a file once, and none of those from before."""

from datetime import UTC, datetime, timedelta

from monitor.core.canonical import decode
from monitor.store.tables import PUBLICATIONS
from tests.builders import a_party
from tests.ofac_delta import HISTORY, Told, history_json, serve_file, serve_history
from tests.poller.bench import CHANGE_FILES, Bench, on_both
from tests.servers import Status

BEFORE = {"811": "2026-11-19"}
NEWER = {**BEFORE, "812": "2026-11-24"}
TOLD = [Told("added", "500", a_party(name="EXAMPLE, Jane"))]


async def first_reading(bench: Bench) -> None:
    serve_history(bench.source, BEFORE)
    assert (await bench.poll(CHANGE_FILES)).result == "baseline"


def states(bench: Bench) -> dict[str, str]:
    return {row.key: row.body_state for row in bench.rows(PUBLICATIONS)}


@on_both
async def test_the_first_reading_takes_the_history_and_reads_no_old_file(bench: Bench) -> None:
    await first_reading(bench)

    assert states(bench) == {"640": "not needed", "811": "not needed"}
    assert bench.source.asked("/changes/811") == 0
    assert bench.events() == []


@on_both
async def test_a_new_file_is_fetched_once_and_nobody_is_told_of_it(bench: Bench) -> None:
    await first_reading(bench)
    serve_history(bench.source, NEWER)
    serve_file(bench.source, "812", TOLD)

    await bench.poll(CHANGE_FILES)
    outcome = await bench.poll(CHANGE_FILES)

    assert outcome.result == "listed"
    assert bench.source.asked("/changes/812") == 1
    assert bench.source.asked(f"{HISTORY}/2025") == 1, "once a day"
    assert [event.payload["tell"] for event in bench.events("publication")] == [None, None]
    (row,) = bench.rows(PUBLICATIONS, PUBLICATIONS.c.key == "812")
    (entry,) = decode(row.document)["entries"]
    assert (entry["kind"], entry["key"], entry["list"]) == ("added", "500", "SDN List")
    bench.verify()


async def test_a_file_that_cannot_be_understood_is_an_incident_and_tried_again(
    bench: Bench,
) -> None:
    await first_reading(bench)
    serve_history(bench.source, NEWER)
    bench.source.serve("/changes/812", "<sanctionsData/>", content_type="application/xml")
    await bench.poll(CHANGE_FILES)
    assert bench.open_incidents() == [("not_built", "ofac-changes 812")]

    serve_file(bench.source, "812", TOLD)
    await bench.poll(CHANGE_FILES)

    assert bench.open_incidents() == []
    assert states(bench)["812"] == "read"


async def test_over_the_turn_of_the_year_nothing_is_missed_and_nothing_is_an_incident(
    bench: Bench,
) -> None:
    await first_reading(bench)
    bench.clock.move(datetime(2026, 12, 31, 23, 58, tzinfo=UTC) - bench.clock.now())
    await bench.poll(CHANGE_FILES)
    # The last file of the year comes when it is over; of the new year there is no page, then an empty one.
    bench.source.serve(
        f"{HISTORY}/2026",
        history_json({**BEFORE, "899": "2026-12-31"}),
        content_type="application/json",
    )
    serve_file(bench.source, "899", TOLD)
    await bench.poll(CHANGE_FILES, after=timedelta(hours=1))
    assert states(bench)["899"] == "read"
    bench.source.serve(f"{HISTORY}/2027", "[]", content_type="application/json")
    await bench.poll(CHANGE_FILES)
    assert bench.open_incidents() == []

    bench.source.serve(
        f"{HISTORY}/2027", history_json({"900": "2027-01-05"}), content_type="application/json"
    )
    serve_file(bench.source, "900", TOLD)
    await bench.poll(CHANGE_FILES)

    assert states(bench)["900"] == "read"
    assert bench.open_incidents() == []


async def test_a_history_that_fails_for_long_is_an_incident(bench: Bench) -> None:
    await first_reading(bench)
    bench.source.misbehave(f"{HISTORY}/2026", Status(503), times=3)
    for _ in range(3):
        await bench.poll(CHANGE_FILES)

    assert bench.open_incidents() == [("server_error", "ofac-changes/history")]
