"""What the authorities publish in the journeys: a small list in OFAC's classic schema, and the Treasury's pages.

Written by us from facts about the formats; the parties are invented.
"""

import json
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from tests.servers import SourceServer

NAMESPACE = "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/XML"
SDN, CONSOLIDATED = "/SDN.XML", "/CONSOLIDATED.XML"
LISTING = "/news/press-releases"
MANIFEST = "/news-data/press-releases/manifest.json"
SHARD = "/news-data/press-releases/search/{year}.json"

RELEASE = ("sb0900", "Treasury Sanctions Example Network")
OLD_RELEASE = ("sb0890", "Treasury Announces the Results of an Auction")


def an_entry(uid: int, last: str, first: str = "", *, remarks: str = "", more: str = "") -> str:
    """A ``sdnEntry``: an individual if it has a first name, else an entity. ``more`` is markup after the programs."""
    given = f"<firstName>{escape(first)}</firstName>" if first else ""
    noted = f"<remarks>{escape(remarks)}</remarks>" if remarks else ""
    return (
        f"<sdnEntry><uid>{uid}</uid>{given}<lastName>{escape(last)}</lastName>"
        f"<sdnType>{'Individual' if first else 'Entity'}</sdnType>{noted}"
        f"<programList><program>DPRK4</program></programList>{more}</sdnEntry>"
    )


def a_list(*entries: str, date: str = "12/16/2024", count: int | None = None) -> str:
    """A whole list that holds these entries."""
    return (
        f'<?xml version="1.0" encoding="utf-8"?><sdnList xmlns="{NAMESPACE}"><publshInformation>'
        f"<Publish_Date>{date}</Publish_Date>"
        f"<Record_Count>{len(entries) if count is None else count}</Record_Count></publshInformation>"
        f"{''.join(entries)}</sdnList>"
    )


OTHERS = tuple(an_entry(number, f"OTHER COMPANY {number}") for number in range(100, 110))
DOE = an_entry(48220, "DOE", "John", remarks="Gender Male.")
BASELINE = a_list(*OTHERS)
WITH_DOE = a_list(*OTHERS, DOE)


def publish_releases(source: SourceServer, *releases: tuple[str, str]) -> None:
    """Serve the listing, the manifest and the year's shard with these releases (id, title), newest first, of today."""
    now = datetime.now(UTC)
    source.serve(LISTING, a_listing(releases, now), content_type="text/html")
    source.serve(MANIFEST, _manifest(now.year, len(releases)), content_type="application/json")
    source.serve(
        SHARD.format(year=now.year), _shard(releases, now), content_type="application/json"
    )


def build_page(source: SourceServer, id: str, title: str) -> None:
    """Serve a release's own page."""
    source.serve(f"{LISTING}/{id}", _page(title, datetime.now(UTC)), content_type="text/html")


def a_listing(releases: tuple[tuple[str, str], ...], now: datetime) -> str:
    """The listing's first page."""
    rows = "".join(
        f'<div><span class=date-format><time datetime="{now:%Y-%m-%dT%H:%M:%SZ}" class=datetime>today</time></span>'
        f'<h3 class=featured-stories__headline><a href="{LISTING}/{id}/">{escape(title)}</a></h3></div>'
        for id, title in releases
    )
    return (
        "<!doctype html><html><head><title>Press Releases</title></head><body><main>"
        f'<div class="featured-stories"><div data-news-list>{rows}</div></div></main></body></html>'
    )


def _manifest(year: int, count: int) -> str:
    path = SHARD.format(year=year)
    return (
        '{"category": "press-releases", "searchShards": '
        f'[{{"name": "{year}", "endYear": {year}, "path": "{path}", "count": {count}}}]}}'
    )


def _shard(releases: tuple[tuple[str, str], ...], now: datetime) -> str:
    items: list[dict[str, Any]] = [
        {
            "title": title,
            "url": f"{LISTING}/{id}/",
            "date": f"{now:%Y-%m-%d}",
            "datetime": f"{now:%Y-%m-%dT%H:%M:%SZ}",
            "subcategory": {},
        }
        for id, title in releases
    ]
    shard = {"category": "press-releases", "count": len(items), "items": items}
    return json.dumps(shard)


def _page(title: str, now: datetime) -> str:
    return (
        "<!doctype html><html><head><title>A release</title></head><body><main>"
        f"<h2 class=uswds-page-title>{escape(title)}</h2>"
        '<div class="field field--name-field-news-body">'
        f"<p>WASHINGTON — {'The Treasury acted today. ' * 12}</p>"
        f'<p><a href="https://ofac.treasury.gov/recent-actions/{now:%Y%m%d}">The action.</a></p>'
        "<p>###</p></div></main></body></html>"
    )
