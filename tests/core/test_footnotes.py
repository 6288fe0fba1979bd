"""What OFAC keeps among identifiers and in remarks."""

import pytest

from monitor.core.footnotes import identifier_kind, linked_to, split_remarks


@pytest.mark.parametrize(
    ("remarks", "names", "rest"),
    [
        ("(Linked To: THE BANK)", ["THE BANK"], ""),
        ("(Linked To: NIOC AFFAIRS (LONDON) LIMITED)", ["NIOC AFFAIRS (LONDON) LIMITED"], ""),
        ("HAMAS; (Linked To: A); (Linked To: B, C)", ["A", "B, C"], "HAMAS"),
        (
            "DOB 1962; Linked To: KOREA KWANGSON BANKING CORP.",
            ["KOREA KWANGSON BANKING CORP."],
            "DOB 1962",
        ),
        ("Linked To: A; DOB 1962; Linked To: B.", ["A", "B."], "DOB 1962"),
        ("no ties", [], "no ties"),
        ("", [], ""),
        ("(Linked To: NEVER CLOSED", ["NEVER CLOSED"], ""),
    ],
)
def test_ties_are_taken_out_of_remarks_whole(remarks: str, names: list[str], rest: str) -> None:
    assert split_remarks(remarks) == (names, rest)


def test_ties_of_sources_that_state_them_come_first() -> None:
    assert linked_to({"links": ["X"], "remarks": "(Linked To: Y)"}) == ["X", "Y"]


def test_a_kind_is_told_with_and_without_the_colon_or_hyphen_at_its_end() -> None:
    assert identifier_kind("Secondary sanctions risk:") == identifier_kind(
        "SECONDARY SANCTIONS RISK"
    )
    assert identifier_kind("Additional Sanctions Information -").category == "notice"
