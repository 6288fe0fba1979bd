"""Days are written in the channel's language; everything else is English."""

from datetime import UTC

import pytest

from monitor.core.channel import ChannelKind, ChannelProfile
from monitor.core.render import render
from monitor.core.route import everything
from tests.builders import a_release, an_added, an_alert


def told(language: str, kind: ChannelKind = "apprise") -> str:
    alert = an_alert(
        an_added(dates_of_birth=[{"date": "12 Feb 1992"}]), publication=a_release(date="2024-12-16")
    )
    profile = ChannelProfile("desk", kind, "text", None, None, ("",), language=language)
    (message,) = render(alert, everything(alert, "desk"), profile, "https://x.example", UTC)
    return message.text


@pytest.mark.parametrize("kind", ["apprise", "mail"])
def test_our_own_days_are_in_the_language_and_the_sources_are_as_it_wrote_them(
    kind: ChannelKind,
) -> None:
    german = told("de", kind)

    assert german.count("16. Dez. 2024") >= 2
    assert "16 Dec 2024" not in german
    assert "12 Feb 1992" in german
    assert "is to be reported" in " ".join(german.split())


def test_a_channel_of_another_language_leaves_the_others_alone() -> None:
    before = told("en")
    told("fr")

    assert told("en") == before
    assert "16 Dec 2024" in before


@pytest.mark.parametrize(
    ("language", "day"),
    [("fr", "16 déc. 2024"), ("pt_BR", "16 de dez. de 2024"), ("ja", "2024年12月16日")],
)
def test_the_order_and_the_signs_are_the_languages_own(language: str, day: str) -> None:
    assert day in told(language)
