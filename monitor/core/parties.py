"""A listed party in plain words: what stands in a message about it, each thing under its own heading.

Text is as the source wrote it; nothing is shortened, re-ordered or translated. Only what surrounds it is ours.
"""

from collections.abc import Mapping
from typing import Any

from monitor.core.classify import display_name
from monitor.core.footnotes import describes, identifier_kind, linked_to, of_category
from monitor.core.programs import program

Document = Mapping[str, Any]

TYPES = ("individual", "entity", "vessel", "aircraft")
"""The order in which kinds of parties are told; another kind comes after them under its own name."""

_ALIAS_KINDS = {"aka": "a.k.a.", "fka": "f.k.a.", "nka": "n.k.a."}


def name_of(party: Document) -> str:
    """The primary name as the list writes it."""
    return display_name(party.get("name", "")) or "(no name)"


def type_of(party: Document) -> str:
    """``individual``, ``entity`` …; "party" where the source does not say."""
    return str(party.get("type") or "party")


def grounds_of(party: Document) -> list[str]:
    """The programmes in plain words, tags in brackets; where there are none, the legal basis."""
    return [program(tag).words for tag in party.get("programs", ())] or list(
        party.get("legal_basis", ())
    )


def alias_words(alias: Document) -> str:
    """``a.k.a. "CH'OE, Ch'o'l-ryong"``; a weak one says so."""
    kind = _ALIAS_KINDS.get(alias.get("kind", ""), alias.get("kind", "") or "a.k.a.")
    weak = "weak " if alias.get("strength") == "weak" else ""
    return f'{weak}{kind} "{display_name(alias)}"'


def aliases_of(party: Document) -> list[str]:
    """Other names, strong ones first, each with what kind it is."""
    aliases = sorted(party.get("aliases", ()), key=lambda each: each.get("strength") == "weak")
    return [alias_words(alias) for alias in aliases]


def born_or_founded(party: Document) -> list[str]:
    """Dates and places of birth, or the date of foundation, as written."""
    dates = [value.get("date", "") for value in party.get("dates_of_birth", ())]
    places = [value.get("place", "") for value in party.get("places_of_birth", ())]
    founded = [
        identifier.get("number", "")
        for identifier in of_category(party.get("identifiers", ()), "birth")
    ]
    return [*dates, *places, *(f"founded {day}" for day in founded)]


def nationalities_of(party: Document) -> list[str]:
    """Nationalities, and citizenships where they are others."""
    values = [*party.get("nationalities", ()), *party.get("citizenships", ())]
    return list(dict.fromkeys(value.get("country", "") for value in values))


def address_words(address: Document) -> str:
    """One address on one line, part by part as written."""
    parts = (
        "address1",
        "address2",
        "address3",
        "city",
        "state_or_province",
        "postal_code",
        "country",
    )
    return ", ".join(address[part] for part in parts if address.get(part))


def identifier_words(identifier: Document) -> str:
    """``Passport 745336612 (Korea, North)``, with issue and expiry where they are stated; of a currency ``XBT bc1q…``."""
    type = identifier.get("type", "")
    if identifier_kind(type).category == "digital_currency":
        type = currency_of(type)
    text = " ".join(filter(None, (type, identifier.get("number", ""))))
    if country := identifier.get("country"):
        text += f" ({country})"
    if issued := identifier.get("issued"):
        text += f", issued {issued}"
    if expires := identifier.get("expires"):
        text += f", expires {expires}"
    return text


def currency_of(type: str) -> str:
    """``XBT`` of ``Digital Currency Address - XBT``; the type itself where it names none."""
    return type.partition(" - ")[2].strip() or type


def identifiers_of(party: Document) -> list[str]:
    """Papers and numbers that identify, in words."""
    return [
        identifier_words(each)
        for each in of_category(party.get("identifiers", ()), "identifier")
        if not describes(each.get("type", ""))
    ]


def digital_currency_of(party: Document) -> list[str]:
    """Digital currency addresses, whole."""
    return _words(party, "digital_currency")


def contact_of(party: Document) -> list[str]:
    """Websites, mail addresses, telephones."""
    return _words(party, "contact")


def also_applies_to(party: Document) -> list[str]:
    """Notices in the record's own words ("Secondary sanctions risk: …"), directives and other measures."""
    return [*_words(party, "notice"), *_words(party, "link"), *party.get("measures", ())]


def description_of(party: Document) -> list[str]:
    """What describes without identifying: gender, kind of organization, flags."""
    identifiers = party.get("identifiers", ())
    described = [
        ": ".join(filter(None, (each.get("type", "").rstrip(": "), each.get("number", ""))))
        for each in identifiers
        if describes(each.get("type", ""))
    ]
    return [*described, *_words(party, "vessel"), *_words(party, "nationality")]


def vessel_words(vessel: Document) -> str:
    """``call sign 9V123, flag Panama, …``."""
    words = {
        "call_sign": "call sign",
        "type": "type",
        "flag": "flag",
        "owner": "owner",
        "tonnage": "tonnage",
        "gross_registered_tonnage": "gross registered tonnage",
    }
    return ", ".join(f"{word} {vessel[part]}" for part, word in words.items() if vessel.get(part))


def ties_of(party: Document) -> list[str]:
    """The names of those that the party is linked to."""
    return linked_to(party)


def _words(party: Document, category: str) -> list[str]:
    return [identifier_words(each) for each in of_category(party.get("identifiers", ()), category)]
