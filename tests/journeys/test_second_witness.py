"""The running service compares what it finds with the authority's own change files."""

from datetime import UTC, datetime

from tests.builders import a_party
from tests.journeys.service import World
from tests.journeys.sources import BASELINE, SDN, WITH_DOE
from tests.ofac_delta import HISTORY, Told, serve_file, serve_history


async def test_that_both_witnesses_agree_is_put_on_record_and_told_to_nobody(world: World) -> None:
    now = datetime.now(UTC)
    before = {"811": f"{now.year - 1}-12-31"}
    world.source.serve(SDN, BASELINE)
    serve_history(world.source, before, now.year)
    world.configure(feeds={"ofac-sdn": {"path": SDN}, "ofac-changes": {"path": HISTORY}})
    service = await world.start()
    await world.until(world.happened("snapshot.baseline"))
    await world.quiet(f"{HISTORY}/{now.year}")

    world.source.serve(SDN, WITH_DOE)
    serve_history(world.source, {**before, "812": f"{now:%Y-%m-%d}"}, now.year)
    doe = a_party(name="DOE, John", programs=["DPRK4"])
    serve_file(world.source, "812", [Told("added", "48220", doe)])
    await world.until(world.happened("witness.agreed"))
    await world.quiet(SDN)
    assert await world.stop(service) == 0

    (agreed,) = world.events("witness.agreed")
    assert (agreed["feed"], agreed["subject"]) == ("ofac-sdn", "change file 812")
    assert len(world.mailbox.messages) == 1, "of the change, not of the file"
    assert world.source.asked("/changes/811") == 0
    world.verify()
