"""Which signals are of one official action, and why: the written rule (docs/decisions/0007-dossiers.md).

A case has at least one signal that opens it: an act of the list (somebody designated or delisted), a release about sanctions, or an
action page that lists parties. They are joined by what the authority itself says, the strongest word first:

1. A release and an action page are of one case when either links to the other. Releases that link to the same page are of one case
   (one action in three releases); two pages are two cases, also on one day. A release under two numbers, or in two sources, with the
   same title and at most a day between, is one release.
2. A change is of the case of the action page that lists the party (by its number, else by its name or another name that is its own on
   either side, without legal form). The list may change up to two days before the page's day and up to four after it.
3. An act that no page lists is of the case of the release that names the party, as many days away. If several do, it is of the case
   whose releases name most acts.
4. A release that links to no page is of the case to which most of the acts that it names belong.
5. An act that nobody names, in a version of the list that holds acts of the same kind of exactly one case, is of that case, and is
   shown as not named; if there are several, of the one with which alone it shares a programme. Else the version's acts that nobody
   names are a case of their own.
6. A change that is no act (an alias, an address) is of a case only if its action page lists it.
7. A change file is of every case whose changes it holds; a legal notice, of the case of which it names most: parties designated, or
   delisted, on its own day or before.

Not joined are: releases and acts of one day that neither name nor link to each other; a release that names a party which another
page's case holds, if it links to a page of its own. The result depends on the set of signals only, never on their order.
"""

from collections import Counter, defaultdict
from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from monitor.core.dossier.signals import (
    ListChange,
    Published,
    Ref,
    Signal,
    compared,
    title_as_compared,
)
from monitor.core.folding import fold
from monitor.core.releases.forms import comparable
from monitor.core.releases.mentions import Mention

_OPENING_LABELS = ("designation", "delisting")
_KINDS = {"added": "added", "removed": "removed", "amended": "changed"}


@dataclass(frozen=True, slots=True)
class Member:
    """One signal of a case, and what joined it."""

    signal: Signal
    because: str

    @property
    def ref(self) -> Ref:
        """Which signal this is."""
        return self.signal.ref


@dataclass(frozen=True)
class Case:
    """The signals of one official action, in the order of their refs, and which acts each release names."""

    members: tuple[Member, ...]
    mentions: Mapping[Ref, Mapping[Ref, Mention]] = field(default_factory=dict)

    @property
    def refs(self) -> frozenset[Ref]:
        """Which signals these are."""
        return frozenset(member.ref for member in self.members)


def correlate(signals: Iterable[Signal]) -> list[Case]:
    """The cases in ``signals``, in the order of their first refs. What opens no case and joins none is left out."""
    return _Correlation(list(signals)).cases()


class _Correlation:
    def __init__(self, signals: list[Signal]) -> None:
        ordered = sorted({each.ref: each for each in signals}.values(), key=lambda each: each.ref)
        self.changes = [each for each in ordered if isinstance(each, ListChange)]
        self.acts = [each for each in self.changes if each.is_act]
        published = [each for each in ordered if isinstance(each, Published)]
        self.releases = [each for each in published if each.witness == "release"]
        self.actions = [each for each in published if each.witness == "action"]
        self.files = [each for each in published if each.witness == "change_file"]
        self.notices = [each for each in published if each.witness == "notice"]
        self.mentions = {
            release.ref: release.names([each for each in self.acts if each.may_be_of(release.day)])
            for release in self.releases
        }
        self.groups = _Groups()
        self.because: dict[Ref, str] = {}
        self.homes: dict[Ref, Hashable] = {}

    def cases(self) -> list[Case]:
        self._join_copies()
        self._join_links()
        self._home_listed_changes()
        self._home_named_acts()
        self._join_unlinked_releases()
        self._home_the_unnamed()
        return self._assembled()

    def _join_copies(self) -> None:
        by_title: dict[tuple[str, ...], list[Published]] = defaultdict(list)
        for release in self.releases:
            by_title[title_as_compared(release.title)].append(release)
        for same in by_title.values():
            for one, other in pairwise(same):
                if abs((one.day - other.day).days) <= 1:
                    self._join(other.ref, one.ref, "it is the same release")

    def _join_links(self) -> None:
        for release in self.releases:
            for action in release.classified.actions:
                self._join(release.ref, ("page", action), f"it links to OFAC's action {action}")
        by_address = {_address(release.url): release for release in self.releases}
        for page in self.actions:
            self._join(page.ref, ("page", page.key), "it is OFAC's action page")
            for link in page.links:
                release_linked = by_address.get(_address(link))
                if release_linked is not None:
                    self._join(release_linked.ref, page.ref, "OFAC's action page links to it")

    def _home_listed_changes(self) -> None:
        """Rule 2 and 6."""
        listings = [(action, Listing(action)) for action in self.actions if action.entries]
        for change in self.changes:
            best: tuple[int, Published] | None = None
            for action, listing in listings:
                if not change.may_be_of(action.day):
                    continue
                fit = listing.fit(change)
                if fit and (best is None or fit > best[0]):
                    best = (fit, action)
            if best is not None:
                self.homes[change.ref] = best[1].ref
                self.because[change.ref] = f"OFAC's action {best[1].key} lists it"

    def _home_named_acts(self) -> None:
        """Rule 3."""
        named_by: dict[Ref, list[Ref]] = defaultdict(list)
        for release, mentions in self.mentions.items():
            for act in mentions:
                named_by[act].append(release)
        names: Counter[Hashable] = Counter()
        for releases in named_by.values():
            names.update({self.groups.find(release) for release in releases})
        for act, releases in named_by.items():
            if act in self.homes:
                continue
            release = min(releases, key=lambda each: (-names[self.groups.find(each)], each))
            self.homes[act] = release
            self.because[act] = f"release {release.subject} names it"

    def _join_unlinked_releases(self) -> None:
        """Rule 4."""
        linked = {
            self.groups.find(each.ref) for each in self.releases if each.classified.actions
        } | {self.groups.find(action.ref) for action in self.actions}
        for release in self.releases:
            if self.groups.find(release.ref) in linked:
                continue
            homes = Counter(self.groups.find(self.homes[act]) for act in self.mentions[release.ref])
            if homes:
                most = min(homes, key=lambda each: (-homes[each], repr(each)))
                if most != self.groups.find(release.ref):
                    self._join(release.ref, most, "it names parties of this action")

    def _home_the_unnamed(self) -> None:
        """Rule 5."""
        in_version: dict[tuple[str, int], list[ListChange]] = defaultdict(list)
        for act in self.acts:
            in_version[act.feed, act.snapshot].append(act)
        for (feed, snapshot), acts in sorted(in_version.items()):
            homes = _Homes(
                (act, self.groups.find(self.homes[act.ref]))
                for act in acts
                if act.ref in self.homes
            )
            for act in acts:
                if act.ref in self.homes:
                    continue
                home = homes.only_one_for(act)
                self.homes[act.ref] = ("version", feed, snapshot) if home is None else home
                self.because[act.ref] = (
                    "it came in the same version of the list"
                    if home is not None
                    else "the list shows it, and nothing else names it"
                )

    def _assembled(self) -> list[Case]:
        members: dict[Hashable, list[Signal]] = defaultdict(list)
        for published in (*self.releases, *self.actions):
            members[self.groups.find(published.ref)].append(published)
        for change in self.changes:
            if change.ref in self.homes:
                members[self.groups.find(self.homes[change.ref])].append(change)
        cases = []
        for signals in members.values():
            if not any(map(self._opens, signals)):
                continue
            changes = [each for each in signals if isinstance(each, ListChange)]
            cases.append([*signals, *self._files_of(changes)])
        self._place_notices(cases)
        found = [self._case(signals) for signals in cases]
        return sorted(found, key=lambda case: case.members[0].ref)

    def _opens(self, signal: Signal) -> bool:
        if isinstance(signal, ListChange):
            return signal.is_act
        if signal.witness == "action":
            return bool(signal.entries)
        return signal.classified.label in _OPENING_LABELS or bool(self.mentions[signal.ref])

    def _files_of(self, changes: list[ListChange]) -> list[Published]:
        """Rule 7, of change files."""
        found = []
        for file in self.files:
            listing = Listing(file)
            if any(change.may_be_of(file.day) and listing.fit(change) for change in changes):
                self.because[file.ref] = "it holds changes of this action"
                found.append(file)
        return found

    def _place_notices(self, cases: list[list[Signal]]) -> None:
        """Rule 7, of legal notices."""
        for notice in self.notices:
            named = [
                len(named_in_notice(notice, [each for each in signals if _is_act(each)]))
                for signals in cases
            ]
            if any(named):
                self.because[notice.ref] = "it is the legal notice of designations of this action"
                cases[named.index(max(named))].append(notice)

    def _case(self, signals: list[Signal]) -> Case:
        ordered = sorted(signals, key=lambda each: each.ref)
        refs = {each.ref for each in ordered}
        return Case(
            members=tuple(
                Member(each, self.because.get(each.ref, "it opens the case")) for each in ordered
            ),
            mentions={
                release: {act: mention for act, mention in named.items() if act in refs}
                for release, named in sorted(self.mentions.items())
                if release in refs
            },
        )

    def _join(self, one: Hashable, other: Hashable, because: str) -> None:
        self.groups.join(one, other)
        if isinstance(one, Ref):
            self.because.setdefault(one, because)


class _Homes:
    """To which cases the named acts of one version of a list belong, by their kind, and by kind and programme."""

    def __init__(self, named: Iterable[tuple[ListChange, Hashable]]) -> None:
        self._of_kind: dict[str, set[Hashable]] = defaultdict(set)
        self._of_program: dict[tuple[str, str], set[Hashable]] = defaultdict(set)
        for act, home in named:
            self._of_kind[act.kind].add(home)
            for program in act.programs:
                self._of_program[act.kind, program].add(home)

    def only_one_for(self, act: ListChange) -> Hashable | None:
        """The only case with acts of its kind; where there are several, the only one with its programme; else None."""
        homes = self._of_kind.get(act.kind, set())
        if len(homes) > 1:
            homes = set().union(
                *(self._of_program.get((act.kind, program), ()) for program in act.programs)
            )
        return next(iter(homes)) if len(homes) == 1 else None


class Listing:
    """The parties that a publication lists, ready to be looked up."""

    def __init__(self, published: Published) -> None:
        self._keys: dict[str, set[str]] = defaultdict(set)
        self._names: dict[tuple[str, ...], set[str]] = defaultdict(set)
        self._others: dict[tuple[str, ...], set[str]] = defaultdict(set)
        for entry in published.entries:
            kind = entry.get("kind", "")
            if key := entry.get("key"):
                self._keys[key].add(kind)
            for name in names_of(entry):
                self._names[name].add(kind)
            for name in other_names_of(entry):
                self._others[name].add(kind)

    def fit(self, change: ListChange) -> int:
        """How well a change is listed: 0 not at all; more for its number than for its name, more for the same kind of change."""
        kinds = self._kinds(change)
        if not kinds:
            return 0
        by_number = change.change["key"] in self._keys
        return (2 if by_number else 1) + (2 if _KINDS[change.kind] in kinds else 0)

    def tells_of(self, change: ListChange) -> bool:
        """Whether it names one who was delisted as that, one who was designated as anything else."""
        kinds = self._kinds(change)
        return "removed" in kinds if change.kind == "removed" else bool(kinds - {"removed"})

    def _kinds(self, change: ListChange) -> set[str]:
        """As what it lists the party: by its number; else by a name of either that is the other's own, or another name of it."""
        if kinds := self._keys.get(change.change["key"]):
            return kinds
        own = compared(change.as_named.name)
        return set().union(
            *(self._names.get(name, ()) for name in change.folded_names),
            *(self._others.get(name, ()) for name in own),
        )


def names_of(entry: Mapping[str, Any]) -> set[tuple[str, ...]]:
    """An entry's own name as it is compared, and the one that a change replaces."""
    before = {comparable(fold(entry["before"]))} if entry.get("before") else set()
    return (compared(entry.get("name", {})) | before) - {()}


def other_names_of(entry: Mapping[str, Any]) -> set[tuple[str, ...]]:
    """An entry's strong aliases as they are compared."""
    strong = [each for each in entry.get("aliases", ()) if each.get("strength") != "weak"]
    return {form for each in strong for form in compared(each)}


def named_in_notice(notice: Published, acts: Iterable[Signal]) -> list[ListChange]:
    """Those of the acts that a legal notice is about: it names the party, as designated or as delisted, and not before it was."""
    listing = Listing(notice)
    return [
        act
        for act in acts
        if isinstance(act, ListChange) and act.since <= notice.day and listing.tells_of(act)
    ]


def _is_act(signal: Signal) -> bool:
    return isinstance(signal, ListChange) and signal.is_act


class _Groups:
    """What was said to belong together (union by the smaller root, so that the order of saying does not matter)."""

    def __init__(self) -> None:
        self._parents: dict[Hashable, Hashable] = {}

    def find(self, one: Hashable) -> Hashable:
        parent = self._parents.get(one, one)
        while parent != one:
            one, parent = parent, self._parents.get(parent, parent)
        return one

    def join(self, one: Hashable, other: Hashable) -> None:
        roots = sorted({self.find(one), self.find(other)}, key=repr)
        if len(roots) == 2:
            self._parents[roots[1]] = roots[0]


def _address(url: str) -> str:
    """A web address as links are compared: without scheme, index.php, trailing slash, in lower case."""
    return url.lower().partition("://")[2].split("#")[0].replace("/index.php/", "/").rstrip("/")
