"""Reading listings and item pages in HTML and JSON, as strictly as :mod:`feeds.records` reads lists.

:func:`html` and :func:`json_object` accept a whole page of the right kind or raise; the other functions take what must be there
or raise. Nothing is loaded from the network. What a page leaves out is never mistaken for "nothing new".
"""

import json
import re
from collections.abc import Callable, Iterator, Sequence
from ipaddress import ip_address
from typing import Any, NamedTuple, NoReturn
from urllib.parse import SplitResult, urljoin, urlsplit

from lxml import etree

from feeds.base import Page
from feeds.errors import ForbiddenMarkup, NotTheFeed, Truncated, UnexpectedShape

Element = etree._Element

# What firewalls and content networks say in place of a page, with status 200 (met at Akamai, Imperva and AWS).
CHALLENGES = ("access denied", "request unsuccessful", "_incapsula_", "x-amzn-waf-action")

_END_OF_HTML = re.compile(rb"</html\s*>", re.IGNORECASE)
_BEHIND_THE_END = 4096  # a content network may add a comment or a script behind </html>
_BLOCK_NAMES = """
    address article blockquote body br center dd div dl dt figcaption figure footer h1 h2 h3 h4 h5 h6 header hr li main nav ol p
    pre section table tbody td tfoot th thead tr ul
"""
_BLOCKS = frozenset(_BLOCK_NAMES.split())
_STRONG = frozenset(("b", "strong", "h1", "h2", "h3", "h4", "h5", "h6"))
_UNSPOKEN = frozenset(("script", "style", "template", "noscript"))


def html(feed: str, page: Page, expected: str) -> Element:
    """The root of a whole HTML page in UTF-8.

    Raises Truncated when it is empty or has no ``</html>``, NotTheFeed when it is something else than ``expected`` (in words),
    ForbiddenMarkup when it is nested deeper than the parser follows, UnexpectedShape when it is not UTF-8.
    """
    beginning = _beginning(feed, page)
    if not beginning.startswith("<") or beginning.startswith("<?xml"):
        raise NotTheFeed(feed, expected, beginning)
    if not _END_OF_HTML.search(page.body[-_BEHIND_THE_END:]):
        raise Truncated(feed, "there is no </html>")
    _decoded(feed, page)
    parser = etree.HTMLParser(
        encoding="utf-8", huge_tree=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(page.body, parser)
    except etree.XMLSyntaxError as error:
        raise Truncated(feed, str(error)) from error
    for entry in parser.error_log:
        if entry.level == etree.ErrorLevels.FATAL:  # the parser drops the rest in silence
            raise ForbiddenMarkup(feed, f"markup that no honest page contains ({entry.message})")
    return root


def refuse_challenge(feed: str, page: Page, expected: str) -> None:
    """Raise NotTheFeed for a page of a firewall. To be called where a marker is missing, as a real page may quote such words."""
    text = page.body.decode("utf-8", "replace").lower()
    for challenge in CHALLENGES:
        if challenge in text:
            raise NotTheFeed(feed, expected, f"a firewall's page ({challenge})")


def elements(within: Element, tag: str, token: str = "") -> list[Element]:
    """All ``tag`` elements below ``within`` ("*" for any), in order; with ``token``, those that have it among their classes."""
    return [
        element
        for element in within.iterdescendants(tag)
        if not token or token in (element.get("class") or "").split()
    ]


def only(feed: str, found: Sequence[Element], where: str, expected: str) -> Element:
    """The one element of ``found``. Raises UnexpectedShape when there is none or another."""
    if len(found) != 1:
        raise UnexpectedShape(feed, where, f"{expected}, exactly one (found {len(found)})")
    return found[0]


def attribute(feed: str, element: Element, name: str, where: str) -> str:
    """An attribute's value, without white space around it. Raises UnexpectedShape when it is absent or empty."""
    value = (element.get(name) or "").strip()
    if not value:
        raise UnexpectedShape(feed, where, f"an attribute {name} in every <{element.tag}>")
    return value


def text_of(element: Element) -> str:
    """The text that a reader sees in an element, white space collapsed."""
    pieces = (" " if piece is None else piece for piece in _pieces(element))
    return collapsed("".join(piece for piece in pieces if isinstance(piece, str)))


def collapsed(text: str) -> str:
    """``text`` with every run of white space, no-break spaces included, as one space, and none around it."""
    return " ".join(text.split())


def paragraphs(element: Element, is_end: Callable[[str], bool]) -> tuple[list[str], list[str]]:
    """The paragraphs of an element, white space collapsed, and the ``href`` of its links in order, both up to a last paragraph.

    A block element or a line break ends a paragraph; empty ones are left out. The paragraph for which ``is_end`` is true, and all
    that follows it, belongs to neither.
    """
    texts: list[str] = []
    links: list[str] = []
    pending: list[str] = []
    pieces: list[str] = []
    for piece in _pieces(element):
        if isinstance(piece, _Link):
            pending.append(piece.href)
            continue
        if piece is not None:
            pieces.append(piece)
            continue
        text = collapsed("".join(pieces))
        if is_end(text):
            return texts, links
        texts += [text] if text else []
        links += pending
        pieces, pending = [], []
    return texts, links


class Line(NamedTuple):
    """A paragraph or a line of one. ``emphasised`` tells that all of it is a heading or in bold."""

    text: str
    emphasised: bool


def lines(element: Element) -> list[Line]:
    """The lines of an element as :func:`paragraphs` divides them, each with whether it looks like a heading."""
    found: list[Line] = []
    pieces: list[str] = []
    plain = False
    for piece, is_strong in _pieces_with_weight(element):
        if piece is not None:
            pieces.append(piece)
            plain |= bool(piece.strip()) and not is_strong
            continue
        if text := collapsed("".join(pieces)):
            found.append(Line(text, not plain))
        pieces, plain = [], False
    return found


def web_address(base: str, href: str) -> str | None:
    """A link as an absolute http or https address; None for any other (mail, a script, a place in the page, no address)."""
    if href.strip().startswith("#"):
        return None
    try:
        address = urljoin(base, href.strip())
        parts = urlsplit(address)
    except ValueError:
        return None
    return address if parts.scheme in ("http", "https") and parts.hostname else None


def permitted_address(base: str, href: str) -> SplitResult | None:
    """``href`` resolved against ``base``, when it leads to the very host that ``base`` is on; else None.

    That means https, the same host and port, no user name, no ``..``, no white space, no backslash, no encoded path sign.
    On a loopback ``base`` (a test, the demo) the scheme of ``base`` takes the place of https.
    """
    href = href.strip()
    if not href or re.search(r"[\s\\\x00-\x1f\x7f]|%2e|%2f|%5c", href, re.IGNORECASE):
        return None
    try:
        ours, parts = urlsplit(base), urlsplit(urljoin(base, href))
        same_place = (parts.hostname, _port(parts)) == (ours.hostname, _port(ours))
    except ValueError:
        return None
    scheme = ours.scheme if _is_loopback(ours.hostname or "") else "https"
    climbs = ".." in urlsplit(href).path.split("/")
    if climbs or "@" in parts.netloc or not same_place or parts.scheme != scheme:
        return None
    return parts


class JsonObject:
    """A JSON object whose members are taken with their type. ``where`` names it in what is raised."""

    def __init__(self, feed: str, where: str, members: dict[str, Any]) -> None:
        self._feed = feed
        self._where = where
        self._members = members

    def text(self, key: str) -> str:
        """A member that must be a string with something in it."""
        value = self._members.get(key)
        return value if isinstance(value, str) and value.strip() else self._refuse(key, "a text")

    def optional_text(self, key: str) -> str:
        """A member that is a string if it is there; "" when it is absent or null."""
        value = self._members.get(key)
        if value is None:
            return ""
        return value if isinstance(value, str) else self._refuse(key, "a text")

    def number(self, key: str) -> int:
        """A member that must be a whole number, not negative."""
        value = self._members.get(key)
        is_whole = isinstance(value, int) and not isinstance(value, bool) and value >= 0
        return value if is_whole else self._refuse(key, "a whole number")  # type: ignore[return-value]

    def digits(self, key: str) -> str:
        """A member that must be a whole number, written as a number or as a text of digits; as text."""
        value = self._members.get(key)
        if isinstance(value, str) and value.isascii() and value.isdigit():
            return value
        return str(self.number(key))

    def optional_object(self, key: str) -> "JsonObject":
        """A member that is an object if it is there; an empty one when it is absent or null."""
        value = self._members.get(key)
        if value is not None and not isinstance(value, dict):
            self._refuse(key, "an object")
        return JsonObject(self._feed, f"{self._where}.{key}", value or {})

    def objects(self, key: str) -> list["JsonObject"]:
        """A member that must be a list of objects, empty or not."""
        value = self._members.get(key)
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            self._refuse(key, "a list of objects")
        return [
            JsonObject(self._feed, f"{self._where}.{key}[{index}]", item)
            for index, item in enumerate(value)
        ]

    def _refuse(self, key: str, expected: str) -> NoReturn:
        raise UnexpectedShape(self._feed, f"{self._where}.{key}", expected)


def json_object(feed: str, page: Page, where: str) -> JsonObject:
    """The JSON object that a whole page is.

    Raises Truncated when it is empty or not well-formed, NotTheFeed when it is something else (HTML), ForbiddenMarkup when it is
    nested deeper than the parser follows, UnexpectedShape when it is not UTF-8.
    """
    return JsonObject(feed, where, _json(feed, page, where, "{", "a JSON object"))


def json_objects(feed: str, page: Page, where: str) -> list[JsonObject]:
    """The JSON objects in the list that a whole page is, which may be empty. Raises what :func:`json_object` does."""
    items = _json(feed, page, where, "[", "a JSON list")
    return JsonObject(feed, where, {"list": items}).objects("list")


def _json(feed: str, page: Page, where: str, begins: str, expected: str) -> Any:
    beginning = _beginning(feed, page)
    if not beginning.startswith(begins):
        raise NotTheFeed(feed, f"{where}, {expected}", beginning)
    try:
        return json.loads(_decoded(feed, page), parse_constant=_refuse_constant)
    except RecursionError as error:
        raise ForbiddenMarkup(feed, "JSON nested beyond any honest list") from error
    except ValueError as error:
        raise Truncated(feed, f"{where} is not well-formed JSON: {error}") from error


def _refuse_constant(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON value")


def _beginning(feed: str, page: Page) -> str:
    """How the page begins, for messages. Raises Truncated when there is nothing at all."""
    beginning = page.body[:512].removeprefix(b"\xef\xbb\xbf").strip()
    if not beginning:
        raise Truncated(feed, "the page is empty")
    return beginning[:60].decode("utf-8", "replace")


def _decoded(feed: str, page: Page) -> str:
    try:
        return page.body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnexpectedShape(feed, f"byte {error.start} of the page", "UTF-8") from error


class _Link:
    def __init__(self, href: str) -> None:
        self.href = href


def _pieces(element: Element) -> Iterator["str | _Link | None"]:
    """Text, links and (None) the ends of paragraphs, in the order of the page; the last is the end of a paragraph."""
    for piece, _ in _pieces_of(element):
        yield piece


def _pieces_of(element: Element) -> Iterator[tuple["str | _Link | None", Element]]:
    """The pieces, each with the element that it stands in."""
    silent = 0
    for event, inner in etree.iterwalk(element, events=("start", "end")):
        starts = event == "start"
        if inner.tag in _UNSPOKEN:
            silent += 1 if starts else -1
        if inner.tag in _BLOCKS:
            yield None, inner
        if starts and inner.tag == "a" and inner.get("href"):
            yield _Link(str(inner.get("href"))), inner
        text = inner.text if starts else inner.tail
        if text and not silent and not (inner is element and not starts):
            parent = inner.getparent()
            yield text, inner if starts or parent is None else parent
    yield None, element


def _pieces_with_weight(element: Element) -> Iterator[tuple[str | None, bool]]:
    """The text of :func:`_pieces`, each piece with whether it stands in a heading or in bold."""
    strong = {inner for inner in element.iter() if inner.tag in _STRONG}
    for piece, inner in _pieces_of(element):
        if piece is None or isinstance(piece, str):
            yield piece, any(each in strong for each in (inner, *inner.iterancestors()))


def _port(parts: SplitResult) -> int:
    return parts.port or {"https": 443, "http": 80}.get(parts.scheme, 0)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
