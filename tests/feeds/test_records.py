"""Reading a large list one record at a time: what no honest list contains is refused, what is unknown is named."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds import RegisterAdapter, by_id
from feeds.base import ListedParty, Unread
from feeds.errors import FeedError, ForbiddenMarkup, NotTheFeed, Truncated, UnexpectedShape
from feeds.records import Element, RegisterReading, read_register
from tests.builders import a_party
from tests.ofac_xml import NAMESPACE, Writing, sdn_xml

PARTIES = {str(number): a_party(name=f"COMPANY {number}, Ján & Söhne") for number in range(1, 8)}
LIST = sdn_xml(PARTIES)


def adapter() -> RegisterAdapter:
    found = by_id("ofac-sdn")
    assert isinstance(found, RegisterAdapter)
    return found


def read(content: bytes) -> RegisterReading:
    """The reading of a whole list, to its end."""
    reading = read_register(adapter(), io.BytesIO(content))
    for _ in reading:
        pass
    return reading


def refused(content: bytes) -> FeedError:
    with pytest.raises(FeedError) as caught:
        read(content)
    assert str(caught.value).startswith("ofac-sdn: ")
    return caught.value


def with_entry(markup: str, beside: str = "", before: str = "") -> bytes:
    """A list with one record that also holds this markup, and markup beside the record."""
    return (
        f'{before}<sdnList xmlns="{NAMESPACE}"><publshInformation><Publish_Date>12/16/2024</Publish_Date>'
        f"<Record_Count>1</Record_Count></publshInformation>{beside}<sdnEntry><uid>7</uid>"
        f"<lastName>DOE</lastName><sdnType>Individual</sdnType>{markup}</sdnEntry></sdnList>"
    ).encode()


# --- what is read ---------------------------------------------------------------------------------------------------


def test_a_list_says_its_date_count_and_namespace() -> None:
    reading = read(LIST)

    assert (reading.count, reading.namespace, reading.unread) == (7, NAMESPACE, [])
    assert (reading.head.stated_date, reading.head.declared_count) == ("12/16/2024", 7)


def test_a_list_is_read_from_a_path(tmp_path: Path) -> None:
    (tmp_path / "list.xml").write_bytes(LIST)

    reading = read_register(adapter(), tmp_path / "list.xml")

    assert [party.key for party in reading] == list(PARTIES)


def test_records_are_yielded_while_the_rest_has_not_been_read() -> None:
    many = {str(number): a_party(name="X" * 1000) for number in range(500)}
    file = io.BytesIO(sdn_xml(many))

    party = next(read_register(adapter(), file))

    assert party.key == "0"
    assert file.tell() < len(file.getvalue()) / 2


def test_memory_stays_flat() -> None:
    """Elements that were read are let go of: none is kept by the tree."""
    many = {str(number): a_party() for number in range(300)}
    seen = []
    of_list = adapter()

    def read_and_count(entry: Element) -> ListedParty:
        parent = entry.getparent()
        assert parent is not None
        seen.append(len(parent))
        return of_list.read(entry)

    watching = RegisterAdapter(of_list.feed, read_and_count, of_list.read_head, of_list.module)

    assert sum(1 for _ in read_register(watching, io.BytesIO(sdn_xml(many)))) == 300
    assert max(seen) < 300, "no more stands in the tree than one piece of the file"


@pytest.mark.parametrize("place", ["first", "last", "between"])
def test_the_head_may_stand_anywhere(place: str) -> None:
    head = b"<publshInformation><Record_Count>7</Record_Count></publshInformation>"
    plain = sdn_xml(PARTIES)
    begin, end = plain.index(b"<publsh"), plain.index(b"</publshInformation>") + 20
    body = plain[:begin] + plain[end:]
    at = {
        "first": begin,
        "last": body.index(b"</sdnList>"),
        "between": body.index(b"</sdnEntry>") + 11,
    }[place]

    assert read(body[:at] + head + body[at:]).head.declared_count == 7


# --- what is unknown ------------------------------------------------------------------------------------------------

UNKNOWN = {
    "euReference": "<euReference>EU.1</euReference>",
    "@new": None,
    "text()": "news",
    "lastName/@new": '<title new="1">x</title>',
    "title/part": "<title>Director <part>of</part> all</title>",
    "title (a second one)": "<title>One</title><title>Two</title>",
    "programList/@new": '<programList new="1"><program>SDGT</program></programList>',
    "programList/authority": "<programList><authority>news</authority></programList>",
    "programList/program/@new": '<programList><program new="1">SDGT</program></programList>',
    "akaList/aka/@new": '<akaList><aka new="1"><lastName>A</lastName></aka></akaList>',
    "akaList/aka/script": "<akaList><aka><lastName>A</lastName><script>Hang</script></aka></akaList>",
    "akaList/aka/text()": "<akaList><aka>news<lastName>A</lastName></aka></akaList>",
    "akaList/aka/lastName/@new": '<akaList><aka><lastName new="1">A</lastName></aka></akaList>',
    "idList/id/uid/@new": '<idList><id><uid new="1">1</uid><idType>A</idType></id></idList>',
    "idList/id/uid/part": "<idList><id><uid>1<part>news</part></uid><idType>A</idType></id></idList>",
    "vesselInfo/@new": '<vesselInfo new="1"><callSign>A</callSign></vesselInfo>',
    "vesselInfo/engine": "<vesselInfo><engine>news</engine></vesselInfo>",
}


@pytest.mark.parametrize(("path", "markup"), UNKNOWN.items(), ids=list(UNKNOWN))
def test_what_is_unknown_in_a_record_is_named_by_its_path(path: str, markup: str | None) -> None:
    content = with_entry(markup or "")
    if path == "@new":
        content = content.replace(b"<sdnEntry>", b'<sdnEntry new="1">')
    if path == "lastName/@new":
        content = with_entry("").replace(b"<lastName>", b'<lastName new="1">')

    reading = read(content)

    assert [unread.path for unread in reading.unread] == [path]
    assert reading.count == 1, "the list goes on being watched"


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("notice", with_entry("", beside="<notice>news</notice>")),
        ("text between the records", with_entry("", beside="news")),
        ("@new", with_entry("").replace(b"<sdnList ", b'<sdnList new="1" ')),
        (
            "publshInformation/Valid_Until",
            with_entry("").replace(
                b"</publshInformation>", b"<Valid_Until>news</Valid_Until></publshInformation>"
            ),
        ),
        (
            "publshInformation/@new",
            with_entry("").replace(b"<publshInformation>", b'<publshInformation new="1">'),
        ),
        (
            "publshInformation/Publish_Date/@new",
            with_entry("").replace(b"<Publish_Date>", b'<Publish_Date new="1">'),
        ),
        (
            "publshInformation/text()",
            with_entry("").replace(b"<publshInformation>", b"<publshInformation>news"),
        ),
        (
            "publshInformation (a second one)",
            with_entry("", beside="<publshInformation/>"),
        ),
    ],
)
def test_what_is_unknown_beside_the_records_is_named(path: str, content: bytes) -> None:
    reading = read(content)

    assert [unread.path for unread in reading.unread] == [path]
    assert reading.count == 1
    assert reading.head.declared_count == 1


def test_an_example_of_what_is_unknown_is_short() -> None:
    (unread,) = read(with_entry(f"<news>{'long ' * 100}</news>")).unread

    assert unread == Unread("news", ("long " * 100)[:80])


# --- what is refused ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"", b" \r\n ", b"\xef\xbb\xbf"], ids=repr)
def test_nothing_at_all_is_truncated(content: bytes) -> None:
    assert isinstance(refused(content), Truncated)


@pytest.mark.parametrize(
    "content",
    [
        b"<!DOCTYPE html><html><head></head><body>Access Denied</body></html>",
        b"\n <HTML><body>Please wait",
        "<html><body>Maintenance</body></html>".encode("utf-16"),
        b'{"message": "Forbidden"}',
        b"ent_num,name\n1,DOE\n",
        b"\x1f\x8b\x08\x00\x00\x00\x00\x00",
        b"<anotherList/>",
        b'<?xml version="1.0"?><Error><Code>NoSuchKey</Code></Error>',
        b"<sdnList2 xmlns='x'></sdnList2>",
    ],
    ids=lambda content: content[:20],
)
def test_something_else_is_not_the_feed(content: bytes) -> None:
    assert isinstance(refused(content), NotTheFeed)


def test_a_record_under_another_root_is_not_the_feed() -> None:
    assert isinstance(refused(LIST.replace(b"sdnList", b"otherList")), NotTheFeed)


@settings(max_examples=80)
@given(cut=st.integers(60, len(LIST.rstrip()) - 1))
def test_a_list_that_was_cut_anywhere_is_truncated(cut: int) -> None:
    assert isinstance(refused(LIST[:cut]), Truncated)


def test_a_list_that_was_cut_inside_a_reference_is_truncated() -> None:
    assert isinstance(refused(LIST[: LIST.index(b"&amp;") + 3]), Truncated)


def test_markup_that_does_not_match_is_truncated() -> None:
    assert isinstance(refused(LIST.replace(b"</lastName>", b"</firstName>", 1)), Truncated)


def test_bytes_that_are_not_of_the_encoding_are_truncated() -> None:
    assert isinstance(refused(LIST.replace("á".encode(), b"\xe1", 1)), Truncated)


BOMB = "".join(f'<!ENTITY b{n} "{f"&b{n - 1};" * 10 if n else "ha" * 50}">' for n in range(10))


def document_types() -> Iterator[tuple[str, bytes]]:
    plain = LIST[LIST.index(b"<sdnList") :]
    for name, declared in {
        "plain": "",
        "system": ' SYSTEM "http://127.0.0.1:9/list.dtd"',
        "file": ' SYSTEM "file:///etc/hostname"',
        "public": ' PUBLIC "-//W3C//DTD XHTML 1.0 Strict//EN" "http://127.0.0.1:9/x.dtd"',
        "entity": ' [<!ENTITY e "DOE">]',
        "bomb": f" [{BOMB}]",
        "external entity": ' [<!ENTITY e SYSTEM "file:///etc/hostname">]',
        "parameter entity": ' [<!ENTITY % e SYSTEM "http://127.0.0.1:9/e">%e;]',
        "default attribute": ' [<!ATTLIST sdnEntry new CDATA "1">]',
    }.items():
        used = plain
        if "entity" in name:
            used = plain.replace(b"COMPANY 1", b"&e;", 1)
        if name == "bomb":
            used = plain.replace(b"COMPANY 1", b"&b9;", 1)
        yield name, f"<!DOCTYPE sdnList{declared}>".encode() + used


@pytest.mark.parametrize(
    ("name", "content"), list(document_types()), ids=lambda value: str(value)[:20]
)
def test_a_document_type_is_refused_before_anything_is_used(name: str, content: bytes) -> None:
    reading = read_register(adapter(), io.BytesIO(content))

    with pytest.raises(ForbiddenMarkup):
        next(reading)

    assert reading.count == 0


def test_an_entity_that_nobody_declared_is_refused() -> None:
    refused(LIST.replace(b"COMPANY 1", b"&xxe;", 1))


@pytest.mark.parametrize(
    "content",
    [
        with_entry("<sdnEntry><uid>8</uid></sdnEntry>"),
        with_entry("", beside="<group><sdnEntry><uid>8</uid></sdnEntry></group>"),
        with_entry("", beside="<sdnList/>"),
        with_entry("<sdnList/>"),
    ],
    ids=["record in record", "record in something else", "root in root", "root in record"],
)
def test_a_record_or_a_root_where_none_belongs_is_refused(content: bytes) -> None:
    assert isinstance(refused(content), ForbiddenMarkup)


def test_nesting_without_end_is_refused() -> None:
    assert isinstance(refused(with_entry("<a>" * 10_000 + "</a>" * 10_000)), ForbiddenMarkup)


def test_a_text_without_end_is_refused() -> None:
    content = with_entry(f"<remarks>{'x' * 11_000_000}</remarks>")

    assert isinstance(refused(content), ForbiddenMarkup)


@pytest.mark.parametrize("missing", [b"<uid>7</uid>", b"<lastName>DOE</lastName>"])
@pytest.mark.parametrize("instead", [b"", b"<uid> </uid><lastName/>"])
def test_a_record_without_what_every_record_has_is_refused(missing: bytes, instead: bytes) -> None:
    content = with_entry("").replace(
        missing, b"" if instead == b"" else missing.split(b">")[0] + b"/>"
    )

    assert isinstance(refused(content), UnexpectedShape)


def test_no_network_or_file_is_ever_asked(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """An include is an unknown element like any other; a style sheet is a processing instruction, which says nothing."""
    secret = tmp_path / "secret"
    secret.write_text("SECRET")
    content = with_entry(
        f'<include xmlns="http://www.w3.org/2001/XInclude" href="{secret.as_uri()}" parse="text"/>',
        before=f'<?xml-stylesheet href="{secret.as_uri()}"?>',
    )

    reading = read(content)

    assert [unread.path for unread in reading.unread] == ["include"]
    assert "SECRET" not in repr(reading.unread)


def test_what_was_written_in_utf_16_is_read() -> None:
    assert read(sdn_xml(PARTIES, writing=Writing(encoding="utf-16"))).count == 7
