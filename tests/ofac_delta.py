"""OFAC's change files, written by hands of our own from what they should say."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from tests.servers import SourceServer

HISTORY = "/changes/history"
NAMESPACE = "https://www.treasury.gov/ofac/DeltaFile/1.0"
SDN_LIST = "SDN List"
_ACTIONS = {"added": ' action="add"', "removed": ' action="remove"', "changed": ""}


@dataclass(frozen=True)
class Told:
    """What a change file tells of one record; ``party`` is its document, in full for one that was added or removed."""

    kind: str
    key: str
    party: Mapping[str, Any]
    list_name: str = SDN_LIST
    legal_basis: str = "Executive Order 10001 (Example)"
    listed_on: str = "2026-11-24"


def delta_xml(*told: Told, day: str = "2026-11-24") -> str:
    """A whole change file."""
    return (
        f'<?xml version="1.0" encoding="utf-8"?><sanctionsData xmlns="{NAMESPACE}"><publicationInfo>'
        f"<datePublished>{day}T00:00:00-05:00</datePublished><publicationType>Standard Action</publicationType>"
        "</publicationInfo><referenceValues /><featureTypes /><entities>"
        f"{''.join(map(_entity, told))}</entities></sanctionsData>"
    )


def history_json(publications: Mapping[str, str]) -> str:
    """The history of a year: the day of each publication by its id."""
    return json.dumps(
        [
            {"publicationID": int(key), "datePublished": f"{day}T00:00:00-05:00"}
            for key, day in publications.items()
        ]
    )


def serve_history(source: SourceServer, publications: Mapping[str, str], year: int = 2026) -> None:
    """The history of this year, and one of the year before with one publication in it."""
    source.serve(f"{HISTORY}/{year}", history_json(publications), content_type="application/json")
    last = history_json({"640": f"{year - 1}-12-30"})
    source.serve(f"{HISTORY}/{year - 1}", last, content_type="application/json")


def serve_file(source: SourceServer, key: str, told: Sequence[Told]) -> None:
    """One change file at its address."""
    source.serve(f"/changes/{key}", delta_xml(*told), content_type="application/xml")


def _entity(told: Told) -> str:
    if told.kind == "changed":
        return f'<entity id="{told.key}"><titles><title action="add">x</title></titles></entity>'
    name = told.party["name"]
    programs = "".join(
        f"<sanctionsProgram>{escape(tag)}</sanctionsProgram>"
        for tag in told.party.get("programs", ())
    )
    first = (
        f"<formattedFirstName>{escape(name['first'])}</formattedFirstName>"
        if "first" in name
        else ""
    )
    return (
        f'<entity id="{told.key}"{_ACTIONS[told.kind]}>'
        f"<generalInfo><entityType>{told.party['type'].title()}</entityType></generalInfo>"
        f'<sanctionsLists><sanctionsList datePublished="{told.listed_on}">{told.list_name}</sanctionsList></sanctionsLists>'
        f"<sanctionsPrograms>{programs}</sanctionsPrograms>"
        f"<legalAuthorities><legalAuthority>{escape(told.legal_basis)}</legalAuthority></legalAuthorities>"
        "<names><name><isPrimary>true</isPrimary><translations><translation><isPrimary>true</isPrimary>"
        f"{first}<formattedLastName>{escape(name['last'])}</formattedLastName>"
        "</translation></translations></name></names></entity>"
    )
