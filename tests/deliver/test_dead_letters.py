"""That a channel does not work is told by another one."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random

import pytest

from monitor.alerting.alerter import Alerter
from monitor.alerting.writer import Writer
from monitor.core.outcome import Failed, Outcome
from monitor.core.route import Route, condition
from monitor.deliver.dispatcher import Dispatcher
from monitor.store.database import Database, sqlite_url
from monitor.store.tables import Table
from tests.deliver.fakes import FakeChannel, FakeClock
from tests.deliver.test_dispatcher import add


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    database = Database.open(sqlite_url(tmp_path / "watch.db"))
    Table.metadata.create_all(database.engine)
    yield database
    database.close()


async def told(database: Database, clock: FakeClock, *answers: Outcome) -> list[str]:
    """What the officers are told when the desk, which incidents go to, answers so."""
    desk, officers = FakeChannel("desk", *answers), FakeChannel("officers")
    channels = [desk, officers]
    writer = Writer(
        [each.profile for each in channels],
        public_url="http://127.0.0.1:8080",
        zone=clock.now().tzinfo,  # type: ignore[arg-type]
    )
    routes = [Route(condition({"kind": "incident"}), ("desk",))]
    alerter = Alerter(database, clock, feeds={}, routes=routes, writer=writer)
    dispatcher = Dispatcher(database, channels, clock=clock, random=Random(1), worker_id="one")
    add(database, "a")
    for _ in answers:
        await dispatcher.turn()
        clock.move(timedelta(minutes=31))
    alerter.turn()
    await dispatcher.turn()
    return [sent.subject for sent in officers.sent]


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        ([Failed("550", permanent=True)], "the channel desk did not get an alert"),
        ([Failed("410", permanent=True, disable=True)], "the channel desk is switched off"),
        ([Failed("HTTP 503")] * 2, "the channel desk cannot be reached"),
        (
            [Failed("HTTP 429", retry_after=timedelta(hours=2))],
            "the channel desk cannot be reached",
        ),
    ],
)
async def test_trouble_of_the_channel_that_incidents_go_to_is_told_by_another(
    database: Database, answers: list[Outcome], said: str
) -> None:
    subjects = await told(database, FakeClock(), *answers)

    assert any(said in subject for subject in subjects), subjects
