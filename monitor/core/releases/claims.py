"""The numbers in a release's lead: which of them count those who are sanctioned that day, and of what kind these are.

Only what OFAC does that day counts: neither what was done before nor what another department does.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Literal

from monitor.core.releases.numerals import NUMBER, number_of
from monitor.core.releases.sentences import lead, sentences

Bound = Literal["exactly", "at least", "about"]

KINDS = ("individual", "entity", "vessel", "aircraft")

# Nouns that say which kind is counted. "Targets" may be of any kind, "persons" are both in OFAC's language.
_NOUNS: dict[str, tuple[str, ...]] = {
    r"individuals?|people|nationals?|citizens?|officials?|judges?|commanders?|generals?|ministers?|executives?": (
        "individual",
    ),
    r"entity|entities|company|companies|business|businesses|organizations?|firms?|banks?|charity|charities": (
        "entity",
    ),
    r"vessels?|tankers?|ships?": ("vessel",),
    r"aircraft|airplanes?|planes?": ("aircraft",),
    r"persons?": ("individual", "entity"),
    r"targets?|parties": KINDS,
}
_NOUN = "|".join(_NOUNS)
_JOINED = r"(?:,?\s+and\s+|,?\s+or\s+|,\s*)"
_BOUNDS: dict[str, Bound] = {
    "over": "at least",
    "more than": "at least",
    "at least": "at least",
    "nearly": "about",
    "almost": "about",
    "about": "about",
    "approximately": "about",
    "roughly": "about",
    "some": "about",
}
_CLAIM = re.compile(
    rf"(?<![\w$.,/-])(?:(?P<bound>{'|'.join(_BOUNDS)})\s+)?(?P<number>{NUMBER})"
    rf"(?P<between>(?:\s+(?!(?:{NUMBER})\b)[\w.’'&/()-]+){{0,6}}?)\s+(?P<nouns>(?:{_NOUN})(?:{_JOINED}(?:{_NOUN}))*)\b",
    re.IGNORECASE,
)
# Between number and noun they show that something else is counted ("five years", "one of the individuals", "one or more persons").
_OTHERWISE = re.compile(
    r"\b(?:percent|million|billion|years?|months?|weeks?|days?|countries|jurisdictions|times|others?|the|its|their|his|her|or|and|to"
    r"|for|by|who|that|which|with|in|from|against|on|at|is|are|was|were|previously|already)\b",
    re.IGNORECASE,
)
_ACT = re.compile(
    r"\b(?:sanction(?!s\b)|designat|target(?:s|ing|ed)\b|identif|impos|block|tak(?:es?|ing) action|took action)"
    r"|\bactions? sanctions?\b",
    re.IGNORECASE,
)
_MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
_BEFORE = re.compile(
    rf"\b(?:previously|formerly|earlier|since\b(?!\s+then)|over the (?:past|last)|in the (?:past|last)|last (?:year|month|week)|to date"
    rf"|so far|(?:in|on) (?:early |late |mid-)?(?:(?:{_MONTH})\b|(?:19|20)\d\d)|has (?:now )?(?:designated|sanctioned)"
    rf"|have (?:now )?(?:designated|sanctioned))",
    re.IGNORECASE,
)
_BY_ANOTHER = re.compile(
    r"\b(?:Departments? of (?:State|Justice|Commerce)|State(?: Department)?|United Kingdom|U\.?K\.?|Canada|Australia"
    r"|European Union|EU|partners)(?: \([A-Z]+\))?,?"
    r" (?:is |are |has |have |also |today |concurrently |simultaneously |will |separately )*"
    r"(?:sanction|designat|tak|took|impos|announc|identif|target|unseal|add|block)"
)
_BY_US = re.compile(r"\b(?:OFAC|Treasury)\b")
_MORE = re.compile(
    r"\balso\b.{0,20}\b(?:designat|sanction|identif|target|block|tak)", re.IGNORECASE
)
_ONE_MORE = re.compile(
    rf"\balso (?:designat|sanction|identif|block)\w* (?P<quoted>an? (?:[\w.’'&-]+ ){{0,3}}?(?P<noun>{_NOUN}))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Claim:
    """One number of a release: so many of these kinds together. ``quoted`` are its own words."""

    number: int
    kinds: tuple[str, ...]
    bound: Bound
    quoted: str

    def agrees_with(self, number: int) -> bool:
        """Whether so many may be what it says."""
        if self.bound == "at least":
            return number >= self.number
        if self.bound == "about":
            return abs(number - self.number) <= max(1, self.number // 10)
        return number == self.number


def claims_in(text: str) -> list[Claim]:
    """The numbers of those who are sanctioned that day, as a release's lead states them.

    The first sentence with such a number tells; later ones add to it only where they say "also". Where one that says "also" has no
    number, or already the first says it, others are named besides: then the numbers are the least.
    """
    claims: list[Claim] = []
    are_least = False
    for sentence in (each for paragraph in lead(text) for each in sentences(paragraph)):
        adds = bool(_MORE.search(sentence)) and not _is_by_another(sentence)
        if claims and not adds:
            continue
        further = _one_more(sentence) if claims else []
        further = further or list(_claims(sentence))
        are_least |= adds and bool(claims) != bool(further)
        claims += further
    return [replace(claim, bound="at least") for claim in claims] if are_least else claims


def _claims(sentence: str) -> Iterator[Claim]:
    if not _ACT.search(sentence):
        return
    for match in _CLAIM.finditer(sentence):
        before, between = sentence[: match.start()], match["between"]
        number = number_of(match["number"])
        if not number or _OTHERWISE.search(between):
            continue
        if match["nouns"][0].isupper():  # the name of somebody: "Example Two Company"
            continue
        if _BEFORE.search(before) or _is_by_another(before):
            continue
        yield Claim(
            number=number,
            kinds=_kinds(match["nouns"]),
            bound=_bound(match["bound"] or ""),
            quoted=" ".join(match[0].split()),
        )


def _bound(words: str) -> Bound:
    return _BOUNDS.get(" ".join(words.casefold().split()), "exactly")


def _one_more(sentence: str) -> list[Claim]:
    """The one whom a later sentence adds without a number: "This action also identifies a Wyoming-based entity"."""
    match = _ONE_MORE.search(sentence)
    if match is None:
        return []
    return [Claim(1, _kinds(match["noun"]), "exactly", match["quoted"])]


def _is_by_another(before: str) -> bool:
    """Whether the last who acts in what stands before a number is somebody else than OFAC."""
    others = [match.start() for match in _BY_ANOTHER.finditer(before)]
    return bool(others) and not _BY_US.search(before, others[-1])


def _kinds(nouns: str) -> tuple[str, ...]:
    found: set[str] = set()
    for noun in re.split(_JOINED, nouns, flags=re.IGNORECASE):
        for pattern, kinds in _NOUNS.items():
            if re.fullmatch(pattern, noun, re.IGNORECASE):
                found.update(kinds)
    return tuple(kind for kind in KINDS if kind in found)
