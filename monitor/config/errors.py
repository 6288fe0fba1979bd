"""What is raised when the configuration is not right. There is one class: whoever catches it shows its sentence and stops."""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

MASKED = "(a secret)"


@dataclass(eq=False)
class ConfigurationError(Exception):
    """Something in the configuration is not right; nothing has been started.

    ``source`` is the file or the environment variable, ``key`` the path with dots ("" for the whole file), ``value`` what stands
    there as it may be shown (None when nothing does), ``expected`` what would be right.
    """

    source: str
    key: str
    value: str | None
    expected: str
    line: int | None = None

    def __str__(self) -> str:
        where = self.source if self.line is None else f"{self.source}, line {self.line}"
        subject = f"{self.key} is {self.value}" if self.value is not None else self.key
        parts = (where, subject, self.expected) if subject else (where, self.expected)
        return " ".join(": ".join(parts).split())


def suggestion(word: str, known: Iterable[str]) -> str:
    """What to say about an unknown word: the nearest known one, else all of them."""
    known = sorted(known)
    nearest = get_close_matches(word.lower(), known, n=1, cutoff=0.5)
    if nearest:
        return f'did you mean "{nearest[0]}"?'
    return f"expected {one_of(known)}"


def one_of(words: Iterable[str]) -> str:
    """``a, b or c``."""
    *others, last = words
    return f"{', '.join(others)} or {last}" if others else last
