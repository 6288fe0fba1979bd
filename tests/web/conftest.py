"""A database, and whoever serves it."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

import pytest
from aiohttp.test_utils import TestClient, TestServer

from monitor.store.database import Database
from monitor.store.migrate import upgrade
from monitor.web.app import Access, make_app

Serve = Callable[..., Awaitable[TestClient[Any, Any]]]


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    database = Database.open(database_url)
    upgrade(database)
    yield database
    database.close()


@pytest.fixture
async def serve(database: Database) -> AsyncIterator[Serve]:
    """Serves the database, by default on loopback without a token."""
    clients: list[TestClient[Any, Any]] = []

    async def serve(
        *, is_loopback: bool = True, token: str | None = None, hosts: frozenset[str] = frozenset()
    ) -> TestClient[Any, Any]:
        client = TestClient(TestServer(make_app(database, Access(is_loopback, token, hosts))))
        clients.append(client)
        await client.start_server()
        return client

    yield serve
    for client in clients:
        await client.close()
