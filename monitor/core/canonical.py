"""A record's one canonical form, and its versioned digest.

The same content has the same document, whatever the source did to its layout: text is Unicode NFC with each run of white
space as one space and none at the ends; what is empty is absent; collections are multisets, kept in one fixed order; no
sub-element's id is in it. Equal digests therefore mean equal content, and a field that is added to the model later, absent
in a record, leaves that record's digest as it was.

A document is a plain JSON object (strings, lists and objects of strings), encoded with sorted keys and no white space. The
digest is SHA-256 over that encoding: anybody can check it with a standard library
(``json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)``).

Raise ``DIGEST_VERSION`` whenever the same record begins to have another document; documents on record are then re-expressed
from the archived bytes before anything is compared.
"""

import hashlib
import unicodedata
from collections.abc import Iterable, Mapping
from typing import Any

import orjson

from feeds.base import Body, Entry, ListedParty, Publication

DIGEST_VERSION = 1

Document = dict[str, Any]
Register = Mapping[str, Document]

COLLECTIONS = frozenset(
    {
        "programs",
        "aliases",
        "addresses",
        "identifiers",
        "nationalities",
        "citizenships",
        "dates_of_birth",
        "places_of_birth",
        "legal_basis",
        "measures",
        "links",
    }
)
"""The fields of a document that hold several values; every other field holds one."""

_TEXTS = ("type", "title", "remarks", "listed_on")
_PARTS = ("name", "vessel")


def party_document(party: ListedParty) -> Document:
    """The canonical document of a listed party; its key and what was left unread are no part of it."""
    document: Document = {}
    for field in _TEXTS:
        if (text := getattr(party, field)) and (text := canonical_text(text)):
            document[field] = text
    for field in _PARTS:
        if (parts := getattr(party, field)) and (parts := _parts(parts)):
            document[field] = parts
    for field in COLLECTIONS:
        if (values := getattr(party, field)) and (values := _multiset(values)):
            document[field] = values
    return document


def publication_document(publication: Publication, body: Body | None = None) -> Document:
    """The canonical document of a publication, with its body once that has been read.

    The stated time of day is no part of it: the source states it differently in its listing and in its yearly file.
    """
    return _present(
        title=canonical_text(publication.title),
        url=publication.url,
        date=publication.date,
        category=canonical_text(publication.category),
        body_title=canonical_text(body.title) if body else "",
        text="\n".join(filter(None, map(canonical_text, body.text.split("\n")))) if body else "",
        links=in_order(body.links) if body else [],
        entries=in_order(map(_entry, body.entries)) if body else [],
    )


def canonical_text(text: str) -> str:
    """``text`` in Unicode NFC, every run of white space as one space, none at either end."""
    if not text.isascii():
        text = unicodedata.normalize("NFC", text)
    return " ".join(text.split())


def encode(document: Any) -> bytes:
    """The one encoding of a document or of a value in it: UTF-8 JSON, keys sorted, no white space."""
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def decode(encoded: bytes | str) -> Any:
    """The value that :func:`encode` made these bytes from."""
    return orjson.loads(encoded)


def digest(document: Document) -> str:
    """SHA-256 of the document's encoding, in hexadecimal."""
    return digest_of_encoding(encode(document))


def digest_of_encoding(encoding: bytes) -> str:
    """The digest of a document that is encoded already."""
    return hashlib.sha256(encoding).hexdigest()


def in_order(values: Iterable[Any]) -> list[Any]:
    """The values of a collection in their one fixed order."""
    return sorted(values, key=encode)


def _present(**fields: Any) -> Document:
    return {name: value for name, value in fields.items() if value}


def _multiset(values: Iterable[Any]) -> list[Any]:
    present = [
        canonical
        for value in values
        if (canonical := canonical_text(value) if isinstance(value, str) else _parts(value))
    ]
    return in_order(present) if len(present) > 1 else present


def _entry(entry: Entry) -> Document:
    """One named party of a publication, in the form that a listed party has."""
    return _present(
        kind=entry.kind,
        key=entry.key,
        list=canonical_text(entry.list_name),
        type=entry.type,
        name=_parts(entry.name),
        before=canonical_text(entry.before),
        programs=_multiset(entry.programs),
        aliases=_multiset(entry.aliases),
        linked_to=_multiset(entry.linked_to),
        legal_basis=_multiset(entry.legal_basis),
        listed_on=canonical_text(entry.listed_on),
    )


def _parts(value: Any) -> Document:
    """A value of several named texts (``feeds.base``), under the same names."""
    parts: Document = {}
    for name, text in zip(value._fields, value):  # noqa: B905 – named tuples; the check costs a tenth
        # canonical_text, but for the call: most texts come this way.
        if text and (text := " ".join(text.split()) if text.isascii() else canonical_text(text)):
            parts[name] = text
    return parts
