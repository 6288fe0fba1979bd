"""What every adapter must keep to, whatever its source: checks that a new one gets for nothing.

:func:`checks_for` gives the checks of an adapter's kind; each is called with the adapter and the folder of its fixture and fails by
an assertion. A register's folder holds ``list.xml``; a stream's holds one file for each kind of page, named after it
(``listing.html``, ``manifest.json``), and ``body.html`` when items have pages of their own.
"""

import copy
import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import pytest
from lxml import etree

from feeds import Adapter, RegisterAdapter, StreamAdapter
from feeds.base import ListedParty, Page, Reading
from feeds.errors import FeedError
from feeds.records import Element, RegisterReading, local_name, read_register

FIXTURES = Path(__file__).parent / "fixtures"
CUTS = 40

Check = Callable[[Any, Path], None]

PAGE_OF_A_FIREWALL = (
    b"<html><head><title>Access Denied</title></head><body><h1>Access Denied</h1></body></html>"
)


def fixtures_of(adapter: Adapter) -> Path:
    """The folder of an adapter's fixture in this repository."""
    return FIXTURES / adapter.feed.id.replace("-", "_")


def checks_for(adapter: Adapter) -> Sequence[Check]:
    """The checks of an adapter's kind, in the order of what to look at first."""
    return REGISTER_CHECKS if isinstance(adapter, RegisterAdapter) else STREAM_CHECKS


# --- both kinds -----------------------------------------------------------------------------------------------------


def the_feed_is_described(adapter: Adapter, fixtures: Path) -> None:
    feed = adapter.feed
    assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", feed.id), "an id is lower-case words and hyphens"
    assert feed.authority.strip() and feed.title.strip()
    assert len(feed.heading) <= 20, "a heading begins with it: state the authority's `short`"
    address = urlsplit(feed.url)
    assert address.scheme == "https" and address.hostname and "@" not in address.netloc
    assert feed.interval.total_seconds() >= 10, "an authority is not asked more often than that"
    assert feed.version >= 1
    assert feed.max_bytes > 0
    for host in feed.redirect_hosts:
        assert re.fullmatch(r"(\*\.)?([a-z0-9-]+\.)+[a-z]{2,}", host), host


# --- registers ------------------------------------------------------------------------------------------------------


def the_guard_and_the_ignored_are_stated(adapter: RegisterAdapter, fixtures: Path) -> None:
    feed = adapter.feed
    assert feed.root and feed.record and feed.record != feed.root
    assert feed.guard.min_records >= 1, "an empty list is never accepted"
    assert 0 < feed.guard.max_removed <= 0.5, "a list that loses half its records needs a person"
    assert 0 < feed.guard.max_added <= 1
    assert feed.id not in feed.shares_keys_with, "a list shares its keys with others"
    assert all(reason.strip() for reason in feed.ignored.values()), "what is ignored has a reason"
    assert not feed.party_page or "{key}" in feed.party_page


def every_record_is_read_whole(adapter: RegisterAdapter, fixtures: Path) -> None:
    reading, parties = _read(adapter, _list(fixtures))
    assert parties, "the fixture holds at least one record"
    assert reading.unread == [], "every element is represented or ignored by name"
    assert all(party.key.strip() and party.type.strip() and party.name.last for party in parties)
    declared = reading.head.declared_count
    assert declared is None or declared == len(parties)


def keys_are_unique(adapter: RegisterAdapter, fixtures: Path) -> None:
    keys = [party.key for party in _read(adapter, _list(fixtures))[1]]
    assert len(set(keys)) == len(keys)


def another_spelling_of_the_same_list_is_the_same(adapter: RegisterAdapter, fixtures: Path) -> None:
    root = etree.fromstring(_list(fixtures))
    original = _read(adapter, _list(fixtures))[1]
    for element in root.iter():
        if len(element):
            _indent_otherwise(element)
    spellings = [
        *(_serialised(root, encoding) for encoding in ("UTF-8", "UTF-16", "US-ASCII")),
        _in_namespace(_list(fixtures), "https://example.org/one-never-seen"),
        *(_in_namespace(_list(fixtures), namespace) for namespace in adapter.feed.namespaces),
    ]
    for spelling in spellings:
        reading, parties = _read(adapter, spelling)
        assert parties == original, spelling[:200]
        assert reading.unread == []


def the_order_of_records_is_nothing(adapter: RegisterAdapter, fixtures: Path) -> None:
    root = etree.fromstring(_list(fixtures))
    original = _read(adapter, _list(fixtures))[1]
    root[:] = sorted(root, key=lambda child: local_name(child) == adapter.feed.record)
    records = [child for child in root if local_name(child) == adapter.feed.record]
    for record in reversed(records):
        root.append(record)
    assert _read(adapter, etree.tostring(root))[1] == original[::-1]


def what_is_ignored_by_name_has_no_part_in_a_record(
    adapter: RegisterAdapter, fixtures: Path
) -> None:
    root = etree.fromstring(_list(fixtures))
    met: set[str] = set()
    for record in _records(adapter, root):
        for path, element, attribute in _values(record):
            if path in adapter.feed.ignored:
                met.add(path)
                _set(element, attribute, "8" + _get(element, attribute))
    assert met == set(adapter.feed.ignored), "the fixture shows everything that is ignored"
    assert _read(adapter, etree.tostring(root))[1] == _read(adapter, _list(fixtures))[1]


def every_value_has_a_part_in_its_record(adapter: RegisterAdapter, fixtures: Path) -> None:
    """Each element and attribute of the fixture, changed alone, once for each path, makes another record or is reported."""
    original = _read(adapter, _list(fixtures))[1]
    seen: set[str] = set()
    pristine = etree.fromstring(_list(fixtures))
    for number, record in enumerate(_records(adapter, pristine)):
        for place, (path, _, _) in enumerate(list(_values(record))):
            if path in adapter.feed.ignored or path in seen:
                continue
            seen.add(path)
            root = copy.deepcopy(pristine)
            _, element, attribute = list(_values(_records(adapter, root)[number]))[place]
            _set(element, attribute, _get(element, attribute) + "7")
            try:
                reading, parties = _read(adapter, etree.tostring(root))
            except FeedError:
                continue
            assert parties != original or reading.unread, f"{path} is taken and then forgotten"


def what_is_unknown_is_reported(adapter: RegisterAdapter, fixtures: Path) -> None:
    paths = {
        path
        for record in _records(adapter, etree.fromstring(_list(fixtures)))
        for path, *_ in _places(record)
    }
    for path in sorted(paths):
        for inject in (_inject_element, _inject_attribute):
            root = etree.fromstring(_list(fixtures))
            places = (
                element
                for record in _records(adapter, root)
                for at, element in _places(record)
                if at == path
            )
            name = inject(next(places))
            reading, parties = _read(adapter, etree.tostring(root))
            reported = [unread.path for unread in reading.unread]
            assert any(name in unread for unread in reported), f"{name} in {path or 'the record'}"
            assert len(parties) == len(_records(adapter, root)), "the list goes on being watched"


def what_is_unknown_about_the_list_is_reported(adapter: RegisterAdapter, fixtures: Path) -> None:
    root = etree.fromstring(_list(fixtures))
    for head in _heads(adapter, root):
        name = _inject_element(head)
        assert any(name in unread.path for unread in _read(adapter, etree.tostring(root))[0].unread)


def nonsense_is_taken_reported_or_refused_by_name(adapter: RegisterAdapter, fixtures: Path) -> None:
    """A value that is empty, absent or nonsense ends in no other exception than a FeedError."""
    pristine = etree.fromstring(_list(fixtures))
    parts = len(list(_parts(adapter, pristine)))
    for number in range(parts):
        for spoil in (_make_nonsense, _make_empty, _remove):
            root = copy.deepcopy(pristine)
            spoil(*list(_parts(adapter, root))[number])
            with suppress(FeedError):
                _read(adapter, etree.tostring(root))


def what_is_not_the_whole_list_is_refused(adapter: RegisterAdapter, fixtures: Path) -> None:
    for wrong in (*_truncated(_list(fixtures)), *NO_FEEDS, *_forbidden(adapter, _list(fixtures))):
        with pytest.raises(FeedError) as caught:
            _read(adapter, wrong)
        assert adapter.feed.id in str(caught.value)


def reading_is_pure(adapter: RegisterAdapter, fixtures: Path) -> None:
    assert _read(adapter, _list(fixtures))[1] == _read(adapter, _list(fixtures))[1]


NO_FEEDS = (
    b"",
    b" \n",
    PAGE_OF_A_FIREWALL,
    b"<!DOCTYPE html><html><body><p>We will be back soon.</p></body></html>",
    b'{"message": "Forbidden"}',
    b"[]",
    b"ent_num,name\n1,DOE\n",
    b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
    b"<another/>",
)


def _list(fixtures: Path) -> bytes:
    return (fixtures / "list.xml").read_bytes()


def _read(adapter: RegisterAdapter, content: bytes) -> tuple[RegisterReading, list[ListedParty]]:
    reading = read_register(adapter, io.BytesIO(content))
    return reading, list(reading)


def _records(adapter: RegisterAdapter, root: Element) -> list[Element]:
    return [child for child in root if local_name(child) == adapter.feed.record]


def _heads(adapter: RegisterAdapter, root: Element) -> list[Element]:
    return [child for child in root if local_name(child) == adapter.feed.head]


def _parts(adapter: RegisterAdapter, root: Element) -> Iterator[tuple[Element, str]]:
    """The first value on every path, in the records and the head."""
    seen: set[str] = set()
    for part in (*_heads(adapter, root), *_records(adapter, root)):
        for path, element, attribute in _values(part, f"{local_name(part)}/"):
            if path not in seen:
                seen.add(path)
                yield element, attribute


def _make_nonsense(element: Element, attribute: str) -> None:
    _set(element, attribute, "\u2603 nonsense")


def _make_empty(element: Element, attribute: str) -> None:
    _set(element, attribute, "")


def _remove(element: Element, attribute: str) -> None:
    if attribute:
        del element.attrib[attribute]
    elif (parent := element.getparent()) is not None:
        parent.remove(element)


def _values(element: Element, path: str = "") -> Iterator[tuple[str, Element, str]]:
    """Every value below a record: its path, its element, and its attribute or ""."""
    for attribute in element.attrib:
        yield f"{path}@{etree.QName(attribute).localname}", element, str(attribute)
    if not len(element) and path:
        yield path.rstrip("/"), element, ""
    for child in element:
        if isinstance(child.tag, str):
            yield from _values(child, f"{path}{local_name(child)}/")


def _places(element: Element, path: str = "") -> Iterator[tuple[str, Element]]:
    """Every element of a record that holds others, the record itself included."""
    if len(element) or not path:
        yield path, element
    for child in element:
        if isinstance(child.tag, str):
            yield from _places(child, f"{path}{local_name(child)}/")


def _get(element: Element, attribute: str) -> str:
    return (element.get(attribute) if attribute else element.text) or ""


def _set(element: Element, attribute: str, value: str) -> None:
    if attribute:
        element.set(attribute, value)
    else:
        element.text = value


def _inject_element(place: Element) -> str:
    name = "neverSeen"
    unknown = etree.SubElement(place, etree.QName(etree.QName(place).namespace, name))
    unknown.text = "news"
    return name


def _inject_attribute(place: Element) -> str:
    place.set("neverSeen", "news")
    return "@neverSeen"


def _indent_otherwise(element: Element) -> None:
    if not (element.text or "").strip():
        element.text = "\n \t"
    for child in element:
        if not (child.tail or "").strip():
            child.tail = "  \r\n"
    element.insert(0, etree.Comment("a comment is no content"))


def _serialised(root: Element, encoding: str) -> bytes:
    file = io.BytesIO()
    root.getroottree().write(file, encoding=encoding, xml_declaration=True)
    return file.getvalue()


def _in_namespace(content: bytes, namespace: str) -> bytes:
    root = etree.fromstring(content)
    for element in root.iter():
        if isinstance(element.tag, str):
            element.tag = f"{{{namespace}}}{local_name(element)}"
    etree.cleanup_namespaces(root)
    return etree.tostring(root)


def _forbidden(adapter: RegisterAdapter, content: bytes) -> Iterator[bytes]:
    """A document type, an entity bomb, a file from outside, a record inside a record."""
    plain = etree.tostring(etree.fromstring(content))
    root = adapter.feed.root.encode()
    bomb = b'<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;"><!ENTITY c SYSTEM "file:///etc/hostname">'
    yield b"<!DOCTYPE " + root + b">" + plain
    yield b"<!DOCTYPE " + root + b" [" + bomb + b"]>" + plain
    nested = etree.fromstring(content)
    record = _records(adapter, nested)[0]
    record.append(copy.deepcopy(record))
    yield etree.tostring(nested)


def _truncated(content: bytes) -> Iterator[bytes]:
    whole = content.rstrip()
    yield whole[:-1]
    for part in range(1, CUTS):
        yield whole[: len(whole) * part // CUTS]


# --- streams --------------------------------------------------------------------------------------------------------


def the_pages_are_described(adapter: StreamAdapter, fixtures: Path) -> None:
    feed = adapter.feed
    kinds = [page.kind for page in feed.pages]
    assert kinds and len(set(kinds)) == len(kinds)
    assert sum(page.every is None for page in feed.pages) == 1, "one page is read at every poll"
    assert feed.min_items >= 1, "an empty listing is never accepted"
    for page in feed.pages:
        assert page.every is None or page.every >= feed.interval
        assert urlsplit(urljoin(feed.url, page.path)).hostname == urlsplit(feed.url).hostname
        assert urljoin(feed.url, page.path).startswith("https://")


def every_publication_is_usable(adapter: StreamAdapter, fixtures: Path) -> None:
    publications = [
        publication
        for page in _pages(adapter, fixtures)
        for publication in adapter.read(page).publications
    ]
    assert len({publication.key for publication in publications}) >= adapter.feed.min_items
    for publication in publications:
        assert publication.key.strip() == publication.key != ""
        assert publication.title == " ".join(publication.title.split()) != ""
        assert re.fullmatch(r"\d{4}-\d\d-\d\d", publication.date)
        assert publication.stated
        address = urlsplit(publication.url)
        assert address.scheme == "https" and address.hostname, "an address that anyone can open"


def keys_are_unique_on_a_page_and_one_on_all(adapter: StreamAdapter, fixtures: Path) -> None:
    addresses: dict[str, str] = {}
    for page in _pages(adapter, fixtures):
        publications = adapter.read(page).publications
        assert len({publication.key for publication in publications}) == len(publications)
        for publication in publications:
            assert addresses.setdefault(publication.key, publication.url) == publication.url


def another_spelling_of_the_same_page_is_the_same(adapter: StreamAdapter, fixtures: Path) -> None:
    for page in _pages(adapter, fixtures):
        original = adapter.read(page)
        for spelling in _spellings(page.body):
            assert adapter.read(_with(page, spelling)) == original, spelling[:200]
    if adapter.read_body is not None:
        page = _body_page(adapter, fixtures)
        written_otherwise = next(iter(_spellings(page.body)))
        assert adapter.read_body(_with(page, written_otherwise)) == adapter.read_body(page)


def what_is_not_a_whole_page_is_refused(adapter: StreamAdapter, fixtures: Path) -> None:
    for page in _pages(adapter, fixtures):
        for wrong in (*_truncated(page.body), *NO_FEEDS):
            with pytest.raises(FeedError) as caught:
                adapter.read(_with(page, wrong))
            assert adapter.feed.id in str(caught.value)
    if adapter.read_body is not None:
        page = _body_page(adapter, fixtures)
        for wrong in (*_truncated(page.body), *NO_FEEDS):
            with pytest.raises(FeedError):
                adapter.read_body(_with(page, wrong))


def a_body_has_text_and_whole_addresses(adapter: StreamAdapter, fixtures: Path) -> None:
    if adapter.read_body is None:
        return
    body = adapter.read_body(_body_page(adapter, fixtures))
    assert body.title.strip() and body.text.strip()
    assert all(line == " ".join(line.split()) != "" for line in body.text.split("\n"))
    assert all(re.match(r"https?://[^/]", link) for link in body.links)


def reading_a_page_is_pure(adapter: StreamAdapter, fixtures: Path) -> None:
    for page in _pages(adapter, fixtures):
        assert adapter.read(page) == adapter.read(page)


def _pages(adapter: StreamAdapter, fixtures: Path) -> list[Page]:
    """The fixture's pages: those of the feed, and those that their readings ask to follow when the fixture holds that kind."""
    pages: list[Page] = []
    for stated in adapter.feed.pages:
        page = _page(fixtures, stated.kind, urljoin(adapter.feed.url, stated.path))
        pages.append(page)
        reading: Reading = adapter.read(page)
        for follow in {follow.kind: follow for follow in reading.follow}.values():
            if list(fixtures.glob(f"{follow.kind}.*")):
                pages.append(_page(fixtures, follow.kind, follow.url))
    return pages


def _page(fixtures: Path, kind: str, url: str) -> Page:
    files = sorted(fixtures.glob(f"{kind}.*"))
    assert len(files) == 1, f"the fixture holds one file named {kind}"
    types = {".html": "text/html", ".json": "application/json", ".xml": "application/xml"}
    return Page(kind, url, files[0].read_bytes(), types.get(files[0].suffix, ""))


def _body_page(adapter: StreamAdapter, fixtures: Path) -> Page:
    return _page(fixtures, "body", urljoin(adapter.feed.url + "/", "an-item"))


def _with(page: Page, body: bytes) -> Page:
    return Page(page.kind, page.url, body, page.content_type)


def _spellings(content: bytes) -> Iterator[bytes]:
    if content.lstrip().startswith((b"{", b"[")):
        document = json.loads(content)
        yield json.dumps(document, indent=5, sort_keys=True).encode()
        yield json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    elif b"<html" in content.lower():
        parsed = etree.fromstring(content, etree.HTMLParser(encoding="utf-8"))
        yield etree.tostring(parsed, method="html", encoding="utf-8", doctype="<!DOCTYPE html>")
        yield re.sub(rb">[ \n]*\n[ \n]*<", b">\r\n\t\t<!-- a comment is no content -->\n<", content)
    else:
        yield etree.tostring(etree.fromstring(content), encoding="US-ASCII", xml_declaration=True)


REGISTER_CHECKS: tuple[Check, ...] = (
    the_feed_is_described,
    the_guard_and_the_ignored_are_stated,
    every_record_is_read_whole,
    keys_are_unique,
    another_spelling_of_the_same_list_is_the_same,
    the_order_of_records_is_nothing,
    what_is_ignored_by_name_has_no_part_in_a_record,
    every_value_has_a_part_in_its_record,
    what_is_unknown_is_reported,
    what_is_unknown_about_the_list_is_reported,
    nonsense_is_taken_reported_or_refused_by_name,
    what_is_not_the_whole_list_is_refused,
    reading_is_pure,
)

STREAM_CHECKS: tuple[Check, ...] = (
    the_feed_is_described,
    the_pages_are_described,
    every_publication_is_usable,
    keys_are_unique_on_a_page_and_one_on_all,
    another_spelling_of_the_same_page_is_the_same,
    what_is_not_a_whole_page_is_refused,
    a_body_has_text_and_whole_addresses,
    reading_a_page_is_pure,
)
