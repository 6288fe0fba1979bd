"""What people read in a chat: the main messages, as written."""

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from monitor.core.alert import Alert
from monitor.core.channel import ChannelProfile
from monitor.core.diff import Amended
from monitor.core.render import render, title
from monitor.core.render.message import Message
from monitor.core.route import Selection, everything
from tests.builders import (
    NOT_BEFORE,
    Document,
    a_case,
    a_party,
    a_release,
    a_removed,
    an_added,
    an_alert,
    an_amended,
    an_identifier,
    an_incident,
    the_action_of_december,
)

URL = "https://monitor.example.org"
LINK = f"{URL}/alerts/knn5vsf64akmhy4mpcdwoo4hhi"
FOOT = f"\n\nDetails and evidence: {LINK}   alert knn5vsf64akmhy4mpcdwoo4hhi"
SEEN = "Published between 14:58 and 15:02 UTC on 16 Dec 2024; the list is dated 16 Dec 2024."
DUTY = "Blocked property is to be reported by 31 Dec 2024."
BITCOIN = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"


def rendered(
    alert: Alert,
    *,
    body: int | None = 35_000,
    title: int | None = 250,
    format: Any = "text",
    selection: Selection | None = None,
    zone: Any = UTC,
) -> list[Message]:
    profile = ChannelProfile("desk", "apprise", format, title, body, ("",))
    return render(alert, selection or everything(alert, "desk"), profile, URL, zone)


def only(alert: Alert, **given: Any) -> Message:
    (message,) = rendered(alert, **given)
    return message


def a_crypto_address() -> Amended:
    return an_amended(
        "5",
        old=a_party(name="EXAMPLE, Name"),
        identifiers=[an_identifier("Digital Currency Address - XBT", BITCOIN)],
    )


def a_mass_edit(number: int) -> list[Amended]:
    notice = [an_identifier("Secondary sanctions risk:", "section 1")]
    return [
        an_amended(f"{key:03}", old=a_party(name=f"DOE{key:03}, John"), identifiers=notice)
        for key in range(number)
    ]


def parties(number: int, **given: Any) -> list[Any]:
    return [
        an_added(f"{key:03}", name=f"PARTY{key:03}, Long Name", **given) for key in range(number)
    ]


def test_the_action_of_16_december_fits_one_chat_message(shared_data: Path) -> None:
    release = a_release(
        title="Treasury Sanctions Key Facilitators Behind North Korea’s Illicit Financial Activities"
    )
    message = only(
        an_alert(*the_action_of_december(shared_data), dossiers=(a_case(releases=[release]),))
    )

    assert (
        message.subject == "OFAC: 16 designated (9 individuals, 7 entities), North Korea and Russia"
    )
    assert message.text == (
        "Individuals: CHOE, Chol Ryong · IM, Song Jin · JU, Chang Il · KIM, Geum Cheol · KIM, Myong Jin · "
        "KIM, Yong Bok · PAK, Jong Chon · RI, Chang Ho · RO, Kwang Chol (9)\n"
        "Entities: DV INK LIMITED LIABILITY COMPANY · GOLDEN TRIANGLE BANK · KOREA MANDAL CREDIT BANK · "
        "NOVOSIBIRSKOBLGAZ LIMITED LIABILITY COMPANY · OKRYU TRADING COMPANY · SIBREGIONGAZ, AO · "
        "VOSTOK TRADING LIMITED LIABILITY COMPANY (7)\n"
        "Ground: North Korea: industries [DPRK4] 7 · North Korea: its government and party [DPRK2] 6 · "
        "Russia's harmful foreign activities [RUSSIA-EO14024] 4 · North Korea: arms and illicit economy [DPRK] 1 · "
        "Weapons of mass destruction [NPWMD] 1\n"
        'Treasury: "Treasury Sanctions Key Facilitators Behind North Korea’s Illicit Financial Activities" '
        "(jy2751, 16 Dec 2024)\n"
        f"Property is blocked; so is what they own 50 percent or more. {DUTY}\n"
        f"{SEEN}{FOOT}"
    )


def test_a_small_channel_gets_numbers_first_names_and_the_link(shared_data: Path) -> None:
    message = only(an_alert(*the_action_of_december(shared_data)), body=160, title=60)

    assert message.subject == "OFAC: 16 designated (9 individuals, 7 entities)"
    assert message.text == (
        f"CHOE, Chol Ryong · IM, Song Jin · JU, Chang Il · KIM, Geum Cheol · KIM, Myong Jin\nand 11 more: {LINK}"
    )


def test_a_channel_of_a_thousand_characters_leaves_out_the_witness_before_the_duty(
    shared_data: Path,
) -> None:
    message = only(
        an_alert(*the_action_of_december(shared_data), publication=a_release(title="T" * 200)),
        body=900,
    )

    assert "VOSTOK TRADING LIMITED LIABILITY COMPANY (7)" in message.text
    assert DUTY in message.text
    assert "T" * 200 not in message.text


def test_a_single_designation_has_what_identifies_the_party() -> None:
    party: Document = {
        "name": "CHOE, Chol Ryong",
        "programs": ["NPWMD"],
        "dates_of_birth": [{"date": "12 Feb 1992"}],
        "nationalities": [{"country": "Korea, North"}],
        "identifiers": [
            an_identifier("Passport", "745336612", country="Korea, North"),
            an_identifier("Gender", "Male"),
        ],
        "aliases": [
            {"last": "CH'OE", "first": "Ch'o'l-ryong", "kind": "aka", "strength": "strong"}
        ],
        "remarks": "(Linked To: KOREA KWANGSON BANKING CORP)",
    }
    message = only(an_alert(an_added("48220", **party)))

    assert (
        message.subject
        == "OFAC: 1 designated. CHOE, Chol Ryong (individual, uid 48220) was added to the SDN list"
    )
    assert message.text == (
        "Weapons of mass destruction [NPWMD]\n"
        "born 12 Feb 1992\n"
        "nationality Korea, North\n"
        "Passport 745336612 (Korea, North)\n"
        "a.k.a. \"CH'OE, Ch'o'l-ryong\"\n"
        "linked to KOREA KWANGSON BANKING CORP\n\n"
        f"Property is blocked; so is what it owns 50 percent or more. {DUTY}\n"
        f"{SEEN}{FOOT}"
    )


def test_a_single_delisting_says_under_what_and_what_ends() -> None:
    gone = a_removed(
        "12345", name={"last": "EXAMPLE TRADING CO."}, type="entity", programs=["VENEZUELA-EO13884"]
    )
    message = only(an_alert(gone))

    assert message.subject == (
        "OFAC: 1 delisted. EXAMPLE TRADING CO. (entity, uid 12345) was removed from the SDN list"
    )
    assert message.text == (
        "It had been listed under Venezuela: government property and its supporters [VENEZUELA-EO13884].\n\n"
        "Removal ends blocking under this listing only; check other owners and lists.\n"
        f"{SEEN}{FOOT}"
    )


def test_several_delistings_are_told_as_what_the_list_did() -> None:
    gone = [a_removed(str(key), name=f"DOE{key}, John") for key in range(7)]
    message = only(an_alert(*gone))

    assert message.subject == "OFAC: 7 delisted (7 individuals), North Korea"
    assert message.text.startswith("Individuals: DOE0, John · DOE1, John")
    assert "They had been listed under: North Korea: industries [DPRK4] 7" in message.text


def test_a_mixed_publication_counts_each_direction() -> None:
    alert = an_alert(
        an_added("1"),
        an_added("2", name="X CO", type="entity", programs=["IRAN"]),
        a_removed("3", name="ROE, Jane"),
        an_amended("4", title="General"),
        a_crypto_address(),
    )
    message = only(alert)

    assert message.subject == (
        "OFAC: 2 designated (Iran and North Korea), 1 delisted (North Korea), 2 amended"
    )
    assert (
        "X CO (entity, uid 2) designated\nIran: government, banks, embargo [IRAN]\n" in message.text
    )
    assert "ROE, Jane (individual, uid 3) delisted\n" in message.text
    assert (
        f"EXAMPLE, Name (uid 5): 1 digital currency address added\n+ XBT {BITCOIN}\n"
        in message.text
    )
    assert DUTY in message.text
    assert "Removal ends blocking" in message.text


def test_a_single_amendment_has_plus_and_minus() -> None:
    old = a_party(name="CHOE, Chol Ryong", title="Representative")
    alias = {"last": "CH'OE", "first": "Ch'o'l-ryong", "kind": "aka", "strength": "strong"}
    message = only(an_alert(an_amended("48220", old=old, aliases=[alias], title="Director")))

    assert (
        message.subject
        == "OFAC: 1 amended. CHOE, Chol Ryong (uid 48220): 1 alias added, title changed"
    )
    assert message.text.startswith(
        '+ a.k.a. "CH\'OE, Ch\'o\'l-ryong"\n− title "Representative"\n+ title "Director"\n'
    )


def test_a_further_programme_is_said_in_the_heading() -> None:
    message = only(an_alert(an_amended("7", programs=["DPRK4", "SDGT"])))

    assert message.subject == (
        "OFAC: 1 listed under a further programme. DOE, John (uid 7): + Terrorism [SDGT]"
    )


def test_a_crypto_address_is_whole_in_heading_and_text() -> None:
    message = only(an_alert(a_crypto_address()))

    assert message.subject == (
        f"OFAC: 1 digital currency address added. EXAMPLE, Name (uid 5): + XBT {BITCOIN}"
    )
    assert message.text.startswith(f"+ XBT {BITCOIN}\n")


def test_a_heading_without_room_moves_into_the_text_and_nothing_is_cut() -> None:
    message = only(an_alert(a_crypto_address()), title=60)

    assert message.subject == "OFAC: 1 digital currency address added (uid 5)"
    assert message.text.startswith(
        f"OFAC: 1 digital currency address added. EXAMPLE, Name (uid 5): + XBT {BITCOIN}\n"
    )


def test_a_mass_edit_is_one_line_with_its_number() -> None:
    message = only(an_alert(*a_mass_edit(499)))

    assert message.subject == (
        'OFAC: 499 amended, all in the same way: identifier "Secondary sanctions risk:" added'
    )
    assert message.text == (
        "Nobody was added or removed. First 5: DOE000, John · DOE001, John · DOE002, John · DOE003, John · DOE004, John\n"
        f"{SEEN}{FOOT}"
    )


def test_a_designation_within_a_mass_edit_is_told_first() -> None:
    message = only(an_alert(*a_mass_edit(30), an_added("x", name="NEW, One")))

    assert message.subject == "OFAC: 1 designated (North Korea), 30 amended"
    assert message.text.startswith("NEW, One (individual, uid x) designated\n")
    assert (
        '30 amended, all in the same way: identifier "Secondary sanctions risk:" added.'
        in message.text
    )


def test_a_list_that_blocks_nobody_does_not_speak_of_blocking() -> None:
    alert = an_alert(
        an_added("1"), a_removed("2"), blocking=False, feed_title="the consolidated (non-SDN) list"
    )
    message = only(alert)

    assert (
        message.subject
        == "OFAC: 1 added (North Korea), 1 removed (North Korea) on the consolidated (non-SDN) list"
    )
    assert "Property is blocked" not in message.text
    assert "Parties of this list are not blocked" in message.text
    assert "What ends is the restriction under North Korea: industries [DPRK4]." in message.text


def test_a_selection_says_how_much_it_leaves_out() -> None:
    alert = an_alert(*parties(9), a_removed("x"))
    message = only(alert, selection=Selection("desk", alert.changes[:1], 9, (0,)))

    assert message.subject.startswith("OFAC: 1 designated. PARTY000, Long Name")
    assert "9 other changes of the same publication are not in this message." in message.text


def test_a_publication_is_told_with_its_links() -> None:
    alert = an_alert(
        kind="publication",
        publication=a_release(action="https://ofac.treasury.gov/recent-actions/20241216"),
        authority="Treasury",
        published=None,
    )
    message = only(alert)

    assert message.subject == 'Treasury: "Treasury Sanctions Key Facilitators"'
    assert message.text == (
        "Release jy2751 of 16 Dec 2024: https://home.treasury.gov/news/press-releases/jy2751\n"
        "OFAC's action of the day: https://ofac.treasury.gov/recent-actions/20241216\n"
        "Whom it names is told with the list, as soon as the list shows it.\n"
        f"Published between 14:58 and 15:02 UTC on 16 Dec 2024.{FOOT}"
    )


def test_an_incident_says_what_is_wrong_what_follows_and_what_to_do() -> None:
    message = only(an_incident())

    assert (
        message.subject
        == "Watch: the SDN list has not been readable for 40 minutes (since 14:20 UTC)"
    )
    assert message.text == (
        "The server answers 403 (blocked). What we hold is the list of 16 Dec 2024. Polling goes on.\n"
        "What to do: See docs/operations.md#blocked\n"
        f"Since 16 Dec 2024 14:20 UTC.{FOOT}"
    )


def test_a_reminder_says_for_how_long_and_an_end_how_long_it_was() -> None:
    over = datetime(2024, 12, 16, 16, 30, tzinfo=UTC)

    assert only(an_incident(state="reminded")).subject.startswith(
        "Watch: still, after 42 minutes: "
    )
    closed = only(an_incident(state="closed", until=over, detail="Nothing had changed meanwhile."))
    assert closed.subject.startswith("Watch: over after 2 hours 10 minutes: ")
    assert closed.text.startswith(
        "It lasted from 16 Dec 2024 14:20 UTC to 16 Dec 2024 16:30 UTC.\nNothing had changed meanwhile."
    )


def test_a_held_list_is_told_with_its_numbers() -> None:
    summary = "a new version of the SDN list is held back: 7,204 of 19,391 parties are missing (37 percent; limit 5)"
    message = only(
        an_incident(
            kind="held", summary=summary, detail="Nobody has been told of any change from it."
        )
    )

    assert message.subject == f"Watch: {summary}"
    assert message.text.startswith("Nobody has been told of any change from it.\nWhat to do: ")


def test_a_test_message_says_that_nothing_has_changed() -> None:
    message = only(an_alert(kind="test"))

    assert message.subject == "Sanctions Monitor: test message"
    assert "test of the channel desk. Nothing has changed on any list." in message.text
    assert URL not in message.text  # nothing keeps a test, so that a link would lead nowhere


def test_a_reader_elsewhere_has_the_own_time_beside_utc() -> None:
    text = only(an_alert(an_added()), zone=ZoneInfo("America/New_York")).text

    assert "between 14:58 and 15:02 UTC (09:58 and 10:02 EST) on 16 Dec 2024" in text


def test_a_long_action_is_split_into_numbered_parts_between_names() -> None:
    messages = rendered(an_alert(*parties(200)), body=2_000)

    assert [message.part for message in messages] == [1, 2, 3]
    assert (
        messages[1].subject == "OFAC: 200 designated (200 individuals), North Korea (part 2 of 3)"
    )
    assert messages[1].text.startswith("Individuals, continued: PARTY")
    assert all(len(message.text) <= 2_000 and message.text.endswith(FOOT) for message in messages)
    together = "".join(message.text for message in messages)
    assert all(f"PARTY{key:03}, Long Name" in together for key in range(200))


def test_nobody_is_sent_more_than_ten_parts() -> None:
    messages = rendered(an_alert(*parties(2_000)), body=2_000)

    assert len(messages) == 10
    shown = sum(message.text.count("PARTY") for message in messages)
    assert f"and {2_000 - shown:,} more: {LINK}" in messages[-1].text


def test_a_party_larger_than_a_part_is_divided_between_its_lines() -> None:
    aliases = [
        {
            "last": f"ALIAS NUMBER {key:03} OF A COMPANY WITH MANY NAMES",
            "kind": "aka",
            "strength": "strong",
        }
        for key in range(100)
    ]
    messages = rendered(an_alert(an_amended("9", aliases=aliases)), body=2_000)

    lines = [
        line for message in messages for line in message.text.splitlines() if line.startswith("+ ")
    ]
    assert len(lines) == 100
    assert all(line.endswith('NAMES"') for line in lines)


def test_markdown_shows_names_and_addresses_as_they_are() -> None:
    alert = an_alert(
        an_added(
            "1", name="A_B*C, [D]", identifiers=[an_identifier("Website", "http://a_b.example")]
        )
    )
    text = only(alert, format="markdown").text

    assert "North Korea: industries \\[DPRK4\\]" in text
    assert LINK in text
    assert only(an_alert(a_crypto_address()), format="markdown").text.startswith(
        f"\\+ XBT {BITCOIN}  \n"
    )


def test_html_for_a_chat_is_escaped_and_has_the_same_text_beside_it() -> None:
    alert = an_alert(*[an_added(str(key), name=f"<b>{key}, A & B") for key in range(7)])
    message = only(alert, format="html")

    assert message.html is not None
    assert "&lt;b&gt;0, A &amp; B" in message.html
    assert "<b>0, A & B" in message.text


def test_the_title_of_an_alert_is_its_fullest_heading() -> None:
    assert (
        title(an_alert(an_added("1"), a_removed("2")))
        == "OFAC: 1 designated (North Korea), 1 delisted (North Korea)"
    )


def test_another_authoritys_numbers_are_not_called_uid() -> None:
    alert = an_alert(an_added("QDi.123"), authority="UN", feed_title="the UN list")

    assert (
        only(alert).subject
        == "UN: 1 designated. DOE, John (individual, no. QDi.123) was added to the UN list"
    )


def test_a_zone_of_utc_by_another_name_is_utc() -> None:
    assert "UTC (" not in only(an_alert(an_added()), zone=timezone.utc).text  # noqa: UP017 - that is the point


def test_the_remarks_of_parties_in_full_are_told_without_their_ties() -> None:
    remarks = "All offices worldwide; (Linked To: SOMEBODY)"
    came = only(an_alert(an_added("1", remarks=remarks))).text
    left = only(an_alert(a_removed("2", remarks=remarks))).text

    assert "\nremarks: All offices worldwide\n" in came
    assert "\nremarks: All offices worldwide\n" in left
    assert "Linked To" not in came + left


@pytest.mark.parametrize(
    ("not_before", "day", "deadline"),
    [
        (NOT_BEFORE, None, "31 Dec 2024"),
        (NOT_BEFORE - timedelta(days=7), None, "23 Dec 2024"),
        (NOT_BEFORE - timedelta(days=7), "2024-12-12", "27 Dec 2024"),
        (NOT_BEFORE - timedelta(days=7), "2024-11-01", "23 Dec 2024"),
    ],
    ids=["watched", "after an outage", "of an action in it", "of an action before it"],
)
def test_the_deadline_is_counted_from_the_earliest_day_of_listing(
    not_before: datetime, day: str | None, deadline: str
) -> None:
    cases = (a_case(day=day),) if day else ()

    message = only(an_alert(an_added(), not_before=not_before, dossiers=cases))

    assert f"is to be reported by {deadline}" in message.text
