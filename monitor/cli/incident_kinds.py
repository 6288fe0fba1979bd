"""The kinds of incidents that there are: the reasons of errors, and those that are noticed otherwise."""

from feeds.errors import FeedError
from monitor.errors import MissingEvidence
from monitor.fetch.errors import FetchError

_NOTICED = (
    "alert_not_written",
    "announced_not_listed",
    "channel_disabled",
    "channel_unreachable",
    "delivery_dead",
    "dossier_not_kept",
    "foreign_url",
    "gap",
    "held",
    "listed_not_announced",
    "new_namespace",
    "not_built",
    "poll_broke_down",
    "record_lost",
    "rejected_served",
    "stale",
    "stale_copy",
    "unknown_content",
    "witnesses_disagree",
)


def incident_kinds() -> set[str]:
    """Every kind of incident that this version can open; docs/operations.md has a section for each."""
    return {*_NOTICED, MissingEvidence.reason, *_reasons(FeedError), *_reasons(FetchError)}


def _reasons(error: type[FeedError] | type[FetchError]) -> set[str]:
    return {error.reason}.union(*map(_reasons, error.__subclasses__()))
