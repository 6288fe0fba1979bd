"""Rules from what happened to who hears of it.

Routes are read from first to last, and all that match count. Inside an alert a route selects changes: a delivery shows the
selected ones and tells the number of the others. What says nothing in a condition accepts everything. What a route gathers for a
digest waits for it, unless another route tells the same channel of it at once.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import timedelta
from typing import Any

from monitor.core.alert import Alert
from monitor.core.channel_trouble import CHANNEL_TROUBLE
from monitor.core.digest import Schedule

_OF_A_CHANGE = ("category", "party_type", "program", "country")


@dataclass(frozen=True, kw_only=True)
class Condition:
    """What a route accepts: for each word the values of which one must fit, and ``unless``, which must not.

    ``category``, ``party_type``, ``program`` and ``country`` are said of a listed party's change; nothing else has them.
    Countries are the source's own words ("Korea, North"), in any case.
    """

    kind: tuple[str, ...] = ()
    feed: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    severity: tuple[str, ...] = ()
    party_type: tuple[str, ...] = ()
    program: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    unless: "Condition | None" = None


def condition(accepted: Mapping[str, Any]) -> Condition:
    """A condition from the words of the configuration, in which ``unless`` is called ``not``.

    A value is a word or several. Raises KeyError for a word that is none.
    """
    known = {each.name for each in fields(Condition)} - {"unless"}
    values: dict[str, Any] = {}
    for word, value in accepted.items():
        if word == "not":
            values["unless"] = value if isinstance(value, Condition) else condition(value)
        elif word in known:
            values[word] = (value,) if isinstance(value, str) else tuple(value)
        else:
            raise KeyError(word)
    return Condition(**values)


@dataclass(frozen=True)
class Escalate:
    """To which further channels an alert goes that nobody has acknowledged ``after`` it was made."""

    after: timedelta
    send: tuple[str, ...]


@dataclass(frozen=True)
class Route:
    """To which channels goes what ``when`` accepts: at once, or gathered in a ``digest``.

    ``escalate`` says to which others it goes when nobody acknowledges it; None: to no others.
    """

    when: Condition
    send: tuple[str, ...]
    digest: Schedule | None = None
    escalate: Escalate | None = None


@dataclass(frozen=True)
class Selection:
    """What one channel is told of an alert: these changes, and that there are so many ``others``.

    ``routes`` are the numbers of the routes that chose it, from 0; empty when no route did (there are none, or it is an incident).
    ``digest`` is the text of the schedule that it waits for; None: it is told at once.
    """

    channel: str
    changes: tuple[dict[str, Any], ...]
    others: int
    routes: tuple[int, ...]
    digest: str | None = None


Documents = Mapping[str, Mapping[str, Any]]
"""Whole documents by key. An amended change holds only a short form of its party; ``country`` is looked up here."""


def select(
    alert: Alert,
    routes: Sequence[Route],
    channels: Sequence[str],
    documents: Documents | None = None,
) -> list[Selection]:
    """What each channel is told at once, and what waits for each of its digests, in the order of ``channels``.

    One selection at most of a channel at once, and one for each of its schedules. A change that the channel is told of at once is not
    gathered; so is an alert without changes. Without routes everything goes to every channel at once. So do a test, an
    incident that no route accepts, and one about a channel that would be told by that channel alone.
    """
    if not routes or alert.kind == "test":
        return [everything(alert, channel) for channel in channels]
    taken = [accepted(alert, route.when, documents or {}) for route in routes]
    selections = []
    for channel in channels:
        numbers = [
            number
            for number, route in enumerate(routes)
            if channel in route.send and taken[number] is not None
        ]
        told: set[str] | None = None
        for digest in _at_once_first(routes[number].digest for number in numbers):
            those = tuple(number for number in numbers if routes[number].digest == digest)
            keys = set().union(*(taken[number] or () for number in those))
            if digest is None:
                told = keys
            elif told is not None:
                keys -= told
                if not keys:
                    continue
            changes = tuple(each for each in alert.changes if each["key"] in keys)
            others = len(alert.changes) - len(changes)
            schedule = digest.text if digest else None
            selections.append(Selection(channel, changes, others, those, schedule))
    if alert.kind == "incident" and not any(_is_heard(alert, each) for each in selections):
        return [everything(alert, channel) for channel in channels]
    return selections


def _is_heard(alert: Alert, selection: Selection) -> bool:
    """Whether an incident reaches people this way: not where it is that this very channel does not work."""
    facts = alert.incident
    if facts is None or facts.kind not in CHANNEL_TROUBLE:
        return True
    return selection.channel != facts.subject and selection.digest is None


def _at_once_first(digests: Iterable[Schedule | None]) -> list[Schedule | None]:
    different = list(dict.fromkeys(digests))
    return sorted(different, key=lambda digest: digest is not None)


def everything(alert: Alert, channel: str) -> Selection:
    """The whole alert, for one channel, chosen by no route."""
    return Selection(channel, alert.changes, 0, ())


def accepted(alert: Alert, when: Condition, documents: Documents) -> set[str] | None:
    """The keys of the changes that ``when`` accepts; None when it accepts nothing of the alert."""
    if not alert.changes:
        return set() if _fits(when, _facts(alert)) else None
    keys = {
        each["key"]
        for each in alert.changes
        if _fits(when, _facts_of_change(alert, each, documents))
    }
    return keys or None


Facts = Mapping[str, frozenset[str]]


def _kinds(alert: Alert) -> frozenset[str]:
    """Everything that the alert is: one about a release and the changes that it announced is told under both."""
    kinds = {alert.kind}
    if alert.changes:
        kinds.add("change")
    if alert.publication:
        kinds.add("publication")
    if alert.dossier_id:
        kinds.add("dossier")
    return frozenset(kinds)


def _facts(alert: Alert) -> Facts:
    return {
        "kind": _kinds(alert),
        "feed": frozenset({alert.feed}),
        "severity": frozenset({alert.severity}),
    }


def _facts_of_change(alert: Alert, change: Mapping[str, Any], documents: Documents) -> Facts:
    party = change.get("party", {})
    return {
        "kind": _kinds(alert),
        "feed": frozenset({change.get("feed", alert.feed)}),
        "severity": frozenset({change["severity"]}),
        "category": frozenset(change["categories"]),
        "party_type": frozenset({party.get("type", "")}),
        "program": frozenset(_programs(change)),
        "country": frozenset(map(str.casefold, _countries(change, documents))),
    }


def _programs(change: Mapping[str, Any]) -> Iterable[str]:
    yield from change.get("party", {}).get("programs", ())
    for each in change.get("fields", ()):
        if each["field"] == "programs":
            yield from each["before"]  # a tag that left is what the change is about


def _countries(change: Mapping[str, Any], documents: Documents) -> Iterable[str]:
    yield from _countries_of(change.get("party", {}))
    yield from _countries_of(documents.get(change["key"], {}))
    for each in change.get("fields", ()):
        yield from _countries_of({each["field"]: [*each["before"], *each["after"]]})


def _countries_of(document: Mapping[str, Any]) -> Iterable[str]:
    for collection in ("addresses", "nationalities", "citizenships", "identifiers"):
        for value in document.get(collection, ()):
            if country := value.get("country"):
                yield country
    vessels = document.get("vessel", ())
    for vessel in vessels if isinstance(vessels, list) else [vessels]:
        if vessel and (flag := vessel.get("flag")):
            yield flag


def _fits(when: Condition, facts: Facts) -> bool:
    for word in ("kind", "feed", "severity", *_OF_A_CHANGE):
        accepted: tuple[str, ...] = getattr(when, word)
        if word == "country":
            accepted = tuple(map(str.casefold, accepted))
        if accepted and facts.get(word, frozenset()).isdisjoint(accepted):
            return False
    return when.unless is None or not _fits(when.unless, facts)
