"""The authorities of one life: a list with a known history, and releases on a listing, a yearly file and pages of their own."""

import json
from collections import Counter
from datetime import UTC, datetime
from random import Random
from typing import Literal

from tests.faults.history import History
from tests.journeys.sources import LISTING, MANIFEST, SDN, SHARD, a_listing, build_page
from tests.servers import Challenge, CutShort, CutUnannounced, HangUp, Raw, SourceServer, Status

SourceTrouble = Literal[
    "garbage", "firewall", "truncated", "cut", "403", "503", "hang up", "older", "no page"
]

ROWS = 10
"""So many releases the listing shows; the yearly file holds all."""


class Sources:
    """What is served, on ``server``, and what has been published so far."""

    def __init__(self, server: SourceServer, random: Random) -> None:
        self.server = server
        self.history = History(random)
        self.releases: list[tuple[str, str]] = []
        self.troubles: Counter[str] = Counter()
        self._trouble: SourceTrouble | None = None
        self._year = datetime.now(UTC).year
        for _ in range(3):
            self.release(about_sanctions=False)
        self.serve_list()

    def serve_list(self) -> None:
        """Serve the newest version; whatever else was served in its place is over."""
        newest = self.history.newest
        self.server.serve(SDN, newest.body, last_modified=newest.modified, gzip=True)

    def release(self, *, about_sanctions: bool) -> None:
        """Publish one more release. What its title does not say, its page does: each is to be told."""
        number = len(self.releases)
        title = (
            f"Treasury Sanctions Network R{number:06}"
            if about_sanctions
            else f"Results of Auction R{number:06}"
        )
        self.releases.insert(0, (f"sb{number:04}", title))
        self._serve_releases()

    def set_trouble(self, trouble: SourceTrouble | None) -> None:
        """Serve the list (and what it says of the releases) with that trouble from now on."""
        if trouble is not None and trouble != self._trouble:
            self.troubles[f"source {trouble}"] += 1
        self._trouble = trouble
        self.serve_list()
        self._serve_releases()
        newest = self.history.newest
        match trouble:
            case "garbage":
                self.server.serve(SDN, b"\x00\xff not a list \xfe" * 50)
                self.server.serve(LISTING, b"\xff\xfe\x00", content_type="text/html")
            case "firewall":
                self.server.misbehave(SDN, Challenge())
                self.server.misbehave(LISTING, Challenge())
            case "truncated":
                self.server.misbehave(SDN, CutShort(newest.body))
            case "cut":
                self.server.misbehave(SDN, CutUnannounced(newest.body, share=0.8))
            case "403" | "503":
                wish = "1" if trouble == "503" else None
                self.server.misbehave(SDN, Status(int(trouble), retry_after=wish))
                self.server.misbehave(LISTING, Status(int(trouble)))
            case "hang up":
                self.server.misbehave(SDN, HangUp())
                self.server.misbehave(LISTING, Raw(b"HTTP/1.1 200"))
            case "older":
                older = self.history.versions[max(0, len(self.history.versions) - 3)]
                self.server.serve(SDN, older.body, last_modified=older.modified)
            case "no page":
                for id, _ in self.releases:
                    self.server.forget(f"{LISTING}/{id}")
                self.server.misbehave(MANIFEST, Status(500))

    def _serve_releases(self) -> None:
        now = datetime.now(UTC)
        listing = a_listing(tuple(self.releases[:ROWS]), now)
        self.server.serve(LISTING, listing, content_type="text/html")
        manifest = {
            "category": "press-releases",
            "searchShards": [
                {
                    "name": str(self._year),
                    "endYear": self._year,
                    "path": SHARD.format(year=self._year),
                    "count": len(self.releases),
                }
            ],
        }
        self.server.serve(MANIFEST, json.dumps(manifest), content_type="application/json")
        shard = {
            "category": "press-releases",
            "count": len(self.releases),
            "items": [
                {
                    "title": title,
                    "url": f"{LISTING}/{id}/",
                    "date": f"{now:%Y-%m-%d}",
                    "datetime": f"{now:%Y-%m-%dT%H:%M:%SZ}",
                    "subcategory": {},
                }
                for id, title in self.releases
            ],
        }
        self.server.serve(
            SHARD.format(year=self._year), json.dumps(shard), content_type="application/json"
        )
        for id, title in self.releases:
            build_page(self.server, id, title)
