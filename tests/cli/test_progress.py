"""Progress: for people who wait, and for nobody else."""

import io
import threading

from monitor.cli.progress import counting, progress


class Terminal(io.StringIO):
    def __init__(self) -> None:
        super().__init__()
        self.was_written = threading.Event()

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        if text.strip():
            self.was_written.set()
        return super().write(text)


def test_it_is_shown_on_a_terminal_once_it_takes_long() -> None:
    terminal = Terminal()

    with progress("Reading SDN.XML", stream=terminal, patience=0) as steps:
        assert list(counting("abc", steps)) == ["a", "b", "c"]
        assert terminal.was_written.wait(10)

    assert "Reading SDN.XML" in terminal.getvalue()


def test_nothing_is_shown_for_what_is_quick() -> None:
    terminal = Terminal()

    with progress("Reading", stream=terminal) as steps:
        steps.advance()

    assert "Reading" not in terminal.getvalue()


def test_nothing_is_shown_in_a_pipe() -> None:
    pipe = io.StringIO()

    with progress("Reading", stream=pipe, patience=0) as steps:
        steps.advance()

    assert pipe.getvalue() == ""
