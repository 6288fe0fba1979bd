"""What Apprise has to be told, and what its payloads lack, so that our layouts are shown as they are meant.

Slack's Block Kit shows our markup, but a section takes 3,000 characters and a header 150 (Apprise's own limits are those of the older
form), and a message of blocks alone says nothing in a notification. Discord mentions whomever a text names unless it is told not to.
Teams cuts a title at the card's edge, so that ours stands in the text.
"""

from collections.abc import Mapping
from typing import Any

from monitor.core.channel import LayoutName

SETTINGS: Mapping[LayoutName, Mapping[str, Any]] = {
    "slack": {"use_blocks": True, "format": "markdown"},
    # Asked for Markdown, Apprise looks for mentions in the text and repeats them where they count.
    "discord": {"format": None},
    "teams": {},
}
"""By layout, what takes the place of what a URL says."""

LIMITS: Mapping[LayoutName, tuple[int, int | None]] = {
    "slack": (150, 3_000),
    "discord": (250, None),
    "teams": (250, None),
}
"""By layout, the limits of a title and of a text that Apprise's tables do not know; None: as they say."""

_PLUGINS: Mapping[str, LayoutName] = {
    "NotifySlack": "slack",
    "NotifyDiscord": "discord",
    "NotifyWorkflows": "teams",
}
_BUILT_BY_SLACK = ("workflow", "trigger")


def layout_of(service: Any) -> LayoutName | None:
    """The layout for a service. None for all others, and for Slack's workflows, which write the message themselves."""
    layout = _PLUGINS.get(type(service).__name__)
    if layout == "slack" and str(service.mode).startswith(_BUILT_BY_SLACK):
        return None
    return layout


def complete(service: Any, layout: LayoutName | None) -> None:
    """Add to what the service sends: a line for Slack's notifications, and to Discord whom it may mention."""
    if layout == "slack":
        _before_sending(service, "payload", _with_fallback)
    elif layout == "discord":
        _before_sending(service, "payload", _mentioning_nobody)


def _before_sending(service: Any, name: str, change: Any) -> None:
    send = service._send  # the one place through which both plugins send

    def changed(*args: Any, **given: Any) -> Any:
        if name in given:
            given[name] = change(given[name])
        else:
            args = tuple(change(each) if isinstance(each, dict) else each for each in args)
        return send(*args, **given)

    service._send = changed


def _with_fallback(payload: dict[str, Any]) -> dict[str, Any]:
    for attachment in payload.get("attachments", ()):
        for block in attachment.get("blocks", ()):
            if block.get("type") == "header":
                attachment.setdefault("fallback", block["text"]["text"])
    return payload


def _mentioning_nobody(payload: dict[str, Any]) -> dict[str, Any]:
    """Nobody but whom the URL's own ``ping`` names; Apprise says it under a key that Discord does not know."""
    return {**payload, "allowed_mentions": payload.get("allow_mentions", {"parse": []})}
