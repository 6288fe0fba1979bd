"""The page of a dossier: whole, safe to look at, for whoever may read the alerts."""

import re
from typing import Any

import pytest

from monitor.core.dossier import account, correlate
from monitor.store import dossiers
from monitor.store.database import Database
from monitor.store.dossiers import StoredMember
from tests.core.dossier.signals import (
    ACTION,
    a_designation,
    a_listing,
    a_publication,
    an_action,
    an_entry,
)
from tests.web.conftest import Serve
from tests.web.test_app import HOSTILE, ID, SEEN, TOKEN, an_alert, problem_of

OTHER = "b" * 26


def a_dossier(
    database: Database, id: str = ID, name: str = "GOLDEN TRIANGLE BANK", **given: Any
) -> None:
    """A dossier of one bank, which list, release, page and notice name."""
    signals = (
        a_listing("47148", name, aliases=("SAMJIKYON BANK",)),
        a_designation("jy2751", "Treasury Sanctions a Bank", name, ACTION, **given),
        an_action("20241216", "North Korea Designations", an_entry(name)),
        a_publication("notice", "2024-31001", "Notice of OFAC", entries=(an_entry(name),)),
    )
    (case,) = correlate(signals)
    members = [StoredMember(*each.ref, each.because) for each in case.members]
    with database.write() as connection:
        dossiers.save(connection, id, members, account(case), authority="OFAC", at=SEEN)


async def test_the_page_shows_what_every_source_says(serve: Serve, database: Database) -> None:
    a_dossier(database)

    answer = await (await serve()).get(f"/dossiers/{ID}")
    page = await answer.text()

    assert (answer.status, answer.content_type) == (200, "text/html")
    for shown in (
        "<h1>Treasury Sanctions a Bank</h1>",
        '<time datetime="2024-12-16">16 Dec 2024</time>',
        "<li>On the list: 1 designated (1 entity).</li>",
        "names the party (1 entity).</li>",
        "<strong>GOLDEN TRIANGLE BANK</strong> (entity, designated, no. 47148)",
        "<dt>Other names</dt><dd>",
        "SAMJIKYON BANK",
        "<dd>the list, release jy2751, action page 20241216 and notice 2024-31001</dd>",
        '<a href="https://example.org/jy2751">',
        f"<code>{'ab' * 32}</code>",
    ):
        assert shown in page


async def test_hostile_text_is_shown_and_not_run(serve: Serve, database: Database) -> None:
    a_dossier(database, name=f"BANK {HOSTILE}", url="javascript:alert(1)")

    page = await (await (await serve()).get(f"/dossiers/{ID}")).text()

    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert "javascript:alert(1)" in page
    assert 'href="javascript:' not in page


async def test_the_page_loads_nothing_from_elsewhere(serve: Serve, database: Database) -> None:
    a_dossier(database)

    answer = await (await serve()).get(f"/dossiers/{ID}")

    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert re.findall(r'(?:src|<link[^>]* href)="([^"]*)"', await answer.text()) == [
        "/static/style.css"
    ]


async def test_the_address_of_a_part_leads_to_the_whole(serve: Serve, database: Database) -> None:
    a_dossier(database)
    a_dossier(database, OTHER)
    with database.write() as connection:
        dossiers.join(connection, OTHER, ID, SEEN)
    client = await serve()

    answer = await client.get(f"/dossiers/{OTHER}", allow_redirects=False)

    assert (answer.status, answer.headers["Location"]) == (302, f"/dossiers/{ID}")
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert (await client.get(f"/dossiers/{OTHER}")).status == 200


@pytest.mark.parametrize("id", ["z" * 26, "1", "%00", "..%2f..%2fetc", "ü"])
async def test_an_unknown_dossier_is_a_problem_in_words(serve: Serve, id: str) -> None:
    answer = await (await serve()).get(f"/dossiers/{id}")

    assert answer.status == 404
    assert "no dossier" in (await problem_of(answer))["detail"]


async def test_it_needs_the_token_as_alerts_do(serve: Serve, database: Database) -> None:
    a_dossier(database)
    client = await serve(token=TOKEN)

    refused = await client.get(f"/dossiers/{ID}")
    given = await client.get(f"/dossiers/{ID}", headers={"Authorization": f"Bearer {TOKEN}"})

    assert (refused.status, given.status) == (401, 200)


@pytest.mark.parametrize("dossier", [None, OTHER])
async def test_the_page_of_an_alert_links_to_its_dossier(
    serve: Serve, database: Database, dossier: str | None
) -> None:
    an_alert(database, dossier_id=dossier)

    page = await (await (await serve()).get(f"/alerts/{ID}")).text()

    assert (f'<a href="/dossiers/{OTHER}">' in page) is (dossier is not None)
