"""The world of the journeys."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.journeys.service import World, a_world


@pytest.fixture
async def world(tmp_path: Path) -> AsyncIterator[World]:
    """A source, a mailbox, a receiver, and an installation that knows them."""
    async with a_world(tmp_path) as world:
        yield world
