"""What can be said of a channel beside its address: language, pace, quiet hours, and a file instead of an address."""

from collections.abc import Callable
from datetime import time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from monitor.config import ChannelSettings, ConfigurationError, load
from monitor.core.pace import UNHURRIED, Pace, QuietHours

Read = Callable[..., ChannelSettings]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads the channel ``desk`` with these settings."""

    def read(settings: str, *, before: str = "", **environment: str) -> ChannelSettings:
        file = tmp_path / "sanctions-monitor.yaml"
        file.write_text(f"{before}\nchannels: {{desk: {{{settings}}}}}", "utf-8")
        return load(file, environment).channels["desk"]

    return read


def test_a_channel_of_which_nothing_is_said_takes_everything_at_once_in_english(read: Read) -> None:
    channel = read("url: json://x")

    assert (channel.pace, channel.language) == (UNHURRIED, "en")


def test_a_file_is_a_path_and_no_secret(read: Read) -> None:
    assert read("file: ./alerts.jsonl").file == Path("alerts.jsonl")


def test_quiet_hours_name_their_zone_or_are_those_of_the_readers(read: Read) -> None:
    named = read("url: json://x, quiet_hours: 22:00-07:00 Europe/London")
    readers = read("url: json://x, quiet_hours: 22:00-07:00", before="zone: America/New_York")

    assert named.pace == Pace(
        None, QuietHours(time(22), time(7), ZoneInfo("Europe/London"), frozenset({"high"}))
    )
    assert readers.pace.quiet is not None
    assert readers.pace.quiet.zone.key == "America/New_York"


@pytest.mark.parametrize(
    ("said", "excepted"),
    [("medium", {"medium"}), ("[high, medium]", {"high", "medium"}), ("[]", set())],
)
def test_what_comes_through_quiet_hours_can_be_said(
    read: Read, said: str, excepted: set[str]
) -> None:
    channel = read(f"url: json://x, quiet_hours: 22:00-07:00, quiet_except: {said}")

    assert channel.pace.quiet is not None
    assert channel.pace.quiet.excepted == excepted


def test_the_environment_sets_them_too(read: Read) -> None:
    channel = read(
        "url: json://x",
        SANCTIONS_MONITOR__CHANNELS__DESK__MAX_PER_MINUTE="20",
        SANCTIONS_MONITOR__CHANNELS__DESK__QUIET_HOURS="22:30-06:15 UTC",
        SANCTIONS_MONITOR__CHANNELS__DESK__QUIET_EXCEPT="high,medium",
        SANCTIONS_MONITOR__CHANNELS__DESK__LANGUAGE="pt-BR",
    )

    quiet = QuietHours(time(22, 30), time(6, 15), ZoneInfo("UTC"), frozenset({"high", "medium"}))
    assert channel.pace == Pace(20, quiet)
    assert channel.language == "pt_BR"


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ("url: json://x, file: a", "expected either url (people), webhook (programs) or file"),
        ("file: a, secret: whsec_x", "a webhook needs a secret to sign with, and nothing else"),
        ("file: a, format: text", "a webhook and a file are always written JSON; remove the key"),
        ("file: a, language: de", "a webhook and a file are always written JSON; remove the key"),
        ("file: /", "this is a directory"),
        ("url: json://x, max_per_minute: 0", "expected a whole number from 1 up"),
        ("url: json://x, quiet_hours: 22-7", "expected hours such as 22:00-07:00"),
        ("url: json://x, quiet_hours: 22:00-24:00", "expected hours from 00:00 to 23:59"),
        ("url: json://x, quiet_hours: 22:00-22:00", "end at another time than they begin"),
        ("url: json://x, quiet_hours: 22:00-07:00 London", "expected a time zone such as UTC"),
        ("url: json://x, quiet_except: high", "quiet_except says what comes through"),
        (
            "url: json://x, quiet_hours: 22:00-07:00, quiet_except: [hihg]",
            "expected high, medium or low, or a list of them; not hihg",
        ),
        ("url: json://x, language: klingon", "expected a language such as en, de or pt-BR"),
        ("url: json://x, language: NO", "expected a language"),
    ],
)
def test_what_is_not_right_is_said(read: Read, settings: str, said: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        read(settings)

    assert said in str(refused.value)
