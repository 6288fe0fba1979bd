"""A poller that watches sources of ours: what they serve, what time it is, and what is on record afterwards."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Row, Table, select

import feeds
from feeds import Adapter, RegisterAdapter
from feeds.base import Guard, ListedParty
from monitor.core.canonical import decode
from monitor.fetch.client import Fetcher
from monitor.poller import Poller, PollOutcome, Watched
from monitor.store import events
from monitor.store.archive import Archive
from monitor.store.database import Database
from monitor.store.tables import CHANGES, FEEDS, INCIDENTS, REVISIONS, SNAPSHOTS
from monitor.store.verification import verify
from tests.builders import a_party
from tests.deliver.fakes import FakeClock
from tests.ofac_xml import sdn_xml
from tests.servers import SourceServer

SDN = "ofac-sdn"
RELEASES = "treasury-press-releases"
CHANGE_FILES = "ofac-changes"
ACTIONS = "ofac-recent-actions"
BULLETINS = "treasury-bulletins"
NOTICES = "federal-register-ofac"
HISTORY = "/changes/history"
ACTION_LISTING = "/recent-actions"
TOPIC = "/topics/USTREAS_49/feed.rss"
DOCUMENTS = "/api/v1/documents.json"
LIST = "/SDN.XML"
LISTING = "/news/press-releases"
GUARD = Guard(min_records=5, max_removed=0.05, max_added=0.25)
START = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
MOST_BYTES = 2_000_000

on_both = pytest.mark.parametrize("database_url", ["sqlite", "postgresql"], indirect=True)
"""For a test whose subject is the store: on SQLite and on PostgreSQL."""

Document = dict[str, Any]


def twenty_parties() -> dict[str, Document]:
    """A list on which one removal and five additions are exactly at the limit."""
    return {
        str(number): a_party(name=f"PERSON, Number {number}", remarks=f"Remark {number}.")
        for number in range(101, 121)
    }


@dataclass
class Bench:
    """One poller at work. Its clock stands still but for :meth:`poll`, which comes a minute after the one before."""

    database: Database
    archive: Archive
    source: SourceServer
    clock: FakeClock
    fetcher: Fetcher
    spool: Path
    is_stopping: bool = False

    def __post_init__(self) -> None:
        sdn = feeds.by_id(SDN)
        assert isinstance(sdn, RegisterAdapter)
        self.sdn: Adapter = replace(sdn, feed=replace(sdn.feed, max_bytes=MOST_BYTES))
        self.releases = feeds.by_id(RELEASES)
        self.restart()

    def restart(self) -> None:
        """A new poller, with the adapters as they are now."""
        self.poller = Poller(
            self.database,
            self.archive,
            self.fetcher,
            self.clock,
            {
                SDN: Watched(self.sdn, self.source.url + LIST, GUARD),
                RELEASES: Watched(self.releases, self.source.url + LISTING),
                CHANGE_FILES: Watched(feeds.by_id(CHANGE_FILES), self.source.url + HISTORY),
                ACTIONS: Watched(feeds.by_id(ACTIONS), self.source.url + ACTION_LISTING),
                BULLETINS: Watched(feeds.by_id(BULLETINS), self.source.url + TOPIC),
                NOTICES: Watched(feeds.by_id(NOTICES), self.source.url + DOCUMENTS),
            },
            self.spool,
            stopping=lambda: self.is_stopping,
        )

    # --- the list

    @property
    def adapter(self) -> RegisterAdapter:
        assert isinstance(self.sdn, RegisterAdapter)
        return self.sdn

    def upgrade(self, express: Callable[[ListedParty], ListedParty]) -> None:
        """From now on the adapter is of the next version, and expresses parties otherwise."""
        read, feed = self.adapter.read, self.adapter.feed
        self.sdn = replace(
            self.adapter,
            feed=replace(feed, version=feed.version + 1),
            read=lambda entry: express(read(entry)),
        )
        self.restart()

    def serve(self, parties: Mapping[str, Document] | bytes, **how: Any) -> bytes:
        """Serve the list, written from these parties or given as bytes; ``how`` goes to the server or to the writer."""
        to_server = {
            name: how.pop(name) for name in ("last_modified", "etag", "gzip") if name in how
        }
        content = parties if isinstance(parties, bytes) else sdn_xml(parties, **how)
        self.source.serve(LIST, content, **to_server)
        return content

    async def poll(self, feed: str = SDN, *, after: timedelta = MINUTE) -> PollOutcome:
        self.clock.move(after)
        return await self.poller.poll(feed)

    async def baseline(self) -> dict[str, Document]:
        """Twenty parties on record."""
        parties = twenty_parties()
        self.serve(parties)
        assert (await self.poll()).result == "baseline"
        return parties

    def take(self, content: bytes) -> PollOutcome:
        """Take a content now, past the network, as another poller of the same list would."""
        path = self.spool.parent / "taken.xml"
        path.write_bytes(content)
        return self.poller.taker.take(
            self.adapter,
            GUARD,
            path,
            sha256=hashlib.sha256(content).hexdigest(),
            size=len(content),
            headers={},
            at=self.clock.now(),
        )

    def accept(self, snapshot: int) -> PollOutcome:
        return self.poller.taker.accept(
            self.adapter, snapshot, by="Ann", because="OFAC said so", at=self.clock.now()
        )

    def reject(self, snapshot: int) -> None:
        self.poller.taker.reject(
            SDN, snapshot, by="Ann", because="half is missing", at=self.clock.now()
        )

    # --- what is on record

    def rows(self, table: Table, *where: Any) -> Sequence[Row[Any]]:
        with self.database.read() as connection:
            first = next(iter(table.primary_key.columns))
            return connection.execute(select(table).where(*where).order_by(first)).all()

    def feed(self, feed: str = SDN) -> Row[Any]:
        (row,) = self.rows(FEEDS, FEEDS.c.feed == feed)
        return row

    def events(self, kind: str = "") -> list[events.Event]:
        """The log, or what in it begins with that."""
        with self.database.read() as connection:
            return [
                each
                for each in events.after(connection, 0, limit=10_000)
                if each.kind.startswith(kind)
            ]

    def changes(self, snapshot: int | None = None) -> list[dict[str, Any]]:
        """The contract's objects, as they are stored."""
        where = [] if snapshot is None else [CHANGES.c.snapshot_id == snapshot]
        return [decode(row.change) for row in self.rows(CHANGES, *where)]

    def told(self) -> list[tuple[str, str]]:
        """Kind and key of every change, in order."""
        return [(row.kind, row.key) for row in self.rows(CHANGES)]

    def states(self) -> list[str]:
        return [row.state for row in self.rows(SNAPSHOTS)]

    def in_force(self) -> dict[str, Document]:
        """What the list says, according to the record."""
        rows = self.rows(REVISIONS, REVISIONS.c.feed == SDN, REVISIONS.c.until_snapshot.is_(None))
        return {row.key: decode(row.document) for row in rows}

    def open_incidents(self) -> list[tuple[str, str]]:
        return [
            (row.kind, row.subject) for row in self.rows(INCIDENTS, INCIDENTS.c.closed_at.is_(None))
        ]

    def incident(self, kind: str) -> Row[Any]:
        """The only incident of that kind that there ever was."""
        (row,) = self.rows(INCIDENTS, INCIDENTS.c.kind == kind)
        return row

    def verdict(self, snapshot: int) -> list[str]:
        (row,) = self.rows(SNAPSHOTS, SNAPSHOTS.c.id == snapshot)
        return [finding["rule"] for finding in json.loads(row.verdict)]

    def verify(self) -> None:
        """The chain of evidence holds."""
        with self.database.read() as connection:
            broken = verify(connection, self.archive).broken
        assert broken is None, broken

    @contextmanager
    def nothing_changes(self) -> Iterator[None]:
        """Neither snapshots nor documents nor changes are others after the block."""
        tables = (SNAPSHOTS, REVISIONS, CHANGES)
        before = [self.rows(table) for table in tables]
        yield
        assert [self.rows(table) for table in tables] == before

    @property
    def left_behind(self) -> list[str]:
        """What lies in the spool."""
        return sorted(path.name for path in self.spool.iterdir())
