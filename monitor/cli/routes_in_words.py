"""Routes as sentences, and what no route takes."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

from monitor.config.errors import one_of
from monitor.config.routes import CATEGORIES, PARTY_TYPES
from monitor.core.alert import Alert
from monitor.core.route import Condition, Route, select

_LOW, _MEDIUM, _HIGH = ("low",), ("medium",), ("high",)
# The severities that a change of one category alone usually has; what cannot happen is no gap.
_USUAL = {
    "designation": _HIGH,
    "delisting": _HIGH,
    "digital_currency": _HIGH + _MEDIUM,
    "identifier": _MEDIUM + _LOW,
    "alias": _MEDIUM + _LOW,
    "address": _MEDIUM + _LOW,
    "vessel": _MEDIUM + _LOW,
    "program": _MEDIUM + _LOW,
    "notice": _MEDIUM + _LOW,
    "contact": _LOW,
    "remarks": _LOW,
    "title": _LOW,
    "type": _LOW,
}
_SAMPLE = "sample"


def in_words(when: Condition) -> str:
    """``Changes of high severity under DPRK4, but no changes on ofac-sdn``; ``Everything``."""
    words = _described(when)
    return words[0].upper() + words[1:]


def asks_for_country(routes: Iterable[Route]) -> bool:
    """Whether a route looks at countries, which an amended change holds only as far as they changed."""
    conditions = [route.when for route in routes]
    while conditions:
        when = conditions.pop()
        if when.country:
            return True
        if when.unless is not None:
            conditions.append(when.unless)
    return False


def gaps(
    routes: Sequence[Route], registers: Iterable[str], streams: Iterable[str]
) -> Iterator[str]:
    """What no route takes, in words: changes by severity, category and list, and publications by feed.

    Programs and countries are open words: a route that asks for one never takes everything. Incidents have no gap.
    """
    if not routes:
        return
    registers = tuple(registers)
    for severity in ("high", "medium", "low"):
        yield from _gaps_of(severity, routes, registers)
    for feed in streams:
        if not select(_publication(feed), routes, _channels(routes)):
            yield f"publications of {feed}"


def _gaps_of(severity: str, routes: Sequence[Route], registers: tuple[str, ...]) -> Iterator[str]:
    categories = [each for each in CATEGORIES if severity in _USUAL.get(each, _MEDIUM)]
    everywhere = set(product(categories, PARTY_TYPES, registers))
    missing = everywhere - _taken(everywhere, severity, routes)
    anywhere = [_of_any_program_and_country(route) for route in routes]
    lost = missing - _taken(missing, severity, anywhere)
    whole = [
        category
        for category in categories
        if all((category, *rest) in lost for rest in product(PARTY_TYPES, registers))
    ]
    unusual = set(product(CATEGORIES, PARTY_TYPES, registers)) - everywhere
    if registers and len(whole) == len(categories):
        # Several categories in one change make it more severe: a route may take a few, by one of them.
        few = _taken(unusual, severity, anywhere)
        such = f", such as those in {one_of(whole[:3])}" if few else ""
        yield f"{'most ' if few else ''}changes of {severity} severity{such}"
    elif registers and whole:
        yield f"changes of {severity} severity in {one_of(whole)}"
    rest = sorted(each for each in lost if each[0] not in whole)
    if rest:
        category, party_type, feed = rest[0]
        yield (
            f"some {'other ' if whole else ''}changes of {severity} severity,"
            f" such as {category} of one {party_type} on {feed}"
        )
    if missing - lost:
        yield (
            f"some {'other ' if lost else ''}changes of {severity} severity,"
            " those of a program or a country that no route asks for"
        )


def _taken(
    samples: set[tuple[str, str, str]], severity: str, routes: Sequence[Route]
) -> set[tuple[str, str, str]]:
    return {
        (category, party_type, feed)
        for category, party_type, feed in samples
        if select(_change(category, severity, party_type, feed), routes, _channels(routes))
    }


def _of_any_program_and_country(route: Route) -> Route:
    return replace(route, when=replace(route.when, program=(), country=()))


def _described(when: Condition) -> str:
    subject = one_of(_KINDS[kind] for kind in when.kind) if when.kind else _implied(when)
    return f"{subject}{_narrowed(when)}"


def _narrowed(when: Condition) -> str:
    parts = ""
    for words, wording in (
        (when.severity, "of {} severity"),
        (when.category, "in {}"),
        (when.party_type, "of a party that is {}"),
        (when.program, "under {}"),
        (when.country, "with a tie to {}"),
        (when.feed, "from {}"),
    ):
        if words:
            parts += f" {wording.format(one_of(words))}"
    if when.unless is not None:
        described = (
            f"they are {_described(when.unless)}"
            if when.unless.kind
            else _narrowed(when.unless).strip()
        )
        parts += f" unless {described or 'they are anything'}"
    return parts


def _implied(when: Condition) -> str:
    is_of_a_change = when.category or when.party_type or when.program or when.country
    return "changes" if is_of_a_change else "everything"


_KINDS = {
    "change": "changes",
    "dossier": "dossiers",
    "publication": "publications",
    "incident": "incidents",
}


def _channels(routes: Sequence[Route]) -> list[str]:
    return list(dict.fromkeys(channel for route in routes for channel in route.send))


def _change(category: str, severity: str, party_type: str, feed: str) -> Alert:
    change: dict[str, object] = {
        "feed": feed,
        "key": _SAMPLE,
        "kind": "amended",
        "categories": [category],
        "severity": severity,
        "party": {"name": _SAMPLE, "type": party_type, "programs": [_SAMPLE]},
        "fields": [],
    }
    return _alert("change", feed, severity, (change,))


def _publication(feed: str) -> Alert:
    return _alert("publication", feed, "medium", ())


def _alert(kind: str, feed: str, severity: str, changes: tuple[dict[str, object], ...]) -> Alert:
    return Alert(
        id=_SAMPLE,
        kind=kind,
        feed=feed,
        feed_title=feed,
        authority=_SAMPLE,
        severity=severity,
        first_seen=datetime.min.replace(tzinfo=UTC),
        not_before=None,
        changes=changes,
    )
