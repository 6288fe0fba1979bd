"""Bodies of publications that are listed already: pending until their own page is built, then a revision, then read again.

A body may also stand in the listing itself; then it is put on record by the same function (:func:`commit_body`) in the transaction
that lists it. A page that was read is read again from time to time, as authorities correct what they publish: another document
is a correction, an older copy is none, and a page that cannot be read again leaves what was read.
"""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from feeds import StreamAdapter
from feeds.base import Body, Page, StreamFeed
from feeds.errors import FeedError
from monitor.core.news import BURST, next_reread, reason_to_tell_by_body
from monitor.core.schedule import LONGEST_OBEDIENCE
from monitor.core.watch import incident_of_body
from monitor.fetch.client import Fetcher, NotModified
from monitor.fetch.errors import FetchError
from monitor.poller.content import MOST_BYTES, take
from monitor.store import feeds as feed_states
from monitor.store import incidents, publications
from monitor.store.database import Database

_AFTER_THE_LAST_RETRY = timedelta(hours=1)


def commit_body(
    connection: Connection,
    adapter: StreamAdapter,
    row: Row[Any],
    body: Body,
    at: datetime,
    wakes: Sequence[str],
    *,
    is_repeated: bool = False,
) -> bool:
    """Put the body of a listed publication on record, or what was corrected in it; True when people are told of it.

    ``is_repeated`` tells that another stream, which is read well, tells of it. Runs in the caller's transaction, in which the feed's
    row is locked.
    """
    feed = adapter.feed
    action, reason = reason_to_tell_by_body(
        body.links, row.date, at, feed.witness, len(body.entries)
    )
    # What stands in the listing is compared whenever the listing is read; nothing is planned for it.
    again = _next_reread(feed, row, at) if adapter.read_body is not None else None
    if row.body_state == "read":
        publications.correct_body(
            connection, row, body, feed=feed, at=at, action=action, next_body_at=again
        )
        return False
    tell = None if row.told or is_repeated else reason
    if tell:
        feed_states.burst(connection, wakes, at + BURST)
    publications.add_body(
        connection, row, body, feed=feed, at=at, action=action, tell=tell, next_body_at=again
    )
    incidents.close_incident(
        connection,
        kind="not_built",
        subject=f"{feed.id} {row.key}",
        at=at,
        by="its page can be read",
    )
    return tell is not None


class BodyReader:
    """Reads bodies that are due. ``wakes`` are the ids of the registers that news of an action wakes."""

    def __init__(self, database: Database, fetcher: Fetcher, wakes: Sequence[str]) -> None:
        self._database = database
        self._fetcher = fetcher
        self._wakes = wakes

    async def read_due(self, adapter: StreamAdapter, at: datetime) -> bool:
        """Read every body that is due at this moment; True when one of them is news that the lists are about to show."""
        announced = False
        for row in await asyncio.to_thread(self._due, adapter.feed.id, at):
            announced |= await self._read(adapter, row, at)
        return announced

    async def _read(self, adapter: StreamAdapter, row: Row[Any], at: datetime) -> bool:
        if adapter.read_body is None:
            return False
        address = adapter.body_address(row.url)
        try:
            fetched = await self._fetcher.fetch(
                address,
                feed=adapter.feed.id,
                redirect_hosts=adapter.feed.redirect_hosts,
                max_bytes=min(adapter.feed.max_bytes, MOST_BYTES),
            )
            if isinstance(fetched, NotModified):
                return False
            content = await asyncio.to_thread(take, fetched)
            page = Page("body", address, content, fetched.content_type)
            body = await asyncio.to_thread(adapter.read_body, page)
        except (FeedError, FetchError) as error:
            await asyncio.to_thread(self._postpone, adapter, row, error, at)
            return False
        return await asyncio.to_thread(self._commit, adapter, row, body, at)

    def _due(self, feed: str, at: datetime) -> list[Row[Any]]:
        with self._database.read() as connection:
            return publications.bodies_due(connection, feed, at)

    def _commit(self, adapter: StreamAdapter, row: Row[Any], body: Body, at: datetime) -> bool:
        with self._database.write() as connection:
            feed_states.lock(connection, adapter.feed.id)
            return commit_body(connection, adapter, row, body, at, self._wakes)

    def _postpone(
        self, adapter: StreamAdapter, row: Row[Any], error: FeedError | FetchError, at: datetime
    ) -> None:
        """Not sooner than the server asked. After the last retry, or at once for a page of another shape, people are told."""
        feed = adapter.feed
        asked = error.retry_after if isinstance(error, FetchError) else None
        asked = min(asked or timedelta(0), LONGEST_OBEDIENCE)
        over = row.body_attempts >= len(feed.body_retry)
        wait = max(_AFTER_THE_LAST_RETRY if over else feed.body_retry[row.body_attempts], asked)
        with self._database.write() as connection:
            feed_states.lock(connection, feed.id)
            if row.body_state == "read":  # what was read stands; the next reading may find it again
                publications.plan_body(connection, row, _next_reread(feed, row, at))
                return
            publications.postpone_body(connection, row, at + wait)
            if over or isinstance(error, FeedError):
                incident = incident_of_body(feed.id, row.key, row.title, str(error))
                incidents.open_incident(connection, incident, at)


def _next_reread(feed: StreamFeed, row: Row[Any], at: datetime) -> datetime | None:
    return next_reread(at, row.first_seen_at, feed.reread, feed.reread_for)
