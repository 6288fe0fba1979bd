"""Names folded for looking up: what differs only in accents, case, apostrophes or punctuation is the same.

For finding, never for deciding that two parties are one, and never inside a document or a digest.
"""

import re
import unicodedata
from typing import NamedTuple

# Letters that Unicode does not take apart, as they are usually written without the keys for them.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)
_APOSTROPHES = frozenset("'’‘ʼʻʹʾʿ`´′")
# The same for text in ASCII, as nearly all names on lists are: apostrophes go, other punctuation divides.
_ASCII = {
    code: None if chr(code) in _APOSTROPHES else " "
    for code in range(128)
    if not chr(code).isalnum()
}
_RUN = re.compile(r"\S+")


class Word(NamedTuple):
    """A folded word and the part of the text (from ``start`` up to ``end``) that it was made from."""

    folded: str
    start: int
    end: int


def fold(text: str) -> tuple[str, ...]:
    """The words of a text: without marks and apostrophes, in one case, split at everything that is no letter or digit."""
    if text.isascii():
        return tuple(text.translate(_ASCII).casefold().split())
    kept = []
    for character in unicodedata.normalize("NFKD", text):
        if character in _APOSTROPHES or unicodedata.combining(character):
            continue
        kept.append(character if character.isalnum() else " ")
    return tuple("".join(kept).casefold().translate(_LETTERS).split())


def words(text: str) -> list[Word]:
    """The words that :func:`fold` makes of a text, each with its place in it."""
    found = []
    for run in _RUN.finditer(text):
        piece = run[0]
        if piece.isascii() and piece.isalnum():
            found.append(Word(piece.casefold(), run.start(), run.end()))
        else:
            found += _words_of_run(piece, run.start())
    return found


def _words_of_run(piece: str, begins: int) -> list[Word]:
    found: list[Word] = []
    kept, start, end = "", 0, 0
    for place, original in enumerate(piece, begins):
        for character in unicodedata.normalize("NFKD", original):
            if character in _APOSTROPHES or unicodedata.combining(character):
                continue
            if character.isalnum():
                start = start if kept else place
                kept, end = kept + character, place + 1
            elif kept:
                found.append(Word(kept.casefold().translate(_LETTERS), start, end))
                kept = ""
    if kept:
        found.append(Word(kept.casefold().translate(_LETTERS), start, end))
    return found


def closeness(sought: tuple[str, ...], first: tuple[str, ...], last: tuple[str, ...]) -> int | None:
    """How well folded words fit a folded name: 0 the whole of it in either order, 1 its beginning, 2 within it; None: not.

    Words count whole: ``ali`` is not within ``alim``.
    """
    if not sought:
        return None
    orders = (last + first, first + last)
    if sought in orders:
        return 0
    if any(order[: len(sought)] == sought for order in orders):
        return 1
    remaining = list(last + first)
    for word in sought:
        if word not in remaining:
            return None
        remaining.remove(word)
    return 2
