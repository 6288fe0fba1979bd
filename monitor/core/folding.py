"""Names folded for looking up: what differs only in accents, case, apostrophes or punctuation is the same.

For finding, never for deciding that two parties are one, and never inside a document or a digest.
"""

import unicodedata

# Letters that Unicode does not take apart, as they are usually written without the keys for them.
_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)
_APOSTROPHES = frozenset("'’‘ʼʻʹʾʿ`´′")


def fold(text: str) -> tuple[str, ...]:
    """The words of a text: without marks and apostrophes, in one case, split at everything that is no letter or digit."""
    kept = []
    for character in unicodedata.normalize("NFKD", text):
        if character in _APOSTROPHES or unicodedata.combining(character):
            continue
        kept.append(character if character.isalnum() else " ")
    return tuple("".join(kept).casefold().translate(_LETTERS).split())


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
