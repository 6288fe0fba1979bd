"""Finding adapters: ours, those of other distributions, and those that cannot be used."""

import sys
from collections.abc import Callable
from importlib.metadata import EntryPoint, EntryPoints
from pathlib import Path

import pytest

import feeds
from feeds import AdapterProblem, RegisterAdapter, StreamAdapter, UnknownFeed, by_id, discover

REGISTER = """
from datetime import timedelta

from feeds.base import Guard, Head, ListedParty, Name, RegisterFeed

FEED = RegisterFeed(
    id="example-register",
    authority="Example",
    title="an example",
    url="https://example.org/list.xml",
    interval=timedelta(minutes=5),
    root="list",
    record="party",
    head="about",
    guard=Guard(min_records=1, max_removed=0.1, max_added=0.5),
)


def read(entry):
    return ListedParty(key=entry.get("id"), type="entity", name=Name(last=entry.text))


def read_head(element):
    return Head()
"""

Install = Callable[[str, str], None]


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Write a module and name it in the entry-point group, as a distribution from outside does."""
    monkeypatch.syspath_prepend(tmp_path)
    installed: list[EntryPoint] = []
    monkeypatch.setattr(
        feeds, "entry_points", lambda group: EntryPoints(installed).select(group=group)
    )

    def install(name: str, source: str) -> None:
        (tmp_path / f"{name}.py").write_text(source, encoding="utf-8")
        monkeypatch.delitem(sys.modules, name, raising=False)
        installed.append(EntryPoint(name, name, "sanctions_monitor.feeds"))

    return install


def test_our_own_adapters_are_found_by_being_here() -> None:
    found = discover()

    assert isinstance(found["ofac-sdn"], RegisterAdapter)
    assert isinstance(found["ofac-consolidated"], RegisterAdapter)
    assert isinstance(found["treasury-press-releases"], StreamAdapter)
    assert all(adapter.feed.id == feed_id for feed_id, adapter in found.items())


def test_an_adapter_from_outside_is_found_by_its_entry_point(install: Install) -> None:
    install("an_outside_adapter", REGISTER)

    adapter = by_id("example-register")

    assert isinstance(adapter, RegisterAdapter)
    assert adapter.module == "an_outside_adapter"
    assert adapter.feed.authority == "Example"


def test_an_id_that_is_taken_is_a_problem_that_names_both_modules(install: Install) -> None:
    install("a_second_sdn", REGISTER.replace("example-register", "ofac-sdn"))

    with pytest.raises(AdapterProblem) as caught:
        discover()

    assert str(caught.value) == (
        "The feed adapter a_second_sdn cannot be used: its id 'ofac-sdn' is already that of feeds.ofac_sdn."
    )


@pytest.mark.parametrize("reader", ["read", "read_head"])
def test_a_register_without_one_of_its_readers_is_a_problem(install: Install, reader: str) -> None:
    install("without_a_reader", REGISTER.replace(f"def {reader}(", f"def not_{reader}("))

    with pytest.raises(AdapterProblem, match=f"no function '{reader}'"):
        discover()


def test_a_stream_without_read_is_a_problem_and_without_read_body_is_none(install: Install) -> None:
    stream = (
        REGISTER.replace("RegisterFeed", "StreamFeed")
        .replace("StreamFeed\n", "StreamFeed, StreamPage\n", 1)
        .replace('    root="list",\n    record="party",\n    head="about",\n', "")
        .replace(
            "guard=Guard(min_records=1, max_removed=0.1, max_added=0.5)",
            'pages=(StreamPage("listing"),)',
        )
    )
    install("a_stream", stream)

    adapter = by_id("example-register")
    install(
        "an_unreadable_stream",
        stream.replace("def read(", "def not_read(").replace("example-", "other-"),
    )

    assert isinstance(adapter, StreamAdapter) and adapter.read_body is None
    assert adapter.body_address("https://example.org/an-item") == "https://example.org/an-item"
    with pytest.raises(AdapterProblem, match="an_unreadable_stream"):
        discover()


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("import a_library_that_is_not_installed", "cannot be imported"),
        ("def broken(", "cannot be imported"),
        ("raise RuntimeError('no licence key')", "no licence key"),
        ("x = 1", "defines no FEED"),
        ("FEED = 'ofac-sdn'", "defines no FEED"),
    ],
)
def test_what_is_named_as_an_adapter_and_is_none_is_never_passed_over(
    install: Install, source: str, problem: str
) -> None:
    install("no_adapter", source)

    with pytest.raises(AdapterProblem, match=problem) as caught:
        discover()

    assert caught.value.module == "no_adapter"
    assert "\n" not in str(caught.value)


def test_an_entry_point_whose_module_is_missing_is_a_problem(
    install: Install, tmp_path: Path
) -> None:
    install("soon_gone", REGISTER)
    (tmp_path / "soon_gone.py").unlink()

    with pytest.raises(AdapterProblem, match="soon_gone"):
        discover()


def test_an_unknown_id_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownFeed) as caught:
        by_id("OFAC-SND")

    assert str(caught.value) == "There is no feed 'OFAC-SND'; did you mean 'ofac-sdn'?"


def test_an_id_like_no_other_is_answered_with_all() -> None:
    with pytest.raises(UnknownFeed, match=r"there are .*ofac-sdn"):
        by_id("zzz")


def test_registers_that_share_keys_name_each_other() -> None:
    found = discover()

    shared = {
        id: set(adapter.feed.shares_keys_with)
        for id, adapter in found.items()
        if isinstance(adapter, RegisterAdapter)
    }
    assert shared["ofac-sdn"] == {"ofac-consolidated"}
    assert all(id in shared[other] for id, others in shared.items() for other in others)


def test_a_heading_names_the_treasury_in_one_word() -> None:
    found = discover()

    assert found["treasury-press-releases"].feed.heading == "Treasury"
    assert found["ofac-sdn"].feed.heading == "OFAC"
