"""What authorities publish: one module for each source, found here.

An adapter is a module of this package that defines ``FEED``, or a module that an installed distribution names in the entry-point
group ``sanctions_monitor.feeds``::

    [project.entry-points."sanctions_monitor.feeds"]
    example-register = "example_feeds.example_register"

:func:`discover` finds them all, :func:`by_id` finds one. :mod:`feeds.base` states what an adapter has to define. An adapter that
cannot be used is never passed over: a list that nobody watches must not look like a list that does not change.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from importlib import import_module
from importlib.metadata import entry_points
from pkgutil import iter_modules
from types import ModuleType
from typing import Any

from feeds.base import Body, Head, ListedParty, Page, Reading, RegisterFeed, StreamFeed
from feeds.records import Element

ENTRY_POINT_GROUP = "sanctions_monitor.feeds"

# The contract and what adapters are made of; everything else in this folder may be an adapter.
_NO_ADAPTERS = frozenset(
    {"base", "errors", "federal_register_text", "ofac_sections", "ofac_text", "pages", "records"}
)


@dataclass(frozen=True, slots=True)
class RegisterAdapter:
    """A register: what is true of it, and its module's readers of a record and of the head."""

    feed: RegisterFeed
    read: Callable[[Element], ListedParty]
    read_head: Callable[[Element], Head]
    module: str


@dataclass(frozen=True, slots=True)
class StreamAdapter:
    """A stream: what is true of it, and its module's readers of a page and (None where items have none) of an item's page.

    ``body_address`` gives the address that an item's page is read from, by the item's own.
    """

    feed: StreamFeed
    read: Callable[[Page], Reading]
    read_body: Callable[[Page], Body] | None
    module: str
    body_address: Callable[[str], str] = str


Adapter = RegisterAdapter | StreamAdapter


@dataclass(eq=False)
class AdapterProblem(Exception):
    """A module that should be an adapter and cannot be used as one; ``module`` names it, ``problem`` says why."""

    module: str
    problem: str

    def __str__(self) -> str:
        return f"The feed adapter {self.module} cannot be used: {self.problem}."


@dataclass(eq=False)
class UnknownFeed(Exception):
    """No adapter has this id. ``nearest`` is the known id that was probably meant, "" when none is like it."""

    id: str
    known: tuple[str, ...]
    nearest: str = ""

    def __str__(self) -> str:
        if self.nearest:
            return f"There is no feed {self.id!r}; did you mean {self.nearest!r}?"
        return f"There is no feed {self.id!r}; there are {', '.join(self.known) or 'none'}."


def discover() -> dict[str, Adapter]:
    """Every adapter by its feed's id: those of this package by name, then those from outside.

    Raises AdapterProblem for a module that cannot be imported, that has ``FEED`` without its readers, or whose id is taken.
    """
    adapters: dict[str, Adapter] = {}
    for module in (*_own_modules(), *_outside_modules()):
        adapter = adapter_of(module)
        taken = adapters.get(adapter.feed.id)
        if taken is not None:
            problem = f"its id {adapter.feed.id!r} is already that of {taken.module}"
            raise AdapterProblem(module.__name__, problem)
        adapters[adapter.feed.id] = adapter
    return adapters


def by_id(feed_id: str) -> Adapter:
    """The adapter of one feed. Raises UnknownFeed, which suggests the nearest id, or what :func:`discover` raises."""
    adapters = discover()
    try:
        return adapters[feed_id]
    except KeyError:
        nearest = get_close_matches(feed_id.lower(), adapters, n=1)
        raise UnknownFeed(feed_id, tuple(adapters), "".join(nearest)) from None


def adapter_of(module: ModuleType) -> Adapter:
    """The adapter that ``module`` defines. Raises AdapterProblem, with what is missing, when it defines none."""
    feed = getattr(module, "FEED", None)
    if isinstance(feed, RegisterFeed):
        return RegisterAdapter(
            feed,
            _required_reader(module, "read"),
            _required_reader(module, "read_head"),
            module.__name__,
        )
    if isinstance(feed, StreamFeed):
        return StreamAdapter(
            feed,
            _required_reader(module, "read"),
            _reader(module, "read_body"),
            module.__name__,
            _reader(module, "body_address") or str,
        )
    raise AdapterProblem(module.__name__, "it defines no FEED that is a RegisterFeed or StreamFeed")


def _required_reader(module: ModuleType, name: str) -> Callable[..., Any]:
    reader = _reader(module, name)
    if reader is None:
        raise AdapterProblem(module.__name__, f"it has a FEED and no function {name!r}")
    return reader


def _reader(module: ModuleType, name: str) -> Callable[..., Any] | None:
    reader = getattr(module, name, None)
    return reader if callable(reader) else None


def _own_modules() -> Iterator[ModuleType]:
    for name in sorted(found.name for found in iter_modules(__path__)):
        if name not in _NO_ADAPTERS:
            module = _imported(f"{__name__}.{name}")
            if hasattr(module, "FEED"):
                yield module


def _outside_modules() -> Iterator[ModuleType]:
    for entry in sorted(entry_points(group=ENTRY_POINT_GROUP), key=lambda entry: entry.value):
        yield _imported(entry.value)


def _imported(name: str) -> ModuleType:
    try:
        return import_module(name)
    except Exception as error:  # a stranger's module may fail in any way
        problem = f"it cannot be imported ({type(error).__name__}: {error})"
        raise AdapterProblem(name, problem) from error
