"""The U.S. Treasury's press releases: a listing that is quick, yearly shards that are complete, and a page for each release.

The listing's first page is the trigger; it shows ten rows, newest first. The manifest names one JSON shard for each year, which
holds every release of it, but may lag behind the page for an hour. The release's own page has the text. Quirks:

* **Two eras.** Until mid-2026 Drupal served the pages, since then they are static (Hugo). Class names of rows and fields
  stayed; static markup leaves attributes unquoted and ends addresses with a slash. A theme of January 2026 named a release's
  fields otherwise.
* **The clock is not to be trusted.** ``datetime`` ends in ``Z`` in both eras; in the first it was UTC, in the second it is UTC
  for some and Eastern wall-clock time for others. It is kept as stated, and only its day is used.
* **Going back in time.** Two fetches minutes apart may yield an older listing: an absent release means nothing.
* **Section pages** (readouts, testimonies …) are among the items, as nodes of 1 January 2020 without any news. They are left
  out by name, without a word, and counted where the source counts them.
* **Old paper** of series that ended long ago comes back under new dates after a migration: ``Publication.current`` is False.
* **Menus** repeat the newest releases in other markup and hold ``<time>`` elements: only rows and the publication field count.
* The pager's ``?page=2`` repeats the first page, so that it is never followed.
"""

import re
from collections import Counter
from collections.abc import Iterable
from datetime import date, timedelta
from html import unescape
from typing import Final
from urllib.parse import urlunsplit

from feeds.base import Body, Dropped, Follow, Page, Publication, Reading, StreamFeed, StreamPage
from feeds.errors import CountMismatch, EmptyListing, RepeatedKey, UnexpectedShape
from feeds.pages import (
    Element,
    JsonObject,
    attribute,
    collapsed,
    elements,
    html,
    json_object,
    only,
    paragraphs,
    permitted_address,
    refuse_challenge,
    text_of,
    web_address,
)

ID: Final = "treasury-press-releases"

FEED = StreamFeed(
    id=ID,
    authority="U.S. Department of the Treasury",
    short="Treasury",
    title="Treasury press releases",
    url="https://home.treasury.gov/news/press-releases",
    homepage="https://home.treasury.gov/news/press-releases",
    interval=timedelta(seconds=60),
    quiet_at_most=timedelta(days=5),  # releases on 379 days of 25 months, never five without
    max_bytes=16 * 1024 * 1024,  # pages have 75 to 110 kB, a year's shard a few hundred
    reread=timedelta(days=1),
    pages=(
        StreamPage(kind="listing"),
        StreamPage(
            kind="manifest",
            path="/news-data/press-releases/manifest.json",
            every=timedelta(minutes=10),
        ),
    ),
)

SECTION_PAGES = frozenset(
    (
        "readouts",
        "statements-remarks",
        "testimonies",
        "featured-stories",
        "reports",
        "secretary",
        "feature",
    )
)

# Named after secretaries; all ended before 2017, as did ids of digits only.
ENDED_SERIES = frozenset(("tg", "hp", "js", "po", "kd", "rr", "jl", "as", "ms", "ls"))
# The later ones, with the days between which a release of theirs is dated; a margin covers the change of secretaries.
LATER_SERIES = {
    "sm": ("2017-01-01", "2021-02-28"),
    "jy": ("2021-01-01", "2025-02-28"),
}

# A year's shard of which the manifest counts fewer than this has just begun: it may be missing or empty still.
YOUNG_YEAR = 20

_SHORTEST_BODY = 200
_RELEASE_PATH = re.compile(r"(?:/index\.php)?/news/press-releases/([a-z0-9][a-z0-9._~-]*)/?", re.I)
_SHARD_PATH = re.compile(r"/news-data/press-releases/search/(\d{4})\.json")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:?\d\d)?)?")
_SERIES = re.compile(r"([a-z]{2})\d+(?:-.*)?")
_END_OF_RELEASE = re.compile(r"#\s*#\s*#")


def read(page: Page) -> Reading:
    """What the listing, the manifest or a shard says, by the page's kind.

    Raises a :class:`feeds.errors.FeedError` for a page that is not what it was. A row or item whose address leads elsewhere is
    dropped (``foreign_url``) while the others are taken.
    """
    match page.kind:
        case "listing":
            return read_listing(page)
        case "manifest":
            return read_manifest(page)
        case "shard" | "young-shard":
            return read_shard(page)
        case _:
            raise UnexpectedShape(ID, f"a page of kind {page.kind!r}", "listing, manifest or shard")


def read_listing(page: Page) -> Reading:
    """The rows of the listing's first page, in either era's markup.

    Raises UnexpectedShape when it has no marker of a news list or a row lacks address, title or time, EmptyListing when there is
    release in it, RepeatedKey when two rows name the same release.
    """
    root = html(ID, page, "the listing of press releases")
    is_listing = elements(root, "*", "featured-stories") or root.xpath("//*[@data-news-list]")
    if not is_listing:
        refuse_challenge(ID, page, "the listing of press releases")
        raise UnexpectedShape(ID, "the listing", "a list marked featured-stories or data-news-list")
    headlines = elements(root, "h3", "featured-stories__headline")
    if not headlines:
        raise EmptyListing(ID, "the listing of press releases")
    reading = _reading(page, [_row(headline) for headline in headlines], "the listing")
    if not reading.publications:
        raise EmptyListing(ID, "the listing of press releases")
    return reading


def read_manifest(page: Page) -> Reading:
    """No releases, but the two newest years' shards to follow: releases of December are completed in January.

    Raises UnexpectedShape when no shard stands under this site's own path.
    """
    manifest = json_object(ID, page, "manifest")
    _require_category(manifest, "manifest")
    shards = sorted(
        (
            (shard.number("endYear"), shard.text("path"), shard.number("count"))
            for shard in manifest.objects("searchShards")
        ),
        reverse=True,
    )
    follow: list[Follow] = []
    dropped: list[Dropped] = []
    for place, (_, path, count) in enumerate(shards[:2]):
        address = permitted_address(page.url, path)
        if address is None or not _SHARD_PATH.fullmatch(address.path):
            dropped.append(Dropped("foreign_url", f"the manifest names the shard {path[:200]!r}"))
            continue
        is_young = place == 0 and count < YOUNG_YEAR
        url = urlunsplit((address.scheme, address.netloc, address.path, "", ""))
        follow.append(Follow("young-shard" if is_young else "shard", url, may_be_missing=is_young))
    if not follow:
        raise UnexpectedShape(ID, "manifest.searchShards", "a shard for each year, on this site")
    return Reading(publications=(), follow=tuple(follow), dropped=tuple(dropped))


def read_shard(page: Page) -> Reading:
    """Every release of one year.

    Raises CountMismatch when the shard's own count differs from its items (section pages are counted with them), RepeatedKey when
    two items name the same release, EmptyListing when it has no item, unless its kind says that the year has just begun.
    """
    shard = json_object(ID, page, "shard")
    _require_category(shard, "shard")
    declared = shard.number("count")
    items = shard.objects("items")
    if declared != len(items):
        raise CountMismatch(ID, "the year's shard", declared, len(items))
    if not items:
        if page.kind == "young-shard":
            return Reading(publications=())
        raise EmptyListing(ID, "the year's shard")
    return _reading(page, [_item(item) for item in items], "the shard")


def read_body(page: Page) -> Body:
    """A release's own page: its text up to the closing ``###``, and the addresses that this text links.

    Both eras' fields are known, and those of the theme of January 2026. The time is the one in the publication field, if that is
    there. Raises UnexpectedShape when title or body is missing, or the body has fewer than 200 characters.
    """
    root = html(ID, page, "a press release")
    bodies = elements(root, "div", "field--name-field-news-body") or elements(
        root, "*", "news-article-body"
    )
    if not bodies:
        refuse_challenge(ID, page, "a press release")
    body = only(ID, bodies, "a release's page", "a body (field--name-field-news-body)")
    texts, links = paragraphs(body, lambda text: bool(_END_OF_RELEASE.fullmatch(text)))
    text = "\n".join(texts)
    if len(text) < _SHORTEST_BODY:
        expected = f"a text of {_SHORTEST_BODY} characters or more (found {len(text)})"
        raise UnexpectedShape(ID, "a release's body", expected)
    addresses = (web_address(page.url, link) for link in links)
    return Body(
        title=_title(root),
        text=text,
        links=tuple(dict.fromkeys(address for address in addresses if address)),
        stated=_publication_time(root),
    )


class _Listed:
    """A row or an item before its address has been looked at."""

    def __init__(self, href: str, title: str, stated: str, category: str, where: str) -> None:
        self.href = href
        self.title = title
        self.stated = stated
        self.category = category
        moment = _MOMENT.fullmatch(stated)
        self.date = moment[1] if moment else ""
        if not _is_day(self.date):
            raise UnexpectedShape(ID, where, f"a date and time, not {stated[:40]!r}")


def _reading(page: Page, listed: Iterable[_Listed], where: str) -> Reading:
    publications: list[Publication] = []
    dropped: list[Dropped] = []
    for one in listed:
        address = _release_address(page, one.href)
        if address is None:
            dropped.append(Dropped("foreign_url", f"{where} links to {one.href[:200]!r}"))
            continue
        key = address.rpartition("/")[2].lower()
        if key not in SECTION_PAGES:
            publications.append(
                Publication(
                    key=key,
                    title=one.title,
                    url=address,
                    date=one.date,
                    stated=one.stated,
                    category=one.category,
                    current=_is_current(key, one.date),
                )
            )
    if dropped and not publications:
        raise UnexpectedShape(ID, where, "addresses of releases on this site")
    for key, times in Counter(publication.key for publication in publications).items():
        if times > 1:
            raise RepeatedKey(ID, key)
    return Reading(publications=tuple(publications), dropped=tuple(dropped))


def _row(headline: Element) -> _Listed:
    where = "a row of the listing"
    row = headline.getparent()
    if row is None or len(elements(row, "h3", "featured-stories__headline")) != 1:
        raise UnexpectedShape(ID, where, "an element of its own around each headline")
    link = only(ID, elements(headline, "a"), where, "a link in the headline")
    days = elements(row, "span", "date-format")
    times = [time for day in days for time in elements(day, "time")]
    stated = only(ID, times, where, "a time in a date-format")
    title = text_of(link)
    if not title:
        raise UnexpectedShape(ID, where, "a title")
    return _Listed(
        href=attribute(ID, link, "href", where),
        title=title,
        stated=attribute(ID, stated, "datetime", where),
        category=" ".join(text_of(category) for category in elements(row, "span", "subcategory")),
        where=where,
    )


def _item(item: JsonObject) -> _Listed:
    stated = item.optional_text("datetime") or item.text("date")
    return _Listed(
        href=item.text("url"),
        title=collapsed(unescape(item.text("title"))),
        stated=stated.strip(),
        category=collapsed(unescape(item.optional_object("subcategory").optional_text("title"))),
        where="an item of the shard",
    )


def _require_category(document: JsonObject, where: str) -> None:
    if document.text("category") != "press-releases":
        raise UnexpectedShape(ID, f"{where}.category", "'press-releases'")


def _release_address(page: Page, href: str) -> str | None:
    """A release's address in one spelling for all eras: no index.php, no slash at its end, no query. None for any other."""
    address = permitted_address(page.url, href)
    path = _RELEASE_PATH.fullmatch(address.path) if address else None
    if address is None or path is None:
        return None
    return urlunsplit((address.scheme, address.netloc, f"/news/press-releases/{path[1]}", "", ""))


def _is_current(key: str, day: str) -> bool:
    """Whether an id may be news of its date: not one of a series that ended, or that had ended on that day, or had not begun."""
    series = _SERIES.fullmatch(key)
    if series is None:
        return not key.isdigit()
    first, last = LATER_SERIES.get(series[1], ("", "9999"))
    return series[1] not in ENDED_SERIES and first <= day <= last


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def _title(root: Element) -> str:
    candidates = elements(root, "h2", "uswds-page-title") or elements(root, "h1")
    for title in map(text_of, candidates):
        if title:
            return title
    raise UnexpectedShape(ID, "a release's page", "a title (h2.uswds-page-title or h1)")


def _publication_time(root: Element) -> str:
    """The time of the publication field, verbatim; "" when there is none. Other times belong to menus."""
    fields = elements(root, "*", "field--name-field-news-publication-date") or elements(
        root, "p", "article-date"
    )
    for time in (time for field in fields for time in elements(field, "time")):
        if stated := (time.get("datetime") or "").strip():
            return stated
    return ""
