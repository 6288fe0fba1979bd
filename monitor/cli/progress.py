"""Progress on a terminal for whatever takes more than a second; nothing in a pipe, and never on stdout."""

import sys
import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Protocol, TextIO, TypeVar

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

T = TypeVar("T")

PATIENCE = 1.0
"""Seconds after which a person wonders whether anything happens."""


class Steps(Protocol):
    """What is told of how far the work has come."""

    def advance(self, number: int = 1) -> None:
        """So many more are done."""
        ...


@contextmanager
def progress(
    description: str,
    total: int | None = None,
    *,
    stream: TextIO | None = None,
    patience: float = PATIENCE,
) -> Iterator[Steps]:
    """Show ``description`` and how far it has come, once the block has taken longer than ``patience``.

    Gone without a trace when the block ends. ``total`` is left out where it is not known.
    """
    stream = stream or sys.stderr
    if not stream.isatty():
        yield _Unseen()
        return
    display = Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        *([BarColumn()] if total else []),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=Console(file=stream),
        transient=True,
    )
    task = display.add_task(description, total=total)
    timer = threading.Timer(patience, display.start)
    timer.daemon = True
    timer.start()
    try:
        yield _Shown(display, task)
    finally:
        timer.cancel()
        timer.join()
        display.stop()


def counting(items: Iterable[T], steps: Steps) -> Iterator[T]:
    """The items, each told to ``steps`` as it passes."""
    for item in items:
        steps.advance()
        yield item


class _Unseen:
    def advance(self, number: int = 1) -> None:
        pass


class _Shown:
    def __init__(self, display: Progress, task: object) -> None:
        self._display = display
        self._task = task

    def advance(self, number: int = 1) -> None:
        self._display.advance(self._task, number)  # type: ignore[arg-type]
