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
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import orjson

from feeds.base import (
    Address,
    Alias,
    BirthDate,
    BirthPlace,
    Body,
    Country,
    Identifier,
    ListedParty,
    Name,
    Publication,
    Vessel,
)

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


def party_document(party: ListedParty) -> Document:
    """The canonical document of a listed party; its key and what was left unread are no part of it."""
    return _present(
        type=canonical_text(party.type),
        name=_name(party.name),
        title=canonical_text(party.title),
        programs=_multiset(party.programs, canonical_text),
        aliases=_multiset(party.aliases, _alias),
        addresses=_multiset(party.addresses, _address),
        identifiers=_multiset(party.identifiers, _identifier),
        nationalities=_multiset(party.nationalities, _country),
        citizenships=_multiset(party.citizenships, _country),
        dates_of_birth=_multiset(party.dates_of_birth, _birth_date),
        places_of_birth=_multiset(party.places_of_birth, _birth_place),
        vessel=_vessel(party.vessel) if party.vessel else None,
        remarks=canonical_text(party.remarks),
        legal_basis=_multiset(party.legal_basis, canonical_text),
        listed_on=canonical_text(party.listed_on),
        measures=_multiset(party.measures, canonical_text),
        links=_multiset(party.links, canonical_text),
    )


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


def _multiset(values: Iterable[Any], canonical: Callable[[Any], Any]) -> list[Any]:
    present = [value for value in map(canonical, values) if value]
    return in_order(present) if len(present) > 1 else present


def _name(name: Name) -> Document:
    return _present(last=canonical_text(name.last), first=canonical_text(name.first))


def _alias(alias: Alias) -> Document:
    return _present(
        last=canonical_text(alias.last),
        first=canonical_text(alias.first),
        kind=canonical_text(alias.kind),
        strength=canonical_text(alias.strength),
    )


def _address(address: Address) -> Document:
    return _present(
        address1=canonical_text(address.address1),
        address2=canonical_text(address.address2),
        address3=canonical_text(address.address3),
        city=canonical_text(address.city),
        state_or_province=canonical_text(address.state_or_province),
        postal_code=canonical_text(address.postal_code),
        country=canonical_text(address.country),
    )


def _identifier(identifier: Identifier) -> Document:
    return _present(
        type=canonical_text(identifier.type),
        number=canonical_text(identifier.number),
        country=canonical_text(identifier.country),
        issued=canonical_text(identifier.issued),
        expires=canonical_text(identifier.expires),
    )


def _country(country: Country) -> Document:
    return _present(country=canonical_text(country.country), main=canonical_text(country.main))


def _birth_date(birth: BirthDate) -> Document:
    return _present(date=canonical_text(birth.date), main=canonical_text(birth.main))


def _birth_place(birth: BirthPlace) -> Document:
    return _present(place=canonical_text(birth.place), main=canonical_text(birth.main))


def _vessel(vessel: Vessel) -> Document:
    return _present(
        call_sign=canonical_text(vessel.call_sign),
        type=canonical_text(vessel.type),
        flag=canonical_text(vessel.flag),
        owner=canonical_text(vessel.owner),
        tonnage=canonical_text(vessel.tonnage),
        gross_registered_tonnage=canonical_text(vessel.gross_registered_tonnage),
    )
