"""What a release's title and links say."""

import csv
from pathlib import Path

import pytest

from monitor.core.titles import action_of_day, sanctions_word


def test_a_title_with_a_sanctions_word_is_worth_telling() -> None:
    assert sanctions_word("Treasury Sanctions Key Facilitators") == "Sanctions"
    assert sanctions_word("Tornado Cash Delisting") == "Delisting"
    assert sanctions_word("Treasury Targets Oil Traders") == "Targets"


@pytest.mark.parametrize(
    "title",
    [
        "Treasury International Capital Data for July",
        "Treasury, IRS Announce Final Round of Opportunity Zone Designations",
        "Treasury Designates China as a Currency Manipulator",
        "READOUT: Roundtable on Countering Sanctions Evasion",
        "Treasury Takes Action to Lower Housing Costs",
    ],
)
def test_a_title_about_something_else_is_not(title: str) -> None:
    assert sanctions_word(title) is None


def test_titles_that_were_labelled_by_hand_bound_what_a_title_can_tell(shared_data: Path) -> None:
    """The set is made of the hard ones: of all designation releases, 97 percent have a word, here 85."""
    with (shared_data / "treasury" / "titles_labelled.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    told: dict[str, list[bool]] = {
        label: [] for label in ("designation", "delisting", "sanctions-other", "not-sanctions")
    }
    for row in rows:
        told[row["label"]].append(sanctions_word(row["title"]) is not None)

    about_sanctions = sum(sum(told[label]) for label in told if label != "not-sanctions")
    acting = told["designation"] + told["delisting"]

    assert sum(acting) / len(acting) >= 0.85  # recall
    assert about_sanctions / (about_sanctions + sum(told["not-sanctions"])) >= 0.9  # precision
    assert all(told["delisting"])


def test_the_action_of_the_day_is_the_link_whose_day_is_the_releases_own() -> None:
    links = [
        "https://ofac.treasury.gov/recent-actions/20160316",
        "https://ofac.treasury.gov/recent-actions/20241215",
        "https://ofac.treasury.gov/recent-actions/20241216_33",
        "https://ofac.treasury.gov/faqs/897",
    ]

    assert action_of_day(links, "2024-12-16") == links[2]
    assert action_of_day(links[:2], "2024-12-16") == links[1]
    assert action_of_day(links[:1], "2024-12-16") is None


def test_an_older_address_of_an_action_is_understood_and_a_foreign_one_is_not() -> None:
    old = "https://home.treasury.gov/policy-issues/financial-sanctions/recent-actions/20200316"

    assert action_of_day([old], "2020-03-17") == old
    assert action_of_day(["https://example.org/recent-actions/20200316"], "2020-03-16") is None
    assert (
        action_of_day(["https://ofac.treasury.gov/recent-actions/20209999"], "2020-03-16") is None
    )
    assert action_of_day([old], "no day") is None
