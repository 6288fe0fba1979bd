"""One poll of one feed: fetch, read, compare, guard, commit."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from feeds import Adapter, RegisterAdapter, StreamAdapter
from feeds.base import Guard
from feeds.errors import FeedError
from monitor.clock import Clock
from monitor.fetch.client import Fetcher, NotModified, Validators
from monitor.fetch.errors import FetchError
from monitor.poller.comparison import Interrupted, Progress
from monitor.poller.outcome import PollOutcome
from monitor.poller.register import RegisterTaker
from monitor.poller.stream import StreamPoller
from monitor.store import feeds as feed_states
from monitor.store.archive import Archive
from monitor.store.database import Database

__all__ = ["Interrupted", "PollOutcome", "Poller", "Watched"]


_KEPT_HEADERS = (
    "ETag",
    "Last-Modified",
    "Date",
    "Age",
    "Content-Type",
    "Content-Length",
    "Content-Encoding",
    "Server",
    "X-Amz-Version-Id",
)


@dataclass(frozen=True, slots=True)
class Watched:
    """A feed as this service watches it: its adapter, and the address and guard in force here (None for a stream)."""

    adapter: Adapter
    url: str
    guard: Guard | None = None


class Poller:
    """Polls the feeds that are watched. Nothing is raised for a source that fails: that is an outcome."""

    def __init__(
        self,
        database: Database,
        archive: Archive,
        fetcher: Fetcher,
        clock: Clock,
        watched: Mapping[str, Watched],
        spool: Path,
        *,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        registers = [
            id for id, each in watched.items() if isinstance(each.adapter, RegisterAdapter)
        ]
        self._database = database
        self._fetcher = fetcher
        self._clock = clock
        self._watched = watched
        self.taker = RegisterTaker(database, archive, spool, stopping=stopping)
        self.streams = StreamPoller(database, fetcher, clock, wakes=registers)

    async def poll(self, feed: str, progress: Progress | None = None) -> PollOutcome:
        """One poll now. Raises Interrupted when the service is stopping meanwhile."""
        watched = self._watched[feed]
        if isinstance(watched.adapter, StreamAdapter):
            return await self.streams.poll(watched.adapter, watched.url)
        guard = watched.guard or watched.adapter.feed.guard
        return await self._register(watched.adapter, watched.url, guard, progress)

    async def _register(
        self, adapter: RegisterAdapter, url: str, guard: Guard, progress: Progress | None
    ) -> PollOutcome:
        feed = adapter.feed
        try:
            fetched = await self._fetcher.fetch(
                url,
                feed=feed.id,
                validators=await asyncio.to_thread(self._validators, feed.id),
                redirect_hosts=feed.redirect_hosts,
                max_bytes=feed.max_bytes,
                expects="xml",
            )
        except (FetchError, FeedError) as error:
            return await asyncio.to_thread(self.taker.fail, adapter, error, self._clock.now())
        if isinstance(fetched, NotModified):
            return await asyncio.to_thread(self.taker.unmodified, adapter, self._clock.now())
        try:
            return await asyncio.to_thread(
                self.taker.take,
                adapter,
                guard,
                fetched.path,
                sha256=fetched.sha256,
                size=fetched.size,
                headers=_evidence(fetched.headers),
                at=self._clock.now(),
                progress=progress,
            )
        finally:
            fetched.path.unlink(missing_ok=True)

    def _validators(self, feed: str) -> Validators:
        with self._database.read() as connection:
            state = feed_states.state(connection, feed)
        return Validators(state.etag, state.last_modified) if state else Validators()


def _evidence(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers that say something about the content, under one spelling; never a cookie."""
    return {name: headers[name] for name in _KEPT_HEADERS if name in headers}
