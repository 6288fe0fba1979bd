"""Whatever of the evidence is altered, ``verify`` names it; what is whole holds."""

import asyncio
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Any

import pytest
from sqlalchemy import Connection, Table, delete, select, text, update

import feeds
from feeds import RegisterAdapter, StreamAdapter
from feeds.base import Guard
from monitor.alerting.alerter import Alerter
from monitor.alerting.writer import Writer
from monitor.core.channel import ChannelProfile, Outgoing
from monitor.core.outcome import Accepted
from monitor.core.watch import Incident
from monitor.deliver.dispatcher import Dispatcher
from monitor.poller.register import RegisterTaker
from monitor.poller.stream import StreamPoller
from monitor.service import requests
from monitor.store import acknowledgements, events, incidents
from monitor.store.archive import Archive
from monitor.store.database import Database
from monitor.store.migrate import upgrade
from monitor.store.tables import (
    ACKNOWLEDGEMENTS,
    ALERTS,
    CHANGES,
    DELIVERIES,
    EVENTS,
    INCIDENTS,
    PUBLICATION_REVISIONS,
    REQUESTS,
    REVISIONS,
    SNAPSHOTS,
)
from monitor.store.verification import Verified, verify
from tests.journeys.sources import BASELINE, OTHERS, WITH_DOE, a_list, a_listing

START = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
DATABASE_FILE = "evidence.db"
GUARD = Guard(min_records=1, max_removed=0.5, max_added=0.5)
SDN = feeds.by_id("ofac-sdn")
TREASURY = feeds.by_id("treasury-press-releases")


@dataclass
class Ticking:
    """A clock that goes on by a second at each look."""

    moment: datetime = START

    def now(self) -> datetime:
        self.moment += timedelta(seconds=1)
        return self.moment

    async def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@dataclass
class Willing:
    """A channel that takes everything."""

    name: str
    profile: ChannelProfile = field(init=False)

    def __post_init__(self) -> None:
        self.profile = ChannelProfile(self.name, "apprise", "text", None, None, ("",))

    async def send(self, outgoing: Outgoing) -> Accepted:
        return Accepted("taken")

    async def close(self) -> None:
        return None


@dataclass
class Evidence:
    """A database and an archive in which everything has happened once."""

    database: Database
    archive: Archive
    folder: Path

    def verify(self) -> Verified:
        with self.database.read() as connection:
            return verify(connection, self.archive)

    def broken(self) -> str:
        """What ``verify`` names; "" when all of it holds."""
        return self.verify().broken or ""

    def alter(self, table: Table, where: Any, **values: Any) -> None:
        with self.database.write() as connection:
            assert connection.execute(update(table).where(where).values(**values)).rowcount

    def remove(self, table: Table, where: Any) -> None:
        with self.database.write() as connection:
            assert connection.execute(delete(table).where(where)).rowcount

    def value(self, statement: Any) -> Any:
        with self.database.read() as connection:
            return connection.execute(statement).scalars().first()


@pytest.fixture
def evidence_on_both(database_url: str, tmp_path: Path) -> Iterator[Evidence]:
    """A baseline, a change that two channels were told of, a held list, and a release: on both databases."""
    with _evidence(database_url, tmp_path) as made:
        upgrade(made.database)
        _let_everything_happen(made)
        yield made


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which the same has happened, on SQLite."""
    folder = tmp_path_factory.mktemp("evidence")
    with _evidence(f"sqlite:///{folder / DATABASE_FILE}", folder) as made:
        upgrade(made.database)
        _let_everything_happen(made)
    return folder


@pytest.fixture
def evidence(original: Path, tmp_path: Path) -> Iterator[Evidence]:
    """A copy of it, to be tampered with."""
    shutil.copytree(original, tmp_path, dirs_exist_ok=True)
    with _evidence(f"sqlite:///{tmp_path / DATABASE_FILE}", tmp_path) as copy:
        yield copy


@contextmanager
def _evidence(url: str, folder: Path) -> Iterator[Evidence]:
    database = Database.open(url)
    try:
        yield Evidence(database, Archive(folder / "archive"), folder)
    finally:
        database.close()


def _let_everything_happen(evidence: Evidence) -> None:
    assert isinstance(SDN, RegisterAdapter)
    assert isinstance(TREASURY, StreamAdapter)
    clock, database = Ticking(), evidence.database
    spool = evidence.folder / "spool"
    spool.mkdir()
    taker = RegisterTaker(database, evidence.archive, spool)
    for number, content in enumerate((BASELINE, WITH_DOE, a_list(*OTHERS[:2]))):
        file = spool / f"{number}.xml"
        file.write_text(content)
        taker.take(
            SDN,
            GUARD,
            file,
            sha256=sha256(content.encode()).hexdigest(),
            size=len(content.encode()),
            headers={},
            at=clock.now(),
        )
    _list_releases(database, clock)
    channels = [Willing("desk"), Willing("officers")]
    Alerter(
        database,
        clock,
        feeds={SDN.feed.id: SDN.feed, TREASURY.feed.id: TREASURY.feed},
        routes=(),
        writer=Writer(
            [channel.profile for channel in channels], public_url="http://127.0.0.1:8080", zone=UTC
        ),
    ).turn()
    dispatcher = Dispatcher(database, channels, clock=clock, random=Random(1), worker_id="one")
    asyncio.run(dispatcher.turn())


def _list_releases(database: Database, clock: Ticking) -> None:
    poller = StreamPoller(database, None, clock)  # type: ignore[arg-type]  # nothing is fetched
    old, new = ("sb0890", "An auction"), ("sb0900", "Treasury Sanctions Example Network")
    for releases in ((old,), (new, old)):
        body = a_listing(releases, clock.now()).encode()
        poller.take(TREASURY, "listing", TREASURY.feed.url, body, clock.now())  # type: ignore[arg-type]


def test_what_is_whole_holds_and_is_counted(evidence_on_both: Evidence) -> None:
    evidence = evidence_on_both
    found = evidence.verify()

    assert found.broken is None
    assert (found.snapshots, found.changes, found.alerts, found.receipts) == (2, 1, 3, 6)
    assert found.documents == 11 + 2
    assert found.events == evidence.value(select(EVENTS.c.id).order_by(EVENTS.c.id.desc()))


def test_what_is_altered_is_named_on_both_databases(evidence_on_both: Evidence) -> None:
    evidence_on_both.alter(REVISIONS, REVISIONS.c.key == "48220", document="{}")
    assert "ofac-sdn 48220" in evidence_on_both.broken()

    evidence_on_both.alter(EVENTS, EVENTS.c.id == 2, payload="{}")
    assert evidence_on_both.broken().startswith("event 2 (")


@pytest.mark.parametrize(
    ("column", "value"),
    [("payload", "{}"), ("kind", "snapshot.superseded"), ("subject", "9"), ("at", START)],
)
def test_an_altered_event_is_named(evidence: Evidence, column: str, value: Any) -> None:
    number = evidence.value(select(EVENTS.c.id).where(EVENTS.c.kind == "snapshot.accepted"))
    evidence.alter(EVENTS, EVENTS.c.id == number, **{column: value})

    assert evidence.broken().startswith(f"event {number} (")
    assert "altered" in evidence.broken()


def test_an_event_whose_hash_was_made_to_fit_breaks_the_next_link(evidence: Evidence) -> None:
    evidence.alter(EVENTS, EVENTS.c.id == 2, hash="0" * 64)

    assert "event 2" in evidence.broken()


@pytest.mark.parametrize(
    ("table", "where", "values"),
    [
        (CHANGES, CHANGES.c.key == "48220", {"change": "no JSON"}),
        (REVISIONS, REVISIONS.c.key == "48220", {"document": ""}),
        (ALERTS, ALERTS.c.kind == "change", {"wire": ""}),
    ],
)
def test_what_cannot_be_read_any_more_is_named_and_no_traceback(
    evidence: Evidence, table: Table, where: Any, values: dict[str, Any]
) -> None:
    evidence.alter(table, where, **values)

    assert evidence.broken()


def test_a_time_that_is_none_is_named(evidence: Evidence) -> None:
    with evidence.database.write() as connection:
        connection.execute(text("UPDATE events SET at = 'noon' WHERE id = 3"))

    assert evidence.broken().startswith("event 3 (")


def test_a_time_of_a_snapshot_that_is_none_is_named(evidence: Evidence) -> None:
    with evidence.database.write() as connection:
        connection.execute(text("UPDATE snapshots SET first_seen_at = 'noon' WHERE id = 2"))

    assert "something on record cannot be read any more (snapshots" in evidence.broken()


def test_a_removed_event_is_named(evidence: Evidence) -> None:
    evidence.remove(EVENTS, EVENTS.c.id == 2)

    assert "event 2 is missing" in evidence.broken()


def test_a_log_whose_end_was_cut_off_is_noticed(evidence: Evidence) -> None:
    with evidence.database.write() as connection:
        events.move(connection, "alerter", events.newest(connection))
    last = evidence.value(select(EVENTS.c.id).order_by(EVENTS.c.id.desc()))
    evidence.remove(EVENTS, EVENTS.c.id == last)

    assert f"event {last} has been read" in evidence.broken()


def test_a_removed_change_is_named(evidence: Evidence) -> None:
    evidence.remove(CHANGES, CHANGES.c.key == "48220")

    assert "the changes of snapshot 2" in evidence.broken()


def test_an_altered_change_is_named(evidence: Evidence) -> None:
    change = evidence.value(select(CHANGES.c.change))
    evidence.alter(CHANGES, CHANGES.c.key == "48220", change=change.replace("DOE", "ROE"))

    assert "the changes of snapshot 2" in evidence.broken()


@pytest.mark.parametrize(
    ("column", "value"), [("severity", "low"), ("key", "1"), ("kind", "removed")]
)
def test_a_change_that_is_listed_as_another_is_named(
    evidence: Evidence, column: str, value: str
) -> None:
    evidence.alter(CHANGES, CHANGES.c.key == "48220", **{column: value})

    assert "is not listed as what it is" in evidence.broken()


def test_an_altered_document_is_named(evidence: Evidence) -> None:
    document = evidence.value(select(REVISIONS.c.document).where(REVISIONS.c.key == "48220"))
    evidence.alter(REVISIONS, REVISIONS.c.key == "48220", document=document.replace("DOE", "ROE"))

    assert "ofac-sdn 48220" in evidence.broken()


def test_a_document_altered_with_its_digest_is_named(evidence: Evidence) -> None:
    document = evidence.value(select(REVISIONS.c.document).where(REVISIONS.c.key == "48220"))
    altered = document.replace("DOE", "ROE")
    evidence.alter(
        REVISIONS,
        REVISIONS.c.key == "48220",
        document=altered,
        digest=sha256(altered.encode()).hexdigest(),
    )

    assert "in force at snapshot 2" in evidence.broken()


@pytest.mark.parametrize("values", [{"until_snapshot": 2}, {"key": "1"}, {"from_snapshot": 1}])
def test_a_revision_that_is_valid_at_another_time_is_named(
    evidence: Evidence, values: dict[str, Any]
) -> None:
    evidence.alter(REVISIONS, REVISIONS.c.key == "48220", **values)

    assert "in force at snapshot" in evidence.broken()


def test_a_removed_revision_is_named(evidence: Evidence) -> None:
    evidence.remove(REVISIONS, REVISIONS.c.key == "100")

    assert "in force at snapshot 1" in evidence.broken()


@pytest.mark.parametrize("snapshot", [1, 2, 3])
def test_a_missing_archived_file_is_named(evidence: Evidence, snapshot: int) -> None:
    _archived(evidence, snapshot).unlink()

    assert evidence.broken().startswith(f"snapshot {snapshot} of ofac-sdn: the archived file")
    assert "is not there" in evidence.broken()


def test_an_archived_file_with_other_content_is_named(evidence: Evidence) -> None:
    _archived(evidence, 2).write_bytes(_archived(evidence, 1).read_bytes())

    assert "is altered" in evidence.broken()


def test_an_archived_file_that_is_damaged_is_named(evidence: Evidence) -> None:
    _archived(evidence, 2).write_bytes(_archived(evidence, 2).read_bytes()[:-20])

    assert "snapshot 2 of ofac-sdn: the archived file" in evidence.broken()


def _archived(evidence: Evidence, snapshot: int) -> Path:
    name: str = evidence.value(select(SNAPSHOTS.c.sha256).where(SNAPSHOTS.c.id == snapshot))
    return evidence.archive.path(name)


@pytest.mark.parametrize(
    "values", [{"stated_date": "01/01/2020"}, {"removed": 1}, {"first_seen_at": START}, {"size": 1}]
)
def test_an_altered_snapshot_is_named(evidence: Evidence, values: dict[str, Any]) -> None:
    evidence.alter(SNAPSHOTS, SNAPSHOTS.c.id == 2, **values)

    assert "snapshot 2 of ofac-sdn is not what its event says" in evidence.broken()


def test_a_held_snapshot_that_was_made_accepted_by_hand_is_named(evidence: Evidence) -> None:
    evidence.alter(SNAPSHOTS, SNAPSHOTS.c.id == 3, state="accepted")

    assert "snapshot 3 of ofac-sdn is accepted, but no event says so" in evidence.broken()


def test_an_accepted_snapshot_that_was_made_another_by_hand_is_named(evidence: Evidence) -> None:
    evidence.alter(SNAPSHOTS, SNAPSHOTS.c.id == 2, state="rejected")

    assert "snapshot 2 of ofac-sdn was accepted, and is rejected now" in evidence.broken()


@pytest.mark.parametrize("snapshot", [2, 3])
def test_a_removed_snapshot_is_named(evidence: Evidence, snapshot: int) -> None:
    evidence.remove(SNAPSHOTS, SNAPSHOTS.c.id == snapshot)

    assert f"snapshot {snapshot} is missing" in evidence.broken()


def test_an_altered_publication_is_named(evidence: Evidence) -> None:
    evidence.alter(PUBLICATION_REVISIONS, PUBLICATION_REVISIONS.c.key == "sb0900", document="{}")

    assert "sb0900" in evidence.broken()


def test_a_removed_publication_is_named(evidence: Evidence) -> None:
    evidence.remove(PUBLICATION_REVISIONS, PUBLICATION_REVISIONS.c.key == "sb0900")

    assert "publication sb0900 of treasury-press-releases is not on record" in evidence.broken()


def _alert(evidence: Evidence, kind: str = "change") -> str:
    found: str = evidence.value(select(ALERTS.c.id).where(ALERTS.c.kind == kind))
    return found


@pytest.mark.parametrize("column", ["wire", "text", "title", "severity"])
def test_an_altered_alert_is_named(evidence: Evidence, column: str) -> None:
    alert = _alert(evidence)
    evidence.alter(ALERTS, ALERTS.c.id == alert, **{column: "another"})

    assert evidence.broken() == f"alert {alert} was altered after it was made"


def test_a_removed_alert_is_named(evidence: Evidence) -> None:
    alert = _alert(evidence)
    evidence.remove(ALERTS, ALERTS.c.id == alert)

    assert evidence.broken() == f"alert {alert} is missing"


def test_an_invented_alert_is_named(evidence: Evidence) -> None:
    def copied(connection: Connection) -> dict[str, Any]:
        row = connection.execute(select(ALERTS).limit(1)).mappings().one()
        return {**row, "id": "z" * 26}

    with evidence.database.write() as connection:
        connection.execute(ALERTS.insert().values(copied(connection)))

    assert evidence.broken() == f"alert {'z' * 26} was never announced in the event log"


def test_another_text_than_was_promised_is_named(evidence: Evidence) -> None:
    evidence.alter(DELIVERIES, DELIVERIES.c.id == 1, text="nothing happened")

    assert "delivery 1" in evidence.broken()
    assert "is not the message that was promised" in evidence.broken()


def test_a_delivery_to_somebody_else_is_named(evidence: Evidence) -> None:
    evidence.alter(DELIVERIES, DELIVERIES.c.id == 1, recipient="somebody@example.org")

    assert "was never promised" in evidence.broken()


def test_a_removed_delivery_is_named(evidence: Evidence) -> None:
    evidence.remove(DELIVERIES, DELIVERIES.c.id == 1)

    assert "promised to desk, is missing" in evidence.broken()


@pytest.mark.parametrize(
    "values", [{"detail": "refused"}, {"accepted_at": START}, {"state": "dead"}]
)
def test_an_altered_receipt_is_named(evidence: Evidence, values: dict[str, Any]) -> None:
    evidence.alter(DELIVERIES, DELIVERIES.c.id == 1, **values)

    assert "the receipt of delivery 1" in evidence.broken()


def test_an_invented_receipt_is_named(evidence: Evidence) -> None:
    with evidence.database.write() as connection:
        events.append(
            connection,
            kind="alert.made",
            at=START,
            subject="y" * 26,
            payload=_a_promise(connection),
        )
        row = connection.execute(select(DELIVERIES).limit(1)).mappings().one()
        connection.execute(
            DELIVERIES.insert().values({**row, "id": 99, "alert_id": "y" * 26, "channel": "x"})
        )
        alert = connection.execute(select(ALERTS).limit(1)).mappings().one()
        connection.execute(ALERTS.insert().values({**alert, "id": "y" * 26}))

    assert evidence.broken() == "delivery 99 is recorded as accepted, but no event says so"


def _a_promise(connection: Connection) -> dict[str, Any]:
    row = connection.execute(select(ALERTS).limit(1)).one()
    sent = connection.execute(select(DELIVERIES).limit(1)).one()
    digest: Callable[[str], str] = lambda text: sha256(text.encode()).hexdigest()  # noqa: E731
    return {
        "kind": row.kind,
        "severity": row.severity,
        "title": row.title,
        "wire": digest(row.wire),
        "text": digest(row.text),
        "html": digest(row.html),
        "promised": [["x", "", 1, digest(sent.wire or sent.text)]],
    }


def _an_incident(evidence: Evidence, *, closed: bool = False) -> int:
    """One that was opened and seen again, in other words the second time, and perhaps closed; its number."""
    first = Incident(
        kind="stale",
        subject="ofac-sdn",
        feed="ofac-sdn",
        severity="high",
        summary="quiet for 9 days",
        detail="…",
        what_to_do="Look.",
    )
    again = replace(first, summary="quiet for 10 days")
    with evidence.database.write() as connection:
        incidents.open_incident(connection, first, START)
        incidents.open_incident(connection, again, START + timedelta(days=1))
        if closed:
            incidents.close_incident(
                connection,
                kind="stale",
                subject="ofac-sdn",
                at=START + timedelta(days=2),
                by="news",
            )
    number: int = evidence.value(select(INCIDENTS.c.id).where(INCIDENTS.c.kind == "stale"))
    return number


@pytest.mark.parametrize("closed", [False, True])
def test_an_incident_in_its_newest_words_holds(evidence_on_both: Evidence, closed: bool) -> None:
    number = _an_incident(evidence_on_both, closed=closed)
    with evidence_on_both.database.write() as connection:
        incidents.remind(connection, at=START + timedelta(days=3), every=timedelta(hours=12))

    assert evidence_on_both.broken() == ""

    evidence_on_both.remove(INCIDENTS, INCIDENTS.c.id == number)
    assert evidence_on_both.broken() == f"incident {number} (stale, ofac-sdn) is missing"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"kind": "gap"}, "is not on record as it was announced"),
        ({"subject": "un-consolidated"}, "is not on record as it was announced"),
        ({"severity": "low"}, "is not on record as it was announced"),
        ({"opened_at": START + timedelta(hours=1)}, "is not on record as it was announced"),
        ({"closed_at": START, "closed_by": "me"}, "is recorded as closed, but no event says so"),
        ({"times": 1, "summary": "all is well"}, "was altered after it was written"),
    ],
)
def test_an_altered_incident_that_is_open_is_named(
    evidence: Evidence, values: dict[str, Any], said: str
) -> None:
    number = _an_incident(evidence)
    evidence.alter(INCIDENTS, INCIDENTS.c.id == number, **values)

    assert evidence.broken() == f"incident {number} (stale, ofac-sdn) {said}"


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"closed_at": None, "closed_by": None}, "was closed, and is not on record as it was"),
        ({"closed_at": START}, "was closed, and is not on record as it was"),
        ({"closed_by": "somebody else"}, "was closed, and is not on record as it was"),
        ({"summary": "all is well"}, "was altered after it was written"),
        ({"detail": "all is well"}, "was altered after it was written"),
        ({"what_to_do": "Nothing."}, "was altered after it was written"),
        ({"times": 99}, "was altered after it was written"),
    ],
)
def test_an_altered_incident_that_is_over_is_named(
    evidence: Evidence, values: dict[str, Any], said: str
) -> None:
    number = _an_incident(evidence, closed=True)
    evidence.alter(INCIDENTS, INCIDENTS.c.id == number, **values)

    assert evidence.broken() == f"incident {number} (stale, ofac-sdn) {said}"


def test_an_invented_incident_is_named(evidence: Evidence) -> None:
    number = _an_incident(evidence, closed=True)
    with evidence.database.write() as connection:
        row = connection.execute(select(INCIDENTS).where(INCIDENTS.c.id == number)).mappings().one()
        connection.execute(INCIDENTS.insert().values({**row, "id": 99}))

    assert evidence.broken() == "incident 99 was never announced in the event log"


def _a_request(evidence: Evidence) -> str:
    """One that was made and answered; how it is named."""
    with evidence.database.write() as connection:
        number = requests.make(
            connection, verb="reject", subject="3", by="Ada", because="half is missing", at=START
        )
        connection.execute(
            update(REQUESTS)
            .where(REQUESTS.c.id == number)
            .values(performed_at=START + timedelta(seconds=2), outcome="snapshot 3 is rejected")
        )
        events.append(
            connection,
            kind="request.performed",
            at=START + timedelta(seconds=2),
            subject=str(number),
            payload={"verb": "reject", "subject": "3", "outcome": "snapshot 3 is rejected"},
        )
    return f"request {number} (reject 3, by Ada)"


def test_a_request_as_it_was_made_and_answered_holds(evidence_on_both: Evidence) -> None:
    request = _a_request(evidence_on_both)
    assert evidence_on_both.broken() == ""

    evidence_on_both.remove(REQUESTS, REQUESTS.c.verb == "reject")
    assert evidence_on_both.broken() == f"{request} is missing"


@pytest.mark.parametrize(
    "values",
    [
        {"by": "Bob"},
        {"because": "…"},
        {"verb": "accept"},
        {"subject": "2"},
        {"at": START + timedelta(days=1)},
    ],
)
def test_an_altered_request_is_named(evidence: Evidence, values: dict[str, Any]) -> None:
    request = _a_request(evidence)
    evidence.alter(REQUESTS, REQUESTS.c.id == 1, **values)

    assert evidence.broken() == f"{request} was altered after it was made"


@pytest.mark.parametrize(
    "values", [{"outcome": "refused"}, {"performed_at": START + timedelta(days=1)}]
)
def test_an_altered_answer_is_named(evidence: Evidence, values: dict[str, Any]) -> None:
    request = _a_request(evidence)
    evidence.alter(REQUESTS, REQUESTS.c.id == 1, **values)

    assert evidence.broken() == f"the answer to {request} is not what was recorded"


def test_an_invented_request_is_named(evidence: Evidence) -> None:
    _a_request(evidence)
    with evidence.database.write() as connection:
        row = connection.execute(select(REQUESTS)).mappings().one()
        connection.execute(REQUESTS.insert().values({**row, "id": 9}))

    assert evidence.broken() == "request 9 was never announced in the event log"


def _an_acknowledgement(evidence: Evidence) -> str:
    """An alert that was read; how the acknowledgement is spoken of."""
    with evidence.database.write() as connection:
        alert = connection.execute(select(ALERTS).where(ALERTS.c.kind == "change")).one()
        acknowledgements.add(connection, alert, by="Ann", note="seen", asked=START, now=START)
    return f"acknowledgement 1 (of alert {alert.id}, by Ann)"


def test_acknowledgements_are_checked_on_both_databases(evidence_on_both: Evidence) -> None:
    acknowledgement = _an_acknowledgement(evidence_on_both)
    assert evidence_on_both.broken() == ""

    evidence_on_both.remove(ACKNOWLEDGEMENTS, ACKNOWLEDGEMENTS.c.by == "Ann")
    assert evidence_on_both.broken() == f"{acknowledgement} is missing"


@pytest.mark.parametrize(
    "values",
    [
        {"by": "Bob"},
        {"note": "…"},
        {"alert_id": "a" * 26},
        {"at": START + timedelta(days=1)},
        {"revisions": "[]"},
    ],
)
def test_an_altered_acknowledgement_is_named(evidence: Evidence, values: dict[str, Any]) -> None:
    acknowledgement = _an_acknowledgement(evidence)
    evidence.alter(ACKNOWLEDGEMENTS, ACKNOWLEDGEMENTS.c.id == 1, **values)

    assert evidence.broken() == f"{acknowledgement} was altered after it was made"


def test_an_invented_acknowledgement_is_named(evidence: Evidence) -> None:
    _an_acknowledgement(evidence)
    with evidence.database.write() as connection:
        row = connection.execute(select(ACKNOWLEDGEMENTS)).mappings().one()
        connection.execute(ACKNOWLEDGEMENTS.insert().values({**row, "id": 9}))

    assert evidence.broken() == "acknowledgement 9 was never announced in the event log"
