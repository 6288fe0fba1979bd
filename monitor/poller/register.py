"""One poll of a register: fetch, read, compare, guard, commit.

Reading and comparing happen outside any transaction, in a thread. Every outcome is one transaction with the feed's state, its
incidents and its event.
"""

import json
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Row

from feeds import RegisterAdapter
from feeds.base import Guard
from feeds.errors import FeedError
from monitor.core.guard import Finding, judge
from monitor.core.watch import (
    Failure,
    incident_of_failure,
    incident_of_holding,
    incident_of_namespace,
    incident_of_older_copies,
    incident_of_rejected_served,
    incidents_of_unread,
)
from monitor.errors import MissingEvidence, StaleComparison
from monitor.fetch.errors import FetchError
from monitor.poller.comparison import Comparison, Progress, comparing
from monitor.poller.failures import FAILURE_KINDS, among, status_of
from monitor.poller.held import (
    Decision,
    close_held,
    close_rejected_served,
    number_held,
    the_held,
    to_be_decided,
)
from monitor.poller.outcome import PollOutcome, Result
from monitor.poller.reexpress import reexpress
from monitor.poller.served import asked_next, is_older, known_result
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
        if known and (again := self._held_again(adapter, known, headers, at)):
            return again
        if known and (result := known_result(known, in_force)):
            return self._seen_again(adapter, result, known, headers, at)
        if in_force and is_older(headers, in_force):
            return self._seen_again(adapter, "older", in_force, None, at)
        observed = Observed(
            sha256=sha256,
            size=size,
            headers=headers,
            first_seen_at=at,
            not_before=state.confirmed_at if state and in_force else None,
        )
        try:
            return self._compare_and_commit(adapter, guard, content, observed, progress)
        except (FeedError, MissingEvidence) as error:
            self._archive.keep(content, sha256)
            return self.fail(adapter, error, at)

    def accept(
        self, adapter: RegisterAdapter, snapshot: int, *, by: str, because: str, at: datetime
    ) -> PollOutcome:
        """Accept the snapshot that is held: its archived bytes go through the same commit, with the limits waived for this content.

        One that was in force before, and that the source has gone back to, is accepted too: as a new snapshot of the same bytes.

        Raises NothingToDecide when it is neither, or when another is held in its place, and MissingEvidence when its bytes
        are gone.
        """
        decision = Decision(snapshot, by, because)
        with self._database.read() as connection:
            row = to_be_decided(connection, adapter.feed.id, snapshot)
            state = feed_states.state(connection, adapter.feed.id)
        gone_back_to = row.state == "accepted"
        observed = Observed(
            sha256=row.sha256,
            size=row.size,
            headers=json.loads(row.headers),
            first_seen_at=state.older_since if gone_back_to and state else row.first_seen_at,
            not_before=state.confirmed_at if gone_back_to and state else row.not_before,
        )

        def compare_and_accept() -> PollOutcome:
            reexpress(self._database, self._archive, adapter, self._spool, at)
            with (
                self._archive.open(row.sha256) as content,
                comparing(self._database, adapter, content, self._spool) as comparison,
            ):
                return self._commit(adapter, observed, comparison, at, decision)

        return _until_not_stale(compare_and_accept)

    def reject(self, feed: str, snapshot: int, *, by: str, because: str, at: datetime) -> None:
        """Refuse a held snapshot. Raises NothingToDecide when it is not held."""
        with self._database.write() as connection:
            feed_states.lock(connection, feed)
            row = the_held(connection, feed, snapshot)
            snapshots.reject(connection, row, by=by, because=because, at=at)
            close_held(connection, feed, at, by=f"{by} rejected snapshot {snapshot}")

    def unmodified(self, adapter: RegisterAdapter, at: datetime) -> PollOutcome:
        """Record that the server vouches for the content whose validators we sent: what is in force, held or rejected."""
        feed = adapter.feed
        with self._database.read() as connection:
            state = feed_states.state(connection, feed.id)
            served = (
                snapshots.find(connection, state.served_id) if state and state.served_id else None
            )
            in_force = (
                snapshots.find(connection, state.snapshot_id)
                if state and state.snapshot_id
                else None
            )
        result = known_result(served, in_force) if served else None
        if served and result and result != "unchanged":
            return self._seen_again(adapter, result, served, None, at)
        with self._database.write() as connection:
            row = feed_states.lock(connection, feed.id)
            sentence = f"{feed.title} is unchanged"
            feed_states.record_good(
                connection,
                row,
                at=at,
                outcome="unchanged",
                detail=sentence,
                older_since=None,
                confirmed_at=at if row.snapshot_id else None,
            )
            self._readable_again(connection, adapter, at)
            close_rejected_served(connection, feed.id, at)
        return PollOutcome(
            feed=feed.id, result="unchanged", sentence=sentence, snapshot=row.snapshot_id
        )

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
                status=status_of(error),
                failures=row.failures + 1,
                since=row.failing_since or at,
                last_success_at=row.last_success_at,
            )
            feed_states.record_failure(
                connection, row, at=at, outcome=error.reason, detail=sentence
            )
            if incident := incident_of_failure(failure, at):
                incidents.open_incident(connection, incident, at, among=among(error))
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
        def compare_and_commit() -> PollOutcome:
            reexpress(self._database, self._archive, adapter, self._spool, observed.first_seen_at)
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
                if findings := judge(comparison.counts, guard):
                    return self._hold(adapter, observed, comparison, findings)
                return self._commit(adapter, observed, comparison, observed.first_seen_at)

        return _until_not_stale(compare_and_commit)

    def _commit(
        self,
        adapter: RegisterAdapter,
        observed: Observed,
        comparison: Comparison,
        at: datetime,
        decision: Decision | None = None,
    ) -> PollOutcome:
        feed = adapter.feed
        with self._database.write() as connection:
            row = feed_states.lock(connection, feed.id)
            held_as = number_held(connection, feed.id, decision)
            self._unknown_in(connection, adapter, comparison, at)
            snapshot = snapshots.commit(
                connection,
                row,
                observed,
                _compared(comparison),
                comparison.entries(),
                at,
                held_as=held_as,
            )
            if decision:
                snapshots.decide(
                    connection,
                    snapshot,
                    state="accepted",
                    by=decision.by,
                    because=decision.because,
                )
            sentence = comparison.in_words(feed.title)
            columns: dict[str, Any] = {
                "snapshot_id": snapshot,
                "confirmed_at": observed.first_seen_at,
                "last_change_at": at if comparison.changes else row.last_change_at,
                "first_read_at": row.first_read_at or at,
                **asked_next(snapshot, observed.headers),
            }
            if decision is None:
                self._readable_again(connection, adapter, at)
                close_rejected_served(connection, feed.id, at)
                feed_states.record_good(
                    connection,
                    row,
                    at=at,
                    outcome="baseline" if comparison.is_baseline else "accepted",
                    detail=sentence,
                    older_since=None,
                    **columns,
                )
            else:
                feed_states.record_decision(connection, row, **columns, older_since=None)
                incidents.close_incident(
                    connection,
                    kind="stale_copy",
                    subject=feed.id,
                    at=at,
                    by=f"{decision.by} accepted snapshot {decision.snapshot}",
                )
            close_held(
                connection,
                feed.id,
                at,
                by=f"{decision.by} accepted snapshot {decision.snapshot}"
                if decision
                else "a later version was accepted",
            )
        return PollOutcome(
            feed=feed.id,
            result="baseline" if comparison.is_baseline else "accepted",
            sentence=sentence,
            snapshot=snapshot,
            changes=0 if comparison.is_baseline else comparison.changes,
        )

    def _hold(
        self, adapter: RegisterAdapter, observed: Observed, comparison: Comparison, findings: Any
    ) -> PollOutcome:
        feed, at = adapter.feed, observed.first_seen_at
        with self._database.write() as connection:
            row = feed_states.lock(connection, feed.id)
            if row.snapshot_id != comparison.compared_with:
                raise StaleComparison(feed.id, comparison.compared_with, row.snapshot_id)
            snapshot = snapshots.hold(connection, observed, _compared(comparison), findings, at)
            incident = incident_of_holding(
                feed.id, feed.title, snapshot, findings, is_first=comparison.is_baseline
            )
            if snapshots.overtake_held(connection, feed.id, snapshot, at):
                # People were told to decide about another content: that is over, and this one is news.
                incidents.close_incident(
                    connection,
                    kind="held",
                    subject=feed.id,
                    at=at,
                    by=f"another version is served now, which is held as snapshot {snapshot}",
                )
            incidents.open_incident(connection, incident, at)
            self._readable_again(connection, adapter, at)
            close_rejected_served(connection, feed.id, at)
            feed_states.record_good(
                connection,
                row,
                at=at,
                outcome="held",
                detail=incident.summary,
                older_since=None,
                **asked_next(snapshot, observed.headers),
            )
        return PollOutcome(
            feed=feed.id, result="held", sentence=incident.summary, snapshot=snapshot
        )

    def _held_again(
        self, adapter: RegisterAdapter, known: Row[Any], headers: dict[str, str], at: datetime
    ) -> PollOutcome | None:
        """A content that was held, and overtaken by another that is held, is served again; None when it is not that.

        People have been told of both, and a source whose servers disagree may go on like this: the open incident speaks of
        what is served now, and nobody is told anew.
        """
        feed = adapter.feed
        if known.state != "superseded" or known.adapter_version != feed.version:
            return None
        with self._database.write() as connection:
            row = feed_states.lock(connection, feed.id)
            if known.compared_with != row.snapshot_id or not snapshots.holds(connection, feed.id):
                return None
            snapshots.hold_again(connection, known, at)
            snapshots.overtake_held(connection, feed.id, known.id, at)
            findings = [Finding(**each) for each in json.loads(known.verdict)]
            incident = incident_of_holding(
                feed.id, feed.title, known.id, findings, is_first=known.compared_with is None
            )
            incidents.open_incident(connection, incident, at)
            self._readable_again(connection, adapter, at)
            close_rejected_served(connection, feed.id, at)
            feed_states.record_good(
                connection,
                row,
                at=at,
                outcome="held",
                detail=incident.summary,
                older_since=None,
                **asked_next(known.id, headers),
            )
        return PollOutcome(
            feed=feed.id, result="held", sentence=incident.summary, snapshot=known.id
        )

    def _seen_again(
        self,
        adapter: RegisterAdapter,
        result: Result,
        known: Row[Any],
        headers: dict[str, str] | None,
        at: datetime,
    ) -> PollOutcome:
        """A content that was seen before. ``headers`` are those of a new answer to be vouched for next time, None to keep them."""
        feed = adapter.feed
        sentence = {
            "unchanged": f"{feed.title} is unchanged",
            "held": f"the version of {feed.title} that is held back (snapshot {known.id}) is still served",
            "rejected": f"the version of {feed.title} that was rejected (snapshot {known.id}) is still served",
            "older": f"an older copy of {feed.title} was served; it is counted and not compared",
        }[result]
        with self._database.write() as connection:
            row = feed_states.lock(connection, feed.id)
            columns: dict[str, Any] = {} if headers is None else asked_next(known.id, headers)
            if result == "older":
                since = row.older_since or at
                # It tells nothing of what is published now: no success.
                in_archive = known.id != row.snapshot_id
                if not in_archive and row.older_since:
                    # What was vouched for may be another older copy, which is not what is served now.
                    columns = asked_next(known.id, json.loads(known.headers))
                columns |= {
                    "older_copies": row.older_copies + 1,
                    "older_since": since,
                    "last_success_at": row.last_success_at,
                }
                served = known.id if in_archive else None
                if incident := incident_of_older_copies(feed.id, feed.title, since, at, served):
                    incidents.open_incident(connection, incident, at)
                    close_rejected_served(connection, feed.id, at)
            else:
                columns["older_since"] = None
                self._readable_again(connection, adapter, at)
            if result == "rejected":
                incident = incident_of_rejected_served(feed.id, feed.title, known.id)
                incidents.open_incident(connection, incident, at)
            elif result != "older":  # a single older copy tells nothing of what is published now
                close_rejected_served(connection, feed.id, at)
            if result == "unchanged":
                columns["confirmed_at"] = at
                snapshots.withdraw_held(connection, feed.id, at)
                close_held(connection, feed.id, at, by="the version in force is served again")
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

    def _unknown_in(
        self, connection: Connection, adapter: RegisterAdapter, comparison: Comparison, at: datetime
    ) -> None:
        """Open an incident for each thing that we do not know; a whole reading without one ends its incident."""
        feed = adapter.feed
        unknown = incidents_of_unread(feed.id, feed.title, comparison.unread)
        if feed.namespaces and comparison.namespace not in ("", *feed.namespaces):
            unknown.append(incident_of_namespace(feed.id, feed.title, comparison.namespace))
        for incident in unknown:
            incidents.open_incident(connection, incident, at)
        still = {(incident.kind, incident.subject) for incident in unknown}
        still |= {("unknown_content", f"{feed.id} {each.path}") for each in comparison.unread}
        for kind, subject in incidents.open_incidents(connection, feed=feed.id):
            if kind in ("unknown_content", "new_namespace") and (kind, subject) not in still:
                incidents.close_incident(
                    connection, kind=kind, subject=subject, at=at, by="the list holds it no longer"
                )


def _until_not_stale(attempt: Callable[[], PollOutcome]) -> PollOutcome:
    """Compare again, a few times, when the feed moves on meanwhile."""
    for _ in range(_ATTEMPTS - 1):
        with suppress(StaleComparison):
            return attempt()
    return attempt()


def _compared(comparison: Comparison) -> Compared:
    return Compared(
        feed=comparison.feed,
        compared_with=comparison.compared_with,
        counts=comparison.counts,
        stated_date=comparison.head.stated_date,
        filled=comparison.filled,
        register_digest=comparison.register_digest,
        changes_digest=comparison.changes_digest,
        adapter_version=comparison.adapter_version,
        digest_version=comparison.digest_version,
        fingerprints=comparison.fingerprints,
    )
