"""One poll of a stream: its pages that are due, what is new on them, the bodies in them, and the bodies that are due.

Ids ever seen are kept: an item that is missing from a later answer means nothing. One page that fails does not keep the others
from being read, and is an incident of its own.
"""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, Row

from feeds import StreamAdapter
from feeds.base import Page, Publication, Reading, StreamFeed, StreamPage
from feeds.errors import FeedError
from monitor.clock import Clock
from monitor.core.news import (
    BURST,
    READ_LATELY,
    has_gap,
    is_quiet,
    reason_to_tell_at_once,
)
from monitor.core.schedule import JITTER, LONGEST_OBEDIENCE
from monitor.core.watch import (
    Failure,
    incident_of_dropped,
    incident_of_failure,
    incident_of_gap,
    subject_of,
)
from monitor.core.yearly import DatedPage, dated_page
from monitor.fetch.client import Content, Fetcher, NotModified, Validators
from monitor.fetch.errors import FetchError, NotFound
from monitor.poller.bodies import BodyReader, commit_body
from monitor.poller.content import MOST_BYTES, take
from monitor.poller.failures import FAILURE_KINDS, among, status_of
from monitor.poller.outcome import PollOutcome, Result
from monitor.store import feeds as feed_states
from monitor.store import incidents, publications
from monitor.store.database import Database


@dataclass(frozen=True, slots=True)
class _Target:
    """One address to read. ``part`` is what people call it; a trigger is the page that shows what is new first."""

    kind: str
    url: str
    part: str
    is_trigger: bool
    conditional: bool
    may_be_missing: bool = False
    stands_in_for: str = ""


@dataclass
class _Poll:
    """What one poll has found so far."""

    at: datetime
    new: int = 0
    announced: bool = False
    gap: bool = False
    trigger_failure: FeedError | FetchError | None = None


class StreamPoller:
    """Polls streams. ``wakes`` are the ids of the registers that a release about sanctions, or an action, wakes."""

    def __init__(
        self, database: Database, fetcher: Fetcher, clock: Clock, *, wakes: Iterable[str] = ()
    ) -> None:
        self._database = database
        self._fetcher = fetcher
        self._clock = clock
        self._wakes = tuple(wakes)
        self._bodies = BodyReader(database, fetcher, self._wakes)
        self._patience: dict[tuple[str, str], datetime] = {}
        """Until when a server asked not to be asked again for a page that completes another; the trigger's wish is the schedule's."""

    async def poll(self, adapter: StreamAdapter, url: str) -> PollOutcome:
        """Read the stream's pages and bodies that are due. Nothing is raised for a source that fails."""
        feed = adapter.feed
        poll = _Poll(self._clock.now(), gap=await asyncio.to_thread(self._has_gap, feed))
        for page in feed.pages:
            dated = dated_page(page, url, poll.at)
            wanted = poll.gap and page.completes
            if wanted or await asyncio.to_thread(self._is_due, feed.id, page, dated.url, poll.at):
                await self._page(adapter, poll, page, dated)
        if adapter.read_body is not None and await self._bodies.read_due(adapter, poll.at):
            poll.announced = True
        return await asyncio.to_thread(self._conclude, feed, poll)

    def take(
        self, adapter: StreamAdapter, kind: str, url: str, body: bytes, at: datetime
    ) -> PollOutcome:
        """What becomes of a saved page, as if it had been fetched from ``url`` at that time. Synchronous."""
        poll = _Poll(at, gap=self._has_gap(adapter.feed))
        target = _Target(kind, url, kind, is_trigger=True, conditional=False)
        try:
            reading = adapter.read(Page(kind, url, body))
        except FeedError as error:
            self._page_failed(adapter.feed, poll, target, error)
        else:
            self._page_good(adapter, poll, target, None, reading)
        return self._conclude(adapter.feed, poll)

    async def _page(
        self, adapter: StreamAdapter, poll: _Poll, page: StreamPage, dated: DatedPage
    ) -> None:
        """Read one page and those that it leads to; a gap is closed once a page that completes was read with all of them."""
        is_trigger = page.every is None
        # What names further pages is asked for whole: they may have changed while it has not.
        target = _Target(
            dated.kind,
            dated.url,
            page.kind,
            is_trigger,
            conditional=is_trigger or not page.completes,
            may_be_missing=dated.may_be_missing,
            stands_in_for=page.stands_in_for,
        )
        reading = await self._read(adapter, poll, target)
        if reading is None:
            return
        complete = True
        for follow in reading.follow:
            part = follow.url.rpartition("/")[2]  # its kind may change while it stays the same page
            further = _Target(
                follow.kind, follow.url, part, False, True, may_be_missing=follow.may_be_missing
            )
            complete = await self._read(adapter, poll, further) is not None and complete
        if complete and not is_trigger and page.completes:
            poll.gap = False

    async def _read(self, adapter: StreamAdapter, poll: _Poll, target: _Target) -> Reading | None:
        """Fetch and read one page, and commit what is new on it; None when it failed."""
        feed = adapter.feed
        if poll.at < self._patience.get((feed.id, target.url), poll.at):
            return None
        try:
            fetched = await self._fetch(feed, target)
            if isinstance(fetched, NotModified):
                await asyncio.to_thread(self._page_good, adapter, poll, target, None, Reading(()))
                return Reading(())
            body = await asyncio.to_thread(take, fetched)
            page = Page(target.kind, target.url, body, fetched.content_type)
            reading = await asyncio.to_thread(adapter.read, page)
        except (FeedError, FetchError) as error:
            if target.may_be_missing and isinstance(error, NotFound):
                return Reading(())
            await asyncio.to_thread(self._page_failed, feed, poll, target, error)
            return None
        await asyncio.to_thread(self._page_good, adapter, poll, target, fetched, reading)
        return reading

    async def _fetch(self, feed: StreamFeed, target: _Target) -> Content | NotModified:
        row = await asyncio.to_thread(self._page_row, feed.id, target.kind, target.url)
        conditional = row is not None and target.conditional
        return await self._fetcher.fetch(
            target.url,
            feed=feed.id,
            validators=Validators(row.etag, row.last_modified) if row and conditional else None,
            redirect_hosts=feed.redirect_hosts,
            max_bytes=min(feed.max_bytes, MOST_BYTES),
        )

    def _page_good(
        self,
        adapter: StreamAdapter,
        poll: _Poll,
        target: _Target,
        fetched: Content | None,
        reading: Reading,
    ) -> None:
        """Commit what a page says: its new items, their bodies, its dropped items, its validators, in one transaction."""
        feed = adapter.feed
        with self._database.write() as connection:
            row = feed_states.lock(connection, feed.id)
            for register in self._wakes:
                feed_states.lock(connection, register)
            listed = list({each.key: each for each in reading.publications}.values())
            known = publications.known(connection, feed.id, [each.key for each in listed])
            poll.gap |= target.is_trigger and has_gap(listed, known, row.first_read_at)
            new = [publication for publication in listed if publication.key not in known]
            is_repeated = _is_read_well(connection, target.stands_in_for, poll.at)
            if self._list_new(connection, adapter, poll, row, new, is_repeated):
                feed_states.burst(connection, self._wakes, poll.at + BURST)
                poll.announced = True
            for listing in publications.with_body(connection, feed.id, reading.bodies):
                poll.announced |= commit_body(
                    connection,
                    adapter,
                    listing,
                    reading.bodies[listing.key],
                    poll.at,
                    self._wakes,
                    is_repeated=is_repeated,
                )
            publications.record_page(
                connection,
                feed.id,
                target.kind,
                target.url,
                read_at=poll.at,
                **(_validators(fetched) if fetched else {}),
            )
            incidents.close_where(
                connection,
                subject=subject_of(feed.id, target.part),
                kinds=FAILURE_KINDS,
                at=poll.at,
                by="it can be read again",
            )
            if fetched is not None or reading.dropped:
                self._dropped(connection, feed, poll, target, reading)

    def _dropped(
        self,
        connection: Connection,
        feed: StreamFeed,
        poll: _Poll,
        target: _Target,
        reading: Reading,
    ) -> None:
        """Open an incident for each item that was refused; what this page lists no longer ends its incident."""
        subject = subject_of(feed.id, target.part)
        refused = [
            incident_of_dropped(feed.id, feed.title, target.part, each) for each in reading.dropped
        ]
        for incident in refused:
            incidents.open_incident(connection, incident, poll.at)
        still = {incident.subject for incident in refused}
        for kind, about in incidents.open_incidents(connection, feed=feed.id):
            if about.startswith(f"{subject} ") and about not in still:
                incidents.close_incident(
                    connection, kind=kind, subject=about, at=poll.at, by="it is listed no longer"
                )

    def _list_new(
        self,
        connection: Connection,
        adapter: StreamAdapter,
        poll: _Poll,
        row: Row[Any],
        new: list[Publication],
        is_repeated: bool,
    ) -> bool:
        """Store what was not known; True when people are told of something in it."""
        feed = adapter.feed
        told = False
        newest_then = publications.newest_of_first_reading(connection, feed.id) if new else None
        for publication in reversed(new):  # oldest first, as listings are newest first
            quiet = is_quiet(publication, row.first_read_at, newest_then)
            reason = reason_to_tell_at_once(publication, poll.at, feed.witness)
            tell = None if quiet or is_repeated else reason
            publications.list_new(
                connection,
                feed,
                publication,
                has_page=adapter.read_body is not None,
                at=poll.at,
                not_before=row.last_success_at,
                quiet=quiet,
                tell=tell,
            )
            poll.new += not quiet
            told |= tell is not None
        return told

    def _page_failed(
        self, feed: StreamFeed, poll: _Poll, target: _Target, error: FeedError | FetchError
    ) -> None:
        if target.is_trigger:
            poll.trigger_failure = error
        elif asked := error.retry_after if isinstance(error, FetchError) else None:
            until = poll.at + min(asked, LONGEST_OBEDIENCE)
            self._patience[feed.id, target.url] = until
        with self._database.write() as connection:
            row = feed_states.lock(connection, feed.id)
            failures, since = publications.record_page_failure(
                connection, feed.id, target.kind, target.url, at=poll.at
            )
            failure = Failure(
                feed=feed.id,
                title=feed.title,
                part=target.part,
                reason=error.reason,
                sentence=str(error),
                transient=isinstance(error, FetchError) and error.transient,
                status=status_of(error),
                failures=failures,
                since=since,
                last_success_at=row.last_success_at,
                completes=not target.is_trigger,
            )
            if incident := incident_of_failure(failure, poll.at):
                incidents.open_incident(connection, incident, poll.at, among=among(error))
            feed_states.announce_failure(connection, failure, poll.at)

    def _conclude(self, feed: StreamFeed, poll: _Poll) -> PollOutcome:
        with self._database.write() as connection:
            row = feed_states.lock(connection, feed.id)
            if poll.trigger_failure is not None:
                return _failed(connection, row, poll, poll.trigger_failure)
            if poll.gap:
                incidents.open_incident(connection, incident_of_gap(feed.id, feed.title), poll.at)
            else:
                incidents.close_incident(
                    connection,
                    kind="gap",
                    subject=feed.id,
                    at=poll.at,
                    by="the listing joins again",
                )
            result: Result = "baseline" if row.first_read_at is None else "listed"
            sentence = _in_words(feed.title, result, poll.new)
            feed_states.record_good(
                connection,
                row,
                at=poll.at,
                outcome=result,
                detail=sentence,
                first_read_at=row.first_read_at or poll.at,
                last_change_at=poll.at if poll.new else row.last_change_at,
            )
        return PollOutcome(
            feed=feed.id,
            result=result,
            sentence=sentence,
            new=poll.new,
            announced=poll.announced,
        )

    def _has_gap(self, feed: StreamFeed) -> bool:
        """Whether a gap was found that no page has closed yet: what the listing shows is known by now, what lies before it is not.

        A stream without a page that completes the other cannot close it: it was told once, and is over when the listing joins again.
        """
        if not any(page.every is not None and page.completes for page in feed.pages):
            return False
        with self._database.read() as connection:
            return ("gap", feed.id) in incidents.open_incidents(connection, feed=feed.id)

    def _page_row(self, feed: str, kind: str, address: str) -> Row[Any] | None:
        with self._database.read() as connection:
            return publications.page(connection, feed, kind, address)

    def _is_due(self, feed: str, page: StreamPage, address: str, now: datetime) -> bool:
        if page.every is None:
            return True
        row = self._page_row(feed, page.kind, address)
        if row is None or row.read_at is None:
            return True
        # A poll may come earlier than its interval by as much: a page that is due with each is not to miss every other one.
        since: timedelta = now - row.read_at
        return since >= page.every * (1 - JITTER)


def _failed(
    connection: Connection, row: Row[Any], poll: _Poll, error: FeedError | FetchError
) -> PollOutcome:
    feed_states.record_failure(connection, row, at=poll.at, outcome=error.reason, detail=str(error))
    return PollOutcome(
        feed=row.feed,
        result="failed",
        sentence=str(error),
        reason=error.reason,
        failures=row.failures + 1,
        new=poll.new,
        announced=poll.announced,
        retry_after=error.retry_after if isinstance(error, FetchError) else None,
    )


def _is_read_well(connection: Connection, feed: str, at: datetime) -> bool:
    """Whether another stream is at work, so that what only repeats its items need not be told."""
    state = feed_states.state(connection, feed) if feed else None
    if state is None or state.failures or state.last_success_at is None:
        return False
    since: timedelta = at - state.last_success_at
    return since <= READ_LATELY


def _validators(fetched: Content) -> dict[str, Any]:
    return {
        "etag": fetched.headers.get("ETag"),
        "last_modified": fetched.headers.get("Last-Modified"),
        "sha256": fetched.sha256,
    }


def _in_words(title: str, result: Result, new: int) -> str:
    if result == "baseline":
        return f"baseline of {title}"
    return f"{title}: {new} new" if new else f"{title}: nothing new"
