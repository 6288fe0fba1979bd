"""The text of a document in the Federal Register as its printer sets it, and the parties that a notice of OFAC's lists in it.

The text is in ASCII, in lines of about 72 columns, in the ``<pre>`` of a bare page. Quirks:

* **Paragraphs** begin with an indent or behind an empty line; headings stand alone. Words are never divided, but a line may end
  behind a hyphen that belongs to the word (``RUSSIA-`` / ``EO14024``).
* **Pages** of the printed edition are marked ``[[Page 105]]`` between empty lines, also within a paragraph.
* **Quotes** are two backticks and two apostrophes.
* **Addresses of mail** are hidden by the content network, in another spelling at each request; what is shown stays the same.
* **Parties** are numbered, under headings such as "Individuals"; what was done to them stands in the prose above. Why may follow in a
  paragraph of its own. Some notices show the parties as a picture (``[GRAPHIC] [TIFF OMITTED]``): those name nobody.
* **Other documents** (a licence that lists the vessels that it is about) name parties to whom nothing was done.
"""

import re
from collections.abc import Iterator, Sequence

from feeds.base import Entry, EntryKind
from feeds.ofac_sections import list_named
from feeds.ofac_text import is_change_mark, is_entry, read_entry

_PAGE_MARK = re.compile(r"\s*\n[ \t]*\[\[Page [^\]]*\]\][ \t]*\n(?:[ \t]*\n)*")
_RULE = re.compile(r"[=-]{10,}")
_INDENT = re.compile(r"\s{2,}\S")
_HEADING = re.compile(
    r"(?:[A-Z]\.\s+)?(?:individuals?|entit(?:y|ies)|vessels?|aircraft)\s*:?", re.IGNORECASE
)
_END_OF_DOCUMENT = re.compile(r"\[FR Doc\. [^\]]* Filed [^\]]*\]")
_NUMBER = re.compile(r"\d{1,4}\.\s+(?=\S)")
_REASON = re.compile(r"(?:Also )?(?:Designated|Identified|Determined|Blocked|Listed)\b")
# In lower case, as the list's own name speaks of designated and blocked persons; "as amended" is said of orders.
_SIGNS: tuple[tuple[EntryKind, re.Pattern[str]], ...] = (
    ("removed", re.compile(r"\b(?:remov(?:ed|ing|al)|unblock(?:ed|ing)|delist(?:ed|ing)|no longer)\b")),
    ("changed", re.compile(r"\b(?:updat(?:ed|es|ing)|revised|changes)\b")),
    ("added", re.compile(r"\b(?:blocked|designated|determined|identified|placed|added)\b")),
)  # fmt: skip


def is_whole(text: str) -> bool:
    """Whether a text has the line with which every document ends."""
    return bool(_END_OF_DOCUMENT.search(text))


def paragraphs_of(text: str) -> list[str]:
    """The paragraphs of a document from its title to its end, white space collapsed and lines put together."""
    found = list(_paragraphs(text))
    begins = next((place for place, each in enumerate(found) if each.startswith("AGENCY:")), 0)
    return found[max(begins - 1, 0) :]


def preamble_of(paragraphs: Sequence[str]) -> list[str]:
    """What stands before the long text of a rule: title, agency, action, summary, dates."""
    ends = (
        place
        for place, each in enumerate(paragraphs)
        if each.startswith("SUPPLEMENTARY INFORMATION")
    )
    return list(paragraphs[: next(ends, len(paragraphs))])


def is_notice_of_parties(paragraphs: Sequence[str]) -> bool:
    """Whether a document is a notice, and not that a licence was published."""
    is_notice = any(each.startswith("ACTION: Notice") for each in paragraphs)
    return is_notice and "general license" not in paragraphs[0].lower()


def entries_of(paragraphs: Sequence[str]) -> tuple[Entry, ...]:
    """The parties that a notice lists, each with what was done to it; none where that is not said, or where a picture shows them."""
    kind: EntryKind | None = None
    list_name = ""
    is_open = False
    found: list[tuple[str, EntryKind, str]] = []
    for paragraph in paragraphs:
        bare = _NUMBER.sub("", paragraph, count=1) if _NUMBER.match(paragraph) else paragraph
        if _HEADING.fullmatch(paragraph):
            is_open = True
        elif "[GRAPHIC]" in paragraph:
            is_open = False
        elif found and (is_change_mark(paragraph) or is_change_mark(_last_word(found[-1][0]))):
            found[-1] = (f"{found[-1][0]} {paragraph}", *found[-1][1:])
        elif kind and (is_open or bare != paragraph) and is_entry(bare):
            is_open = True
            found.append((bare, kind, list_name))
        elif found and is_open and _REASON.match(paragraph):
            found[-1] = (f"{found[-1][0].rstrip('.')}. {paragraph}", *found[-1][1:])
        elif "OFAC" in paragraph and (done := _done(paragraph)):
            kind, list_name, is_open = done, list_named(paragraph) or list_name, False
    return tuple(read_entry(*each) for each in found)


def _done(prose: str) -> EntryKind | None:
    return next((kind for kind, sign in _SIGNS if sign.search(prose)), None)


def _paragraphs(text: str) -> Iterator[str]:
    text = text.replace("\r\n", "\n").replace("\xa0", " ").replace("``", '"').replace("''", '"')
    paragraph = ""
    for line in _PAGE_MARK.sub("\n", text).split("\n"):
        words = " ".join(line.split())
        alone = not words or bool(_RULE.fullmatch(words)) or bool(_HEADING.fullmatch(words))
        if (alone or _INDENT.match(line)) and paragraph:
            yield paragraph
            paragraph = ""
        if not alone:
            paragraph += f"{_between(paragraph)}{words}"
        elif _HEADING.fullmatch(words):
            yield words
        if _END_OF_DOCUMENT.search(paragraph):
            break
    if paragraph:
        yield paragraph


def _between(paragraph: str) -> str:
    """What divides a line from the one before: nothing behind a hyphen or a dash, which belongs to the word."""
    if not paragraph:
        return ""
    is_word = paragraph.endswith("-") and not is_change_mark(_last_word(paragraph))
    return "" if is_word else " "


def _last_word(text: str) -> str:
    return text.rsplit(maxsplit=1)[-1]
