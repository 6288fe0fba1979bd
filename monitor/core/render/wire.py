"""An alert for programs: CloudEvents 1.0, structured JSON, as the contract writes it."""

import hashlib
from datetime import UTC
from typing import Any

import orjson

from monitor.core.alert import Alert
from monitor.core.canonical import encode
from monitor.core.channel import ChannelProfile
from monitor.core.gathered import DigestFacts
from monitor.core.render.chat import render_chat
from monitor.core.render.headings import headings
from monitor.core.render.message import link_of
from monitor.core.render.visible import visible_alert, visible_selection
from monitor.core.route import Selection, everything
from monitor.core.times import to_seconds

EVENT_TYPE = "org.sanctions-monitor.alert"

WIRE_LIMIT = 256 * 1024
"""What receivers take without a word: a body of more bytes says how many changes there are, and where."""

_WHOLE = ChannelProfile("", "webhook", "text", None, None, ("",))
_SHORT = ChannelProfile("", "webhook", "text", None, 1_000, ("",))


def wire(alert: Alert, public_url: str, selection: Selection | None = None) -> str:
    """The event that receivers get; of a selection only its changes. The same text whenever it is made again.

    ``id`` is the alert's: every repeat carries it.
    """
    return orjson.dumps(_event(alert, public_url, selection or everything(alert, ""))).decode()


def wire_within(
    alert: Alert, public_url: str, selection: Selection, limit: int = WIRE_LIMIT
) -> str:
    """The event, of at most ``limit`` bytes as UTF-8: what is larger has no changes, but their number, their hash and the link;
    its dossier has the number of its parties.

    ``changes_sha256`` is that of the canonical JSON of the whole list (sorted keys, no white space, UTF-8). Where even the text
    would be too long, it is the short one: numbers, the first names and the link.
    """
    event = _event(alert, public_url, selection)
    text = orjson.dumps(event)
    if len(text) > limit:
        changes = event["data"]["changes"]
        event["data"] |= {
            "changes": [],
            "changes_count": len(changes),
            "changes_sha256": hashlib.sha256(encode(changes)).hexdigest(),
        }
        for dossier in filter(None, (event["data"]["dossier"], *event["data"].get("dossiers", ()))):
            dossier["parties_count"] = len(dossier.pop("parties"))
        text = orjson.dumps(event)
    if len(text) > limit:
        event["data"]["text"] = _text(alert, public_url, selection, _SHORT)
        text = orjson.dumps(event)
    return text.decode()


def _event(alert: Alert, public_url: str, selection: Selection) -> dict[str, Any]:
    heading = headings(visible_alert(alert), visible_selection(selection).changes)[0]
    text = _text(alert, public_url, selection, _WHOLE)
    event = {
        "specversion": "1.0",
        "id": alert.id,
        "source": public_url,
        "type": f"{EVENT_TYPE}.{alert.kind}",
        "subject": alert.feed,
        "time": to_seconds(alert.first_seen),
        "datacontenttype": "application/json",
        # No page keeps a test: whoever tries a channel finds the first one.
        "data": _data(alert, selection, heading, text, link_of(alert, public_url) or public_url),
    }
    if not alert.feed:  # about a channel, or a test; CloudEvents knows no empty subject
        del event["subject"]
    return event


def _text(alert: Alert, public_url: str, selection: Selection, profile: ChannelProfile) -> str:
    shown, selected = visible_alert(alert), visible_selection(selection)
    (message,) = render_chat(shown, selected, profile, public_url, UTC)
    return message.text


def _data(alert: Alert, selection: Selection, heading: str, text: str, url: str) -> dict[str, Any]:
    return {
        "alert": alert.id,
        "kind": alert.kind,
        "severity": alert.severity,
        "title": heading,
        "text": text,
        "changes": list(selection.changes),
        "dossier": _dossiers(alert)[0] if alert.dossiers else None,
        "publications": _publications(alert),
        "evidence": {
            "snapshot": alert.snapshot_sha256,
            "first_seen": to_seconds(alert.first_seen),
            "published": alert.published,
        },
        "url": url,
    } | _sometimes(alert)


def _sometimes(alert: Alert) -> dict[str, Any]:
    """What is there only where it says something."""
    several: dict[str, Any] = {"dossiers": _dossiers(alert)} if len(alert.dossiers) > 1 else {}
    if alert.digest:
        several["digest"] = _digest(alert.digest)
    return several | ({"escalates": alert.escalates.alert} if alert.escalates else {})


def _digest(digest: DigestFacts) -> dict[str, Any]:
    """What a digest is about, which alerts it gathers, and how the watch was kept."""
    return {
        "schedule": digest.schedule.text,
        "since": to_seconds(digest.since),
        "until": to_seconds(digest.until),
        "alerts": [each.id for each in digest.gathered],
        "watch_kept": digest.is_kept,
        "checks": [
            {
                "feed": each.feed,
                "checks": each.checked.polls,
                "failed": each.checked.failed,
                "longest_gap_seconds": round(each.checked.longest_gap.total_seconds()),
            }
            for each in digest.kept
        ],
    }


def _dossiers(alert: Alert) -> list[dict[str, Any]]:
    """The cases that an alert tells of, as they are by then; ``statements`` are what it says of them."""
    return [
        {"id": each.id, "statements": list(each.lines), **each.account} for each in alert.dossiers
    ]


def _publications(alert: Alert) -> list[dict[str, Any]]:
    """The publication that an alert tells of, then those that its cases hold, each once."""
    found = [alert.publication] if alert.publication else []
    if alert.digest:
        gathered = [each.alert for each in alert.digest.gathered if each.alert]
        found = [each.publication for each in gathered if each.publication]
    known = {each["key"] for each in found}
    for dossier in alert.dossiers:
        for witness in ("release", "action", "notice"):
            for each in dossier.account[f"{witness}s"]:
                if each["key"] not in known:
                    known.add(each["key"])
                    shown = {
                        name: each[name] for name in ("authority", "key", "title", "url", "date")
                    }
                    found.append({"witness": witness, **shown})
    return found
