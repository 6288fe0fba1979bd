"""What people are told when lists of the same numbers change: small lists, the whole line up to the alert, a real database."""

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

import feeds
from feeds.base import Guard
from monitor.alerting.alerter import Alerter
from monitor.alerting.writer import Writer
from monitor.core.canonical import decode
from monitor.core.channel import ChannelProfile
from monitor.core.route import Route, condition
from monitor.poller.register import RegisterTaker
from monitor.store import stays
from monitor.store.archive import Archive
from monitor.store.database import Database
from monitor.store.migrate import upgrade
from monitor.store.tables import ALERTS, CHANGES, DELIVERIES
from tests.builders import Document, a_party
from tests.ofac_xml import sdn_xml

BEGINNING = datetime(2025, 3, 3, 9, 0, tzinfo=UTC)
DAY = timedelta(days=1)
MINUTE = timedelta(minutes=1)
SDN, CONSOLIDATED = "ofac-sdn", "ofac-consolidated"
SYSTEM = ChannelProfile("case-system", "webhook", "json", None, None, ("",))
DESK = ChannelProfile("desk", "apprise", "text", 250, 35_000, ("",))
LAX = Guard(min_records=1, max_removed=1.0, max_added=1_000.0)

OTHERS = {f"9{number}": a_party(name=f"OTHER {number}") for number in range(3)}
BANK = a_party(type="entity", name="EXAMPLE BANK", programs=["UKRAINE-EO13662"])


class Watch:
    """Both lists as they are published, one after the other, and what is told of each."""

    def __init__(self, folder: Path, *routes: Route, url: str = "") -> None:
        self.database = Database.open(url or f"sqlite:///{folder / 'sanctions-monitor.db'}")
        upgrade(self.database)
        spool = folder / "spool"
        spool.mkdir()
        self.taker = RegisterTaker(self.database, Archive(folder / "archive"), spool)
        self.moment = BEGINNING
        self.file = folder / "list.xml"
        self.alerter = Alerter(
            self.database,
            self,
            feeds={id: adapter.feed for id, adapter in feeds.discover().items()},
            routes=routes,
            writer=Writer([SYSTEM, DESK], public_url="http://127.0.0.1:8080", zone=UTC),
        )
        self.heard: set[str] = set()

    def now(self) -> datetime:
        return self.moment

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("nobody sleeps here")

    def publish(self, feed: str, parties: dict[str, Document]) -> None:
        """The list as it is now, taken but not told of yet; everybody else of it has been there all the time."""
        content = sdn_xml({**OTHERS, **parties})
        self.file.write_bytes(content)
        adapter: Any = feeds.by_id(feed)
        outcome = self.taker.take(
            adapter,
            LAX,
            self.file,
            sha256=hashlib.sha256(content).hexdigest(),
            size=len(content),
            headers={},
            at=self.moment,
        )
        assert outcome.result in ("baseline", "accepted", "unchanged"), outcome

    def told(self) -> list[Any]:
        """The alerts that have been made since the last time."""
        self.alerter.turn()
        with self.database.read() as connection:
            rows = [
                row
                for row in connection.execute(select(ALERTS).order_by(ALERTS.c.event_id))
                if row.id not in self.heard
            ]
        self.heard |= {row.id for row in rows}
        return rows

    def told_of(self, feed: str, parties: dict[str, Document], *, after: timedelta) -> Any:
        """The one alert about a list that is published so long after the last one."""
        self.moment += after
        self.publish(feed, parties)
        (alert,) = self.told()
        return alert


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Watch]:
    watch = Watch(tmp_path)
    yield watch
    watch.database.close()


def changes(alert: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(alert.wire)["data"]["changes"]
    return found


def begin(watch: Watch, sdn: dict[str, Document], consolidated: dict[str, Document]) -> None:
    watch.publish(SDN, sdn)
    watch.publish(CONSOLIDATED, consolidated)
    assert watch.told() == []


# --- a move ---------------------------------------------------------------------------------------------------------


def test_a_move_whose_removal_is_seen_first(watch: Watch) -> None:
    begin(watch, {"1": BANK}, {})

    first = watch.told_of(SDN, {}, after=DAY)
    second = watch.told_of(CONSOLIDATED, {"1": BANK}, after=MINUTE)

    assert first.title.startswith("OFAC: 1 delisted. EXAMPLE BANK (entity, uid 1)")
    assert second.title == (
        "OFAC: 1 moved. EXAMPLE BANK (entity, uid 1) moved from the SDN list to "
        "the consolidated (non-SDN) list"
    )
    assert second.severity == "medium"
    assert f"was told on 4 Mar 2025 09:00 UTC (alert {first.id})" in second.text
    assert changes(second)[0]["moved"]["from"]["alert"] == first.id


def test_a_move_whose_addition_is_seen_first(watch: Watch) -> None:
    begin(watch, {"1": BANK}, {})

    first = watch.told_of(CONSOLIDATED, {"1": BANK}, after=DAY)
    second = watch.told_of(SDN, {}, after=MINUTE)

    assert "Also on the SDN list: EXAMPLE BANK." in first.text
    assert first.severity == "high"
    assert second.title == (
        "OFAC: 1 moved. EXAMPLE BANK (entity, uid 1) moved from the SDN list to "
        "the consolidated (non-SDN) list"
    )
    assert (second.severity, changes(second)[0]["categories"]) == ("medium", ["program"])
    assert f"was told on 4 Mar 2025 09:00 UTC (alert {first.id})" in second.text
    assert "delist" not in second.text


@pytest.mark.parametrize("order", [(SDN, CONSOLIDATED), (CONSOLIDATED, SDN)])
def test_a_move_of_which_both_halves_are_known_is_never_a_delisting(
    watch: Watch, order: tuple[str, str]
) -> None:
    begin(watch, {"1": BANK}, {})
    watch.moment += DAY

    for feed in order:
        watch.publish(feed, {"1": BANK} if feed == CONSOLIDATED else {})
    alerts = watch.told()

    assert [alert.severity for alert in alerts] == ["medium", "medium"]
    assert all(alert.title.startswith("OFAC: 1 moved.") for alert in alerts)


@pytest.mark.parametrize("order", [(SDN, CONSOLIDATED), (CONSOLIDATED, SDN)])
def test_a_move_to_the_list_that_blocks_is_a_designation(
    watch: Watch, order: tuple[str, str]
) -> None:
    begin(watch, {}, {"1": BANK})
    watch.moment += DAY

    for feed in order:
        watch.publish(feed, {"1": BANK} if feed == SDN else {})
    alerts = {alert.feed: alert for alert in watch.told()}

    assert alerts[SDN].severity == "high"
    assert alerts[SDN].title == (
        "OFAC: 1 designated. EXAMPLE BANK (entity, uid 1) moved from "
        "the consolidated (non-SDN) list to the SDN list"
    )
    assert "Blocked property is to be reported" in alerts[SDN].text
    assert alerts[CONSOLIDATED].severity == "medium"
    assert "Parties of the SDN list are blocked." in alerts[CONSOLIDATED].text


def test_who_leaves_one_of_two_lists_is_not_delisted(watch: Watch) -> None:
    begin(watch, {"1": BANK}, {"1": BANK})

    alert = watch.told_of(SDN, {}, after=MINUTE)

    assert alert.title.startswith("OFAC: 1 no longer on both lists. EXAMPLE BANK")
    assert (alert.severity, changes(alert)[0]["categories"]) == ("medium", ["program"])
    assert "still_on" in changes(alert)[0]["moved"]


def test_who_is_amended_on_the_other_list_has_not_come_to_it(watch: Watch) -> None:
    begin(watch, {"1": BANK}, {"1": BANK})
    watch.told_of(CONSOLIDATED, {"1": {**BANK, "remarks": "Amended."}}, after=30 * DAY)

    alert = watch.told_of(SDN, {}, after=MINUTE)

    assert changes(alert)[0]["moved"].keys() == {"still_on"}


def test_who_leaves_both_lists_is_delisted_and_the_second_alert_says_so(watch: Watch) -> None:
    begin(watch, {"1": BANK}, {"1": BANK})
    watch.told_of(SDN, {}, after=DAY)

    second = watch.told_of(CONSOLIDATED, {}, after=MINUTE)

    assert second.severity == "high"
    assert "Also removed from the SDN list: EXAMPLE BANK; that was told on" in second.text


def test_a_list_that_is_watched_no_longer_is_not_asked(watch: Watch) -> None:
    begin(watch, {"1": BANK}, {"1": BANK})

    alert = watch.told_of(SDN, {}, after=30 * DAY)

    assert alert.title.startswith("OFAC: 1 delisted.")


def test_many_that_move_at_once_are_one_line_and_all_of_them_on_the_wire(watch: Watch) -> None:
    banks = {
        f"{1000 + number}": {**BANK, "name": {"last": f"BANK {number:03}"}} for number in range(257)
    }
    begin(watch, banks, {})
    watch.told_of(SDN, {}, after=DAY)

    alert = watch.told_of(CONSOLIDATED, banks, after=MINUTE)

    assert alert.title.startswith(
        "OFAC: 257 moved from the SDN list to the consolidated (non-SDN) list"
    )
    assert "First 5: BANK 000 · BANK 001 · BANK 002 · BANK 003 · BANK 004\n" in alert.text
    assert "BANK 005" not in alert.text
    assert len(changes(alert)) == 257


def test_a_removal_that_no_route_told_anybody_of_is_not_said_to_have_been_told(
    tmp_path: Path,
) -> None:
    routes = [Route(condition({"feed": CONSOLIDATED}), ("desk",))]
    watch = Watch(tmp_path, *routes)
    begin(watch, {"1": BANK}, {})
    watch.told_of(SDN, {}, after=DAY)

    second = watch.told_of(CONSOLIDATED, {"1": BANK}, after=MINUTE)
    watch.database.close()

    assert "The removal from the SDN list was first seen on 4 Mar 2025 09:00 UTC." in second.text


def test_routes_see_a_move_as_what_it_is(tmp_path: Path) -> None:
    watch = Watch(tmp_path, Route(condition({"category": ["designation", "delisting"]}), ("desk",)))
    begin(watch, {"1": BANK}, {})
    watch.moment += DAY
    watch.publish(CONSOLIDATED, {"1": BANK})
    watch.publish(SDN, {})

    assert len(watch.told()) == 2
    with watch.database.read() as connection:
        assert not connection.execute(select(DELIVERIES)).all()
    watch.database.close()


def test_what_is_stored_stays_what_the_list_did(watch: Watch) -> None:
    begin(watch, {"1": BANK}, {})
    watch.moment += DAY
    watch.publish(CONSOLIDATED, {"1": BANK})
    watch.publish(SDN, {})
    watch.told()

    with watch.database.read() as connection:
        stored = [decode(text) for text in connection.execute(select(CHANGES.c.change)).scalars()]
    assert [each["categories"] for each in stored] == [["designation"], ["delisting"]]
    assert all("moved" not in each for each in stored)


def test_either_database_knows_the_other_list_the_past_and_the_tags(
    tmp_path: Path, database_url: str
) -> None:
    watch = Watch(tmp_path, url=database_url)
    begin(watch, {"1": BANK, **renamed(12, "100%_OLD")}, {})
    both = watch.told_of(SDN, renamed(12, "NEW"), after=DAY)
    second = watch.told_of(CONSOLIDATED, {"1": BANK}, after=MINUTE)
    watch.database.close()

    assert "1 delisted (Russia), 12 amended" in both.title
    assert "programme tag 100%_OLD is now called NEW" in both.text
    assert f"(alert {both.id})" in second.text


# --- one list -------------------------------------------------------------------------------------------------------


def test_a_new_number_is_told_with_both(watch: Watch) -> None:
    doe = a_party(dates_of_birth=[{"date": "1962"}])
    begin(watch, {"1": doe}, {})

    alert = watch.told_of(SDN, {"2": doe}, after=DAY)

    assert (
        alert.title == "OFAC: 1 re-listed under a new number. DOE, John (individual, uid 1, now 2)"
    )
    assert alert.severity == "medium"


def renamed(number: int, tag: str) -> dict[str, Document]:
    return {
        f"{100 + number}": a_party(name=f"CO {number}", programs=[tag])
        for number in range(1, number + 1)
    }


def test_a_tag_that_is_renamed_on_the_whole_list_is_low_and_one_line(watch: Watch) -> None:
    begin(watch, renamed(12, "OLD"), {})

    alert = watch.told_of(SDN, renamed(12, "NEW"), after=DAY)

    assert alert.severity == "low"
    assert alert.title == (
        "OFAC: 12 amended, all in the same way: programme tag OLD is now called NEW"
    )


@pytest.mark.parametrize("tag", ["OLD", "NEW"])
def test_a_tag_that_others_keep_or_had_already_is_a_new_ground(watch: Watch, tag: str) -> None:
    others = {f"8{number}": a_party(programs=[tag]) for number in range(2)}
    begin(watch, {**renamed(12, "OLD"), **others}, {})

    alert = watch.told_of(SDN, {**renamed(12, "NEW"), **others}, after=DAY)

    assert alert.severity == "high"
    assert "12 of them listed under a further programme" in alert.title


def test_a_mass_edit_is_one_line_and_whole_on_the_wire(watch: Watch) -> None:
    """As on 29 April 2022: 499 records amended in the same way, nobody added."""
    notice = {"type": "Secondary sanctions risk:", "number": "section 1(b)"}
    before = {f"{1000 + n}": a_party(name=f"PARTY {n:03}", programs=["SDGT"]) for n in range(499)}
    begin(watch, before, {})

    edited = {key: {**party, "identifiers": [notice]} for key, party in before.items()}
    alert = watch.told_of(SDN, edited, after=DAY)

    assert alert.title == (
        'OFAC: 499 amended, all in the same way: identifier "Secondary sanctions risk:" added'
    )
    assert alert.text.startswith("Nobody was added or removed. First 5: PARTY 000 · ")
    assert "PARTY 005" not in alert.text
    with watch.database.read() as connection:
        (wire,) = connection.execute(
            select(DELIVERIES.c.wire).where(DELIVERIES.c.channel == "case-system")
        ).scalars()
    received = json.loads(wire)["data"]["changes"]
    assert {each["key"] for each in received} == before.keys()
    assert all(
        each["fields"] == [{"field": "identifiers", "before": [], "after": [notice]}]
        for each in received
    )


def test_a_delisting_says_since_when_the_party_had_been_listed(watch: Watch) -> None:
    begin(watch, {"1": BANK}, {})
    both = {"1": {**BANK, "remarks": "Amended."}, "2": a_party()}
    watch.told_of(SDN, both, after=DAY)

    first = watch.told_of(SDN, {"1": both["1"]}, after=10 * DAY)
    second = watch.told_of(SDN, {}, after=DAY)

    assert "[DPRK4] since 4 Mar 2025." in first.text
    assert "[UKRAINE-EO13662] since before 3 Mar 2025, when we first saw it." in second.text


def test_a_stay_begins_anew_with_a_party_that_comes_back(watch: Watch) -> None:
    begin(watch, {"1": BANK}, {})
    watch.told_of(SDN, {}, after=DAY)
    watch.told_of(SDN, {"1": BANK, "2": a_party()}, after=DAY)

    alert = watch.told_of(SDN, {"2": a_party()}, after=10 * DAY)

    assert "since 5 Mar 2025." in alert.text
    with watch.database.read() as connection:
        assert len(stays.stays(connection, SDN, ["1"])["1"]) == 2
