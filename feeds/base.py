"""The contract between an adapter and the service.

An adapter is one module in this folder (or one named by the entry-point group ``sanctions_monitor.feeds``). It defines ``FEED``,
a :class:`RegisterFeed` or a :class:`StreamFeed`, and the readers that the kind asks for:

* a register's module defines ``read(entry) -> ListedParty`` and ``read_head(element) -> Head``;
* a stream's module defines ``read(page) -> Reading`` and, if its items have pages of their own, ``read_body(page) -> Body``; where an
  item's text stands at another address than the item, ``body_address(url) -> str`` tells which.

Readers are pure: an element or a page comes in, values go out; no clock, no network, no file. What is wrong is raised as one of
:mod:`feeds.errors`, never answered with "nothing new".
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Literal, NamedTuple


@dataclass(frozen=True, slots=True)
class Guard:
    """What a register's next snapshot must satisfy to be accepted without a person.

    ``max_removed`` and ``max_added`` are shares of the records in force (0.05 is five percent); a change of exactly the
    limit is still accepted. ``min_records`` is an absolute floor that holds for the first snapshot too.
    """

    min_records: int
    max_removed: float
    max_added: float


@dataclass(frozen=True, kw_only=True)
class Feed:
    """What is true of any polled source.

    ``title`` is how people call it ("the SDN list"); ``short`` is the authority as headings name it ("Treasury"), where that is
    shorter than ``authority``. ``redirect_hosts`` are the only hosts besides the URL's own to which a
    fetch may be redirected; ``*.example.org`` stands for any name below it. ``version`` is raised by hand whenever the
    adapter begins to express the same record differently: documents on record are then re-expressed, never reported.
    ``max_bytes`` bounds the expanded body of one fetch. ``quiet_at_most`` is how long the source may publish nothing new before
    people are told that it has gone quiet, unless it was quiet for longer before.
    """

    id: str
    authority: str
    title: str
    url: str
    interval: timedelta
    version: int = 1
    redirect_hosts: tuple[str, ...] = ()
    max_bytes: int = 256 * 1024 * 1024
    homepage: str = ""
    short: str = ""
    quiet_at_most: timedelta = timedelta(days=30)

    @property
    def heading(self) -> str:
        """The authority as the heading of a message names it."""
        return self.short or self.authority


@dataclass(frozen=True, kw_only=True)
class RegisterFeed(Feed):
    """A source that publishes a complete set in XML: a record that is absent has been removed.

    ``record`` is the local name of the element that holds one record; it must be a child of the root, whose local name is
    ``root``. ``head`` is the local name of the root's child in which the list speaks of itself.
    ``namespaces`` are those the source has used; another one is accepted if all records are read, and reported.
    ``ignored`` names every element and attribute, as a path below the record, that is deliberately not represented, with the
    reason. ``blocking`` tells whether being on this list blocks property (it decides the words of an alert).
    ``party_page`` is the URL of a record's page at the authority, with ``{key}`` in it.
    ``shares_keys_with`` are the ids of the authority's other registers that number their records from the same series: a record
    that leaves one of them and stands on another under its key has moved, and is told so.
    ``stated_date_format`` is how the list writes its own date, as ``strptime`` reads it; "" when it states none.
    """

    root: str
    record: str
    head: str
    guard: Guard
    namespaces: tuple[str, ...] = ()
    ignored: Mapping[str, str] = field(default_factory=dict)
    blocking: bool = True
    party_page: str = ""
    shares_keys_with: tuple[str, ...] = ()
    stated_date_format: str = ""


Witness = Literal["release", "action", "change_file", "notice"]
"""What an item of a stream is to the case of an official action.

``release`` announces it (a press release); ``action`` is the authority's own page of it, with those it names as entries;
``change_file`` is the authority's own account of what changed on its list; ``notice`` is its later publication in a legal gazette.
"""


@dataclass(frozen=True, kw_only=True)
class StreamFeed(Feed):
    """A source that publishes recent items: an item that is absent means nothing, so ids ever seen are kept.

    ``pages`` are read in order; the one with ``every=None`` at each poll, the others when that long has passed since they
    were last read whole, or at once when a reading reports a gap. ``body_retry`` are the waits between attempts to read an
    item's own page that is listed but not built yet. ``reread`` is how often a page that was read is read again to find out that
    it was corrected (None: never), for as long as ``reread_for`` after it was first listed. ``witness`` is what an item of it is
    to a dossier.
    ``attests`` tells of which registers its entries account for every change: the id of the register by ``Entry.list_name``.
    """

    pages: tuple["StreamPage", ...]
    body_retry: tuple[timedelta, ...] = tuple(timedelta(minutes=n) for n in (1, 2, 4, 8, 15, 30))
    reread: timedelta | None = None
    reread_for: timedelta = timedelta(days=7)
    min_items: int = 1
    witness: Witness = "release"
    attests: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class StreamPage:
    """One address that a stream is read from. ``path`` resolves against the feed's URL ("" is the URL itself).

    ``{year}`` and ``{last_year}`` in it stand for the present year and the one before. In January the page of the present year
    may be missing, or may list nothing yet: it is then read as of the kind ``young-…``. ``completes`` tells of a page that is not
    read at each poll that it holds what the one that is may have missed. ``stands_in_for`` is the id of another stream whose items
    it repeats: nobody is told of them while that stream is read well.
    """

    kind: str
    path: str = ""
    every: timedelta | None = None
    completes: bool = True
    stands_in_for: str = ""


@dataclass(frozen=True, slots=True)
class Page:
    """A fetched page as a reader gets it: which kind it is, the address asked for, the whole body, what the server called it."""

    kind: str
    url: str
    body: bytes
    content_type: str = ""


@dataclass(frozen=True, slots=True)
class Head:
    """What a register says about itself: its date exactly as stated, and how many records it says it holds."""

    stated_date: str | None = None
    declared_count: int | None = None
    unread: tuple["Unread", ...] = ()


@dataclass(frozen=True, slots=True)
class Unread:
    """Something in a source that is neither represented nor ignored by name: its path and one example of its text."""

    path: str
    example: str
    key: str = ""


# --- a listed party -------------------------------------------------------------------------------------------------


class Name(NamedTuple):
    """A name as the source writes it. An entity has only ``last``."""

    last: str
    first: str = ""


class Alias(NamedTuple):
    """Another name. ``kind``: aka, fka, nka (or the source's own word); ``strength``: strong or weak."""

    last: str = ""
    first: str = ""
    kind: str = ""
    strength: str = ""


class Address(NamedTuple):
    """An address; any part may be missing."""

    address1: str = ""
    address2: str = ""
    address3: str = ""
    city: str = ""
    state_or_province: str = ""
    postal_code: str = ""
    country: str = ""


class Identifier(NamedTuple):
    """A paper, a number, or one of the footnotes that OFAC keeps in the same place."""

    type: str = ""
    number: str = ""
    country: str = ""
    issued: str = ""
    expires: str = ""


class Country(NamedTuple):
    """A nationality or citizenship; ``main`` as the source marks it ("" where it does not)."""

    country: str = ""
    main: str = ""


class BirthDate(NamedTuple):
    """A date of birth in the source's own words ("circa 1962", "1960 to 1965")."""

    date: str = ""
    main: str = ""


class BirthPlace(NamedTuple):
    """A place of birth in the source's own words."""

    place: str = ""
    main: str = ""


class Vessel(NamedTuple):
    """What is particular to a vessel."""

    call_sign: str = ""
    type: str = ""
    flag: str = ""
    owner: str = ""
    tonnage: str = ""
    gross_registered_tonnage: str = ""


class ListedParty(NamedTuple):
    """One record of a register, in source-neutral terms. ``key`` identifies it within its feed and is not part of the document.

    Text is as the source wrote it; canonicalisation (Unicode NFC, white space) happens in the core. No field holds a
    sub-element's id. Empty text and empty tuples mean that the source does not say.
    ``unread`` reports what the reader neither took nor ignored.
    """

    key: str
    type: str
    name: Name
    title: str = ""
    programs: tuple[str, ...] = ()
    aliases: tuple[Alias, ...] = ()
    addresses: tuple[Address, ...] = ()
    identifiers: tuple[Identifier, ...] = ()
    nationalities: tuple[Country, ...] = ()
    citizenships: tuple[Country, ...] = ()
    dates_of_birth: tuple[BirthDate, ...] = ()
    places_of_birth: tuple[BirthPlace, ...] = ()
    vessel: Vessel | None = None
    remarks: str = ""
    legal_basis: tuple[str, ...] = ()
    listed_on: str = ""
    measures: tuple[str, ...] = ()
    links: tuple[str, ...] = ()
    unread: tuple[Unread, ...] = ()


# --- a publication --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Publication:
    """One item of a stream, as a listing shows it.

    ``key`` is stable in its feed. ``url`` is absolute. ``stated`` is the source's own time, verbatim; ``date`` the day in it
    (YYYY-MM-DD). ``current`` is False for old paper that comes back (an id of a series that has ended): it is stored, and
    told only if its body proves it to be news.
    """

    key: str
    title: str
    url: str
    date: str
    stated: str = ""
    category: str = ""
    current: bool = True


EntryKind = Literal["added", "removed", "changed"]
"""What an action or a change file says was done to the one it names. Absent from ``Entry.kind`` where it does not say."""


class Entry(NamedTuple):
    """One party as an action page, a change file or a notice names it, with as much as it says of it.

    ``list_name`` is the list that it was added to, removed from or changed on, in the source's words ("SDN List"). ``key`` is the
    record's number, where the source states it (OFAC's ``uid``). ``before`` is the name that a change replaces, if it replaces one.
    """

    kind: EntryKind
    name: Name
    type: str = ""
    key: str = ""
    list_name: str = ""
    programs: tuple[str, ...] = ()
    aliases: tuple[Alias, ...] = ()
    linked_to: tuple[str, ...] = ()
    legal_basis: tuple[str, ...] = ()
    listed_on: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True)
class Body:
    """An item's own page: its title there, its text (paragraphs divided by newlines), the links in it in order, absolute.

    ``entries`` are the parties that it names in a form of its own (not those that prose mentions), as often as it names them.
    """

    title: str
    text: str
    links: tuple[str, ...] = ()
    stated: str = ""
    entries: tuple[Entry, ...] = ()


@dataclass(frozen=True, slots=True)
class Follow:
    """A further page that a reading asks for (a yearly shard named by a manifest). ``url`` is absolute."""

    kind: str
    url: str
    may_be_missing: bool = False


@dataclass(frozen=True, slots=True)
class Dropped:
    """An item that was refused while the others were taken. ``reason`` is the incident's kind (``foreign_url``)."""

    reason: str
    detail: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What one page of a stream says: its items, further pages to read, items refused.

    ``newest_first`` items may be fewer than there are: whether there is a gap is decided against what is on record.
    ``bodies`` are those of items whose whole text stands in the page itself, by key: no page of their own is read for them.
    """

    publications: tuple[Publication, ...]
    follow: tuple[Follow, ...] = ()
    dropped: tuple[Dropped, ...] = ()
    bodies: Mapping[str, Body] = field(default_factory=dict)
