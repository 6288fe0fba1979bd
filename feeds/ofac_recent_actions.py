"""OFAC's recent actions: a listing of what it did, and a page for each action with the parties that it names.

The listing shows ten rows, newest first; ``?page=1`` is the second ten (the count begins at nought), which is read now and then, and
at once when nothing on the first is known. An action's page names parties in sections and in OFAC's text form
(:mod:`feeds.ofac_sections`, :mod:`feeds.ofac_text`). Quirks:

* **Identity** is the path behind ``/recent-actions/``: a day, with a suffix that is no counter where the day has several
  (``20221230_33``); rarely an address such as ``/node/970956``, whose key is ``node/970956``.
* **The day is the only time** that is given. The digits of the address are that day, Eastern; others state it in the row alone.
* **Two fields have almost one name**: ``field--name-field-body`` is the action, ``field--name-body`` the frame's boilerplate.
* **An action without a section** that is known (a licence, a settlement, guidance) has a text and no entries.
* **Apostrophes** are straight or curly, "list" has a capital or none.
* Which comes first, the list, the release or the action page, differs from day to day.
"""

import re
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Final
from urllib.parse import urlunsplit

from feeds.base import Body, Dropped, Page, Publication, Reading, StreamFeed, StreamPage
from feeds.errors import CountMismatch, EmptyListing, RepeatedKey, UnexpectedShape
from feeds.ofac_sections import entries_of
from feeds.pages import (
    Element,
    attribute,
    collapsed,
    elements,
    html,
    lines,
    only,
    paragraphs,
    permitted_address,
    refuse_challenge,
    text_of,
    web_address,
)

ID: Final = "ofac-recent-actions"

FEED = StreamFeed(
    id=ID,
    authority="Office of Foreign Assets Control",
    short="OFAC",
    title="OFAC recent actions",
    url="https://ofac.treasury.gov/recent-actions",
    homepage="https://ofac.treasury.gov/recent-actions",
    interval=timedelta(seconds=120),
    quiet_at_most=timedelta(days=10),
    max_bytes=16 * 1024 * 1024,  # pages have 45 to 180 kB
    witness="action",
    reread=timedelta(days=1),
    pages=(
        StreamPage(kind="listing"),
        StreamPage(kind="second-page", path="?page=1", every=timedelta(hours=6)),
    ),
)

_LISTING = "the listing of recent actions"
_ACTION_PATH = re.compile(r"/recent-actions/([a-z0-9][a-z0-9_.~-]*)/?", re.IGNORECASE)
_NODE_PATH = re.compile(r"/(node/\d+)/?", re.IGNORECASE)
_DAY_IN_KEY = re.compile(r"(\d{4})(\d{2})(\d{2})(?!\d)")
_DAY_IN_ROW = re.compile(r"([A-Z][a-z]+ \d{1,2}, \d{4})")
_DISPLAYING = re.compile(r"Displaying (\d+) - (\d+) of ([\d,]+)")
_SITE = " | Office of Foreign Assets Control"


def read(page: Page) -> Reading:
    """The rows of a page of the listing.

    Raises UnexpectedShape when it is no such listing or a row lacks address, title or day, EmptyListing when it has no row,
    CountMismatch when it says that it displays more or fewer rows, RepeatedKey when two rows name the same action. A row that
    leads elsewhere is dropped (``foreign_url``) while the others are taken.
    """
    if page.kind not in ("listing", "second-page"):
        raise UnexpectedShape(ID, f"a page of kind {page.kind!r}", "listing or second-page")
    root = html(ID, page, _LISTING)
    rows = elements(root, "div", "search-result")
    if not rows:
        refuse_challenge(ID, page, _LISTING)
        if elements(root, "*", "view-content") or elements(root, "*", "view-empty"):
            raise EmptyListing(ID, _LISTING)
        raise UnexpectedShape(ID, _LISTING, "rows marked search-result")
    _require_count(root, len(rows))
    publications: list[Publication] = []
    dropped: list[Dropped] = []
    for row in rows:
        publication = _row(page, row)
        if isinstance(publication, Dropped):
            dropped.append(publication)
        else:
            publications.append(publication)
    if not publications:
        raise UnexpectedShape(ID, _LISTING, "addresses of actions on this site")
    for key, times in Counter(publication.key for publication in publications).items():
        if times > 1:
            raise RepeatedKey(ID, key)
    return Reading(publications=tuple(publications), dropped=tuple(dropped))


def read_body(page: Page) -> Body:
    """An action's own page: its text, the parties in its sections, the release that it names first among its links.

    A page without a section that is known has no entries. Raises UnexpectedShape when it is no action's page, or has no title, no
    body or nothing in it.
    """
    root = html(ID, page, "a recent action")
    articles = elements(root, "article", "node--type-ofac-recent-action")
    if not articles:
        refuse_challenge(ID, page, "a recent action")
    article = only(ID, articles, "an action's page", "an article (node--type-ofac-recent-action)")
    field = _field(article, "field--name-field-body")
    body = only(ID, field, "an action's page", "a body (field--name-field-body)")
    texts, links = paragraphs(body, lambda text: False)
    if not texts:
        raise UnexpectedShape(ID, "an action's body", "a text")
    releases = [
        str(link.get("href"))
        for block in elements(article, "*", "field--name-field-press-release-link")
        for link in elements(block, "a")
        if link.get("href")
    ]
    addresses = (web_address(page.url, link) for link in (*releases, *links))
    return Body(
        title=_title(root),
        text="\n".join(texts),
        links=tuple(dict.fromkeys(address for address in addresses if address)),
        stated=" ".join(map(text_of, _field(article, "field--name-field-release-date"))),
        entries=entries_of(lines(body)),
    )


def _row(page: Page, row: Element) -> Publication | Dropped:
    where = "a row of the listing"
    headlines = [
        link
        for headline in elements(row, "*", "text-no-underline")
        for link in elements(headline, "a")
    ]
    link = only(ID, headlines, where, "a headline with a link (text-no-underline)")
    title, href = text_of(link), attribute(ID, link, "href", where)
    if not title:
        raise UnexpectedShape(ID, where, "a title")
    detail = only(ID, elements(row, "*", "font-sans-2xs"), where, "a day (font-sans-2xs)")
    stated = _DAY_IN_ROW.search(text_of(detail))
    day = _day_in_words(stated[1]) if stated else None
    if stated is None or day is None:
        raise UnexpectedShape(ID, where, f"a day in words, not {text_of(detail)[:40]!r}")
    named = _address(page, href)
    if named is None:
        return Dropped("foreign_url", f"the listing links to {href[:200]!r}")
    key, url = named
    return Publication(
        key=key,
        title=title,
        url=url,
        date=(_day_in_key(key) or day).isoformat(),
        stated=stated[1],
        category=", ".join(filter(None, map(text_of, elements(detail, "a")))),
    )


def _address(page: Page, href: str) -> tuple[str, str] | None:
    """The key and the address of an action on this site, in one spelling; None for any other."""
    address = permitted_address(page.url, href)
    if address is None:
        return None
    action, node = _ACTION_PATH.fullmatch(address.path), _NODE_PATH.fullmatch(address.path)
    if action:
        key, path = action[1].lower(), f"/recent-actions/{action[1]}"
    elif node:
        key, path = node[1].lower(), f"/{node[1]}"
    else:
        return None
    return key, urlunsplit((address.scheme, address.netloc, path, "", ""))


def _require_count(root: Element, rows: int) -> None:
    """The page's own "Displaying 1 - 10 of 2,345 results.", where it has one."""
    for header in elements(root, "*", "view-header"):
        if stated := _DISPLAYING.search(text_of(header)):
            declared = int(stated[2]) - int(stated[1]) + 1
            if declared != rows:
                raise CountMismatch(ID, _LISTING, declared, rows)


def _field(article: Element, name: str) -> list[Element]:
    """The items of a field, without its label."""
    return [
        item
        for field in elements(article, "*", name)
        for item in elements(field, "*", "field__item")
    ]


def _title(root: Element) -> str:
    for title in map(text_of, elements(root, "h1", "uswds-page-title")):
        if title:
            return title
    for title in map(text_of, elements(root, "title")):
        if title.removesuffix(_SITE) not in ("", title):
            return collapsed(title.removesuffix(_SITE))
    raise UnexpectedShape(ID, "an action's page", "a title (h1.uswds-page-title)")


def _day_in_key(key: str) -> date | None:
    digits = _DAY_IN_KEY.match(key)
    try:
        return date(*map(int, digits.groups())) if digits else None
    except ValueError:  # 20241399: an address that is not made of a day
        return None


def _day_in_words(text: str) -> date | None:
    try:
        return datetime.strptime(text, "%B %d, %Y").date()  # noqa: DTZ007 - a day has no zone
    except ValueError:
        return None
