"""What one process on PostgreSQL commits, another makes alerts of and delivers, without looking for it."""

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from monitor import service
from monitor.core.watch import incident_of_lost_record
from monitor.deliver import dispatcher
from monitor.service.line import Line
from monitor.store.database import Database
from monitor.store.incidents import open_incident
from monitor.store.tables import DELIVERIES
from tests.deliver.fakes import NOW
from tests.service.test_running import configured

PATIENCE = 10
"""Seconds; without being woken, the service would look after an hour."""


async def test_a_commit_of_another_process_is_told_without_being_looked_for(
    tmp_path: Path, postgresql_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "SAFETY_NET", 3600.0)
    monkeypatch.setattr(dispatcher, "SAFETY_NET", dispatcher.SAFETY_NET * 120)
    configuration = configured(
        tmp_path, database_url=postgresql_url.replace("postgresql+psycopg://", "postgresql://")
    )
    stopping, running = asyncio.Event(), asyncio.Event()

    async def started(_: Line) -> None:
        running.set()

    serving = asyncio.create_task(service.run(configuration, started=started, stopping=stopping))
    await asyncio.wait_for(running.wait(), 20)
    other = Database.open(postgresql_url)

    for number in range(1, 4):  # the first may be found by the service's own first looks
        incident = replace(incident_of_lost_record(), subject=f"record {number}")
        with other.write() as connection:
            open_incident(connection, incident, NOW)
        async with asyncio.timeout(PATIENCE):
            while await asyncio.to_thread(_states, other) != ["accepted"] * number:
                await asyncio.sleep(0.05)

    stopping.set()
    await asyncio.wait_for(serving, 20)
    other.close()


def _states(database: Database) -> list[str]:
    with database.read() as connection:
        return list(connection.scalars(select(DELIVERIES.c.state)))
