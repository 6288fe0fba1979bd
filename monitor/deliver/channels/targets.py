"""One Apprise URL as its targets, each with a service of its own.

Apprise sends to the targets of a URL one after the other and says only whether all of them took it, so that a repeat would go to those
who have it as well. Where the plugin lets its targets be told apart, each is a recipient with a delivery of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apprise.plugins import url_to_dict
from apprise.utils.parse import parse_list

from monitor.deliver.channels.base import UnusableChannel
from monitor.deliver.channels.service import open_service

_NAMED = frozenset(
    {"NotifySlack", "NotifyTelegram", "NotifyMattermost", "NotifyRocketChat", "NotifyMatrix"}
)
"""Plugins whose targets are names of rooms or ids of chats. Elsewhere a target may be a telephone number, or a secret: a topic of
ntfy is read by whoever knows it."""


@dataclass(frozen=True)
class Targets:
    """The services by recipient, and one that stands for the ``whole`` URL.

    ``undivided`` is how many targets that one service stands for, where they cannot be told apart; else 1.
    """

    services: Mapping[str, Any]
    whole: Any
    undivided: int = 1


def open_targets(
    name: str, url: str, *, app_url: str, settings: Mapping[str, Any] | None = None
) -> Targets:
    """The targets of ``url``; ``settings`` take the place of what the URL says, None where it must say nothing.

    A recipient is called by the target's name where that is no secret, else by its place: "1", "2". A URL with one target has the
    one recipient "". Raises UnusableChannel, which does not repeat the URL.
    """
    service = open_service(name, url, app_url=app_url, settings=settings)
    service.retry = 0  # each of Apprise's own retries would count as a target
    number = len(service)
    if number <= 1:
        return Targets({"": service}, service)
    named = _targets(url)
    if len(named) != number:
        return Targets({"": service}, service, number)
    divided = {}
    for place, target in enumerate(named, start=1):
        recipient = target if type(service).__name__ in _NAMED else str(place)
        one = _opened(name, url, app_url, {**(settings or {}), "targets": [target]})
        if one is None or len(one) != 1:
            return Targets({"": service}, service, number)
        divided[recipient] = one
    return Targets(divided, service)


def _opened(name: str, url: str, app_url: str, settings: Mapping[str, Any]) -> Any:
    try:
        return open_service(name, url, app_url=app_url, settings=settings)
    except UnusableChannel:
        return None


def _targets(url: str) -> list[str]:
    described = url_to_dict(url)  # type: ignore[no-untyped-call]
    found = (described or {}).get("targets")
    if not isinstance(found, list | tuple):
        return []
    listed: list[str] = parse_list(*found, sort=False)  # type: ignore[no-untyped-call]
    return listed
