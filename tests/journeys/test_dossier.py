"""Release, list and action page of one action, in any order, become one dossier; what does not belong together stays apart."""

from datetime import timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from monitor.demo.facts import Record
from monitor.store.tables import EVENTS
from tests.journeys.day import ACTIONS, LIST, RELEASES, Day, a_day

OF_STATE: list[Record] = [
    {
        "key": str(key),
        "type": type,
        "name": name,
        "programs": ["NPWMD"],
    }
    # The State Department named three that day whose names are in no public copy: these are invented.
    for key, type, name in (
        (53001, "individual", {"last": "EXAMPLE", "first": "Of State"}),
        (53002, "individual", {"last": "SPECIMEN", "first": "Of State"}),
        (53003, "entity", {"last": "SPECIMEN OF STATE CORPORATION"}),
    )
]


async def publish(day: Day, signal: str) -> None:
    facts = day.authorities.facts
    if signal == "release":
        day.authorities.announce(facts.release)
        await day.poll(RELEASES)
    elif signal == "list":
        day.authorities.list(*facts.designated, *OF_STATE)
        await day.poll(LIST)
    else:
        everybody = [*facts.designated, *OF_STATE]
        day.authorities.act({**facts.action, "release": facts.release["key"]}, everybody)
        await day.poll(ACTIONS)


@pytest.mark.parametrize("order", list(permutations(["release", "list", "action"])), ids="-".join)
async def test_the_action_of_16_december_is_one_dossier_in_any_order(
    tmp_path: Path, order: tuple[str, ...]
) -> None:
    async with a_day(tmp_path) as day:
        for signal in order:
            await publish(day, signal)

        (dossier,) = day.dossiers()
        threads = {each.mail["References"] for each in day.mailbox.messages}

    assert dossier == the_dossier(dossier)
    assert len(day.told) == 3
    assert len(threads) == 1


def the_dossier(found: dict[str, Any]) -> dict[str, Any]:
    """The dossier as it must be, whatever came first; of the parties only who names them."""
    by_release = [
        each
        for each in found["parties"]
        if any(n["witness"] == "release" for n in each["named_by"])
    ]
    by_action = [
        each for each in found["parties"] if any(n["witness"] == "action" for n in each["named_by"])
    ]
    types = [each["type"] for each in by_release]
    assert (types.count("individual"), types.count("entity")) == (9, 7)
    assert (
        sum(
            each["is_alias"]
            for party in by_release
            for each in party["named_by"]
            if each["witness"] == "release"
        )
        == 3
    )
    assert len(by_action) == len(found["parties"]) == 19
    unnamed = [each["name"] for each in found["parties"] if each not in by_release]
    assert unnamed == ["EXAMPLE, Of State", "SPECIMEN, Of State", "SPECIMEN OF STATE CORPORATION"]
    assert [each["key"] for each in found["releases"]] == ["jy2751"]
    assert [each["key"] for each in found["actions"]] == ["20241216"]
    assert found["unlisted"] == []
    return found


async def test_every_order_ends_in_the_same_dossier(tmp_path: Path) -> None:
    ends = []
    for number, order in enumerate(permutations(["release", "list", "action"])):
        async with a_day(tmp_path / str(number)) as day:
            for signal in order:
                await publish(day, signal)
            ends.append(_without_ports(day.dossiers(), day.authorities.url))

    assert all(end == ends[0] for end in ends)


def _without_ports(value: Any, url: str) -> Any:
    match value:
        case str():
            return value.replace(url, "")
        case dict():
            return {name: _without_ports(each, url) for name, each in value.items()}
        case list():
            return [_without_ports(each, url) for each in value]
    return value


async def test_the_joined_alert_says_who_is_named_and_who_is_not(tmp_path: Path) -> None:
    async with a_day(tmp_path) as day:
        for signal in ("release", "list"):
            await publish(day, signal)

    announced, changed = day.told
    assert announced["kind"] == "publication"
    assert changed["kind"] == "change"
    assert (
        changed["title"]
        == "OFAC: 19 designated (11 individuals, 8 entities), North Korea and Russia"
    )
    assert changed["dossier"]["statements"][0] == (
        "Treasury's release names 16 of the 19 (9 individuals, 7 entities); not named in it: "
        "EXAMPLE, Of State · SPECIMEN, Of State · SPECIMEN OF STATE CORPORATION."
    )


async def test_a_release_after_the_list_says_only_what_is_new(tmp_path: Path) -> None:
    async with a_day(tmp_path) as day:
        for signal in ("list", "release"):
            await publish(day, signal)

        with day.line.database.read() as connection:
            again = day.line.alerter.again(connection, day.told[-1]["alert"])

    changed, followed = day.told
    assert again is not None
    assert (again.kind, again.publication["key"]) == ("dossier", "jy2751")  # type: ignore[index]
    assert followed["kind"] == "dossier"
    assert followed["changes"] == []
    assert followed["dossier"]["id"] == changed["dossier"]["id"]
    assert "names 16 of the 19" in followed["text"]
    assert f"(alert {changed['alert']})" in followed["text"]


COMPANY: Record = {
    "key": "54001",
    "type": "entity",
    "name": {"last": "SPECIMEN SHIPPING COMPANY"},
    "programs": ["IRAN-EO13846"],
}
ABOUT_IRAN = {
    "key": "jy2752",
    "date": "2024-12-16",
    "stated": "2024-12-16T11:00:00-05:00",
    "title": "Treasury Targets a Shipper of Iranian Petroleum",
    "paragraphs": [
        "WASHINGTON — Today, OFAC is designating one entity, **Specimen Shipping Company**, for its part in the trade "
        "in petroleum. All property and interests in property of those designated are blocked, wherever they are."
    ],
    "action": "https://ofac.treasury.gov/recent-actions/20241216_33",
}
OF_IRAN = {
    "key": "20241216_33",
    "title": "Iran-related Designation",
    "day": "December 16, 2024",
    "stated": "12/16/2024",
    "release": "jy2752",
}


async def test_two_unrelated_actions_of_one_day_are_two_dossiers(tmp_path: Path) -> None:
    async with a_day(tmp_path) as day:
        facts = day.authorities.facts
        day.authorities.announce(facts.release)
        day.authorities.announce(ABOUT_IRAN)
        await day.poll(RELEASES)
        day.authorities.act({**facts.action, "release": "jy2751"}, facts.designated)
        day.authorities.act(OF_IRAN, [COMPANY])
        await day.poll(ACTIONS)
        day.authorities.list(*facts.designated, COMPANY)
        await day.poll(LIST)

        found = {
            dossier["actions"][0]["key"]: (
                len(dossier["parties"]),
                [each["key"] for each in dossier["releases"]],
            )
            for dossier in day.dossiers()
        }

    assert found == {"20241216": (16, ["jy2751"]), "20241216_33": (1, ["jy2752"])}


async def test_the_list_first_is_told_apart_when_two_actions_announce_it(tmp_path: Path) -> None:
    async with a_day(tmp_path) as day:
        facts = day.authorities.facts
        day.authorities.list(*facts.designated, COMPANY)
        await day.poll(LIST)
        assert len(day.dossiers()) == 1
        day.authorities.act({**facts.action, "release": "jy2751"}, facts.designated)
        await day.poll(ACTIONS)
        day.authorities.act(OF_IRAN, [COMPANY])
        await day.poll(ACTIONS)

        found = sorted(len(dossier["parties"]) for dossier in day.dossiers())

    assert found == [1, 16]


async def test_an_ordinary_day_is_silent(tmp_path: Path) -> None:
    async with a_day(tmp_path) as day:
        for number, title in enumerate(
            ("Treasury Announces Auctions of 10-Year Notes", "Quarterly Refunding Statement")
        ):
            day.authorities.announce(
                {
                    "key": f"jy276{number}",
                    "date": "2024-12-16",
                    "stated": "2024-12-16T08:30:00-05:00",
                    "title": title,
                    "paragraphs": [
                        "WASHINGTON — The auction of notes will be held next week. " * 8
                    ],
                    "action": "https://home.treasury.gov/policy-issues/financing-the-government",
                }
            )
            await day.poll(RELEASES, LIST, ACTIONS)

        assert day.dossiers() == []

    assert day.told == []


def a_correction(release: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    return {**release, "paragraphs": [each.replace(old, new) for each in release["paragraphs"]]}


async def test_a_correction_that_names_another_party_is_told(tmp_path: Path) -> None:
    async with a_day(tmp_path) as day:
        release = day.authorities.facts.release
        day.authorities.announce(a_correction(release, "**Ri Chang Ho**", "**Ri Chang**"))
        await day.poll(RELEASES)
        await publish(day, "list")
        day.authorities.correct(release)
        await day.poll(RELEASES, after=timedelta(hours=25))

    *_, changed, corrected = day.told
    assert "names 15 of the 19" in changed["text"]
    assert corrected["kind"] == "dossier"
    assert "names 16 of the 19" in corrected["text"]


async def test_a_correction_of_the_wording_is_kept_and_not_told(tmp_path: Path) -> None:
    async with a_day(tmp_path) as day:
        release = day.authorities.facts.release
        day.authorities.announce(a_correction(release, "What follows:", "What folows:"))
        await day.poll(RELEASES)
        await publish(day, "list")
        before = len(day.told)
        day.authorities.correct(release)
        await day.poll(RELEASES, after=timedelta(hours=25))

        with day.line.database.read() as connection:
            kinds = connection.execute(select(EVENTS.c.kind)).scalars().all()

    assert "publication.corrected" in kinds
    assert len(day.told) == before


async def test_what_is_told_apart_from_its_dossier_gets_one_of_its_own(tmp_path: Path) -> None:
    """The dossier was opened by the very signal that turns out to be of another action."""
    async with a_day(tmp_path) as day:
        day.authorities.announce(ABOUT_IRAN)  # links to a page that is not there yet
        await day.poll(RELEASES)
        facts = day.authorities.facts
        day.authorities.list(*facts.designated, COMPANY)
        await day.poll(LIST)
        day.authorities.act({**facts.action, "release": "none"}, [*facts.designated, COMPANY])
        await day.poll(ACTIONS)

        found = sorted(
            (len(each["parties"]), [release["key"] for release in each["releases"]])
            for each in day.dossiers()
        )

    assert found == [(0, ["jy2752"]), (17, [])]
    assert [each["kind"] for each in day.told] == ["publication", "change", "dossier"]


async def test_signals_that_arrive_together_are_each_told_with_what_they_say(
    tmp_path: Path,
) -> None:
    """After an outage the alerter finds three events at once: the first joins them all, and each has its say."""
    async with a_day(tmp_path) as day:
        facts = day.authorities.facts
        day.authorities.list(*facts.designated, *OF_STATE)
        day.authorities.announce(facts.release)
        day.authorities.act({**facts.action, "release": "jy2751"}, facts.designated)
        await day.poll(LIST, RELEASES, ACTIONS)

        changed, released, acted = day.told

    assert "names 16 of the 19" in changed["text"]
    assert "names 16 of the 19" in released["text"]
    assert "lists 16 of the 19" in acted["text"]
    assert {each["dossier"]["id"] for each in day.told} == {changed["dossier"]["id"]}
