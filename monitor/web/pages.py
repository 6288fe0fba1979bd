"""Pages for people: complete without a script, every asset ours, every state in the address."""

import asyncio
import json
import re
from dataclasses import dataclass
from datetime import datetime
from importlib.resources import files
from typing import Any

import aiohttp_jinja2
from aiohttp import web
from sqlalchemy import select

from monitor.core.acknowledgement import Lapsed
from monitor.core.times import to_seconds
from monitor.core.words import moment_words
from monitor.store import acknowledgements, alerts, escalations
from monitor.store.database import Database
from monitor.store.tables import DELIVERIES
from monitor.web.health import DATABASE

_ID = re.compile(r"[a-z2-7]{26}")


async def alert(request: web.Request) -> web.StreamResponse:
    """One alert: the message, its receipts, its evidence."""
    id = request.match_info["id"]
    found = await asyncio.to_thread(_alert, request.app[DATABASE], id) if is_id(id) else None
    if found is None:
        raise web.HTTPNotFound(
            text="There is no alert with this id. It may be of another installation."
        )
    return aiohttp_jinja2.render_template("alert.html", request, found)


async def style(_: web.Request) -> web.Response:
    """The one style sheet."""
    text = (files("monitor.web") / "static" / "style.css").read_text()
    return web.Response(
        text=text, content_type="text/css", headers={"Cache-Control": "public, max-age=3600"}
    )


def is_id(text: str) -> bool:
    """Whether this can be the id of an alert or a dossier. Other text is not asked for: PostgreSQL refuses some of it with an error."""
    return _ID.fullmatch(text) is not None


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one delivery, in words."""

    channel: str
    recipient: str
    part: str
    state: str
    at: datetime | None
    attempts: int
    detail: str


@dataclass(frozen=True, slots=True)
class Read:
    """That a person has read the alert, in words."""

    by: str
    at: datetime
    note: str


def _alert(database: Database, id: str) -> dict[str, Any] | None:
    with database.read() as connection:
        row = alerts.find(connection, id)
        if row is None:
            return None
        deliveries = connection.execute(
            select(DELIVERIES).where(DELIVERIES.c.alert_id == id).order_by(DELIVERIES.c.id)
        ).all()
        told = escalations.originals(connection, [id]).get(id, id)
        read = acknowledgements.of(connection, told)
        state = acknowledgements.states(connection, [told])[told]
    return {
        "alert": row,
        "first_seen": row.first_seen_at,
        "seconds": to_seconds,
        "words": moment_words,
        "evidence": json.loads(row.wire).get("data", {}).get("evidence") or {} if row.wire else {},
        "receipts": [_receipt(each) for each in deliveries],
        "read": [Read(each.by, each.at, each.note) for each in read],
        "lapsed": state if isinstance(state, Lapsed) else None,
        "undelivered": [each.channel for each in deliveries if each.state != "accepted"],
    }


def _receipt(row: Any) -> Receipt:
    words = {"due": "waiting", "claimed": "being sent", "accepted": "accepted", "dead": "given up"}
    at = row.accepted_at or row.next_attempt_at
    return Receipt(
        channel=row.channel,
        recipient=row.recipient,
        part=f"{row.part} of {row.parts}" if row.parts > 1 else "",
        state=words.get(row.state, row.state),
        at=at if row.state != "dead" else None,
        attempts=row.attempts,
        detail=row.detail,
    )
