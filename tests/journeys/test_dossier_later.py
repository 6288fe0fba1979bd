"""What joins a dossier later or from elsewhere: the legal notice, weeks after; the bulletin that repeats a release."""

from datetime import date, timedelta
from pathlib import Path
from typing import Any

from feeds import treasury_bulletins
from monitor.alerting.dossiers import REPEATED
from tests.journeys.day import ACTIONS, BULLETINS, LIST, NOTICES, RELEASES, Day, a_day
from tests.journeys.elsewhere import Notice, mailed_release
from tests.journeys.test_dossier import COMPANY
from tests.poller.notices import Bulletin

LATER = timedelta(days=11)
DAY_OF_NOTICE = date(2024, 12, 27)


async def the_action(day: Day) -> dict[str, Any]:
    """Release, list and page of the action, after the first readings of everything; the release."""
    await day.poll(NOTICES, BULLETINS)
    facts = day.authorities.facts
    day.authorities.announce(facts.release)
    await day.poll(RELEASES)
    day.authorities.list(*facts.designated, COMPANY)
    day.authorities.act({**facts.action, "release": facts.release["key"]}, facts.designated)
    await day.poll(LIST, ACTIONS)
    return facts.release


# --- the legal notice -----------------------------------------------------------------------------------------------


async def test_a_legal_notice_joins_its_action_days_later_and_says_whom_it_names(
    tmp_path: Path,
) -> None:
    async with a_day(tmp_path) as day:
        await the_action(day)
        before = len(day.told)
        named = day.authorities.facts.designated[:3]
        day.authorities.gazette(Notice("2024-31001", DAY_OF_NOTICE, named))
        await day.poll(NOTICES, after=LATER)

        *_, told = day.told
        (dossier,) = [each for each in day.dossiers() if each["notices"]]
        threads = {each.mail["References"] for each in day.mailbox.messages}

    assert len(day.told) == before + 1
    assert (told["kind"], told["severity"]) == ("dossier", "low")
    assert told["dossier"]["id"] == day.told[before - 1]["dossier"]["id"]
    assert len(threads) == 1
    assert "The Federal Register notice 2024-31001 of 27 Dec 2024 names 3 of the 17" in told["text"]
    assert [each["key"] for each in dossier["notices"]] == ["2024-31001"]
    assert [each["key"] for each in dossier["releases"]] == ["jy2751"]
    assert [each["key"] for each in dossier["actions"]] == ["20241216"]
    assert len(dossier["parties"]) == 17, "the dossier is whole"


async def test_a_notice_about_others_or_about_nobody_joins_nothing_and_is_silent(
    tmp_path: Path,
) -> None:
    async with a_day(tmp_path) as day:
        await the_action(day)
        before = len(day.told)
        stranger = {**COMPANY, "name": {"last": "ANOTHER SPECIMEN COMPANY"}}
        day.authorities.gazette(Notice("2024-31002", DAY_OF_NOTICE, [stranger]))
        day.authorities.gazette(Notice("2024-31003", DAY_OF_NOTICE))
        await day.poll(NOTICES, after=LATER)

        assert len(day.told) == before
        assert all(dossier["notices"] == [] for dossier in day.dossiers())


async def test_a_notice_joins_no_action_of_months_ago(tmp_path: Path) -> None:
    async with a_day(tmp_path) as day:
        await the_action(day)
        before = len(day.told)
        named = day.authorities.facts.designated
        day.authorities.gazette(Notice("2025-01001", date(2025, 3, 20), named))
        await day.poll(NOTICES, after=timedelta(days=94))

        assert len(day.told) == before


async def test_two_notices_of_one_action_both_join_it(tmp_path: Path) -> None:
    async with a_day(tmp_path) as day:
        await the_action(day)
        designated = day.authorities.facts.designated
        for number, some in (("2024-31001", designated[:8]), ("2024-31002", designated[8:])):
            day.authorities.gazette(Notice(number, DAY_OF_NOTICE, some))
            await day.poll(NOTICES, after=LATER / 2)

        (dossier,) = [each for each in day.dossiers() if each["notices"]]

    assert [each["key"] for each in dossier["notices"]] == ["2024-31001", "2024-31002"]
    assert len({each["alert"] for each in day.told[-2:]}) == 2


# --- bulletins ------------------------------------------------------------------------------------------------------


async def test_a_bulletin_that_repeats_a_release_joins_its_dossier_silently(
    tmp_path: Path,
) -> None:
    async with a_day(tmp_path) as day:
        release = await the_action(day)
        before = len(day.told)
        day.authorities.mail(mailed_release(101, release))
        await day.poll(BULLETINS)

        assert len(day.told) == before
        (dossier,) = [each for each in day.dossiers() if each["actions"]]

    assert sorted(each["key"] for each in dossier["releases"]) == ["101", "jy2751"]


async def test_a_bulletin_that_comes_before_the_listing_keeps_the_release_from_nobody(
    tmp_path: Path,
) -> None:
    """While the site is read well a bulletin is silent, and so is no reason to be silent about the release."""
    async with a_day(tmp_path) as day:
        await day.poll(NOTICES, BULLETINS)
        release = day.authorities.facts.release
        day.authorities.mail(mailed_release(101, release))
        await day.poll(BULLETINS)
        day.authorities.announce(release)
        await day.poll(RELEASES)

        told = [(each["kind"], each["publications"][0]["key"]) for each in day.told]

    assert told in ([("publication", "jy2751")], [("publication", "101")])


async def test_while_the_site_refuses_us_the_bulletin_tells_and_the_release_joins_it_later(
    tmp_path: Path,
) -> None:
    async with a_day(tmp_path) as day:
        await day.poll(NOTICES, BULLETINS)
        facts = day.authorities.facts
        day.authorities.refuses_releases = True
        day.authorities.announce(facts.release)
        day.authorities.mail(mailed_release(101, facts.release))
        await day.poll(RELEASES, BULLETINS)
        day.authorities.list(*facts.designated)
        await day.poll(RELEASES, LIST)
        told = [each["kind"] for each in day.told if each["kind"] != "incident"]
        assert told == ["publication", "change"]
        assert "names all 16" in day.told[-1]["text"]

        day.authorities.refuses_releases = False
        await day.poll(RELEASES)
        await day.poll(RELEASES)

        assert [each["kind"] for each in day.told if each["kind"] != "incident"] == told
        (dossier,) = day.dossiers()

    assert sorted(each["key"] for each in dossier["releases"]) == ["101", "jy2751"]


async def test_a_bulletin_that_repeats_an_action_is_no_release_of_any_dossier(
    tmp_path: Path,
) -> None:
    async with a_day(tmp_path) as day:
        await day.poll(NOTICES, BULLETINS)
        facts = day.authorities.facts
        link = f"https://ofac.treasury.gov/recent-actions/{facts.action['key']}"
        text = f'<p>{facts.designated[0]["name"]["last"]}</p><p><a href="{link}">Page</a></p>'
        repeated = Bulletin(1001, facts.action["title"], text, date(2024, 12, 16))
        day.authorities.mail(actions=[repeated])
        await day.poll(BULLETINS)
        day.authorities.list(*facts.designated)
        day.authorities.act({**facts.action, "release": "none"}, facts.designated)
        await day.poll(LIST, ACTIONS, BULLETINS)

        (dossier,) = day.dossiers()

    assert (treasury_bulletins.ID, treasury_bulletins.ACTIONS) in REPEATED
    assert dossier["releases"] == []
    assert dossier["title"] == facts.action["title"]
