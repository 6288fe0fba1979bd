"""What would steer a screen is written out in messages, and stays as it is in data."""

import json
from datetime import UTC

import pytest

from monitor.core.channel import ChannelProfile
from monitor.core.render import render, title
from monitor.core.route import everything
from tests.builders import an_added, an_alert

URL = "https://monitor.example.org"
TURNED = "EXAMPLE \u202ekcehc\u202c, John"
SHOWN = "EXAMPLE ⟨U+202E⟩kcehc⟨U+202C⟩"


@pytest.mark.parametrize("kind", ["apprise", "mail"])
def test_a_mark_that_turns_the_direction_is_seen_and_not_obeyed(kind: str) -> None:
    alert = an_alert(an_added(name=TURNED))
    profile = ChannelProfile("desk", kind, "text", None, None, ("",))  # type: ignore[arg-type]

    (message,) = render(alert, everything(alert, "desk"), profile, URL, UTC)

    assert SHOWN in message.subject
    assert SHOWN in title(alert)
    assert SHOWN in (message.html or SHOWN)
    assert "\u202e" not in f"{message.subject}{message.text}{message.html}"


def test_the_changes_on_the_wire_stay_exact() -> None:
    alert = an_alert(an_added(name=TURNED))
    profile = ChannelProfile("system", "webhook", "json", None, None, ("",))

    (message,) = render(alert, everything(alert, "system"), profile, URL, UTC)

    data = json.loads(message.wire or "")["data"]
    assert "\u202e" in data["changes"][0]["party"]["name"]["last"]
    assert SHOWN in data["title"]
    assert "\u202e" not in data["text"]
