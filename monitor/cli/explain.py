"""``check-config --explain``: where each change of a saved file would go and why, and who would get nothing."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

import feeds
from monitor.cli.compare import party_name, read_file, register
from monitor.cli.context import Mistake
from monitor.cli.files import opened
from monitor.cli.output import printable
from monitor.cli.routes_in_words import asks_for_country, in_words
from monitor.config import Configuration
from monitor.config.errors import one_of
from monitor.core.alert import Alert, DossierFacts
from monitor.core.classify import change_json, classify
from monitor.core.diff import Added
from monitor.core.digest import schedule
from monitor.core.explanation import Way, by_way
from monitor.core.words import counted, span_words

ONE_BY_ONE = 20
"""So many changes are explained one by one; more are counted by where they go."""

TERMINAL = "the terminal"

_LARGEST = 256 * 1024 * 1024
_MARK = b"\xef\xbb\xbf"
_EXPECTED = "expected changes as `diff --format json` prints them, an alert as a webhook gets it, or a saved list"
_OF_A_CHANGE = ("feed", "key", "kind", "categories", "severity", "party")


@dataclass(frozen=True)
class Read:
    """What stands in a file: an alert for each change, or for what has none, and what the file is taken for."""

    alerts: list[Alert]
    taken_for: str


def explain(configuration: Configuration, path: Path, feed: str | None = None) -> Iterator[str]:
    """Where what stands in the file would go, as sentences. ``feed`` says which list it is, where it is one.

    Raises Mistake when the file cannot be read as changes, an alert or a list.
    """
    read = _read(configuration, path, feed)
    yield f"{path}: {read.taken_for}."
    yield ""
    channels = list(configuration.channels) or [TERMINAL]
    groups = by_way(read.alerts, configuration.routes, channels)
    if len(read.alerts) <= ONE_BY_ONE:
        order = {id(alert): ways for ways, alerts in groups for alert in alerts}
        for alert in read.alerts:
            yield f"{_named(alert)}"
            yield from _told(order[id(alert)], configuration)
    else:
        for ways, alerts in groups:
            yield f"{counted(len(alerts), _noun(alerts))}, such as {_named(alerts[0])}"
            yield from _told(ways, configuration)
    yield ""
    yield from _summary(groups, channels, len(read.alerts))
    if asks_for_country(configuration.routes) and any(
        change["kind"] == "amended" for alert in read.alerts for change in alert.changes
    ):
        yield "Of amended parties only those countries are known that stand in the file; the service looks at the whole record."


def _told(ways: Sequence[Way], configuration: Configuration) -> Iterator[str]:
    if not ways:
        yield "  Nobody is told: no route takes it."
    for way in ways:
        yield f"  {way.channel}: {_when(way)}, {_because(way, configuration)}."


def _when(way: Way) -> str:
    if way.digest:
        return f"in the digest {schedule(way.digest).words}"
    if way.after:
        return f"when nobody acknowledges it within {span_words(way.after)}"
    return "at once"


def _because(way: Way, configuration: Configuration) -> str:
    if not way.routes:
        return "as no route says otherwise"
    noun = "route" if len(way.routes) == 1 else "routes"
    numbered = [
        f"{number + 1} ({in_words(configuration.routes[number].when)})" for number in way.routes
    ]
    return f"by {noun} {' and '.join(numbered)}"


def _summary(
    groups: Sequence[tuple[tuple[Way, ...], list[Alert]]], channels: Sequence[str], total: int
) -> Iterator[str]:
    told = {way.channel for ways, _ in groups for way in ways}
    untold = sum(len(alerts) for ways, alerts in groups if not ways)
    if untold:
        yield f"Nobody is told of {untold:,} of {total:,}."
    if nothing := [channel for channel in channels if channel not in told]:
        yield f"Nothing of this goes to {one_of(nothing)}."
    if not untold and not nothing:
        yield "Every channel is told of some of this, and everything is told to somebody."


def _named(alert: Alert) -> str:
    """``ofac-sdn 48220, added: DOE, John (individual); designation, high``."""
    if not alert.changes:
        title = (alert.publication or {}).get("title") or alert.feed_title
        return printable(f"{alert.kind} of {alert.severity} severity: {title}")
    (change,) = alert.changes
    party = change["party"]
    type = f" ({party['type']})" if party.get("type") else ""
    why = ", ".join(change["categories"])
    return printable(
        f"{change['feed']} {change['key']}, {change['kind']}: {party_name(party)}{type};"
        f" {why}, {change['severity']}"
    )


def _noun(alerts: Sequence[Alert]) -> str:
    return "change" if all(alert.changes for alert in alerts) else "message"


def _read(configuration: Configuration, path: Path, feed: str | None) -> Read:
    with opened(path, max_bytes=_LARGEST) as file:
        content = file.read()
    beginning = content[:200].removeprefix(_MARK).lstrip()[:1]
    if beginning == b"<":
        return _list(configuration, path, feed)
    if beginning in (b"{", b"["):
        return _objects(path, content)
    raise Mistake(f"{path} is {'of another kind' if beginning else 'empty'}; {_EXPECTED}")


# --- a list -----------------------------------------------------------------------------------------------------------


def _list(configuration: Configuration, path: Path, feed: str | None) -> Read:
    adapter, documents = _parties(configuration, path, feed)
    id = adapter.feed.id
    changes = [
        change_json(id, added, classify(added))
        for added in (Added(key, document) for key, document in sorted(documents.items()))
    ]
    hint = "" if feed else " (--feed names another list)"
    what = f"taken for a version of {id}{hint}, of which {counted(len(changes), 'party')} would be added"
    return Read([_alert_of(change) for change in changes], what)


def _parties(
    configuration: Configuration, path: Path, feed: str | None
) -> tuple[feeds.RegisterAdapter, Mapping[str, Any]]:
    if feed is not None:
        adapter = register(feed)
        return adapter, read_file(adapter, path)
    reason = "no list of parties is watched"
    first = None
    for id, least in _watched_lists(configuration):
        adapter = register(id)
        try:
            found = adapter, read_file(adapter, path)
        except Mistake as mistake:
            reason = str(mistake)
            continue
        if len(found[1]) >= least:
            return found
        first = first or found
    if first is None:
        raise Mistake(f"{reason}; name the list with --feed")
    return first


def _watched_lists(configuration: Configuration) -> list[tuple[str, int]]:
    """The lists that are watched, and how many parties each has at least; the largest first, as lists of one authority look alike."""
    lists = [
        (id, settings.guard.min_records)
        for id, settings in configuration.feeds.items()
        if settings.enabled and settings.guard
    ]
    return sorted(lists, key=lambda each: -each[1])


# --- changes and alerts -----------------------------------------------------------------------------------------------


def _objects(path: Path, content: bytes) -> Read:
    found = _parsed(path, content.removeprefix(_MARK))
    if any(isinstance(each, dict) and "specversion" in each for each in found):
        return _events(path, found)
    alerts = [_alert_of(_change(path, number, each)) for number, each in enumerate(found, 1)]
    return Read(alerts, counted(len(alerts), "change"))


def _parsed(path: Path, content: bytes) -> list[Any]:
    """The objects of one JSON text, or of one on each line."""
    try:
        whole = orjson.loads(content)
    except orjson.JSONDecodeError:
        lines = [line for line in content.splitlines() if line.strip()]
        return [_line(path, number, line) for number, line in enumerate(lines, 1)]
    return whole if isinstance(whole, list) else [whole]


def _line(path: Path, number: int, line: bytes) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError:
        raise Mistake(f"{path} cannot be read: line {number} is not JSON; {_EXPECTED}") from None


def _change(path: Path, number: int, given: Any) -> dict[str, Any]:
    if not isinstance(given, dict):
        raise Mistake(f"{path}: object {number} is no change; {_EXPECTED}")
    lacking = [name for name in _OF_A_CHANGE if name not in given]
    if lacking:
        raise Mistake(f"{path}: object {number} is no change, as it has no {one_of(lacking)}")
    is_sound = (
        isinstance(given["party"], dict)
        and isinstance(given["categories"], list)
        and all(isinstance(given[name], str) for name in ("feed", "key", "kind", "severity"))
        and isinstance(given.get("fields", []), list)
    )
    if not is_sound:
        raise Mistake(f"{path}: object {number} is no change as `diff --format json` prints one")
    return given


def _events(path: Path, events: Sequence[Any]) -> Read:
    alerts = [alert for event in events for alert in _event(path, event)]
    changes = sum(len(alert.changes) for alert in alerts)
    said = f", with {counted(changes, 'change')}" if changes else ""
    if len(events) > 1:
        return Read(alerts, f"{counted(len(events), 'alert')}{said}")
    return Read(alerts, f"an alert of kind {alerts[0].kind}{said}")


def _event(path: Path, event: Any) -> list[Alert]:
    data = event.get("data") if isinstance(event, dict) else None
    if not isinstance(data, dict) or not {"kind", "severity", "changes"} <= data.keys():
        raise Mistake(f"{path} is an event, and none that this service sends; {_EXPECTED}")
    if data.get("changes_count") and not data["changes"]:
        raise Mistake(
            f"{path} holds none of its {data['changes_count']:,} changes, as it would have been too large; "
            "`changes --format json` prints them"
        )
    whole = _alert_of_event(event, data)
    changes = [_change(path, number, each) for number, each in enumerate(data["changes"], 1)]
    return [replace(whole, changes=(change,), feed=change["feed"]) for change in changes] or [whole]


def _alert_of_event(event: Mapping[str, Any], data: Mapping[str, Any]) -> Alert:
    kind = str(data["kind"])
    cases = data.get("dossiers") or [data["dossier"]] if data.get("dossier") else []
    publications = data.get("publications") or [None]
    is_published = kind in ("publication", "dossier")
    return replace(
        _an_alert(kind, str(event.get("subject", "")), str(data["severity"])),
        feed_title=str(data.get("title", "")),
        publication=publications[0] if is_published else None,
        dossiers=tuple(DossierFacts(id=str(case["id"]), lines=(), account={}) for case in cases),
    )


def _alert_of(change: dict[str, Any]) -> Alert:
    return replace(_an_alert("change", change["feed"], change["severity"]), changes=(change,))


def _an_alert(kind: str, feed: str, severity: str) -> Alert:
    return Alert(
        id="",
        kind=kind,
        feed=feed,
        feed_title=feed,
        authority="",
        severity=severity,
        first_seen=datetime.min.replace(tzinfo=UTC),
        not_before=None,
    )
