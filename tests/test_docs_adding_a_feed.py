"""The example in docs/adding-a-feed.md, run as it stands there."""

import importlib.util
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import feeds
from feeds import ENTRY_POINT_GROUP, Adapter, by_id, discover
from tests.feeds.conformance import REGISTER_CHECKS, Check

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = (ROOT / "docs" / "adding-a-feed.md").read_text(encoding="utf-8")

# A path on a line of its own, and the block of code that follows it.
FILES = re.compile(
    r"^`(?P<path>[\w/.]+)`\n\n```\w+\n(?P<content>.*?)^```$", re.MULTILINE | re.DOTALL
)
MODULE = "feeds/northland_restricted.py"
FIXTURE = "tests/feeds/fixtures/northland_restricted/list.xml"
TEST = "tests/feeds/test_northland_restricted.py"


@pytest.fixture
def checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The document's files in a folder of their own, which ``feeds`` takes for a part of itself."""
    for file in FILES.finditer(DOCUMENT):
        path = tmp_path / file["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(file["content"], encoding="utf-8")
    monkeypatch.setattr(feeds, "__path__", [*feeds.__path__, str(tmp_path / "feeds")])
    yield tmp_path
    sys.modules.pop("feeds.northland_restricted", None)
    vars(feeds).pop("northland_restricted", None)


@pytest.fixture
def northland(checkout: Path) -> Adapter:
    return by_id("northland-restricted")


def test_the_document_holds_one_module_one_fixture_one_test() -> None:
    assert sorted(file["path"] for file in FILES.finditer(DOCUMENT)) == sorted(
        (MODULE, FIXTURE, TEST)
    )


@pytest.mark.parametrize("check", REGISTER_CHECKS, ids=lambda check: check.__name__)
def test_the_examples_module_and_fixture_conform(
    northland: Adapter, checkout: Path, check: Check
) -> None:
    check(northland, (checkout / FIXTURE).parent)


@pytest.mark.parametrize(
    ("right", "wrong", "check"),
    [
        ('"northland-restricted"', '"Northland_Restricted"', "the_feed_is_described"),
        ("min_records=100", "min_records=0", "the_guard_and_the_ignored_are_stated"),
        ("the row's place in the export, new each day", "", "the_guard_and_the_ignored_are_stated"),
        ('        remarks=fields.text("note"),\n', "", "every_record_is_read_whole"),
        ("int(count)", "int(count) + 1", "every_record_is_read_whole"),
        ('key=fields.required("number")', 'key=fields.required("number")[:2]', "keys_are_unique"),
        ('fields.required("number")', 'fields.required("number") + entry.tag', "another_spelling"),
        ("key=", "title=str(entry.getprevious().tag), key=", "the_order_of_records_is_nothing"),
        ("key=", 'title=entry.xpath("string(.//@row)"), key=', "what_is_ignored_by_name"),
        ('remarks=fields.text("note")', 'remarks=fields.text("note")[:3]', "every_value"),
        ("unread=fields.rest(),  # last", "unread=(),  # last", "what_is_unknown_is_reported"),
        ("        unread=fields.rest(),\n    )\n", "    )\n", "what_is_unknown_about_the_list"),
        ("int(count) if count.isdecimal() else None", "int(count)", "nonsense"),
    ],
)
def test_a_module_that_is_wrong_fails_the_check_that_is_there_for_it(
    checkout: Path, right: str, wrong: str, check: str
) -> None:
    module = checkout / MODULE
    source = module.read_text(encoding="utf-8")
    assert right in source
    module.write_text(source.replace(right, wrong, 1), encoding="utf-8")
    adapters = discover().values()
    (adapter,) = (found for found in adapters if found.module == "feeds.northland_restricted")
    (run,) = (candidate for candidate in REGISTER_CHECKS if candidate.__name__.startswith(check))

    with pytest.raises((AssertionError, ValueError, AttributeError)):
        run(adapter, (checkout / FIXTURE).parent)


def test_the_examples_own_test_passes(northland: Adapter, checkout: Path) -> None:
    tests = [
        test for name, test in vars(_loaded(checkout / TEST)).items() if name.startswith("test_")
    ]

    assert tests
    for test in tests:
        test()


def test_the_examples_own_test_can_fail(northland: Adapter, checkout: Path) -> None:
    fixture = checkout / FIXTURE
    fixture.write_text(
        fixture.read_text(encoding="utf-8").replace("Jane Roe", "J. Roe"), encoding="utf-8"
    )

    with pytest.raises(AssertionError):
        test_the_examples_own_test_passes(northland, checkout)


def test_the_entry_point_is_in_the_group_that_is_searched() -> None:
    (block,) = re.findall(r"^```toml\n(.*?)^```$", DOCUMENT, re.MULTILINE | re.DOTALL)

    assert list(tomllib.loads(block)["project"]["entry-points"]) == [ENTRY_POINT_GROUP]


def test_every_file_that_the_document_links_is_there() -> None:
    links = re.findall(r"\]\((\.\./[^)#]+)\)", DOCUMENT)

    assert links
    assert [link for link in links if not (ROOT / "docs" / link).exists()] == []


def _loaded(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location(path.stem, path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
