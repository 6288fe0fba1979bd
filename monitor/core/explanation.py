"""Where something would go, and why: what the alerter would promise, without anything being made."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from monitor.core.alert import Alert
from monitor.core.escalation import escalations
from monitor.core.route import Route, select


@dataclass(frozen=True, slots=True)
class Way:
    """How a channel would be told: at once, in the ``digest`` of that schedule, or ``after`` nobody has acknowledged it for so long.

    ``routes`` are the numbers, from 0, of those that say so; empty where none does.
    """

    channel: str
    routes: tuple[int, ...]
    digest: str | None = None
    after: timedelta | None = None


def ways(alert: Alert, routes: Sequence[Route], channels: Sequence[str]) -> tuple[Way, ...]:
    """Everybody who would be told of an alert with one change, or none, in the order of ``channels``; empty when nobody is."""
    chosen = [
        Way(each.channel, each.routes, digest=each.digest)
        for each in select(alert, routes, channels)
    ]
    otherwise = [
        Way(each.channel, each.routes, after=each.after) for each in escalations(alert, routes)
    ]
    return (*chosen, *otherwise)


def by_way(
    alerts: Iterable[Alert], routes: Sequence[Route], channels: Sequence[str]
) -> list[tuple[tuple[Way, ...], list[Alert]]]:
    """The alerts that would go the same ways, together, the most first. Each alert is in just one of the groups."""
    found: dict[tuple[Way, ...], list[Alert]] = {}
    for alert in alerts:
        found.setdefault(ways(alert, routes, channels), []).append(alert)
    return sorted(found.items(), key=lambda group: -len(group[1]))
