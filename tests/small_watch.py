"""A watch without a network: lists are published into a database and told, by the parts that the service has."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

import feeds
from feeds import RegisterAdapter
from feeds.base import Guard
from monitor.alerting.alerter import Alerter
from monitor.alerting.digester import Digester
from monitor.alerting.escalator import Escalator
from monitor.alerting.writer import Writer
from monitor.core.channel import ChannelProfile
from monitor.core.route import Route
from monitor.poller.register import RegisterTaker
from monitor.store import acknowledgements, alerts
from monitor.store.archive import Archive
from monitor.store.database import Database
from monitor.store.tables import ALERTS, DELIVERIES

START = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
URL = "http://127.0.0.1:8080"
_GUARD = Guard(min_records=1, max_removed=0.9, max_added=0.9)


@dataclass
class Set:
    """A clock that stands where it is set."""

    moment: datetime = START

    def now(self) -> datetime:
        return self.moment

    async def sleep(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@dataclass
class SmallWatch:
    """The SDN list in a database, and the channels ``desk`` and ``phone``."""

    database: Database
    folder: Path
    routes: Sequence[Route] = ()
    clock: Set = field(default_factory=Set)

    def __post_init__(self) -> None:
        self.archive = Archive(self.folder / "archive")
        spool = self.folder / "spool"
        spool.mkdir(exist_ok=True)
        self._file = spool / "list.xml"
        self._taker = RegisterTaker(self.database, self.archive, spool)

    @property
    def writer(self) -> Writer:
        profiles = [
            ChannelProfile(name, "apprise", "text", None, None, ("",)) for name in ("desk", "phone")
        ]
        return Writer(profiles, public_url=URL, zone=UTC)

    @property
    def alerter(self) -> Alerter:
        return Alerter(
            self.database,
            self.clock,
            feeds={id: adapter.feed for id, adapter in feeds.discover().items()},
            routes=self.routes,
            writer=self.writer,
        )

    @property
    def escalator(self) -> Escalator:
        return Escalator(self.database, self.clock, again=self.alerter.again, writer=self.writer)

    @property
    def digester(self) -> Digester:
        """It watches the SDN list and the press releases."""
        watched = ("ofac-sdn", "treasury-press-releases")
        return Digester(
            self.database,
            self.clock,
            feeds={id: (feeds.by_id(id).feed, timedelta(minutes=1)) for id in watched},
            routes=self.routes,
            writer=self.writer,
            again=self.alerter.again,
        )

    def publish(self, content: str, *, tell: bool = True) -> str:
        """A minute later the list is this; the id of the alert that told of it, "" when nobody was told."""
        self.clock.moment += timedelta(minutes=1)
        adapter = feeds.by_id("ofac-sdn")
        assert isinstance(adapter, RegisterAdapter)
        self._file.write_text(content)
        self._taker.take(
            adapter,
            _GUARD,
            self._file,
            sha256=sha256(content.encode()).hexdigest(),
            size=len(content.encode()),
            headers={},
            at=self.clock.now(),
        )
        if not tell:
            return ""
        before = set(self.ids())
        self.alerter.turn()
        return "".join(set(self.ids()) - before)

    def acknowledge(self, alert: str, by: str = "J. Doe", note: str = "") -> None:
        """Half a minute later somebody has read it."""
        self.clock.moment += timedelta(seconds=30)
        with self.database.write() as connection:
            row = alerts.find(connection, alert)
            assert row is not None
            now = self.clock.now()
            acknowledgements.add(connection, row, by=by, note=note, asked=now, now=now)

    def ids(self) -> list[str]:
        """The ids of the alerts, the oldest first."""
        with self.database.read() as connection:
            statement = select(ALERTS.c.id).order_by(ALERTS.c.created_at, ALERTS.c.id)
            return list(connection.execute(statement).scalars())

    def told(self, channel: str) -> list[str]:
        """The first lines of what one channel is promised, the oldest first."""
        with self.database.read() as connection:
            rows = connection.execute(
                select(DELIVERIES.c.subject)
                .where(DELIVERIES.c.channel == channel)
                .order_by(DELIVERIES.c.id)
            )
            return list(rows.scalars())

    def text(self, alert: str) -> str:
        """An alert's text, as it is kept whole."""
        return str(self.row(alert).text)

    def row(self, alert: str) -> Any:
        """The row of an alert."""
        with self.database.read() as connection:
            return _found(connection, alert)


def _found(connection: Connection, alert: str) -> Any:
    row = alerts.find(connection, alert)
    assert row is not None
    return row
