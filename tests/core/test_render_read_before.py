"""Whoever had acknowledged a party is asked again when it has changed, in one line."""

from datetime import UTC, datetime
from typing import Any

import pytest

from monitor.core.alert import ReadBefore
from monitor.core.channel import ChannelProfile
from monitor.core.render import render
from monitor.core.route import everything
from tests.builders import a_party, a_removed, an_alert, an_amended

BEFORE, LONG_BEFORE = (datetime(2024, 12, day, 15, tzinfo=UTC) for day in (13, 2))
DOE = ReadBefore("J. Doe", BEFORE, "a" * 26)


def text(kind: Any, read_before: dict[str, ReadBefore], *keys: str) -> str:
    changes = [an_amended(key, old=a_party(name=f"PARTY {key}"), title="Director") for key in keys]
    alert = an_alert(*changes, a_removed("9"), read_before=read_before)
    if len(keys) == 1:
        alert = an_alert(*changes, read_before=read_before)
    profile = ChannelProfile("desk", kind, "text", None, None, ("",))
    (message,) = render(alert, everything(alert, "desk"), profile, "http://127.0.0.1", UTC)
    return " ".join(message.text.split())


@pytest.mark.parametrize("kind", ["apprise", "mail"])
@pytest.mark.parametrize(
    ("read_before", "keys", "said"),
    [
        (
            {"3": DOE},
            ["3"],
            f"Acknowledged by J. Doe on 13 Dec 2024 as it was then (alert {'a' * 26}): it has changed since",
        ),
        (
            {"3": DOE},
            ["3", "4"],
            "PARTY 3 was acknowledged by J. Doe on 13 Dec 2024 as it was then",
        ),
        (
            {"3": DOE, "4": DOE},
            ["3", "4"],
            "2 of these parties were acknowledged by J. Doe on 13 Dec 2024 as they were then "
            f"(alert {'a' * 26}): they have changed since, please acknowledge this one.",
        ),
        (
            {"3": DOE, "4": ReadBefore("A. Roe", LONG_BEFORE, "b" * 26)},
            ["3", "4"],
            "2 of these parties were acknowledged before, last by J. Doe on 13 Dec 2024",
        ),
        (
            {"3": ReadBefore("J. \u202eeoD", BEFORE, "a" * 26)},
            ["3"],
            "Acknowledged by J. ⟨U+202E⟩eoD on",
        ),
    ],
)
def test_it_is_asked_for_again(
    kind: str, read_before: dict[str, ReadBefore], keys: list[str], said: str
) -> None:
    assert said in text(kind, read_before, *keys)


@pytest.mark.parametrize("kind", ["apprise", "mail"])
def test_nothing_is_said_where_nobody_had_or_of_another_party(kind: str) -> None:
    assert "cknowledged" not in text(kind, {"8": DOE}, "3", "4")
