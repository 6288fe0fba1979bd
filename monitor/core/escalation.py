"""What goes to whom else when nobody acknowledges an alert in time.

Only what is severe is worth waking somebody for: a route escalates what it selected if that is of high severity, or of one that its own
condition names. Never a test, and of an incident its opening alone: a reminder or an end would wake the same people again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from monitor.core.alert import Alert, Escalated, alert_id
from monitor.core.classify import worst
from monitor.core.route import Documents, Route, Selection, accepted
from monitor.core.times import to_text

KIND = "escalation"
"""The kind of an alert that tells another one again, as nobody has acknowledged it."""

_SEVERE = ("high",)


@dataclass(frozen=True)
class Escalation:
    """That a channel is told of these changes (of all the alert, if it has none) when nobody has acknowledged it ``after`` it was made."""

    channel: str
    after: timedelta
    keys: tuple[str, ...]
    routes: tuple[int, ...]

    def as_stored(self) -> dict[str, Any]:
        """What it will tell, as it stands in its row."""
        return {"keys": list(self.keys), "routes": list(self.routes)}


def escalations(
    alert: Alert, routes: Sequence[Route], documents: Documents | None = None
) -> list[Escalation]:
    """One for each channel at most: of what any route escalates to it, after the shortest time."""
    if alert.kind in ("test", KIND) or (alert.incident and alert.incident.state != "opened"):
        return []
    found: dict[str, Escalation] = {}
    for number, route in enumerate(routes):
        keys = accepted(alert, route.when, documents or {}) if route.escalate else None
        if route.escalate is None or keys is None or not _is_severe(alert, route, keys):
            continue
        for channel in route.escalate.send:
            first = found.get(channel, Escalation(channel, route.escalate.after, (), ()))
            found[channel] = Escalation(
                channel,
                min(first.after, route.escalate.after),
                tuple(sorted({*first.keys, *keys})),
                (*first.routes, number),
            )
    return list(found.values())


def escalated(alert: Alert, *, made: datetime, due: datetime) -> Alert:
    """The alert that tells ``alert``, which was made ``made``, again at ``due``. Its id is derived, so that it is made once."""
    return replace(
        alert,
        id=escalation_id(alert.id, due),
        kind=KIND,
        escalates=Escalated(alert.id, made, due - made),
    )


def retold(
    id: str, *, title: str, text: str, severity: str, feed: str, made: datetime, due: datetime
) -> Alert:
    """The same, of an alert of which only the words can be had again."""
    return Alert(
        id=escalation_id(id, due),
        kind=KIND,
        feed=feed,
        feed_title=feed,
        authority="",
        severity=severity,
        first_seen=made,
        not_before=None,
        escalates=Escalated(id, made, due - made, title, text),
    )


def escalation_id(alert: str, due: datetime) -> str:
    """The id of the alert that tells ``alert`` again at ``due``."""
    return alert_id(KIND, alert, to_text(due))


def selection_of(alert: Alert, channel: str, stored: Mapping[str, Any]) -> Selection:
    """What the channel is told, of an alert with the changes that the escalated one had."""
    changes = tuple(each for each in alert.changes if each["key"] in set(stored["keys"]))
    others = len(alert.changes) - len(changes)
    return Selection(channel, changes, others, tuple(stored["routes"]))


def _is_severe(alert: Alert, route: Route, keys: set[str]) -> bool:
    selected = [each["severity"] for each in alert.changes if each["key"] in keys]
    severity = worst(selected) if selected else alert.severity
    return severity in (route.when.severity or _SEVERE)
