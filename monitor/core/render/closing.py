"""What is said of an alert beside its parties: ground, witness, consequences, time. The same words in chat and mail."""

from collections.abc import Sequence
from datetime import tzinfo
from typing import Any

from monitor.core.alert import Alert
from monitor.core.duties import (
    after_delisting,
    after_designation,
    after_unblocked_removal,
    day_in_washington,
)
from monitor.core.parties import name_of
from monitor.core.programs import counted, program
from monitor.core.render.headings import number_words
from monitor.core.route import Selection
from monitor.core.told_as_one import Changed, relisted
from monitor.core.words import listed, moment_words, seen_between, stated_day


def of_kind(changes: Sequence[Changed], kind: str) -> list[Changed]:
    """The changes that are ``added``, ``removed`` or ``amended``."""
    return [change for change in changes if change["kind"] == kind]


def ground(added: Sequence[Changed]) -> str:
    """``Ground: North Korea: industries [DPRK4] 7 · …``; nothing where no programme is stated."""
    grounds = counted(_tags(added))
    return f"Ground: {grounds}" if grounds else ""


def former_ground(removed: Sequence[Changed]) -> str:
    """Under what those were listed who are no longer."""
    grounds = counted(_tags(removed))
    if not grounds:
        return ""
    if len(removed) == 1:
        return f"It had been listed under {grounds_in_words(removed)}."
    return f"They had been listed under: {grounds}"


def grounds_in_words(changes: Sequence[Changed]) -> str:
    """The programmes of the changes, without numbers: ``Venezuela: … [VENEZUELA-EO13884]``."""
    return listed([program(tag).words for tag in dict.fromkeys(_tags(changes))])


def release(publication: dict[str, Any] | None) -> str:
    """``Treasury: "Treasury Sanctions …" (jy2751, 16 Dec 2024)``."""
    if not publication:
        return ""
    authority = publication.get("authority", "Treasury")
    return (
        f'{authority}: "{publication["title"]}" '
        f"({publication['key']}, {stated_day(publication['date'])})"
    )


def consequences(alert: Alert, changes: Sequence[Changed]) -> list[str]:
    """What follows for those who hold property of the parties, in one line for each direction."""
    added, removed = of_kind(changes, "added"), of_kind(changes, "removed")
    if alert.blocking:
        follows = (
            [after_designation(len(added), day_in_washington(alert.first_seen))] if added else []
        )
        return [*follows, after_delisting(len(removed))] if removed else follows
    if not added and not removed:
        return []
    follows = ["Parties of this list are not blocked; their programmes state what is restricted."]
    return [*follows, after_unblocked_removal(grounds_in_words(removed))] if removed else follows


def renumbered(alert: Alert, changes: Sequence[Changed]) -> list[str]:
    """A line for each party that left the list and came back at once under a new number."""
    return [
        f"Re-listed under a new number: {name_of(new['party'])} "
        f"({number_words(alert, old['key'])}, now {new['key']})"
        for old, new in relisted(changes)
    ]


def others(selection: Selection) -> str:
    """How much the routes left out of this message."""
    if not selection.others:
        return ""
    of_them = (
        "change of the same publication is"
        if selection.others == 1
        else "changes of the same publication are"
    )
    return f"{selection.others:,} other {of_them} not in this message."


def seen(alert: Alert, zone: tzinfo) -> str:
    """When it was published, as far as known, and what date the source itself states."""
    text = seen_between(alert.not_before, alert.first_seen, zone)
    if alert.published:
        text += (
            f"; the list is dated {stated_day(alert.published, american=alert.authority == 'OFAC')}"
        )
    return f"{text}."


def of_publication(alert: Alert) -> list[str]:
    """What is said of a release that is told by itself."""
    publication = alert.publication or {}
    lines = [
        f"Release {publication['key']} of {stated_day(publication['date'])}: {publication['url']}",
    ]
    if action := publication.get("action"):
        lines.append(f"OFAC's action of the day: {action}")
    return [*lines, "Whom it names is told with the list, as soon as the list shows it."]


def of_incident(alert: Alert, zone: tzinfo) -> list[str]:
    """What is said of an incident: what follows from it and the next step, or how long it lasted."""
    incident = alert.incident
    if incident is None:
        return []
    if incident.state == "closed":
        until = incident.until or alert.first_seen
        return [
            f"It lasted from {moment_words(incident.since, zone)} to {moment_words(until, zone)}.",
            incident.detail,
        ]
    return [
        incident.detail,
        f"What to do: {incident.what_to_do}" if incident.what_to_do else "",
        f"Since {moment_words(incident.since, zone)}.",
    ]


def of_test(selection: Selection) -> list[str]:
    """What is said in a test."""
    return [
        f"This is a test of the channel {selection.channel}. Nothing has changed on any list.",
        "Alerts that are routed to this channel will arrive as this message did.",
    ]


def _tags(changes: Sequence[Changed]) -> list[str]:
    return [tag for change in changes for tag in change["party"].get("programs", ())]
