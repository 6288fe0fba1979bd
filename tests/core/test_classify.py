"""A change's categories and severity, and its form for other programs."""

from pathlib import Path
from time import perf_counter
from typing import Any

import pytest

from monitor.core.canonical import encode
from monitor.core.classify import change_json, classify
from monitor.core.diff import Added, FieldChange, apply_fields
from tests.builders import a_party, a_removed, an_added, an_amended, an_identifier, as_json

STRONG = {"last": "CH'OE", "kind": "aka", "strength": "strong"}
WEAK = {"last": "THE BOSS", "kind": "aka", "strength": "weak"}


def of(**new: Any) -> tuple[tuple[str, ...], str]:
    """Categories and severity of a plain party that gets these fields."""
    found = classify(an_amended(**new))
    return found.categories, found.severity


def test_an_added_party_is_a_designation_and_a_removed_one_a_delisting() -> None:
    assert classify(an_added()).categories == ("designation",)
    assert classify(a_removed()).categories == ("delisting",)
    assert classify(an_added()).severity == classify(a_removed()).severity == "high"


def test_a_further_programme_is_a_designation_without_a_new_number() -> None:
    assert of(programs=["DPRK4", "SDGT"]) == (("designation",), "high")
    assert "SDGT" in classify(an_amended(programs=["DPRK4", "SDGT"])).reasons[0]


def test_a_new_unknown_programme_tag_is_a_designation_too() -> None:
    assert of(programs=["DPRK4", "MOON-EO99999"]) == (("designation",), "high")


@pytest.mark.parametrize("marker", ["IFSR", "IRGC"])
def test_a_marker_that_comes_or_goes_is_a_matter_of_the_programme_only(marker: str) -> None:
    assert of(programs=["DPRK4", marker]) == (("program",), "medium")
    left = an_amended(old=a_party(programs=["DPRK4", marker]), programs=["DPRK4"])
    assert classify(left).severity == "medium"


def test_a_programme_that_leaves_is_medium() -> None:
    change = an_amended(old=a_party(programs=["DPRK4", "SDGT"]), programs=["DPRK4"])

    assert classify(change).categories == ("program",)
    assert classify(change).severity == "medium"


def test_a_tag_that_was_renamed_is_no_new_ground() -> None:
    change = an_amended(old=a_party(programs=["561List"]), programs=["561-Related"])

    assert classify(change).categories == ("program",)
    assert classify(change).severity == "low"
    assert "is now called" in classify(change).reasons[0]


@pytest.mark.parametrize(
    ("new", "categories", "severity"),
    [
        ({"name": "DOE, Johnny"}, ("name",), "medium"),
        ({"title": "General"}, ("title",), "low"),
        ({"type": "entity"}, ("type",), "low"),
        ({"aliases": [STRONG]}, ("alias",), "medium"),
        ({"aliases": [WEAK]}, ("alias",), "low"),
        ({"aliases": [{**WEAK, "kind": "fka", "strength": "strong"}]}, ("alias",), "medium"),
        ({"identifiers": [an_identifier("Passport", "7")]}, ("identifier",), "medium"),
        ({"identifiers": [an_identifier("SWIFT/BIC", "KGTBKPP1")]}, ("identifier",), "medium"),
        (
            {"identifiers": [an_identifier("Vessel Registration Identification", "IMO 1")]},
            ("identifier",),
            "medium",
        ),
        ({"identifiers": [an_identifier("Something Never Seen", "7")]}, ("identifier",), "medium"),
        ({"identifiers": [an_identifier("Gender", "Male")]}, ("identifier",), "low"),
        ({"identifiers": [an_identifier("Target Type", "Bank")]}, ("identifier",), "low"),
        (
            {"identifiers": [an_identifier("Secondary sanctions risk:", "section 1")]},
            ("notice",),
            "medium",
        ),
        (
            {"identifiers": [an_identifier("For more information, please see:", "x")]},
            ("notice",),
            "low",
        ),
        ({"identifiers": [an_identifier("Website", "www.example.org")]}, ("contact",), "low"),
        ({"identifiers": [an_identifier("Email Address", "a@example.org")]}, ("contact",), "low"),
        (
            {"identifiers": [an_identifier("Organization Established Date", "1995")]},
            ("birth",),
            "medium",
        ),
        ({"identifiers": [an_identifier("Former Vessel Flag", "Panama")]}, ("vessel",), "medium"),
        (
            {
                "identifiers": [
                    an_identifier("Executive Order 13662 Directive Determination -", "2")
                ]
            },
            ("link",),
            "medium",
        ),
        (
            {"identifiers": [an_identifier("Purchase/Sales For Divestment Date (CMIC)", "x")]},
            ("link",),
            "medium",
        ),
        ({"dates_of_birth": [{"date": "1962"}]}, ("birth",), "medium"),
        ({"places_of_birth": [{"place": "Nampo"}]}, ("birth",), "medium"),
        ({"nationalities": [{"country": "Korea, North"}]}, ("nationality",), "medium"),
        ({"citizenships": [{"country": "Korea, North"}]}, ("nationality",), "medium"),
        ({"vessel": {"flag": "Panama"}}, ("vessel",), "medium"),
        ({"vessel": {"tonnage": "7,000"}}, ("vessel",), "low"),
        ({"remarks": "HAMAS - Hebron"}, ("remarks",), "low"),
        ({"remarks": "(Linked To: THE BANK)"}, ("link",), "medium"),
        ({"remarks": "HAMAS; (Linked To: THE BANK)"}, ("link", "remarks"), "medium"),
        ({"links": ["THE BANK"]}, ("link",), "medium"),
        ({"measures": ["travel ban"]}, ("link",), "medium"),
    ],
)
def test_each_field_has_its_category_and_severity(
    new: dict[str, Any], categories: tuple[str, ...], severity: str
) -> None:
    assert of(**new) == (categories, severity)


def test_a_digital_currency_address_is_high_when_it_comes_and_medium_when_it_goes() -> None:
    address = [an_identifier("Digital Currency Address - XBT", "bc1qexample")]

    assert of(identifiers=address) == (("digital_currency",), "high")
    gone = classify(an_amended(old=a_party(identifiers=address), identifiers=None))
    assert (gone.categories, gone.severity) == (("digital_currency",), "medium")


def test_a_notice_that_is_only_worded_anew_is_low() -> None:
    old = a_party(identifiers=[an_identifier("Secondary sanctions risk:", "section 1")])
    change = an_amended(
        old=old, identifiers=[an_identifier("Secondary sanctions risk:", "section 2")]
    )

    assert classify(change).severity == "low"


def test_an_address_matters_more_in_a_new_country() -> None:
    old = a_party(addresses=[{"city": "Dandong", "country": "China"}])

    same = an_amended(old=old, addresses=[{"city": "Beijing", "country": "China"}])
    new = an_amended(old=old, addresses=[*old["addresses"], {"city": "Perm", "country": "Russia"}])

    assert (classify(same).categories, classify(same).severity) == (("address",), "low")
    assert (classify(new).categories, classify(new).severity) == (("address",), "medium")
    assert "Russia" in classify(new).reasons[0]


def test_the_severity_of_several_findings_is_the_highest_and_categories_are_sorted() -> None:
    found = classify(an_amended(remarks="x", aliases=[STRONG], programs=["DPRK4", "SDGT"]))

    assert found.categories == ("alias", "designation", "remarks")
    assert found.severity == "high"
    assert len(found.reasons) == 3


def test_an_amended_change_holds_a_short_party_and_the_values_that_left_and_came() -> None:
    change = an_amended("12345", aliases=[STRONG])

    assert change_json("ofac-sdn", change, classify(change)) == {
        "feed": "ofac-sdn",
        "key": "12345",
        "kind": "amended",
        "categories": ["alias"],
        "severity": "medium",
        "party": {"name": "DOE, John", "type": "individual", "programs": ["DPRK4"]},
        "fields": [{"field": "aliases", "before": [], "after": [STRONG]}],
    }


def test_an_added_change_holds_the_whole_document_and_no_fields() -> None:
    (described,) = as_json(an_added("1", title="General"))

    assert described["party"] == a_party(title="General")
    assert described["kind"] == "added"
    assert "fields" not in described


def test_the_fields_of_a_change_object_lead_from_the_old_document_to_the_new_one() -> None:
    change = an_amended(aliases=[STRONG], remarks="x", title="General")
    (described,) = as_json(change)

    fields = [
        FieldChange(each["field"], tuple(each["before"]), tuple(each["after"]))
        for each in described["fields"]
    ]

    assert apply_fields(change.old, fields) == change.new


def test_nineteen_thousand_changes_take_seconds_not_minutes() -> None:
    identifiers = [an_identifier("Passport", "7"), an_identifier("Gender", "Male")]
    change = an_amended(aliases=[STRONG], identifiers=identifiers, remarks="(Linked To: THE BANK)")

    began = perf_counter()
    for _ in range(19_000):
        encode(change_json("ofac-sdn", change, classify(change)))

    assert perf_counter() - began < 10


def test_the_real_list_of_ten_months_is_classified_whole(shared_data: Path) -> None:
    """CONSOLIDATED.XML of May 2024 and March 2025: 1 added, 1 removed, 74 amended, 14 of these in their programmes."""
    import feeds
    from feeds.records import read_register
    from monitor.core.canonical import party_document
    from monitor.core.diff import diff

    adapter: Any = feeds.by_id("ofac-consolidated")
    registers = []
    for day in ("2024-05-06", "2025-03-28"):
        with (shared_data / "ofac_sdn_xml" / f"CONSOLIDATED_{day}.xml").open("rb") as file:
            registers.append({p.key: party_document(p) for p in read_register(adapter, file)})
    changes = diff(*registers)

    described = as_json(*changes, feed="ofac-consolidated")

    kinds = [each["kind"] for each in described]
    assert (kinds.count("added"), kinds.count("removed"), kinds.count("amended")) == (1, 1, 74)
    with_programmes = [
        each
        for each in described
        if any(field["field"] == "programs" for field in each.get("fields", ()))
    ]
    assert len(with_programmes) == 14
    assert all({"designation", "program"} & set(each["categories"]) for each in with_programmes)


def test_a_change_is_never_without_a_category() -> None:
    change = Added("1", {})

    assert classify(change).categories
    assert classify(an_amended(listed_on="2024-12-16")).categories == ("remarks",)
