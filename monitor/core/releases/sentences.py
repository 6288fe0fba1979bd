"""Sentences of a release: the one around a place, and those of its lead. Nothing is changed in them but white space."""

import re
from collections.abc import Iterator

_END = re.compile(r"[.!?][”’\"')*]*(?=\s+[“\"‘'(*]*[^\W\d_a-z])")
# What stands before a full stop that ends no sentence, though a capital follows.
_ABBREVIATED = re.compile(
    r"(?:\b(?:[A-Za-z]|U\.S|U\.K|U\.N|E\.O|P\.L|a\.k\.a|f\.k\.a|n\.k\.a|D\.C|S\.A|Co|Corp|Inc|Ltd|No|Nos|St|Mr|Mrs|Ms|Dr"
    r"|Gen|Lt|Col|Jr|Sr|Jan|Feb|Mar|Apr|Aug|Sept|Oct|Nov|Dec|vs|v))$"
)
_SHORTEST_PARAGRAPH = 120
_LEAD = 5
_QUOTATION = ("“", '"')


def sentence_around(text: str, offset: int) -> str:
    """The sentence of a text in which ``offset`` lies, white space collapsed. Sentences end with their line."""
    begins = text.rfind("\n", 0, offset) + 1
    ends = text.find("\n", offset)
    line = text[begins : ends if ends >= 0 else len(text)]
    for start, end in _spans(line):
        if offset - begins < end:
            return " ".join(line[start:end].split())
    return " ".join(line.split())


def sentences(paragraph: str) -> list[str]:
    """The sentences of one paragraph, white space collapsed."""
    found = (" ".join(paragraph[start:end].split()) for start, end in _spans(paragraph))
    return [sentence for sentence in found if sentence]


def lead(text: str) -> list[str]:
    """The paragraphs in which a release says what it announces: up to its first heading, five at most; no quotations.

    What stands before the first whole paragraph (a subtitle) is left out.
    """
    found: list[str] = []
    for line in filter(None, map(str.strip, text.split("\n"))):
        if _is_heading(line):
            if found:
                break
        elif not line.startswith(_QUOTATION):
            found.append(line)
            if len(found) == _LEAD:
                break
    return found


def _is_heading(line: str) -> bool:
    if line.startswith("#"):
        return True
    return len(line) < _SHORTEST_PARAGRAPH and not line.rstrip("*)”\"’' ").endswith(
        (".", "!", "?", ":", ";", ",")
    )


def _spans(line: str) -> Iterator[tuple[int, int]]:
    """Where the sentences of a line begin and end, without a gap."""
    start = 0
    for stop in _END.finditer(line):
        if line[stop.start()] == "." and _ABBREVIATED.search(line, start, stop.start()):
            continue
        yield start, stop.end()
        start = stop.end()
    yield start, len(line)
