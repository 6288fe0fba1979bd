"""OFAC's actions, the Treasury's bulletins and the Register's documents, written by us from facts about their pages."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from xml.sax.saxutils import escape

from tests.poller.bench import ACTION_LISTING, DOCUMENTS, TOPIC
from tests.servers import SourceServer

SECOND_PAGE = f"{ACTION_LISTING}?page=1"
OTHER_TOPIC = "/topics/USTREAS_61/feed.rss"
TODAY = date(2026, 11, 24)

ADDED = """
<h4>The following individuals have been added to OFAC's SDN List:</h4>
<p>EXAMPLE, Jane (a.k.a. "JENNY"); DOB 1988 (individual) [SDGT].<br>EXAMPLE, John; DOB 1970 (individual) [SDGT].</p>
"""


@dataclass(frozen=True)
class Action:
    """A recent action as OFAC lists it; its day is in its id."""

    id: str
    title: str
    category: str = "Sanctions List Updates"
    body: str = ADDED

    @property
    def path(self) -> str:
        return f"{ACTION_LISTING}/{self.id}"


OLD_ACTION = Action("20261112", "Iran-related Designations")
DESIGNATIONS = Action("20261124", "Counter Terrorism Designations")
LICENSE = Action(
    "20261124_33", "Issuance of a General License", "General Licenses", "<p>GL 8M.</p>"
)
SETTLEMENT = Action("20261124_34", "Settlement Agreement", "Enforcement Actions", "<p>A text.</p>")
MISFILED = Action("20261124_35", "Publication of Documents", "Miscellaneous")


def serve_actions(source: SourceServer, *actions: Action) -> None:
    """The listing's first page, newest first, and each action's own page."""
    source.serve(ACTION_LISTING, action_listing(*actions), content_type="text/html")
    for each in actions:
        serve_action(source, each)


def serve_action(source: SourceServer, action: Action) -> None:
    source.serve(action.path, action_page(action), content_type="text/html")


def action_listing(*actions: Action) -> str:
    rows = "".join(
        '<div class="search-result views-row"><div class="text-no-underline">'
        f'<a href="{each.path}">{escape(each.title)}</a></div><div class="font-sans-2xs">'
        f'{date.fromisoformat(each.id[:8]):%B %d, %Y} - <a href="/x">{each.category}</a></div></div>'
        for each in actions
    )
    return f"<!doctype html><html><body><div class=view-content>{rows}</div></body></html>"


def action_page(action: Action) -> str:
    return (
        f"<!doctype html><html><body><h1 class=uswds-page-title>{escape(action.title)}</h1>"
        '<article class="node--type-ofac-recent-action"><div class="field--name-field-body">'
        f'<div class="field__item">{action.body}</div></div></article></body></html>'
    )


@dataclass(frozen=True)
class Bulletin:
    """A bulletin as GovDelivery repeats it."""

    number: int
    title: str
    text: str = "<p>WASHINGTON. The Treasury acted.</p>"
    day: date = TODAY


OLD_BULLETINS = tuple(
    Bulletin(100 - ago, f"Results of Auction {ago}", day=TODAY - timedelta(days=ago))
    for ago in range(1, 11)
)
SANCTIONS_BULLETIN = Bulletin(
    101,
    "Treasury Sanctions Example Network",
    '<p>WASHINGTON. Today.</p><p><a href="https://ofac.treasury.gov/recent-actions/20261124">Click</a></p><p>###</p>',
)


def serve_bulletins(
    source: SourceServer, *bulletins: Bulletin, others: Sequence[Bulletin] = ()
) -> None:
    """The topic of all releases with these, newest first, and the other with ``others`` before what was always there."""
    source.serve(TOPIC, topic(*bulletins), content_type="application/rss+xml")
    always = [Bulletin(each.number + 900, each.title, day=each.day) for each in OLD_BULLETINS]
    source.serve(OTHER_TOPIC, topic(*others, *always), content_type="application/rss+xml")


def topic(*bulletins: Bulletin) -> str:
    items = "".join(
        f"<item><pubDate>{each.day:%a, %d %b %Y} 09:42:10 -0500</pubDate><title>{escape(each.title)}</title>"
        f'<guid isPermaLink="false">{each.number}</guid>'
        f"<link>https://content.govdelivery.com/accounts/USTREAS/bulletins/{each.number:x}</link>"
        f"<description><![CDATA[{each.text}]]></description></item>"
        for each in bulletins
    )
    return (
        f'<?xml version="1.0"?><rss version="2.0"><channel><title>T</title>{items}</channel></rss>'
    )


def serve_documents(source: SourceServer, *numbers: str) -> None:
    """The Register's list of OFAC's documents, newest first."""
    results = [
        {
            "document_number": number,
            "title": "Notice of OFAC Sanctions Action",
            "type": "Notice",
            "publication_date": TODAY.isoformat(),
            "html_url": f"{source.url}/documents/2026/11/24/{number}/notice-of-ofac-sanctions-action",
            "agencies": [{"slug": "foreign-assets-control-office"}],
        }
        for number in numbers
    ]
    reply = {"count": 2598, "total_pages": 130, "results": results}
    source.serve(DOCUMENTS, json.dumps(reply), content_type="application/json")


def text_path(number: str) -> str:
    """Where the text of a document stands."""
    return f"/documents/full_text/text/2026/11/24/{number}.txt"


def notice_text(number: str, *parties: str) -> str:
    """The text of a notice that lists these parties, each as OFAC writes it."""
    listed = "".join(
        f"    {place}. {party}\n\n" for place, party in enumerate(parties, start=1)
    ).replace("&", "&amp;")
    return f"""<html><body><pre>
[Federal Register Volume 91, Number 226 (Tuesday, November 24, 2026)]
[Notices]
[FR Doc No: {number}]


DEPARTMENT OF THE TREASURY

Office of Foreign Assets Control


Notice of OFAC Sanctions Action

AGENCY: Office of Foreign Assets Control, Treasury.

ACTION: Notice.

SUMMARY: OFAC is publishing whom it has placed on the SDN List.

SUPPLEMENTARY INFORMATION:

    OFAC determined that the property of these persons is blocked.

Parties

{listed}    Dated: November 20, 2026.
[FR Doc. {number} Filed 11-23-26; 8:45 am]
BILLING CODE 4810-AL-P
</pre></body></html>
"""
