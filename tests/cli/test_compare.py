"""``diff``: every change between two files and nothing else, however they are packed."""

import gzip
import io
import json
import zipfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest
import zstandard

from monitor.cli.main import run

Compare = Callable[..., tuple[int, str, str]]

NAMESPACE = "https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/XML"


def a_list(*entries: str, count: int | None = None) -> str:
    """A consolidated list in the classic schema that holds these entries."""
    return (
        f'<?xml version="1.0" encoding="utf-8"?><sdnList xmlns="{NAMESPACE}"><publshInformation>'
        "<Publish_Date>12/16/2024</Publish_Date>"
        f"<Record_Count>{len(entries) if count is None else count}</Record_Count></publshInformation>"
        f"{''.join(entries)}</sdnList>"
    )


def an_entry(uid: int = 7, last: str = "DOE TRADING", more: str = "") -> str:
    """An entity's entry; ``more`` follows its programs."""
    return (
        f"<sdnEntry><uid>{uid}</uid><lastName>{last}</lastName><sdnType>Entity</sdnType>"
        f"<programList><program>EXAMPLE1</program></programList>{more}</sdnEntry>"
    )


ALIAS = "<akaList><aka><uid>1</uid><type>a.k.a.</type><category>strong</category><lastName>DOE CO</lastName></aka></akaList>"
OLD, NEW = a_list(an_entry(), an_entry(8)), a_list(an_entry(more=ALIAS), an_entry(9))


@pytest.fixture
def compare(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Compare:
    """Compares two files with such content; returns exit code, output and what was said on stderr."""

    def compare(old: str | bytes, new: str | bytes, *options: str) -> tuple[int, str, str]:
        for name, content in (("old", old), ("new", new)):
            (tmp_path / name).write_bytes(content.encode() if isinstance(content, str) else content)
        code = run(
            [
                "diff",
                "--feed",
                "ofac-consolidated",
                str(tmp_path / "old"),
                str(tmp_path / "new"),
                *options,
            ]
        )
        out, err = capsys.readouterr()
        return code, out, err

    return compare


def zipped(*contents: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for number, content in enumerate(contents):
            archive.writestr(f"{number}.xml", content)
    return buffer.getvalue()


def test_equal_lists_are_silent(compare: Compare) -> None:
    assert compare(OLD, OLD.replace("><", ">\n <")) == (0, "", "")


def test_changes_are_one_a_line_sorted_by_number(compare: Compare) -> None:
    code, out, err = compare(OLD, NEW)

    changes = list(map(json.loads, out.splitlines()))
    assert (code, err) == (1, "")
    assert [(change["key"], change["kind"]) for change in changes] == [
        ("7", "amended"),
        ("8", "removed"),
        ("9", "added"),
    ]
    assert changes[0]["fields"] == [
        {
            "field": "aliases",
            "before": [],
            "after": [{"last": "DOE CO", "kind": "aka", "strength": "strong"}],
        }
    ]


def test_people_get_numbers_first_and_signs(compare: Compare) -> None:
    _, out, _ = compare(OLD, NEW, "--format", "table")

    assert out.startswith("1 added, 1 removed, 1 amended.\n")
    assert "aliases + DOE CO (aka, strong)" in out


def test_csv_has_a_row_a_change(compare: Compare) -> None:
    _, out, _ = compare(OLD, NEW, "--format", "csv")

    assert out.splitlines()[0] == "feed,key,kind,severity,categories,party,fields"
    assert len(out.splitlines()) == 4


@pytest.mark.parametrize(
    "pack",
    [
        lambda text: gzip.compress(text.encode()),
        lambda text: (
            gzip.compress(text[:50].encode()) + gzip.compress(text[50:].encode()) + b"\0\0"
        ),
        lambda text: zstandard.compress(text.encode()),
        lambda text: (
            zstandard.compress(text[:50].encode()) + zstandard.compress(text[50:].encode())
        ),
        zipped,
    ],
    ids=["gz", "gz in two members", "zst", "zst in two frames", "zip"],
)
def test_packed_files_are_known_by_their_bytes(
    compare: Compare, pack: Callable[[Any], bytes]
) -> None:
    assert compare(pack(OLD), OLD) == (0, "", "")
    assert compare(OLD, pack(NEW))[0] == 1


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("<html><body>Access denied</body></html>", "expected XML"),
        ("", "it is empty"),
        (NEW[:-40], "the document is not whole"),
        (a_list(an_entry(), count=2), "declares 2 records and holds 1"),
        (a_list(an_entry(), an_entry()), "two records carry the same key '7'"),
        ('<!DOCTYPE x [<!ENTITY a "b">]>' + NEW.partition("?>")[2], "refused"),
        (gzip.compress(NEW.encode())[:-20], "damaged or cut short"),
        (zstandard.compress(NEW.encode())[:-20], "damaged or cut short"),
        (zipped(NEW)[:-20], "damaged or cut short"),
        (zipped(OLD, NEW), "holds 2 files"),
        (zipped(), "holds 0 files"),
    ],
)
def test_a_file_that_cannot_be_read_is_exit_code_2_and_one_sentence(
    compare: Compare, content: str | bytes, said: str
) -> None:
    code, out, err = compare(OLD, content)

    assert (code, out) == (2, "")
    assert said in err
    assert err.count("\n") == 1


def test_a_file_that_is_not_there_is_exit_code_2(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["diff", "--feed", "ofac-sdn", str(tmp_path / "a"), str(tmp_path / "b")]) == 2
    assert "cannot be read: No such file" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("feed", "said"),
    [
        ("ofac-sdm", "did you mean 'ofac-sdn'?"),
        ("treasury-press-releases", "not a list of parties"),
    ],
)
def test_a_feed_that_cannot_be_compared_is_a_mistake(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], feed: str, said: str
) -> None:
    assert run(["diff", "--feed", feed, "a", "b"]) == 2
    assert said in capsys.readouterr().err


def test_what_the_reader_does_not_know_is_told_and_does_not_hinder(compare: Compare) -> None:
    strange = a_list(an_entry(more="<horoscope>Virgo</horoscope>"), an_entry(8))

    assert compare(OLD, strange) == (0, "", "new: horoscope is not understood, and not compared\n")


# --- real lists against an independent oracle -----------------------------------------------------------------------

PAIRS = [
    (
        "ofac_cons/2018_consolidated.xml",
        "ofac_sdn_xml/CONSOLIDATED_2024-05-06.xml",
        "EXPECTED_CONS_2018-04-06_to_2024-05-06.json",
    ),
    (
        "ofac_sdn_xml/CONSOLIDATED_2024-05-06.xml",
        "ofac_sdn_xml/CONSOLIDATED_2025-03-28.xml",
        "EXPECTED_CONS_2024-05-06_to_2025-03-28.json",
    ),
]
_FIELDS = {
    "addressList": "addresses",
    "akaList": "aliases",
    "idList": "identifiers",
    "nationalityList": "nationalities",
    "placeOfBirthList": "places_of_birth",
    "programList": "programs",
    "remarks": "remarks",
    "lastName": "name",
}
_PARTS = {
    "stateOrProvince": "state_or_province",
    "postalCode": "postal_code",
    "idType": "type",
    "idNumber": "number",
    "idCountry": "country",
    "issueDate": "issued",
    "expirationDate": "expires",
    "lastName": "last",
    "firstName": "first",
    "category": "strength",
    "mainEntry": "main",
    "placeOfBirth": "place",
}


@pytest.mark.parametrize(("old", "new", "expected"), PAIRS)
def test_real_lists_differ_exactly_as_an_independent_oracle_says(
    shared_data: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, expected: str
) -> None:
    oracle = json.loads((shared_data / "ofac_sdn_xml" / expected).read_text("utf-8"))

    code = run(
        ["diff", "--feed", "ofac-consolidated", str(shared_data / old), str(shared_data / new)]
    )

    out, err = capsys.readouterr()
    changes = list(map(json.loads, out.splitlines()))
    assert (code, err) == (1, "")
    assert [change["key"] for change in changes] == sorted(change["key"] for change in changes)
    of_kind = {
        kind: {change["key"]: change for change in changes if change["kind"] == kind}
        for kind in ("added", "removed", "amended")
    }
    assert of_kind["added"].keys() == {str(entry["uid"]) for entry in oracle["added"]}
    assert of_kind["removed"].keys() == {str(entry["uid"]) for entry in oracle["removed"]}
    assert {key: _seen(change) for key, change in of_kind["amended"].items()} == {
        key: _promised(change["fields"]) for key, change in oracle["changed"].items()
    }


def _seen(change: dict[str, Any]) -> dict[str, Any]:
    return {
        field["field"]: (
            _sorted(field["before"], field["field"]),
            _sorted(field["after"], field["field"]),
        )
        for field in change["fields"]
    }


def _promised(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        _FIELDS[field]: (
            _sorted(map(_ours(field), values["removed"])),
            _sorted(map(_ours(field), values["added"])),
        )
        for field, values in fields.items()
    }


def _ours(field: str) -> Callable[[str], Any]:
    def ours(value: str) -> Any:
        if field in ("programList", "remarks", "lastName"):
            return value
        parts = {_PARTS.get(name, name): text for name, text in json.loads(value).items() if text}
        if field == "akaList":
            # In the classic schema "type" is the kind of alias and "category" its strength.
            parts["kind"] = parts.pop("type").replace(".", "")
        return parts

    return ours


def _sorted(values: Iterable[Any], field: str = "") -> list[str]:
    if field == "name":
        values = [value["last"] for value in values]
    return sorted(json.dumps(value, sort_keys=True) for value in values)
