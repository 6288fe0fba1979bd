"""What waits for a digest is told once, at its time; where nothing waits, that the watch was kept is told, and only then."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

import feeds
from feeds.base import Publication
from monitor.alerting.digester import SETTLING, Digester
from monitor.core.digest import schedule
from monitor.core.route import Route, condition
from monitor.core.watch import Incident
from monitor.store import acknowledgements, events, incidents, publications
from monitor.store import feeds as feed_states
from monitor.store.database import Database
from monitor.store.migrate import upgrade
from monitor.store.tables import ALERTS, DELIVERIES, DIGEST_ITEMS, DIGESTS, EVENTS
from monitor.store.verification import verify
from tests.journeys.sources import BASELINE, OTHERS, WITH_DOE, a_list, an_entry
from tests.small_watch import SmallWatch

DAILY = schedule("daily 07:00 America/New_York")
END = datetime(2026, 11, 25, 12, tzinfo=UTC)
TO_DESK = Route(condition({}), ("desk",), DAILY)
WITH_ROE = a_list(
    *OTHERS, an_entry(48220, "DOE", "John", remarks="Gender Male."), an_entry(48221, "ROE", "Jane")
)


@pytest.fixture
def watch(database_url: str, tmp_path: Path) -> Iterator[SmallWatch]:
    """The digest of the desk has begun at noon on 24 November, at its end of that day; its next is a day later."""
    database = Database.open(database_url)
    upgrade(database)
    watch = SmallWatch(database, tmp_path, [TO_DESK])
    watch.publish(BASELINE)
    assert watch.digester.turn() == 0
    yield watch
    database.close()


def holds(watch: SmallWatch) -> str | None:
    with watch.database.read() as connection:
        return verify(connection, watch.archive).broken


def items(watch: SmallWatch) -> list[tuple[str, str, bool]]:
    """Channel, schedule, and whether it has been told."""
    with watch.database.read() as connection:
        rows = connection.execute(select(DIGEST_ITEMS).order_by(DIGEST_ITEMS.c.id))
        return [(row.channel, row.schedule, row.digest_alert_id is not None) for row in rows]


def texts(watch: SmallWatch, channel: str = "desk") -> list[str]:
    with watch.database.read() as connection:
        statement = select(DELIVERIES.c.text).where(DELIVERIES.c.channel == channel)
        return list(connection.execute(statement.order_by(DELIVERIES.c.id)).scalars())


def check(watch: SmallWatch, until: datetime, every: timedelta = timedelta(minutes=5)) -> None:
    """Both feeds are checked until then, and nothing has changed."""
    at = watch.clock.now() + every
    with watch.database.write() as connection:
        while at < until:
            for feed in ("ofac-sdn", "treasury-press-releases"):
                row = feed_states.lock(connection, feed)
                first: dict[str, Any] = {"first_read_at": row.first_read_at or at}
                feed_states.record_good(connection, row, at=at, outcome="unchanged", **first)
            at += every
    watch.clock.moment = until


def test_what_is_gathered_is_told_once_at_its_time(watch: SmallWatch) -> None:
    alert = watch.publish(WITH_DOE)
    assert (watch.told("desk"), items(watch)) == ([], [("desk", DAILY.text, False)])
    assert watch.row(alert).title.startswith("OFAC: 1 designated. DOE, John")
    watch.publish(WITH_ROE)
    watch.clock.moment = END + SETTLING - timedelta(seconds=1)
    assert watch.digester.turn() == 0

    watch.clock.moment = END + SETTLING
    assert [watch.digester.turn() for _ in range(3)] == [1, 0, 0]

    assert watch.told("desk") == ["OFAC digest, 24 Nov 2026: 2 designated"]
    (text,) = texts(watch)
    assert "DOE, John (individual, uid 48220) designated" in text
    assert "ROE, Jane (individual, uid 48221) designated" in text
    assert alert in text
    assert items(watch) == [("desk", DAILY.text, True)] * 2
    assert holds(watch) is None


def test_a_digest_is_an_alert_with_its_event(watch: SmallWatch) -> None:
    alert = watch.publish(WITH_DOE)
    watch.clock.moment = END + SETTLING
    watch.digester.turn()

    row = watch.row(watch.ids()[-1])
    assert (row.kind, row.feed, row.severity, row.first_seen_at) == (
        "digest",
        "ofac-sdn",
        "high",
        END,
    )
    with watch.database.read() as connection:
        said = {event.kind: event for event in events.after(connection, 0)}
        assert row.event_id == said["digest.due"].id
        waiting = [
            event.payload["waiting"]
            for event in events.after(connection, 0)
            if "waiting" in event.payload
        ]
    assert said["digest.due"].payload["gathered"] == [alert]
    assert [[each[:2] for each in some] for some in waiting] == [[["desk", DAILY.text]]]
    assert watch.alerter.turn() == 0


def test_nothing_is_lost_or_doubled_when_it_is_interrupted(
    watch: SmallWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch.publish(WITH_DOE)
    watch.clock.moment = END + SETTLING
    for instant in ("put_on_record", "worst"):

        def die(*_: Any, **__: Any) -> Any:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch:
            patch.setattr(f"monitor.alerting.digester.{instant}", die)
            with pytest.raises(KeyboardInterrupt):
                watch.digester.turn()
        assert (watch.told("desk"), items(watch)) == ([], [("desk", DAILY.text, False)])

    watch.digester.turn()

    assert len(watch.told("desk")) == 1
    assert holds(watch) is None


def test_what_comes_after_the_end_waits_for_the_next(watch: SmallWatch) -> None:
    watch.publish(WITH_DOE)
    watch.clock.moment = END - timedelta(minutes=1)
    watch.publish(WITH_ROE)  # at the very end
    watch.clock.moment = END + timedelta(hours=1)

    assert watch.digester.turn() == 1

    assert [told for _, _, told in items(watch)] == [True, False]
    assert "ROE" not in texts(watch)[0]
    assert watch.digester.next_due() == END + timedelta(days=1) + SETTLING
    watch.clock.moment = END + timedelta(days=1) + SETTLING
    watch.digester.turn()
    assert "ROE, Jane" in texts(watch)[1]


def test_an_event_of_the_period_that_has_no_alert_yet_is_waited_for(watch: SmallWatch) -> None:
    watch.publish(WITH_DOE, tell=False)
    watch.clock.moment = END + SETTLING

    assert watch.digester.turn() == 0
    watch.alerter.turn()
    assert watch.digester.turn() == 1
    assert "DOE, John" in texts(watch)[0]


def test_after_an_outage_one_digest_covers_all_periods(watch: SmallWatch) -> None:
    watch.publish(WITH_DOE)
    watch.clock.moment = END + timedelta(days=4, hours=3)

    assert [watch.digester.turn() for _ in range(2)] == [1, 0]

    assert watch.told("desk") == ["OFAC digest, 24 to 28 Nov 2026: 1 designated"]
    assert "the SDN list was not read for 4 days 23 hours" in texts(watch)[0]


def test_a_quiet_day_is_told_with_its_checks(watch: SmallWatch) -> None:
    check(watch, END + SETTLING)
    assert watch.digester.turn() == 1

    assert watch.told("desk") == ["OFAC: no changes, 24 Nov 2026"]
    (line, *_, period, _, _) = texts(watch)[0].split("\n")
    assert line == (
        "288 checks, the longest gap 5 minutes; list of 16 Dec 2024, 10 parties; no Treasury releases."
    )
    assert period == "From 24 Nov 2026 12:00 UTC to 25 Nov 2026 12:00 UTC."
    row = watch.row(watch.ids()[-1])
    assert (row.kind, row.severity, row.feed) == ("digest", "low", None)
    assert holds(watch) is None


def test_releases_are_counted_whoever_was_told_of_them(watch: SmallWatch) -> None:
    watch.routes = [Route(condition({"kind": "publication"}), ("phone",))]
    check(watch, END - timedelta(hours=2))
    list_releases(watch, ("sb1", None), ("sb2", None), ("sb3", "its title says 'sanctions'"))
    watch.alerter.turn()
    watch.routes = [Route(condition({}), ("desk",), DAILY)]
    check(watch, END + SETTLING)
    watch.digester.turn()

    assert len(watch.told("phone")) == 1
    assert watch.told("desk") == ["OFAC: nothing for this digest, 24 Nov 2026"]
    assert "10 parties; 3 Treasury releases, 1 of them about sanctions." in texts(watch)[0]


def test_what_the_first_reading_lists_is_no_news(watch: SmallWatch) -> None:
    list_releases(watch, ("sb1", None))
    with watch.database.write() as connection:
        row = feed_states.lock(connection, "treasury-press-releases")
        now = watch.clock.now()
        feed_states.record_good(connection, row, at=now, outcome="baseline", first_read_at=now)
    watch.alerter.turn()
    check(watch, END + SETTLING)
    watch.digester.turn()

    assert "no Treasury releases" in texts(watch)[0]


def list_releases(watch: SmallWatch, *keys: tuple[str, str | None]) -> None:
    """These releases are listed now; with the reason for which people are told."""
    day = f"{watch.clock.now():%Y-%m-%d}"
    adapter = feeds.by_id("treasury-press-releases")
    assert isinstance(adapter, feeds.StreamAdapter)
    with watch.database.write() as connection:
        for key, tell in keys:
            publications.list_new(
                connection,
                adapter.feed,
                Publication(key, f"Release {key}", f"https://treasury.example/{key}", day),
                at=watch.clock.now(),
                not_before=None,
                quiet=False,
                tell=tell,
            )


def test_it_is_never_quiet_where_the_watch_had_a_gap(watch: SmallWatch) -> None:
    check(watch, END - timedelta(hours=9))
    watch.clock.moment = END - timedelta(hours=1)
    check(watch, END + SETTLING)
    watch.digester.turn()

    assert watch.told("desk") == [
        "OFAC: the watch was not kept throughout, 24 Nov 2026: no changes that we know of"
    ]
    assert (
        "Not kept throughout: the SDN list was not read for 8 hours 9 minutes." in texts(watch)[0]
    )
    assert watch.row(watch.ids()[-1]).severity == "medium"


def test_it_is_never_quiet_while_a_source_cannot_be_read(watch: SmallWatch) -> None:
    check(watch, END - timedelta(hours=1))
    watch.routes = [TO_DESK, Route(condition({"kind": "incident"}), ("phone",))]
    blocked = Incident(
        kind="blocked", subject="ofac-sdn", feed="ofac-sdn", severity="high",
        summary="the SDN list cannot be read: we are refused", detail="403.", what_to_do="",
    )  # fmt: skip
    with watch.database.write() as connection:
        incidents.open_incident(connection, blocked, watch.clock.now())
        row = feed_states.lock(connection, "ofac-sdn")
        feed_states.record_failure(
            connection, row, at=watch.clock.now(), outcome="blocked", detail="403"
        )
    watch.routes = [Route(condition({"kind": "change"}), ("desk",), DAILY), watch.routes[1]]
    watch.alerter.turn()
    check(watch, END + SETTLING)
    watch.digester.turn()

    assert watch.told("desk")[0].startswith("OFAC: the watch was not kept throughout")
    (text,) = texts(watch)
    assert "288 checks, 1 of them failed" in text
    assert "Open since 25 Nov 2026 11:00 UTC: the SDN list cannot be read: we are refused." in text


def test_what_was_told_elsewhere_is_not_called_quiet(watch: SmallWatch) -> None:
    watch.routes = [Route(condition({"severity": "low"}), ("desk",), DAILY)]
    watch.publish(WITH_DOE)
    check(watch, END + SETTLING)
    watch.digester.turn()

    assert watch.told("desk") == ["OFAC: nothing for this digest, 24 Nov 2026"]
    assert "1 change of the SDN list was seen, and is not for this digest." in texts(watch)[0]


def test_a_digest_of_incidents_says_that_there_were_none(watch: SmallWatch) -> None:
    watch.routes = [Route(condition({"kind": "incident"}), ("desk",), DAILY)]
    check(watch, END + SETTLING)
    watch.digester.turn()

    assert watch.told("desk") == ["Watch: no incidents, 24 Nov 2026"]


def test_what_was_gathered_for_a_digest_that_is_gone_is_told_at_once(watch: SmallWatch) -> None:
    watch.publish(WITH_DOE)
    watch.routes = [Route(condition({}), ("desk",))]

    assert [watch.digester.turn() for _ in range(2)] == [1, 0]

    assert watch.told("desk") == ["OFAC digest, 24 Nov 2026: 1 designated"]
    assert "This digest is no longer in the configuration" in texts(watch)[0]
    assert items(watch) == [("desk", DAILY.text, True)]
    with watch.database.read() as connection:
        assert connection.execute(select(DIGESTS)).all() == []
    assert holds(watch) is None


def test_a_digest_of_a_channel_that_is_gone_goes_to_every_channel(watch: SmallWatch) -> None:
    watch.publish(WITH_DOE)
    watch.routes = [Route(condition({}), ("phone",))]
    writer = watch.writer
    writer.profiles = {"phone": writer.profiles["phone"]}
    digester = Digester(
        watch.database, watch.clock, feeds={}, routes=watch.routes, writer=writer, again=watch.alerter.again,
    )  # fmt: skip

    assert digester.turn() == 1

    assert len(watch.told("phone")) == 1
    assert "goes to every channel now" in texts(watch, "phone")[0]


def test_a_digest_that_is_configured_again_begins_anew(watch: SmallWatch) -> None:
    routes, watch.routes = watch.routes, []
    watch.digester.turn()
    watch.clock.moment = END + timedelta(days=30)
    watch.routes = routes

    assert watch.digester.turn() == 0
    with watch.database.read() as connection:
        (begun,) = connection.execute(select(DIGESTS.c.told_until)).scalars()
    assert begun == END + timedelta(days=30)


def test_an_alert_that_cannot_be_made_again_is_told_by_its_title(
    watch: SmallWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch.publish(WITH_DOE)
    watch.clock.moment = END + SETTLING

    def fail(*_: Any) -> None:
        raise ValueError("a fault of our own")

    digester = watch.digester
    monkeypatch.setattr(digester, "_again", fail)
    assert digester.turn() == 1

    assert "OFAC: 1 designated. DOE, John (individual, uid 48220)" in texts(watch)[0]
    assert holds(watch) is None


def test_a_digest_that_cannot_be_written_is_told_by_titles(
    watch: SmallWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    watch.publish(WITH_DOE)
    watch.clock.moment = END + SETTLING

    def fail(*_: Any, **__: Any) -> None:
        raise ValueError("a fault of our own")

    monkeypatch.setattr("monitor.core.render.digest.people", fail)
    assert watch.digester.turn() == 1

    assert "OFAC: 1 designated. DOE, John (individual, uid 48220)" in texts(watch)[0]


def test_incidents_wait_too_where_a_digest_takes_them(watch: SmallWatch) -> None:
    stale = Incident(
        kind="stale", subject="ofac-sdn", feed="ofac-sdn", severity="medium",
        summary="nothing new from the SDN list for 40 days", detail="It may be frozen.", what_to_do="Look.",
    )  # fmt: skip
    with watch.database.write() as connection:
        incidents.open_incident(connection, stale, watch.clock.now())
    watch.alerter.turn()
    assert watch.told("desk") == []
    watch.clock.moment = END + SETTLING
    watch.digester.turn()

    assert watch.told("desk") == ["Digest, 24 Nov 2026: 1 incident"]
    assert "Watch: nothing new from the SDN list for 40 days\nIt may be frozen." in texts(watch)[0]


def test_it_is_known_when_the_next_is_due(watch: SmallWatch) -> None:
    assert watch.digester.next_due() == END + SETTLING
    watch.routes = []
    assert watch.digester.next_due() is None


def test_there_is_one_event_a_digest(watch: SmallWatch) -> None:
    check(watch, END + SETTLING)
    watch.digester.turn()
    with watch.database.read() as connection:
        kinds = list(connection.execute(select(EVENTS.c.kind)).scalars())
        alerts = list(connection.execute(select(ALERTS.c.kind)).scalars())
    assert (kinds.count("digest.due"), alerts) == (1, ["digest"])


@pytest.mark.parametrize(
    ("values", "fault"),
    [
        ({"selection": '{"keys":[],"others":0,"routes":[0]}'}, "was altered after it was promised"),
        ({"digest_alert_id": None}, "recorded as told in another digest than the event log says"),
        ({"alert_id": "another"}, "is missing"),
    ],
)
def test_what_waited_is_verified(watch: SmallWatch, values: dict[str, Any], fault: str) -> None:
    watch.publish(WITH_DOE)
    watch.clock.moment = END + SETTLING
    watch.digester.turn()
    assert holds(watch) is None
    with watch.database.write() as connection:
        connection.execute(update(DIGEST_ITEMS).values(values))

    assert fault in (holds(watch) or "")


def test_whoever_acknowledges_a_digest_has_read_the_revisions_in_it(watch: SmallWatch) -> None:
    watch.publish(WITH_DOE)
    watch.clock.moment = END + SETTLING
    watch.digester.turn()

    with watch.database.read() as connection:
        digest = connection.execute(select(ALERTS).where(ALERTS.c.kind == "digest")).one()
        told = acknowledgements.revisions_told(connection, digest)

    assert [(each.feed, each.key) for each in told] == [("ofac-sdn", "48220")]
