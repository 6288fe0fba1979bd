"""What the demonstration says: headings, sentences and messages, laid out for a terminal or for a pipe."""

import os
import shutil
import sys
import textwrap
from typing import TextIO

WIDEST = 110
"""Columns beyond which a line is hard to read."""

_BOLD, _FAINT, _PLAIN = "\x1b[1m", "\x1b[2m", "\x1b[0m"


class Narrator:
    """Writes to ``stream``. A terminal gets wrapped lines and, unless ``NO_COLOR`` is set, weight; a pipe gets neither."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = stream or sys.stdout
        self.is_terminal = self._stream.isatty()
        self._has_weight = self.is_terminal and not os.environ.get("NO_COLOR")
        columns = shutil.get_terminal_size().columns
        self._width = min(columns, WIDEST) if self.is_terminal else None

    def title(self, text: str) -> None:
        """The first line."""
        self._write(self._weigh(text, _BOLD), "")

    def step(self, number: int, text: str, time: str = "") -> None:
        """One act of the play: what happens, and when by its clock."""
        self._write("", f"{self._weigh(f'{number}. {text}', _BOLD)}  {time}".rstrip())

    def say(self, text: str, indent: str = "   ") -> None:
        """A sentence or two."""
        self._write(*self._wrapped(text, indent))

    def show(self, heading: str, text: str) -> None:
        """A message, set apart by a heading and a bar at its left."""
        rule = "─" * max(4, (self._width or 80) - len(heading) - 8)
        self._write("", f"   ┌─ {self._weigh(heading, _BOLD)} {self._weigh(rule, _FAINT)}")
        bar = self._weigh("   │ ", _FAINT)
        for line in text.rstrip().splitlines():
            self._write(*((bar + part).rstrip() for part in self._wrapped(line, "", room=5)))
        self._write(self._weigh("   └─", _FAINT))

    def _wrapped(self, text: str, indent: str, room: int = 0) -> list[str]:
        """The text in lines that fit; what is laid out by white space inside a line stays as it is where it fits."""
        if self._width is None or len(text) + len(indent) + room <= self._width:
            return [indent + text]
        own = text[: len(text) - len(text.lstrip())]
        return textwrap.wrap(
            text.strip(),
            self._width - room,
            initial_indent=indent + own,
            subsequent_indent=indent + own,
            break_long_words=False,
            break_on_hyphens=False,
        )

    def _weigh(self, text: str, weight: str) -> str:
        return f"{weight}{text}{_PLAIN}" if self._has_weight else text

    def _write(self, *lines: str) -> None:
        self._stream.write("".join(f"{line}\n" for line in lines))
        self._stream.flush()
