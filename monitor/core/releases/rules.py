"""The phrases by which a release is told apart, each with the reason for it. Data only: :mod:`.classification` applies them.

They are those that Treasury has used from 2018 to 2026. A phrase is looked for in any case; a ``.`` stays within a line.
"""

import re
from collections.abc import Sequence
from typing import NamedTuple


class Phrase(NamedTuple):
    """A phrase (a regular expression) and why it counts."""

    pattern: re.Pattern[str]
    reason: str


def found_in(phrases: Sequence[Phrase], text: str) -> str | None:
    """The first of the phrases that stands in a text, as written there with white space collapsed; None when none does."""
    for phrase in phrases:
        if match := phrase.pattern.search(text):
            return " ".join(match[0].split())
    return None


def _phrase(pattern: str, reason: str) -> Phrase:
    return Phrase(re.compile(pattern, re.IGNORECASE), reason)


# --- titles ---------------------------------------------------------------------------------------------------------

DELISTS = (
    _phrase(r"\bdelist(?:s|ed|ing)?\b", "OFAC's word for taking somebody off a list"),
    _phrase(
        r"\b(?:lift|remov|terminat)(?:s|es|ed|ing) (?:[\w’'-]+ ){0,3}sanctions\b",
        "Treasury Lifts Sanctions on …, Treasury Removes Sanctions Imposed on …",
    ),
    _phrase(
        r"\b(?:termination|removal) of (?:[\w’'-]+ ){0,3}sanctions\b",
        "a programme that ends takes everybody listed under it off the list",
    ),
)

IS_NO_ACT = (
    _phrase(r"\bintent(?:ion|ions|s)?\b", "a notice to Congress: nothing has been removed yet"),
    _phrase(
        r"^\W*(?:joint |opening |economy )?(?:statement|remarks|readout|testimony|media advisory)\b",
        "somebody speaks about what was done",
    ),
)

IS_SOMETHING_ELSE = (
    _phrase(r"\bgeneral licen[sc]es?\b", "a general licence allows; it names nobody new"),
    _phrase(r"\brelief\b", "sanctions relief is a licence"),
    _phrase(r"\bauthoriz(?:ation|ations|es|ing)\b", "an authorisation is a licence"),
    _phrase(r"\bsanctions exceptions?\b", "an exception is a licence"),
    _phrase(r"\bpenalt(?:y|ies)\b", "a penalised company is not sanctioned"),
    _phrase(r"\bsettlements?\b", "a company that settles is not sanctioned"),
    _phrase(r"\bto pay\b", "a company that pays is not sanctioned"),
    _phrase(r"\benforcement actions?\b", "against a violation, not a listing"),
    _phrase(r"\badvisor(?:y|ies)\b", "says what to look out for"),
    _phrase(r"\bguidance\b", "says how rules are read"),
    _phrase(r"\bframework\b", "says how companies should comply"),
    _phrase(r"\brules?\b|\bamends regulations\b", "a rule is about everybody"),
    _phrase(r"\bfact sheet\b", "sums up what was done before"),
    _phrase(
        r"\bterrorist financing targeting center\b",
        "partners follow: the United States listed these parties earlier",
    ),
    _phrase(
        r"\bintent(?:ion)? to (?:delist|remove|terminate)\b",
        "a notice to Congress: nothing has been removed yet",
    ),
)

# Used only as long as nothing but the title is known. As a noun ("Sanctions Review") the word says nothing.
ACTS_BY_TITLE = (
    _phrase(
        r"\b(?:treasury|ofac|states|kingdom|u\.?s\.?|u\.?k\.?|departments?) (?:sanction|designat)(?:s|es|e)?\b"
        r"(?! (?:review|teams?|programs?|polic(?:y|ies)|on|and|against)\b)",
        "Treasury Sanctions …, Treasury and State Departments Designate …",
    ),
    _phrase(r"\band designates\b", "Treasury Marks … and Designates …"),
    _phrase(r"\b(?:announces|imposes) (?:[\w-]+ )?sanctions\b", "… Announces Sanctions Against …"),
    _phrase(r"\bdesigna (?:bajo|a)\b", "the Spanish version of a release"),
)

# --- texts ----------------------------------------------------------------------------------------------------------

_DONE = r"(?:re-?)?(?:designated|sanctioned|blocked)|took (?:[\w-]+ ){0,3}action|imposed (?:[\w-]+ )?sanctions"
_BEING_DONE = (
    r"(?:re-?)?(?:designating|sanctioning|blocking)|imposing (?:[\w-]+ )?sanctions"
    r"|taking (?:[\w-]+ ){0,3}action against"
)
_US = r"(?:OFAC\)?|Assets Control|Treasury|United States)"

ACTS = (
    _phrase(
        r"\b(?:is|are) (?:also |now |hereby )?being (?:re-?)?(?:designated|sanctioned|blocked)",
        "the legal reason: … is being designated pursuant to E.O. 13810 for …",
    ),
    _phrase(
        rf"\b{_US} (?:today )?(?:is|are) (?:today |also |now |further )*(?:{_BEING_DONE})\b",
        "the lead: … (OFAC) is sanctioning …",
    ),
    _phrase(
        rf"\b{_US} (?:also |has |have )*today (?:also )?(?:{_DONE})\b",
        "… (OFAC) today sanctioned …",
    ),
    _phrase(
        rf"\btoday\b,? .{{0,160}}?\b{_US} (?:also |has |have )*(?:{_DONE})\b",
        "Today, the U.S. Department of the Treasury’s … (OFAC) designated …",
    ),
    _phrase(rf"\b{_US} (?:also )?(?:{_DONE}) today\b", "… (OFAC) took action today against …"),
    _phrase(
        r"\b(?:designated|sanctioned|blocked) today\b",
        "the last line: … information on the individuals and entities designated today",
    ),
    _phrase(r"\btoday[’']s (?:[\w-]+ )?(?:designations?|sanctions)\b", "today’s designations"),
    _phrase(
        r"\btoday[’']s actions? (?:targets?|sanctions?|designates?)\b", "Today’s action targets …"
    ),
    _phrase(
        r"\bdesignad[ao]s hoy\b|\bdesignaci(?:ó|o\u0301)n de hoy\b",
        "the Spanish version of a release",
    ),
)

BLOCKS = (
    _phrase(r"\bsanctions implications\b", "the heading over what follows from a designation"),
    _phrase(r"\ball property and interests in property\b", "what a designation blocks"),
)

SPEAKS_OF_SANCTIONS = (
    _phrase(r"\bOFAC\b|\bOffice of Foreign Assets Control\b", "the office that keeps the lists"),
    _phrase(r"\bsanction(?:s|ed|ing)\b", "the word itself"),
)
