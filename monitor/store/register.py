"""The register on record: which documents are in force, and what they say."""

from collections.abc import Iterable, Iterator
from itertools import islice

from sqlalchemy import Connection, select

from monitor.core.canonical import Document, decode
from monitor.store.tables import REVISIONS

_BATCH = 500


def digests_in_force(connection: Connection, feed: str) -> dict[str, str]:
    """The digest of every record in force, by key."""
    rows = connection.execute(
        select(REVISIONS.c.key, REVISIONS.c.digest)
        .where(REVISIONS.c.feed == feed, REVISIONS.c.until_snapshot.is_(None))
        .execution_options(yield_per=5000)
    )
    return dict(map(tuple, rows))


def documents_in_force(
    connection: Connection, feed: str, keys: Iterable[str]
) -> Iterator[tuple[str, Document]]:
    """Key and document of those records in force, in batches; a key that is not in force is passed over."""
    remaining = iter(keys)
    while batch := list(islice(remaining, _BATCH)):
        rows = connection.execute(
            select(REVISIONS.c.key, REVISIONS.c.document).where(
                REVISIONS.c.feed == feed,
                REVISIONS.c.key.in_(batch),
                REVISIONS.c.until_snapshot.is_(None),
            )
        )
        for key, document in rows:
            yield key, decode(document)
