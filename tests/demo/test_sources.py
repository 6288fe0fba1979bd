"""What the demonstration's servers publish is read by the real adapters, whole and without a word left over."""

from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from lxml import etree

from feeds import ofac_recent_actions, ofac_sdn, treasury_press_releases
from feeds.base import ListedParty, Name, Page
from monitor.core.canonical import in_order, party_document
from monitor.demo.facts import load_facts
from monitor.demo.sources import Sources

FACTS = load_facts()


@pytest.fixture
async def sources() -> AsyncIterator[Sources]:
    async with Sources(FACTS) as serving:
        yield serving


async def test_the_list_gains_the_parties_of_the_action_and_loses_nobody(sources: Sources) -> None:
    before = await _listed(sources)
    sources.publish_list()
    after = await _listed(sources)

    assert len(before) == 40
    assert {party.key for party in before} < {party.key for party in after}
    assert len(after) == 40 + 16


async def test_every_fact_of_a_party_comes_out_of_the_list_as_it_went_in(sources: Sources) -> None:
    sources.publish_list()

    listed = {party.key: party for party in await _listed(sources)}

    for record in FACTS.designated:
        assert party_document(listed[record["key"]]) == _canonical(record)
        assert not listed[record["key"]].unread


async def test_the_list_states_its_day_and_its_own_count(sources: Sources) -> None:
    sources.publish_list()
    root = etree.fromstring(await _get(sources.list_url))

    head = ofac_sdn.read_head(root[0])

    assert (head.stated_date, head.declared_count) == ("12/16/2024", 56)


async def test_the_release_appears_on_top_of_the_listing(sources: Sources) -> None:
    before = await _keys(sources)
    sources.publish_release()

    assert await _keys(sources) == ["jy2751", *before]


async def test_the_yearly_file_holds_what_the_listing_shows(sources: Sources) -> None:
    sources.publish_release()
    manifest = treasury_press_releases.read(
        await _page("manifest", f"{sources.url}/news-data/press-releases/manifest.json")
    )
    (follow,) = manifest.follow

    shard = treasury_press_releases.read(await _page(follow.kind, follow.url))

    assert sorted(each.key for each in shard.publications) == sorted(await _keys(sources))


async def test_the_release_links_to_the_action_of_its_day(sources: Sources) -> None:
    sources.publish_release()

    body = treasury_press_releases.read_body(await _page("body", f"{sources.listing_url}/jy2751"))

    assert body.title == FACTS.release["title"]
    assert body.links == ("https://ofac.treasury.gov/recent-actions/20241216",)


async def test_the_release_has_no_page_before_it_is_published(sources: Sources) -> None:
    async with aiohttp.ClientSession() as session:
        answer = await session.get(f"{sources.listing_url}/jy2751")

    assert answer.status == 404


async def test_what_has_not_changed_is_not_served_again(sources: Sources) -> None:
    async with aiohttp.ClientSession() as session:
        first = await session.get(sources.list_url)
        asked = {"If-None-Match": first.headers["ETag"]}
        unchanged = await session.get(sources.list_url, headers=asked)
        sources.publish_list()
        changed = await session.get(sources.list_url, headers=asked)

    assert (unchanged.status, changed.status) == (304, 200)


def _canonical(record: dict[str, Any]) -> dict[str, Any]:
    """A record's document: its collections in their fixed order, its key left out."""
    return {
        field: in_order(value) if isinstance(value, list) else value
        for field, value in record.items()
        if field != "key"
    }


async def _listed(sources: Sources) -> list[ListedParty]:
    root = etree.fromstring(await _get(sources.list_url))
    return [ofac_sdn.read(each) for each in root if etree.QName(each).localname == "sdnEntry"]


async def _keys(sources: Sources) -> list[str]:
    reading = treasury_press_releases.read(await _page("listing", sources.listing_url))
    return [each.key for each in reading.publications]


async def _page(kind: str, url: str) -> Page:
    return Page(kind, url, await _get(url), "")


async def _get(url: str) -> bytes:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        assert answer.status == 200
        return await answer.read()


async def test_the_action_page_lists_every_party_in_ofacs_text_form(sources: Sources) -> None:
    sources.publish_action()
    page = Page("body", sources.actions_url, await _get(f"{sources.actions_url}/20241216"))

    body = ofac_recent_actions.read_body(page)

    assert sorted(entry.name for entry in body.entries) == sorted(
        Name(**record["name"]) for record in FACTS.designated
    )
    assert {entry.kind for entry in body.entries} == {"added"}
    assert any(link.endswith("/news/press-releases/jy2751") for link in body.links)
