"""Reading a large XML list one record at a time, and taking every field of a record or naming it as ignored.

:func:`read_register` walks a whole document in flat memory and yields one listed party after the other. :class:`Fields` is how
an adapter takes a record apart: whatever it neither takes nor ignores is reported, never dropped in silence.

What no honest list contains is refused before anything of it is used: a document type (and with it every entity), a record
inside a record, nesting or text beyond the parser's own limits. Nothing is ever loaded from the network or from another file.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import IO, Any, Protocol, TypeVar

from lxml import etree

from feeds.base import Feed, Head, ListedParty, RegisterFeed, Unread
from feeds.errors import ForbiddenMarkup, NotTheFeed, Truncated, UnexpectedShape

Element = etree._Element
T = TypeVar("T")

_BEGINNING = 512
_PARSER: dict[str, Any] = {
    "resolve_entities": False,
    "load_dtd": False,
    "no_network": True,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
    "remove_blank_text": True,  # layout is half of all text nodes
}
_BEYOND_LIMITS = {
    etree.ErrorTypes.ERR_RESOURCE_LIMIT,  # depth, a text, an attribute, entities that grow
    etree.ErrorTypes.ERR_NAME_TOO_LONG,
    etree.ErrorTypes.ERR_ENTITY_LOOP,
}
_LOCAL_NAMES: dict[str, str] = {}


class ReadsRegister(Protocol):
    """An adapter of a register: the feed's data and the two readers of its module."""

    @property
    def feed(self) -> RegisterFeed:
        """The data about the source."""
        ...

    def read(self, entry: Element, /) -> ListedParty:
        """One record as a listed party."""
        ...

    def read_head(self, element: Element, /) -> Head:
        """What the list says about itself."""
        ...


class NotOnlyRecords(ValueError):
    """A document that should hold nothing but records is not well-formed, or holds something else."""


class RegisterReading(Iterator[ListedParty]):
    """The parties of one document, in document order; complete once iteration has ended.

    ``head``, ``namespace`` and ``unread`` (what no reader took: between the records as well as in them) are final only then.
    Iterating raises a :class:`feeds.errors.FeedError` when the document is not the feed, not whole or not allowed.
    """

    def __init__(self, adapter: ReadsRegister, source: Path | IO[bytes]) -> None:
        self.head = Head()
        self.namespace = ""
        self.count = 0
        self.unread: list[Unread] = []
        self._has_head = False
        self._adapter = adapter
        self._parties = self._walk(source)

    def __next__(self) -> ListedParty:
        party = next(self._parties)
        self.count += 1
        self.unread += party.unread
        return party

    def _walk(self, source: Path | IO[bytes]) -> Iterator[ListedParty]:
        feed = self._adapter.feed
        if isinstance(source, Path):
            with source.open("rb") as file:
                yield from self._walk(file)
            return
        refuse_what_is_not_xml(feed, source)
        root: Element | None = None
        try:
            for event, element in etree.iterparse(
                source,
                events=("start", "end"),
                tag=("{*}" + feed.root, "{*}" + feed.record),
                **_PARSER,
            ):
                if root is None:
                    root = self._root(element)
                if element is root:
                    continue
                if element.getparent() is not root or local_name(element) != feed.record:
                    raise ForbiddenMarkup(feed.id, f"a {local_name(element)} where none belongs")
                if event == "end":
                    party = self._adapter.read(element)
                    self._between(root, element)
                    yield party
        except etree.XMLSyntaxError as error:
            raise _unreadable(feed, error) from error
        if root is None:
            raise NotTheFeed(feed.id, f"an XML document <{feed.root}>", "another element")
        self._between(root, None)

    def _root(self, element: Element) -> Element:
        feed = self._adapter.feed
        root = _root_of(feed, element, feed.root)
        self.namespace = namespace(root)
        self.unread += [
            Unread(path, _excerpt(str(value)))
            for name, value in root.items()
            if (path := "@" + local_text(name)) not in feed.ignored
        ]
        return root

    def _between(self, root: Element, record: Element | None) -> None:
        """Take what stands before ``record`` (after the last one, when None), then let go of it and of the record.

        What stands after the record may not be parsed whole yet, so that it is left for the next call.
        """
        self._stray(root.text)
        root.text = None
        while len(root):
            child = root[0]
            if child is not record:
                self._beside_the_records(child)
            self._stray(child.tail)
            root.remove(child)
            if child is record:
                break

    def _beside_the_records(self, child: Element) -> None:
        name = local_name(child)
        if name != self._adapter.feed.head:
            self.unread.append(Unread(name, _excerpt(child.text)))
        elif self._has_head:
            self.unread.append(Unread(f"{name} (a second one)", _excerpt(child.text)))
        else:
            self._has_head = True
            self.head = self._adapter.read_head(child)
            self.unread += self.head.unread

    def _stray(self, text: str | None) -> None:
        if text and not text.isspace():
            self.unread.append(Unread("text between the records", _excerpt(text)))


def read_register(adapter: ReadsRegister, source: Path | IO[bytes]) -> RegisterReading:
    """Read one XML document of a register, record by record, in flat memory."""
    return RegisterReading(adapter, source)


def elements_of(feed: Feed, source: IO[bytes], root: str, path: str) -> Iterator[Element]:
    """Every element at ``path`` ("container/item") of an XML document, whole, and at last the root with what else is in it.

    For documents that are no list of records, in flat memory: an item is let go of when the next is asked for. Raises as
    :class:`RegisterReading` does; an item that stands elsewhere than at its path is ForbiddenMarkup.
    """
    refuse_what_is_not_xml(feed, source)
    container, _, item = path.partition("/")
    top: Element | None = None
    wanted = ("{*}" + root, "{*}" + item)
    try:
        for event, element in etree.iterparse(
            source, events=("start", "end"), tag=wanted, **_PARSER
        ):
            if top is None:
                top = _root_of(feed, element, root)
            if element is top:
                continue
            parent = element.getparent()
            if parent is None or parent.getparent() is not top or local_name(parent) != container:
                raise ForbiddenMarkup(feed.id, f"a {local_name(element)} where none belongs")
            if event == "end":
                yield element
                element.clear()
                for done in list(element.itersiblings(*wanted, preceding=True)):
                    parent.remove(done)
    except etree.XMLSyntaxError as error:
        raise _unreadable(feed, error) from error
    if top is None:
        raise NotTheFeed(feed.id, f"an XML document <{root}>", "another element")
    yield top


def _root_of(feed: Feed, element: Element, expected: str) -> Element:
    tree = element.getroottree()
    if bool(tree.docinfo.internalDTD):
        raise ForbiddenMarkup(feed.id, "a document type (DOCTYPE), as entity attacks need one")
    root = tree.getroot()
    if local_name(root) != expected:
        raise NotTheFeed(feed.id, f"an XML document <{expected}>", f"<{local_name(root)}>")
    return root


def read_records(adapter: ReadsRegister, document: bytes) -> list[ListedParty]:
    """The parties of a small document in whose root stands nothing but records and white space, read at once.

    Raises NotOnlyRecords for any other document, and what the adapter raises. Nothing is said about the root itself.
    """
    parser = etree.XMLParser(**_PARSER, collect_ids=False)
    try:
        root = etree.fromstring(document, parser)
    except etree.XMLSyntaxError as error:
        raise NotOnlyRecords(str(error)) from error
    record = adapter.feed.record
    if sum(1 for _ in root.iter("{*}" + record, "{*}" + adapter.feed.root)) != len(root) + 1:
        raise NotOnlyRecords("a record or a root where none belongs")
    parties = []
    _only_white_space(root.text)
    for child in root:
        if local_name(child) != record:
            raise NotOnlyRecords(local_name(child))
        _only_white_space(child.tail)
        parties.append(adapter.read(child))
    return parties


def _only_white_space(text: str | None) -> None:
    if text and not text.isspace():
        raise NotOnlyRecords(_excerpt(text))


class Fields:
    """The fields of one element, each to be taken once; :meth:`rest` tells what was left.

    Paths are the local names of the source's elements below the record, joined with ``/``; attributes are ``@name``.
    Text comes as the source wrote it (the core canonicalises it). An absent and an empty element are the same: "".
    """

    __slots__ = ("_elements", "_feed", "_path", "_repeated", "_unread")

    def __init__(self, element: Element, feed: RegisterFeed, path: str = "") -> None:
        self._feed = feed
        self._path = path
        self._unread: list[Unread] = []
        self._elements: dict[str, Element] = {}
        self._repeated: dict[str, list[Element]] = {}
        if element.keys():
            self._attributes(element, "")
        if (text := element.text) and not text.isspace():
            self._stray(text)
        # One pass, and no call but into lxml: a list has a million elements.
        elements, names = self._elements, _LOCAL_NAMES
        for child in element[:]:  # type: ignore[index]  # a list has half the cost of an iterator
            tag = child.tag
            name = names[tag] if tag in names else local_text(tag)
            if name in elements:
                self._repeated.setdefault(name, []).append(child)
            else:
                elements[name] = child
            if (text := child.tail) and not text.isspace():
                self._stray(text)

    def required(self, name: str) -> str:
        """The text of a field that every record has. Raises UnexpectedShape when it is absent or empty."""
        if text := self.text(name).strip():
            return text
        raise UnexpectedShape(self._feed.id, self._path + name, "a value in every record")

    def text(self, name: str) -> str:
        """The text of a field that stands at most once; "" when it is absent."""
        element = self._elements.pop(name, None)
        if element is None:
            return ""
        if self._repeated:
            self._leave_repeated(name)
        if len(element) or element.keys():
            return self._leaf(element, name)
        return element.text or ""

    def texts(self, path: str) -> tuple[str, ...]:
        """The texts of all ``item`` elements for a path ``container/item``."""
        return tuple([self._leaf(item, path) for item in self._items(path)])

    def each(self, path: str, reader: Callable[["Fields"], T]) -> tuple[T, ...]:
        """What ``reader`` makes of each ``item`` element for a path ``container/item``."""
        return tuple([self._nested(item, path, reader) for item in self._items(path)])

    def rows(self, path: str, make: Callable[..., T], *names: str) -> tuple[T, ...]:
        """What ``make`` makes of the texts called ``names``, in that order, of each ``item`` for a path ``container/item``.

        For items that hold nothing but texts: it says the same as :meth:`each` with a reader of these texts, in half the time.
        """
        items = self._items(path)
        if not items:
            return ()
        places, ignored = _places(names), self._feed.ignored
        below = path + "/"
        whole = self._path + below
        made = []
        # In one function, and no call but into lxml: nearly all of a list's elements come this way.
        for item in items:
            texts = [""] * len(names)
            if item.keys():
                self._attributes(item, below)
            if (text := item.text) and not text.isspace():
                self._leave(below + "text()", text)
            for child in item[:]:  # type: ignore[index]
                tag = child.tag
                place = places.get(tag)
                if place is None:
                    place = _place(places, tag)
                if place < 0:
                    name = local_name(child)
                    if whole + name not in ignored or len(child) or child.keys():
                        self._set_aside(child, below + name)
                elif texts[place]:
                    self._leave(f"{below}{names[place]} (a second one)", child.text)
                elif len(child) or child.keys():
                    texts[place] = self._leaf(child, below + names[place])
                else:
                    texts[place] = child.text or ""
                if (text := child.tail) and not text.isspace():
                    self._leave(below + "text()", text)
            made.append(make(*texts))
        return tuple(made)

    def one(self, name: str, reader: Callable[["Fields"], T]) -> T | None:
        """What ``reader`` makes of an element that stands at most once; None when it is absent."""
        element = self._elements.pop(name, None)
        if element is None:
            return None
        self._leave_repeated(name)
        return self._nested(element, name, reader)

    def report(self, name: str, example: str) -> None:
        """Report a value that the reader took without understanding it, such as an unknown type of party."""
        self._unread.append(Unread(self._path + name, _excerpt(example)))

    def rest(self) -> tuple[Unread, ...]:
        """Everything that was neither taken nor is ignored by name. To be called last."""
        for name, element in self._elements.items():
            self._set_aside(element, name)
            for repeated in self._repeated.get(name, ()):
                self._set_aside(repeated, name)
        self._elements = {}
        return tuple(self._unread)

    def _items(self, path: str) -> list[Element]:
        container_name, _, item_name = path.partition("/")
        container = self._elements.pop(container_name, None)
        if container is None:
            return []
        items: list[Element] = []
        for each in (container, *self._repeated.get(container_name, ())):
            if (text := each.text) and not text.isspace():
                self._stray(text)
            if each.keys():
                self._attributes(each, container_name + "/")
            for child in each[:]:
                if local_name(child) == item_name:
                    items.append(child)
                else:
                    self._leave(f"{container_name}/{local_name(child)}", child.text)
                if (text := child.tail) and not text.isspace():
                    self._stray(text)
        return items

    def _nested(self, element: Element, path: str, reader: Callable[["Fields"], T]) -> T:
        fields = Fields(element, self._feed, f"{self._path}{path}/")
        value = reader(fields)
        self._unread += fields.rest()
        return value

    def _leaf(self, element: Element, path: str) -> str:
        if element.keys():
            self._attributes(element, path + "/")
        texts = [element.text]
        for child in element:
            if isinstance(child.tag, str):
                self._leave(f"{path}/{local_name(child)}", child.text)
            texts.append(child.tail)
        return " ".join(filter(None, texts))

    def _set_aside(self, element: Element, path: str) -> None:
        """What nobody took: reported, or ignored by name; then that is its value, not what may come to stand in it."""
        if self._path + path not in self._feed.ignored:
            self._leave(path, element.text)
        elif len(element) or element.keys():
            self._leaf(element, path)

    def _leave_repeated(self, name: str) -> None:
        for repeated in self._repeated.pop(name, ()):
            self._leave(f"{name} (a second one)", repeated.text)

    def _attributes(self, element: Element, path: str) -> None:
        for name, value in element.items():
            self._leave(f"{path}@{local_text(name)}", str(value))

    def _stray(self, text: str) -> None:
        self._leave("text()", text)

    def _leave(self, name: str, example: str | None) -> None:
        path = self._path + name
        if path not in self._feed.ignored:
            self._unread.append(Unread(path, _excerpt(example)))


def refuse_what_is_not_xml(feed: Feed, source: IO[bytes]) -> None:
    """Look at the first bytes and go back to them. Raises Truncated for nothing at all, NotTheFeed for a page or other data."""
    beginning = source.read(_BEGINNING)
    source.seek(0)
    plain = beginning.replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if not plain:
        raise Truncated(feed.id, "it is empty")
    if not plain.startswith(b"<") or plain[:15].lower().startswith((b"<!doctype html", b"<html")):
        raise NotTheFeed(feed.id, "XML", plain[:60].decode("utf-8", "replace"))


def local_name(element: Element) -> str:
    """The element's name without its namespace."""
    tag = element.tag
    try:
        return _LOCAL_NAMES[tag]
    except (KeyError, TypeError):
        return local_text(tag)


def local_text(tag: object) -> str:
    """A tag or attribute name without its namespace; entity references and the like under a name of their own."""
    if not isinstance(tag, str):
        return "an entity reference"
    local = tag.rpartition("}")[2]
    if len(_LOCAL_NAMES) < 10_000:
        _LOCAL_NAMES[tag] = local
    return local


def namespace(element: Element) -> str:
    """The element's namespace; "" when it has none."""
    return element.tag[1:].partition("}")[0] if element.tag.startswith("{") else ""


@lru_cache
def _places(names: tuple[str, ...]) -> dict[str, int]:
    """Where the texts of fields with these names go. Grows by whole tags as they are met; -1 stands for any other name."""
    return {name: place for place, name in enumerate(names)}


def _place(places: dict[str, int], tag: str) -> int:
    place = places.get(local_text(tag), -1)
    if len(places) < 1000:
        places[tag] = place
    return place


def _excerpt(text: str | None) -> str:
    return (text or "").strip()[:80]


def _unreadable(feed: Feed, error: etree.XMLSyntaxError) -> Exception:
    if getattr(error, "code", None) in _BEYOND_LIMITS:
        return ForbiddenMarkup(feed.id, f"markup that no honest list contains ({error})")
    return Truncated(feed.id, str(error))
