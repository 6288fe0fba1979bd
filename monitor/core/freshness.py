"""A source that has published nothing new for longer than it ever did is not assumed to have nothing to say.

Every poll may have been answered, and the answer may have been the same old file for weeks: lists have been frozen in place while
their successor stood elsewhere.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from monitor.core.watch import Incident
from monitor.core.words import counted, moment_words

STALE = "stale"


def patience(moments: Sequence[datetime], quiet_at_most: timedelta) -> timedelta:
    """How long a source may be quiet: as its adapter says, or as long as it ever was between two of ``moments`` (in order)."""
    return max([quiet_at_most, *(later - earlier for earlier, later in pairwise(moments))])


def incident_of_staleness(
    feed: str,
    title: str,
    moments: Sequence[datetime],
    quiet_at_most: timedelta,
    now: datetime,
) -> Incident | None:
    """The incident of a source with nothing new since the last of ``moments``, or None while that is nothing unusual."""
    if not moments:
        return None
    quiet, longest = now - moments[-1], patience(moments, quiet_at_most)
    if quiet <= longest:
        return None
    return Incident(
        kind=STALE,
        subject=feed,
        feed=feed,
        severity="high",
        summary=f"nothing new from {title} for {counted(quiet.days, 'day')}",
        detail=(
            f"The last was first seen on {moment_words(moments[-1])}; such a pause has never been longer than "
            f"{counted(longest.days, 'day')}. The source answers, but it may have moved, or may be frozen."
        ),
        what_to_do="Look at the source in a browser. See docs/operations.md#stale",
    )
