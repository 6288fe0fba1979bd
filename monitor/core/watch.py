"""What of our own watch going wrong is an incident, and its words.

One failed attempt of the kind that passes by itself disturbs nobody; three in a row do. A source that is not what it was, or
that serves something else, is told at once. A page that only completes another (a yearly file beside a listing) may fail for an
hour first, as the other goes on working.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from feeds.base import Dropped, Unread
from monitor.core.guard import Finding

PATIENCE = 3
"""Transient failures in a row before people hear of it."""

PATIENCE_WITH_A_COMPLETING_PAGE = timedelta(hours=1)
PATIENCE_WITH_OLDER_COPIES = timedelta(hours=1)

_RUNBOOK = "See docs/operations.md"
_MOST_UNREAD = 20
_LONGEST_DETAIL = 2000

_CAUSES = {
    "blocked": "we are refused",
    "rate_limited": "we are told that we ask too often",
    "server_error": "the source reports an error of its own",
    "not_found": "there is nothing at the address",
    "unreachable": "no connection",
    "stalled": "nothing came through the connection",
    "too_slow": "it did not come whole in time",
    "too_large": "it is larger than it may be",
    "truncated": "it is not whole",
    "forbidden_redirect": "we are sent to another host",
    "forbidden_address": "its address is never asked",
    "unexpected_content": "something else is served in its place",
    "shape_changed": "its format has changed",
    "empty_listing": "it lists nothing",
    "count_mismatch": "its own count is wrong",
    "repeated_key": "two records carry one number",
    "forbidden_markup": "it holds markup that is refused",
    "missing_evidence": "an archived file is missing",
}
"""Why something cannot be read, in a few words for a heading."""

FURTHER = "(further paths)"
"""Stands in a subject for all paths beyond the first twenty."""


@dataclass(frozen=True, kw_only=True)
class Incident:
    """What is wrong, in words for people. ``kind`` and ``subject`` together make it one and the same incident.

    ``summary`` says what happened and to what in one line; ``detail`` what follows from it; ``what_to_do`` the next step.
    ``since`` is when it began, if that was before it is told of. No field holds a secret.
    """

    kind: str
    subject: str
    feed: str | None
    severity: str
    summary: str
    detail: str
    what_to_do: str
    since: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Failure:
    """One failed attempt. ``reason`` and ``sentence`` are the error's own, ``status`` what a server answered, if that is why.

    ``part`` names the page of a stream ("" for a register); ``completes`` tells that the page only completes another.
    ``failures`` counts this one, ``since`` is when the row of failures began.
    """

    feed: str
    title: str
    reason: str
    sentence: str
    transient: bool
    failures: int
    since: datetime
    last_success_at: datetime | None
    part: str = ""
    completes: bool = False
    status: int | None = None

    @property
    def subject(self) -> str:
        """What fails: the feed, or one page of it."""
        return subject_of(self.feed, self.part)


def subject_of(feed: str, part: str = "") -> str:
    """The subject of an incident about a feed or one page of it."""
    return f"{feed}/{part}" if part else feed


def incident_of_failure(failure: Failure, now: datetime) -> Incident | None:
    """The incident that a failed attempt is, or None while it need not disturb anybody."""
    if failure.transient and not _lasts(failure, now):
        return None
    what = f"{failure.title} ({failure.part})" if failure.part else failure.title
    seen = (
        f"What we hold was checked last at {_clock(failure.last_success_at)}. "
        "Nothing published since would be known to us."
        if failure.last_success_at
        else "It has never been read."
    )
    if failure.completes:
        seen = "The other pages of this source are read as before."
    return Incident(
        kind=failure.reason,
        subject=failure.subject,
        feed=failure.feed,
        severity="medium" if failure.completes else "high",
        summary=f"{what} cannot be read: {_cause(failure)}, since {_clock(failure.since)}",
        detail=f"{failure.sentence.rstrip('.')}. {seen} Polling goes on.",
        what_to_do=f"{_RUNBOOK}#{failure.reason}",
        since=failure.since,
    )


def incident_of_holding(
    feed: str, title: str, snapshot: int, findings: Iterable[Finding], *, is_first: bool = False
) -> Incident:
    """The incident of a snapshot that is held back, with its numbers; ``is_first`` if no version is in force."""
    reasons = "; ".join(finding.sentence for finding in findings)
    return Incident(
        kind="held",
        subject=feed,
        feed=feed,
        severity="high",
        summary=f"a new version of {title} is held back: {reasons}",
        detail=(
            "Nobody has been told of any change from it; "
            + ("no version is in force" if is_first else "the version before it stays in force")
            + ", and polling goes on. A later version that is within the limits takes its place by itself."
        ),
        what_to_do=(
            f"Compare it with the source, then `sanctions-monitor snapshot accept {snapshot} --because …` "
            f"or `… reject {snapshot} --because …`. {_RUNBOOK}#held"
        ),
    )


def incident_of_rejected_served(feed: str, title: str, snapshot: int) -> Incident:
    """The incident of a list that still serves what a person refused: what is in force grows old meanwhile."""
    return Incident(
        kind="rejected_served",
        subject=feed,
        feed=feed,
        severity="medium",
        summary=f"the rejected version of {title} (snapshot {snapshot}) is still served",
        detail=(
            "The version before it stays in force, and nothing that is published in this version is known to us. "
            "Polling goes on; the next version that is served is compared with the one in force."
        ),
        what_to_do=f"Ask the source when it will be put right. {_RUNBOOK}#rejected_served",
    )


def incidents_of_unread(feed: str, title: str, unread: Iterable[Unread]) -> list[Incident]:
    """One incident for each path in the source that is neither represented nor ignored, with one example."""
    by_path: dict[str, Unread] = {}
    for each in unread:
        by_path.setdefault(each.path, each)
    further = list(by_path)[_MOST_UNREAD:]
    named = [
        Incident(
            kind="unknown_content",
            subject=f"{feed} {each.path}",
            feed=feed,
            severity="medium",
            summary=f"{title} holds something that we do not know: {each.path}",
            detail=(f"For example {each.example!r}. " if each.example else "")
            + "The list goes on being watched; changes in this field alone are not reported.",
            what_to_do=f"Have the adapter take it or ignore it by name. {_RUNBOOK}#unknown_content",
        )
        for each in list(by_path.values())[:_MOST_UNREAD]
    ]
    return [*named, _incident_of_further(feed, title, further)] if further else named


def _incident_of_further(feed: str, title: str, paths: list[str]) -> Incident:
    return Incident(
        kind="unknown_content",
        subject=f"{feed} {FURTHER}",
        feed=feed,
        severity="medium",
        summary=f"{title} holds {len(paths)} further things that we do not know",
        detail=f"{', '.join(paths)[:_LONGEST_DETAIL]}. The publisher has probably changed the format.",
        what_to_do=f"Compare the format with what the adapter expects. {_RUNBOOK}#unknown_content",
    )


def incident_of_namespace(feed: str, title: str, namespace: str) -> Incident:
    """The incident of a list whose XML namespace was never seen before, though all of its records could be read."""
    return Incident(
        kind="new_namespace",
        subject=feed,
        feed=feed,
        severity="medium",
        summary=f"{title} has a new XML namespace",
        detail=f"It is {namespace!r}. Every record could be read; the publisher may be changing the format.",
        what_to_do=f"Compare the format with what the adapter expects. {_RUNBOOK}#new_namespace",
    )


def incident_of_older_copies(
    feed: str, title: str, since: datetime, now: datetime, snapshot: int | None = None
) -> Incident | None:
    """The incident of a source that has served only older copies for an hour; ``snapshot`` is the one served now, if known."""
    if now - since < PATIENCE_WITH_OLDER_COPIES:
        return None
    return Incident(
        kind="stale_copy",
        subject=feed,
        feed=feed,
        severity="high",
        summary=f"only older copies of {title} have been served since {_clock(since)}",
        detail=(
            "Each answer is older than the version in force. Anything published since would be unknown to us."
            + (
                f" What is served now was in force before, as snapshot {snapshot}."
                if snapshot
                else ""
            )
        ),
        what_to_do=(
            "Look at the source in a browser."
            + (
                " If it has gone back to that version for good: "
                f"`sanctions-monitor snapshot accept {snapshot} --because …`."
                if snapshot
                else ""
            )
            + f" {_RUNBOOK}#stale_copy"
        ),
    )


def incident_of_lost_record() -> Incident:
    """The incident of a service that starts on an empty database beside an archive that holds lists: the rest was lost."""
    return Incident(
        kind="record_lost",
        subject="record",
        feed=None,
        severity="high",
        summary="the record of what was known is gone: the database is new, and the archive beside it holds lists",
        detail=(
            "The first poll of each list is a new baseline: what changed between the lists in the archive and that poll is told "
            "to nobody."
        ),
        what_to_do=f"Stop the service and restore the database from a backup. {_RUNBOOK}#record_lost",
    )


def incident_of_breakdown(feed: str, title: str, error: str) -> Incident:
    """The incident of a poll that ended in an error that nobody foresaw: a full disk, or a fault of ours."""
    return Incident(
        kind="poll_broke_down",
        subject=feed,
        feed=feed,
        severity="high",
        summary=f"a poll of {title} broke down: {error}",
        detail="The poll changed nothing. Anything published since the last good one is not known to us yet. Polling goes on.",
        what_to_do=f"Look at the log, and at the space left on the disk. {_RUNBOOK}#poll_broke_down",
    )


def incident_of_body(feed: str, key: str, title: str, sentence: str) -> Incident:
    """The incident of a publication that is listed, and whose own page cannot be read after many attempts."""
    return Incident(
        kind="not_built",
        subject=f"{feed} {key}",
        feed=feed,
        severity="medium",
        summary=f"the page of {key} cannot be read: {title}",
        detail=f"{sentence.rstrip('.')}. It is listed and stored; its text is missing. Attempts go on.",
        what_to_do=f"Read it at the source. {_RUNBOOK}#not_built",
    )


def incident_of_dropped(feed: str, title: str, part: str, dropped: Dropped) -> Incident:
    """The incident of an item that was refused while the others of its page, ``part``, were taken."""
    return Incident(
        kind=dropped.reason,
        subject=f"{subject_of(feed, part)} {dropped.detail[:120]}",
        feed=feed,
        severity="medium",
        summary=f"an item of {title} was refused",
        detail=f"{dropped.detail}. The other items were taken.",
        what_to_do=f"Look at the source's listing. {_RUNBOOK}#{dropped.reason}",
    )


def incident_of_gap(feed: str, title: str) -> Incident:
    """The incident of a listing that shows nothing known, while the pages that would close the gap cannot be read."""
    return Incident(
        kind="gap",
        subject=feed,
        feed=feed,
        severity="high",
        summary=f"{title}: there may be items between what we know and what is listed now",
        detail="The listing shows nothing that we know, and the page that lists everything cannot be read.",
        what_to_do=f"Look at the source for items that are missing here. {_RUNBOOK}#gap",
    )


def _lasts(failure: Failure, now: datetime) -> bool:
    if failure.completes:
        return now - failure.since >= PATIENCE_WITH_A_COMPLETING_PAGE
    return failure.failures >= PATIENCE


def _cause(failure: Failure) -> str:
    if failure.status is not None:
        return f"it answers {failure.status} ({failure.reason})"
    known = _CAUSES.get(failure.reason)
    return f"{known} ({failure.reason})" if known else failure.reason


def _clock(moment: datetime) -> str:
    return f"{moment:%d %b %Y %H:%M} UTC"
