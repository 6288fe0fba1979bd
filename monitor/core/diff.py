"""Exact changes between two registers, and :func:`apply`, their inverse.

Knows documents and nothing else: no feed, no severity, no words. Fields are multisets: order is never a change, repetition is.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from monitor.core.canonical import COLLECTIONS, Document, Register, decode, encode, in_order


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field's values that left and came; a single-valued field has one or none of each."""

    field: str
    before: tuple[Any, ...]
    after: tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Added:
    """A record that was not there before."""

    key: str
    document: Document


@dataclass(frozen=True, slots=True)
class Removed:
    """A record that is there no longer, as it last was."""

    key: str
    document: Document


@dataclass(frozen=True, slots=True)
class Amended:
    """A record whose content differs: both documents, and exactly which values left and came."""

    key: str
    old: Document
    new: Document
    fields: tuple[FieldChange, ...]


Change = Added | Removed | Amended


class DoesNotApply(ValueError):
    """The changes were not made from this register: a value that should leave is not there, or a key is (not) present."""


def diff(old: Register, new: Register) -> list[Change]:
    """The changes that turn ``old`` into ``new``, sorted by key.

    Exact: ``apply(old, diff(old, new)) == new``. Empty when both hold the same documents.
    """
    changes: list[Change] = [Added(key, new[key]) for key in new.keys() - old.keys()]
    changes += [Removed(key, old[key]) for key in old.keys() - new.keys()]
    changes += [
        Amended(key, old[key], new[key], fields)
        for key in old.keys() & new.keys()
        if (fields := differing_fields(old[key], new[key]))
    ]
    return sorted(changes, key=attrgetter("key"))


def differing_fields(old: Document, new: Document) -> tuple[FieldChange, ...]:
    """The fields in which two canonical documents differ, sorted by name; empty when they are equal."""
    return tuple(
        _field_change(field, _values(old, field), _values(new, field))
        for field in sorted(old.keys() | new.keys())
        if old.get(field) != new.get(field)
    )


def apply(register: Register, changes: Iterable[Change]) -> dict[str, Document]:
    """The register that ``changes`` lead to. Raises DoesNotApply when they were made from another one."""
    result = dict(register)
    for change in changes:
        match change:
            case Added(key, document):
                if key in result:
                    raise DoesNotApply(f"{key} is already there")
                result[key] = document
            case Removed(key, document):
                if result.get(key) != document:
                    raise DoesNotApply(f"{key} is not there as it was")
                del result[key]
            case Amended(key, _, _, fields):
                if key not in result:
                    raise DoesNotApply(f"{key} is not there")
                result[key] = apply_fields(result[key], fields)
    return result


def apply_fields(document: Document, fields: Iterable[FieldChange]) -> Document:
    """The document with the values that left taken away and those that came put in, in canonical form."""
    result = dict(document)
    for change in fields:
        values = _without(_values(result, change.field), change.before) + list(change.after)
        if not values:
            result.pop(change.field, None)
        elif change.field in COLLECTIONS:
            result[change.field] = in_order(values)
        elif len(values) == 1:
            result[change.field] = values[0]
        else:
            raise DoesNotApply(f"{change.field} would have {len(values)} values")
    return result


def _field_change(field: str, before: list[Any], after: list[Any]) -> FieldChange:
    left = list(map(encode, before))
    came = []
    for value in map(encode, after):
        if value in left:
            left.remove(value)
        else:
            came.append(value)
    return FieldChange(field, tuple(map(decode, left)), tuple(map(decode, came)))


def _values(document: Document, field: str) -> list[Any]:
    if field not in document:
        return []
    value = document[field]
    return list(value) if field in COLLECTIONS else [value]


def _without(values: list[Any], leaving: Iterable[Any]) -> list[Any]:
    for value in leaving:
        try:
            values.remove(value)
        except ValueError as absent:
            raise DoesNotApply(f"a value that should leave is not there: {value!r}") from absent
    return values
