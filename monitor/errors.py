"""The family tree of errors that the service itself raises.

::

    feeds.errors.FeedError              a source is not what it was (nothing of it may be taken for news)
    monitor.fetch.errors.FetchError     a source could not be fetched
    monitor.config.ConfigurationError   a setting is wrong; names file, key, value and what would be right
    MonitorError
    ├── StaleComparison                 the feed moved on since the comparison: compare again
    ├── ServiceIsRunning                a running service holds the data; the command would disturb it
    ├── MissingEvidence                 archived bytes that the database promises are not there or are altered
    ├── UnusableData                    the data directory or the database cannot be used
    ├── CannotListen                    the address to serve pages on is taken or is not ours
    └── NothingToDecide                 a snapshot is not what is held (any more): there is nothing to accept or reject

Expected outcomes (not modified, held, retry later) are return values. Facts are fields; the sentence is made in ``__str__``.
"""

from dataclasses import dataclass
from typing import ClassVar


class MonitorError(Exception):
    """Anything that the service itself raises."""

    reason: ClassVar[str] = "internal"


@dataclass(eq=False)
class StaleComparison(MonitorError):
    """The feed moved on between the comparison and its commit."""

    feed: str
    compared_with: int | None
    in_force: int | None
    reason: ClassVar[str] = "stale_comparison"

    def __str__(self) -> str:
        return (
            f"{self.feed}: compared with snapshot {self.compared_with}, but {self.in_force} is in force now; "
            "the comparison is made again"
        )


@dataclass(eq=False)
class ServiceIsRunning(MonitorError):
    """A running service holds the data."""

    where: str
    reason: ClassVar[str] = "service_is_running"

    def __str__(self) -> str:
        return (
            f"a service is running on {self.where}: stop it first, or let it do this itself "
            "(it polls by itself; accept, reject and retry are performed by it)"
        )


@dataclass(eq=False)
class MissingEvidence(MonitorError):
    """Archived bytes that the database promises are not there, or are not what they were."""

    sha256: str
    what: str
    reason: ClassVar[str] = "missing_evidence"

    def __str__(self) -> str:
        return f"the archived file {self.sha256[:12]}… {self.what}: restore it from a backup, then run `verify`"


@dataclass(eq=False)
class NothingToDecide(MonitorError):
    """A snapshot is not held, or not any more. ``instead`` is the one of its list that is held in its place, if one is."""

    snapshot: int
    state: str
    instead: int | None = None
    reason: ClassVar[str] = "nothing_to_decide"

    def __str__(self) -> str:
        if self.instead is not None:
            return (
                f"snapshot {self.snapshot} is {self.state}: the source has served another version since, which is held as "
                f"snapshot {self.instead}; look at that one, and decide about it"
            )
        return f"snapshot {self.snapshot} is {self.state}: there is nothing to accept or reject"


@dataclass(eq=False)
class UnusableData(MonitorError):
    """The data directory cannot be written to, or the database cannot be reached or is of another version."""

    where: str
    detail: str
    reason: ClassVar[str] = "unusable_data"

    def __str__(self) -> str:
        return f"the data ({self.where}) cannot be used: {self.detail.rstrip('.')}. Nothing was started"


@dataclass(eq=False)
class CannotListen(MonitorError):
    """The address that pages are to be served on is taken, or is not this machine's."""

    address: str
    detail: str
    reason: ClassVar[str] = "cannot_listen"

    def __str__(self) -> str:
        return (
            f"cannot listen on {self.address}: {self.detail}. Set listen to a free address of this machine, "
            "such as 127.0.0.1:8081"
        )
