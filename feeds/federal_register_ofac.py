"""OFAC's documents in the Federal Register: the later legal notice of an action, days to weeks after it.

The Register's API lists an agency's documents, newest first, in JSON. It is never the first to know, so that it is asked once an
hour and tells nobody by itself; it completes the case of an action. Quirks:

* **Identity** is ``document_number`` (``2026-20215``). Titles repeat: most are "Notice of OFAC Sanctions Action". A correction has
  a number of its own that begins with ``C1-``.
* **The text** of a document stands at an address of its own (:func:`body_address`); its own page is for people, and refuses programs.
  Whom a notice lists is read from it (:mod:`feeds.federal_register_text`); of a rule only what stands before its long text is kept.
* **Not every notice names parties** in its text: some show them as a picture.
* **Counts** are of all documents ever; a page holds the newest.
* **Agencies**: a document names all that issued it. Should the API leave our condition unheeded and serve others' documents, they
  are left out.
"""

import re
from collections import Counter
from datetime import date, timedelta
from html import unescape
from typing import Final
from urllib.parse import SplitResult, urlencode, urlsplit, urlunsplit

from feeds.base import Body, Dropped, Page, Publication, Reading, StreamFeed, StreamPage
from feeds.errors import CountMismatch, EmptyListing, RepeatedKey, Truncated, UnexpectedShape
from feeds.federal_register_text import (
    entries_of,
    is_notice_of_parties,
    is_whole,
    paragraphs_of,
    preamble_of,
)
from feeds.pages import (
    JsonObject,
    collapsed,
    elements,
    html,
    json_object,
    only,
    permitted_address,
    refuse_challenge,
)

ID: Final = "federal-register-ofac"

_AGENCY = "foreign-assets-control-office"
_FIELDS = (
    "document_number",
    "title",
    "type",
    "publication_date",
    "html_url",
    "agencies",
)
_QUERY = urlencode(
    [
        ("conditions[agencies][]", _AGENCY),
        ("order", "newest"),
        ("per_page", "20"),
        *(("fields[]", field) for field in _FIELDS),
    ]
)

FEED = StreamFeed(
    id=ID,
    authority="Federal Register",
    title="OFAC's documents in the Federal Register",
    url=f"https://www.federalregister.gov/api/v1/documents.json?{_QUERY}",
    homepage="https://www.federalregister.gov/agencies/foreign-assets-control-office",
    interval=timedelta(hours=1),
    quiet_at_most=timedelta(days=30),
    max_bytes=16 * 1024 * 1024,  # twenty documents have about 30 kB
    witness="notice",
    pages=(StreamPage(kind="documents"),),
)

_WHERE = "the list of documents"
_DOCUMENT = re.compile(
    r"/documents/(?P<day>\d{4}/\d{2}/\d{2})/(?P<number>[A-Za-z0-9-]+)(?:/[^/]*)?/?"
)


def read(page: Page) -> Reading:
    """The documents on a page.

    Raises UnexpectedShape when a document lacks number, title, day or address, or none is OFAC's; EmptyListing when there is none,
    CountMismatch when there are more than are counted, or fewer on an only page; RepeatedKey when two carry one number. A document
    whose address leads elsewhere is dropped (``foreign_url``) while the others are taken.
    """
    if page.kind != "documents":
        raise UnexpectedShape(ID, f"a page of kind {page.kind!r}", "documents")
    reply = json_object(ID, page, _WHERE)
    declared, pages = reply.number("count"), reply.number("total_pages")
    if not declared:
        raise EmptyListing(ID, _WHERE)
    documents = reply.objects("results")
    if len(documents) > declared or (pages == 1 and len(documents) != declared):
        raise CountMismatch(ID, _WHERE, declared, len(documents))
    if not documents:
        raise EmptyListing(ID, _WHERE)
    ours = [document for document in documents if _is_ours(document)]
    if not ours:
        raise UnexpectedShape(ID, _WHERE, f"documents of {_AGENCY}")
    publications: list[Publication] = []
    dropped: list[Dropped] = []
    for document in ours:
        publication = _publication(page, document)
        if publication is None:
            url = document.text("html_url")
            dropped.append(Dropped("foreign_url", f"the list links to {url[:200]!r}"))
            continue
        publications.append(publication)
    if not publications:
        raise UnexpectedShape(ID, _WHERE, "addresses of documents on this site")
    for key, times in Counter(publication.key for publication in publications).items():
        if times > 1:
            raise RepeatedKey(ID, key)
    return Reading(publications=tuple(publications), dropped=tuple(dropped))


def body_address(url: str) -> str:
    """Where the text of the document stands whose page is at ``url``."""
    address = urlsplit(url)
    if (found := _DOCUMENT.fullmatch(address.path)) is None:
        return url
    path = f"/documents/full_text/text/{found['day']}/{found['number']}.txt"
    return urlunsplit((address.scheme, address.netloc, path, "", ""))


def read_body(page: Page) -> Body:
    """A document's text, and the parties that a notice lists.

    Raises UnexpectedShape when it is no such text, or that of another document; Truncated when its end is missing.
    """
    where = "the text of a document"
    root = html(ID, page, where)
    blocks = elements(root, "pre")
    if not blocks:
        refuse_challenge(ID, page, where)
    text = "".join(map(str, only(ID, blocks, where, "a <pre>").itertext()))
    if not is_whole(text):
        raise Truncated(ID, f"{where} has no end, [FR Doc. …]")
    number = page.url.rpartition("/")[2].removesuffix(".txt")
    if page.url.endswith(".txt") and number not in text:
        raise UnexpectedShape(ID, where, f"its number {number}")
    paragraphs = paragraphs_of(text)
    is_notice = is_notice_of_parties(paragraphs)
    return Body(
        title=paragraphs[0],
        text="\n".join(paragraphs if is_notice else preamble_of(paragraphs)),
        entries=entries_of(paragraphs) if is_notice else (),
    )


def _is_ours(document: JsonObject) -> bool:
    return any(agency.optional_text("slug") == _AGENCY for agency in document.objects("agencies"))


def _publication(page: Page, document: JsonObject) -> Publication | None:
    """The document, or None when its address is not that of this number on this site."""
    key, day = document.text("document_number").strip(), document.text("publication_date").strip()
    if not _is_day(day):
        raise UnexpectedShape(ID, "a document's publication_date", f"a day, not {day[:40]!r}")
    address = permitted_address(page.url, document.text("html_url"))
    if address is None or not _is_of(address, key):
        return None
    return Publication(
        key=key,
        title=collapsed(unescape(document.text("title"))),
        url=urlunsplit((address.scheme, address.netloc, address.path, "", "")),
        date=day,
        stated=day,
        category=collapsed(document.optional_text("type")),
    )


def _is_of(address: SplitResult, number: str) -> bool:
    """Whether an address is ``/documents/2026/10/02/NUMBER/words-of-the-title``."""
    found = _DOCUMENT.fullmatch(address.path)
    return found is not None and found["number"] == number


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == len("2026-10-02")
