"""The Treasury's bulletins by mail, as GovDelivery's RSS repeats them: every press release, and OFAC's recent actions.

Two topics are read: ``USTREAS_49`` (all press releases, 25 items or about five weeks) and ``USTREAS_61`` (OFAC: recent actions). An
item's description holds the whole text, so that nothing else is fetched. This is the fall-back for days on which home.treasury.gov
refuses us, and the only trustworthy clock: ``pubDate`` is to the second, with an offset. Quirks:

* **No press-release number** is in it. A bulletin is joined to the release on the site by title and day, or by the OFAC action
  that both link to. Its key is the number of the mail, the same in both topics.
* **Not everything is mailed.** A release that is missing here means nothing.
* **Days.** The offset is not always Washington's own at that season; the day is that of the moment in Washington.
* **USTREAS_61** was never seen with an item in it. What holds for any RSS is taken; an item of it is known by its category, as it
  repeats an action, while one of the other topic is a release. People are told of it only while OFAC's own listing cannot be read.
  Should its text have sections in OFAC's form, they are read.
"""

import re
from collections import Counter
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from html import unescape
from io import BytesIO
from typing import Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from lxml import etree

from feeds.base import Body, Dropped, Page, Publication, Reading, StreamFeed, StreamPage
from feeds.errors import ForbiddenMarkup, NotTheFeed, RepeatedKey, Truncated, UnexpectedShape
from feeds.ofac_sections import entries_of
from feeds.pages import Element, collapsed, lines, paragraphs, web_address
from feeds.records import refuse_what_is_not_xml

ID: Final = "treasury-bulletins"

RELEASES: Final = "All Treasury Press Releases"
ACTIONS: Final = "OFAC: Recent Actions"

FEED = StreamFeed(
    id=ID,
    authority="U.S. Department of the Treasury",
    short="Treasury",
    title="Treasury bulletins",
    url="https://public.govdelivery.com/topics/USTREAS_49/feed.rss",
    homepage="https://home.treasury.gov/news/press-releases",
    interval=timedelta(minutes=5),
    quiet_at_most=timedelta(days=10),
    max_bytes=16 * 1024 * 1024,  # the releases have 400 kB
    min_items=10,
    pages=(
        StreamPage(kind="releases"),
        StreamPage(
            kind="actions",
            path="/topics/USTREAS_61/feed.rss",
            every=timedelta(minutes=5),
            completes=False,
            stands_in_for="ofac-recent-actions",
        ),
    ),
)

_CATEGORIES = {"releases": RELEASES, "actions": ACTIONS}
_WASHINGTON = "America/New_York"
_HOST = "content.govdelivery.com"
_BULLETIN = re.compile(r"/accounts/USTREAS/bulletins/[0-9a-z]+/?", re.IGNORECASE)
_END_OF_RELEASE = re.compile(r"#\s*#\s*#")


def read(page: Page) -> Reading:
    """The items of one topic, with their bodies.

    Raises UnexpectedShape when it is no RSS 2.0, has fewer than ten items, or one of them lacks number, title, time or address;
    RepeatedKey when two carry one number; NotTheFeed, Truncated or ForbiddenMarkup for what is no whole XML document. An item
    whose address leads elsewhere is dropped (``foreign_url``) while the others are taken.
    """
    category = _CATEGORIES.get(page.kind)
    if category is None:
        raise UnexpectedShape(ID, f"a page of kind {page.kind!r}", "releases or actions")
    items = _items(page)
    publications: list[Publication] = []
    dropped: list[Dropped] = []
    bodies: dict[str, Body] = {}
    for item in items:
        publication = _publication(item, category)
        if publication is None:
            link = _text(item, "link")
            dropped.append(Dropped("foreign_url", f"the topic links to {link[:200]!r}"))
            continue
        publications.append(publication)
        if body := _body(item, publication):
            bodies[publication.key] = body
    if not publications:
        raise UnexpectedShape(ID, f"the topic {category}", f"addresses of bulletins on {_HOST}")
    for key, times in Counter(publication.key for publication in publications).items():
        if times > 1:
            raise RepeatedKey(ID, key)
    return Reading(publications=tuple(publications), dropped=tuple(dropped), bodies=bodies)


def _items(page: Page) -> list[Element]:
    refuse_what_is_not_xml(FEED, BytesIO(page.body))
    parser = etree.XMLParser(
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(page.body, parser)
    except etree.XMLSyntaxError as error:
        raise Truncated(ID, str(error)) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise ForbiddenMarkup(ID, "a document type (DOCTYPE), as entity attacks need one")
    if root.tag != "rss":
        raise NotTheFeed(ID, "an RSS document <rss>", f"<{root.tag}>")
    if root.get("version") != "2.0":
        raise UnexpectedShape(ID, "the feed", f"RSS 2.0, not {root.get('version')!r}")
    items = root.findall("channel/item")
    if len(items) < FEED.min_items:
        expected = f"{FEED.min_items} items or more (found {len(items)})"
        raise UnexpectedShape(ID, "the feed", expected)
    return items


def _publication(item: Element, category: str) -> Publication | None:
    """The item, or None when its address leads to another place than the Treasury's bulletins."""
    key, title, stated, link = (
        _required(item, name) for name in ("guid", "title", "pubDate", "link")
    )
    moment = _moment(stated)
    if moment is None:
        raise UnexpectedShape(ID, "an item's pubDate", f"a date and time, not {stated[:40]!r}")
    if not _is_bulletin(link):
        return None
    return Publication(
        key=key,
        title=collapsed(unescape(title)),
        url=link,
        date=moment.astimezone(ZoneInfo(_WASHINGTON)).date().isoformat(),
        stated=stated,
        category=category,
    )


def _body(item: Element, publication: Publication) -> Body | None:
    """The text of the bulletin up to the closing ``###``; None when the item holds none."""
    markup = _text(item, "description")
    if not markup:
        return None
    parser = etree.HTMLParser(
        huge_tree=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(f"<div>{markup}</div>", parser)
    except etree.XMLSyntaxError:  # nothing but a comment
        return None
    for entry in parser.error_log:
        if entry.level == etree.ErrorLevels.FATAL:  # the parser drops the rest in silence
            raise ForbiddenMarkup(ID, f"markup that no honest bulletin contains ({entry.message})")
    if root is None:
        return None
    texts, links = paragraphs(root, lambda text: bool(_END_OF_RELEASE.fullmatch(text)))
    if not texts:
        return None
    addresses = (web_address(publication.url, link) for link in links)
    return Body(
        title=publication.title,
        text="\n".join(texts),
        links=tuple(dict.fromkeys(address for address in addresses if address)),
        stated=publication.stated,
        entries=entries_of(lines(root)),
    )


def _is_bulletin(link: str) -> bool:
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    return (
        (parts.scheme, parts.netloc) == ("https", _HOST)
        and _BULLETIN.fullmatch(parts.path) is not None
        and not parts.query
    )


def _moment(stated: str) -> datetime | None:
    """The moment of a pubDate. One without an offset is refused: the hour could be anybody's."""
    try:
        moment = parsedate_to_datetime(stated)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None


def _required(item: Element, name: str) -> str:
    text = _text(item, name)
    if not text:
        raise UnexpectedShape(ID, "an item", f"a {name}")
    return text


def _text(item: Element, name: str) -> str:
    return (item.findtext(name) or "").strip()
