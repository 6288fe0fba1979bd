"""The service notices by itself that a source has gone quiet, and that it speaks again."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from monitor.config import load
from monitor.service import Service
from monitor.service.line import Line, line
from monitor.store import feeds as feed_states
from monitor.store.tables import FEEDS, INCIDENTS

SDN = "ofac-sdn"


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[Line]:
    file = tmp_path / "sanctions-monitor.yaml"
    file.write_text(f"data_dir: {tmp_path / 'data'}\n")
    async with line(load(file, {})) as built:
        yield built


def last_read(parts: Line, ago: timedelta) -> None:
    with parts.database.write() as connection:
        feed_states.lock(connection, SDN)
        connection.execute(
            update(FEEDS).where(FEEDS.c.feed == SDN).values(first_read_at=datetime.now(UTC) - ago)
        )


def incidents_of(parts: Line) -> list[tuple[str, str, bool]]:
    with parts.database.read() as connection:
        rows = connection.execute(select(INCIDENTS).order_by(INCIDENTS.c.id))
        return [(row.kind, row.subject, row.closed_at is None) for row in rows]


async def test_a_list_that_says_nothing_new_for_too_long_is_an_incident_until_it_does(
    parts: Line,
) -> None:
    service = Service(parts, asyncio.Event())
    last_read(parts, timedelta(days=20))
    service.notice()
    assert incidents_of(parts) == []

    last_read(parts, timedelta(days=22))
    service.notice()
    service.notice()
    assert incidents_of(parts) == [("stale", SDN, True)]

    last_read(parts, timedelta(minutes=1))
    service.notice()
    assert incidents_of(parts) == [("stale", SDN, False)]
