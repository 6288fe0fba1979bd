"""What is said of an alert beside its parties: ground, witness, consequences, time. The same words in chat and mail."""

from collections.abc import Mapping, Sequence
from datetime import date, tzinfo
from typing import Any

from monitor.core.alert import Alert, ListedSince
from monitor.core.dossier.signals import title_as_compared
from monitor.core.duties import (
    after_delisting,
    after_designation,
    after_move,
    after_unblocked_removal,
    day_in_washington,
)
from monitor.core.parties import name_of
from monitor.core.programs import counted, program
from monitor.core.render.headings import number_words
from monitor.core.render.visible import visible
from monitor.core.route import Selection
from monitor.core.times import from_text
from monitor.core.told_as_one import Changed, Move, Relisting, groups, moves, relistings
from monitor.core.words import day_words, listed, moment_words, seen_between, stated_day

FIRST = 5
"""So many names stand for a group that is told in one line."""


def ground(added: Sequence[Changed]) -> str:
    """``Ground: North Korea: industries [DPRK4] 7 · …``; nothing where no programme is stated."""
    grounds = counted(_tags(added))
    return f"Ground: {grounds}" if grounds else ""


def former_ground(
    removed: Sequence[Changed], since: Mapping[str, ListedSince], *, among_others: bool = False
) -> str:
    """Under what those were listed who are no longer; of a single one also since when, where that is known.

    Where the message tells of others too, it says of whom it speaks.
    """
    if len(removed) == 1:
        (change,) = removed
        grounds = grounds_in_words(removed)
        words = [f"under {grounds}"] if grounds else []
        if change["key"] in since:
            words.append(_since(since[change["key"]]))
        who = name_of(change["party"]) if among_others else "It"
        return f"{who} had been listed {' '.join(words)}." if words else ""
    grounds = counted(_tags(removed))
    who = "Those removed" if among_others else "They"
    return f"{who} had been listed under: {grounds}" if grounds else ""


def _since(since: ListedSince) -> str:
    day = day_words(since.at.date())
    return f"since {day}" if since.is_known else f"since before {day}, when we first saw it"


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
    said = groups(changes)
    designated = (
        [after_designation(len(said.added), blocked_on(alert))]
        if said.added and alert.blocking
        else []
    )
    return [*designated, *other_consequences(alert, changes)]


def blocked_on(alert: Alert) -> date:
    """The day from which duties are counted: the earliest on which the parties may have been listed.

    That is the day of the action where a dossier knows it and the list may have held them by then, else the day of the last check that
    still saw the list without them: whoever watches again after an outage must not be told a later deadline than there is.
    """
    seen = day_in_washington(alert.first_seen)
    since = day_in_washington(alert.not_before) if alert.not_before else seen
    days = [
        date.fromisoformat(each.account["day"]) for each in alert.dossiers if each.account["day"]
    ]
    return min((day for day in days if since <= day <= seen), default=since)


def other_consequences(alert: Alert, changes: Sequence[Changed]) -> list[str]:
    """What follows from everything but a designation."""
    said = groups(changes)
    follows = []
    if alert.blocking:
        if said.removed:
            follows.append(after_delisting(len(said.removed)))
    elif said.added or said.removed:
        follows.append(
            "Parties of this list are not blocked; their programmes state what is restricted."
        )
        if said.removed:
            follows.append(after_unblocked_removal(grounds_in_words(said.removed)))
    for move in moves(said.moved):
        here = (alert.feed_title, alert.blocking)
        there = (move.other["list"], bool(move.other["blocking"]))
        ended, goes_on = (there, here) if move.way == "from" else (here, there)
        follows.append(
            after_move(ended[0], goes_on[0], ended_blocks=ended[1], goes_on_blocks=goes_on[1])
        )
    if said.renumbered:
        follows.append("A new number ends nothing: what applied to the party applies to it still.")
    return list(dict.fromkeys(follows))


def renumbered(alert: Alert, changes: Sequence[Changed]) -> list[str]:
    """A line for each party that is re-listed under a new number and listed under a further ground at once."""
    designated = [each for each in groups(changes).added if "relisted" in each]
    return [
        f"Re-listed under a new number and a further programme: {relisting_words(alert, each)}"
        for each in relistings(designated)
    ]


def relisting_words(alert: Alert, each: Relisting) -> str:
    """``DOE, John (uid 2, now 9)``."""
    return f"{name_of(each.party)} ({number_words(alert, each.old)}, now {each.new})"


def elsewhere(alert: Alert, changes: Sequence[Changed], zone: tzinfo) -> list[str]:
    """What other lists of the same numbers did with the parties, and where that was told."""
    lines = []
    for move in moves(changes):
        there = move.other["list"]
        seen = _told(move, zone)
        whom = first_names(move.changes)
        is_added = move.changes[0]["kind"] == "added"
        match move.way:
            case "also_left":
                lines.append(f"Also removed from {there}: {whom}; that {seen}.")
            case "still_on" if is_added:
                lines.append(f"Also on {there}: {whom}.")
            case "from" if groups(move.changes).added and len(changes) > 1:
                lines.append(f"Moved from {there}: {whom}; the removal {seen}.")
            case "from":
                lines.append(f"The removal from {there} {seen}.")
            case "to":
                lines.append(f"The addition to {there} {seen}.")
    return lines


def read_before(alert: Alert, changes: Sequence[Changed]) -> str:
    """That somebody had acknowledged parties as they were before they changed: it is asked for again. One line at most."""
    before = [
        (alert.read_before[key], each)
        for each in changes
        if (key := each["key"]) in alert.read_before
    ]
    if not before:
        return ""
    last = max((read for read, _ in before), key=lambda read: (read.at, read.alert))
    by = f"by {visible(last.by)} on {day_words(last.at.date())}"
    if len(before) > 1:
        several = len({read for read, _ in before}) > 1
        who = f"{len(before):,} of these parties were acknowledged {'before, last ' if several else ''}{by}"
        return f"{who} as they were then (alert {last.alert}): they have changed since, please acknowledge this one."
    who = (
        f"{name_of(before[0][1]['party'])} was acknowledged" if len(changes) > 1 else "Acknowledged"
    )
    return f"{who} {by} as it was then (alert {last.alert}): it has changed since, please acknowledge this one."


def escalated(alert: Alert, zone: tzinfo) -> list[str]:
    """That nobody has acknowledged what is told again, since when, and how that is done; then its words, if that is all there is."""
    told = alert.escalates
    if told is None:
        return []
    return [
        f"Told on {moment_words(told.at, zone)} (alert {told.alert}); nobody has acknowledged it.",
        f'Acknowledge it by: sanctions-monitor acknowledge {told.alert} --by "YOUR NAME"',
        *told.text.splitlines(),
    ]


def first_names(changes: Sequence[Changed]) -> str:
    """The names of the first five, and how many more there are."""
    names = [name_of(change["party"]) for change in changes[:FIRST]]
    more = len(changes) - len(names)
    return " · ".join(names) + (f" and {more:,} more" if more else "")


def _told(move: Move, zone: tzinfo) -> str:
    other = move.other
    if other["alert"]:
        told = moment_words(from_text(other["told"]), zone)
        return f"was told on {told} (alert {other['alert']})"
    return f"was first seen on {moment_words(from_text(other['seen']), zone)}"


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
        what = "list" if alert.changes else _DATED.get(_witness(alert), "publication")
        day = stated_day(alert.published, american=alert.authority == "OFAC")
        text += f"; the {what} is dated {day}"
    return f"{text}."


def witnesses(alert: Alert) -> list[str]:
    """Who confirms what of the changes, case by case; of several cases each begins with what it is called."""
    several = len(alert.dossiers) > 1
    lines = []
    for each in alert.dossiers:
        if each.lines and several and each.account["title"]:
            lines.append(f'About "{each.account["title"]}":')
        lines += each.lines
    return lines


def announcements(alert: Alert) -> list[str]:
    """The releases about the changes, each title once: ``Treasury: "Treasury Sanctions …" (jy2751, 16 Dec 2024)``."""
    releases = {
        title_as_compared(each["title"]): each
        for dossier in alert.dossiers
        for each in reversed(dossier.account["releases"])
    }
    return [release(each) for each in reversed(releases.values())]


def addresses(alert: Alert, public_url: str) -> list[tuple[str, str]]:
    """The official pages of the cases, with what each is, and our own page of each case."""
    found = []
    for dossier in alert.dossiers:
        told = dossier.account
        found += [
            (f"{each['authority']}'s release {each['key']}", each["url"])
            for each in told["releases"]
        ]
        found += [(f"OFAC's action page {each['key']}", each["url"]) for each in told["actions"]]
        found += [
            (f"OFAC's change file {each['key']}", each["url"]) for each in told["change_files"]
        ]
        found += [
            (f"{each['authority']} notice {each['key']}", each["url"]) for each in told["notices"]
        ]
        found += [(f"Issued with it: {each['title']}", each["url"]) for each in told["licences"]]
        found.append(("The whole dossier", f"{public_url.rstrip('/')}/dossiers/{dossier.id}"))
    return list(dict.fromkeys(found))


_PUBLICATIONS = {"release": "Release", "action": "OFAC's action page", "notice": "Notice"}


_DATED = {"release": "release", "action": "page", "notice": "notice"}


def _witness(alert: Alert) -> str:
    return str((alert.publication or {}).get("witness", "release"))


def of_publication(alert: Alert) -> list[str]:
    """What is said of a publication that is told by itself, or of what it adds to a case that was told before."""
    publication = alert.publication or {}
    what = _PUBLICATIONS.get(_witness(alert), "Publication")
    lines = [
        f"The {what.lower() if what[0] != 'O' else 'page'} was corrected."
        if publication.get("corrected")
        else "",
        *witnesses(alert),
        f"{what} {publication['key']} of {stated_day(publication['date'])}: {publication['url']}",
    ]
    if action := publication.get("action"):
        lines.append(f"OFAC's action of the day: {action}")
    lines = [line for line in lines if line]
    told = [each.told for each in alert.dossiers if each.told is not None]
    if told:
        (first, *_) = told
        return [*lines, f"Told before on {moment_words(first.at)} (alert {first.alert})."]
    if any(each.account["parties"] for each in alert.dossiers):
        return lines
    # A licence, a settlement or a statement names nobody whom the list would show.
    if publication.get("label", "designation") not in ("designation", "delisting", "action"):
        return lines
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
