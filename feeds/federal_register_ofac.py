"""OFAC's documents in the Federal Register: the later legal notice of an action, days to weeks after it.

The Register's API lists an agency's documents, newest first, in JSON. It is never the first to know, so that it is asked once an
hour and tells nobody by itself; it completes the case of an action. Quirks:

* **Identity** is ``document_number`` (``2026-20215``). Titles repeat: most are "Notice of OFAC Sanctions Action". A correction has
  a number of its own that begins with ``C1-``.
* **The body is the abstract**, where a document has one. The full text names parties in OFAC's form, but it was never seen in
  whole from an address that may be polled, so that it is not read.
* **Counts** are of all documents ever; a page holds the newest.
* **Agencies**: a document names all that issued it. Should the API leave our condition unheeded and serve others' documents, they
  are left out.
"""

from collections import Counter
from datetime import date, timedelta
from html import unescape
from typing import Final
from urllib.parse import SplitResult, urlencode, urlunsplit

from feeds.base import Body, Dropped, Page, Publication, Reading, StreamFeed, StreamPage
from feeds.errors import CountMismatch, EmptyListing, RepeatedKey, UnexpectedShape
from feeds.pages import JsonObject, collapsed, json_object, permitted_address

ID: Final = "federal-register-ofac"

_AGENCY = "foreign-assets-control-office"
_FIELDS = (
    "document_number",
    "title",
    "type",
    "publication_date",
    "html_url",
    "abstract",
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


def read(page: Page) -> Reading:
    """The documents on a page, with their abstracts as bodies.

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
    bodies: dict[str, Body] = {}
    for document in ours:
        publication = _publication(page, document)
        if publication is None:
            url = document.text("html_url")
            dropped.append(Dropped("foreign_url", f"the list links to {url[:200]!r}"))
            continue
        publications.append(publication)
        if abstract := collapsed(unescape(document.optional_text("abstract"))):
            bodies[publication.key] = Body(title=publication.title, text=abstract)
    if not publications:
        raise UnexpectedShape(ID, _WHERE, "addresses of documents on this site")
    for key, times in Counter(publication.key for publication in publications).items():
        if times > 1:
            raise RepeatedKey(ID, key)
    return Reading(publications=tuple(publications), dropped=tuple(dropped), bodies=bodies)


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
    parts = address.path.strip("/").split("/")
    return parts[0] == "documents" and number in parts[1:]


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return len(text) == len("2026-10-02")
