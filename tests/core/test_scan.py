"""Reading by bytes is a full reading, or it is none: it falls back at any doubt and otherwise says exactly the same."""

import io
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds import RegisterAdapter, by_id
from feeds.base import Head, Unread
from feeds.errors import FeedError, RepeatedKey
from feeds.records import read_register
from monitor.core import scan as scan_module
from monitor.core.canonical import Document, digest, party_document
from monitor.core.diff import diff
from monitor.core.evidence import register_digest
from monitor.core.fingerprints import Fingerprints, KnownBytes
from monitor.core.scan import Doubt, Fallback, Scan
from tests.builders import a_party, an_identifier
from tests.ofac_xml import Writing, sdn_xml

Register = dict[str, Document]
Said = tuple[Register, Head, str, list[Unread]]
"""What a reading says: the documents by key, the head, the namespace, and what was neither taken nor ignored."""

PARTIES: Register = {
    "36": a_party(name="AEROCARIBBEAN AIRLINES", type="entity", programs=["CUBA"]),
    "173": a_party(
        name="ANGLO-CARIBBEAN CO., Ján & Söhne",
        aliases=[{"last": "AVIA IMPORT", "kind": "aka", "strength": "strong"}],
        addresses=[{"address1": "Ibex House", "city": "London", "country": "United Kingdom"}],
    ),
    "306": a_party(
        name="DOE, Jane",
        remarks="(Linked To: X > Y)",
        identifiers=[an_identifier("Passport", "1", country="Cuba"), an_identifier("Gender", "F")],
        dates_of_birth=[{"date": "circa 1962", "main": "true"}],
    ),
    "424": a_party(name="MOON", type="vessel", vessel={"flag": "Panama", "type": "Tanker"}),
    "475": a_party(name="ROE, Richard", title="Director"),
}
LIST = sdn_xml(PARTIES)
PIECE = 512


def adapter(**changed: Any) -> RegisterAdapter:
    found = by_id("ofac-sdn")
    assert isinstance(found, RegisterAdapter)
    return replace(found, feed=replace(found.feed, **changed)) if changed else found


def read_whole(content: bytes) -> Said | type[FeedError]:
    """What a full reading says, or the error that it ends in."""
    reading = read_register(adapter(), io.BytesIO(content))
    documents: Register = {}
    try:
        for party in reading:
            if party.key in documents:
                return RepeatedKey
            documents[party.key] = party_document(party)
    except FeedError as error:
        return type(error)
    return documents, reading.head, reading.namespace, sorted(reading.unread, key=str)


class Memory:
    """What is remembered of a register in force, and its documents."""

    def __init__(self, register: Register, fingerprints: Fingerprints) -> None:
        self.register = register
        self.fingerprints = fingerprints


def read_by_bytes(
    content: bytes, memory: Memory | None = None, by: RegisterAdapter | None = None
) -> tuple[Said, Scan, set[str]]:
    """What a reading by bytes says, the scan, and the keys of what it parsed. Raises Fallback."""
    file = io.BytesIO(content)
    pieces = iter(lambda: file.read(PIECE), b"")
    if memory:
        of = memory.fingerprints
        known = KnownBytes(of.context, list(of.digests()), of.raws)
        scan = Scan(by or adapter(), pieces, known)
    else:
        scan = Scan(by or adapter(), pieces)
    documents = {party.key: party_document(party) for party in scan}
    parsed = set(documents)
    for key in scan.unchanged:
        assert memory and key not in documents
        documents[key] = memory.register[key]
    return (documents, scan.head, scan.namespace, sorted(scan.unread, key=str)), scan, parsed


def remembered(content: bytes, by: RegisterAdapter | None = None) -> Memory:
    """What is remembered after a list was read by its bytes."""
    (documents, *_), scan, _ = read_by_bytes(content, by=by)
    fingerprints = scan.remember({key: digest(each) for key, each in documents.items()})
    return Memory(documents, fingerprints)


MEMORY = remembered(LIST)
FIRST = LIST[LIST.index(b"<sdnEntry>") : LIST.index(b"</sdnEntry>") + 11]


def holds_both_ways(content: bytes) -> bool:
    """Hold both ways against each other, with and without memory; whether the reading by bytes came through."""
    whole = read_whole(content)
    came_through = False
    for memory in (None, MEMORY):
        try:
            said, scan, _ = read_by_bytes(content, memory)
        except Fallback:
            continue
        came_through = True
        assert said == whole
        register = said[0]
        assert isinstance(whole, tuple)
        assert diff(MEMORY.register, register) == diff(MEMORY.register, whole[0])
        digests = {key: digest(each) for key, each in register.items()}
        assert scan.remember(digests).are_of(register_digest(digests))
    return came_through


# --- the same, or nothing -------------------------------------------------------------------------------------------

TRICKS = [
    b"<!-- </sdnEntry> -->",
    b"<!--",
    b"-->",
    b"<![CDATA[</sdnEntry>]]>",
    b"<![CDATA[",
    b"]]>",
    b"<?pi </sdnEntry>?>",
    b"<?xml version='1.0'?>",
    b"<!DOCTYPE sdnList>",
    b"&amp;",
    b"&#60;",
    b"&#x10FFFF;",
    b"&#0;",
    b"&nothing;",
    b"&",
    b"<",
    b">",
    b"/>",
    b'"',
    b"</sdnEntry>",
    b"</sdnEntry >",
    b"</sdnEntry\n>",
    b"<sdnEntry>",
    b"<sdnEntry/>",
    b"<sdnEntry><uid>9</uid><lastName>N</lastName><sdnType>Entity</sdnType></sdnEntry>",
    b"</sdnEntry><sdnEntry>",
    b"</sdnList><sdnList>",
    b"</sdnList>",
    b"<sdnList/>",
    b"<x:sdnEntry xmlns:x='u'><uid>8</uid></x:sdnEntry>",
    b"<sdnEntry xmlns='other'><uid>8</uid><lastName>O</lastName><sdnType>Entity</sdnType></sdnEntry>",
    b"<publshInformation><Record_Count>5</Record_Count></publshInformation>",
    b"<uid>36</uid>",
    b"<news>old</news>",
    b"<news a='>'/>",
    b" new='>'",
    b" new='</sdnEntry>'",
    b" xmlns='other'",
    b" xml:id='a'",
    b" xml:space='preserve'",
    b"where-the-records-stand",
    b"<where-the-records-stand/>",
    b"sdnEntry",
    b"sdnList",
    b"text",
    b" ",
    b"\r\n\t",
    b"\xc2\xa0",
    b"\xe2\x80\xa8",
    b"\xef\xbb\xbf",
    b"\xe9",
    b"\xff\xfe",
    b"\x00",
    b"\x0b",
    b"",
]
PLACES = [0, *(n for n, byte in enumerate(LIST) if byte in b"<>"), len(LIST)]


def mutations() -> st.SearchStrategy[list[tuple[int, int, int, bytes]]]:
    """A few places, mostly at tags; where each begins, beside it; how many bytes leave there; what comes."""
    place = st.one_of(st.sampled_from(PLACES), st.integers(0, len(LIST)))
    cut = st.sampled_from([0, 0, 0, 1, 2, 11])
    return st.lists(
        st.tuples(place, st.integers(0, 1), cut, st.sampled_from(TRICKS)), min_size=1, max_size=3
    )


def mutated(mutations: list[tuple[int, int, int, bytes]]) -> bytes:
    content = LIST
    for place, beside, cut, trick in sorted(mutations, reverse=True):
        at = place + beside
        content = content[:at] + trick + content[at + cut :]
    return content


@settings(max_examples=300, deadline=None)
@given(mutations())
def test_mutated_bytes_are_read_alike_or_whole(given: list[tuple[int, int, int, bytes]]) -> None:
    holds_both_ways(mutated(given))


@pytest.mark.slow
@pytest.mark.timeout(600)
@settings(max_examples=5000, deadline=None)
@given(mutations())
def test_thousands_of_mutations_are_read_alike_or_whole(
    given: list[tuple[int, int, int, bytes]],
) -> None:
    holds_both_ways(mutated(given))


def texts() -> st.SearchStrategy[str]:
    return st.text("AZaz 09.,'-()&<>\"]é\u00a0\u2028é中😀\t\n", min_size=1, max_size=12).filter(
        str.strip
    )


def parties() -> st.SearchStrategy[Register]:
    party = st.fixed_dictionaries(
        {
            "type": st.sampled_from(["individual", "entity"]),
            "name": st.text("AZÉ中&' >", min_size=1, max_size=8).filter(str.strip),
        },
        optional={
            "remarks": texts(),
            "programs": st.lists(texts(), max_size=2),
            "aliases": st.lists(st.fixed_dictionaries({"last": texts()}), max_size=3),
            "identifiers": st.lists(
                st.fixed_dictionaries({"type": texts(), "number": texts()}), max_size=2
            ),
        },
    ).map(lambda given: a_party(**given))
    return st.dictionaries(st.integers(1, 40).map(str), party, min_size=1, max_size=6)


@settings(max_examples=150, deadline=None)
@given(
    parties=parties(),
    seed=st.one_of(st.none(), st.integers(0, 2**16)),
    encoding=st.sampled_from(["utf-8", "utf-8", "utf-8", "us-ascii", "utf-16", "latin-1"]),
    prefix=st.sampled_from(["", "", "", "x"]),
    count=st.one_of(st.none(), st.none(), st.integers(0, 7)),
)
def test_a_generated_list_is_read_alike_or_whole(
    parties: Register, seed: int | None, encoding: str, prefix: str, count: int | None
) -> None:
    random = Random(seed) if seed is not None else None
    writing = Writing(random=random, prefix=prefix, encoding=encoding)
    content = sdn_xml(parties, count=count, writing=writing)

    came_through = holds_both_ways(content)

    if seed is None and encoding == "utf-8" and not prefix and count in (None, len(parties)):
        assert came_through, "a plain list is read by its bytes"


@settings(max_examples=100, deadline=None)
@given(
    old=parties(), new=parties(), order=st.randoms(use_true_random=False), first=st.integers(1, 90)
)
def test_the_next_list_is_read_alike_and_in_part(
    old: Register, new: Register, order: Random, first: int
) -> None:
    """Records that come again, in any order, are known; a changed, new or renumbered one is parsed."""
    kept = {key: party for key, party in old.items() if int(key) % 3}
    keys = [*(kept | new)]
    order.shuffle(keys)
    both = {key: (kept | new)[key] for key in keys}
    memory = remembered(sdn_xml(old))
    content = sdn_xml(both, writing=Writing(first_uid=first))

    said, scan, parsed = read_by_bytes(content, memory)

    assert said == read_whole(content)
    assert {key for key in both if both[key] != old.get(key)} <= parsed
    assert parsed | scan.unchanged == set(both)


@pytest.mark.parametrize("length", [1, 2, 7, 64, 700, 100_000])
def test_where_the_pieces_end_is_nothing(length: int) -> None:
    pieces = [LIST[at : at + length] for at in range(0, len(LIST), length)]

    documents = {party.key: party_document(party) for party in Scan(adapter(), pieces)}

    assert documents == MEMORY.register


def test_the_real_lists_are_read_alike_and_by_their_bytes(shared_data: Path) -> None:
    for path in (
        shared_data / "ofac_cons" / "2018_consolidated.xml",
        shared_data / "ofac_sdn_xml" / "CONSOLIDATED_2024-05-06.xml",
        shared_data / "ofac_sdn_xml" / "CONSOLIDATED_2025-03-28.xml",
    ):
        content = path.read_bytes()
        said, _, parsed = read_by_bytes(content)
        again, _, parsed_again = read_by_bytes(content, remembered(content))

        assert said == again == read_whole(content)
        assert (len(parsed), parsed_again) == (len(said[0]), set())


# --- what is read by its bytes --------------------------------------------------------------------------------------


def test_only_what_is_new_is_parsed() -> None:
    content = sdn_xml(
        PARTIES | {"36": a_party(name="AEROCARIBBEAN"), "999": a_party(name="NEW, One")},
        date="12/17/2024",
    )

    said, scan, parsed = read_by_bytes(content, MEMORY)

    assert parsed == {"36", "999"}
    assert scan.unchanged == PARTIES.keys() - {"36"}
    assert said[1] == Head(stated_date="12/17/2024", declared_count=6)


@pytest.mark.parametrize(
    ("name", "content"),
    {
        "another date": sdn_xml(PARTIES, date="12/17/2024"),
        "another order": LIST.replace(FIRST, b"").replace(b"</sdnList>", FIRST + b"</sdnList>"),
        "the head at the end": LIST.replace(
            LIST[LIST.index(b"<publsh") : LIST.index(b"<sdnEntry>")], b""
        ).replace(
            b"</sdnList>", b"<publshInformation><Record_Count>5</Record_Count></publshInformation></sdnList>"
        ),
        "another layout around": LIST.replace(b"<publsh", b"\n<publsh").replace(b"</sdnList>", b"\n</sdnList>\n"),
    }.items(),
)  # fmt: skip
def test_nothing_is_parsed_where_every_record_comes_again(name: str, content: bytes) -> None:
    said, _, parsed = read_by_bytes(content, MEMORY)

    assert parsed == set()
    assert said == read_whole(content)


@pytest.mark.parametrize(
    ("name", "content"),
    {
        "a byte order mark": b"\xef\xbb\xbf" + LIST,
        "no declaration": LIST[LIST.index(b"<sdnList") :],
        "a declaration without an encoding": LIST.replace(b' encoding="utf-8"', b""),
        "OFAC's declaration": LIST.replace(b' encoding="utf-8"', b' standalone="yes"'),
        "single quotes": LIST.replace(b'encoding="utf-8"', b"encoding='UTF-8'"),
        "a > in an attribute of the root": LIST.replace(b"<sdnList ", b'<sdnList new="a>b" '),
        "a > in an attribute of a record": LIST.replace(b"<sdnEntry>", b'<sdnEntry new=">">', 1),
        "references": LIST.replace(b"MOON", b"M&#79;ON"),
        "a record in a namespace of its own": LIST.replace(
            b"<sdnEntry>", b"<sdnEntry xmlns='other'>", 1
        ),
        "a mention of the record's name": LIST.replace(b"MOON", b"sdnEntry in sdnList"),
    }.items(),
)
def test_what_could_be_unusual_and_is_plain_is_read_by_its_bytes(name: str, content: bytes) -> None:
    assert holds_both_ways(content)


UNUSUAL = {
    "nothing": (b"", Doubt.NO_RECORD),
    "no record": (sdn_xml({}), Doubt.NO_RECORD),
    "another encoding": (
        sdn_xml(PARTIES, writing=Writing(encoding="latin-1")),
        Doubt.DECLARATION,
    ),
    "two bytes a letter": (LIST.decode().encode("utf-16"), Doubt.NO_RECORD),
    "XML 1.1": (LIST.replace(b'version="1.0"', b'version="1.1"'), Doubt.DECLARATION),
    "a document type": (LIST.replace(b"<sdnList", b"<!DOCTYPE sdnList><sdnList"), Doubt.DECLARATION),
    "a comment around records": (
        LIST.replace(b"<sdnEntry>", b"<!--<sdnEntry>", 1).replace(
            b"</sdnEntry>", b"</sdnEntry>-->", 1
        ),
        Doubt.MARKUP,
    ),
    "a comment from before the records to after them": (
        LIST.replace(b"<sdnEntry>", b"<!--<sdnEntry>", 1).replace(b"</sdnList>", b"--></sdnList>"),
        Doubt.MARKUP,
    ),
    "CDATA": (LIST.replace(b"MOON", b"<![CDATA[</sdnEntry>]]>"), Doubt.MARKUP),
    "an instruction": (LIST.replace(b"<sdnEntry>", b"<?go on?><sdnEntry>", 1), Doubt.MARKUP),
    "an end tag with white space": (
        LIST.replace(b"</sdnEntry>", b"</sdnEntry >", 1),
        Doubt.RECORD,
    ),
    "a prefix": (sdn_xml(PARTIES, writing=Writing(prefix="x")), Doubt.NO_RECORD),
    "an empty record": (LIST.replace(b"<sdnEntry>", b"<sdnEntry/><sdnEntry>", 1), Doubt.RECORD),
    "a nested record": (
        LIST.replace(b"<uid>306", b"<sdnEntry><uid>1</uid></sdnEntry><uid>306"),
        Doubt.RECORD,
    ),
    "a nested root": (LIST.replace(b"<uid>306", b"<sdnList/><uid>306"), Doubt.RECORD),
    "records one level deeper": (
        LIST.replace(b"<sdnEntry>", b"<group><sdnEntry>", 1).replace(
            b"</sdnList>", b"</group></sdnList>"
        ),
        Doubt.FRAME,
    ),
    "text between records": (LIST.replace(b"</sdnEntry>", b"</sdnEntry>text", 1), Doubt.RECORD),
    "an element between records": (
        LIST.replace(b"</sdnEntry>", b"</sdnEntry><news/>", 1),
        Doubt.RECORD,
    ),
    "a wrong count": (sdn_xml(PARTIES, count=4), Doubt.COUNT),
    "a repeated record": (
        sdn_xml(PARTIES, count=6).replace(
            b"</sdnList>", LIST[LIST.rindex(b"<sdnEntry>") : LIST.rindex(b"</sdnList>")] + b"</sdnList>"
        ),
        Doubt.REPEATED,
    ),
    "a repeated key": (LIST.replace(b"<uid>475</uid>", b"<uid>36</uid>"), Doubt.REPEATED),
    "a cut list": (LIST[:-8], Doubt.FRAME),
    "bytes that are not UTF-8": (LIST.replace(b"MOON", b"M\xd6N"), Doubt.RECORD),
    "an xml:id": (LIST.replace(b"<sdnEntry>", b"<sdnEntry xml:id='a'>", 1), Doubt.RECORD),
    "our own element": (
        LIST.replace(b"</sdnList>", b"<where-the-records-stand/></sdnList>"),
        Doubt.FRAME,
    ),
    "our own element where it could be taken for ours": (
        LIST.replace(b"<sdnEntry>", b"<group><sdnEntry>", 1).replace(
            b"</sdnList>", b"</group><where-the-records-stand/></sdnList>"
        ),
        Doubt.FRAME,
    ),
    "a comment after the records": (
        LIST.replace(b"</sdnList>", b"<!-- end --></sdnList>"),
        Doubt.MARKUP,
    ),
    "a record in something that could be one": (
        LIST.replace(
            b"<uid>306", b"<uid>7</uid><lastName>N</lastName><sdnType>Entity</sdnType><sdnEntry><uid>306"
        ).replace(b"<sdnEntry><uid>7", b"<group><uid>7").replace(
            b"</sdnEntry><sdnEntry><uid>424", b"</sdnEntry></group><sdnEntry><uid>424"
        ),
        Doubt.RECORD,
    ),
    "a record without a key": (LIST.replace(b"<uid>475</uid>", b""), Doubt.RECORD),
}  # fmt: skip


@pytest.mark.parametrize(("content", "doubt"), UNUSUAL.values(), ids=list(UNUSUAL))
def test_what_is_unusual_is_read_whole(content: bytes, doubt: Doubt) -> None:
    with pytest.raises(Fallback) as fallback:
        read_by_bytes(content)

    assert fallback.value.doubt is doubt
    with pytest.raises(Fallback):
        read_by_bytes(content, MEMORY)


def test_a_part_without_end_is_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan_module, "_LONGEST", 4 * PIECE)
    content = LIST.replace(b"MOON", b"M" * 6 * PIECE)

    with pytest.raises(Fallback) as fallback:
        read_by_bytes(content)

    assert fallback.value.doubt is Doubt.TOO_LONG


# --- what is unknown ------------------------------------------------------------------------------------------------


def test_an_unknown_element_is_found_in_a_new_record_each_time() -> None:
    content = LIST.replace(b"<uid>306</uid>", b"<uid>306</uid><news>old</news>")

    for memory in (MEMORY, remembered(content)):
        said, _, parsed = read_by_bytes(content, memory)

        assert said[3] == [Unread("news", "old")]
        assert parsed == {"306"}, "what was not taken is not remembered"


def test_what_is_unknown_beside_the_records_is_found() -> None:
    content = LIST.replace(b"<sdnList ", b'<sdnList new="1" ').replace(
        b"</sdnList>", b"<notice>news</notice></sdnList>"
    )

    (_, head, _, unread), _, _ = read_by_bytes(content, MEMORY)

    assert unread == [Unread("@new", "1"), Unread("notice", "news")]
    assert head.declared_count == 5


# --- what is remembered ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "by"),
    [
        (sdn_xml(PARTIES, namespace="http://tempuri.org/sdnList.xsd"), {}),
        (LIST.replace(b"<sdnList ", b'<sdnList xmlns:x="u" '), {}),
        (LIST.replace(b' encoding="utf-8"', b""), {}),
        (LIST, {"version": 99}),
    ],
    ids=["another namespace", "another prefix", "another declaration", "another adapter version"],
)
def test_in_another_context_nothing_is_known(content: bytes, by: Mapping[str, Any]) -> None:
    said, scan, parsed = read_by_bytes(content, MEMORY, adapter(**by))

    assert (parsed, scan.unchanged) == (set(PARTIES), set())
    assert said[0] == MEMORY.register


def test_with_another_digest_nothing_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan_module, "DIGEST_VERSION", 99)

    assert read_by_bytes(LIST, MEMORY)[2] == set(PARTIES)


def test_a_memory_is_of_one_register() -> None:
    digests = {key: digest(each) for key, each in PARTIES.items()}
    memory = MEMORY.fingerprints

    assert memory.are_of(register_digest(digests))
    assert memory.digests() == digests
    assert not memory.are_of(register_digest(digests | {"36": "0" * 64}))
    assert not memory.are_of(None)
    assert not replace(memory, raws=memory.raws[:-32]).are_of(register_digest(digests))
    assert not replace(memory, raws=memory.raws[:-1]).are_of(register_digest(digests))


def test_a_key_that_would_break_the_lines_is_never_remembered() -> None:
    content = LIST.replace(b"<uid>475</uid>", b"<uid>4&#9;75</uid>")
    memory = remembered(content)

    digests = {key: digest(each) for key, each in memory.register.items()}
    assert not memory.fingerprints.are_of(register_digest(digests))
