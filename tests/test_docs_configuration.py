"""The documentation of the configuration holds every setting, its default, and examples that load."""

import re
from pathlib import Path

import pytest

import feeds
from feeds.base import RegisterFeed
from monitor.config import channels, load, reading, routes
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "configuration.md").read_text("utf-8")
EXAMPLES = re.findall(r"```yaml\n(.*?)```", PAGE, re.DOTALL)
SETTINGS = [
    *reading.SETTINGS,
    *reading.FEED_SETTINGS,
    *reading.GUARD_SETTINGS,
    *channels.CHANNEL_SETTINGS,
    *routes.ROUTE_SETTINGS,
    *routes.ESCALATE_SETTINGS,
    *routes.WHEN_SETTINGS,
]


@pytest.mark.parametrize("setting", SETTINGS)
def test_every_setting_has_a_row(setting: str) -> None:
    assert re.search(rf"^\| `{setting}` \|", PAGE, re.MULTILINE)


def test_every_row_of_a_setting_is_one() -> None:
    rows = re.findall(r"^\| `([a-z_]+)` \|", PAGE, re.MULTILINE)

    assert set(rows) == set(SETTINGS)


@pytest.mark.parametrize(
    ("setting", "words"),
    [
        ("kind", routes.KINDS),
        ("category", routes.CATEGORIES),
        ("severity", routes.SEVERITIES),
        ("party_type", routes.PARTY_TYPES),
        ("format", channels.FORMATS),
    ],
)
def test_every_word_of_a_vocabulary_is_in_its_row(setting: str, words: tuple[str, ...]) -> None:
    rows = re.findall(rf"^\| `{setting}` \|.*$", PAGE, re.MULTILINE)

    assert set(re.findall(r"`([a-z_]+)`", " ".join(rows))) >= {setting, *words}


def test_every_feed_is_named_with_its_guard() -> None:
    for id, adapter in feeds.discover().items():
        assert f"`{id}`" in PAGE
        if isinstance(adapter.feed, RegisterFeed) and adapter.module.startswith("feeds."):
            guard = adapter.feed.guard
            column = (
                re.findall(r"^\| setting of a guard \|(.*)\| meaning", PAGE, re.MULTILINE)[0]
                .split("|")
                .index(f" `{id}` ")
            )
            for name, value in (
                ("min_records", f"{guard.min_records}"),
                ("max_removed", f"{guard.max_removed * 100:g}%"),
                ("max_added", f"{guard.max_added * 100:g}%"),
            ):
                row = re.findall(rf"^\| `{name}` \|(.*)$", PAGE, re.MULTILINE)[0]
                assert row.split("|")[column].strip() == value


@pytest.mark.parametrize("example", EXAMPLES)
def test_every_example_loads(example: str, tmp_path: Path) -> None:
    file = tmp_path / "sanctions-monitor.yaml"
    file.write_text(example, "utf-8")

    load(file, {})


def test_there_are_examples() -> None:
    assert len(EXAMPLES) >= 3


def test_the_defaults_that_are_written_are_those_of_the_code() -> None:
    configuration = load(None, {})

    for setting, default in (
        ("data_dir", str(configuration.data_dir)),
        ("listen", str(configuration.listen)),
        ("zone", configuration.zone),
        ("user_agent", re.sub(r"monitor/[0-9.]+", "monitor/VERSION", configuration.user_agent)),
    ):
        assert f"| `{setting}` | `{default}` |" in PAGE
