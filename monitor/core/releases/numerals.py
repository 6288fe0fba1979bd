"""English number words and digits as releases write them: ``nine``, ``twenty-one``, ``a dozen``, ``1,204``."""

import re

_UNITS = (
    *(
        "zero",
        "one",
        "two",
        "three",
        "four",
        "five",
        "six",
        "seven",
        "eight",
        "nine",
        "ten",
        "eleven",
        "twelve",
    ),
    *("thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
)
_TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_DOZENS = {"a dozen": 12, "one dozen": 12, "two dozen": 24, "three dozen": 36}


def in_words(number: int) -> str:
    """``nine``, ``twenty-one``; a number beyond ninety-nine in digits (``1,204``)."""
    if number < len(_UNITS):
        return _UNITS[number]
    if number < 100:
        tens, rest = divmod(number, 10)
        return _TENS[tens - 2] + (f"-{_UNITS[rest]}" if rest else "")
    return f"{number:,}"


_VALUES = {in_words(number): number for number in range(1, 100)} | _DOZENS

NUMBER = "|".join(
    [
        r"\d{1,3}(?:,\d{3})+|\d{1,4}",
        *(re.sub("[- ]", r"[-\\s]", word) for word in sorted(_VALUES, key=len, reverse=True)),
    ]
)
"""A regular expression for a number in digits or words, longest first; to be matched in any case."""


def number_of(text: str) -> int | None:
    """The number that a text is, in digits or words; None when it is none."""
    folded = " ".join(text.casefold().split())
    digits = folded.replace(",", "")
    if digits.isascii() and digits.isdigit():
        return int(digits)
    return _VALUES.get(folded, _VALUES.get(folded.replace(" ", "-")))
