"""The state of feeds: one row each, locked first by every outcome of a poll.

Each function runs inside the caller's transaction, so that a poll's outcome, its incidents and its event are one commit.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from monitor.core.times import to_text
from monitor.core.watch import Failure
from monitor.store import checks, events
from monitor.store.tables import FEEDS


def lock(connection: Connection, feed: str) -> Row[Any]:
    """The feed's row, made if it is new, locked until the transaction ends."""
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(
        dialect.insert(FEEDS)
        .values(feed=feed, polls=0, older_copies=0, failures=0, last_outcome="", last_detail="")
        .on_conflict_do_nothing()
    )
    return connection.execute(select(FEEDS).where(FEEDS.c.feed == feed).with_for_update()).one()


def state(connection: Connection, feed: str) -> Row[Any] | None:
    """The feed's row as it is; None when it was never polled."""
    return connection.execute(select(FEEDS).where(FEEDS.c.feed == feed)).first()


def record_good(
    connection: Connection,
    row: Row[Any],
    *,
    at: datetime,
    outcome: str,
    detail: str = "",
    **columns: Any,
) -> None:
    """The poll answered: ``outcome`` is unchanged, accepted, held, … Further columns (validators, snapshot) as given."""
    values = {
        "polls": row.polls + 1,
        "last_polled_at": at,
        "last_success_at": at,
        "failures": 0,
        "failing_since": None,
        "last_outcome": outcome,
        "last_detail": detail,
        **columns,
    }
    connection.execute(update(FEEDS).where(FEEDS.c.feed == row.feed).values(values))
    checks.count(connection, row.feed, at, good=True)


def record_decision(connection: Connection, row: Row[Any], **columns: Any) -> None:
    """A person decided something about the feed. That is no poll: what is said of polls, good or failed, stays."""
    connection.execute(update(FEEDS).where(FEEDS.c.feed == row.feed).values(columns))


def record_failure(
    connection: Connection,
    row: Row[Any],
    *,
    at: datetime,
    outcome: str,
    detail: str,
    **columns: Any,
) -> None:
    """The poll failed: ``outcome`` is the failure's reason, ``detail`` its sentence."""
    connection.execute(
        update(FEEDS)
        .where(FEEDS.c.feed == row.feed)
        .values(
            polls=row.polls + 1,
            last_polled_at=at,
            failures=row.failures + 1,
            failing_since=row.failing_since or at,
            last_outcome=outcome,
            last_detail=detail,
            **columns,
        )
    )
    checks.count(connection, row.feed, at, good=False)


def announce_failure(connection: Connection, failure: Failure, at: datetime) -> None:
    """Append the event of a failed poll. To be called last."""
    payload = {
        "reason": failure.reason,
        "detail": failure.sentence,
        "failures": failure.failures,
        "since": to_text(failure.since),
    }
    events.append(
        connection,
        kind="poll.failed",
        at=at,
        feed=failure.feed,
        subject=failure.subject,
        payload=payload,
    )


def burst(connection: Connection, feeds: Iterable[str], until: datetime) -> None:
    """Poll these feeds in bursts until then: an authority has announced something that they are about to show."""
    for feed in feeds:
        lock(connection, feed)
        connection.execute(
            update(FEEDS)
            .where(
                FEEDS.c.feed == feed,
                or_(FEEDS.c.burst_until.is_(None), FEEDS.c.burst_until < until),
            )
            .values(burst_until=until)
        )


def plan(connection: Connection, feed: str, next_poll_at: datetime) -> None:
    """Record when the feed will be polled next, for people to see."""
    connection.execute(update(FEEDS).where(FEEDS.c.feed == feed).values(next_poll_at=next_poll_at))
