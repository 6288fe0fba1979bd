"""The two probes: the process lives; it can do its work."""

import asyncio

from aiohttp import web
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from monitor.store.database import Database
from monitor.store.migrate import is_current

DATABASE: web.AppKey[Database] = web.AppKey("database", Database)

_PATIENCE = 5


async def healthz(_: web.Request) -> web.Response:
    """200 as long as the event loop turns."""
    return web.json_response({"status": "ok"})


async def readyz(request: web.Request) -> web.Response:
    """200 when the database answers and is at the newest revision, else 503 with the reason."""
    try:
        async with asyncio.timeout(_PATIENCE):
            problem = await asyncio.to_thread(_problem, request.app[DATABASE])
    except TimeoutError:
        problem = "the database does not answer"
    if problem:
        return web.json_response({"status": "not ready", "detail": problem}, status=503)
    return web.json_response({"status": "ready"})


def _problem(database: Database) -> str | None:
    try:
        with database.read() as connection:
            connection.execute(text("SELECT 1"))
            return None if is_current(connection) else "the database is not at the newest revision"
    except SQLAlchemyError:
        return "the database cannot be reached"
