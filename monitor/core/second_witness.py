"""A list's changes as we found them, set beside the authority's own account of them.

The account never makes a change and never undoes one: it agrees, or it does not, and then people are told. What is compared is
what was done to each record *all in all* over a stretch of time, because one snapshot may cover several publications, and
several snapshots one: added and then removed is nothing, added and then changed is added.

An account is free to say more than we do. That a record was changed (its numbers were issued anew, an address removed and put
back) is often no change of content; then only the account says so, and that is written down and is no dispute. Who joined and who left
the list is.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from feeds.base import EntryKind
from monitor.core.classify import display_name
from monitor.core.folding import fold

_TYPES = frozenset(("individual", "entity", "vessel", "aircraft"))

Object = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class LegalFacts:
    """What a change file states of a party beside the list: the legal authorities, the day of listing; ``change_file`` is its key."""

    legal_basis: tuple[str, ...] = ()
    listed_on: str = ""
    change_file: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """What one witness says was done to one record, all in all. ``is_whole``: the rest is the record as it was added, and all of it."""

    key: str
    kind: EntryKind
    name: str = ""
    type: str = ""
    programs: tuple[str, ...] = ()
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class Differing:
    """Both speak of one record and do not say the same: of what was done to it (``kind``), or of its type, name or programs."""

    ours: Statement
    theirs: Statement
    fields: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """Where two accounts of the same stretch agree and where not, each sorted by key."""

    agreed: tuple[str, ...] = ()
    only_ours: tuple[Statement, ...] = ()
    only_theirs: tuple[Statement, ...] = ()
    differing: tuple[Differing, ...] = ()

    def about(self, keys: Collection[str]) -> "Agreement":
        """What of it concerns these records."""
        return Agreement(
            tuple(key for key in self.agreed if key in keys),
            tuple(each for each in self.only_ours if each.key in keys),
            tuple(each for each in self.only_theirs if each.key in keys),
            tuple(each for each in self.differing if each.ours.key in keys),
        )

    @property
    def is_complete(self) -> bool:
        """Whether neither says anything that the other does not."""
        return not (self.only_ours or self.only_theirs or self.differing)

    @property
    def undecided(self) -> tuple[str, ...]:
        """The records of which only one speaks, or both and not alike."""
        differing = (each.ours for each in self.differing)
        return tuple(each.key for each in (*self.only_ours, *self.only_theirs, *differing))

    @property
    def disputed(self) -> "Agreement":
        """What people are to be told of; what else only one of them says is written down."""
        return Agreement(
            (),
            tuple(each for each in self.only_ours if each.kind != "changed"),
            tuple(each for each in self.only_theirs if each.kind != "changed"),
            self.differing,
        )

    @property
    def concerns_listing(self) -> bool:
        """Whether a dispute is about who is on the list, and not only about what it says of them."""
        return bool(
            self.disputed.only_ours
            or self.disputed.only_theirs
            or any("kind" in each.fields for each in self.differing)
        )


def statement_of_change(change: Object) -> Statement:
    """What a change of ours says (the contract's object)."""
    party = change["party"]
    kind: EntryKind = "changed" if change["kind"] == "amended" else change["kind"]
    return _statement(change["key"], kind, party, party.get("name"))


def statement_of_entry(entry: Object) -> Statement:
    """What an entry of a change file says, as ``publication_document`` has it."""
    return _statement(entry["key"], entry["kind"], entry, entry.get("name", {}))


def entries_on(list_name: str, entries: Iterable[Object]) -> list[Object]:
    """The entries that may concern one of the authority's lists: those that name it, and changed ones, which name none."""
    return [
        each
        for each in entries
        if each.get("key")
        and each.get("list", list_name if each["kind"] == "changed" else "") == list_name
    ]


def compare_witnesses(
    ours: Sequence[Object], theirs: Sequence[Object], in_force: Collection[str]
) -> Agreement:
    """Where our changes and their entries, each in order of time and over the same stretch, agree.

    ``in_force`` are those of their keys that our list holds now. That a party was added to a list that holds it, or removed from one
    that does not, is agreed upon though we saw no change: it was so before we looked. A changed record that our list does not
    hold is on another list. An added record that both state whole must have the same type, name and programs.
    """
    return compare_statements(
        map(statement_of_change, ours), map(statement_of_entry, theirs), in_force
    )


def compare_statements(
    ours: Iterable[Statement], theirs: Iterable[Statement], in_force: Collection[str]
) -> Agreement:
    """As :func:`compare_witnesses`, of statements."""
    we, they = all_in_all(ours), all_in_all(theirs)
    agreed: list[str] = []
    only_ours: list[Statement] = []
    only_theirs: list[Statement] = []
    differing: list[Differing] = []
    for key in sorted(we.keys() | they.keys()):
        our, their = we.get(key), they.get(key)
        if our is None and their is None:
            continue  # each of them came and went
        if their is None:
            only_ours += [our] if our else []
        elif (our is None or our.kind == "changed") and _holds(their, in_force):
            agreed.append(key)
        elif our is None:
            if their.kind != "changed" or key in in_force:
                only_theirs.append(their)
        elif fields := _differing_fields(our, their):
            differing.append(Differing(our, their, fields))
        else:
            agreed.append(key)
    return Agreement(tuple(agreed), tuple(only_ours), tuple(only_theirs), tuple(differing))


def all_in_all(statements: Iterable[Statement]) -> dict[str, Statement | None]:
    """What was done to each record over several publications, in order of time; None where it is as if nothing had been."""
    result: dict[str, Statement | None] = {}
    for each in statements:
        before = result.get(each.key)
        result[each.key] = each if before is None else _composed(before, each)
    return result


def _composed(first: Statement, second: Statement) -> Statement | None:
    match first.kind, second.kind:
        case "added", "removed":
            return None
        case "added", "changed":
            return replace(first, is_whole=False)
        case "removed", "changed":
            return replace(first, is_whole=False)
        case "removed", "added":
            return replace(second, kind="changed", is_whole=False)
        case _:
            return replace(second, name=second.name or first.name, is_whole=False)


def _holds(their: Statement, in_force: Collection[str]) -> bool:
    """Whether our list is as their statement leaves it."""
    match their.kind:
        case "added":
            return their.key in in_force
        case "removed":
            return their.key not in in_force
        case _:
            return False


def _differing_fields(our: Statement, their: Statement) -> tuple[str, ...]:
    if our.kind != their.kind:
        return ("kind",)
    if not (our.is_whole and their.is_whole):
        return ()
    pairs = {
        "type": (our.type in _TYPES and our.type, their.type in _TYPES and their.type),
        "name": (sorted(fold(our.name)), sorted(fold(their.name))),
        "programs": (sorted(set(our.programs)), sorted(set(their.programs))),
    }
    return tuple(
        field for field, (mine, yours) in pairs.items() if mine and yours and mine != yours
    )


def _statement(key: str, kind: EntryKind, party: Object, name: Any) -> Statement:
    return Statement(
        key=key,
        kind=kind,
        name=display_name(name or {}),
        type=party.get("type", ""),
        programs=tuple(party.get("programs", ())),
        is_whole=kind == "added",
    )
