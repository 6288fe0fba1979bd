"""Routes in the configuration: what is selected (``when``), where it goes (``send``) and when (``digest``, ``escalate``).

Words of a closed vocabulary are checked, and the nearest one suggested. Programs and countries are the sources' own words, of
which new ones appear every year: any text is taken.
"""

from collections.abc import Collection, Mapping
from typing import Any

from monitor.config import scalars
from monitor.config.errors import suggestion
from monitor.config.scalars import Wrong, duration, text
from monitor.config.tree import Section, shown
from monitor.core.digest import NotASchedule, Schedule, schedule
from monitor.core.route import Condition, Escalate, Route, condition

ROUTE_SETTINGS = ("when", "send", "digest", "escalate")
ESCALATE_SETTINGS = ("after", "send")
KINDS = ("change", "dossier", "publication", "incident")
SEVERITIES = ("high", "medium", "low")
PARTY_TYPES = ("individual", "entity", "vessel", "aircraft")
CATEGORIES = (
    "designation",
    "delisting",
    "program",
    "name",
    "alias",
    "identifier",
    "digital_currency",
    "birth",
    "nationality",
    "address",
    "vessel",
    "link",
    "remarks",
    "title",
    "type",
    "notice",
    "contact",
)
WHEN_SETTINGS = ("kind", "feed", "category", "severity", "party_type", "program", "country", "not")


def read_routes(
    top: Section, *, feeds: Collection[str], channels: Collection[str]
) -> tuple[Route, ...]:
    """The routes, in order. A digest without a zone of its own is told by the readers' clock, ``zone`` of ``top``.

    Raises ConfigurationError for a word, feed, channel or schedule that does not exist.
    """
    listed = top.raw("routes")
    if listed is None:
        return ()
    if not isinstance(listed, list):
        raise top.wrong("routes", "expected a list, each entry beginning with a hyphen")
    zone = top.value("zone", scalars.zone) or "UTC"
    vocabulary = {
        "kind": KINDS,
        "feed": tuple(feeds),
        "category": CATEGORIES,
        "severity": SEVERITIES,
        "party_type": PARTY_TYPES,
    }
    return tuple(
        _route(Section(top.document, ("routes", number), tree), vocabulary, channels, zone)
        for number, tree in enumerate(listed)
    )


def _route(
    section: Section,
    vocabulary: Mapping[str, Collection[str]],
    channels: Collection[str],
    zone: str,
) -> Route:
    section.only(ROUTE_SETTINGS)
    return Route(
        when=_condition(section.section("when"), vocabulary),
        send=_channels(section, channels),
        digest=section.value("digest", lambda value: _schedule(value, zone)),
        escalate=_escalate(section, channels),
    )


def _schedule(value: Any, zone: str) -> Schedule:
    try:
        return schedule(text(value), zone)
    except NotASchedule as wrong:
        hint = f"; {suggestion(wrong.word, wrong.known)}" if wrong.known and wrong.word else ""
        raise Wrong(f"{wrong}{hint}") from None


def _escalate(section: Section, channels: Collection[str]) -> Escalate | None:
    if not section.has("escalate"):
        return None
    if section.has("digest"):
        raise section.wrong(
            "escalate",
            "a digest comes later than anybody could acknowledge it; escalate from a route that sends at once",
        )
    below = section.section("escalate")
    below.only(ESCALATE_SETTINGS)
    after = below.value("after", duration)
    if after is None:
        raise below.wrong_itself(
            "expected after: with the time to wait for an acknowledgement, such as 30m"
        )
    return Escalate(after, _channels(below, channels))


def _channels(section: Section, channels: Collection[str]) -> tuple[str, ...]:
    send = _words(section, "send")
    if not send:
        raise section.wrong_itself("expected send: with the name of a channel, or a list of names")
    for channel in send:
        if channel not in channels:
            hint = suggestion(channel, channels) if channels else "no channel is configured"
            raise section.document.error(
                (*section.path, "send"), shown(channel), f"unknown channel; {hint}"
            )
    return tuple(dict.fromkeys(send))


def _condition(section: Section, vocabulary: Mapping[str, Collection[str]]) -> Condition:
    section.only(WHEN_SETTINGS)
    accepted: dict[str, Any] = {}
    for key in WHEN_SETTINGS:
        if not section.has(key):
            continue
        if key == "not":
            accepted[key] = _condition(section.section(key), vocabulary)
            continue
        words = _words(section, key)
        known = vocabulary.get(key)
        for word in words:
            if known is not None and word not in known:
                raise section.document.error(
                    (*section.path, key), shown(word), suggestion(word, known)
                )
        accepted[key] = words
    return condition(accepted)


def _words(section: Section, key: str) -> tuple[str, ...]:
    value = section.raw(key)
    if value is None:
        return ()
    if value == []:
        raise section.wrong(key, "expected a value or a list of values")
    try:
        return tuple(text(word) for word in (value if isinstance(value, list) else [value]))
    except Wrong as wrong:
        raise section.wrong(key, str(wrong)) from None
