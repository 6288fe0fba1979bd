"""What comes from a list is shown in Slack, Discord and Teams, and obeyed in none of them."""

import re
from datetime import UTC
from html import unescape
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.channel import ChannelProfile, LayoutName
from monitor.core.render import render
from monitor.core.render.layouts import APART, LAYOUTS, stressed
from monitor.core.render.message import Message
from monitor.core.route import everything
from tests.builders import a_party, a_removed, an_added, an_alert, an_amended
from tests.core.test_render_limits import MORE, URL, changes

NAMES: tuple[LayoutName, ...] = ("slack", "discord", "teams")
LIMITS = {"slack": (150, 2_840), "discord": (250, 1_840), "teams": (250, 840)}


def messages(alert: Any, layout: LayoutName, format: Any = "markdown") -> list[Message]:
    title, body = LIMITS[layout]
    profile = ChannelProfile("desk", "apprise", format, title, body, ("",), layout=layout)
    return render(alert, everything(alert, "desk"), profile, URL, UTC)


def plain(layout: LayoutName, text: str) -> str:
    return LAYOUTS[layout].line(text, stress=True)


HOSTILE = [
    "@everyone", "@here", "info@here.example", "<!channel>", "<@U123>", "<@&99>", "<#C1>", "<at>Boss</at>", "*bold*", "_it_", "~no~",
    "**b**", "`x`", "||spoiler||", "[click](https://evil.example)", "<https://evil.example|click>", "> quote", "# big", "- item",
    "1. item", ":tada:", "{{DATE(2017-02-14T06:08:39Z)}}", "&lt;at&gt;", "\\*x\\*", "https://x.example/@everyone", "https://x.example/|a>b<!here>",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_slack_obeys_nothing_of_a_name(text: str) -> None:
    written = plain("slack", text)

    assert not re.search(r"[<>]", written)
    assert not re.search(r"@(everyone|here|channel)", written)
    assert not re.search(r"(^|\W)([*_~`])\w[^\n]*\w\2(\W|$)", written.replace(APART, "x"))
    assert not written.startswith("&gt;")
    assert not re.search(r":\w+:", written)
    assert unescape(written).replace(APART, "").replace("%40", "@") == text


@pytest.mark.parametrize("text", HOSTILE)
def test_discord_obeys_nothing_of_a_name(text: str) -> None:
    written = plain("discord", text)

    links = r"https?://\S+"
    bare = re.sub(r"\\[^A-Za-z0-9\s]", "", re.sub(links, "", written))
    assert not re.search(r"@(everyone|here)", written)
    assert not re.search(r"[*_~`|<>\[\]#]", bare)
    assert not re.match(r"\s*([-+]|\d+\.)\s", bare)
    assert not re.search(r":\w+:", bare)
    assert (
        re.sub(r"\\([^A-Za-z0-9\s])", r"\1", written).replace(APART, "").replace("%40", "@") == text
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_teams_obeys_nothing_of_a_name(text: str) -> None:
    written = plain("teams", text)

    bare = re.sub(r"\\[^A-Za-z0-9\s]", "", re.sub(r"https?://\S+", "", written))
    assert not re.search(r"<at>([^<]+)</at>", written)
    assert not re.search(r"[*_~`|<>\[\]#]", bare)
    assert not re.match(r"\s*([-+]|\d+\.)\s", bare)
    assert "{{" not in written
    assert not re.search(r"(?<!\\)&\w+;", written)


def test_an_address_and_an_identifier_can_be_copied() -> None:
    for layout in NAMES:
        for text in (
            "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq",
            "ETH 0xAb5801a7D398351b8bE11C439e",
        ):
            assert plain(layout, text) == text
        assert plain(layout, "see https://x.example/a_b_c?d=*") == "see https://x.example/a_b_c?d=*"
    assert plain("slack", "first_last@mail.example") == "first_last@mail.example"


def test_a_stressed_name_is_bold_in_each_markup_and_plain_where_text_is_asked_for() -> None:
    text = f"{stressed('A_B')} (entity)"

    assert plain("slack", text) == "*A_B* (entity)"
    assert plain("discord", text) == "**A\\_B** (entity)"
    assert plain("teams", text) == "**A\\_B** (entity)"
    assert LAYOUTS["slack"].line(text, stress=False) == "A_B (entity)"


def several() -> Any:
    return an_alert(
        an_added("1", name="DOE & SONS", type="entity"), a_removed("2", name="ROE, *Jane*")
    )


def test_slack_has_bold_names_a_title_of_its_own_and_a_link_with_a_name() -> None:
    (message,) = messages(several(), "slack")

    assert message.subject == "OFAC: 1 designated (North Korea), 1 delisted (North Korea)"
    assert message.text.startswith("*DOE &amp; SONS* (entity, uid 1) designated\n")
    assert f"*ROE, {APART}*{APART}Jane{APART}*{APART}* (individual, uid 2) delisted" in message.text
    assert re.search(rf"<{URL}/alerts/\w+\|Details and evidence>   alert \w+$", message.text)


def test_discord_has_the_subject_in_bold_as_its_first_line() -> None:
    (message,) = messages(several(), "discord")

    head, body = message.text.split("\n\n", 1)
    assert head == f"**{message.subject}**"
    assert body.startswith("**DOE & SONS** (entity, uid 1) designated\n")
    assert re.search(rf"\[Details and evidence\]\(<{URL}/alerts/\w+>\)   alert", message.text)


def test_teams_gets_the_short_form_with_its_own_line_ends() -> None:
    alert = an_alert(*[an_added(f"{key:02}", name=f"PARTY {key:02}") for key in range(60)])

    (message,) = messages(alert, "teams")

    assert message.text.startswith(f"**{message.subject}**\n\n")
    assert re.search(rf"and \d+ more: \[Details and evidence\]\({URL}/alerts/\w+\)", message.text)
    assert not re.search(r"(?<!\n)\n(?!\n)", message.text)


def test_as_text_nothing_stands_out_and_the_link_is_bare() -> None:
    (message,) = messages(several(), "discord", format="text")

    assert "**" not in message.text
    assert f"Details and evidence: {URL}/alerts/" in message.text


@settings(max_examples=120, deadline=None)
@given(
    changes=changes(), layout=st.sampled_from(NAMES), format=st.sampled_from(["text", "markdown"])
)
def test_every_part_fits_in_each_markup_and_every_party_is_shown_or_counted(
    changes: list[Any], layout: LayoutName, format: Any
) -> None:
    title, body = LIMITS[layout]

    told = messages(an_alert(*changes), layout, format)

    assert all(len(message.text) <= body for message in told)
    assert all(len(message.subject) <= title for message in told)
    together = unescape("\n".join(f"{message.subject}\n{message.text}" for message in told))
    together = together.replace("\\", "").replace(APART, "")
    shown = sum(f"#{change.key}#" in together for change in changes)
    counted = sum(int(number.replace(",", "")) for number in MORE.findall(told[-1].text)[:1])
    assert shown + counted >= len(changes)
    assert counted == 0 or shown + counted == len(changes)


def test_a_heading_full_of_marks_leaves_room_for_the_rest() -> None:
    party = a_party(name="*_" * 70)
    told = messages(an_alert(an_amended("5", old=party, title="Minister")), "discord")

    assert all(len(message.text) <= LIMITS["discord"][1] for message in told)
    assert 'title "Minister"' in told[0].text
