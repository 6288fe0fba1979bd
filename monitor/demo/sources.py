"""OFAC's and Treasury's servers in small: what they served before the action, and each of its three signals when it is published."""

import hashlib

from aiohttp import web

from monitor.demo.actions import action_page, recent_actions
from monitor.demo.documents import listing, manifest, release_page, sdn_list, yearly_file
from monitor.demo.facts import Facts, invented_parties
from monitor.demo.loopback import LoopbackServer

LIST_PATH = "/api/PublicationPreview/exports/SDN.XML"
LISTING_PATH = "/news/press-releases"
ACTIONS_PATH = "/recent-actions"
_FILES = "/news-data/press-releases"


class Sources(LoopbackServer):
    """Serves the list, Treasury's releases and OFAC's actions as of the morning, until told to publish."""

    def __init__(self, facts: Facts) -> None:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._answer)
        super().__init__(app)
        self._facts = facts
        self._served: dict[str, tuple[str, bytes]] = {}
        self._serve_releases(facts.earlier_releases)
        self._serve(ACTIONS_PATH, "text/html", recent_actions(facts.earlier_actions))
        self._serve(
            LIST_PATH, "application/xml", sdn_list(invented_parties(), published="12/13/2024")
        )

    @property
    def list_url(self) -> str:
        """The address of the list."""
        return self.url + LIST_PATH

    @property
    def listing_url(self) -> str:
        """The address of the listing of releases."""
        return self.url + LISTING_PATH

    @property
    def actions_url(self) -> str:
        """The address of the listing of OFAC's actions."""
        return self.url + ACTIONS_PATH

    def publish_release(self) -> None:
        """Treasury announces the action: on its listing, in the year's file, on a page of its own."""
        release = self._facts.release
        self._serve(f"{LISTING_PATH}/{release['key']}", "text/html", release_page(release))
        self._serve_releases([release, *self._facts.earlier_releases])

    def publish_list(self) -> None:
        """OFAC publishes the list with the parties of the action."""
        parties = invented_parties() + self._facts.designated
        self._serve(LIST_PATH, "application/xml", sdn_list(parties, published="12/16/2024"))

    def publish_action(self) -> None:
        """OFAC publishes the action: a page that names the parties in its text form, and a row in the listing."""
        action = self._facts.action
        release = f"{self.listing_url}/{self._facts.release['key']}"
        page = action_page({**action, "release": release}, self._facts.designated)
        self._serve(f"{ACTIONS_PATH}/{action['key']}", "text/html", page)
        listed = [action, *self._facts.earlier_actions]
        self._serve(ACTIONS_PATH, "text/html", recent_actions(listed))

    def _serve_releases(self, releases: list[dict[str, str]]) -> None:
        self._serve(f"{_FILES}/search/2024.json", "application/json", yearly_file(releases))
        self._serve(f"{_FILES}/manifest.json", "application/json", manifest(2024, len(releases)))
        # A page shows ten. The listing changes last, as whoever sees it goes on to the others.
        self._serve(LISTING_PATH, "text/html", listing(releases[:10], total=len(releases)))

    def _serve(self, path: str, content_type: str, body: bytes) -> None:
        self._served[path] = (content_type, body)

    async def _answer(self, request: web.Request) -> web.Response:
        content_type, body = self._served.get(request.path.rstrip("/"), ("", b""))
        if not body:
            raise web.HTTPNotFound
        tag = hashlib.sha256(body).hexdigest()
        response = web.Response(body=body, content_type=content_type, charset="utf-8")
        response.etag = tag
        asked = request.if_none_match
        if asked and any(each.value == tag for each in asked):
            return web.Response(status=304, headers={"ETag": response.headers["ETag"]})
        return response
