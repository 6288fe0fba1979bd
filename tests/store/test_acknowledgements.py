"""Who has read what, as it was then, and what became of it."""

from pathlib import Path

import pytest
from sqlalchemy import select, update

from monitor.core.acknowledgement import Acknowledged, Lapsed, Open, State
from monitor.store import acknowledgements, alerts
from monitor.store.database import Database
from monitor.store.tables import ACKNOWLEDGEMENTS, ALERTS, EVENTS, REVISIONS
from tests.journeys.sources import BASELINE, DOE, OTHERS, WITH_DOE, a_list, an_entry
from tests.small_watch import SmallWatch

AMENDED = a_list(*OTHERS, an_entry(48220, "DOE", "John", remarks="Gender Male. Director."))
GONE = a_list(*OTHERS, date="12/17/2024")
AGAIN = a_list(*OTHERS, an_entry(48220, "DOE", "John", remarks="Gender Male. Secretary."))


@pytest.fixture
def watch(database: Database, tmp_path: Path) -> SmallWatch:
    watch = SmallWatch(database, tmp_path)
    watch.publish(BASELINE)
    return watch


def state(watch: SmallWatch, alert: str) -> State:
    with watch.database.read() as connection:
        return acknowledgements.states(connection, [alert])[alert]


def revision(watch: SmallWatch, **where: int) -> str:
    statement = select(REVISIONS.c.digest).where(REVISIONS.c.key == "48220")
    for column, value in where.items():
        statement = statement.where(REVISIONS.c[column] == value)
    with watch.database.read() as connection:
        return str(connection.execute(statement).scalar_one())


def test_it_is_bound_to_the_document_in_force_after_the_change(watch: SmallWatch) -> None:
    alert = watch.publish(WITH_DOE)
    watch.publish(AMENDED)
    watch.acknowledge(alert)

    with watch.database.read() as connection:
        (found,) = acknowledgements.of(connection, alert)
    (read,) = found.revisions
    assert (read.key, read.snapshot, read.is_removed) == ("48220", 2, False)
    assert read.digest == revision(watch, from_snapshot=2)
    assert read.digest != revision(watch, from_snapshot=3)


def test_an_alert_that_is_late_is_bound_to_what_it_told(watch: SmallWatch) -> None:
    watch.publish(WITH_DOE, tell=False)
    watch.publish(AMENDED, tell=False)
    watch.alerter.turn()
    first, second = sorted(watch.ids(), key=lambda id: int(watch.row(id).event_id))
    for alert, snapshot in ((first, 2), (second, 3)):
        watch.acknowledge(alert)
        with watch.database.read() as connection:
            (found,) = acknowledgements.of(connection, alert)
        assert [each.snapshot for each in found.revisions] == [snapshot]


def test_of_a_party_that_was_removed_its_last_document_is_bound(watch: SmallWatch) -> None:
    watch.publish(WITH_DOE)
    alert = watch.publish(GONE)
    watch.acknowledge(alert)

    with watch.database.read() as connection:
        (found,) = acknowledgements.of(connection, alert)
    (read,) = found.revisions
    assert (read.is_removed, read.digest) == (True, revision(watch, until_snapshot=3))


def test_it_lapses_with_the_alert_that_tells_of_the_change(watch: SmallWatch) -> None:
    alert = watch.publish(WITH_DOE)
    assert state(watch, alert) == Open()
    watch.acknowledge(alert, note="no accounts")
    assert isinstance(state(watch, alert), Acknowledged)

    watch.publish(a_list(*OTHERS[1:], DOE))
    assert isinstance(state(watch, alert), Acknowledged)

    changed = watch.publish(AMENDED)
    lapsed = state(watch, alert)
    assert isinstance(lapsed, Lapsed)
    assert (lapsed.change.key, lapsed.change.alert, lapsed.note) == (
        "48220",
        changed,
        "no accounts",
    )


def test_the_alert_about_the_change_asks_again(watch: SmallWatch) -> None:
    alert = watch.publish(WITH_DOE)
    watch.acknowledge(alert)
    changed = watch.publish(AMENDED)

    asked = (
        f"Acknowledged by J. Doe on 24 Nov 2026 as it was then (alert {alert}): "
        "it has changed since, please acknowledge this one."
    )
    assert asked in watch.text(changed)
    assert "cknowledge" not in watch.text(alert)


def test_a_second_change_still_tells_who_had_read_which_version(watch: SmallWatch) -> None:
    alert = watch.publish(WITH_DOE)
    watch.acknowledge(alert)
    watch.publish(AMENDED)

    assert f"as it was then (alert {alert})" in watch.text(watch.publish(AGAIN))


def test_whoever_reads_after_the_change_was_seen_has_not_read_before_it(watch: SmallWatch) -> None:
    alert = watch.publish(WITH_DOE)
    watch.publish(AMENDED, tell=False)
    watch.acknowledge(alert)
    watch.alerter.turn()

    assert "Acknowledged" not in watch.text(watch.ids()[-1])


def test_another_expression_of_the_same_document_ends_nothing(watch: SmallWatch) -> None:
    alert = watch.publish(WITH_DOE)
    with watch.database.write() as connection:  # as a new version of an adapter does
        kept = connection.execute(select(REVISIONS).where(REVISIONS.c.key == "48220")).mappings()
        row = dict(kept.one())
        connection.execute(
            update(REVISIONS).where(REVISIONS.c.id == row["id"]).values(until_snapshot=2)
        )
        connection.execute(
            REVISIONS.insert().values({**row, "id": row["id"] + 100, "digest": "ab" * 32})
        )
    watch.acknowledge(alert)

    with watch.database.read() as connection:
        (found,) = acknowledgements.of(connection, alert)
    assert found.revisions[0].digest == "ab" * 32
    assert isinstance(state(watch, alert), Acknowledged)


def test_acknowledging_twice_adds_another_entry(watch: SmallWatch) -> None:
    alert = watch.publish(WITH_DOE)
    watch.acknowledge(alert, "J. Doe")
    watch.acknowledge(alert, "A. Roe", note="checked")

    with watch.database.read() as connection:
        found = acknowledgements.of(connection, alert)
        events = connection.execute(
            select(EVENTS.c.subject).where(EVENTS.c.kind == "alert.acknowledged")
        ).all()
    assert [(each.by, each.note) for each in found] == [("J. Doe", ""), ("A. Roe", "checked")]
    assert len(events) == 2


def test_the_same_one_recorded_again_adds_nothing(watch: SmallWatch) -> None:
    alert = watch.publish(WITH_DOE)
    now = watch.clock.now()
    with watch.database.write() as connection:
        row = alerts.find(connection, alert)
        assert row is not None
        for _ in range(2):
            acknowledgements.add(connection, row, by="J. Doe", note="", asked=now, now=now)

    with watch.database.read() as connection:
        assert len(connection.execute(select(ACKNOWLEDGEMENTS)).all()) == 1


def test_changes_of_one_snapshot_that_two_alerts_told_are_told_apart(watch: SmallWatch) -> None:
    alert = watch.publish(WITH_DOE)
    watch.acknowledge(alert)
    changed = watch.publish(AMENDED)
    row = watch.row(changed)._mapping
    with watch.database.write() as connection:  # an earlier one, of another party of that snapshot
        wire = row["wire"].replace('"key":"48220"', '"key":"100"')
        connection.execute(ALERTS.insert().values({**row, "id": "a" * 26, "wire": wire}))

    lapsed = state(watch, alert)
    assert isinstance(lapsed, Lapsed)
    assert lapsed.change.alert == changed
