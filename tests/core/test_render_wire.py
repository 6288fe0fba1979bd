"""An alert for programs."""

import json
from dataclasses import replace
from datetime import UTC
from typing import Any

from monitor.core.channel import ChannelProfile
from monitor.core.render import render, wire
from monitor.core.route import Selection
from tests.builders import a_release, a_removed, an_added, an_alert, an_incident, as_json

URL = "https://monitor.example.org"
ID = "knn5vsf64akmhy4mpcdwoo4hhi"


def test_an_alert_is_a_cloudevent_as_the_contract_writes_it() -> None:
    event: dict[str, Any] = json.loads(wire(an_alert(an_added("1"), publication=a_release()), URL))

    text = event["data"].pop("text")
    assert text.startswith("North Korea: industries [DPRK4]\n")
    assert event == {
        "specversion": "1.0",
        "id": ID,
        "source": URL,
        "type": "org.sanctions-monitor.alert.change",
        "subject": "ofac-sdn",
        "time": "2024-12-16T15:02:11Z",
        "datacontenttype": "application/json",
        "data": {
            "alert": ID,
            "kind": "change",
            "severity": "high",
            "title": "OFAC: 1 designated. DOE, John (individual, uid 1) was added to the SDN list",
            "changes": list(as_json(an_added("1"))),
            "dossier": None,
            "publications": [a_release()],
            "evidence": {
                "snapshot": "ab" * 32,
                "first_seen": "2024-12-16T15:02:11Z",
                "published": "12/16/2024",
            },
            "url": f"{URL}/alerts/{ID}",
        },
    }


def test_the_event_is_the_same_text_whenever_it_is_made() -> None:
    assert wire(an_alert(an_added()), URL) == wire(an_alert(an_added()), URL)


def test_a_webhook_gets_the_selected_changes_in_one_part() -> None:
    alert = an_alert(an_added("1"), a_removed("2"))
    profile = ChannelProfile("case-system", "webhook", "json", None, None, ("",))

    (message,) = render(
        alert, Selection("case-system", alert.changes[:1], 1, (0,)), profile, URL, UTC
    )

    data = json.loads(message.wire or "")["data"]
    assert [change["key"] for change in data["changes"]] == ["1"]
    assert "1 other change of the same publication is not in this message." in data["text"]


def test_an_incident_has_no_changes_and_no_snapshot() -> None:
    data = json.loads(wire(an_incident(), URL))["data"]

    assert data["kind"] == "incident"
    assert data["changes"] == data["publications"] == []
    assert data["evidence"]["snapshot"] is None


def test_what_is_about_no_feed_has_no_subject_rather_than_an_empty_one() -> None:
    event = json.loads(wire(replace(an_alert(), feed=""), URL))

    assert "subject" not in event
