"""One polite HTTP attempt, against a real server on loopback."""

import asyncio
import hashlib
import traceback
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from feeds.errors import NotTheFeed
from monitor.fetch.client import (
    Content,
    Fetcher,
    NotModified,
    Validators,
    default_user_agent,
)
from monitor.fetch.errors import (
    Blocked,
    FetchError,
    ForbiddenAddress,
    ForbiddenRedirect,
    NotFound,
    RateLimited,
    ServerError,
    Stalled,
    TooLarge,
    TooSlow,
    TruncatedBody,
    UnexpectedEncoding,
    UnexpectedStatus,
    Unreachable,
)
from monitor.fetch.limits import Limits
from tests.fetch.test_hosts import Book
from tests.servers import (
    Challenge,
    CutGzip,
    CutShort,
    CutUnannounced,
    Drip,
    Endless,
    GzipBomb,
    HangUp,
    Late,
    Misbehaviour,
    Raw,
    Redirect,
    SourceServer,
    Stall,
    Status,
)

LIST = b"<?xml version='1.0'?><sdnList>" + b"<sdnEntry/>" * 20_000 + b"</sdnList>"
PATH = "/SDN.XML"
AGENT = default_user_agent("0.1.0", "https://project.example/")


@pytest.fixture
async def source() -> AsyncIterator[SourceServer]:
    async with SourceServer() as server:
        server.serve(PATH, LIST, last_modified=datetime(2024, 12, 16, 15, 0, tzinfo=UTC))
        yield server


@pytest.fixture
def spool(tmp_path: Path) -> Path:
    return tmp_path / "spool"


@pytest.fixture
async def fetcher(spool: Path) -> AsyncIterator[Fetcher]:
    async with a_fetcher(spool) as fetcher:
        yield fetcher


# --- content ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("gzip", [False, True])
async def test_a_body_is_on_disk_expanded_whole_and_hashed(
    source: SourceServer, fetcher: Fetcher, gzip: bool
) -> None:
    source.serve(PATH, LIST, content_type="application/xml; charset=utf-8", gzip=gzip)

    content = await content_of(fetcher, source)

    assert content.path.read_bytes() == LIST
    assert content.sha256 == hashlib.sha256(LIST).hexdigest()
    assert content.size == len(LIST)
    assert content.content_type == "application/xml; charset=utf-8"
    assert content.final_host == "127.0.0.1"
    assert content.headers.get("content-encoding") == ("gzip" if gzip else None)


async def test_two_bodies_never_share_a_file(source: SourceServer, fetcher: Fetcher) -> None:
    first, second = await content_of(fetcher, source), await content_of(fetcher, source)

    assert first.path != second.path
    assert first.path.read_bytes() == second.path.read_bytes()


async def test_the_request_is_polite_and_truthful(source: SourceServer, fetcher: Fetcher) -> None:
    await content_of(fetcher, source)

    [request] = source.requests
    assert request.method == "GET"
    assert request.headers["User-Agent"] == AGENT
    assert request.headers["Accept-Encoding"] == "gzip"
    assert "If-None-Match" not in request.headers
    assert "Cookie" not in request.headers


async def test_cookies_are_not_kept(source: SourceServer, fetcher: Fetcher) -> None:
    source.serve(PATH, LIST, headers={"Set-Cookie": "visitor=1; Path=/"})

    await content_of(fetcher, source)
    await content_of(fetcher, source)

    assert "Cookie" not in source.requests[1].headers


def test_the_default_user_agent_is_one_that_the_list_service_accepts() -> None:
    agent = default_user_agent("0.1.0", "https://a.example")

    assert agent.startswith("Mozilla/5.0 (compatible; sanctions-monitor/0.1.0; +https://a.example")
    assert len(agent) >= 40


# --- conditional requests ---------------------------------------------------------------------------------------------


async def test_unchanged_content_is_not_sent_again(
    source: SourceServer, fetcher: Fetcher, spool: Path
) -> None:
    content = await content_of(fetcher, source)
    content.path.unlink()

    again = await fetch(fetcher, source, validators=content.validators)

    assert isinstance(again, NotModified)
    assert again.headers["ETag"] == content.validators.etag
    assert source.requests[1].headers["If-None-Match"] == content.validators.etag
    assert source.requests[1].headers["If-Modified-Since"] == "Mon, 16 Dec 2024 15:00:00 GMT"
    assert left_in(spool) == []


async def test_a_date_alone_is_enough_for_a_server_without_tags(
    source: SourceServer, fetcher: Fetcher
) -> None:
    source.serve(PATH, LIST, etag=False, last_modified=datetime(2024, 12, 16, 15, tzinfo=UTC))
    content = await content_of(fetcher, source)

    again = await fetch(fetcher, source, validators=content.validators)

    assert content.validators == Validators(None, "Mon, 16 Dec 2024 15:00:00 GMT")
    assert isinstance(again, NotModified)


async def test_changed_content_is_sent_in_spite_of_old_validators(
    source: SourceServer, fetcher: Fetcher
) -> None:
    content = await content_of(fetcher, source)
    source.serve(PATH, LIST + b"<!-- new -->")

    assert isinstance(await fetch(fetcher, source, validators=content.validators), Content)


async def test_not_modified_is_no_answer_to_an_unconditional_request(
    source: SourceServer, fetcher: Fetcher
) -> None:
    source.misbehave(PATH, Status(304, body=b""))

    with pytest.raises(UnexpectedStatus, match="304"):
        await fetch(fetcher, source)


# --- refusals ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("how", "kind", "wish"),
    [
        (Status(403), Blocked, None),
        (Status(429, retry_after="120"), RateLimited, timedelta(seconds=120)),
        (Status(503, retry_after="30"), ServerError, timedelta(seconds=30)),
        (Status(500), ServerError, None),
        (Status(404), NotFound, None),
        (Status(410), NotFound, None),
        (Status(418), UnexpectedStatus, None),
        (Status(202, headers={"x-amzn-waf-action": "challenge"}), Blocked, None),
        (Challenge(), Blocked, None),
    ],
)
async def test_a_refusal_has_a_name_and_the_servers_wish(
    source: SourceServer,
    fetcher: Fetcher,
    spool: Path,
    how: Misbehaviour,
    kind: type[FetchError],
    wish: timedelta | None,
) -> None:
    source.misbehave(PATH, how)

    with pytest.raises(kind) as caught:
        await fetch(fetcher, source)

    assert caught.value.retry_after == wish
    assert caught.value.feed == "ofac-sdn"
    assert left_in(spool) == []
    assert source.asked(PATH) == 1


async def test_a_wish_as_a_date_is_measured_by_the_servers_own_clock(
    source: SourceServer, fetcher: Fetcher
) -> None:
    headers = {"Date": "Mon, 16 Dec 2024 15:00:00 GMT"}
    source.misbehave(PATH, Status(503, "Mon, 16 Dec 2024 15:05:00 GMT", headers))

    with pytest.raises(ServerError, match="asks us to wait 5 min") as caught:
        await fetch(fetcher, source)

    assert caught.value.retry_after == timedelta(minutes=5)


@pytest.mark.parametrize("size", [10, 10_000])
async def test_a_page_in_place_of_the_list_is_not_the_feed(
    source: SourceServer, fetcher: Fetcher, spool: Path, size: int
) -> None:
    source.serve(PATH, b"<!DOCTYPE html><html>" + b"x" * size, content_type="text/xml")

    with pytest.raises(NotTheFeed, match="expected XML"):
        await fetch(fetcher, source, expects="xml")

    assert left_in(spool) == []


async def test_a_page_is_welcome_where_a_page_is_expected(
    source: SourceServer, fetcher: Fetcher
) -> None:
    source.serve(PATH, b"<!DOCTYPE html><html>" + b"x" * 10_000, content_type="text/html")

    assert isinstance(await fetch(fetcher, source, expects="html"), Content)


# --- bodies that are not whole ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [CutShort(), CutShort(share=0), CutGzip()])
async def test_a_body_that_is_cut_is_not_content(
    source: SourceServer, fetcher: Fetcher, spool: Path, how: Misbehaviour
) -> None:
    source.misbehave(PATH, how)

    with pytest.raises(TruncatedBody):
        await fetch(fetcher, source)

    assert left_in(spool) == []


async def test_chunks_that_end_without_the_last_one_are_not_content(
    source: SourceServer, fetcher: Fetcher, spool: Path
) -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    source.misbehave(PATH, Raw(head + b"5\r\n<list\r\n"))

    with pytest.raises(TruncatedBody, match="connection ended"):
        await fetch(fetcher, source)

    assert left_in(spool) == []


async def test_a_cut_that_nothing_announced_is_left_to_the_reader(
    source: SourceServer, fetcher: Fetcher
) -> None:
    source.misbehave(PATH, CutUnannounced(LIST, share=0.5))

    content = await content_of(fetcher, source)

    assert content.path.read_bytes() == LIST[: len(LIST) // 2]


async def test_an_encoding_that_was_not_offered_is_refused(
    source: SourceServer, fetcher: Fetcher, spool: Path
) -> None:
    source.serve(PATH, LIST, headers={"Content-Encoding": "br"})

    with pytest.raises(UnexpectedEncoding, match="'br'"):
        await fetch(fetcher, source)

    assert left_in(spool) == []


# --- limits -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("announce", [None, 2_000_000_000])
async def test_a_body_of_gigabytes_is_left_at_the_limit_with_flat_memory(
    source: SourceServer, fetcher: Fetcher, spool: Path, announce: int | None
) -> None:
    source.misbehave(PATH, Endless(announce))
    tracemalloc.start()

    with pytest.raises(TooLarge, match="5,000,000 bytes allowed"):
        await fetch(fetcher, source, max_bytes=5_000_000)

    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 2_500_000
    assert left_in(spool) == []


async def test_an_announced_size_beyond_the_limit_is_not_even_begun(
    source: SourceServer, fetcher: Fetcher
) -> None:
    source.misbehave(PATH, Endless(announce=2_000_000_000))

    with pytest.raises(TooLarge, match="as announced"):
        await fetch(fetcher, source)


async def test_a_gzip_bomb_is_left_at_the_limit(
    source: SourceServer, fetcher: Fetcher, spool: Path
) -> None:
    source.misbehave(PATH, GzipBomb(20_000_000))

    with pytest.raises(TooLarge, match="expanded"):
        await fetch(fetcher, source, max_bytes=1_000_000)

    assert left_in(spool) == []


async def test_other_work_goes_on_while_a_small_body_expands_to_a_large_one(
    source: SourceServer, fetcher: Fetcher
) -> None:
    source.misbehave(PATH, GzipBomb(4_000_000))
    turns = 0

    async def count_turns() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counting = asyncio.create_task(count_turns())
    await content_of(fetcher, source, max_bytes=5_000_000)
    counting.cancel()

    assert turns >= 4_000_000 // 65536


@pytest.mark.parametrize("after", [None, 0, 100, 100_000])
async def test_a_server_that_falls_silent_is_left(
    source: SourceServer, spool: Path, after: int | None
) -> None:
    source.misbehave(PATH, Stall(after))

    async with a_fetcher(spool, stall=timedelta(seconds=0.1)) as fetcher:
        with pytest.raises(Stalled) as caught:
            await fetch(fetcher, source)

    assert caught.value.received == (after or 0)
    assert left_in(spool) == []


async def test_a_server_that_drips_is_left_when_the_total_time_is_over(
    source: SourceServer, spool: Path
) -> None:
    source.misbehave(PATH, Drip(every=0.02))

    limits = {"stall": timedelta(seconds=5), "total": timedelta(seconds=0.2)}
    async with a_fetcher(spool, **limits) as fetcher:
        with pytest.raises(TooSlow, match=r"0\.2 s for one fetch") as caught:
            await fetch(fetcher, source)

    assert caught.value.received > 1
    assert left_in(spool) == []


async def test_a_slow_server_is_not_a_stalled_one(source: SourceServer, spool: Path) -> None:
    source.misbehave(PATH, Drip(every=0.02))

    limits = {"stall": timedelta(seconds=0.3), "total": timedelta(seconds=0.6)}
    async with a_fetcher(spool, **limits) as fetcher:
        with pytest.raises(TooSlow):
            await fetch(fetcher, source)


async def test_a_cancelled_fetch_leaves_nothing_behind(
    source: SourceServer, fetcher: Fetcher, spool: Path
) -> None:
    source.misbehave(PATH, Stall(after=100_000))
    fetching = asyncio.create_task(fetch(fetcher, source))
    async with asyncio.timeout(5):
        while not any(path.stat().st_size for path in spool.iterdir()):
            await asyncio.sleep(0.005)

    fetching.cancel()
    with pytest.raises(asyncio.CancelledError):
        await fetching

    assert left_in(spool) == []


async def test_a_callers_own_timeout_is_not_taken_for_ours(
    source: SourceServer, fetcher: Fetcher
) -> None:
    source.misbehave(PATH, Stall())

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await fetch(fetcher, source)


async def test_a_spool_that_cannot_be_written_is_not_the_servers_fault(
    source: SourceServer, fetcher: Fetcher, spool: Path
) -> None:
    spool.rmdir()

    with pytest.raises(FileNotFoundError):
        await fetch(fetcher, source)


# --- redirects --------------------------------------------------------------------------------------------------------


async def test_a_redirect_within_the_host_is_followed_with_the_same_politeness(
    source: SourceServer, fetcher: Fetcher
) -> None:
    source.misbehave("/list", Redirect(PATH))

    content = await content_of(fetcher, source, "/list", validators=Validators('"old"'))

    assert content.path.read_bytes() == LIST
    assert [request.path for request in source.requests] == ["/list", PATH]
    assert source.requests[1].headers["If-None-Match"] == '"old"'
    assert source.requests[1].headers["User-Agent"] == AGENT


async def test_a_redirect_to_a_host_that_the_feed_names_is_followed(
    source: SourceServer, fetcher: Fetcher
) -> None:
    source.misbehave("/list", Redirect(f"http://localhost:{source.port}{PATH}"))

    content = await content_of(fetcher, source, "/list", redirect_hosts=["localhost"])

    assert content.final_host == "localhost"


@pytest.mark.parametrize(
    ("to", "redirect_hosts", "why"),
    [
        ("http://localhost:{port}/SDN.XML", [], "not one of the feed's hosts"),
        ("http://127.0.0.2:{port}/SDN.XML", [], "not one of the feed's hosts"),
        ("https://evil.example/SDN.XML", ["*.good.example"], "not one of the feed's hosts"),
        ("http://files.good.example/SDN.XML", ["*.good.example"], "only https"),
        ("https://10.0.0.1/SDN.XML", ["10.0.0.1"], "private network"),
        ("https://[::ffff:169.254.169.254]/", ["::ffff:a9fe:a9fe"], "private network"),
        ("https://inside.example/SDN.XML", ["inside.example"], "private network"),
        ("ftp://127.0.0.1/SDN.XML", [], "not an https address"),
        ("file:///etc/passwd", [], "not an https address"),
        ("http://", [], "not an https address"),
    ],
)
async def test_a_redirect_elsewhere_is_refused_before_anybody_is_asked_there(
    source: SourceServer,
    fetcher: Fetcher,
    spool: Path,
    to: str,
    redirect_hosts: list[str],
    why: str,
) -> None:
    source.misbehave("/list", Redirect(to.format(port=source.port)))

    with pytest.raises(ForbiddenRedirect, match=why):
        await fetch(fetcher, source, "/list", redirect_hosts=redirect_hosts)

    assert source.asked(PATH) == 0
    assert left_in(spool) == []


async def test_the_second_hop_is_checked_as_the_first(
    source: SourceServer, fetcher: Fetcher
) -> None:
    source.misbehave("/list", Redirect("/next"))
    source.misbehave("/next", Redirect(f"http://localhost:{source.port}{PATH}"))

    with pytest.raises(ForbiddenRedirect, match="redirects to localhost"):
        await fetch(fetcher, source, "/list")

    assert source.asked(PATH) == 0


async def test_five_redirects_are_followed_and_not_a_sixth(
    source: SourceServer, fetcher: Fetcher
) -> None:
    for hop in range(1, 6):
        source.misbehave(f"/{hop}", Redirect(f"/{hop + 1}"))
    source.misbehave("/0", Redirect("/1"))
    source.serve("/6", LIST)

    assert isinstance(await fetch(fetcher, source, "/1"), Content)
    with pytest.raises(ForbiddenRedirect, match="more than 5 redirects"):
        await fetch(fetcher, source, "/0")


async def test_a_redirect_to_nowhere_is_no_content(source: SourceServer, fetcher: Fetcher) -> None:
    source.misbehave(PATH, Status(302))

    with pytest.raises(UnexpectedStatus, match="302"):
        await fetch(fetcher, source)


# --- addresses --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://list.example/SDN.XML", "only https"),
        ("https://10.0.0.1/SDN.XML", "private network"),
        ("https://inside.example/SDN.XML", "private network"),
        ("https:///SDN.XML", "complete https address"),
        ("SDN.XML", "complete https address"),
        ("https://[SDN.XML", "complete https address"),
        ("ftp://list.example/SDN.XML", "complete https address"),
    ],
)
async def test_a_feed_at_a_forbidden_address_is_refused(
    fetcher: Fetcher, url: str, why: str
) -> None:
    with pytest.raises(ForbiddenAddress, match=why):
        await fetcher.fetch(url, feed="ofac-sdn")


async def test_a_name_without_an_address_is_unreachable(fetcher: Fetcher) -> None:
    with pytest.raises(Unreachable, match=r"nowhere\.example could not be reached.*not resolve"):
        await fetcher.fetch("https://nowhere.example/SDN.XML", feed="ofac-sdn")


async def test_a_port_where_nobody_listens_is_unreachable(fetcher: Fetcher) -> None:
    async with SourceServer() as source:
        url = source.url

    with pytest.raises(Unreachable, match="connect"):
        await fetcher.fetch(url, feed="ofac-sdn")


async def test_a_server_without_tls_is_unreachable_by_https(
    source: SourceServer, fetcher: Fetcher
) -> None:
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1 could not be reached"):
        await fetcher.fetch(source.url.replace("http:", "https:"), feed="ofac-sdn")


@pytest.mark.parametrize(
    ("how", "why"),
    [
        (HangUp(), "without an answer"),
        (Raw(b"220 mail.example ESMTP\r\n\r\n"), "not valid HTTP"),
        (Raw(b"HTTP/1.1 200 OK\r\nX-Long: " + b"x" * 20_000 + b"\r\n\r\n"), "not valid HTTP"),
    ],
)
async def test_an_answer_that_is_not_http_is_unreachable(
    source: SourceServer, fetcher: Fetcher, how: Misbehaviour, why: str
) -> None:
    source.misbehave(PATH, how)

    with pytest.raises(Unreachable, match=why):
        await fetch(fetcher, source)


@pytest.mark.parametrize(
    "how",
    [Status(403), Stall(None), CutShort(), HangUp(), Raw(b"?\r\n\r\n"), Redirect("http://a:b@[x/")],
)
async def test_no_failure_tells_a_query_or_credentials(
    source: SourceServer, spool: Path, how: Misbehaviour
) -> None:
    source.misbehave("/list", Redirect(f"{PATH}?signature=SECRET2"))
    source.misbehave(PATH, how)
    url = source.url.replace("//", "//user:SECRET1@") + "/list?token=SECRET3"

    async with a_fetcher(spool, stall=timedelta(seconds=0.1)) as fetcher:
        with pytest.raises(FetchError) as caught:
            await fetcher.fetch(url, feed="ofac-sdn")

    told = (
        str(caught.value) + repr(caught.value) + "".join(traceback.format_exception(caught.value))
    )
    assert "SECRET" not in told
    assert source.asked(PATH) >= 1


async def test_a_proxy_of_the_environment_may_stand_in_a_private_network(
    source: SourceServer, spool: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", f"http://proxy.example:{source.port}")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    book = Book({"proxy.example": ["127.0.0.1"]})

    async with Fetcher(user_agent=AGENT, spool=spool, trust_env=True, resolver=book) as fetcher:
        content = await fetcher.fetch(f"http://localhost{PATH}", feed="ofac-sdn")

    assert isinstance(content, Content)
    assert content.path.read_bytes() == LIST
    assert source.requests[0].headers["Host"] == "localhost"


# --- one at a time ----------------------------------------------------------------------------------------------------


async def test_a_host_is_asked_one_thing_at_a_time(source: SourceServer, fetcher: Fetcher) -> None:
    source.misbehave(PATH, Late(0.02))

    async with asyncio.TaskGroup() as group:
        for _ in range(4):
            group.create_task(fetch(fetcher, source))

    assert source.asked(PATH) == 4
    assert source.open_at_most == 1


async def test_waiting_for_ones_turn_does_not_count_as_slowness(
    source: SourceServer, spool: Path
) -> None:
    source.misbehave(PATH, Stall(), times=2)

    limits = {"stall": timedelta(seconds=0.2), "total": timedelta(seconds=0.35)}
    async with a_fetcher(spool, **limits) as fetcher:
        first, second, third = await asyncio.gather(
            *(fetch(fetcher, source) for _ in range(3)), return_exceptions=True
        )

    assert isinstance(first, Stalled)
    assert isinstance(second, Stalled)
    assert isinstance(third, Content)


async def test_after_a_failure_the_same_fetcher_goes_on(
    source: SourceServer, fetcher: Fetcher
) -> None:
    source.misbehave(PATH, CutShort(), times=1)

    with pytest.raises(TruncatedBody):
        await fetch(fetcher, source)

    assert (await content_of(fetcher, source)).path.read_bytes() == LIST


# --- below ------------------------------------------------------------------------------------------------------------


def a_fetcher(spool: Path, **limits: Any) -> AbstractAsyncContextManager[Fetcher]:
    # Names that the tests ask for are known here and nowhere else: nothing leaves this machine.
    book = Book({"inside.example": ["10.0.0.1"], "localhost": ["127.0.0.1"]})
    return Fetcher(user_agent=AGENT, spool=spool, limits=Limits(**limits), resolver=book)


async def fetch(
    fetcher: Fetcher, source: SourceServer, path: str = PATH, **asked: Any
) -> NotModified | Content:
    return await fetcher.fetch(source.url + path, feed="ofac-sdn", **asked)


async def content_of(
    fetcher: Fetcher, source: SourceServer, path: str = PATH, **asked: Any
) -> Content:
    content = await fetch(fetcher, source, path, **asked)
    assert isinstance(content, Content)
    return content


def left_in(spool: Path) -> list[Path]:
    return list(spool.iterdir())
