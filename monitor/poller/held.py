"""What is held, and what a person may decide about it.

One content of a feed is held at a time: the one that the source serves. Only about that, and about an earlier version that the
source has gone back to, is there anything to decide.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from monitor.errors import NothingToDecide
from monitor.store import feeds as feed_states
from monitor.store import incidents, snapshots


@dataclass(frozen=True, slots=True)
class Decision:
    """Who accepts which snapshot, and why."""

    snapshot: int
    by: str
    because: str


def the_held(connection: Connection, feed: str, snapshot: int) -> Row[Any]:
    """The snapshot, if it is the one of this feed that is to be decided about; else NothingToDecide names the one that is."""
    row = snapshots.find(connection, snapshot)
    if row is None or row.feed != feed:
        raise NothingToDecide(snapshot, "unknown")
    newest = snapshots.newest_held(connection, feed)
    if row.state != "held" or newest != snapshot:
        raise NothingToDecide(snapshot, row.state, newest)
    return row


def to_be_decided(connection: Connection, feed: str, snapshot: int) -> Row[Any]:
    """The snapshot, if it is held, or if it was in force before and is what the source serves now."""
    row = snapshots.find(connection, snapshot)
    state = feed_states.state(connection, feed)
    if row is not None and row.feed == feed and row.state == "accepted" and state is not None:
        in_force = state.snapshot_id == snapshot
        if state.older_since is not None and state.served_id == snapshot and not in_force:
            return row
    return the_held(connection, feed, snapshot)


def number_held(connection: Connection, feed: str, decision: Decision | None) -> int | None:
    """The number that a decision is about, if that is held (still); None for what becomes a new snapshot."""
    if decision is None:
        return None
    row = to_be_decided(connection, feed, decision.snapshot)
    return decision.snapshot if row.state == "held" else None


def close_rejected_served(connection: Connection, feed: str, at: datetime) -> None:
    """Close the incident of a rejected version that was still served."""
    incidents.close_incident(
        connection, kind="rejected_served", subject=feed, at=at, by="another version is served"
    )


def close_held(connection: Connection, feed: str, at: datetime, *, by: str) -> None:
    """Close the incident of what was held, unless something else still is."""
    if not snapshots.holds(connection, feed):
        incidents.close_incident(connection, kind="held", subject=feed, at=at, by=by)
