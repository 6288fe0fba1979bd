"""Dossiers on record: what is missing for too long is told and over once it comes; altered by nobody."""

import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Executable, delete, select, update

from monitor.alerting.dossiers import notice_overdue
from monitor.core.dossier import statements
from monitor.store.tables import DOSSIER_MEMBERS, DOSSIERS, INCIDENTS
from monitor.store.verification import verify
from tests.journeys.day import ACTIONS, LIST, RELEASES, Day, a_day


def overdue(day: Day) -> dict[str, str | None]:
    """The incidents about dossiers, with what ended them."""
    with day.line.database.write() as connection:
        notice_overdue(connection, day.clock.now())
    with day.line.database.read() as connection:
        rows = connection.execute(select(INCIDENTS.c.kind, INCIDENTS.c.closed_by))
        return dict(map(tuple, rows))


async def test_an_announcement_without_a_list_is_told_after_a_day_and_over_when_it_comes(
    tmp_path: Path,
) -> None:
    async with a_day(tmp_path) as day:
        day.authorities.announce(day.authorities.facts.release)
        await day.poll(RELEASES)
        assert overdue(day) == {}

        day.clock.moment += timedelta(hours=25)
        assert overdue(day) == {"announced_not_listed": None}

        day.authorities.list(*day.authorities.facts.designated)
        await day.poll(LIST)
        assert overdue(day) == {"announced_not_listed": "what was missing has come"}


async def test_it_is_looked_for_no_longer_after_four_days(tmp_path: Path) -> None:
    async with a_day(tmp_path) as day:
        day.authorities.list(*day.authorities.facts.designated)
        await day.poll(LIST)
        day.clock.moment += timedelta(hours=25)
        assert overdue(day) == {"listed_not_announced": None}

        day.clock.moment += timedelta(days=4)
        assert overdue(day) == {"listed_not_announced": "it is looked for no longer, 4 days after"}


async def test_a_list_a_day_late_joins_the_dossier(tmp_path: Path) -> None:
    async with a_day(tmp_path) as day:
        day.authorities.announce(day.authorities.facts.release)
        await day.poll(RELEASES, ACTIONS)
        day.clock.moment += timedelta(hours=30)
        day.authorities.list(*day.authorities.facts.designated)
        await day.poll(LIST)

        (dossier,) = day.dossiers()

    assert len(dossier["parties"]) == 16


async def test_what_is_dealt_with_days_later_is_joined_as_it_arrived(tmp_path: Path) -> None:
    """The alerter may be far behind, or a saved list of last year be put in: what counts is when the signals arrived."""
    async with a_day(tmp_path) as day:
        day.authorities.announce(day.authorities.facts.release)
        day.authorities.list(*day.authorities.facts.designated)
        for feed in (RELEASES, LIST):
            await day.line.poller.poll(feed)
        day.clock.moment += timedelta(days=30)
        day.line.alerter.turn()

        with day.line.database.read() as connection:
            (row,) = connection.execute(select(DOSSIERS)).all()

    assert len(json.loads(row.account)["parties"]) == 16


async def test_a_case_that_cannot_be_put_into_words_keeps_no_change_from_being_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> list[str]:
        raise ValueError("a fault of our own")

    async with a_day(tmp_path) as day:
        day.authorities.announce(day.authorities.facts.release)
        await day.poll(RELEASES)
        monkeypatch.setattr(statements, "of_release", broken)
        day.authorities.list(*day.authorities.facts.designated)
        await day.poll(LIST)

        told = {each["kind"]: each["title"] for each in day.told[1:]}

    assert told["change"].startswith("OFAC: 16 designated")
    assert "could not be set beside others in a dossier" in told["incident"]


@pytest.mark.parametrize(
    ("alteration", "fault"),
    [
        (update(DOSSIERS).values(account="{}"), "was altered after it was put on record"),
        (delete(DOSSIER_MEMBERS), "does not hold the signals that it was given"),
        (delete(DOSSIERS), "is missing"),
    ],
    ids=["account", "members", "gone"],
)
async def test_verify_names_a_dossier_that_is_not_as_it_was(
    tmp_path: Path, alteration: Executable, fault: str
) -> None:
    async with a_day(tmp_path) as day:
        for publish in (day.authorities.publish_list, day.authorities.publish_action):
            publish()
            await day.poll(LIST, ACTIONS)
        with day.line.database.read() as connection:
            assert verify(connection, day.line.archive).broken is None
        with day.line.database.write() as connection:
            connection.execute(alteration)

        with day.line.database.read() as connection:
            found = verify(connection, day.line.archive).broken

    assert found is not None
    assert fault in found
