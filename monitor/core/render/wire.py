"""An alert for programs: CloudEvents 1.0, structured JSON, as the contract writes it."""

from datetime import UTC
from typing import Any

import orjson

from monitor.core.alert import Alert, permalink
from monitor.core.channel import ChannelProfile
from monitor.core.render.chat import render_chat
from monitor.core.render.headings import headings
from monitor.core.render.visible import visible_alert, visible_selection
from monitor.core.route import Selection, everything
from monitor.core.times import to_seconds

EVENT_TYPE = "org.sanctions-monitor.alert"

_WHOLE = ChannelProfile("", "webhook", "text", None, None, ("",))


def wire(alert: Alert, public_url: str, selection: Selection | None = None) -> str:
    """The event that receivers get; of a selection only its changes. The same text whenever it is made again.

    ``id`` is the alert's: every repeat carries it.
    """
    selection = selection or everything(alert, "")
    shown, selected = visible_alert(alert), visible_selection(selection)
    (message,) = render_chat(shown, selected, _WHOLE, public_url, UTC)
    heading = headings(shown, selected.changes)[0]
    event = {
        "specversion": "1.0",
        "id": alert.id,
        "source": public_url,
        "type": f"{EVENT_TYPE}.{alert.kind}",
        "subject": alert.feed,
        "time": to_seconds(alert.first_seen),
        "datacontenttype": "application/json",
        "data": _data(alert, selection, heading, message.text, permalink(public_url, alert.id)),
    }
    if not alert.feed:  # about a channel, or a test; CloudEvents knows no empty subject
        del event["subject"]
    return orjson.dumps(event).decode()


def _data(alert: Alert, selection: Selection, heading: str, text: str, url: str) -> dict[str, Any]:
    return {
        "alert": alert.id,
        "kind": alert.kind,
        "severity": alert.severity,
        "title": heading,
        "text": text,
        "changes": list(selection.changes),
        "dossier": None,
        "publications": [alert.publication] if alert.publication else [],
        "evidence": {
            "snapshot": alert.snapshot_sha256,
            "first_seen": to_seconds(alert.first_seen),
            "published": alert.published,
        },
        "url": url,
    }
