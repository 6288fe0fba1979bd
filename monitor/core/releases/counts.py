"""The release's own numbers ("nine individuals and seven entities"), held against whom it was found to name.

A release may well say nothing in numbers, or only of some; what it does not say is not compared.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from monitor.core.releases.claims import KINDS, Bound, Claim, claims_in
from monitor.core.words import counted, listed, plural


@dataclass(frozen=True, slots=True)
class Counts:
    """All numbers of a release's lead. ``individuals`` and the others are None where it gives none for just that kind."""

    claims: tuple[Claim, ...]

    @property
    def individuals(self) -> int | None:
        """How many individuals it says."""
        return self._of("individual")

    @property
    def entities(self) -> int | None:
        """How many entities it says."""
        return self._of("entity")

    @property
    def vessels(self) -> int | None:
        """How many vessels it says."""
        return self._of("vessel")

    @property
    def aircraft(self) -> int | None:
        """How many aircraft it says."""
        return self._of("aircraft")

    @property
    def is_approximate(self) -> bool:
        """Whether one of them is no exact number ("over 20")."""
        return any(claim.bound != "exactly" for claim in self.claims)

    @property
    def words(self) -> str:
        """What it says, in its own words: ``nine individuals and seven entities``."""
        return listed([claim.quoted for claim in self.claims])

    def as_dict(self) -> dict[str, Any]:
        """The same as plain JSON; :meth:`from_dict` takes it back."""
        return {
            "claims": [
                {
                    "number": claim.number,
                    "kinds": list(claim.kinds),
                    "bound": claim.bound,
                    "quoted": claim.quoted,
                }
                for claim in self.claims
            ]
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> "Counts":
        """Counts from what :meth:`as_dict` made of them."""
        return cls(
            tuple(Claim(**{**each, "kinds": tuple(each["kinds"])}) for each in data["claims"])
        )

    def _of(self, kind: str) -> int | None:
        numbers = [claim.number for claim in self.claims if claim.kinds == (kind,)]
        return sum(numbers) if numbers else None


def counts_in(text: str) -> Counts | None:
    """The numbers of those who are sanctioned that day, as a release's lead states them; None when it states none."""
    claims = claims_in(text)
    return Counts(tuple(claims)) if claims else None


def compare(said: Counts, matched: Mapping[str, int]) -> str | None:
    """Where a release's numbers differ from how many parties of each type it was found to name, in one sentence; None: nowhere."""
    differing = []
    for kinds, claims in _by_kinds(said).items():
        bound: Bound = next((each.bound for each in claims if each.bound != "exactly"), "exactly")
        total = Claim(sum(each.number for each in claims), kinds, bound, quoted="")
        found = sum(matched.get(kind, 0) for kind in kinds)
        if not total.agrees_with(found):
            differing.append((listed([claim.quoted for claim in claims]), kinds, found))
    if not differing:
        return None
    quoted = listed([words for words, _, _ in differing])
    found_words = listed([_found_words(kinds, found) for _, kinds, found in differing])
    return f"The release speaks of “{quoted}”; found in it are {found_words} of those that the list changed."


def _by_kinds(said: Counts) -> dict[tuple[str, ...], list[Claim]]:
    grouped: dict[tuple[str, ...], list[Claim]] = {}
    for claim in said.claims:
        grouped.setdefault(claim.kinds, []).append(claim)
    return grouped


def _found_words(kinds: tuple[str, ...], found: int) -> str:
    if kinds == KINDS:
        return counted(found, "party")
    if len(kinds) == 1:
        return counted(found, kinds[0])
    return f"{found:,} {listed([plural(kind) for kind in kinds])}"
