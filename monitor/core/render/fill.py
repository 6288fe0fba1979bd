"""Puts the pieces of a message into parts that a channel accepts, never cutting one.

A message is paragraphs, a paragraph is items, an item is one name, one line or one party's lines. Splitting happens between items,
and inside an item only between its lines, and only when the item alone is larger than a part. A line that alone is larger than a
part is left out, and said to be; a party whose first line that is, is counted as not shown.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

TOO_LONG = "(a value that is too long for this channel: see the link)"

_CONTINUED = ", continued"


@dataclass(frozen=True, slots=True)
class Item:
    """A piece that stands whole in one part. ``parties`` is how many listed parties it tells of.

    ``is_named`` says that its first line names them; otherwise the heading does.
    """

    text: str
    parties: int = 0
    is_named: bool = True


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Items behind a label, one after the other. ``apart`` asks for a blank line before it.

    ``weight``: 0 cannot be left out; where room is short, what weighs most goes first.
    """

    items: tuple[Item, ...]
    label: str = ""
    tail: str = ""
    separator: str = " · "
    apart: bool = False
    weight: int = 0


def line(text: str, *, apart: bool = False, weight: int = 0) -> Paragraph:
    """A paragraph of one line that tells of no party by itself."""
    return Paragraph((Item(text),), apart=apart, weight=weight)


def parties_in(paragraphs: Iterable[Paragraph]) -> int:
    """How many listed parties the paragraphs tell of."""
    return sum(item.parties for paragraph in paragraphs for item in paragraph.items)


def first_parties(paragraphs: Sequence[Paragraph], most: int) -> list[Paragraph]:
    """The paragraphs with only the first ``most`` items that tell of parties; a list that loses all its items goes."""
    kept = []
    left = most
    for paragraph in paragraphs:
        if not any(item.parties for item in paragraph.items):
            kept.append(paragraph)
            continue
        items = paragraph.items[: max(left, 0)]
        left -= len(paragraph.items)
        if items:
            kept.append(replace(paragraph, items=items))
    return kept


@dataclass(frozen=True, slots=True)
class Filled:
    """The parts in order, at least one, and how many parties had no place in them."""

    parts: tuple[str, ...]
    unshown: int


def fill(paragraphs: Sequence[Paragraph], limit: int | None, *, newline: str = "\n") -> Filled:
    """The parts, each of at most ``limit`` characters. ``newline`` is what ends a line in their markup."""
    filling = _Filling(limit, newline)
    for paragraph in paragraphs:
        filling.add(paragraph)
    return filling.finish()


class _Filling:
    def __init__(self, limit: int | None, newline: str) -> None:
        self._limit = limit
        self._newline = newline
        self._done: list[str] = []
        self._pieces: list[str] = []
        self._length = 0
        self._unshown = 0

    def add(self, paragraph: Paragraph) -> None:
        inside = False
        for number, item in enumerate(paragraph.items):
            is_last = number == len(paragraph.items) - 1
            text = item.text + (paragraph.tail if is_last else "")
            label = _label(paragraph, continued=number > 0)
            if inside and self._take(paragraph.separator + text):
                continue
            if not inside and self._take(self._gap(paragraph) + label + text):
                inside = True
                continue
            self._close()
            inside = self._take(label + text) or self._by_lines(
                label + text, item.parties if item.is_named else 0
            )

    def finish(self) -> Filled:
        self._close()
        return Filled(tuple(self._done or [""]), self._unshown)

    def _gap(self, paragraph: Paragraph) -> str:
        if not self._pieces:
            return ""
        return self._newline * 2 if paragraph.apart else self._newline

    def _by_lines(self, text: str, parties: int) -> bool:
        """A piece that is larger than a part, line by line. The first line of a party names it."""
        for number, each in enumerate(text.split(self._newline)):
            if self._line(each):
                continue
            if number == 0 and parties:
                self._unshown += parties
                return False
            self._line(TOO_LONG)
        return bool(self._pieces)

    def _line(self, words: str) -> bool:
        if self._take((self._newline if self._pieces else "") + words):
            return True
        if self._limit is not None and len(words) > self._limit:
            return False
        self._close()
        return self._take(words)

    def _take(self, piece: str) -> bool:
        if self._limit is not None and self._length + len(piece) > self._limit:
            return False
        self._pieces.append(piece)
        self._length += len(piece)
        return True

    def _close(self) -> None:
        if self._pieces:
            self._done.append("".join(self._pieces))
        self._pieces, self._length = [], 0


def _label(paragraph: Paragraph, *, continued: bool) -> str:
    if not paragraph.label:
        return ""
    return f"{paragraph.label}{_CONTINUED if continued else ''}: "


def most_that_fits(fits: Callable[[int], bool], most: int) -> int:
    """The largest number up to ``most`` for which ``fits`` holds, given that it holds for all smaller ones; 0 if for none."""
    low, high = 0, most
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if fits(middle) else (low, middle - 1)
    return low
