"""What would steer a reader's screen is shown, not obeyed.

A source may hold control characters, and marks that turn the direction of writing: they can make a name read as another. In messages
they are written out (``⟨U+202E⟩``); data, and a webhook's ``changes``, keep them exactly as they are.
"""

import re
from dataclasses import replace
from typing import Any, TypeVar

from monitor.core.alert import Alert
from monitor.core.gathered import DigestFacts
from monitor.core.route import Selection

T = TypeVar("T")

# Control characters but for tab and line ends; marks, embeddings, overrides and isolates of direction (Unicode Annex 9).
_STEERING = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


def visible_alert(alert: Alert) -> Alert:
    """The alert as people may read it."""
    return replace(
        alert,
        changes=visible(alert.changes),
        publication=visible(alert.publication),
        dossiers=tuple(
            replace(each, lines=visible(each.lines), account=visible(each.account))
            for each in alert.dossiers
        ),
        digest=alert.digest and _visible_digest(alert.digest),
    )


def _visible_digest(digest: DigestFacts) -> DigestFacts:
    return replace(
        digest,
        gathered=tuple(
            replace(
                each,
                title=visible(each.title),
                alert=each.alert and visible_alert(each.alert),
                changes=visible(each.changes),
            )
            for each in digest.gathered
        ),
    )


def visible_selection(selection: Selection) -> Selection:
    """The selection as people may read it."""
    return replace(selection, changes=visible(selection.changes))


def visible(value: T) -> T:
    """The value with every steering character in its texts written out; the value itself where there is none."""
    return _visible(value)  # type: ignore[no-any-return]


def _visible(value: Any) -> Any:
    match value:
        case str():
            return _STEERING.sub(_written_out, value)
        case dict():
            return {key: _visible(each) for key, each in value.items()}
        case list():
            return [_visible(each) for each in value]
        case tuple():
            return tuple(_visible(each) for each in value)
        case _:
            return value


def _written_out(match: re.Match[str]) -> str:
    return f"⟨U+{ord(match[0]):04X}⟩"
