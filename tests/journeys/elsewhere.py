"""What is published of an action elsewhere than on the two sites: a legal notice in the Federal Register, a bulletin by mail."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from monitor.demo.actions import entry_text
from monitor.demo.facts import Record
from tests.poller.notices import Bulletin, notice_text, topic

DOCUMENTS_PATH = "/api/v1/documents.json"
RELEASES_TOPIC_PATH = "/topics/USTREAS_49/feed.rss"
ACTIONS_TOPIC_PATH = "/topics/USTREAS_61/feed.rss"


@dataclass(frozen=True)
class Notice:
    """A document of OFAC's in the Federal Register, and whom it lists."""

    number: str
    day: date
    parties: Sequence[Record] = ()

    @property
    def text_path(self) -> str:
        """Where its text stands."""
        return f"/documents/full_text/text/{self.day:%Y/%m/%d}/{self.number}.txt"

    @property
    def text(self) -> bytes:
        """Its text."""
        return notice_text(self.number, *map(entry_text, self.parties)).encode()


OLD_NOTICE = Notice("2024-29000", date(2024, 12, 10))


def documents(url: str, notices: Sequence[Notice]) -> bytes:
    """The Register's list of OFAC's documents at this address, newest first."""
    results = [
        {
            "document_number": each.number,
            "title": "Notice of OFAC Sanctions Action",
            "type": "Notice",
            "publication_date": each.day.isoformat(),
            "html_url": f"{url}/documents/{each.day:%Y/%m/%d}/{each.number}/notice-of-ofac-sanctions-action",
            "agencies": [{"slug": "foreign-assets-control-office"}],
        }
        for each in notices
    ]
    return json.dumps({"count": 2598, "total_pages": 130, "results": results}).encode()


def bulletins(mailed: Sequence[Bulletin], *, first: int) -> bytes:
    """A topic with these, newest first, and the ten that were always there, numbered from ``first``."""
    old = [
        Bulletin(
            first - ago, f"Results of Auction {ago}", day=date(2024, 12, 13) - timedelta(days=ago)
        )
        for ago in range(1, 11)
    ]
    return topic(*mailed, *old).encode()


def mailed_release(number: int, release: dict[str, object]) -> Bulletin:
    """The bulletin that repeats a release."""
    paragraphs = release["paragraphs"]
    assert isinstance(paragraphs, list)
    text = "".join(f"<p>{str(each).replace('**', '')}</p>" for each in paragraphs)
    link = f'<p><a href="{release["action"]}">More</a></p><p>###</p>'
    day = date.fromisoformat(str(release["date"]))
    return Bulletin(number, str(release["title"]), text + link, day)
