"""Strict helpers for listings and item pages."""

import pytest

from feeds.base import Page
from feeds.errors import FeedError, ForbiddenMarkup, NotTheFeed, Truncated, UnexpectedShape
from feeds.pages import (
    JsonObject,
    attribute,
    elements,
    html,
    json_object,
    only,
    paragraphs,
    permitted_address,
    refuse_challenge,
    text_of,
    web_address,
)

SITE = "https://home.treasury.gov/news/press-releases"


def a_page(body: str | bytes) -> Page:
    return Page("listing", SITE, body.encode() if isinstance(body, str) else body)


def parsed(body: str):  # type: ignore[no-untyped-def]
    return html("a-feed", a_page(f"<html><body>{body}</body></html>"), "a listing")


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("", Truncated),
        (" \r\n", Truncated),
        ("\ufeff", Truncated),
        ("<html><body><p>cut", Truncated),
        ("<html><body></body></html", Truncated),
        ("<html></html>" + "x" * 5000, Truncated),
        ('{"items": []}', NotTheFeed),
        ("<?xml version='1.0'?><rss></rss>", NotTheFeed),
        (b"\x1f\x8b\x08", NotTheFeed),
        (b"<html><body>\xff\xfe</body></html>", UnexpectedShape),
        ("<html><body>" + "<div>" * 1000 + "</div>" * 1000 + "</body></html>", ForbiddenMarkup),
    ],
)
def test_what_is_no_whole_html_page_is_refused(body: str | bytes, error: type[FeedError]) -> None:
    with pytest.raises(error):
        html("a-feed", a_page(body), "a listing")


def test_a_script_behind_the_end_of_a_page_is_allowed() -> None:
    root = html(
        "a-feed", a_page("<html><body><p>whole</p></body></HTML >\n<!-- edge 7 -->"), "a page"
    )

    assert text_of(root) == "whole"


def test_a_firewalls_page_is_named_as_one() -> None:
    with pytest.raises(NotTheFeed, match="firewall"):
        refuse_challenge("a-feed", a_page("<html>Access Denied</html>"), "a listing")


def test_elements_are_found_by_one_of_their_classes_and_not_by_a_part_of_it() -> None:
    root = parsed(
        "<p class='x date-format y'>1</p><p class=date-format>2</p><p class=date-formatted>3</p>"
    )

    assert [text_of(p) for p in elements(root, "p", "date-format")] == ["1", "2"]
    assert [text_of(p) for p in elements(root, "*", "date-formatted")] == ["3"]


def test_one_element_is_neither_none_nor_two() -> None:
    root = parsed("<p>1</p><p>2</p>")

    assert text_of(only("f", elements(root, "p")[:1], "the page", "a p")) == "1"
    for wrong in (elements(root, "p"), elements(root, "h1")):
        with pytest.raises(UnexpectedShape, match="exactly one"):
            only("f", wrong, "the page", "a p")


def test_an_empty_attribute_is_as_good_as_none() -> None:
    link, empty, bare = elements(parsed("<a href=' /x '>1</a><a href=''>2</a><a>3</a>"), "a")

    assert attribute("f", link, "href", "a row") == "/x"
    for wrong in (empty, bare):
        with pytest.raises(UnexpectedShape, match="href"):
            attribute("f", wrong, "href", "a row")


def test_text_is_what_a_reader_sees() -> None:
    root = parsed(
        "<div>Two\u00a0 words<br>and <b>mo</b>re<script>var x</script><style>p{}</style><p>.</p></div>"
    )

    assert text_of(elements(root, "div")[0]) == "Two words and more ."


def test_paragraphs_end_where_a_reader_sees_an_end() -> None:
    root = parsed(
        "<div>A <i>b</i> c<p>first <a href=/1>link</a></p>between<ul><li>one<li>two</ul>x<br>y"
        "<p> END </p><p>after <a href=/2>link</a></p></div><p>outside</p>"
    )

    texts, links = paragraphs(elements(root, "div")[0], lambda text: text == "END")

    assert texts == ["A b c", "first link", "between", "one", "two", "x", "y"]
    assert links == ["/1"]


@pytest.mark.parametrize(
    ("href", "address"),
    [
        ("/news/press-releases/sb0632/", "https://home.treasury.gov/news/press-releases/sb0632/"),
        ("press-releases/sb0632", "https://home.treasury.gov/news/press-releases/sb0632"),
        (" https://home.treasury.gov/a ", "https://home.treasury.gov/a"),
        ("https://home.treasury.gov:443/a", "https://home.treasury.gov:443/a"),
        ("https://HOME.treasury.gov/a", "https://HOME.treasury.gov/a"),
        ("//home.treasury.gov/a", "https://home.treasury.gov/a"),
    ],
)
def test_an_address_on_the_same_host_is_permitted(href: str, address: str) -> None:
    permitted = permitted_address(SITE, href)

    assert permitted is not None and permitted.geturl() == address


@pytest.mark.parametrize(
    "href",
    [
        "",
        "http://home.treasury.gov/a",
        "https://home.treasury.gov.example.org/a",
        "https://example.org/news/press-releases/sb0632",
        "//example.org/a",
        "https://home.treasury.gov:8443/a",
        "https://home.treasury.gov@example.org/a",
        "https://user:word@home.treasury.gov/a",
        "https://@home.treasury.gov/a",
        "/news/../a",
        "/news/press-releases/..",
        "/news/%2e%2e/a",
        "/news%2Fa",
        "/news\\a",
        "/new s",
        "/news\n/a",
        "https:\\\\example.org/a",
        "javascript:alert(1)",
        "data:text/html,x",
        "file:///etc/hostname",
        "https://[home.treasury.gov/a",
        "https://home.treasury.gov:port/a",
    ],
)
def test_any_other_address_is_not(href: str) -> None:
    assert permitted_address(SITE, href) is None


@pytest.mark.parametrize("host", ["127.0.0.1:9999", "localhost:9999", "[::1]:9999"])
def test_on_loopback_the_same_scheme_host_and_port_take_the_place_of_https(host: str) -> None:
    base = f"http://{host}/news/press-releases"

    permitted = permitted_address(base, "/a")

    assert permitted is not None and permitted.geturl() == f"http://{host}/a"
    assert permitted_address(base, f"https://{host}/a") is None
    assert permitted_address(base, f"http://{host[:-1]}/a") is None
    assert permitted_address(base, "https://home.treasury.gov/a") is None


def test_plain_http_is_for_loopback_only() -> None:
    assert permitted_address("http://home.treasury.gov/news", "/a") is None


@pytest.mark.parametrize(
    ("href", "address"),
    [
        (
            "https://ofac.treasury.gov/recent-actions/20241216",
            "https://ofac.treasury.gov/recent-actions/20241216",
        ),
        ("/x?y=1", "https://home.treasury.gov/x?y=1"),
        ("http://example.org", "http://example.org"),
        ("#top", None),
        ("mailto:press@example.org", None),
        ("javascript:alert(1)", None),
        ("https://[broken/", None),
        ("ftp://example.org/x", None),
    ],
)
def test_a_link_in_a_text_is_a_web_address_or_nothing(href: str, address: str | None) -> None:
    assert web_address(SITE, href) == address


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ("", Truncated),
        ('{"items": [', Truncated),
        ('{"count": NaN}', Truncated),
        ('{"count": 1} x', Truncated),
        ('{"count": ' + "9" * 5000 + "}", Truncated),
        ("<html></html>", NotTheFeed),
        ("[]", NotTheFeed),
        (b'{"title": "\xff"}', UnexpectedShape),
        ('{"a":' * 200_000, ForbiddenMarkup),
    ],
)
def test_what_is_no_whole_json_object_is_refused(body: str | bytes, error: type[FeedError]) -> None:
    with pytest.raises(error):
        json_object("a-feed", a_page(body), "manifest")


def test_members_are_taken_with_their_type() -> None:
    document = json_object(
        "a-feed",
        a_page(
            '\ufeff{"title": " a ", "count": 0, "items": [{"x": "1"}, {}], "sub": {"y": "2"}, "none": null}'
        ),
        "manifest",
    )

    assert document.text("title") == " a "
    assert document.number("count") == 0
    assert [item.optional_text("x") for item in document.objects("items")] == ["1", ""]
    assert document.optional_object("sub").text("y") == "2"
    assert (
        document.optional_text("none") == document.optional_object("none").optional_text("z") == ""
    )


@pytest.mark.parametrize(
    ("take", "where"),
    [
        (lambda d: d.text("absent"), "manifest.absent"),
        (lambda d: d.text("empty"), "manifest.empty"),
        (lambda d: d.text("number"), "manifest.number"),
        (lambda d: d.optional_text("number"), "manifest.number"),
        (lambda d: d.number("true"), "manifest.true"),
        (lambda d: d.number("negative"), "manifest.negative"),
        (lambda d: d.number("fraction"), "manifest.fraction"),
        (lambda d: d.number("empty"), "manifest.empty"),
        (lambda d: d.objects("number"), "manifest.number"),
        (lambda d: d.objects("mixed"), "manifest.mixed"),
        (lambda d: d.objects("absent"), "manifest.absent"),
        (lambda d: d.optional_object("mixed"), "manifest.mixed"),
        (lambda d: d.objects("items")[1].text("x"), "manifest.items[1].x"),
    ],
)
def test_a_member_of_another_type_is_refused_by_name(take, where: str) -> None:  # type: ignore[no-untyped-def]
    members = {
        "empty": "  ",
        "number": 1,
        "true": True,
        "negative": -1,
        "fraction": 1.5,
        "mixed": [{}, 1],
        "items": [{"x": "1"}, {"x": 2}],
    }

    with pytest.raises(UnexpectedShape) as caught:
        take(JsonObject("a-feed", "manifest", members))

    assert caught.value.where == where
