"""What an arrival adds to a case: the sentences that people have not been told, or nothing.

People are told of a release that joins what the list shows, of the list's changes when a release is known, of an action page, of a
legal notice, and of a correction that changes whom a release names or what it links to. A second copy of a release, a change file that
agrees and a page that is only written differently are put on record and are not told.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from monitor.core.dossier.account import Account, acts
from monitor.core.dossier.signals import Ref, title_as_compared
from monitor.core.dossier.statements import of_action, of_notice, of_release, statements


@dataclass(frozen=True)
class News:
    """What is new in a case: ``lines`` for people, and whether they should look at once (``severity``)."""

    lines: tuple[str, ...]
    severity: str


def of_list(after: Account) -> tuple[str, ...]:
    """What stands beside the list's changes when they are told: what is known of releases, pages and files by then."""
    known = after["releases"] or after["actions"] or after["notices"]
    return tuple(statements(after)) if known else ()


def of_publication(before: Account | None, after: Account, ref: Ref) -> News | None:
    """What a publication adds to the case, beyond its own title; None when it adds nothing that people are told."""
    match ref.witness:
        case "release":
            return _of_release(before, after, ref)
        case "action":
            return _of_action(before, after, ref)
        case "notice":
            return _of_notice(before, after, ref)
    return None


def copies(told: Account, ref: Ref) -> list[tuple[str, str]]:
    """Feed and key of the other releases of the case with the same title: the same one, in another place or under another number."""
    own = _find(told["releases"], ref)
    return [
        (each["feed"], each["key"])
        for each in told["releases"]
        if own is not None
        and each is not own
        and title_as_compared(each["title"]) == title_as_compared(own["title"])
    ]


def _of_release(before: Account | None, after: Account, ref: Ref) -> News | None:
    now = _find(after["releases"], ref)
    if now is None or not now["has_text"]:
        return None
    earlier = _find(before["releases"], ref) if before else None
    if earlier is not None and _told_by(earlier) == _told_by(now):
        return None
    if not acts(after):
        return None
    return News(tuple(of_release(after, now)), "medium")


def _of_action(before: Account | None, after: Account, ref: Ref) -> News | None:
    now = _find(after["actions"], ref)
    if now is None:
        return None
    earlier = _find(before["actions"], ref) if before else None
    if earlier is not None and before is not None and _listed(before, ref) == _listed(after, ref):
        return None
    lines = of_action(after, now)
    beyond = [each for each in after["unlisted"] if each["action"] == ref.subject]
    lines += [f"It also issues {each['title']}: {each['url']}" for each in after["licences"]]
    return News(tuple(lines), "medium" if beyond or after["licences"] else "low") if lines else None


def _listed(told: Account, ref: Ref) -> tuple[Any, ...]:
    """Whom a page lists, of those that the list changed and of others."""
    named = [
        each["key"]
        for each in told["parties"]
        if any(by["key"] == ref.subject for by in (*each["named_by"], *each["contradicted_by"]))
    ]
    beyond = [each["name"] for each in told["unlisted"] if each["action"] == ref.subject]
    return sorted(named), sorted(beyond), sorted(each["title"] for each in told["licences"])


def _of_notice(before: Account | None, after: Account, ref: Ref) -> News | None:
    now = _find(after["notices"], ref)
    if now is None or (before and _find(before["notices"], ref)):
        return None
    return News(tuple(of_notice(after, now)), "low")


def _find(published: list[dict[str, Any]], ref: Ref) -> dict[str, Any] | None:
    for each in published:
        if (each["feed"], each["key"]) == (ref.feed, ref.subject):
            return each
    return None


def _told_by(release: Mapping[str, Any]) -> tuple[Any, ...]:
    """The facts of a release of which people are told: a correction that leaves them alone is none."""
    return release["has_text"], release["names"], release["actions"]
