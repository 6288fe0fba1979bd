"""The sections of an OFAC notice, and the entries in them.

A notice lists parties under headings such as "The following individuals have been added to OFAC's SDN List:". Headings stand in
``h3`` or ``h4``, or in bold paragraphs on older pages; the apostrophe is straight or curly, "list" has a capital or none. Quirks:

* One paragraph holds a section's entries, divided by line breaks, or each entry has one of its own.
* "The following information has been added to the below names" changes names, it adds none.
* A heading that names both additions and removals says of nobody which of them it was: it opens no section.
* The lists beside the SDN list (SSI, menu-based, CAPTA …) are named in the same page; sometimes only a heading above says which.
* The old and the new entry of a change may stand on lines of their own, with ``-to-`` between them.
"""

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from feeds.base import Entry, EntryKind
from feeds.ofac_text import is_change_mark, is_entry, read_entry
from feeds.pages import Line

SDN_LIST = "SDN List"

_SIGNS: tuple[tuple[EntryKind, re.Pattern[str]], ...] = (
    ("added", re.compile(r"\b(?:added|additions?)\b", re.IGNORECASE)),
    ("removed", re.compile(r"\b(?:removed|removals?|deleted|deletions?|delisted)\b", re.IGNORECASE)),
    ("changed", re.compile(r"\b(?:changed|changes?|updated|amended|modified|revised)\b", re.IGNORECASE)),
)  # fmt: skip
_OPENING = re.compile(r"\bfollowing\b.{0,120}?\b(?:has|have|had|were|was)\b.*", re.IGNORECASE)
_TO_A_NAME = re.compile(
    r"\bbelow (?:names?|entr|listings?)|\b(?:information|identifiers?|alias(?:es)?|address(?:es)?)\b.*\badded\b",
    re.IGNORECASE,
)
_BEFORE_A_LIST = frozenset(("to", "from", "on", "the", "ofac's", "control's", "of"))
_SDN = re.compile(r"\bSDN\b|specially designated nationals", re.IGNORECASE)
_NON_SDN = re.compile(r"\bnon-?\s?SDN\b", re.IGNORECASE)
_LONGEST_HEADING = 300
_END_MARKS = re.compile(r":\s+(?=\S)")


class Section(NamedTuple):
    """What a heading says of the entries below it. ``list_name`` is "" where the heading names no list."""

    kind: EntryKind
    list_name: str


def entries_of(lines: Iterable[Line]) -> tuple[Entry, ...]:
    """The entries of a notice, in its order; none where it has no section that is known.

    Prose between entries is passed over. A heading of any other kind ends a section.
    """
    return tuple(_entries(_with_changes_whole(lines)))


def section_of(heading: str) -> Section | None:
    """The section that a heading opens; None for every other heading."""
    text = " ".join(heading.replace("’", "'").split())
    opening = _OPENING.search(text)
    if opening is None:
        return None
    words = opening[0]
    if _TO_A_NAME.search(words):
        return Section("changed", list_named(text))
    kinds = [kind for kind, sign in _SIGNS if sign.search(words)]
    return Section(kinds[0], list_named(text)) if len(kinds) == 1 else None


def list_named(text: str) -> str:
    """The list that a heading names: ``SDN List``, or another in the source's words; "" when it names none."""
    words = text.replace("’", "'").split()
    places = [place for place, word in enumerate(words) if word.strip(".:,;()").lower() == "list"]
    if not places:
        return ""
    last = first = places[-1]
    while first and words[first - 1].lower() not in _BEFORE_A_LIST:
        first -= 1
    name = " ".join(words[first : last + 1]).strip(".:,;()")
    if _SDN.search(text) and not _NON_SDN.search(name):
        return SDN_LIST if _SDN.search(name) or first == last else name
    return name if first < last else ""


def _entries(lines: Iterable[Line]) -> Iterator[Entry]:
    section: Section | None = None
    above = ""  # the list that the last heading without a section named
    for line in lines:
        heading, first_entry = _heading(line.text)
        opened = section_of(heading) if len(heading) <= _LONGEST_HEADING else None
        if opened is not None:
            section = opened if opened.list_name else Section(opened.kind, above)
            if first_entry and is_entry(first_entry):
                yield read_entry(first_entry, *section)
        elif section is not None and is_entry(line.text):
            yield read_entry(line.text, *section)
        elif line.emphasised:
            section, above = None, list_named(line.text)


def _heading(text: str) -> tuple[str, str]:
    """A line that may be a heading, and what stands behind it in the same line (its first entry, on some pages)."""
    parts = _END_MARKS.split(text, maxsplit=1)
    if len(parts) == 2 and section_of(parts[0]):
        return parts[0], parts[1]
    return text, ""


def _with_changes_whole(lines: Iterable[Line]) -> Iterator[Line]:
    """The lines, with what ``-to-`` divides as one."""
    waiting: Line | None = None
    goes_on = False
    for line in lines:
        begins = re.match(r"[-–—]+ ?to ?[-–—]+(?:\s|$)", line.text, re.IGNORECASE)
        if waiting is not None and (goes_on or begins):
            waiting = Line(f"{waiting.text} {line.text}", False)
        else:
            if waiting is not None:
                yield waiting
            waiting = line
        goes_on = is_change_mark(line.text) or bool(re.search(r"\s[-–—]+ ?to ?[-–—]+$", line.text))
    if waiting is not None:
        yield waiting
