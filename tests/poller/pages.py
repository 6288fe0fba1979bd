"""The Treasury's pages, written by us from facts about them: a listing, a manifest, yearly files, a release's own page."""

import json
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from tests.poller.bench import LISTING
from tests.servers import SourceServer

MANIFEST = "/news-data/press-releases/manifest.json"
THIS_YEAR = "/news-data/press-releases/search/2026.json"
LAST_YEAR = "/news-data/press-releases/search/2025.json"
TODAY = "2026-11-24"
ACTION_OF_TODAY = "https://ofac.treasury.gov/recent-actions/20261124"


@dataclass(frozen=True)
class Release:
    """A press release as the source lists it."""

    id: str
    title: str
    date: str = TODAY

    @property
    def path(self) -> str:
        return f"{LISTING}/{self.id}"


AUCTION = Release("sb0890", "Treasury Announces the Results of an Auction", "2026-11-20")
READOUT = Release("sb0889", "READOUT: A Meeting", "2026-11-19")
OLD = Release("sb0500", "Treasury Sanctions an Old Network", "2026-02-03")
OLDER = Release("sb0100", "Treasury Sanctions an Older Network", "2025-04-05")
SANCTIONS = Release("sb0900", "Treasury Sanctions Example Network")
DISRUPTION = Release("sb0901", "Operation Example: an Exchange is Closed")
BEFORE = (AUCTION, READOUT)


def serve_listing(source: SourceServer, *releases: Release, **how: Any) -> None:
    """The listing's first page, newest first."""
    source.serve(LISTING, listing(*releases), content_type="text/html", **how)


def serve_files(source: SourceServer, *releases: Release) -> None:
    """The manifest, and the two yearly files that it names."""
    source.serve(MANIFEST, manifest(), content_type="application/json")
    for path in (THIS_YEAR, LAST_YEAR):
        ours = [each for each in releases if each.date[:4] == path[-9:-5]]
        source.serve(path, shard(*ours), content_type="application/json")


def serve_page(source: SourceServer, release: Release, *links: str) -> None:
    """A release's own page, which links these addresses."""
    source.serve(release.path, page(release, *links), content_type="text/html")


def listing(*releases: Release) -> str:
    rows = "".join(
        f'<div><span class=date-format><time datetime="{each.date}T10:30:00Z" class=datetime>a day</time></span>'
        f"<h3 class=featured-stories__headline>"
        f'<a href="{each.path if each.id else "https://example.org/news"}/">{escape(each.title)}</a></h3></div>'
        for each in releases
    )
    return (
        "<!doctype html><html><head><title>Press Releases</title></head><body><main>"
        f'<div class="featured-stories"><div data-news-list>{rows}</div></div></main></body></html>'
    )


def manifest(*, this_year: int = 261, last_year: int = 900) -> str:
    shards = [
        {"name": path[-9:-5], "endYear": int(path[-9:-5]), "path": path, "count": count}
        for path, count in ((THIS_YEAR, this_year), (LAST_YEAR, last_year))
    ]
    return json.dumps({"category": "press-releases", "searchShards": shards})


def shard(*releases: Release) -> str:
    items = [
        {
            "title": f"{each.title} ",
            "url": f"{each.path}/",
            "date": each.date,
            "datetime": f"{each.date}T15:30:00Z",
            "subcategory": {},
        }
        for each in releases
    ]
    return json.dumps({"category": "press-releases", "count": len(items), "items": items})


def page(release: Release, *links: str) -> str:
    linked = "".join(f'<p><a href="{link}">A link.</a></p>' for link in links)
    return (
        "<!doctype html><html><head><title>A release</title></head><body><main>"
        f"<h2 class=uswds-page-title>{escape(release.title)}</h2>"
        '<div class="field field--name-field-news-body">'
        f"<p>WASHINGTON — {'The Treasury acted today. ' * 12}</p>{linked}"
        "<p>###</p></div></main></body></html>"
    )
