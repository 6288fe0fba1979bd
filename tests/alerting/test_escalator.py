"""What nobody has acknowledged in time is told to others, once; what somebody has, is not."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, select

from monitor.cli.main import run
from monitor.core.alert import Alert
from monitor.core.route import Escalate, Route, condition
from monitor.core.watch import Incident
from monitor.service import requests
from monitor.store import escalations, events, incidents
from monitor.store.database import Database
from monitor.store.migrate import upgrade
from monitor.store.tables import ALERTS, DELIVERIES, ESCALATIONS, EVENTS, REQUESTS
from monitor.store.verification import verify
from tests.journeys.sources import BASELINE, OTHERS, WITH_DOE, a_list, an_entry
from tests.small_watch import SmallWatch

HALF_AN_HOUR = timedelta(minutes=30)
ROUTE = Route(condition({}), ("desk",), escalate=Escalate(HALF_AN_HOUR, ("phone",)))
HELD = Incident(
    kind="held",
    subject="ofac-sdn",
    feed="ofac-sdn",
    severity="high",
    summary="a new version of the SDN list is held back",
    detail="Nobody has been told of any change from it.",
    what_to_do="Compare it with the source.",
)


@pytest.fixture
def watch(database_url: str, tmp_path: Path) -> Iterator[SmallWatch]:
    database = Database.open(database_url)
    upgrade(database)
    watch = SmallWatch(database, tmp_path, [ROUTE])
    watch.publish(BASELINE)
    yield watch
    database.close()


def later(watch: SmallWatch, **span: float) -> None:
    watch.clock.moment += timedelta(**span)


def states(watch: SmallWatch) -> list[str]:
    with watch.database.read() as connection:
        statement = select(ESCALATIONS.c.state).order_by(ESCALATIONS.c.id)
        return list(connection.execute(statement).scalars())


def holds(watch: SmallWatch) -> str | None:
    with watch.database.read() as connection:
        return verify(connection, watch.archive).broken


def test_after_the_time_others_are_told_and_not_before(watch: SmallWatch) -> None:
    alert = watch.publish(WITH_DOE)
    assert watch.told("desk")[0].startswith("OFAC: 1 designated")
    later(watch, minutes=29, seconds=59)
    assert (watch.escalator.turn(), watch.told("phone")) == (0, [])

    later(watch, seconds=1)
    assert watch.escalator.turn() == 1

    (told,) = watch.told("phone")
    assert told.startswith("Not acknowledged for 30 minutes: OFAC: 1 designated. DOE, John")
    assert len(watch.told("desk")) == 1
    row = watch.row(watch.ids()[-1])
    assert (row.kind, row.severity, row.snapshot_id) == ("escalation", "high", None)
    assert row.event_id == watch.row(alert).event_id
    assert states(watch) == ["escalated"]
    assert holds(watch) is None


def test_it_is_told_once(watch: SmallWatch) -> None:
    watch.publish(WITH_DOE)
    later(watch, hours=1)

    assert [watch.escalator.turn() for _ in range(3)] == [1, 0, 0]
    assert watch.alerter.turn() == 0
    assert len(watch.told("phone")) == 1


def test_what_is_acknowledged_in_time_is_told_to_nobody_else(watch: SmallWatch) -> None:
    alert = watch.publish(WITH_DOE)
    watch.acknowledge(alert)
    later(watch, hours=1)

    assert watch.escalator.turn() == 0
    assert watch.escalator.next_due() is None
    assert (watch.told("phone"), states(watch)) == ([], ["acknowledged"])
    assert holds(watch) is None


def test_an_acknowledgement_that_comes_after_changes_nothing(watch: SmallWatch) -> None:
    alert = watch.publish(WITH_DOE)
    later(watch, hours=1)
    watch.escalator.turn()
    watch.acknowledge(alert)

    assert states(watch) == ["escalated"]
    assert holds(watch) is None


def test_it_is_known_when_the_next_is_due(watch: SmallWatch) -> None:
    assert watch.escalator.next_due() is None
    watch.publish(WITH_DOE)

    assert watch.escalator.next_due() == watch.clock.now() + HALF_AN_HOUR


def test_what_is_not_severe_wakes_nobody(watch: SmallWatch) -> None:
    watch.publish(WITH_DOE)
    watch.publish(a_list(*OTHERS, an_entry(48220, "DOE", "John", remarks="Gender Male. Director.")))

    assert len(states(watch)) == 1


def test_an_acknowledgement_that_waits_to_be_performed_counts(watch: SmallWatch) -> None:
    alert = watch.publish(WITH_DOE)
    later(watch, minutes=29)
    with watch.database.write() as connection:
        requests.make(
            connection,
            verb="acknowledge",
            subject=alert,
            by="J. Doe",
            because="",
            at=watch.clock.now(),
        )
    later(watch, minutes=2)
    assert watch.escalator.turn() == 0
    assert watch.escalator.next_due() is None

    with watch.database.write() as connection:  # as one that was refused
        connection.execute(REQUESTS.update().values(performed_at=watch.clock.now()))
    assert watch.escalator.turn() == 1


def test_a_turn_that_is_interrupted_is_made_again(
    watch: SmallWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch.publish(WITH_DOE)
    later(watch, hours=1)
    real = events.append
    with monkeypatch.context() as patch:

        def killed(*given: Any, **named: Any) -> int:
            real(*given, **named)
            raise KeyboardInterrupt

        patch.setattr(events, "append", killed)
        with pytest.raises(KeyboardInterrupt):
            watch.escalator.turn()
    assert (watch.told("phone"), states(watch)) == ([], ["waiting"])

    assert watch.escalator.turn() == 1
    assert holds(watch) is None


def test_an_alert_that_is_undone_leaves_nothing_waiting(
    watch: SmallWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch.publish(WITH_DOE, tell=False)
    with monkeypatch.context() as patch:

        def killed(*_: Any, **__: Any) -> None:
            raise KeyboardInterrupt

        patch.setattr(events, "move", killed)
        with pytest.raises(KeyboardInterrupt):
            watch.alerter.turn()
    assert states(watch) == []

    watch.alerter.turn()
    assert states(watch) == ["waiting"]


def test_an_incident_that_is_over_by_then_wakes_nobody(watch: SmallWatch) -> None:
    with watch.database.write() as connection:
        incidents.open_incident(connection, HELD, watch.clock.now())
    watch.alerter.turn()
    later(watch, minutes=10)
    with watch.database.write() as connection:
        incidents.close_incident(
            connection, kind="held", subject="ofac-sdn", at=watch.clock.now(), by="Ann"
        )
    watch.alerter.turn()
    later(watch, hours=1)

    assert watch.escalator.turn() == 0
    assert (watch.told("phone"), states(watch)) == ([], ["over"])
    assert holds(watch) is None


def test_an_incident_that_goes_on_is_escalated_in_its_thread(watch: SmallWatch) -> None:
    with watch.database.write() as connection:
        incidents.open_incident(connection, HELD, watch.clock.now())
    watch.alerter.turn()
    later(watch, hours=1)
    watch.escalator.turn()

    (told,) = watch.told("phone")
    assert told.startswith("Not acknowledged for 30 minutes: Watch: a new version")
    with watch.database.read() as connection:
        threads = set(connection.execute(select(DELIVERIES.c.thread)).scalars())
    assert threads == {"incident-1"}


def test_several_times_are_several_alerts_and_channels_of_one_time_are_one(
    watch: SmallWatch,
) -> None:
    watch.routes = [
        ROUTE,
        Route(condition({}), (), escalate=Escalate(timedelta(hours=1), ("desk",))),
    ]
    alert = watch.publish(WITH_DOE)
    later(watch, minutes=30)
    assert watch.escalator.turn() == 1
    later(watch, minutes=30)
    assert watch.escalator.turn() == 1

    assert len(watch.told("phone")) == 1
    assert watch.told("desk")[1].startswith("Not acknowledged for 1 hour: ")
    assert len(watch.ids()) == 3
    with watch.database.read() as connection:
        again = escalations.originals(connection, watch.ids())
    assert again == dict.fromkeys(watch.ids()[1:], alert)
    assert holds(watch) is None


@pytest.mark.parametrize("way", ["nothing", "an error"])
def test_what_cannot_be_made_again_is_told_in_the_words_it_was_told_in(
    watch: SmallWatch, way: str
) -> None:
    alert = watch.publish(WITH_DOE)
    later(watch, hours=1)

    def again(*_: Any) -> Alert | None:
        if way == "nothing":
            return None
        raise ValueError("a fault of our own")

    escalator = watch.escalator
    escalator._again = again

    assert escalator.turn() == 1
    (told,) = watch.told("phone")
    assert told.startswith("Not acknowledged for 30 minutes: OFAC: 1 designated. DOE, John")
    assert watch.text(alert).splitlines()[0] in watch.text(watch.ids()[-1])
    assert f"acknowledge {alert}" in watch.text(watch.ids()[-1])


def test_a_channel_that_is_no_longer_configured_is_logged_and_ends_it(
    watch: SmallWatch, caplog: pytest.LogCaptureFixture
) -> None:
    watch.publish(WITH_DOE)
    with watch.database.write() as connection:
        connection.execute(ESCALATIONS.update().values(channel="pager"))
    later(watch, hours=1)

    assert watch.escalator.turn() == 1
    assert watch.escalator.turn() == 0
    assert "no channel that it would go to is configured" in caplog.text


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"due_at": timedelta(days=400)}, "was altered after it was promised"),
        ({"selection": '{"keys":[],"routes":[]}'}, "was altered after it was promised"),
        ({"state": "escalated"}, "is recorded as escalated, and the event log says otherwise"),
        ({"state": "acknowledged"}, "is recorded as acknowledged, but no event says so"),
        ({"channel": "desk"}, "is missing"),
    ],
)
def test_an_altered_row_is_named(watch: SmallWatch, values: dict[str, Any], said: str) -> None:
    alert = watch.publish(WITH_DOE)
    assert holds(watch) is None
    if "due_at" in values:
        values = {"due_at": watch.clock.now() + values["due_at"]}
    with watch.database.write() as connection:
        connection.execute(ESCALATIONS.update().values(values))

    assert holds(watch) == f"the escalation of alert {alert} to phone {said}"


def test_a_row_set_back_after_it_was_told_and_an_invented_one_are_named(watch: SmallWatch) -> None:
    alert = watch.publish(WITH_DOE)
    later(watch, hours=1)
    watch.escalator.turn()
    with watch.database.write() as connection:
        row = dict(connection.execute(select(ESCALATIONS)).mappings().one())
        connection.execute(ESCALATIONS.update().values(state="waiting"))
    assert "is recorded as waiting, and the event log says otherwise" in (holds(watch) or "")

    with watch.database.write() as connection:
        connection.execute(ESCALATIONS.update().values(state="escalated"))
        connection.execute(insert(ESCALATIONS).values({**row, "id": 9, "channel": "boss"}))
    assert holds(watch) == f"the escalation of alert {alert} to boss was never promised"


def test_acknowledging_what_was_told_again_acknowledges_what_it_tells(
    watch: SmallWatch,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    database_url: str,
    tmp_path: Path,
) -> None:
    alert = watch.publish(WITH_DOE)
    later(watch, hours=1)
    watch.escalator.turn()
    again = watch.ids()[-1]
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SANCTIONS_MONITOR__DATABASE_URL", database_url)

    assert run(["acknowledge", again, "--by", "J. Doe"]) == 0
    assert f"Alert {alert} is acknowledged by J. Doe" in capsys.readouterr().out
    run(["alerts", "--format", "json"])
    assert capsys.readouterr().out.count('"acknowledged_by":"J. Doe"') == 2
    run(["alerts", "--unacknowledged", "--format", "json"])
    assert capsys.readouterr().out == ""
    run(["alerts", "--kind", "escalation", "--format", "json"])
    assert again in capsys.readouterr().out
    with watch.database.read() as connection:
        assert len(connection.execute(select(ALERTS)).all()) == 2
        kinds = connection.execute(select(EVENTS.c.kind)).scalars().all()
    assert kinds.count("alert.acknowledged") == 1
