"""What people read in a mail: text laid out for itself, and a table that any client shows."""

import csv
import io
import re
from dataclasses import replace
from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from lxml import html as lxml_html

from monitor.core.alert import Alert
from monitor.core.channel import ChannelProfile
from monitor.core.render import render
from monitor.core.render.mail import MOST_ROWS
from monitor.core.render.message import Message
from monitor.core.render.table import table
from monitor.core.route import Selection, everything
from tests.builders import (
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
PAGE = "https://sanctionssearch.ofac.treas.gov/Details.aspx?id={key}"


def mails(
    alert: Alert,
    *,
    body: int | None = None,
    format: Any = "html",
    selection: Selection | None = None,
) -> list[Message]:
    profile = ChannelProfile("officers", "mail", format, None, body, ("a@example.org",))
    return render(alert, selection or everything(alert, "officers"), profile, URL, UTC)


def mail(alert: Alert, **given: Any) -> Message:
    (message,) = mails(alert, **given)
    return message


def shown(message: Message) -> str:
    """What a mail client shows of the HTML, with white space collapsed."""
    assert message.html is not None
    tree: Any = lxml_html.fromstring(message.html)
    return " ".join(tree.text_content().split())


def a_bank(**given: Any) -> Any:
    return an_added(
        "47148",
        name={"last": "GOLDEN TRIANGLE BANK"},
        type="entity",
        identifiers=[
            an_identifier("SWIFT/BIC", "KGTBKPP1"),
            an_identifier("Organization Established Date", "Feb 1995"),
            an_identifier(
                "Secondary sanctions risk:", "North Korea Sanctions Regulations, section 510.201"
            ),
            an_identifier("Website", "www.example.org"),
        ],
        addresses=[{"city": "Rason", "country": "Korea, North"}],
        aliases=[{"last": "GOLDEN DELTA BANK", "kind": "fka", "strength": "strong"}],
        remarks="(Linked To: KOREA KWANGSON BANKING CORP)",
        **given,
    )


def test_the_text_part_is_laid_out_in_columns_for_itself() -> None:
    message = mail(an_alert(a_bank(), dossiers=(a_case(releases=[a_release()]),)))

    assert message.text == (
        "OFAC: 1 designated. GOLDEN TRIANGLE BANK (entity, uid 47148) was added to the\n"
        "SDN list\n\n"
        "Ground: North Korea: industries [DPRK4] 1\n\n"
        'Treasury: "Treasury Sanctions Key Facilitators" (jy2751, 16 Dec 2024)\n\n'
        "Published between 14:58 and 15:02 UTC on 16 Dec 2024; the list is dated 16 Dec\n"
        "2024.\n\n"
        "Designated (1)\n"
        "--------------\n\n"
        " 1. GOLDEN TRIANGLE BANK (entity)\n"
        "    Ground         North Korea: industries [DPRK4]\n"
        "    Founded        Feb 1995\n"
        '    Other names    f.k.a. "GOLDEN DELTA BANK"\n'
        "    Identifiers    SWIFT/BIC KGTBKPP1\n"
        "    Addresses      Rason, Korea, North\n"
        "    Contact        Website www.example.org\n"
        "    Linked to      KOREA KWANGSON BANKING CORP\n"
        "    List number    uid 47148\n\n"
        "Official pages\n"
        "--------------\n\n"
        "- Treasury's release jy2751:\n"
        "  https://home.treasury.gov/news/press-releases/jy2751\n"
        f"- The whole dossier: {URL}/dossiers/case1\n\n"
        "What also applies\n"
        "-----------------\n\n"
        "- Secondary sanctions risk: North Korea Sanctions Regulations, section 510.201\n\n"
        "What follows\n"
        "------------\n\n"
        "- All property of this party that is in the United States or in the possession\n"
        "  or control of U.S. persons is blocked; dealing in it needs a licence or an\n"
        "  exemption. Treat it as in force from the moment of listing.\n"
        "- Entities that blocked persons own 50 percent or more, directly or indirectly\n"
        "  and taken together, are blocked though they are not listed (79 FR 47726; it\n"
        "  speaks of ownership, not of control).\n"
        "- Property blocked on 16 Dec 2024 is to be reported by 31 Dec 2024, ten\n"
        "  business days later (31 CFR 501.603); rejected transactions likewise (31 CFR\n"
        "  501.604). Both go through OFAC's Reporting System.\n\n"
        "How to check\n"
        "------------\n\n"
        "First seen    16 Dec 2024 15:02 UTC\n"
        "Check before  16 Dec 2024 14:58 UTC\n"
        "List holds    19,391 records\n"
        f"Its SHA-256   {'ab' * 32}\n\n"
        "Details and evidence:\n"
        f"{URL}/alerts/knn5vsf64akmhy4mpcdwoo4hhi\n"
        "alert knn5vsf64akmhy4mpcdwoo4hhi\n\n"
        "You receive this because no route says otherwise: then it goes to every\n"
        "channel, officers among them. Whoever runs the service can change that under\n"
        '"routes".\n'
    )


def test_the_action_of_16_december_is_one_mail_with_every_fact(shared_data: Path) -> None:
    message = mail(an_alert(*the_action_of_december(shared_data), party_page=PAGE))

    assert (
        message.subject == "OFAC: 16 designated (9 individuals, 7 entities), North Korea and Russia"
    )
    for facts in (
        "CHOE, Chol Ryong",
        "Passport 745336612 (Korea, North)",
        "KOREA KWANGSON BANKING CORP",
        "Weapons of mass destruction [NPWMD]",
        "12 Feb 1992",
        "SIBREGIONGAZ, AO",
        "Tax ID No. 5406258514 (Russia)",
        "Feb 1995",
        "(15 of 16)",
        "31 Dec 2024",
    ):
        assert facts in shown(message)
        assert facts in " ".join(message.text.split())
    assert 'href="https://sanctionssearch.ofac.treas.gov/Details.aspx?id=48220"' in (
        message.html or ""
    )


def test_no_line_of_the_text_is_wider_than_78_columns(shared_data: Path) -> None:
    message = mail(an_alert(*the_action_of_december(shared_data)))

    assert max(map(len, message.text.splitlines())) <= 78


def test_the_table_has_a_row_for_each_party_and_a_head_for_each_column() -> None:
    alert = an_alert(a_bank(), an_added("2"), a_removed("3", name="ROE, Jane"))
    tree: Any = lxml_html.fromstring(mail(alert).html or "")

    designated, delisted = tree.xpath("//table[.//th]")
    assert [cell.text for cell in designated.xpath(".//th")] == [
        "Name",
        "Type",
        "Ground",
        "Born or founded",
        "Identifiers",
        "Addresses",
        "Linked to",
        "List number",
    ]
    assert len(designated.xpath(".//tbody/tr")) == 2
    assert len(delisted.xpath(".//tbody/tr")) == 1


def test_a_column_in_which_no_party_has_anything_is_left_out() -> None:
    tree: Any = lxml_html.fromstring(mail(an_alert(an_added("1"))).html or "")

    heads = [cell.text for cell in tree.xpath("//th")]
    assert heads == ["Name", "Type", "Ground", "List number"]
    assert [len(row.xpath("td")) for row in tree.xpath("//tbody/tr")] == [len(heads)]


def test_what_describes_and_where_it_is_have_columns_of_their_own() -> None:
    described = an_added(
        "1",
        identifiers=[an_identifier("Gender", "Male"), an_identifier("Passport", "7")],
        addresses=[{"country": "Korea, North"}],
    )
    tree: Any = lxml_html.fromstring(mail(an_alert(described)).html or "")

    heads = [cell.text for cell in tree.xpath("//th")]
    cells = [cell.xpath("string(div[2])").strip() for cell in tree.xpath("//tbody/tr/td")]
    told = dict(zip(heads, cells, strict=True))
    assert told["Type"] == "individual"
    assert told["Particulars"] == "Gender: Male"
    assert told["Identifiers"] == "Passport 7"
    assert told["Addresses"] == "Korea, North"


def test_on_a_telephone_each_value_stands_behind_its_label() -> None:
    html = mail(an_alert(a_bank(), an_added("2"))).html or ""
    tree: Any = lxml_html.fromstring(html)
    _, bank = tree.xpath("//tbody/tr")

    assert bank.xpath("td/div[@class='label']/text()") == [
        "Type",
        "Ground",
        "Founded",
        "Identifiers",
        "Addresses",
        "Linked to",
        "List number",
    ]
    (sheet,) = tree.xpath("//style/text()")
    assert "@media (max-width: 600px)" in sheet
    assert ".parties .label { display: block !important" in sheet
    # Elsewhere, and where the sheet is dropped, the head says it.
    assert {cell.get("style") for cell in tree.xpath("//div[@class='label']")} == {
        "display:none;mso-hide:all"
    }


def test_a_number_in_the_heading_stays_on_the_line_of_what_it_counts() -> None:
    html = mail(an_alert(an_added("1"), an_added("2"))).html or ""

    assert "(2\N{NO-BREAK SPACE}individuals)" in html.partition("<h1")[2]


def test_the_html_brings_nothing_from_elsewhere_and_runs_nothing(shared_data: Path) -> None:
    html = (
        mail(
            an_alert(
                *the_action_of_december(shared_data), dossiers=(a_case(releases=[a_release()]),)
            )
        ).html
        or ""
    )

    assert not re.search(
        r"<(?:img|script|link|iframe|form|video|object)\b|\bon\w+=|url\(|src=", html
    )


def test_whatever_a_record_holds_is_text_in_the_html() -> None:
    evil = '<script>alert(1)</script>"><img src=x>'
    alert = an_alert(
        an_added(
            "1",
            name={"last": evil},
            programs=[evil],
            title=evil,
            remarks=f"(Linked To: {evil})",
            identifiers=[
                an_identifier(evil, evil),
                an_identifier("Digital Currency Address - XBT", evil),
            ],
        ),
        an_amended("2", title=evil),
        publication=a_release(title=evil),
    )
    tree: Any = lxml_html.fromstring(mail(alert).html or "")

    assert tree.xpath("//script | //img") == []
    assert evil in tree.text_content()


def test_an_amendment_has_its_signs_in_both_parts() -> None:
    message = mail(an_alert(an_amended("3", name="DOE, Johnny")))

    assert '  − name "DOE, John"\n  + name "DOE, Johnny"' in message.text
    assert '−name "DOE, John" +name "DOE, Johnny"' in shown(message)  # cells of a table


def test_a_digital_currency_address_is_never_wrapped() -> None:
    monero = "4" + "A" * 94
    message = mail(
        an_alert(
            an_added("1", identifiers=[an_identifier("Digital Currency Address - XMR", monero)])
        )
    )

    assert any(monero in line for line in message.text.splitlines())
    assert monero in (message.html or "")


def test_a_plain_mail_has_no_html() -> None:
    assert mail(an_alert(an_added()), format="text").html is None


def test_a_mail_with_a_limit_is_divided_between_parties_and_numbered() -> None:
    alert = an_alert(*[an_added(str(key), name=f"PARTY{key}, X") for key in range(12)])
    messages = mails(alert, body=12_000)

    assert len(messages) > 1
    assert all(len(message.html or "") <= 12_000 for message in messages)
    assert messages[0].subject.endswith(f"(part 1 of {len(messages)})")
    together = "".join(message.text for message in messages)
    assert all(f"PARTY{key}, X" in together for key in range(12))


def test_a_mail_in_parts_of_thousands_of_parties_counts_the_rest() -> None:
    alert = an_alert(*[an_added(f"{key:05}") for key in range(MOST_ROWS + 5)])

    first = mails(alert, format="text", body=100_000)[0]

    assert "And 5 more, which are too many for a mail" in first.text


def rows_of(message: Message) -> list[dict[str, str]]:
    assert message.wire is not None
    return list(csv.DictReader(io.StringIO(message.wire.removeprefix("\ufeff"))))


def a_flood(number: int) -> list[Any]:
    return [
        an_added(
            f"{key:05}",
            name=f"PARTY {key:05}, Élan",
            identifiers=[an_identifier("Passport", f"P{key:07}")],
            dates_of_birth=[{"date": "1962"}],
        )
        for key in range(number)
    ]


@pytest.mark.parametrize("number", [201, 5_000])
def test_a_flood_is_numbers_the_first_parties_and_a_table_of_all(number: int) -> None:
    alert = an_alert(*a_flood(number), a_removed("90000", name="GONE"))

    message = mail(alert)

    assert len(message.text.encode()) <= 100_000
    assert len((message.html or "").encode()) <= 100_000
    assert f"{number:,} designated" in message.subject
    assert f"Designated (first 50 of {number:,})" in message.text
    assert f"Designated (first 50 of {number:,})" in (message.html or "")
    assert "The first 50 are told here. All of them are in changes.csv" in " ".join(
        message.text.split()
    )
    rows = rows_of(message)
    assert len({row["number"] for row in rows}) == number + 1
    assert {row["value"] for row in rows if row["number"] == "00007"} == {
        "Passport P0000007", "born 1962", "North Korea: industries [DPRK4]",
    }  # fmt: skip
    assert [row["came_or_left"] for row in rows if row["name"] == "GONE"] == ["left"]


def test_one_edit_on_many_records_is_one_line_and_a_table() -> None:
    notice = [an_identifier("Secondary sanctions risk:", "section 1")]
    edited = [
        an_amended(f"{key:03}", old=a_party(name=f"DOE{key:03}"), identifiers=notice)
        for key in range(499)
    ]

    message = mail(an_alert(*edited))

    assert "499 amended, all in the same way" in message.text
    assert len(message.text) < 3_000
    assert len(rows_of(message)) == 499


def test_a_mass_edit_within_a_flood_keeps_its_number() -> None:
    notice = [an_identifier("Secondary sanctions risk:", "section 1")]
    edited = [
        an_amended(f"e{key:02}", old=a_party(name=f"DOE{key:02}"), identifiers=notice)
        for key in range(30)
    ]

    message = mail(an_alert(*a_flood(300), *edited))

    assert "30 amended, all in the same way" in message.text
    assert "Designated (first 50 of 300)" in message.text


def test_large_records_are_cut_to_what_a_reader_is_shown() -> None:
    parties = [an_added(f"{key}", remarks="x" * 3_000) for key in range(60)]

    message = mail(an_alert(*parties))

    assert len((message.html or "").encode()) <= 100_000
    assert re.search(r"Designated \(first \d+ of 60\)", message.text)
    assert len(rows_of(message)) >= 60


def test_a_mail_that_tells_of_each_party_has_no_table() -> None:
    assert mail(an_alert(*a_flood(60))).wire is None


def test_the_same_flood_is_always_the_same_table() -> None:
    assert mail(an_alert(*a_flood(201))) == mail(an_alert(*a_flood(201)))


@pytest.mark.parametrize("begins", ["=", "+", "-", "@"])
def test_nothing_in_the_table_is_a_formula(begins: str) -> None:
    name = f'{begins}HYPERLINK("https://evil.example";"x")'
    row = table([told_added(name)], "https://x.example").splitlines()[1]

    assert f"\"'{begins}HYPERLINK(" in row


def test_a_table_that_would_be_too_large_counts_the_rest() -> None:
    alert = an_alert(*a_flood(100))

    last = table(alert.changes, "https://x.example", largest=5_000).splitlines()[-1]

    assert re.fullmatch(r"and \d+ more: https://x.example", last)


def told_added(name: str) -> dict[str, Any]:
    return an_alert(an_added("1", name=name)).changes[0]


def test_a_mail_says_which_routes_sent_it() -> None:
    alert = an_alert(an_added("1"), a_removed("2"))
    message = mail(alert, selection=Selection("officers", alert.changes[:1], 1, (0, 2)))

    flat = " ".join(message.text.split())
    assert "because routes 1 and 3 of the configuration send it to the channel officers" in flat
    assert "1 other change of the same publication is not in this message." in flat


def test_what_is_said_of_the_delisted_names_them_where_others_stand_beside_them() -> None:
    text = mail(an_alert(an_added("1"), a_removed("2", name={"last": "GONE LTD"}))).text

    assert "\nGONE LTD had been listed under" in text
    assert "It had been listed" not in text


def test_the_remarks_of_a_party_stand_in_both_parts_without_its_ties() -> None:
    message = mail(an_alert(an_added("1", remarks="All offices worldwide; (Linked To: SOMEBODY)")))

    assert "    Remarks        All offices worldwide\n" in message.text
    assert "All offices worldwide" in shown(message)
    assert "Linked To: SOMEBODY" not in message.text


def test_a_test_does_not_say_that_a_route_sent_it() -> None:
    text = mail(replace(an_alert(), kind="test")).text

    assert "You receive this because somebody tries the channel officers.\n" in text


def test_an_incident_is_a_mail_of_a_few_lines() -> None:
    message = mail(an_incident())

    assert message.text.startswith("Watch: the SDN list has not been readable for 40 minutes")
    assert "What to do: See docs/operations.md#blocked" in message.text
    assert "What follows" not in message.text
    assert "The server answers 403 (blocked)." in shown(message)


def test_notices_that_few_carry_name_the_carriers() -> None:
    alert = an_alert(a_bank(), *[an_added(str(key), name=f"DOE{key}, John") for key in range(8)])

    assert "section 510.201 (GOLDEN TRIANGLE BANK)" in " ".join(mail(alert).text.split())


def test_a_test_has_no_link_because_nothing_keeps_it() -> None:
    alert = an_alert(kind="test", feed="", changes=())

    message = mail(alert)

    assert alert.id not in f"{message.text}{message.html}"
    assert "Details and evidence" not in f"{message.text}{message.html}"
