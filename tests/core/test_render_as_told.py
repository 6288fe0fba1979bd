"""Moves between lists, new numbers and new names of programmes, as people read them."""

from datetime import UTC, timedelta
from typing import Any

import pytest

from monitor.core.alert import Alert, ListedSince
from monitor.core.channel import ChannelProfile
from monitor.core.moves import Sibling, Stay, Telling
from monitor.core.render import render
from monitor.core.render.message import Message
from monitor.core.route import Selection, everything
from tests.builders import (
    FIRST_SEEN,
    a_party,
    a_removed,
    an_added,
    an_alert,
    an_amended,
    an_identifier,
    told,
)

URL = "https://monitor.example.org"
HOUR = timedelta(hours=1)
BEFORE = FIRST_SEEN - HOUR


def read(alert: Alert, kind: Any = "apprise", selection: Selection | None = None) -> Message:
    profile = ChannelProfile("desk", kind, "text", 250, 35_000, ("",))
    (message,) = render(alert, selection or everything(alert, "desk"), profile, URL, UTC)
    return message


def about_the_consolidated_list(*changes: Any, siblings: list[Sibling]) -> Alert:
    return an_alert(
        feed="ofac-consolidated",
        feed_title="the consolidated list",
        blocking=False,
        changes=told(*changes, feed="ofac-consolidated", blocking=False, siblings=siblings),
    )


def the_other(feed: str, *keys: str, **given: Any) -> Sibling:
    """The other list, which these records came to or left an hour before."""
    is_sdn = feed == "ofac-sdn"
    stay = {
        "began": BEFORE - timedelta(days=700) if is_sdn else BEFORE,
        "ended": BEFORE if is_sdn else None,
        "is_baseline": is_sdn,
        "began_with": 1 if is_sdn else 5,
        "ended_with": 5 if is_sdn else None,
        **given,
    }
    return Sibling(
        feed=feed,
        title="the SDN list" if is_sdn else "the consolidated list",
        blocking=is_sdn,
        checked=FIRST_SEEN,
        stays={key: [Stay(**stay)] for key in keys},
        told={5: Telling("thefirstalert", BEFORE)},
    )


def test_who_moves_to_a_list_that_does_not_block_is_not_delisted() -> None:
    siblings = [the_other("ofac-consolidated", "2")]
    alert = an_alert(
        changes=told(a_removed("2", name="EXAMPLE BANK", type="entity"), siblings=siblings),
        listed_since={"2": ListedSince(BEFORE - timedelta(days=500), is_known=True)},
    )
    message = read(alert)

    assert message.subject == (
        "OFAC: 1 moved. EXAMPLE BANK (entity, uid 2) moved from the SDN list to the consolidated list"
    )
    assert message.text.startswith(
        "It had been listed under North Korea: industries [DPRK4] since 4 Aug 2023.\n\n"
        "The addition to the consolidated list was told on 16 Dec 2024 14:02 UTC (alert thefirstalert).\n"
        "Blocking under the SDN list ends; what the consolidated list restricts applies."
    )
    assert "delisted" not in message.subject + message.text


def test_who_moved_from_the_sdn_list_is_told_with_the_alert_that_told_of_the_removal() -> None:
    alert = about_the_consolidated_list(an_added("2"), siblings=[the_other("ofac-sdn", "2")])
    message = read(alert)

    assert message.subject == (
        "OFAC: 1 moved. DOE, John (individual, uid 2) moved from the SDN list to the consolidated list"
    )
    assert (
        "The removal from the SDN list was told on 16 Dec 2024 14:02 UTC (alert thefirstalert).\n"
        in message.text
    )


def test_who_comes_to_the_list_that_blocks_is_designated_from_wherever() -> None:
    left = the_other("ofac-consolidated", "1", ended=BEFORE, ended_with=5, began=BEFORE - 99 * HOUR)
    alone = read(an_alert(changes=told(an_added("1"), siblings=[left])))
    several = read(an_alert(changes=told(an_added("1"), an_added("3"), siblings=[left])))

    assert alone.subject == (
        "OFAC: 1 designated. DOE, John (individual, uid 1) moved from the consolidated list to the SDN list"
    )
    assert "Blocked property is to be reported by" in alone.text
    assert several.subject == (
        "OFAC: 2 designated (2 individuals), 1 of them moved from the consolidated list, North Korea"
    )
    assert "Moved from the consolidated list: DOE, John; the removal was told on" in several.text


def test_who_leaves_one_of_two_lists_is_still_on_the_other() -> None:
    alert = an_alert(
        changes=told(
            a_removed("2"), siblings=[the_other("ofac-consolidated", "2", is_baseline=True)]
        )
    )
    message = read(alert)

    assert message.subject == (
        "OFAC: 1 no longer on both lists. DOE, John (individual, uid 2) left the SDN list, "
        "still on the consolidated list"
    )
    assert "Blocking under the SDN list ends" in message.text


def test_a_list_that_moves_is_one_line_with_the_number_five_names_and_the_link() -> None:
    keys = [f"{number:03}" for number in range(257)]
    alert = an_alert(
        changes=told(
            *[a_removed(key, name=f"PARTY{key}", type="entity") for key in keys],
            siblings=[the_other("ofac-consolidated", *keys)],
        )
    )
    chat, mail = read(alert), read(alert, "mail")

    assert chat.subject == (
        "OFAC: 257 moved from the SDN list to the consolidated list, North Korea"
    )
    assert chat.text.startswith(
        "257 moved from the SDN list to the consolidated list. "
        "First 5: PARTY000 · PARTY001 · PARTY002 · PARTY003 · PARTY004\n"
    )
    assert f"{URL}/alerts/" in chat.text
    assert "PARTY005" not in chat.text + mail.text
    assert "257 moved from the SDN list to the consolidated list. First 5:" in mail.text


def test_moves_designations_and_amendments_of_one_publication_have_their_own_numbers() -> None:
    keys = [f"{number:03}" for number in range(30)]
    alert = an_alert(
        changes=told(
            *[a_removed(key) for key in keys],
            an_added("x1"),
            an_amended("x2", title="Minister"),
            siblings=[the_other("ofac-consolidated", *keys)],
        )
    )

    assert read(alert).subject == (
        "OFAC: 1 designated (North Korea), 1 amended, 30 moved from the SDN list to the consolidated list"
    )


def test_a_new_number_is_neither_a_delisting_nor_a_designation() -> None:
    born = [{"date": "1962"}]
    alert = an_alert(
        changes=told(a_removed("2", dates_of_birth=born), an_added("9", dates_of_birth=born))
    )
    message = read(alert)

    assert message.subject == (
        "OFAC: 1 re-listed under a new number. DOE, John (individual, uid 2, now 9)"
    )
    assert "A new number ends nothing" in message.text
    assert "designated" not in message.text
    assert "delisted" not in message.text
    assert "Blocked property" not in message.text
    assert "uid 9, before 2" in read(alert, "mail").text


def test_new_numbers_among_other_changes_are_listed_with_both() -> None:
    born = [{"date": "1962"}]
    alert = an_alert(
        changes=told(
            a_removed("2", dates_of_birth=born), an_added("9", dates_of_birth=born), an_added("x")
        )
    )
    message = read(alert)

    assert message.subject == "OFAC: 1 designated (North Korea), 1 re-listed under a new number"
    assert "Re-listed under a new number: DOE, John (uid 2, now 9)" in message.text


def test_a_new_number_with_a_new_ground_stays_a_designation_and_says_so() -> None:
    born = [{"date": "1962"}]
    alert = an_alert(
        changes=told(
            a_removed("2", dates_of_birth=born),
            an_added("9", dates_of_birth=born, programs=["DPRK4", "NPWMD"]),
        )
    )
    message = read(alert)

    assert message.subject.startswith(
        "OFAC: 1 designated (North Korea), 1 re-listed under a new number"
    )
    assert (
        "Re-listed under a new number and a further programme: DOE, John (uid 2, now 9)"
        in message.text
    )


def test_half_of_a_re_listing_that_a_route_selected_shows_both_numbers() -> None:
    born = [{"date": "1962"}]
    alert = an_alert(
        changes=told(a_removed("2", dates_of_birth=born), an_added("9", dates_of_birth=born))
    )
    message = read(alert, selection=Selection("desk", alert.changes[:1], 1, (0,)))

    assert message.subject == (
        "OFAC: 1 re-listed under a new number. DOE, John (individual, uid 2, now 9)"
    )


def test_a_tag_under_a_new_name_is_one_line() -> None:
    changes = [
        an_amended(
            f"{key:02}",
            old=a_party(name=f"CO{key:02}", programs=["OLD", "X"]),
            programs=["NEW", "X"],
        )
        for key in range(12)
    ]
    alert = an_alert(changes=told(*changes, carriers={"NEW": 12}))
    message = read(alert)

    assert message.subject == (
        "OFAC: 12 amended, all in the same way: programme tag OLD is now called NEW"
    )
    assert message.text.startswith(
        "Nobody was added or removed. First 5: CO00 · CO01 · CO02 · CO03 · CO04\n"
    )


def test_a_single_delisting_says_since_when_the_party_had_been_listed() -> None:
    day = FIRST_SEEN - timedelta(days=30)
    known = an_alert(a_removed("2"), listed_since={"2": ListedSince(day, is_known=True)})
    baseline = an_alert(a_removed("2"), listed_since={"2": ListedSince(day, is_known=False)})
    without = an_alert(
        a_removed("2", programs=[]), listed_since={"2": ListedSince(day, is_known=True)}
    )

    ground = "It had been listed under North Korea: industries [DPRK4] since "
    assert f"{ground}16 Nov 2024." in read(known).text
    assert f"{ground}before 16 Nov 2024, when we first saw it." in read(baseline).text
    assert f"{ground}16 Nov 2024." in " ".join(read(known, "mail").text.split())
    assert "It had been listed since 16 Nov 2024." in read(without).text


def test_a_release_is_not_called_a_list() -> None:
    publication = {"key": "sb1", "title": "T", "url": "https://example.org", "date": "2024-12-16"}
    alert = an_alert(kind="publication", publication=publication, published="2024-12-16")

    assert "the release is dated 16 Dec 2024" in read(alert).text


@pytest.mark.parametrize("kind", ["apprise", "mail"])
def test_who_left_both_lists_is_delisted_from_both(kind: str) -> None:
    siblings = [the_other("ofac-sdn", "2")]
    message = read(about_the_consolidated_list(a_removed("2"), siblings=siblings), kind)

    assert "1 removed" in message.subject
    assert (
        "Also removed from the SDN list: DOE, John; that was told on 16 Dec 2024 14:02 UTC (alert "
        "thefirstalert)." in " ".join(message.text.split())
    )


def test_an_identifier_of_a_moved_party_is_still_shown() -> None:
    party = {"identifiers": [an_identifier("Passport", "745336612")]}
    alert = about_the_consolidated_list(
        an_added("2", **party), siblings=[the_other("ofac-sdn", "2")]
    )

    assert "Passport 745336612" in read(alert).text
    assert "Passport 745336612" in read(alert, "mail").text


def test_a_mass_edit_beside_other_amendments_is_in_the_heading() -> None:
    notice = [an_identifier("Secondary sanctions risk:", "section 1")]
    edited = [an_amended(f"{key}", identifiers=notice) for key in range(30)]
    listed = an_amended("x", programs=["DPRK4", "NPWMD"], identifiers=notice)

    assert read(an_alert(*edited, listed)).subject == (
        "OFAC: 31 amended, 30 of them in the same way, "
        "1 of them listed under a further programme, North Korea"
    )
