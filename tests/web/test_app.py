"""The two probes, the page that messages link to, and who may read what."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from aiohttp import ClientResponse
from sqlalchemy import insert, select, text

from monitor.store import acknowledgements
from monitor.store.database import Database
from monitor.store.tables import ACKNOWLEDGEMENTS, ALERTS, DELIVERIES
from tests.journeys.sources import BASELINE, OTHERS, WITH_DOE, a_list
from tests.small_watch import SmallWatch
from tests.web.conftest import Serve

SEEN = datetime(2024, 12, 16, 15, 2, 11, tzinfo=UTC)
ID = "abcdefghijklmnopqrstuvwxyz"
HOSTILE = "<script>alert(\"x\")</script> & 'DOE'"
TOKEN = "a long token"


def an_alert(database: Database, **given: Any) -> None:
    wire = {"data": {"evidence": {"snapshot": "ab" * 32, "published": "12/16/2024"}}}
    values: dict[str, Any] = {
        "id": ID,
        "kind": "change",
        "feed": "ofac-sdn",
        "severity": "high",
        "title": "OFAC: 1 designated",
        "event_id": 1,
        "created_at": SEEN,
        "first_seen_at": SEEN,
        "text": "OFAC: 1 designated\nDOE, John",
        "html": "",
        "wire": json.dumps(wire),
    }
    with database.write() as connection:
        connection.execute(insert(ALERTS).values(values | given))


def a_delivery(database: Database, **given: Any) -> None:
    values: dict[str, Any] = {
        "alert_id": ID,
        "channel": "desk",
        "recipient": "officer@example.org",
        "part": 1,
        "parts": 1,
        "severity": "high",
        "state": "accepted",
        "subject": "…",
        "text": "…",
        "created_at": SEEN,
        "first_seen_at": SEEN,
        "attempts": 1,
        "next_attempt_at": SEEN,
        "accepted_at": SEEN,
        "detail": "250 queued",
    }
    with database.write() as connection:
        connection.execute(insert(DELIVERIES).values(values | given))


async def problem_of(response: ClientResponse) -> dict[str, Any]:
    assert response.content_type == "application/problem+json"
    found: dict[str, Any] = json.loads(await response.read())
    assert found["status"] == response.status
    return found


async def test_both_probes_answer_a_healthy_service(serve: Serve) -> None:
    client = await serve()

    for path in ("/healthz", "/readyz"):
        assert (await client.get(path)).status == 200


async def test_a_database_at_an_older_revision_is_alive_and_not_ready(
    serve: Serve, database: Database
) -> None:
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    client = await serve()

    answer = await client.get("/readyz")

    assert (await client.get("/healthz")).status == 200
    assert answer.status == 503
    assert "newest revision" in (await answer.json())["detail"]


async def test_a_database_that_is_gone_is_not_ready(serve: Serve, database: Database) -> None:
    with database.write() as connection:
        connection.execute(text("DROP TABLE alembic_version"))

    assert (await (await serve()).get("/readyz")).status == 503


async def test_the_page_shows_the_message_its_receipts_and_its_evidence(
    serve: Serve, database: Database
) -> None:
    an_alert(database)
    a_delivery(database)
    client = await serve()

    answer = await client.get(f"/alerts/{ID}")
    page = await answer.text()

    assert answer.status == 200
    assert answer.content_type == "text/html"
    for shown in (
        "OFAC: 1 designated",
        "DOE, John",
        '<time datetime="2024-12-16T15:02:11Z">16 Dec 2024 15:02 UTC</time> ·',
        '<td><time datetime="2024-12-16T15:02:11Z">16 Dec 2024 15:02 UTC</time></td>',
        "dated 12/16/2024",
        "ab" * 32,
        "officer@example.org",
        "250 queued",
    ):
        assert shown in page
    assert "Not yet accepted" not in page


async def test_the_page_names_who_has_not_been_told(serve: Serve, database: Database) -> None:
    an_alert(database)
    a_delivery(database)
    a_delivery(database, channel="case-system", state="dead", accepted_at=None, detail="HTTP 500")

    page = await (await (await serve()).get(f"/alerts/{ID}")).text()

    assert "Not yet accepted by: case-system." in page
    assert "given up" in page


async def test_an_alert_that_no_route_names_says_so(serve: Serve, database: Database) -> None:
    an_alert(database)

    page = await (await (await serve()).get(f"/alerts/{ID}")).text()

    assert "Nobody: no route" in page


async def test_hostile_text_is_shown_and_not_run(serve: Serve, database: Database) -> None:
    an_alert(database, title=HOSTILE, text=HOSTILE)
    a_delivery(database, channel=HOSTILE, recipient=HOSTILE, detail=HOSTILE, state="due")

    page = await (await (await serve()).get(f"/alerts/{ID}")).text()

    assert "<script" not in page
    assert page.count("&lt;script&gt;") >= 5


async def test_every_answer_forbids_scripts_frames_and_guessing(
    serve: Serve, database: Database
) -> None:
    an_alert(database)
    client = await serve()

    for path in (f"/alerts/{ID}", "/healthz", "/nowhere", "/static/style.css"):
        headers = (await client.get(path)).headers
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"


async def test_the_page_needs_nothing_from_elsewhere(serve: Serve, database: Database) -> None:
    an_alert(database)
    client = await serve()

    page = await (await client.get(f"/alerts/{ID}")).text()

    assert "//" not in page.replace("<!doctype", "")
    assert (await client.get("/static/style.css")).content_type == "text/css"


@pytest.mark.parametrize("id", ["z" * 26, "1", "%00", "..%2f..%2fetc", "ü", "A" * 26, "a" * 9000])
async def test_an_unknown_alert_is_a_problem_in_words(serve: Serve, id: str) -> None:
    answer = await (await serve()).get(f"/alerts/{id}")

    if len(id) < 9000:  # beyond it the request line itself is refused
        assert answer.status == 404
        assert (await problem_of(answer))["title"] == "Not Found"
    assert answer.status in (400, 404, 414)


async def test_an_unknown_path_and_a_wrong_method_are_problems_too(serve: Serve) -> None:
    client = await serve()

    assert (await problem_of(await client.get("/nowhere")))["status"] == 404
    wrong = await client.post("/healthz")
    assert (await problem_of(wrong))["status"] == 405
    assert "GET" in wrong.headers["Allow"]


async def test_a_page_that_fails_says_nothing_of_the_cause(
    serve: Serve, database: Database
) -> None:
    an_alert(database, wire="not JSON")

    answer = await (await serve()).get(f"/alerts/{ID}")

    assert answer.status == 500
    assert "Traceback" not in json.dumps(await problem_of(answer))
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


async def test_with_a_token_pages_need_it_everywhere(serve: Serve, database: Database) -> None:
    an_alert(database)
    client = await serve(token=TOKEN)

    refused = await client.get(f"/alerts/{ID}")
    given = await client.get(f"/alerts/{ID}", headers={"Authorization": f"Bearer {TOKEN}"})

    assert refused.status == 401
    assert refused.headers["WWW-Authenticate"] == "Bearer"
    assert "OFAC" not in json.dumps(await problem_of(refused))
    assert given.status == 200


@pytest.mark.parametrize(
    "authorization",
    [TOKEN, f"Basic {TOKEN}", "Bearer", "Bearer ", "Bearer a long tokem", "Bearer ü"],
)
async def test_anything_but_the_token_is_refused(
    serve: Serve, database: Database, authorization: str
) -> None:
    an_alert(database)
    client = await serve(token=TOKEN)

    answer = await client.get(f"/alerts/{ID}", headers={"Authorization": authorization})

    assert answer.status == 401


async def test_beyond_loopback_nothing_but_the_probes_is_open_without_a_token(
    serve: Serve, database: Database
) -> None:
    an_alert(database)
    client = await serve(is_loopback=False)

    assert (await client.get(f"/alerts/{ID}")).status == 401
    assert (await client.get("/nowhere")).status == 401
    assert (await client.get("/healthz")).status == 200
    assert (await client.get("/readyz")).status == 200


async def test_the_token_in_the_address_opens_nothing(serve: Serve, database: Database) -> None:
    an_alert(database)
    client = await serve(token=TOKEN)

    assert (await client.get(f"/alerts/{ID}", params={"token": TOKEN})).status == 401


NAMES = frozenset({"watch.example.org"})


@pytest.mark.parametrize(
    "host",
    [
        "rebound.example",
        "localhost.example",
        "rebound.example:8080",
        "localhost@rebound.example",
        "[",
        "",
    ],
)
async def test_an_open_page_is_not_served_under_the_name_of_another(
    serve: Serve, database: Database, host: str
) -> None:
    an_alert(database)
    client = await serve(hosts=NAMES)

    answer = await client.get(f"/alerts/{ID}", headers={"Host": host})

    assert answer.status == 421
    assert "not served under that name" in (await problem_of(answer))["detail"]
    assert (await client.get("/healthz", headers={"Host": host})).status == 200


@pytest.mark.parametrize(
    "host",
    ["localhost", "LOCALHOST:8080", "127.0.0.1:1", "[::1]:8080", "watch.example.org", "localhost."],
)
async def test_an_open_page_is_served_under_our_own_names(
    serve: Serve, database: Database, host: str
) -> None:
    an_alert(database)
    client = await serve(hosts=NAMES)

    assert (await client.get(f"/alerts/{ID}", headers={"Host": host})).status == 200


async def test_whoever_holds_the_token_may_use_any_name(serve: Serve, database: Database) -> None:
    an_alert(database)
    client = await serve(is_loopback=False, token=TOKEN)
    headers = {"Authorization": f"Bearer {TOKEN}", "Host": "10.0.0.7:8080"}

    assert (await client.get(f"/alerts/{ID}", headers=headers)).status == 200


async def test_the_page_shows_who_has_acknowledged_it_and_changes_nothing(
    serve: Serve, database: Database
) -> None:
    an_alert(database)
    client = await serve()
    page = await (await client.get(f"/alerts/{ID}")).text()
    assert f"acknowledge {ID} --by NAME" in page

    with database.write() as connection:
        assert not connection.execute(select(ACKNOWLEDGEMENTS)).all()
        row = connection.execute(select(ALERTS)).one()
        acknowledgements.add(connection, row, by="J. Doe", note=HOSTILE, asked=SEEN, now=SEEN)

    page = await (await client.get(f"/alerts/{ID}")).text()
    assert "<td>J. Doe</td>" in page
    assert "2024-12-16T15:02:11Z" in page
    assert "<script>" not in page and "&lt;script&gt;" in page
    assert "--by NAME" not in page
    assert "has changed since" not in page


async def test_the_page_says_when_it_has_changed_since(
    serve: Serve, database: Database, tmp_path: Path
) -> None:
    watch = SmallWatch(database, tmp_path)
    watch.publish(BASELINE)
    alert = watch.publish(WITH_DOE)
    watch.acknowledge(alert)
    changed = watch.publish(a_list(*OTHERS, date="12/17/2024"))

    page = await (await (await serve()).get(f"/alerts/{alert}")).text()

    assert "It has changed since it was acknowledged: 48220 of ofac-sdn" in page
    assert f'<a href="/alerts/{changed}">' in page
