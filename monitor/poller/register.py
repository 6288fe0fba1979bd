"""One poll of a register: fetch, read, compare, guard, commit.

Reading and comparing happen outside any transaction, in a thread. Every outcome is one transaction with the feed's state, its
incidents and its event.
"""

import json
from collections.abc import Callable
from datetime import datetime
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row

from feeds import RegisterAdapter
from feeds.base import Guard
from feeds.errors import FeedError
from monitor.core.guard import judge
from monitor.core.watch import (
    Failure,
    incident_of_failure,
    incident_of_holding,
    incident_of_namespace,
    incident_of_older_copies,
    incidents_of_unread,
)
from monitor.errors import MissingEvidence, NothingToDecide, StaleComparison
from monitor.fetch.errors import FetchError
from monitor.poller.comparison import Comparison, Progress, comparing
from monitor.poller.failures import FAILURE_KINDS
from monitor.poller.outcome import PollOutcome, Result
from monitor.poller.reexpress import reexpress
from monitor.store import feeds as feed_states
from monitor.store import incidents, snapshots
from monitor.store.archive import Archive
from monitor.store.database import Database
from monitor.store.snapshots import Compared, Observed

_ATTEMPTS = 5
"""How often a comparison is made again when the feed moves on meanwhile."""


class RegisterTaker:
    """Takes a register's content through reading, comparing, guarding and the first commit. Synchronous: runs in a thread."""

    def __init__(
        self,
        database: Database,
        archive: Archive,
        spool: Path,
        *,
        stopping: Callable[[], bool] = lambda: False,
    ) -> None:
        self._database = database
        self._archive = archive
        self._spool = spool
        self._stopping = stopping

    def take(
        self,
        adapter: RegisterAdapter,
        guard: Guard,
        content: Path,
        *,
        sha256: str,
        size: int,
        headers: dict[str, str],
        at: datetime,
        progress: Progress | None = None,
    ) -> PollOutcome:
        """What becomes of a content that was fetched whole. ``at`` is when it was seen.

        Nothing is raised for a content that cannot be read: that is an outcome, and an incident.
        """
        feed = adapter.feed
        with self._database.read() as connection:
            state = feed_states.state(connection, feed.id)
            known = snapshots.seen_before(connection, feed.id, sha256)
            in_force = (
                snapshots.find(connection, state.snapshot_id)
                if state and state.snapshot_id
                else None
            )
        if known and (result := _known_result(known, in_force)):
            return self._seen_again(adapter, result, known, headers, at)
        if in_force and _is_older(headers, in_force):
            return self._seen_again(adapter, "older", in_force, {}, at)
        observed = Observed(
            sha256=sha256,
            size=size,
            headers=headers,
            first_seen_at=at,
            not_before=state.last_success_at if state and in_force else None,
        )
        try:
            return self._compare_and_commit(adapter, guard, content, observed, progress)
        except (FeedError, MissingEvidence) as error:
            self._archive.keep(content, sha256)
            return self.fail(adapter, error, at)

    def accept(
        self, adapter: RegisterAdapter, snapshot: int, *, by: str, because: str, at: datetime
    ) -> PollOutcome:
        """Accept a held snapshot: its archived bytes go through the same commit, with the limits waived for this content.

        Raises NothingToDecide when it is not held, MissingEvidence when its bytes are gone.
        """
        with self._database.read() as connection:
            row = snapshots.find(connection, snapshot)
        if row is None or row.state != "held" or row.feed != adapter.feed.id:
            raise NothingToDecide(snapshot, row.state if row else "unknown")
        observed = Observed(
            sha256=row.sha256,
            size=row.size,
            headers=json.loads(row.headers),
            first_seen_at=row.first_seen_at,
            not_before=row.not_before,
        )
        for attempt in range(1, _ATTEMPTS + 1):
            with (
                self._archive.open(row.sha256) as content,
                comparing(self._database, adapter, content, self._spool) as comparison,
            ):
                try:
                    return self._commit(
                        adapter, observed, comparison, at, held_as=snapshot, by=by, because=because
                    )
                except StaleComparison:
                    if attempt == _ATTEMPTS:
                        raise
        raise AssertionError("unreachable: the last attempt returns or raises")

    def reject(self, feed: str, snapshot: int, *, by: str, because: str, at: datetime) -> None:
        """Refuse a held snapshot. Raises NothingToDecide when it is not held."""
        with self._database.write() as connection:
            feed_states.lock(connection, feed)
            row = snapshots.find(connection, snapshot)
            if row is None or row.feed != feed:
                raise NothingToDecide(snapshot, "unknown")
            snapshots.reject(connection, row, by=by, because=because, at=at)
            incidents.close_incident(
                connection,
                kind="held",
                subject=feed,
                at=at,
                by=f"{by} rejected snapshot {snapshot}",
            )

    def unmodified(self, adapter: RegisterAdapter, at: datetime) -> PollOutcome:
        """Record that the server vouches for the content whose validators we sent."""
        with self._database.write() as connection:
            row = feed_states.lock(connection, adapter.feed.id)
            sentence = f"{adapter.feed.title} is unchanged"
            outcome = "held" if row.last_outcome == "held" else "unchanged"
            feed_states.record_good(
                connection, row, at=at, outcome=outcome, detail=sentence, older_since=None
            )
            self._readable_again(connection, adapter, at)
        return PollOutcome(feed=adapter.feed.id, result="unchanged", sentence=sentence)

    def fail(
        self,
        adapter: RegisterAdapter,
        error: FeedError | FetchError | MissingEvidence,
        at: datetime,
    ) -> PollOutcome:
        """Record that a poll brought nothing that can be used, and why."""
        feed = adapter.feed
        sentence = str(error)
        with self._database.write() as connection:
            row = feed_states.lock(connection, feed.id)
            failure = Failure(
                feed=feed.id,
                title=feed.title,
                reason=error.reason,
                sentence=sentence,
                transient=isinstance(error, FetchError) and error.transient,
                failures=row.failures + 1,
                since=row.failing_since or at,
                last_success_at=row.last_success_at,
            )
            feed_states.record_failure(
                connection, row, at=at, outcome=error.reason, detail=sentence
            )
            if incident := incident_of_failure(failure, at):
                incidents.open_incident(connection, incident, at)
            feed_states.announce_failure(connection, failure, at)
        return PollOutcome(
            feed=feed.id,
            result="failed",
            sentence=sentence,
            reason=error.reason,
            failures=failure.failures,
            retry_after=error.retry_after if isinstance(error, FetchError) else None,
        )

    def _compare_and_commit(
        self,
        adapter: RegisterAdapter,
        guard: Guard,
        content: Path,
        observed: Observed,
        progress: Progress | None,
    ) -> PollOutcome:
        reexpress(self._database, self._archive, adapter, self._spool, observed.first_seen_at)
        for attempt in range(1, _ATTEMPTS + 1):
            with (
                content.open("rb") as file,
                comparing(
                    self._database,
                    adapter,
                    file,
                    self._spool,
                    progress=progress,
                    stopping=self._stopping,
                ) as comparison,
            ):
                self._archive.keep(content, observed.sha256)
                try:
                    if findings := judge(comparison.counts, guard):
                        return self._hold(adapter, observed, comparison, findings)
                    return self._commit(adapter, observed, comparison, observed.first_seen_at)
                except StaleComparison:
                    if attempt == _ATTEMPTS:
                        raise
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _commit(
        self,
        adapter: RegisterAdapter,
        observed: Observed,
        comparison: Comparison,
        at: datetime,
        *,
        held_as: int | None = None,
        by: str = "",
        because: str = "",
    ) -> PollOutcome:
        feed = adapter.feed
        with self._database.write() as connection:
            row = feed_states.lock(connection, feed.id)
            if held_as is not None:
                held = snapshots.find(connection, held_as)
                if held is None or held.state != "held":
                    raise NothingToDecide(held_as, held.state if held else "unknown")
                snapshots.decide(connection, held_as, state="held", by=by, because=because)
            for incident in incidents_of_unread(feed.id, feed.title, comparison.unread):
                incidents.open_incident(connection, incident, at)
            if feed.namespaces and comparison.namespace not in ("", *feed.namespaces):
                incident = incident_of_namespace(feed.id, feed.title, comparison.namespace)
                incidents.open_incident(connection, incident, at)
            self._readable_again(connection, adapter, at)
            self._known_again(connection, feed.id, comparison, at)
            incidents.close_incident(
                connection,
                kind="held",
                subject=feed.id,
                at=at,
                by=f"{by} accepted snapshot {held_as}"
                if held_as
                else "a later version was accepted",
            )
            snapshot = snapshots.commit(
                connection,
                row,
                observed,
                _compared(comparison),
                comparison.entries(),
                at,
                held_as=held_as,
            )
            sentence = _in_words(feed.title, comparison)
            columns: dict[str, Any] = {} if held_as else _validators(observed.headers)
            feed_states.record_good(
                connection,
                row,
                at=at,
                outcome="baseline" if comparison.is_baseline else "accepted",
                detail=sentence,
                snapshot_id=snapshot,
                last_change_at=at if _changes(comparison) else row.last_change_at,
                first_read_at=row.first_read_at or at,
                older_since=None,
                **columns,
            )
        return PollOutcome(
            feed=feed.id,
            result="baseline" if comparison.is_baseline else "accepted",
            sentence=sentence,
            snapshot=snapshot,
            changes=0 if comparison.is_baseline else _changes(comparison),
        )

    def _hold(
        self, adapter: RegisterAdapter, observed: Observed, comparison: Comparison, findings: Any
    ) -> PollOutcome:
        feed, at = adapter.feed, observed.first_seen_at
        with self._database.write() as connection:
            row = feed_states.lock(connection, feed.id)
            snapshot = snapshots.hold(connection, observed, _compared(comparison), findings, at)
            incident = incident_of_holding(feed.id, feed.title, snapshot, findings)
            incidents.open_incident(connection, incident, at)
            self._readable_again(connection, adapter, at)
            feed_states.record_good(
                connection,
                row,
                at=at,
                outcome="held",
                detail=incident.summary,
                older_since=None,
                **_validators(observed.headers),
            )
        return PollOutcome(
            feed=feed.id, result="held", sentence=incident.summary, snapshot=snapshot
        )

    def _seen_again(
        self,
        adapter: RegisterAdapter,
        result: Result,
        known: Row[Any],
        headers: dict[str, str],
        at: datetime,
    ) -> PollOutcome:
        feed = adapter.feed
        sentence = {
            "unchanged": f"{feed.title} is unchanged",
            "held": f"the version of {feed.title} that is held back (snapshot {known.id}) is still served",
            "rejected": f"the version of {feed.title} that was rejected (snapshot {known.id}) is still served",
            "older": f"an older copy of {feed.title} was served; it is counted and not compared",
        }[result]
        with self._database.write() as connection:
            row = feed_states.lock(connection, feed.id)
            columns: dict[str, Any] = _validators(headers)
            if result == "older":
                since = row.older_since or at
                columns = {"older_copies": row.older_copies + 1, "older_since": since}
                if incident := incident_of_older_copies(feed.id, feed.title, since, at):
                    incidents.open_incident(connection, incident, at)
            else:
                columns["older_since"] = None
                self._readable_again(connection, adapter, at)
            if result == "unchanged":
                snapshots.withdraw_held(connection, feed.id, at)
                incidents.close_incident(
                    connection,
                    kind="held",
                    subject=feed.id,
                    at=at,
                    by="the version in force is served again",
                )
            feed_states.record_good(
                connection, row, at=at, outcome=result, detail=sentence, **columns
            )
        return PollOutcome(feed=feed.id, result=result, sentence=sentence, snapshot=known.id)

    def _readable_again(
        self, connection: Connection, adapter: RegisterAdapter, at: datetime
    ) -> None:
        incidents.close_where(
            connection,
            subject=adapter.feed.id,
            kinds=FAILURE_KINDS,
            at=at,
            by="it can be read again",
        )

    def _known_again(
        self, connection: Connection, feed: str, comparison: Comparison, at: datetime
    ) -> None:
        """A whole reading without what we did not know ends those incidents."""
        still = {f"{feed} {unread.path}" for unread in comparison.unread}
        for kind, subject in incidents.open_incidents(connection, feed=feed):
            if kind == "unknown_content" and subject not in still:
                incidents.close_incident(
                    connection, kind=kind, subject=subject, at=at, by="the list holds it no longer"
                )


def _known_result(known: Row[Any], in_force: Row[Any] | None) -> Result | None:
    if in_force is not None and known.sha256 == in_force.sha256:
        return "unchanged"
    results: dict[str, Result] = {"held": "held", "rejected": "rejected", "accepted": "older"}
    return results.get(known.state)  # a superseded one is looked at again


def _is_older(headers: dict[str, str], in_force: Row[Any]) -> bool:
    """By Last-Modified, which edges of a content network serve differently; unknown counts as not older."""
    now, before = (
        _http_date(each.get("Last-Modified")) for each in (headers, json.loads(in_force.headers))
    )
    return now is not None and before is not None and now < before


def _http_date(text: str | None) -> datetime | None:
    try:
        return parsedate_to_datetime(text) if text else None
    except ValueError:
        return None


def _validators(headers: dict[str, str]) -> dict[str, Any]:
    return {"etag": headers.get("ETag"), "last_modified": headers.get("Last-Modified")}


def _compared(comparison: Comparison) -> Compared:
    return Compared(
        feed=comparison.feed,
        compared_with=comparison.compared_with,
        counts=comparison.counts,
        stated_date=comparison.head.stated_date,
        register_digest=comparison.register_digest,
        changes_digest=comparison.changes_digest,
        adapter_version=comparison.adapter_version,
        digest_version=comparison.digest_version,
        fingerprints=comparison.fingerprints,
    )


def _changes(comparison: Comparison) -> int:
    counts = comparison.counts
    return counts.added + counts.removed + counts.amended


def _in_words(title: str, comparison: Comparison) -> str:
    counts = comparison.counts
    published = (
        f" as published on {comparison.head.stated_date}" if comparison.head.stated_date else ""
    )
    if comparison.is_baseline:
        return f"baseline of {title}: {counts.records:,} records{published}"
    if not _changes(comparison):
        return f"a new version of {title}{published} with the same content"
    return (
        f"{title}{published}: {counts.added:,} added, {counts.removed:,} removed, "
        f"{counts.amended:,} amended"
    )
