"""When a feed showed something new: the moments from which it is judged whether it has gone quiet."""

from datetime import datetime

from sqlalchemy import Connection, select

from monitor.store.tables import FEEDS, PUBLICATIONS, SNAPSHOTS


def moments_of_news(connection: Connection, feed: str) -> list[datetime]:
    """The moments at which the feed was first read, and at which it showed something new, in order."""
    first = connection.execute(select(FEEDS.c.first_read_at).where(FEEDS.c.feed == feed)).scalar()
    if first is None:
        return []
    snapshots = connection.execute(
        select(SNAPSHOTS.c.first_seen_at).where(
            SNAPSHOTS.c.feed == feed, SNAPSHOTS.c.state == "accepted"
        )
    ).scalars()
    publications = connection.execute(
        select(PUBLICATIONS.c.first_seen_at).where(PUBLICATIONS.c.feed == feed).distinct()
    ).scalars()
    return sorted({first, *snapshots, *publications})
