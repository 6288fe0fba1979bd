"""Evidence that the watch was kept: each poll of a feed, counted by quarters of an hour in the poll's own transaction."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, select
from sqlalchemy.dialects import postgresql, sqlite

from monitor.core.checks import Checked, Quarter, summed, with_poll
from monitor.core.digest import quarter_of
from monitor.store.tables import CHECKS, FEEDS

_MILLISECOND = timedelta(milliseconds=1)
_COLUMNS = (
    CHECKS.c.polls,
    CHECKS.c.good,
    CHECKS.c.first_good_at,
    CHECKS.c.last_good_at,
    CHECKS.c.longest_gap,
)


def count(connection: Connection, feed: str, at: datetime, *, good: bool) -> None:
    """Count one poll of the feed, whose row is locked."""
    key = {"feed": feed, "quarter": quarter_of(at)}
    row = connection.execute(
        select(*_COLUMNS).where(CHECKS.c.feed == feed, CHECKS.c.quarter == key["quarter"])
    ).first()
    quarter = with_poll(_quarter(*row) if row else Quarter(), at, good=good)
    values = {
        "polls": quarter.polls,
        "good": quarter.good,
        "first_good_at": quarter.first_good_at,
        "last_good_at": quarter.last_good_at,
        "longest_gap": quarter.longest_gap // _MILLISECOND,
    }
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(
        dialect.insert(CHECKS)
        .values(key | values)
        .on_conflict_do_update(index_elements=["feed", "quarter"], set_=values)
    )


def checked(connection: Connection, feed: str, since: datetime, until: datetime) -> Checked:
    """How the feed was checked from ``since`` to ``until``, both of which begin a quarter of an hour.

    A feed that was read for the first time within the period is judged from then on. Raises ValueError for another moment.
    """
    if quarter_of(since) != since or quarter_of(until) != until:
        raise ValueError("checks are counted by full quarters of an hour")
    first = connection.execute(select(FEEDS.c.first_read_at).where(FEEDS.c.feed == feed)).scalar()
    rows = connection.execute(
        select(*_COLUMNS)
        .where(CHECKS.c.feed == feed, CHECKS.c.quarter >= since, CHECKS.c.quarter < until)
        .order_by(CHECKS.c.quarter)
    )
    begin = first if first and since < first < until else since
    return summed((_quarter(*row) for row in rows), begin, until)


def _quarter(
    polls: int,
    good: int,
    first_good_at: datetime | None,
    last_good_at: datetime | None,
    longest_gap: int,
) -> Quarter:
    return Quarter(
        polls=polls,
        good=good,
        first_good_at=first_good_at,
        last_good_at=last_good_at,
        longest_gap=longest_gap * _MILLISECOND,
    )
