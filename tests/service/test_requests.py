"""What operators ask for is performed once, answered in a sentence, and never ends the service."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from monitor.service import requests
from monitor.service.line import Line, line
from monitor.store.tables import EVENTS, REQUESTS
from tests.service.test_running import configured


@pytest.fixture
async def parts(tmp_path: Path) -> AsyncIterator[Line]:
    async with line(configured(tmp_path)) as built:
        yield built


def asked(parts: Line, verb: str, subject: str) -> str | None:
    """Ask, have it performed, and return the answer."""
    with parts.database.write() as connection:
        number = requests.make(
            connection, verb=verb, subject=subject, by="Ann", because="why", at=parts.clock.now()
        )
    requests.perform_waiting(parts)
    with parts.database.read() as connection:
        return requests.answer(connection, number)


@pytest.mark.parametrize("verb", ["accept", "reject"])
async def test_a_snapshot_that_there_is_not_is_refused_in_words(parts: Line, verb: str) -> None:
    answer = asked(parts, verb, "7")

    assert answer is not None
    assert requests.was_refused(answer)
    assert "there is no snapshot 7" in answer


async def test_nothing_dead_is_said_so(parts: Line) -> None:
    assert asked(parts, "retry", "") == "no delivery is dead"


@pytest.mark.parametrize(("verb", "subject"), [("accept", "seven"), ("dance", "7")])
async def test_what_cannot_be_understood_is_refused_and_closed(
    parts: Line, verb: str, subject: str
) -> None:
    answer = asked(parts, verb, subject)

    assert answer is not None
    assert requests.was_refused(answer)
    assert requests.perform_waiting(parts) == 0


async def test_a_request_is_performed_once_and_both_steps_are_events(parts: Line) -> None:
    asked(parts, "retry", "")

    assert requests.perform_waiting(parts) == 0
    with parts.database.read() as connection:
        kinds = connection.execute(select(EVENTS.c.kind).order_by(EVENTS.c.id)).scalars().all()
        row = connection.execute(select(REQUESTS)).one()
    assert kinds == ["request.made", "request.performed"]
    assert (row.by, row.because) == ("Ann", "why")
