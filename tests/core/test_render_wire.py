"""An alert for programs."""

import hashlib
import json
from dataclasses import replace
from datetime import UTC
from typing import Any

import pytest

from monitor.core.channel import ChannelProfile
from monitor.core.render import render, wire
from monitor.core.route import Selection, everything
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


def a_flood(number: int) -> Any:
    return an_alert(*[an_added(f"{key:05}", name=f"PARTY {key:05}, Élan") for key in range(number)])


def of_webhook(alert: Any, **given: Any) -> str:
    profile = ChannelProfile("case-system", "webhook", "json", None, None, ("",))
    (message,) = render(alert, everything(alert, "case-system"), profile, URL, UTC)
    return message.wire or ""


@pytest.mark.parametrize("number", [1_500, 20_000])
def test_a_body_that_would_be_too_large_counts_its_changes_and_leads_to_them(number: int) -> None:
    alert = a_flood(number)

    body = of_webhook(alert)

    data = json.loads(body)["data"]
    canonical = json.dumps(
        list(alert.changes), sort_keys=True, separators=(",", ":"), ensure_ascii=False
    )
    assert len(body.encode()) <= 256 * 1024
    assert data["changes"] == []
    assert data["changes_count"] == number
    assert data["changes_sha256"] == hashlib.sha256(canonical.encode()).hexdigest()
    assert data["url"] == f"{URL}/alerts/{ID}"
    assert f"{number:,} designated" in data["title"]
    assert "PARTY 00000" in data["text"]


def test_a_body_that_is_not_too_large_is_whole() -> None:
    data = json.loads(of_webhook(a_flood(100)))["data"]

    assert len(data["changes"]) == 100
    assert "changes_count" not in data


def test_a_test_leads_to_the_first_page() -> None:
    assert json.loads(wire(an_alert(kind="test"), URL))["data"]["url"] == URL
