"""OFAC's change files: its own account of what each publication did to its lists, record by record.

``/changes/history/YEAR`` names the publications of a year, ``/changes/ID`` is one as XML ("DeltaFile"), a few kB to some MB. A file
never decides what is on a list; it is a second witness for what a comparison of two lists has found, and it states what the
lists do not: legal authorities and the day of listing. Quirks:

* ``entity@id`` is the ``uid`` of ``SDN.XML``; one series for all of OFAC's lists.
* An entity with ``action="add"`` or ``"remove"`` stands there whole. Without it, only what changed in the entity does, each value
  with an action of its own. One that joins or leaves a list while it stays on another is such an entity: the action is at its
  ``sanctionsList``.
* Values are removed and added again under new numbers, unchanged. What came and left as the same is nothing.
* ``datePublished`` is midnight in New York, never the hour. A file may be listed before or after the list that it tells of.
* A changed entity does not say which list it is on: its entry has no ``list_name``, and no name unless that is what changed.

What a file says of an entity in a form that is not known (another attribute, another action, an element beside the entities) makes it
unreadable, as an addition must not pass for something less. What is new *within* an entity cannot hide a change: the entity is an
entry whatever it holds. New sections beside ``entities`` are named in the text.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import date, timedelta
from io import BytesIO
from typing import Final, TypeVar
from urllib.parse import urljoin

from feeds.base import (
    Alias,
    Body,
    Entry,
    EntryKind,
    Name,
    Page,
    Publication,
    Reading,
    StreamFeed,
    StreamPage,
)
from feeds.errors import EmptyListing, RepeatedKey, UnexpectedShape
from feeds.pages import JsonObject, collapsed, json_objects
from feeds.records import Element, elements_of, local_name, local_text

T = TypeVar("T")

ID: Final = "ofac-changes"

FEED = StreamFeed(
    id=ID,
    authority="OFAC",
    title="OFAC's change files",
    url="https://sanctionslistservice.ofac.treas.gov/changes/history",
    homepage="https://sanctionslist.ofac.treas.gov/Home",
    interval=timedelta(
        minutes=5
    ),  # it confirms what the list has told; the list is asked each minute
    redirect_hosts=("*.amazonaws.com", "sanctionslistservice.ofac.treas.gov"),
    max_bytes=32
    * 1024
    * 1024,  # real ones had 24 to 601 kB; 553 additions on one day would be about 3 MB
    quiet_at_most=timedelta(days=21),  # as the SDN list
    pages=(
        StreamPage(kind="history", path="history/{year}"),
        # Of the last evening of a year, and what a listing that joins nowhere has missed.
        StreamPage(kind="last-year", path="history/{last_year}", every=timedelta(days=1)),
    ),
    witness="change_file",
    attests={"SDN List": "ofac-sdn"},
)

_KINDS: dict[str, EntryKind] = {"add": "added", "remove": "removed"}
_TYPES = frozenset(("individual", "entity", "vessel", "aircraft"))
_ALIAS_KINDS = {"a.k.a.": "aka", "f.k.a.": "fka", "n.k.a.": "nka"}
_SECTIONS = frozenset(("publicationInfo", "referenceValues", "featureTypes", "entities"))
_DAY = re.compile(r"(\d{4}-\d{2}-\d{2})(?:T\S*)?")
_MOST_NAMES = 25


def read(page: Page) -> Reading:
    """The publications of a year, newest first.

    Raises UnexpectedShape when one of them has no id or no day, RepeatedKey when two have the same id, EmptyListing when there is
    none, unless the page's kind says that the year has just begun.
    """
    publications = [_publication(page, item) for item in json_objects(ID, page, "the history")]
    if not publications and page.kind != "young-history":
        raise EmptyListing(ID, "the history of the year")
    for key, times in Counter(each.key for each in publications).items():
        if times > 1:
            raise RepeatedKey(ID, key)
    publications.sort(key=lambda each: (each.date, int(each.key)), reverse=True)
    return Reading(publications=tuple(publications))


def read_body(page: Page) -> Body:
    """One change file: an entry for each list that a record joined or left, and for each record that was changed otherwise.

    Of a changed record, ``programs``, ``legal_basis``, ``aliases`` and ``linked_to`` are what came, ``before`` is the primary name
    that left. Raises UnexpectedShape when an entity could be something else than it seems, RepeatedKey when one stands there twice.
    """
    entries: list[Entry] = []
    seen: set[str] = set()
    root: Element | None = None
    for element in elements_of(FEED, BytesIO(page.body), "sanctionsData", "entities/entity"):
        if local_name(element) == "entity":
            key = _key(element)
            if key in seen:
                raise RepeatedKey(ID, key)
            seen.add(key)
            entries += _entries(element, key)
        else:
            root = element
    assert root is not None, "elements_of ends with the root"
    return _body(root, entries)


def _publication(page: Page, item: JsonObject) -> Publication:
    key = item.digits("publicationID")
    stated = item.text("datePublished").strip()
    return Publication(
        key=key,
        title=f"List changes, publication {key}",
        url=urljoin(page.url, f"../{key}"),
        date=_day(stated, "an item of the history"),
        stated=stated,
    )


def _day(stated: str, where: str) -> str:
    if match := _DAY.fullmatch(stated):
        with suppress(ValueError):
            return date.fromisoformat(match[1]).isoformat()
    raise UnexpectedShape(ID, where, f"a day, not {stated[:40]!r}")


def _body(root: Element, entries: list[Entry]) -> Body:
    sections = [local_name(child) for child in root]
    if sections.count("entities") != 1:
        raise UnexpectedShape(ID, "a change file", "entities, exactly once")
    for child in _items(root, "entities"):
        for beside in child:
            if local_name(beside) != "entity":
                raise UnexpectedShape(
                    ID, "entities", f"nothing but entities, not {local_name(beside)}"
                )
    information = next(iter(_items(root, "publicationInfo")), None)
    stated = _text(information, "datePublished")
    day = _day(stated, "publicationInfo/datePublished")
    kind = _text(information, "publicationType")
    lines = [f"Published on {day}{f' ({kind})' if kind else ''}.", *_account(entries)]
    if unknown := sorted(set(sections) - _SECTIONS):
        lines.append(f"The file also holds what is not read here: {', '.join(unknown)}.")
    return Body(
        title=f"List changes of {day}", text="\n".join(lines), stated=stated, entries=tuple(entries)
    )


def _account(entries: list[Entry]) -> Iterator[str]:
    """What was done to whom, in words."""
    told: dict[tuple[str, str], list[Entry]] = defaultdict(list)
    for entry in entries:
        told[entry.kind, entry.list_name].append(entry)
    if not told:
        yield "No record was added, removed or changed."
    for (kind, list_name), those in sorted(told.items()):
        where = {"added": f" to the {list_name}", "removed": f" from the {list_name}"}.get(kind, "")
        named = [_in_words(entry) for entry in those[:_MOST_NAMES]]
        more = f" and {len(those) - _MOST_NAMES} more" if len(those) > _MOST_NAMES else ""
        yield f"{len(those)} {kind}{where}: {'; '.join(named)}{more}."


def _in_words(entry: Entry) -> str:
    name = _full(entry.name)
    return f"{name} ({entry.key})" if name else f"number {entry.key}"


# --- an entity ------------------------------------------------------------------------------------------------------


def _key(entity: Element) -> str:
    attributes = {local_text(name): str(value) for name, value in entity.items()}
    if unknown := sorted(attributes.keys() - {"id", "action"}):
        raise UnexpectedShape(ID, f"an entity's {unknown[0]}", "no attributes but id and action")
    key = attributes.get("id", "").strip()
    if not (key.isascii() and key.isdigit()):
        raise UnexpectedShape(ID, "an entity", f"a number, not {key[:40]!r}")
    return key


def _entries(entity: Element, key: str) -> Iterator[Entry]:
    whole = _kind(entity)
    if whole:
        lists = _lists(entity)
        if not lists:
            raise UnexpectedShape(
                ID, f"entity {key}", "the list that it was added to or removed from"
            )
        for list_name, listed_on in lists.items():
            yield _entry(entity, key, whole, list_name, listed_on)
        return
    joined, left = _lists(entity, "added"), _lists(entity, "removed")
    moved = [("added", name, joined[name]) for name in joined.keys() - left.keys()]
    moved += [("removed", name, left[name]) for name in left.keys() - joined.keys()]
    for kind, list_name, listed_on in sorted(moved):
        yield _entry(entity, key, kind, list_name, listed_on)  # type: ignore[arg-type]
    if not moved or _acts_elsewhere(entity):
        yield _entry(entity, key, "changed")


def _entry(
    entity: Element, key: str, kind: EntryKind, list_name: str = "", listed_on: str = ""
) -> Entry:
    names = _items(entity, "names/name")
    primary = [_name(each) for each in names if _is(each, "isPrimary") and _kind(each) != "removed"]
    before = [_name(each) for each in names if _is(each, "isPrimary") and _kind(each) == "removed"]
    if not primary and _kind(entity) == "added":
        raise UnexpectedShape(ID, f"entity {key}", "a primary name in every added record")
    name = primary[0] if primary else Name("")
    return Entry(
        kind=kind,
        key=key,
        name=name,
        type=_type(entity),
        list_name=list_name,
        programs=_values(entity, "sanctionsPrograms/sanctionsProgram"),
        aliases=_what_came(
            entity, ((each, _alias(each)) for each in names if not _is(each, "isPrimary"))
        ),
        linked_to=_values(entity, "relationships/relationship", "relatedEntity"),
        legal_basis=_values(entity, "legalAuthorities/legalAuthority"),
        listed_on=listed_on,
        before=_full(before[0]) if before and primary and before[0] != name else "",
    )


def _lists(entity: Element, kind: str | None = None) -> dict[str, str]:
    """The day of listing by list, of those that the entity is (or was) on, or that it joined or left by an action of their own."""
    lists: dict[str, str] = {}
    for each in _items(entity, "sanctionsLists/sanctionsList"):
        action = _kind(each)
        if (action == kind) if kind else (action in (None, _kind(entity))):
            name = collapsed(each.text or "")
            if not name:
                raise UnexpectedShape(ID, "a sanctionsList", "the name of the list")
            lists[name] = collapsed(each.get("datePublished") or "")
    return lists


def _acts_elsewhere(entity: Element) -> bool:
    """Whether anything but the lists that it is on changed in an entity."""
    return any(
        inner.get("action")
        for child in entity
        if local_name(child) != "sanctionsLists"
        for inner in child.iter()
    )


def _values(entity: Element, path: str, within: str = "") -> tuple[str, ...]:
    """The texts at ``path`` of a whole entity; of a changed one, those that came without leaving as the same."""
    texts = (
        (each, _text(each, within) if within else collapsed(each.text or ""))
        for each in _items(entity, path)
    )
    return tuple(filter(None, _what_came(entity, texts)))


def _what_came(entity: Element, values: Iterable[tuple[Element, T]]) -> tuple[T, ...]:
    """Of values with their elements, those that stand in a whole entity; of a changed one, those that came and did not leave."""
    kinds = [(_kind(element), value) for element, value in values]
    if _kind(entity):
        return tuple(value for _, value in kinds)
    came = [value for kind, value in kinds if kind == "added"]
    for kind, value in kinds:
        if kind == "removed" and value in came:
            came.remove(value)
    return tuple(came)


def _kind(element: Element) -> EntryKind | None:
    action = element.get("action")
    if action is None:
        return None
    kind = _KINDS.get(action.strip().lower())
    if kind is None:
        raise UnexpectedShape(
            ID, f"a {local_name(element)}'s action", f"add or remove, not {action[:40]!r}"
        )
    return kind


def _type(entity: Element) -> str:
    for information in _items(entity, "generalInfo"):
        stated = _text(information, "entityType")
        return stated.lower() if stated.lower() in _TYPES else stated
    return ""


def _name(name: Element) -> Name:
    """A name in its main writing, which is Latin; other scripts stand beside it."""
    translations = _items(name, "translations/translation")
    main = [each for each in translations if _is(each, "isPrimary")] or translations
    if not main:
        return Name("")
    last, first = _text(main[0], "formattedLastName"), _text(main[0], "formattedFirstName")
    return Name(last or _text(main[0], "formattedFullName"), first if last else "")


def _alias(element: Element) -> Alias:
    name = _name(element)
    kind = _text(element, "aliasType")
    strength = "weak" if _is(element, "isLowQuality") else "strong"
    return Alias(name.last, name.first, _ALIAS_KINDS.get(kind.lower(), kind), strength)


def _full(name: Name) -> str:
    return f"{name.last}, {name.first}" if name.first else name.last


def _items(element: Element, path: str) -> list[Element]:
    """The elements at ``path`` below ``element``, by local names."""
    found = [element]
    for step in path.split("/"):
        found = [child for each in found for child in each if local_name(child) == step]
    return found


def _text(element: Element | None, name: str) -> str:
    for child in element if element is not None else ():
        if local_name(child) == name:
            return collapsed(child.text or "")
    return ""


def _is(element: Element, name: str) -> bool:
    return _text(element, name).lower() in ("true", "1")
