from dataclasses import replace
from datetime import UTC
from typing import Any

import pytest

from monitor.alerting.writer import Writer
from monitor.core.channel import ChannelProfile
from monitor.core.render import render
from monitor.core.route import Selection, everything
from tests.builders import an_added, an_alert, an_incident

URL = "https://watch.example.org"
CHAT = ChannelProfile("chat", "apprise", "text", None, 4000, ("",))
WIRE = ChannelProfile("wire", "webhook", "json", None, None, ("",))
MAIL = ChannelProfile("mail", "mail", "html", None, None, ("a@example.org", "b@example.org"))


def channels() -> list[ChannelProfile]:
    return [
        replace(profile, name=f"{profile.name}-{number}", language=language)
        for profile in (CHAT, WIRE, MAIL)
        for number, language in enumerate(("en", "en", "de"))
    ]


ALERT = an_alert(an_added("1"), an_added("2"))


@pytest.mark.parametrize(
    ("alert", "chosen"),
    [
        (ALERT, lambda channel: everything(ALERT, channel)),
        (ALERT, lambda channel: Selection(channel, ALERT.changes[:1], 1, (int(channel[-1]),))),
        (ALERT, lambda channel: Selection(channel, ALERT.changes[int(channel[-1]) % 2 :], 1, (0,))),
        (an_incident(), lambda channel: everything(an_incident(), channel)),
    ],
)
def test_what_channels_share_is_what_each_would_have_got_alone(alert: Any, chosen: Any) -> None:
    profiles = channels()
    selections = [chosen(profile.name) for profile in profiles]

    _, promises = Writer(profiles, public_url=URL, zone=UTC).write(alert, selections)

    assert [(each.channel, each.recipient, each.subject, each.text, each.html, each.wire)
            for each in promises] == [
        (profile.name, recipient, message.subject, message.text, message.html, message.wire)
        for profile, selection in zip(profiles, selections, strict=True)
        for message in render(alert, selection, profile, URL, UTC)
        for recipient in profile.recipients
    ]  # fmt: skip


def test_a_hundred_channels_that_take_the_same_are_rendered_for_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rendered: list[str] = []

    def counted(*given: Any) -> Any:
        rendered.append(given[2].kind)
        return render(*given)

    monkeypatch.setattr("monitor.alerting.writer.render", counted)
    profiles = [replace(WIRE, name=f"wire-{number}") for number in range(100)]

    _, promises = Writer(profiles, public_url=URL, zone=UTC).write(
        ALERT, [everything(ALERT, profile.name) for profile in profiles]
    )

    assert len(promises) == 100
    assert rendered == ["webhook"]
