"""A day at the authorities, and the line that watches it: real HTTP, database, receiver and mailbox, polled one by one.

The service's loops are left out, so that a test says what is published when, and looks when everything has been told.
"""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Self

from aiohttp import web

from feeds import discover
from feeds.base import Guard
from monitor.config import ChannelSettings, Configuration, FeedSettings, Secret, load
from monitor.demo.actions import action_page, recent_actions
from monitor.demo.documents import release_page, sdn_list
from monitor.demo.facts import Facts, Record, invented_parties, load_facts
from monitor.demo.sources import ACTIONS_PATH, LIST_PATH, LISTING_PATH, Sources
from monitor.service.line import Line, line
from monitor.store import dossiers
from tests.journeys.elsewhere import (
    ACTIONS_TOPIC_PATH,
    DOCUMENTS_PATH,
    OLD_NOTICE,
    RELEASES_TOPIC_PATH,
    Notice,
    bulletins,
    documents,
)
from tests.mailbox import Mailbox
from tests.poller.notices import Bulletin
from tests.servers import WebhookReceiver

LIST, RELEASES, ACTIONS = "ofac-sdn", "treasury-press-releases", "ofac-recent-actions"
NOTICES, BULLETINS = "federal-register-ofac", "treasury-bulletins"
SECRET = "whsec_dGhlLWRheS1hdC10aGUtYXV0aG9yaXRpZXM="
MORNING = datetime(2024, 12, 16, 15, 0, tzinfo=UTC)


class Moving:
    """A clock that a test moves."""

    def __init__(self) -> None:
        self.moment = MORNING

    def now(self) -> datetime:
        return self.moment

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("nothing waits here")


class Authorities(Sources):
    """The sources of the demonstration, with whatever a test has them publish."""

    def __init__(self) -> None:
        self.facts: Facts = load_facts()
        super().__init__(self.facts)
        self.released: list[dict[str, Any]] = list(self.facts.earlier_releases)
        self.acted: list[dict[str, str]] = list(self.facts.earlier_actions)
        self.listed: list[Record] = invented_parties()
        self.notices: list[Notice] = []
        self.refuses_releases = False
        self.mail()

    async def __aenter__(self) -> Self:
        await super().__aenter__()
        self.gazette(OLD_NOTICE)
        return self

    def announce(self, release: dict[str, Any]) -> None:
        """A release of Treasury's; ``action`` in it is what its last line links to."""
        self.released = [release, *self.released]
        self._serve(f"{LISTING_PATH}/{release['key']}", "text/html", release_page(release))
        self._serve_releases(self.released)

    def correct(self, release: dict[str, Any]) -> None:
        """A release that is listed already gets another page."""
        self._serve(f"{LISTING_PATH}/{release['key']}", "text/html", release_page(release))

    def act(self, action: dict[str, str], parties: Sequence[Record]) -> None:
        """OFAC's page of an action, with the parties that it lists."""
        self.acted = [action, *self.acted]
        release = f"{self.listing_url}/{action.get('release', 'none')}"
        page = action_page({**action, "release": release}, parties)
        self._serve(f"{ACTIONS_PATH}/{action['key']}", "text/html", page)
        self._serve(ACTIONS_PATH, "text/html", recent_actions(self.acted))

    def gazette(self, notice: Notice) -> None:
        """A notice of OFAC's in the Federal Register."""
        self.notices = [notice, *self.notices]
        self._serve(notice.text_path, "text/html", notice.text)
        self._serve(DOCUMENTS_PATH, "application/json", documents(self.url, self.notices))

    def mail(self, *releases: Bulletin, actions: Sequence[Bulletin] = ()) -> None:
        """Treasury's bulletins, newest first: those that repeat releases, and those that repeat OFAC's actions."""
        of_releases, of_actions = bulletins(releases, first=100), bulletins(actions, first=1000)
        self._serve(RELEASES_TOPIC_PATH, "application/rss+xml", of_releases)
        self._serve(ACTIONS_TOPIC_PATH, "application/rss+xml", of_actions)

    async def _answer(self, request: web.Request) -> web.Response:
        if self.refuses_releases and "/press-releases" in request.path:
            raise web.HTTPForbidden
        return await super()._answer(request)

    def list(self, *parties: Record, without: Sequence[str] = ()) -> None:
        """A new version of the list, with these parties more."""
        kept = [each for each in self.listed if each["key"] not in without]
        self.listed = [*kept, *parties]
        self._serve(LIST_PATH, "application/xml", sdn_list(self.listed, published="12/16/2024"))


class Day:
    """The line on one day. ``told`` is what the receiver got, oldest first."""

    def __init__(
        self,
        authorities: Authorities,
        parts: Line,
        clock: Moving,
        receiver: WebhookReceiver,
        mailbox: Mailbox,
    ) -> None:
        self.authorities = authorities
        self.line = parts
        self.clock = clock
        self.mailbox = mailbox
        self._receiver = receiver

    async def poll(self, *feeds: str, after: timedelta = timedelta(minutes=3)) -> None:
        """Some time later, poll these feeds, and have everything told and delivered."""
        self.clock.moment += after
        for feed in feeds:
            outcome = await self.line.poller.poll(feed)
            refused = feed == RELEASES and self.authorities.refuses_releases
            assert refused == (outcome.result == "failed"), outcome.sentence
        self.line.alerter.turn()
        await self.line.dispatcher.turn()

    @property
    def told(self) -> list[dict[str, Any]]:
        return [json.loads(request.body)["data"] for request in self._receiver.requests]

    def dossiers(self) -> list[dict[str, Any]]:
        """What every dossier says, without what depends on when its signals arrived."""
        with self.line.database.read() as connection:
            rows = dossiers.waiting(connection, MORNING - timedelta(days=1))
            return [_timeless(dossiers.account_of(row)) for row in rows]


def _timeless(value: Any) -> Any:
    if isinstance(value, dict):
        skipped = ("first_seen", "snapshot", "sha256")
        return {name: _timeless(each) for name, each in value.items() if name not in skipped}
    return [_timeless(each) for each in value] if isinstance(value, list) else value


@asynccontextmanager
async def a_day(folder: Path) -> AsyncIterator[Day]:
    """The line after its first readings, which nobody is told of."""
    clock = Moving()
    async with Authorities() as authorities, WebhookReceiver() as receiver, Mailbox() as mailbox:
        configuration = _configuration(folder, authorities, receiver, mailbox)
        async with line(configuration, clock=clock) as parts:
            day = Day(authorities, parts, clock, receiver, mailbox)
            await day.poll(LIST, RELEASES, ACTIONS)
            assert day.told == []
            yield day


def _configuration(
    folder: Path, authorities: Authorities, receiver: WebhookReceiver, mailbox: Mailbox
) -> Configuration:
    defaults = load(None, {})
    often = timedelta(seconds=10)
    guard = Guard(min_records=10, max_removed=0.5, max_added=0.9)
    watched = {
        LIST: FeedSettings(True, authorities.list_url, often, guard),
        RELEASES: FeedSettings(True, authorities.listing_url, often, None),
        ACTIONS: FeedSettings(True, authorities.actions_url, often, None),
        NOTICES: FeedSettings(True, authorities.url + DOCUMENTS_PATH, often, None),
        BULLETINS: FeedSettings(True, authorities.url + RELEASES_TOPIC_PATH, often, None),
    }
    off = {id: replace(defaults.feeds[id], enabled=False) for id in discover()}
    return replace(
        defaults,
        data_dir=folder,
        feeds={**off, **watched},
        channels={
            "case-system": ChannelSettings(
                "case-system", webhook=Secret(f"{receiver.url}/hook"), secrets=(Secret(SECRET),)
            ),
            "officers": ChannelSettings(
                "officers",
                url=Secret(
                    f"mailto://127.0.0.1:{mailbox.port}/?from=w@example.org&to=o@example.org"
                ),
            ),
        },
    )
