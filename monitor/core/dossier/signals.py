"""What arrives about an official action: a change of a list, or a publication that is some kind of witness."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property
from typing import Any, NamedTuple

from feeds.base import Witness
from monitor.core.folding import fold
from monitor.core.releases.classification import ReleaseClass, classify_release
from monitor.core.releases.forms import comparable
from monitor.core.releases.mentions import Mention, Party, find_mentions

LATE = timedelta(days=4)
EARLY = timedelta(days=2)
"""How long before an announcement the list may change, and how long after it; days of releases are off by one now and then."""


class Ref(NamedTuple):
    """Which signal: a change (``list``, its feed, snapshot and key) or a publication (its witness, feed and key, no ``part``)."""

    witness: str
    feed: str
    subject: str
    part: str = ""


@dataclass(frozen=True, kw_only=True)
class ListChange:
    """One change of one listed party, published on some day from ``since`` (the last check before) to ``day`` (the first after).

    ``party`` is the whole document, after the change or, of a removed party, before it; of an amended one that is no act it may be
    the short form of the change. ``change`` is as people are told of it (:mod:`monitor.core.telling`): a party that moved to another
    list, or got a new number, was neither designated nor delisted. ``sha256`` is that of the list's version; ``blocking`` tells
    whether being on this list blocks property.
    """

    feed: str
    snapshot: int
    change: Mapping[str, Any]
    party: Mapping[str, Any]
    since: date
    day: date
    first_seen: datetime
    sha256: str
    blocking: bool = True

    @property
    def ref(self) -> Ref:
        """Which signal this is."""
        return Ref("list", self.feed, str(self.snapshot), self.change["key"])

    @property
    def is_act(self) -> bool:
        """Whether the authority acted: designated somebody, also under a further programme, or delisted somebody."""
        if not {"designation", "delisting"}.isdisjoint(self.change["categories"]):
            return True
        is_the_same = "moved" in self.change or "relisted" in self.change
        return self.kind != "amended" and not is_the_same

    @property
    def kind(self) -> str:
        """``added``, ``removed`` or ``amended``."""
        return str(self.change["kind"])

    @property
    def programs(self) -> frozenset[str]:
        """The tags that it carries, or that it carried when it was removed."""
        return frozenset(self.party.get("programs", ()))

    @cached_property
    def as_named(self) -> Party:
        """The party as it is looked up in a text."""
        name = self.party.get("name", "")
        return Party(
            key="\x1f".join(self.ref),
            type=str(self.party.get("type", "")),
            name=_name(name) if isinstance(name, str) else name,
            aliases=tuple(self.party.get("aliases", ())),
        )

    @cached_property
    def folded_names(self) -> frozenset[tuple[str, ...]]:
        """Its name and its strong aliases as they are compared, each in either order."""
        strong = [each for each in self.as_named.aliases if each.get("strength") != "weak"]
        return frozenset(form for each in (self.as_named.name, *strong) for form in compared(each))

    def may_be_of(self, day: date) -> bool:
        """Whether it may be what was announced on ``day``: the list may be two days early, and four late."""
        return self.since - LATE <= day <= self.day + EARLY


@dataclass(frozen=True, kw_only=True)
class Published:
    """One publication: a release, an action page, a change file or a legal notice. ``entries`` as ``publication_document`` has them.

    ``stated`` is the source's own time, as it writes it.
    """

    witness: Witness
    feed: str
    key: str
    authority: str
    title: str
    url: str
    day: date
    first_seen: datetime
    stated: str = ""
    category: str = ""
    text: str = ""
    links: tuple[str, ...] = ()
    entries: tuple[Mapping[str, Any], ...] = ()

    @property
    def ref(self) -> Ref:
        """Which signal this is."""
        return Ref(self.witness, self.feed, self.key)

    @cached_property
    def classified(self) -> ReleaseClass:
        """What kind of release it is, and which of OFAC's actions it links to."""
        return classify_release(self.title, self.text, self.links, self.day.isoformat())

    def names(self, changes: list[ListChange]) -> dict[Ref, Mention]:
        """Which of the changed parties its text names, and how."""
        found = find_mentions(f"{self.title}\n{self.text}", [each.as_named for each in changes])
        return {
            each.ref: found[each.as_named.key] for each in changes if each.as_named.key in found
        }


Signal = ListChange | Published


def title_as_compared(title: str) -> tuple[str, ...]:
    """A release's title as it is compared: the same in a listing and in a bulletin, whatever their quotation marks and blanks."""
    return fold(title)


def compared(name: Mapping[str, Any]) -> set[tuple[str, ...]]:
    """A name as it is compared, in either order."""
    last, first = fold(name.get("last", "")), fold(name.get("first", ""))
    return {comparable(last + first), comparable(first + last)} - {()}


def _name(shown: str) -> Mapping[str, str]:
    """The parts of a name as a change shows it (``LAST, First``); of one without a comma the whole."""
    last, comma, first = shown.partition(", ")
    return {"last": last, "first": first} if comma else {"last": shown}
