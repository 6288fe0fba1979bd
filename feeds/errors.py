"""What a reader raises when a source is not what it was.

::

    FeedError
    ├── NotTheFeed          something else was served in the feed's place (HTML for XML, a challenge page)
    ├── Truncated           the document ends before it is whole
    ├── UnexpectedShape     a marker, element or required field that was always there is missing
    ├── EmptyListing        the page is the right one and lists nothing
    ├── CountMismatch       the source's own count differs from what was read
    ├── RepeatedKey         two records of one snapshot carry the same key
    └── ForbiddenMarkup     a document type, an entity or nesting that no honest list contains

``reason`` is the incident's kind and a metric label. The sentence is for people: what was found, where, what was expected.
"""

from dataclasses import dataclass
from typing import ClassVar


@dataclass(eq=False)
class FeedError(Exception):
    """A source could not be read as what it claims to be; nothing of it may be taken for news."""

    feed: str
    reason: ClassVar[str] = "unreadable"

    def __str__(self) -> str:
        return f"{self.feed}: the source could not be read"


@dataclass(eq=False)
class NotTheFeed(FeedError):
    """Something else was served in the feed's place."""

    expected: str
    beginning: str
    reason: ClassVar[str] = "unexpected_content"

    def __str__(self) -> str:
        return f"{self.feed}: expected {self.expected}, received something beginning {self.beginning!r}"


@dataclass(eq=False)
class Truncated(FeedError):
    """The document ends before it is whole, or is not well-formed."""

    detail: str
    reason: ClassVar[str] = "truncated"

    def __str__(self) -> str:
        return f"{self.feed}: the document is not whole ({self.detail})"


@dataclass(eq=False)
class UnexpectedShape(FeedError):
    """A marker, element or required field that was always there is missing or unusable."""

    where: str
    expected: str
    reason: ClassVar[str] = "shape_changed"

    def __str__(self) -> str:
        return f"{self.feed}: {self.where}: expected {self.expected}"


@dataclass(eq=False)
class EmptyListing(FeedError):
    """The page is the right one and lists nothing, which it never does."""

    where: str
    reason: ClassVar[str] = "empty_listing"

    def __str__(self) -> str:
        return f"{self.feed}: {self.where} lists nothing at all, which it never does"


@dataclass(eq=False)
class CountMismatch(FeedError):
    """The source's own count differs from what was read."""

    where: str
    declared: int
    counted: int
    reason: ClassVar[str] = "count_mismatch"

    def __str__(self) -> str:
        return (
            f"{self.feed}: {self.where} declares {self.declared} records and holds {self.counted}"
        )


@dataclass(eq=False)
class RepeatedKey(FeedError):
    """Two records of one snapshot carry the same key."""

    key: str
    reason: ClassVar[str] = "repeated_key"

    def __str__(self) -> str:
        return f"{self.feed}: two records carry the same key {self.key!r}, which must be unique"


@dataclass(eq=False)
class ForbiddenMarkup(FeedError):
    """A document type, an entity or a nesting that no honest list contains."""

    what: str
    reason: ClassVar[str] = "forbidden_markup"

    def __str__(self) -> str:
        return f"{self.feed}: the document contains {self.what}, which is refused unread"
