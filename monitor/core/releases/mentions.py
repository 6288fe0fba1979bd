"""Whom a release names: the names of parties that are known to have changed, looked up in its text.

Nothing is extracted from prose. The list's own forms of a name are folded and sought as whole words; parties that were listed earlier
and are only background are told apart because they are not among those that are sought. A form that stands only inside a longer
name that is sought ("X BANK" in "X BANK LEASING") does not count.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

from monitor.core.folding import Word, words
from monitor.core.releases.forms import Form, forms_of

AROUND = 60
"""How many characters are shown on each side of a match, at most."""

_END_OF_SENTENCE = re.compile(r"\W*?[.!?]\W*?\s")
_IMO_NUMBER = re.compile(r"\W{0,6}IMO\b")


@dataclass(frozen=True, slots=True)
class Party:
    """A party to be looked up. ``name`` and ``aliases`` are as its document has them (``last``, ``first``; ``kind``, ``strength``)."""

    key: str
    type: str
    name: Mapping[str, Any]
    aliases: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Mention:
    """How a text names a party.

    ``form`` is the list's name or alias that matched, ``written`` what stands in the text at ``offset``, ``around`` that with the
    words about it on its line, verbatim. ``is_shortened``: without its legal form ("LLC") or, of a person, the middle names.
    """

    form: str
    is_alias: bool
    is_shortened: bool
    around: str
    offset: int
    written: str


class _Match(NamedTuple):
    """Words ``first`` up to ``last`` of the text are this form of a party."""

    first: int
    last: int
    party: str
    form: Form


def find_mentions(text: str, parties: Iterable[Party]) -> dict[str, Mention]:
    """Which of the parties a text names, by key, and how: by primary name rather than by an alias, and by either rather than shortened.

    Names of one word never count, except those of vessels (in capitals, or before an IMO number) and marks of aircraft. Weak aliases
    never do; nor does a shortened form that two parties share.
    """
    text_words = words(text)
    matches = _outside_longer(_without_ambiguous(_found(text, text_words, parties)))
    best: dict[str, _Match] = {}
    for match in matches:
        known = best.get(match.party)
        if known is None or _rank(match) < _rank(known):
            best[match.party] = match
    return {party: _mention(text, text_words, match) for party, match in best.items()}


def around(text: str, start: int, end: int, reach: int = AROUND) -> str:
    """The part of a text from ``start`` to ``end`` with the words around it on its line, ``reach`` characters on each side at most."""
    begins = max(text.rfind("\n", 0, start) + 1, start - reach)
    line_ends = text.find("\n", end)
    ends = min(line_ends if line_ends >= 0 else len(text), end + reach)
    if begins and not text[begins - 1].isspace():
        begins = next((at + 1 for at in range(begins, start) if text[at].isspace()), start)
    if ends < len(text) and not text[ends].isspace():
        ends = next((at for at in range(ends - 1, end - 1, -1) if text[at].isspace()), end)
    return text[begins:ends].strip()


def _found(text: str, text_words: list[Word], parties: Iterable[Party]) -> list[_Match]:
    folded = [word.folded for word in text_words]
    places: dict[str, list[int]] = {}
    for place, word in enumerate(folded):
        places.setdefault(word, []).append(place)
    found = []
    for party in parties:
        for form in forms_of(party.type, party.name, party.aliases, places.keys()):
            length = len(form.words)
            found += [
                _Match(place, place + length, party.key, form)
                for place in places[form.words[0]]
                if tuple(folded[place : place + length]) == form.words
                and _hangs_together(text, text_words[place : place + length], party.type)
                and (length > 1 or _stands_as_name(text, text_words[place], party.type))
            ]
    return found


def _without_ambiguous(matches: list[_Match]) -> Iterator[_Match]:
    """Those that are not shortened to what is another party's name, or another's shortened to the same."""
    named: dict[tuple[str, ...], set[str]] = {}
    for match in matches:
        named.setdefault(match.form.words, set()).add(match.party)
    for match in matches:
        if not match.form.is_shortened or len(named[match.form.words]) == 1:
            yield match


def _hangs_together(text: str, name: list[Word], party_type: str) -> bool:
    """Whether nothing divides the words of a name: no end of a line or sentence, and of a person's no bracket or comma either."""
    # "Co. Ltd" and initials go on, "… Limited. Korea …" does not.
    dividing, abbreviated = ("\n;()[],:/", 1) if party_type == "individual" else ("\n;", 4)
    for word, following in pairwise(name):
        gap = text[word.end : following.start]
        if any(sign in gap for sign in dividing):
            return False
        if _END_OF_SENTENCE.match(gap) and len(word.folded) > abbreviated:
            return False
    return True


def _stands_as_name(text: str, word: Word, party_type: str) -> bool:
    """Whether a single word is the name of a vessel or an aircraft there, not just a word ("the FREEDOM", not "freedom")."""
    written = text[word.start : word.end]
    line = text[text.rfind("\n", 0, word.start) + 1 : (text + "\n").index("\n", word.end)]
    if party_type == "aircraft":
        return any(character.isdigit() for character in written)
    in_capitals = len(written) > 2 and written.isupper() and not line.isupper()
    return in_capitals or bool(_IMO_NUMBER.match(text, word.end))


def _outside_longer(matches: Iterable[_Match]) -> list[_Match]:
    """Those that do not lie within a longer match, of whichever party."""
    ordered = sorted(matches, key=lambda match: (match.first, -match.last))
    kept: list[_Match] = []
    covers: list[_Match] = []
    for match in ordered:
        covers = [each for each in covers if each.last > match.first]
        if not any(
            each.last >= match.last and each.last - each.first > match.last - match.first
            for each in covers
        ):
            kept.append(match)
        covers.append(match)
    return kept


def _rank(match: _Match) -> tuple[bool, bool, int]:
    return match.form.is_shortened, match.form.is_alias, match.first


def _mention(text: str, text_words: list[Word], match: _Match) -> Mention:
    start, end = text_words[match.first].start, text_words[match.last - 1].end
    return Mention(
        form=match.form.name,
        is_alias=match.form.is_alias,
        is_shortened=match.form.is_shortened,
        around=around(text, start, end),
        offset=start,
        written=text[start:end],
    )
