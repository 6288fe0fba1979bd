"""The kinds of incident that a source opens by failing, and ends by being readable again."""

import re

from feeds.errors import FeedError
from monitor.errors import MissingEvidence
from monitor.fetch.errors import (
    Blocked,
    FetchError,
    NotFound,
    RateLimited,
    ServerError,
    UnexpectedStatus,
)


def _reasons(error: type[FeedError | FetchError]) -> set[str]:
    return {error.reason}.union(*map(_reasons, error.__subclasses__()))


READING_KINDS = frozenset(_reasons(FeedError) | _reasons(FetchError))
"""One trouble to people, however its reason changes: the source cannot be read. One incident at a time is enough."""

FAILURE_KINDS = READING_KINDS | {MissingEvidence.reason, "stale_copy"}


def among(error: FeedError | FetchError | MissingEvidence) -> frozenset[str]:
    """The kinds of incident that are the same trouble as this error's own."""
    return READING_KINDS if isinstance(error, FeedError | FetchError) else frozenset()


def status_of(error: Exception) -> int | None:
    """What a server answered, if the answer's status is why the fetch failed."""
    match error:
        case ServerError() | NotFound() | UnexpectedStatus():
            return error.status
        case Blocked():
            status = re.search(r"HTTP (\d{3})", error.sign)
            return int(status[1]) if status else None
    return 429 if isinstance(error, RateLimited) else None
