"""An ever-changing list whose every version is known: what was published, byte for byte, and what it meant.

The meaning (:meth:`Party.document`) is written here from the contract and not by the adapter, so that it can be held against what
people were told. Each value that comes is a token of its own (``P000123`` names a party, ``V000456`` a value), by which a mail can
be read back.
"""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from tests.journeys.sources import a_list

PARTIES = 200
MASS = 25
"""So many records with one identical edit are told in one line."""

_BEGINNING = datetime(2020, 1, 2, 15, tzinfo=UTC)
_PROGRAMS = ("DPRK4", "SDGT", "CYBER2", "IRAN", "VENEZUELA")


@dataclass(frozen=True, slots=True)
class Party:
    """One record."""

    uid: int
    is_person: bool
    programs: tuple[str, ...]
    aliases: tuple[str, ...]
    city: str
    remarks: str

    @property
    def name(self) -> str:
        """The word that names it and nobody else."""
        return f"P{self.uid:06}"

    @property
    def tokens(self) -> frozenset[str]:
        """Everything of it that a mail can be searched for."""
        values = (*self.aliases, self.city, self.remarks)
        return frozenset({self.name, *(value.split()[-1] for value in values)})

    def document(self) -> dict[str, Any]:
        """What the list says of it, as the contract writes it."""
        name = {"last": self.name, "first": "Ivan"} if self.is_person else {"last": self.name}
        document: dict[str, Any] = {
            "type": "individual" if self.is_person else "entity",
            "name": name,
            "programs": list(self.programs),
            "addresses": [{"city": self.city, "country": "Panama"}],
            "remarks": self.remarks,
        }
        if self.aliases:
            document["aliases"] = [
                {"last": alias, "kind": "aka", "strength": "strong"} for alias in self.aliases
            ]
        return document

    def xml(self) -> str:
        """The record as OFAC's classic schema has it."""
        first = "<firstName>Ivan</firstName>" if self.is_person else ""
        programs = "".join(f"<program>{program}</program>" for program in self.programs)
        akas = "".join(
            f"<aka><uid>{self.uid * 10 + number}</uid><type>a.k.a.</type><category>strong</category>"
            f"<lastName>{alias}</lastName></aka>"
            for number, alias in enumerate(self.aliases)
        )
        return (
            f"<sdnEntry><uid>{self.uid}</uid>{first}<lastName>{self.name}</lastName>"
            f"<sdnType>{'Individual' if self.is_person else 'Entity'}</sdnType>"
            f"<remarks>{self.remarks}</remarks><programList>{programs}</programList>"
            + (f"<akaList>{akas}</akaList>" if akas else "")
            + f"<addressList><address><uid>{self.uid}</uid><city>{self.city}</city>"
            "<country>Panama</country></address></addressList></sdnEntry>"
        )


@dataclass(frozen=True)
class Version:
    """One publication of the list. ``modified`` is its Last-Modified."""

    number: int
    parties: Mapping[int, Party]
    body: bytes
    sha256: str
    modified: datetime

    def documents(self, *, people_only: bool = False) -> dict[str, dict[str, Any]]:
        """Key to document: of all, or of individuals."""
        return {
            str(party.uid): party.document()
            for party in self.parties.values()
            if party.is_person or not people_only
        }


class History:
    """Every version so far, the newest last. The same seed makes the same versions from the same calls."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._values = 0
        self._next_uid = 1000
        self._dropped: dict[int, Party] = {}
        self.versions: list[Version] = []
        self._add({party.uid: party for party in (self._new() for _ in range(PARTIES))})

    @property
    def newest(self) -> Version:
        """What is published now."""
        return self.versions[-1]

    def by_sha256(self) -> dict[str, Version]:
        """The versions by their bytes."""
        return {version.sha256: version for version in self.versions}

    def publish(self, edits: int) -> Version:
        """A version that differs from the newest by so many edits of one party each. What a drop left out is there again."""
        parties = {**self._dropped, **self.newest.parties}
        self._dropped = {}
        for uid in self._random.sample(sorted(parties), edits):
            self._edit(parties, uid)
        return self._add(parties)

    def publish_mass_edit(self) -> Version:
        """A version in which many parties are given one and the same programme."""
        program = f"MASS{len(self.versions)}"
        parties = {**self._dropped, **self.newest.parties}
        self._dropped = {}
        for uid in self._random.sample(sorted(parties), MASS):
            parties[uid] = replace(parties[uid], programs=(*parties[uid].programs[:1], program))
        return self._add(parties)

    def publish_drop(self) -> Version:
        """A version that lacks a quarter of the parties: more than the guard lets pass."""
        parties = dict(self.newest.parties)
        for uid in self._random.sample(sorted(parties), len(parties) // 4):
            self._dropped[uid] = parties.pop(uid)
        return self._add(parties)

    def _edit(self, parties: dict[int, Party], uid: int) -> None:
        party = parties[uid]
        kind = self._random.choice(("add", "remove", "alias", "city", "remarks", "program"))
        # The list keeps about its size, so that what the guard looks at stays a matter of single publications.
        if kind == "add" or (kind == "remove" and len(parties) < PARTIES * 0.8):
            new = self._new()
            parties[new.uid] = new
        elif kind == "remove":
            del parties[uid]
        elif kind == "alias" and len(party.aliases) >= 3:
            parties[uid] = replace(party, aliases=party.aliases[1:])
        elif kind == "alias":
            parties[uid] = replace(party, aliases=(*party.aliases, self._value("ALSO")))
        elif kind == "city":
            parties[uid] = replace(party, city=self._value("Port"))
        elif kind == "remarks":
            parties[uid] = replace(party, remarks=self._value("Case"))
        else:
            others = [program for program in _PROGRAMS if program not in party.programs]
            parties[uid] = replace(party, programs=(self._random.choice(others),))

    def _new(self) -> Party:
        self._next_uid += 1
        return Party(
            uid=self._next_uid,
            is_person=self._random.random() < 0.5,
            programs=(self._random.choice(_PROGRAMS),),
            aliases=(self._value("ALSO"),),
            city=self._value("Port"),
            remarks=self._value("Case"),
        )

    def _value(self, word: str) -> str:
        self._values += 1
        return f"{word} V{self._values:06}"

    def _add(self, parties: dict[int, Party]) -> Version:
        number = len(self.versions)
        # A day of its own for each: no two versions have the same bytes, even where an edit was undone.
        day = _BEGINNING + timedelta(days=number)
        body = a_list(*(party.xml() for party in parties.values()), date=f"{day:%m/%d/%Y}").encode()
        version = Version(
            number=number,
            parties=parties,
            body=body,
            sha256=hashlib.sha256(body).hexdigest(),
            modified=_BEGINNING + timedelta(minutes=number),
        )
        self.versions.append(version)
        return version


def changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    """The keys of which the one differs from the other."""
    return (key for key in old.keys() | new.keys() if old.get(key) != new.get(key))
