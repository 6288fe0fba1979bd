"""A real year of the SDN list, publication by publication: each reports exactly its expected parties, and nothing else.

93 real states, August 2021 to June 2022, about 9,000 to 10,500 parties each, among them the mass edit of 29 April 2022. They go
through reading, comparing, guarding and the first commit, one after the other, on one database.
"""

import hashlib
import importlib.util
import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

import feeds
from feeds import RegisterAdapter
from monitor.poller.register import RegisterTaker
from monitor.store.archive import Archive
from monitor.store.database import Database
from monitor.store.migrate import upgrade
from monitor.store.tables import CHANGES, REVISIONS, SNAPSHOTS
from monitor.store.verification import verify

# The tool that rebuilds the states is not ours, and leaves closing a file to the collector.
pytestmark = pytest.mark.filterwarnings(
    "ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning"
)

EXPECTED = "EXPECTED_SDN_CSV_daily_2021-08-18_to_2022-06-30.json"
FIRST_OF_THE_SAMPLE, LAST_OF_THE_SAMPLE = (
    76,
    79,
)  # 29 April 2022 among them: 499 records amended alike


@pytest.mark.timeout(600)
def test_a_week_with_a_mass_edit_reports_exactly_its_parties(
    shared_data: Path, tmp_path: Path
) -> None:
    steps = replay(shared_data, tmp_path, FIRST_OF_THE_SAMPLE, LAST_OF_THE_SAMPLE)

    assert max(len(step["changed"]) for step in steps) == 499


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_real_year_reports_exactly_its_parties(shared_data: Path, tmp_path: Path) -> None:
    assert len(replay(shared_data, tmp_path, 0, 92)) == 92


def replay(shared_data: Path, tmp_path: Path, first: int, last: int) -> list[dict[str, Any]]:
    """Put the states through the line; after each, what is on record must be what was expected. Returns the expected steps."""
    tool = year_tool(shared_data)
    expected = json.loads((shared_data / "ofac_sdn_xml" / EXPECTED).read_text())["steps"]
    database = Database.open(f"sqlite:///{tmp_path / 'year.db'}")
    upgrade(database)
    archive = Archive(tmp_path / "archive")
    taker = RegisterTaker(database, archive, tmp_path)
    adapter = feeds.by_id("ofac-sdn")
    assert isinstance(adapter, RegisterAdapter)
    guard = replace(adapter.feed.guard, min_records=5_000)
    for step, stated, rows in states(tool, first, last):
        content = tmp_path / "list.xml"
        content.write_bytes(tool.as_xml(rows, stated))
        outcome = taker.take(
            adapter,
            guard,
            content,
            sha256=hashlib.sha256(content.read_bytes()).hexdigest(),
            size=content.stat().st_size,
            headers={},
            at=datetime.fromisoformat(stated[:10]).replace(tzinfo=UTC),
        )
        if step == first:
            assert outcome.result == "baseline", outcome.sentence
            continue
        assert outcome.result == "accepted", outcome.sentence
        assert reported(database, outcome.snapshot) == {
            "added": sorted(expected[step - 1]["added"]),
            "removed": sorted(expected[step - 1]["removed"]),
            "amended": sorted(expected[step - 1]["changed"]),
        }, f"step {step}, {stated}"
        assert in_force(database) == len(rows)
    with database.read() as connection:
        assert verify(connection, archive).broken is None
        assert len(connection.execute(select(SNAPSHOTS.c.id)).all()) == last - first + 1
    database.close()
    return list(expected[first:last])


def states(tool: Any, first: int, last: int) -> Iterator[tuple[int, str, dict[int, str]]]:
    """Number, date and rows of the states that are wanted; the later ones are not rebuilt."""
    for step, stated, rows in tool.states():
        if step >= first:
            yield step, stated, rows
        if step == last:
            return


def reported(database: Database, snapshot: int | None) -> dict[str, list[int]]:
    """The uids that a snapshot's changes name, by kind."""
    found: dict[str, list[int]] = {"added": [], "removed": [], "amended": []}
    with database.read() as connection:
        rows = connection.execute(
            select(CHANGES.c.kind, CHANGES.c.key).where(CHANGES.c.snapshot_id == snapshot)
        )
        for kind, key in rows:
            found[kind].append(int(key))
    return {kind: sorted(keys) for kind, keys in found.items()}


def in_force(database: Database) -> int:
    """How many parties are on the list."""
    with database.read() as connection:
        rows = connection.execute(
            select(REVISIONS.c.key).where(REVISIONS.c.until_snapshot.is_(None))
        ).all()
    return len(rows)


def year_tool(shared_data: Path) -> Any:
    """The program beside the real data that rebuilds each published state."""
    path = shared_data.parent / "tools" / "sdn_year.py"
    if not path.is_file():
        pytest.skip("the real lists (../shared/data) are not at hand: no tools/sdn_year.py")
    spec = importlib.util.spec_from_file_location("sdn_year", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
