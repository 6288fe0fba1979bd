"""What is missing from a dossier for too long: a list change that was announced, or an announcement of a large list change."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from monitor.core.dossier.account import Account, acts
from monitor.core.watch import Incident
from monitor.core.words import counted, span_words

PATIENCE = timedelta(hours=24)
"""The list usually changes within minutes of a release, in either order; a day later something is wrong, or was read wrongly."""

LARGE = 5
"""So many parties designated or delisted at once are announced; single ones often are not."""

UNLISTED = "announced_not_listed"
UNANNOUNCED = "listed_not_announced"

_LABELS = ("designation", "delisting")


def incident_of_overdue(
    id: str, told: Account, opened_at: datetime, now: datetime
) -> Incident | None:
    """What people are told of a dossier that has waited for longer than a day; None when nothing is missing, or not yet."""
    if now - opened_at < PATIENCE:
        return None
    waited = span_words(now - opened_at)
    changed = acts(told)
    if not changed and (announced := _announced(told)):
        return Incident(
            kind=UNLISTED,
            subject=id,
            feed=None,
            severity="medium",
            summary=f"announced, and not on the list after {waited}: {announced}",
            detail=(
                "A designation or delisting was announced, and no list that is watched has changed accordingly. "
                "Either the list is late, or what was announced is not about these lists, or the release was read wrongly."
            ),
            what_to_do=f"Read the release and look at the list. See docs/operations.md#{UNLISTED}",
        )
    if len(changed) >= LARGE and not told["releases"] and not told["actions"]:
        return Incident(
            kind=UNANNOUNCED,
            subject=id,
            feed=None,
            severity="low",
            summary=f"the list changed ({counted(len(changed), 'party')}), and nothing was published about it after {waited}",
            detail=(
                "The parties were told when the list showed them. No release and no action page names them: "
                "they may have been missed by this watch."
            ),
            what_to_do=f"Look at Treasury's and OFAC's pages. See docs/operations.md#{UNANNOUNCED}",
        )
    return None


def _announced(told: Account) -> str:
    """What announces a change of a list for certain: the title of a release, or of a page that lists parties."""
    releases: list[Mapping[str, Any]] = [
        each
        for each in told["releases"]
        if each["label"] in _LABELS and each["confidence"] == "high"
    ]
    pages = [
        each
        for each in told["actions"]
        if any(
            party["action"] == each["key"] and party["kind"] in ("added", "removed")
            for party in told["unlisted"]
        )
    ]
    return next((f"{each['authority']}: {each['title']}" for each in (*releases, *pages)), "")
