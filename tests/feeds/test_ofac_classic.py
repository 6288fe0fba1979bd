"""OFAC's classic schema: every field of it has a part in a document, and nothing but the content has."""

import io
import json
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds import RegisterAdapter, by_id
from feeds.base import Head
from feeds.ofac_classic import NAMESPACES
from feeds.records import RegisterReading, read_register
from monitor.core.canonical import encode, party_document
from monitor.core.diff import Added, Amended, Removed, apply, diff
from tests.builders import a_party
from tests.ofac_xml import NAMESPACE, Writing, sdn_xml
from tests.registers import Document, registers


def adapter(feed: str = "ofac-sdn") -> RegisterAdapter:
    found = by_id(feed)
    assert isinstance(found, RegisterAdapter)
    return found


def read(source: bytes | Path) -> tuple[RegisterReading, dict[str, Document]]:
    reading = read_register(adapter(), io.BytesIO(source) if isinstance(source, bytes) else source)
    return reading, {party.key: party_document(party) for party in reading}


def read_one(markup: str) -> Document:
    """The document of an individual DOE with number 7 that also has this markup."""
    content = (
        f'<sdnList xmlns="{NAMESPACE}"><sdnEntry><uid>7</uid><lastName>DOE</lastName>'
        f"<sdnType>Individual</sdnType>{markup}</sdnEntry></sdnList>"
    )
    reading, register = read(content.encode())
    assert reading.unread == []
    return register["7"]


# --- the whole schema -----------------------------------------------------------------------------------------------

WRITINGS = st.builds(
    Writing,
    random=st.randoms(use_true_random=False),
    prefix=st.sampled_from(["", "o"]),
    encoding=st.sampled_from(["utf-8", "utf-16", "iso-8859-1", "us-ascii"]),
    first_uid=st.integers(1, 90_000),
    decomposed=st.booleans(),
)


@settings(max_examples=60, deadline=None)
@given(registers, WRITINGS, st.sampled_from(NAMESPACES))
def test_however_a_list_is_written_its_documents_are_the_same(
    register: dict[str, Document], writing: Writing, namespace: str
) -> None:
    content = sdn_xml(register, writing=writing, namespace=namespace)

    reading, found = read(content)

    assert found == register
    assert reading.unread == []
    assert reading.head == Head("12/16/2024", len(register))
    assert reading.namespace == namespace


@settings(max_examples=30, deadline=None)
@given(registers)
def test_a_plain_list_is_its_documents(register: dict[str, Document]) -> None:
    assert read(sdn_xml(register))[1] == register


def test_a_list_without_a_namespace_is_read() -> None:
    reading, found = read(sdn_xml({"7": a_party()}, namespace=""))

    assert found == {"7": a_party()}
    assert reading.namespace == ""


def test_a_white_space_between_comments_divides_words() -> None:
    content = sdn_xml({"7": a_party(name="GOLDEN BANK")})

    for written in (
        b"GOLDEN<!-- a --> <!-- b -->BANK",
        b"GOLDEN<![CDATA[ ]]>BANK",
        b"GOLDEN&#32;BANK",
    ):
        assert read(content.replace(b"GOLDEN BANK", written))[1] == {
            "7": a_party(name="GOLDEN BANK")
        }


# --- field by field, as OFAC writes them ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("markup", "field", "value"),
    [
        ("<firstName>John</firstName>", "name", {"last": "DOE", "first": "John"}),
        ("<title>Director</title>", "title", "Director"),
        ("<remarks>(Linked To: A)</remarks>", "remarks", "(Linked To: A)"),
        (
            "<programList><program>SDGT</program><program>CAATSA - RUSSIA</program></programList>",
            "programs",
            ["CAATSA - RUSSIA", "SDGT"],
        ),
        (
            "<idList><id><uid>1</uid><idType>Secondary sanctions risk:</idType><idNumber>section 1(b)</idNumber></id></idList>",
            "identifiers",
            [{"type": "Secondary sanctions risk:", "number": "section 1(b)"}],
        ),
        (
            "<idList><id><uid>1</uid><idType>Passport</idType><idNumber>007</idNumber><idCountry>Korea, North</idCountry>"
            "<issueDate>01 Feb 2015</issueDate><expirationDate>01 Feb 2025</expirationDate></id></idList>",
            "identifiers",
            [
                {
                    "type": "Passport",
                    "number": "007",
                    "country": "Korea, North",
                    "issued": "01 Feb 2015",
                    "expires": "01 Feb 2025",
                }
            ],
        ),
        (
            "<akaList><aka><uid>1</uid><type>a.k.a.</type><category>weak</category><lastName>ZAHAR, Mahmoud</lastName></aka></akaList>",
            "aliases",
            [{"last": "ZAHAR, Mahmoud", "kind": "aka", "strength": "weak"}],
        ),
        (
            "<akaList><aka><type>n.k.a.</type><category>strong</category><lastName>A</lastName><firstName>B</firstName></aka></akaList>",
            "aliases",
            [{"last": "A", "first": "B", "kind": "nka", "strength": "strong"}],
        ),
        (
            "<akaList><aka><type>also spelt</type><lastName>A</lastName></aka></akaList>",
            "aliases",
            [{"last": "A", "kind": "also spelt"}],
        ),
        (
            "<addressList><address><uid>1</uid><address1>1</address1><address2>2</address2><address3>3</address3>"
            "<city>C</city><stateOrProvince>S</stateOrProvince><postalCode>P</postalCode><country>Region: Gaza</country>"
            "</address></addressList>",
            "addresses",
            [
                {
                    "address1": "1",
                    "address2": "2",
                    "address3": "3",
                    "city": "C",
                    "state_or_province": "S",
                    "postal_code": "P",
                    "country": "Region: Gaza",
                }
            ],
        ),
        (
            "<nationalityList><nationality><country>Cuba</country><mainEntry>true</mainEntry></nationality></nationalityList>",
            "nationalities",
            [{"country": "Cuba", "main": "true"}],
        ),
        (
            "<citizenshipList><citizenship><country>Cuba</country><mainEntry>0</mainEntry></citizenship></citizenshipList>",
            "citizenships",
            [{"country": "Cuba", "main": "false"}],
        ),
        (
            "<dateOfBirthList><dateOfBirthItem><dateOfBirth>circa 1962</dateOfBirth><mainEntry> 1 </mainEntry>"
            "</dateOfBirthItem></dateOfBirthList>",
            "dates_of_birth",
            [{"date": "circa 1962", "main": "true"}],
        ),
        (
            "<placeOfBirthList><placeOfBirthItem><placeOfBirth>Gaza</placeOfBirth></placeOfBirthItem></placeOfBirthList>",
            "places_of_birth",
            [{"place": "Gaza"}],
        ),
        (
            "<vesselInfo><callSign>A</callSign><vesselType>B</vesselType><vesselFlag>C</vesselFlag><vesselOwner>D</vesselOwner>"
            "<tonnage>1</tonnage><grossRegisteredTonnage>2</grossRegisteredTonnage></vesselInfo>",
            "vessel",
            {
                "call_sign": "A",
                "type": "B",
                "flag": "C",
                "owner": "D",
                "tonnage": "1",
                "gross_registered_tonnage": "2",
            },
        ),
    ],
)
def test_a_field_as_ofac_writes_it(markup: str, field: str, value: Any) -> None:
    assert read_one(markup)[field] == value


def test_absent_and_empty_are_the_same() -> None:
    markup = "<remarks/><akaList/><idList><id/></idList><vesselInfo></vesselInfo><title> </title>"

    assert read_one(markup) == read_one("")


def test_containers_of_one_kind_are_one() -> None:
    twice = "<programList><program>A</program></programList><programList><program>B</program></programList>"

    assert read_one(twice)["programs"] == ["A", "B"]


def test_a_repeated_alias_is_kept() -> None:
    alias = "<aka><lastName>A</lastName></aka>"

    assert read_one(f"<akaList>{alias * 2}</akaList>")["aliases"] == [{"last": "A"}] * 2


def test_a_new_type_of_party_is_taken_and_reported() -> None:
    content = sdn_xml({"7": a_party()}).replace(b">Individual<", b">Satellite<")

    reading, register = read(content)

    assert register["7"]["type"] == "Satellite"
    assert [(unread.path, unread.example) for unread in reading.unread] == [
        ("sdnType", "Satellite")
    ]


@pytest.mark.parametrize("count", ["many", "-1", "1e3", "٣", "9" * 5000])
def test_a_count_that_is_no_count_is_reported(count: str) -> None:
    content = sdn_xml({"7": a_party()}).replace(
        b"<Record_Count>1<", f"<Record_Count>{count}<".encode()
    )

    reading, _ = read(content)

    assert reading.head.declared_count is None
    assert [unread.path for unread in reading.unread] == ["publshInformation/Record_Count"]


def test_a_list_may_say_nothing_of_itself() -> None:
    assert read(f'<sdnList xmlns="{NAMESPACE}"></sdnList>'.encode())[0].head == Head()


# --- real lists -----------------------------------------------------------------------------------------------------

REAL = {
    "2018-04-06": "ofac_cons/2018_consolidated.xml",
    "2024-05-06": "ofac_sdn_xml/CONSOLIDATED_2024-05-06.xml",
    "2025-03-28": "ofac_sdn_xml/CONSOLIDATED_2025-03-28.xml",
}
PAIRS = [("2018-04-06", "2024-05-06"), ("2024-05-06", "2025-03-28")]


@pytest.mark.parametrize(("before", "after"), PAIRS)
def test_real_lists_differ_by_exactly_what_is_expected(
    shared_data: Path, before: str, after: str
) -> None:
    """Every field of every record, against an oracle that was written independently of us."""
    path = shared_data / "ofac_sdn_xml" / f"EXPECTED_CONS_{before}_to_{after}.json"
    expected = json.loads(path.read_text(encoding="utf-8"))
    (first, old), (second, new) = read(shared_data / REAL[before]), read(shared_data / REAL[after])

    changes = diff(old, new)

    assert first.unread == second.unread == []
    for reading, stated in ((first, expected["before"]), (second, expected["after"])):
        assert reading.namespace in NAMESPACES
        assert reading.head == Head(stated["Publish_Date"], stated["parsed"])
    assert {int(change.key) for change in changes if isinstance(change, Added)} == {
        each["uid"] for each in expected["added"]
    }
    assert {int(change.key) for change in changes if isinstance(change, Removed)} == {
        each["uid"] for each in expected["removed"]
    }
    amended = {change.key: change for change in changes if isinstance(change, Amended)}
    assert amended.keys() == expected["changed"].keys()
    for key, change in amended.items():
        assert as_told(change) == as_expected(expected["changed"][key]["fields"]), key
    assert apply(old, changes) == new


@pytest.mark.parametrize("date", REAL)
def test_a_real_list_written_otherwise_is_no_change(shared_data: Path, date: str) -> None:
    _, register = read(shared_data / REAL[date])
    writing = Writing(
        random=Random(7), prefix="o", encoding="utf-16", first_uid=500_000, decomposed=True
    )

    assert diff(register, read(sdn_xml(register, writing=writing))[1]) == []


Told = dict[str, tuple[Counter[bytes], Counter[bytes]]]


def as_told(change: Amended) -> Told:
    """What left and came, field by field; the two parts of a name apart, as OFAC has them."""
    told: Told = {}
    for each in change.fields:
        if each.field == "name":
            for part in ("last", "first"):
                values = [
                    Counter(encode(name[part]) for name in names if part in name)
                    for names in (each.before, each.after)
                ]
                told[f"name.{part}"] = (values[0] - values[1], values[1] - values[0])
        else:
            told[each.field] = (
                Counter(map(encode, each.before)),
                Counter(map(encode, each.after)),
            )
    return {field: values for field, values in told.items() if any(values)}


FIELDS = {
    "firstName": "name.first",
    "lastName": "name.last",
    "title": "title",
    "sdnType": "type",
    "remarks": "remarks",
    "programList": "programs",
    "idList": "identifiers",
    "akaList": "aliases",
    "addressList": "addresses",
    "nationalityList": "nationalities",
    "citizenshipList": "citizenships",
    "dateOfBirthList": "dates_of_birth",
    "placeOfBirthList": "places_of_birth",
    "vesselInfo": "vessel",
}
PARTS = {
    "lastName": "last",
    "firstName": "first",
    "type": "kind",
    "category": "strength",
    "stateOrProvince": "state_or_province",
    "postalCode": "postal_code",
    "idType": "type",
    "idNumber": "number",
    "idCountry": "country",
    "issueDate": "issued",
    "expirationDate": "expires",
    "mainEntry": "main",
    "dateOfBirth": "date",
    "placeOfBirth": "place",
    "callSign": "call_sign",
    "vesselType": "type",
    "vesselFlag": "flag",
    "vesselOwner": "owner",
    "grossRegisteredTonnage": "gross_registered_tonnage",
}
KINDS = {"a.k.a.": "aka", "f.k.a.": "fka", "n.k.a.": "nka"}


def as_expected(fields: Mapping[str, Mapping[str, list[str]]]) -> Told:
    """The oracle's words for the same, in ours."""
    return {
        FIELDS[field]: (
            Counter(encode(in_our_words(field, value)) for value in values["removed"]),
            Counter(encode(in_our_words(field, value)) for value in values["added"]),
        )
        for field, values in fields.items()
    }


def in_our_words(field: str, value: str) -> Any:
    if field == "sdnType":
        return value.lower()
    if not value.startswith("{"):
        return value
    parts = {PARTS.get(name, name): part for name, part in json.loads(value).items()}
    if field == "akaList":
        parts["kind"] = KINDS[parts["kind"]]
    return parts
