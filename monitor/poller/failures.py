"""The kinds of incident that a source opens by failing, and ends by being readable again."""

from feeds.errors import FeedError
from monitor.errors import MissingEvidence
from monitor.fetch.errors import FetchError


def _reasons(error: type[FeedError | FetchError]) -> set[str]:
    return {error.reason}.union(*map(_reasons, error.__subclasses__()))


FAILURE_KINDS = frozenset(
    _reasons(FeedError) | _reasons(FetchError) | {MissingEvidence.reason, "stale_copy"}
)
