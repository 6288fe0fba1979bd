"""Pages that a source keeps for each year: their address today, and that in January the new year's may not be there yet."""

from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin

from feeds.base import StreamPage

_YEAR, _LAST_YEAR = "{year}", "{last_year}"


@dataclass(frozen=True, slots=True)
class DatedPage:
    """A page of a stream as it is to be read now: its kind, its address, and whether it may be missing."""

    kind: str
    url: str
    may_be_missing: bool = False


def dated_page(page: StreamPage, feed_url: str, now: datetime) -> DatedPage:
    """``page`` at its address of today, by the year in UTC: what New York publishes on its last evening stands on last year's page."""
    if not page.path:
        return DatedPage(page.kind, feed_url)
    path = page.path.replace(_YEAR, f"{now.year:04}").replace(_LAST_YEAR, f"{now.year - 1:04}")
    is_young = _YEAR in page.path and now.month == 1
    kind = f"young-{page.kind}" if is_young else page.kind
    return DatedPage(kind, urljoin(feed_url, path), may_be_missing=is_young)
