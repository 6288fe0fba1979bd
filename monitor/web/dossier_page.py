"""The page of one dossier: what every source says of one official action, whole, as by now."""

import asyncio
from datetime import UTC, date
from typing import Any

import aiohttp_jinja2
from aiohttp import web

from monitor.core.dossier.in_full import at_a_glance, consequences, done_to, facts_of, pages
from monitor.core.dossier.statements import statements
from monitor.core.times import from_text, to_seconds
from monitor.core.words import day_words, moment_words
from monitor.store import dossiers
from monitor.store.database import Database
from monitor.web.health import DATABASE
from monitor.web.pages import is_id


async def dossier(request: web.Request) -> web.StreamResponse:
    """One dossier; the address of one that turned out to be part of another leads to that."""
    id = request.match_info["id"]
    found = await asyncio.to_thread(_dossier, request.app[DATABASE], id) if is_id(id) else None
    if found is None:
        raise web.HTTPNotFound(
            text="There is no dossier with this id. It may be of another installation."
        )
    if found["id"] != id:
        return web.Response(status=302, headers={"Location": f"/dossiers/{found['id']}"})
    return aiohttp_jinja2.render_template("dossier.html", request, found)


def _dossier(database: Database, id: str) -> dict[str, Any] | None:
    with database.read() as connection:
        row = dossiers.as_it_is_by_now(connection, id)
    if row is None:
        return None
    told = dossiers.account_of(row)
    return {
        "id": row.id,
        "title": told["title"] or "No release and no action page yet",
        "day": told["day"],
        "day_words": day_words(date.fromisoformat(told["day"])),
        "updated": row.updated_at,
        "seconds": to_seconds,
        "words": moment_words,
        "at_a_glance": at_a_glance(told),
        "statements": statements(told),
        "parties": [(each["name"], done_to(each), facts_of(each)) for each in told["parties"]],
        "consequences": consequences(told),
        "pages": [(words, url, _is_web(url)) for words, url in pages(told, UTC)],
        "versions": [
            (each["feed"], each["snapshot"], from_text(each["first_seen"]), each["sha256"])
            for each in told["versions"]
        ],
    }


def _is_web(url: str) -> bool:
    """Whether an address of a source may be a link here."""
    return url.startswith(("https://", "http://"))
