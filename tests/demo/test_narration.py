import io

import pytest

from monitor.demo.narration import Narrator
from monitor.demo.stage import abridged


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("NO_COLOR", "1")
    return Terminal()


def test_a_pipe_gets_a_message_line_by_line_as_it_is() -> None:
    pipe = io.StringIO()

    Narrator(pipe).show("Chat room", f"{'word ' * 60}end\n\nlast")

    assert f"   │ {'word ' * 60}end\n   │\n   │ last\n" in pipe.getvalue()
    assert "\x1b" not in pipe.getvalue()


def test_a_terminal_gets_lines_that_fit(terminal: Terminal) -> None:
    narrator = Narrator(terminal)

    narrator.say("word " * 30)
    narrator.show("Chat room", "word " * 30 + "\n    indented " + "word " * 30)

    assert max(map(len, terminal.getvalue().splitlines())) <= 40


def test_an_address_is_never_broken(terminal: Terminal) -> None:
    address = "http://127.0.0.1:8080/alerts/" + "a" * 26

    Narrator(terminal).show("Chat room", f"Details and evidence: {address}")

    assert address in terminal.getvalue()


def test_a_long_mail_is_shown_without_most_of_its_parties() -> None:
    parties = "\n\n".join(f"{number:>2}. PARTY {number}\n    Born 1960" for number in range(1, 17))
    text = f"OFAC: 16 designated\n\n{parties}\n\nWhat follows\n------------\n\nProperty is blocked."

    shown = abridged(text)

    assert " 2. PARTY 2\n" in shown
    assert "PARTY 3" not in shown
    assert "and 14 more" in shown
    assert shown.endswith("What follows\n------------\n\nProperty is blocked.")


@pytest.mark.parametrize(
    "text",
    ["nothing numbered", " 1. A\n 2. B\n 3. C\n\nEnd\n---", "\n".join(f"{n}. A" for n in range(9))],
)
def test_what_is_short_or_laid_out_otherwise_is_shown_whole(text: str) -> None:
    assert abridged(text) == text
