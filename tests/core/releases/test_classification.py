"""What kind of release it is. Titles are real; the texts are ours, made of Treasury's standing phrases."""

from collections import Counter
from pathlib import Path

import pytest

from monitor.core.releases import classify_release
from monitor.core.releases.rules import (
    ACTS,
    ACTS_BY_TITLE,
    BLOCKS,
    DELISTS,
    IS_NO_ACT,
    IS_SOMETHING_ELSE,
    SPEAKS_OF_SANCTIONS,
)
from tests.conftest import ROOT
from tests.core.releases.real import labelled, releases

LINK = "https://ofac.treasury.gov/recent-actions/20241216"
ACT = "KMCB is being designated pursuant to E.O. 13810 for operating in the financial services industry."
IMPLICATIONS = "As a result of today's action, all property and interests in property are blocked."
BACKGROUND = "MID was designated in August 2010, pursuant to E.O. 13382."
LABELS = ("designation", "delisting", "sanctions-other", "not-sanctions")


def label(title: str, text: str, *links: str, date: str = "2024-12-16") -> str:
    return classify_release(title, text, links, date).label


def test_an_act_and_the_link_to_the_days_action_make_a_designation() -> None:
    found = classify_release(
        "Treasury Further Constrains Russia’s Financial Services Sector", ACT, [LINK], "2024-12-16"
    )

    assert (found.label, found.confidence, found.actions) == ("designation", "high", ("20241216",))
    assert found.because == (
        "it says “is being designated” and it links to OFAC's action of the day"
    )


@pytest.mark.parametrize(
    "lead",
    [
        "WASHINGTON — The Office of Foreign Assets Control (OFAC) today sanctioned nine individuals.",
        "Today, the U.S. Department of the Treasury’s Office (OFAC) designated the son of a leader.",
        "Today, the United States is imposing sanctions on 35 entities and vessels.",
        "Control (OFAC) took action today against eight senior commanders.",
        "OFAC today is also taking action against the shadow banking networks.",
        "Today’s action targets six organizations.",
        "Click here for more information on the individuals and entities designated today.",
        "Información de identificación sobre las personas designadas hoy.",
    ],
)
def test_treasury_says_in_many_ways_that_it_acts_today(lead: str) -> None:
    assert label("Treasury Exposes a Network", lead, LINK) == "designation"


def test_without_the_link_an_act_and_what_follows_from_it_make_a_doubtful_designation() -> None:
    found = classify_release(
        "Treasury Maintains Pressure on Houthi Procurement",
        f"{ACT}\n{IMPLICATIONS}",
        [],
        "2024-12-19",
    )

    assert (found.label, found.confidence) == ("designation", "low")


def test_a_link_to_an_older_action_is_no_sign() -> None:
    older = "https://ofac.treasury.gov/recent-actions/20160316"

    assert label("Treasury Seeks Public Comment", BACKGROUND, older) == "not-sanctions"


def test_speaking_about_what_was_designated_before_is_no_designation() -> None:
    title = "Remarks by Deputy Secretary of the Treasury Wally Adeyemo at LINKS Conference"

    assert label(title, f"{BACKGROUND} OFAC designated 250 targets.") == "not-sanctions"
    assert label(title, ACT) == "not-sanctions", "neither link nor what follows"


@pytest.mark.parametrize(
    "title",
    [
        "Tornado Cash Delisting",
        "OFAC Delists En+, Rusal, and EuroSibEnergo",
        "Treasury Removes Sanctions on Latvia’s Ventspils Freeport Authority",
        "Treasury Lifts Sanctions on Colombian Professional Soccer Team After Ties Severed",
        "Treasury Implements President’s Termination of Syria Sanctions",
    ],
)
def test_a_removal_is_told_by_its_title(title: str) -> None:
    assert label(title, "We remove the economic sanctions.", LINK) == "delisting"
    assert label(title, "") == "delisting", "also before its text has been read"


def test_an_intention_and_a_statement_remove_nothing() -> None:
    text = "OFAC today notified Congress of its intention to terminate the sanctions."

    assert label("OFAC Notifies Congress of Intent to Delist En+, Rusal", text) == "sanctions-other"
    statement = "Statement by Secretary Scott Bessent on President’s Termination of Syria Sanctions"
    assert label(statement, "The President ends sanctions.") == "not-sanctions"


def test_what_follows_and_the_link_make_a_designation_too() -> None:
    assert label("Treasury Takes Actions in Zimbabwe", IMPLICATIONS, LINK) == "designation"


def test_a_delisting_from_an_exchange_has_nothing_to_do_with_it() -> None:
    text = "The working group recommends higher standards for foreign issuers."

    assert label("Working Group Reports on Delisting Foreign Issuers", text) == "not-sanctions"


@pytest.mark.parametrize(
    "title",
    [
        "OFAC Imposes $7 Million Penalty on Company Tied to Sanctioned Russian Oligarch",
        "Microsoft to Pay Over $3.3M to Resolve Apparent Violations of Sanctions",
        "U.S. Treasury Issues Iran General License D-2 to Increase Support for Internet Freedom",
        "OFAC Issues a Framework for Compliance Commitments",
        "Terrorist Financing Targeting Center Designates ISIS Facilitators in Africa",
    ],
)
def test_licences_and_penalties_name_nobody_new(title: str) -> None:
    assert label(title, f"OFAC acts. {IMPLICATIONS}", LINK) == "sanctions-other"


def test_a_penalty_that_has_nothing_to_do_with_sanctions_is_none_of_it() -> None:
    title = "Treasury Announces Enforcement Penalty for Violation of Outbound Program"

    assert label(title, "The Office of Investment Security imposed a fine.") == "not-sanctions"


def test_a_licence_that_comes_with_a_designation_is_in_doubt() -> None:
    found = classify_release("Treasury Issues General License", ACT, [LINK], "2024-12-16")

    assert (found.label, found.confidence) == ("sanctions-other", "low")


def test_a_link_alone_is_about_sanctions_and_no_designation() -> None:
    title = "United States and United Kingdom Take Action to Reduce Russian Revenue from Metals"
    found = classify_release(title, "Treasury issued two prohibitions.", [LINK], "2024-12-16")

    assert (found.label, found.confidence) == ("sanctions-other", "low")


def test_before_its_text_is_read_a_title_decides_in_doubt() -> None:
    found = classify_release("Treasury Targets Oil Traders", "", [], "2025-12-31")

    assert (found.label, found.confidence) == ("designation", "low")
    assert "has not been read yet" in found.because
    assert (
        label("U.S. Department of the Treasury Releases Sanctions Review", "") == "sanctions-other"
    )
    assert label("Treasury International Capital Data for July", "") == "not-sanctions"


def test_a_release_may_link_to_several_actions_of_its_day_also_under_older_addresses() -> None:
    links = [
        "https://ofac.treasury.gov/recent-actions/20221229",
        "https://ofac.treasury.gov/recent-actions/20221230_33",
        "https://home.treasury.gov/policy-issues/financial-sanctions/recent-actions/20221230",
        "https://www.treasury.gov/resource-center/sanctions/OFAC-Enforcement/Pages/20221231_33.aspx",
        "https://ofac.treasury.gov/recent-actions/20221220",
        "https://ofac.treasury.gov/recent-actions/20221230/",
    ]

    found = classify_release("Treasury Sanctions Somebody", ACT, links, "2022-12-30")

    assert found.actions == ("20221230_33", "20221230", "20221229", "20221231_33")


def test_every_phrase_has_its_reason() -> None:
    tables = (
        ACTS,
        ACTS_BY_TITLE,
        BLOCKS,
        DELISTS,
        IS_NO_ACT,
        IS_SOMETHING_ELSE,
        SPEAKS_OF_SANCTIONS,
    )
    phrases = [phrase for table in tables for phrase in table]

    assert all(len(phrase.reason) > 10 for phrase in phrases)
    assert len({phrase.pattern for phrase in phrases}) == len(phrases)


def test_real_releases_are_told_apart_as_the_documentation_says(shared_data: Path) -> None:
    """Those of December 2024 were labelled by reading them, the others stand in the list of labelled titles."""
    known = {row["key"]: row["label"] for row in labelled(shared_data)} | DECEMBER_2024
    found: Counter[tuple[str, str]] = Counter()
    for each in {release.key: release for release in releases(shared_data)}.values():
        found[known[each.key], classify_release(*each[1:]).label] += 1
    table = confusion(found)
    print(table)

    assert found["not-sanctions", "designation"] == 0
    assert found["delisting", "delisting"] == sum(found["delisting", each] for each in LABELS)
    assert sum(found["designation", each] for each in LABELS[1:]) <= 1
    assert table in (ROOT / "docs" / "releases.md").read_text("utf-8"), "docs/releases.md is old"


def test_what_titles_alone_tell_is_as_the_documentation_says(shared_data: Path) -> None:
    found: Counter[tuple[str, str]] = Counter()
    for row in labelled(shared_data):
        found[row["label"], classify_release(row["title"], "", (), row["date"]).label] += 1
    table = confusion(found)
    print(table)

    assert found["not-sanctions", "designation"] == found["sanctions-other", "designation"] == 0
    assert found["delisting", "delisting"] == sum(found["delisting", each] for each in LABELS)
    assert table in (ROOT / "docs" / "releases.md").read_text("utf-8"), "docs/releases.md is old"


def confusion(found: Counter[tuple[str, str]]) -> str:
    """The table as it stands in the documentation: a row for each true class, a column for each that was found."""
    rows = [f"| is \\ called | {' | '.join(LABELS)} |", f"| --- |{' ---: |' * len(LABELS)}"]
    rows += [
        f"| {true} | {' | '.join(str(found[true, called]) for called in LABELS)} |"
        for true in LABELS
    ]
    return "\n".join(rows)


# The whole releases of December 2024 and what they are, by reading them.
DECEMBER_2024 = {
    **dict.fromkeys(
        (
            *(
                "jy2732",
                "jy2734",
                "jy2735",
                "jy2740",
                "jy2741",
                "jy2742",
                "jy2751",
                "jy2752",
                "jy2753",
            ),
            *("jy2755", "jy2756", "jy2757", "jy2758", "jy2759", "jy2765", "jy2766"),
        ),
        "designation",
    ),
    **dict.fromkeys(
        (
            *(
                "jy2733",
                "jy2736",
                "jy2737",
                "jy2738",
                "jy2739",
                "jy2743",
                "jy2744",
                "jy2745",
                "jy2746",
            ),
            *(
                "jy2747",
                "jy2748",
                "jy2749",
                "jy2750",
                "jy2754",
                "jy2760",
                "jy2761",
                "jy2762",
                "jy2763",
            ),
            "jy2764",
        ),
        "not-sanctions",
    ),
}
