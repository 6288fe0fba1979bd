"""What an answer's status, headers and first bytes mean."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.errors import NotTheFeed
from monitor.fetch.answers import Expectation, challenge_sign, check_beginning, failure, retry_after
from monitor.fetch.errors import (
    Blocked,
    FetchError,
    NotFound,
    RateLimited,
    ServerError,
    UnexpectedStatus,
)

NOW = datetime(2024, 12, 16, 15, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "kind", "reason"),
    [
        (403, Blocked, "blocked"),
        (429, RateLimited, "rate_limited"),
        (500, ServerError, "server_error"),
        (503, ServerError, "server_error"),
        (404, NotFound, "not_found"),
        (410, NotFound, "not_found"),
        (204, UnexpectedStatus, "unexpected_status"),
        (206, UnexpectedStatus, "unexpected_status"),
        (304, UnexpectedStatus, "unexpected_status"),
        (401, UnexpectedStatus, "unexpected_status"),
    ],
)
def test_each_status_is_its_own_failure(status: int, kind: type[FetchError], reason: str) -> None:
    found = failure(status, {"Retry-After": "60"}, feed="ofac-sdn", host="list.example", now=NOW)

    assert type(found) is kind
    assert found.reason == reason
    assert found.retry_after == timedelta(seconds=60)
    assert "ofac-sdn: list.example" in str(found)


def test_200_is_left_to_its_body() -> None:
    assert failure(200, {}, feed="ofac-sdn", host="list.example", now=NOW) is None


@pytest.mark.parametrize("status", [200, 202, 403, 405])
def test_the_firewalls_header_is_a_block_whatever_the_status(status: int) -> None:
    headers = {"x-amzn-waf-action": "challenge"}

    found = failure(status, headers, feed="ofac-sdn", host="list.example", now=NOW)

    assert isinstance(found, Blocked)
    assert "challenge" in str(found)


@pytest.mark.parametrize(
    ("headers", "wish"),
    [
        ({}, None),
        ({"Retry-After": "120"}, timedelta(seconds=120)),
        ({"Retry-After": " 0 "}, timedelta(0)),
        ({"Retry-After": "Mon, 16 Dec 2024 15:10:00 GMT"}, timedelta(minutes=10)),
        ({"Retry-After": "Monday, 16-Dec-24 15:10:00 GMT"}, timedelta(minutes=10)),
        ({"Retry-After": "Mon, 16 Dec 2024 14:00:00 GMT"}, timedelta(0)),
        (
            {
                "Retry-After": "Mon, 16 Dec 2024 18:10:00 GMT",
                "Date": "Mon, 16 Dec 2024 18:00:00 GMT",
            },
            timedelta(minutes=10),
        ),
        ({"Retry-After": "soon"}, None),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "1.5"}, None),
        ({"Retry-After": "²"}, None),
        ({"Retry-After": "9" * 5000}, timedelta(days=30)),
        ({"Retry-After": "Mon, 99 Dec 2024 15:10:00 GMT"}, None),
    ],
)
def test_both_forms_of_retry_after_are_understood(
    headers: dict[str, str], wish: timedelta | None
) -> None:
    assert retry_after(headers, NOW) == wish


@given(st.text(max_size=60))
def test_no_retry_after_can_break_us(text: str) -> None:
    wish = retry_after({"Retry-After": text, "Date": text}, NOW)

    assert wish is None or timedelta(0) <= wish


@pytest.mark.parametrize(
    "page",
    [
        b"<HTML><HEAD>\n<TITLE>Access Denied</TITLE></HEAD><BODY>" + b"x" * 5000,
        b"<html><body><h1 class='big'> Access Denied",
        b"<html><body>Access Denied</body></html>",
        b"<html>Request unsuccessful. Incapsula incident ID: 1",
        b"<html><script src='/_Incapsula_Resource?x'></script>",
    ],
)
def test_a_firewalls_page_is_recognised(page: bytes) -> None:
    assert challenge_sign("text/html; charset=utf-8", page[:4096], is_whole=len(page) < 4096)


def test_a_release_that_speaks_of_access_denied_is_honest() -> None:
    page = (
        b"<!DOCTYPE html><html><head><title>Treasury: Access Denied to Funds</title>" + b"x" * 5000
    )

    assert challenge_sign("text/html", page, is_whole=False) is None


def test_a_list_that_speaks_of_access_denied_is_honest() -> None:
    page = b"<sdnList><sdnEntry><lastName>ACCESS DENIED LTD"

    assert challenge_sign("application/xml", page, is_whole=True) is None


@pytest.mark.parametrize(
    ("expects", "content_type", "beginning"),
    [
        ("xml", "text/html", b"<?xml version='1.0'?>"),
        ("xml", "application/xml", b"\n <!DOCTYPE HTML PUBLIC"),
        ("xml", "application/xml", b"\xef\xbb\xbf<html lang='en'>"),
        ("xml", "application/xml", b'{"error": "no"}'),
        ("json", "application/json", b"<!doctype html>"),
        ("json", "text/html", b"[]"),
        ("json", "application/json", b"<Error><Code>AccessDenied</Code></Error>"),
        ("html", "application/json", b'{"error": "no"}'),
    ],
)
def test_what_is_plainly_something_else_is_refused(
    expects: Expectation, content_type: str, beginning: bytes
) -> None:
    with pytest.raises(NotTheFeed) as caught:
        check_beginning("ofac-sdn", expects, content_type, beginning)

    assert caught.value.feed == "ofac-sdn"
    assert len(caught.value.beginning) <= 80


@pytest.mark.parametrize(
    ("expects", "content_type", "beginning"),
    [
        ("xml", "application/xml", b"\xef\xbb\xbf<?xml version='1.0'?>"),
        ("xml", "binary/octet-stream", "\ufeff<?xml version='1.0'?>".encode("utf-16-le")),
        ("xml", "", b"<htmlish/>"),
        ("json", "application/json", b'  {"count": 0}'),
        ("json", "binary/octet-stream", b"[]"),
        ("html", "text/html", b"<div>a fragment, for its reader to judge"),
        ("html", "", b"<!doctype html>"),
    ],
)
def test_what_may_be_the_document_is_left_to_its_reader(
    expects: Expectation, content_type: str, beginning: bytes
) -> None:
    check_beginning("ofac-sdn", expects, content_type, beginning)
