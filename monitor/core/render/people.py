"""To whom it happened, as paragraphs: lists of names, or each party with what identifies it, or with what changed."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from monitor.core.alert import Alert
from monitor.core.differences import Changed, differences, summary
from monitor.core.footnotes import split_remarks
from monitor.core.parties import (
    TYPES,
    aliases_of,
    also_applies_to,
    born_or_founded,
    digital_currency_of,
    grounds_of,
    identifiers_of,
    name_of,
    nationalities_of,
    ties_of,
    type_of,
)
from monitor.core.render.closing import FIRST, first_names, former_ground, relisting_words
from monitor.core.render.fill import Item, Paragraph
from monitor.core.render.headings import number_words, verbs
from monitor.core.render.layouts import stressed
from monitor.core.told_as_one import (
    MASS_EDIT,
    MassEdit,
    Move,
    Relisting,
    groups,
    mass_edits,
    moves,
    relistings,
)
from monitor.core.words import plural

FEW = 5
"""So many added or removed parties are told with what identifies them; more are a list of names."""

_LINE = 300


def people(
    alert: Alert, changes: Sequence[Changed], *, in_full: bool, room: int | None
) -> list[Paragraph]:
    """The parties of the changes: those added, removed, moved, re-listed, amended.

    In full, few parties come with what identifies them, and each amended one with its differences; otherwise by name alone.
    ``room`` is the channel's: a name that could fill half of it gives way to its number.
    """
    said = groups(changes)
    pairs = relistings(said.renumbered)
    kinds = sum(map(bool, (said.added, said.removed, said.amended, said.moved, pairs)))
    is_alone = len(changes) == 1
    told: list[Paragraph] = []
    for verb, some in zip(verbs(alert), (said.added, said.removed), strict=True):
        if in_full and len(some) <= FEW:
            told += _blocks(alert, some, verb, alone=is_alone)
        else:
            told += _lists(alert, some, verb if kinds > 1 else "", room)
    for move in moves(said.moved):
        words = move.words(alert.feed_title)
        if in_full and len(move.changes) <= FEW:
            told += _blocks(alert, move.changes, words, alone=is_alone)
        else:
            told += _moved(alert, move, words, room)
    told += _relisted(alert, pairs, alone=kinds == 1)
    edits, alone = mass_edits(said.amended)
    told += [_mass(edit, is_all=len(edit.changes) == len(changes)) for edit in edits]
    if in_full:
        told += [_amendment(alert, each, only=is_alone) for each in alone]
    elif alone:
        told += _names(alert, alone, "Amended", room)
    return told


def name_within(alert: Alert, change: Changed, room: int | None) -> str:
    """The party's name; its number instead where the name alone could fill half of a message."""
    name = name_of(change["party"])
    if room is not None and len(name) > max(room // 2, 60):
        return f"{number_words(alert, change['key'])} (a name of {len(name)} characters)"
    return name


def _lists(
    alert: Alert, changes: Sequence[Changed], verb: str, room: int | None
) -> Iterable[Paragraph]:
    types = {type_of(change["party"]) for change in changes}
    for type in [*(type for type in TYPES if type in types), *sorted(types - set(TYPES))]:
        some = [change for change in changes if type_of(change["party"]) == type]
        noun = plural(type)
        yield from _names(alert, some, f"{verb} {noun}".strip().capitalize(), room)


def _names(
    alert: Alert, changes: Sequence[Changed], label: str, room: int | None
) -> list[Paragraph]:
    names = sorted(name_within(alert, change, room) for change in changes)
    tail = f" ({len(names):,})" if len(names) > 1 else ""
    items = tuple(Item(name, 1) for name in names)
    return [Paragraph(items, label=stressed(label), tail=tail)]


def _blocks(
    alert: Alert, changes: Sequence[Changed], verb: str, *, alone: bool
) -> Iterable[Paragraph]:
    for change in changes:
        block = _block(alert, change, verb, alone=alone)
        yield Paragraph((Item(block, 1, not alone),), apart=True)


def _block(alert: Alert, change: Changed, verb: str, *, alone: bool) -> str:
    party = change["party"]
    facts = _facts(change) if change["kind"] == "added" else _former_facts(alert, change)
    number = number_words(alert, change["key"])
    head = f"{stressed(name_of(party))} ({type_of(party)}, {number}) {verb}"
    return "\n".join([*([] if alone else [head]), *facts]) or head


def _moved(alert: Alert, move: Move, words: str, room: int | None) -> Iterable[Paragraph]:
    number = len(move.changes)
    if number < MASS_EDIT:
        return _names(alert, move.changes, words[0].upper() + words[1:], room)
    text = f"{number:,} {words}. First {FIRST}: {first_names(move.changes[:FIRST])}"
    return [Paragraph((Item(text, number),), apart=True)]


def _relisted(alert: Alert, pairs: Sequence[Relisting], *, alone: bool) -> Iterable[Paragraph]:
    if not pairs or (alone and len(pairs) == 1):  # the heading says it
        return []
    items = tuple(Item(relisting_words(alert, each), 1) for each in pairs)
    return [
        Paragraph(items, label=stressed("Re-listed under a new number"), tail=f" ({len(pairs):,})")
    ]


def _facts(change: Changed) -> list[str]:
    party = change["party"]
    return [
        *_gathered(grounds_of(party)),
        *_gathered([party["title"]] if party.get("title") else []),
        *_gathered(_labelled("born ", born_or_founded(party))),
        *_gathered(_labelled("nationality ", nationalities_of(party))),
        *_gathered(identifiers_of(party)),
        *(f"digital currency address {address}" for address in digital_currency_of(party)),
        *_gathered(aliases_of(party)),
        *_gathered(_labelled("linked to ", ties_of(party))),
        *also_applies_to(party),
        *_remarks(party),
    ]


def _former_facts(alert: Alert, change: Changed) -> list[str]:
    party = change["party"]
    ground = former_ground([change], alert.listed_since)
    return [
        *([ground] if ground else []),
        *_gathered(_labelled("born ", born_or_founded(party))),
        *_gathered(identifiers_of(party)),
        *_remarks(party),
    ]


def _remarks(party: Mapping[str, Any]) -> list[str]:
    """The remarks without the ties, which are told by themselves."""
    remarks = split_remarks(party.get("remarks", ""))[1]
    return [f"remarks: {remarks}"] if remarks else []


def _labelled(label: str, values: Sequence[str]) -> list[str]:
    return [value if value.startswith("founded") else f"{label}{value}" for value in values]


def _gathered(values: Iterable[str]) -> list[str]:
    """Values on as few lines as is readable, each whole."""
    lines: list[str] = []
    for value in values:
        if lines and len(lines[-1]) + len(value) < _LINE:
            lines[-1] += f" · {value}"
        else:
            lines.append(value)
    return lines


def _amendment(alert: Alert, change: Changed, *, only: bool) -> Paragraph:
    number = number_words(alert, change["key"])
    head = f"{stressed(name_of(change['party']))} ({number}): {summary(change)}"
    lines = [each.line for each in differences(change)]
    text = "\n".join(lines if only else [head, *lines])
    return Paragraph((Item(text, 1, is_named=not only),), apart=not only)


def _mass(edit: MassEdit, *, is_all: bool) -> Paragraph:
    names = " · ".join(name_of(change["party"]) for change in edit.changes[:FEW])
    first = f"First {FEW}: {names}"
    if is_all:
        text = f"Nobody was added or removed. {first}"
    else:
        text = f"{len(edit.changes):,} amended, all in the same way: {edit.words}. {first}"
    return Paragraph((Item(text, len(edit.changes)),), apart=not is_all)
