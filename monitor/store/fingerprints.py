"""The remembered bytes of each register, one packed row a feed; see :mod:`monitor.core.fingerprints`."""

from sqlalchemy import Connection, delete, insert, select

from monitor.core.fingerprints import Fingerprints
from monitor.store.tables import FINGERPRINTS


def load(connection: Connection, feed: str) -> Fingerprints | None:
    """What is remembered of the feed's bytes; it may be of any snapshot: ask it before it is used."""
    row = connection.execute(
        select(FINGERPRINTS.c.context, FINGERPRINTS.c.raws, FINGERPRINTS.c.lines).where(
            FINGERPRINTS.c.feed == feed
        )
    ).first()
    return Fingerprints(*row) if row else None


def replace(connection: Connection, feed: str, fingerprints: Fingerprints) -> None:
    """Remember these instead of what was remembered."""
    connection.execute(delete(FINGERPRINTS).where(FINGERPRINTS.c.feed == feed))
    connection.execute(
        insert(FINGERPRINTS).values(
            feed=feed,
            context=fingerprints.context,
            raws=fingerprints.raws,
            lines=fingerprints.lines,
        )
    )
