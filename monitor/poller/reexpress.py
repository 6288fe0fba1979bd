"""Express the documents on record anew when the adapter or the digest has a new version.

The bytes of the snapshot in force are read again from the archive, and the documents that come out otherwise take the place of
those on record, from the same snapshot on. Nobody is told of any change, as there is none: only our way to write it down is new.
"""

from datetime import datetime
from pathlib import Path

from feeds import RegisterAdapter
from monitor.core.canonical import DIGEST_VERSION
from monitor.poller.comparison import comparing
from monitor.store import feeds as feed_states
from monitor.store import snapshots
from monitor.store.archive import Archive
from monitor.store.database import Database


def reexpress(
    database: Database, archive: Archive, adapter: RegisterAdapter, spool: Path, at: datetime
) -> bool:
    """Bring the feed's documents to the present versions; False when they are already.

    Raises MissingEvidence when the archived bytes are gone, a FeedError when the adapter can no longer read them, and
    StaleComparison when the feed moved on meanwhile.
    """
    with database.read() as connection:
        state = feed_states.state(connection, adapter.feed.id)
        in_force = (
            snapshots.find(connection, state.snapshot_id) if state and state.snapshot_id else None
        )
    if in_force is None:
        return False
    if (in_force.adapter_version, in_force.digest_version) == (
        adapter.feed.version,
        DIGEST_VERSION,
    ):
        return False
    with (
        archive.open(in_force.sha256) as content,
        comparing(database, adapter, content, spool) as anew,
        database.write() as connection,
    ):
        row = feed_states.lock(connection, adapter.feed.id)
        snapshots.reexpress(
            connection,
            row,
            in_force,
            anew.entries(),
            adapter_version=anew.adapter_version,
            digest_version=anew.digest_version,
            register_digest=anew.register_digest,
            filled=anew.filled,
            remember=anew.fingerprints,
            at=at,
        )
    return True
