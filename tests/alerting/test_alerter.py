"""Events become alerts once, and an event that cannot be told keeps no other from being told."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import insert, select
from sqlalchemy.exc import OperationalError

import feeds
from monitor.alerting.alerter import READER, Alerter
from monitor.alerting.composer import Composer
from monitor.alerting.writer import Writer
from monitor.core.canonical import encode
from monitor.core.channel import ChannelProfile
from monitor.core.route import Route, condition
from monitor.store import events
from monitor.store.database import Database
from monitor.store.incidents import open_incidents
from monitor.store.migrate import upgrade
from monitor.store.tables import ALERTS, CHANGES, DELIVERIES, EVENTS, REVISIONS
from tests.builders import a_party, an_added, an_amended, as_json

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
DESK = ChannelProfile("desk", "apprise", "text", None, None, ("",))
OFFICERS = ChannelProfile(
    "officers", "mail", "html", None, None, ("a@example.org", "b@example.org")
)
SYSTEM = ChannelProfile("case-system", "webhook", "json", None, None, ("",))


class Still:
    def now(self) -> datetime:
        return NOW

    async def sleep(self, seconds: float) -> None:
        return None


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database.open(database_url)
    upgrade(database)
    yield database
    database.close()


def an_alerter(database: Database, *routes: Route) -> Alerter:
    return Alerter(
        database,
        Still(),
        feeds={id: adapter.feed for id, adapter in feeds.discover().items()},
        routes=routes,
        writer=Writer([DESK, OFFICERS, SYSTEM], public_url="http://127.0.0.1:8080", zone=UTC),
    )


def a_snapshot(database: Database, number: int = 2, *changes: dict[str, Any]) -> None:
    """The event of an accepted snapshot, and its changes."""
    payload = {
        "snapshot": number,
        "sha256": "ab" * 32,
        "published": "12/16/2024",
        "records": 10,
        "added": len(changes),
        "removed": 0,
        "amended": 0,
        "first_seen": "2026-11-24T12:00:00.000000Z",
        "not_before": "2026-11-24T11:59:00.000000Z",
    }
    rows = [
        {
            "snapshot_id": number,
            "feed": "ofac-sdn",
            "key": change["key"],
            "kind": change["kind"],
            "severity": change["severity"],
            "categories": ",".join(change["categories"]),
            "change": encode(change).decode(),
            "seen_at": NOW,
        }
        for change in changes
    ]
    with database.write() as connection:
        if rows:
            connection.execute(insert(CHANGES), rows)
        events.append(
            connection,
            kind="snapshot.accepted",
            at=NOW,
            feed="ofac-sdn",
            subject=str(number),
            payload=payload,
        )


def everything(database: Database, column: Any) -> list[Any]:
    with database.read() as connection:
        return list(connection.execute(select(column).order_by(column)).scalars())


def test_a_change_is_promised_to_each_recipient_once(database: Database) -> None:
    a_snapshot(database, 2, *as_json(an_added()))
    alerter = an_alerter(database)

    assert alerter.turn() == 1
    assert alerter.turn() == 0

    assert everything(database, DELIVERIES.c.recipient) == [
        "",
        "",
        "a@example.org",
        "b@example.org",
    ]


def test_a_turn_made_again_from_an_old_cursor_changes_nothing(database: Database) -> None:
    a_snapshot(database, 2, *as_json(an_added()))
    an_alerter(database).turn()
    before = everything(database, ALERTS.c.id), everything(database, DELIVERIES.c.id)
    with database.write() as connection:
        events.move(connection, "alerter", 0)

    assert an_alerter(database).turn() == 0

    assert (everything(database, ALERTS.c.id), everything(database, DELIVERIES.c.id)) == before
    assert everything(database, EVENTS.c.kind).count("alert.made") == 1


def test_what_alerts_come_to_is_passed_over_together(database: Database) -> None:
    alerter = an_alerter(database)
    a_snapshot(database, 2, *as_json(an_added()))
    assert alerter.turn() == 1
    with database.write() as connection:
        for number in range(50):
            events.append(connection, kind="delivery.accepted", at=NOW, subject=str(number))
    a_snapshot(database, 3, *as_json(an_added("2")))

    turns: list[int] = []
    while (made := alerter._one()) is not None:
        turns.append(made)

    assert turns == [True]
    with database.write() as connection:
        assert events.position(connection, READER) == events.newest(connection)


def test_a_snapshot_without_changes_is_told_to_nobody(database: Database) -> None:
    a_snapshot(database, 2)

    assert an_alerter(database).turn() == 0


def test_an_event_that_cannot_be_told_is_an_incident_and_the_next_is_told(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_snapshot(database, 2, *as_json(an_added("1")))
    a_snapshot(database, 3, *as_json(an_added("2")))
    real = Composer.compose

    def compose(self: Composer, connection: Any, event: Any, *given: Any, **how: Any) -> Any:
        if event.payload.get("snapshot") == 2:
            raise ValueError("a fault of our own")
        return real(self, connection, event, *given, **how)

    monkeypatch.setattr(Composer, "compose", compose)

    assert an_alerter(database).turn() == 2
    assert everything(database, ALERTS.c.kind) == ["change", "incident"]
    with database.read() as connection:
        assert open_incidents(connection) == [("alert_not_written", "event 1")]


def test_an_incident_that_cannot_be_told_does_not_open_others_for_ever(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_snapshot(database, 2, *as_json(an_added()))

    def broken(*_: Any, **__: Any) -> Any:
        raise ValueError("a fault of our own")

    monkeypatch.setattr(Alerter, "_write", broken)

    assert an_alerter(database).turn() == 0
    with database.read() as connection:
        assert len(open_incidents(connection)) == 1
    assert not everything(database, ALERTS.c.id)


def test_the_databases_own_trouble_leaves_the_event_for_the_next_turn(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_snapshot(database, 2, *as_json(an_added()))
    with monkeypatch.context() as patch:

        def away(*_: Any, **__: Any) -> Any:
            raise OperationalError("SELECT", {}, Exception("the connection was lost"))

        patch.setattr(Composer, "compose", away)
        with pytest.raises(OperationalError):
            an_alerter(database).turn()

    assert an_alerter(database).turn() == 1


def test_a_route_by_country_looks_at_the_whole_document_of_an_amended_party(
    database: Database,
) -> None:
    amended = an_amended("3", title="Director")
    document = a_party(title="Director", nationalities=[{"country": "Iran"}])
    with database.write() as connection:
        connection.execute(
            insert(REVISIONS).values(
                feed="ofac-sdn",
                key="3",
                digest="",
                document=encode(document).decode(),
                from_snapshot=2,
                adapter_version=1,
                digest_version=1,
            )
        )
    a_snapshot(database, 2, *as_json(amended))
    routes = [
        Route(condition({"country": "Iran"}), ("desk",)),
        Route(condition({"country": "Cuba"}), ("case-system",)),
    ]

    an_alerter(database, *routes).turn()

    assert everything(database, DELIVERIES.c.channel) == ["desk"]


def test_a_closed_incident_says_what_ended_it(database: Database) -> None:
    payload = {
        "incident": 1,
        "kind": "held",
        "severity": "high",
        "summary": "a new version of the SDN list is held back",
        "detail": "Nobody has been told of any change from it.",
        "what_to_do": "Compare it with the source.",
        "opened_at": "2026-11-24T11:00:00.000000Z",
        "closed_at": "2026-11-24T12:00:00.000000Z",
        "closed_by": "Ann accepted snapshot 2",
    }
    with database.write() as connection:
        events.append(
            connection,
            kind="incident.closed",
            at=NOW,
            feed="ofac-sdn",
            subject="ofac-sdn",
            payload=payload,
        )

    an_alerter(database).turn()

    (text,) = everything(database, ALERTS.c.text)
    assert "Ann accepted snapshot 2" in text
    assert "Nobody has been told" not in text


def test_an_alert_is_made_again_from_its_id(database: Database) -> None:
    a_snapshot(database, 2, *as_json(an_added("1")))
    a_snapshot(database, 3, *as_json(an_added("2")))
    alerter = an_alerter(database)
    alerter.turn()

    with database.read() as connection:
        ids = connection.execute(select(ALERTS.c.id).order_by(ALERTS.c.event_id)).scalars().all()
        again = [alerter.again(connection, id) for id in ids]

    assert [each.id for each in again if each] == list(ids)
    assert [[change["key"] for change in each.changes] for each in again if each] == [["1"], ["2"]]


def test_an_alert_that_there_is_not_cannot_be_made_again(database: Database) -> None:
    a_snapshot(database, 2, *as_json(an_added()))
    alerter = an_alerter(database)
    alerter.turn()

    with database.read() as connection:
        assert alerter.again(connection, "a" * 26) is None
