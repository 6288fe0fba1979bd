"""What is played: the facts of an action, and the invented parties that are on the list before it."""

import json
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

Record = dict[str, Any]
"""A listed party, by the names of :class:`feeds.base.ListedParty`'s fields; what is empty is absent."""


@dataclass(frozen=True)
class Facts:
    """The action of 16 December 2024. ``earlier_releases`` and ``earlier_actions`` are listed before it, newest first."""

    release: dict[str, Any]
    earlier_releases: list[dict[str, str]]
    action: dict[str, str]
    earlier_actions: list[dict[str, str]]
    designated: list[Record]


def load_facts() -> Facts:
    """The facts as they are in this package."""
    text = (files("monitor.demo") / "action.json").read_text(encoding="utf-8")
    found = json.loads(text)
    return Facts(
        found["release"],
        found["earlier_releases"],
        found["action"],
        found["earlier_actions"],
        found["parties"],
    )


def invented_parties() -> list[Record]:
    """Forty parties that do not exist and say so in their names: the list as it stands before the action."""
    people = [
        {
            "key": str(900001 + place),
            "type": "individual",
            "name": {"last": "EXAMPLE", "first": first},
            "programs": ["EXAMPLE1"],
            "dates_of_birth": [{"date": f"{1 + place} Jan 1960", "main": "true"}],
            "nationalities": [{"country": "Utopia", "main": "true"}],
        }
        for place, first in enumerate(_FIRST_NAMES)
    ]
    companies = [
        {
            "key": str(900101 + place),
            "type": "entity",
            "name": {"last": f"EXAMPLE {business} COMPANY"},
            "programs": ["EXAMPLE2"],
            "addresses": [{"city": "Amaurot", "country": "Utopia"}],
        }
        for place, business in enumerate(_BUSINESSES)
    ]
    return people + companies


_FIRST_NAMES = (
    *("Ada", "Alan", "Barbara", "Claude", "Donald", "Dorothy", "Edgar", "Edsger", "Frances"),
    *("Grace", "Hedy", "Jean", "Joan", "John", "Karen", "Katherine", "Leslie", "Niklaus"),
    *("Radia", "Tony"),
)
_BUSINESSES = (
    *("BANKING", "CEMENT", "CHEMICAL", "COAL", "CONSTRUCTION", "DREDGING", "ELECTRIC", "FISHING"),
    *("FORWARDING", "INSURANCE", "LEASING", "MACHINERY", "MINING", "PETROLEUM", "SHIPPING"),
    *("STEEL", "TELECOM", "TEXTILE", "TIMBER", "TRADING"),
)
