"""The subject of an alert: numbers first, then whom or what it concerns. It makes sense alone on a telephone.

The number is always what the list did, never what a release says. Each function gives several wordings, the fullest first, so that
a channel takes the fullest that it has room for; what had to go then stands in the text.
"""

from collections import Counter
from collections.abc import Callable, Sequence

from monitor.core.alert import Alert, IncidentFacts
from monitor.core.differences import PLUS, Changed, differences, summary
from monitor.core.parties import TYPES, name_of, type_of
from monitor.core.programs import about
from monitor.core.render.digest_headings import digest_headings
from monitor.core.told_as_one import Relisting, groups, mass_edits, moves, relistings
from monitor.core.words import counted, listed, shortened, span_words

_MOST_SUBJECTS = 3


def headings(alert: Alert, changes: Sequence[Changed]) -> list[str]:
    """The wordings of an alert's subject for a reader who is told of ``changes``, the fullest first."""
    wordings = _headings(alert, changes)
    if alert.escalates:
        since = f"Not acknowledged for {span_words(alert.escalates.after)}"
        return [f"{since}: {wording}" for wording in wordings]
    return wordings


def _headings(alert: Alert, changes: Sequence[Changed]) -> list[str]:
    if alert.escalates and alert.escalates.title:
        return [alert.escalates.title]
    if alert.digest:
        return digest_headings(alert.digest)
    if alert.incident:
        return [_of_incident(alert.incident, alert)]
    if alert.publication and not alert.changes:
        return [f'{alert.authority}: "{alert.publication["title"]}"']
    if alert.kind == "test":
        return ["Sanctions Monitor: test message"]
    return _of_changes(alert, changes)


def heading_within(
    wordings: Sequence[str], limit: int | None, measure: Callable[[str], int] = len
) -> str:
    """The fullest wording of at most ``limit`` characters; if none is, the shortest, cut between words.

    ``measure`` tells how long a wording is as the service gets it, which is no shorter than the wording.
    """
    for wording in wordings:
        if limit is None or measure(wording) <= limit:
            return wording
    length = limit or 0
    while length > 20 and measure(shortened(wordings[-1], length)) > (limit or 0):
        length -= 5
    return shortened(wordings[-1], length)


def number_words(alert: Alert, key: str) -> str:
    """``uid 48220``, as OFAC calls it; ``no. EU.27.28`` elsewhere."""
    return f"{'uid' if alert.authority == 'OFAC' else 'no.'} {key}"


def verbs(alert: Alert) -> tuple[str, str]:
    """What being added to this list and removed from it is called."""
    return ("designated", "delisted") if alert.blocking else ("added", "removed")


def types_in_words(changes: Sequence[Changed]) -> list[str]:
    """``["9 individuals", "7 entities"]``."""
    numbers = Counter(type_of(change["party"]) for change in changes)
    order = [*TYPES, *sorted(numbers.keys() - set(TYPES))]
    return [counted(numbers[type], type) for type in order if numbers[type]]


def _of_changes(alert: Alert, changes: Sequence[Changed]) -> list[str]:
    said = groups(changes)
    pairs = relistings(said.renumbered)
    start = f"{alert.authority}:"
    if said.amended and len(said.amended) == len(changes):
        if len(changes) == 1:
            return _of_one_amendment(alert, start, changes[0])
        return _of_amendments(alert, start, said.amended)
    if len(pairs) == 1 and len(said.renumbered) == len(changes):
        return _of_one_relisting(alert, start, pairs[0])
    if len(changes) == 1:
        return _of_one(alert, start, changes[0])
    coming, going = verbs(alert)
    counts = ((said.added, coming), (said.removed, going), (said.amended, "amended"))
    told = [(some, verb) for some, verb in counts if some]
    where = "" if alert.blocking or not told else f" on {alert.feed_title}"
    others = [f"{len(each.changes):,} {each.words(alert.feed_title)}" for each in moves(said.moved)]
    if pairs:
        others.append(f"{len(pairs):,} re-listed under a new number")
    numbers = _joined(start, [f"{len(some):,} {verb}" for some, verb in told], where, others)
    origin = _origin(said.added)
    alone = said.added or said.removed
    if len(alone) == len(changes):
        types = f" ({', '.join(types_in_words(alone))})"
        wordings = [f"{numbers}{types}{origin}{_subjects(alone)}", f"{numbers}{types}{origin}"]
    elif told:
        # Several kinds: what a country belongs to is said, or it would seem to be all of theirs.
        counted_ones = [f"{len(some):,} {verb}{_in_brackets(some, verb)}" for some, verb in told]
        wordings = [f"{_joined(start, counted_ones, where, others)}{origin}", f"{numbers}{origin}"]
    else:
        wordings = [f"{numbers}{_subjects(said.moved + said.renumbered)}"]
    return list(dict.fromkeys([*wordings, numbers]))


def _joined(start: str, told: Sequence[str], where: str, others: Sequence[str]) -> str:
    words = [*told[:-1], f"{told[-1]}{where}"] if told else []
    return f"{start} {', '.join([*words, *others])}"


def _in_brackets(changes: Sequence[Changed], verb: str) -> str:
    """`` (Iran and Russia)`` behind who came or left."""
    words = _subjects(changes).removeprefix(", ")
    return f" ({words})" if words and verb != "amended" else ""


def _origin(added: Sequence[Changed]) -> str:
    """``, 3 of them moved from the consolidated list``."""
    return "".join(
        f", {len(move.changes):,} of them moved from {move.other['list']}"
        for move in moves(added)
        if move.way == "from"
    )


def _of_one(alert: Alert, start: str, change: Changed) -> list[str]:
    said = groups([change])
    added = change["kind"] == "added"
    verb = verbs(alert)[0 if added else 1]
    did = f"was {'added to' if added else 'removed from'} {alert.feed_title}"
    for move in moves([change]):
        if said.moved or move.way == "from":
            did = move.words(alert.feed_title)
        if said.moved:
            verb = "no longer on both lists" if move.way == "still_on" else "moved"
    number = number_words(alert, change["key"])
    who = f"{start} 1 {verb}. {name_of(change['party'])} ({type_of(change['party'])}, {number})"
    return [f"{who} {did}", who, f"{start} 1 {verb} ({number})", f"{start} 1 {verb}"]


def _of_one_relisting(alert: Alert, start: str, each: Relisting) -> list[str]:
    what = f"{start} 1 re-listed under a new number"
    numbers = f"{number_words(alert, each.old)}, now {each.new}"
    who = f"{name_of(each.party)} ({type_of(each.party)}, {numbers})"
    return [f"{what}. {who}", f"{what} ({numbers})", what]


def _of_one_amendment(alert: Alert, start: str, change: Changed) -> list[str]:
    number = number_words(alert, change["key"])
    who = f"{name_of(change['party'])} ({number})"
    found = differences(change)
    came = [each for each in found if each.sign == PLUS]
    if len(found) == 1 and came and came[0].noun == "digital currency address":
        what = f"{start} 1 digital currency address added"
        return [f"{what}. {who}: {came[0].line}", f"{what}. {who}", f"{what} ({number})", what]
    if "designation" in change["categories"]:
        what = f"{start} 1 listed under a further programme"
        added = " ".join(each.line for each in came if each.noun == "programme")
        return [f"{what}. {who}: {added}", f"{what}. {who}", f"{what} ({number})", what]
    what = f"{start} 1 amended"
    return [f"{what}. {who}: {summary(change)}", f"{what}. {who}", f"{what} ({number})", what]


def _of_amendments(alert: Alert, start: str, amended: Sequence[Changed]) -> list[str]:
    numbers = f"{start} {len(amended):,} amended"
    edits, alone = mass_edits(amended)
    if len(edits) == 1 and not alone:
        return [
            f"{numbers}, all in the same way: {edits[0].words}",
            f"{numbers}, all in the same way",
            numbers,
        ]
    further = sum("designation" in change["categories"] for change in amended)
    of_them = [f"{len(edit.changes):,} of them in the same way" for edit in edits[:1]]
    of_them += [f"{further:,} of them listed under a further programme"] if further else []
    in_parts = ", ".join([numbers, *of_them])
    return list(dict.fromkeys([f"{in_parts}{_subjects(amended)}", in_parts, numbers]))


def _subjects(changes: Sequence[Changed]) -> str:
    """``, North Korea and Russia``: what the programmes are about."""
    words = about(change["party"].get("programs", ()) for change in changes)
    if len(words) > _MOST_SUBJECTS:
        words = [*words[:_MOST_SUBJECTS], "others"]
    return f", {listed(words)}" if words else ""


def _of_incident(incident: IncidentFacts, alert: Alert) -> str:
    until = incident.until or alert.first_seen
    span = span_words(until - incident.since)
    match incident.state:
        case "closed":
            return f"Watch: over after {span}: {incident.summary}"
        case "reminded":
            return f"Watch: still, after {span}: {incident.summary}"
        case _:
            return f"Watch: {incident.summary}"
