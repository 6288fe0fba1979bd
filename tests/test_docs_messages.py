"""The messages in docs/messages.md are those that are sent."""

import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from monitor.core.alert import Alert, DossierFacts, ListedSince, ToldBefore, alert_id
from monitor.core.channel import ChannelProfile
from monitor.core.digest import schedule
from monitor.core.dossier import Account, Published, Signal, account, correlate, news
from monitor.core.gathered import Trouble
from monitor.core.moves import Sibling, Stay, Telling
from monitor.core.render import render
from monitor.core.route import everything
from tests.builders import (
    FIRST_SEEN,
    NOT_BEFORE,
    a_digest,
    a_party,
    a_release,
    a_removed,
    an_added,
    an_alert,
    an_amended,
    an_identifier,
    an_incident,
    kept,
    kept_releases,
    told,
)
from tests.conftest import ROOT
from tests.core.dossier import signals
from tests.core.dossier.signals import ACTION, a_listing, an_action, an_entry

PAGE = (ROOT / "docs" / "messages.md").read_text("utf-8")
SECTIONS = dict(
    re.findall(r"^## ([^\n]+)\n(?:(?!^## ).)*?^```text\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
)

URL = "https://monitor.example.org"
CHAT = ChannelProfile("desk", "apprise", "text", 250, 35_000, ("",))
WHEN_THE_FIRST_WAS_MADE = NOT_BEFORE + timedelta(seconds=9)


def a_designation() -> Alert:
    return an_alert(
        an_added(
            "48220",
            name="EXAMPLE, Chol Su",
            programs=["NPWMD"],
            dates_of_birth=[{"date": "12 Feb 1992"}],
            nationalities=[{"country": "Korea, North"}],
            identifiers=[an_identifier("Passport", "745000000", country="Korea, North")],
            aliases=[
                {"last": "EXAMPLE", "first": "Ch'o'l-su", "kind": "aka", "strength": "strong"}
            ],
            remarks="(Linked To: EXAMPLE BANKING CORP)",
        )
    )


def several() -> Alert:
    people = [an_added(f"{key}", name=f"EXAMPLE {key}, John") for key in range(1, 8)]
    firms = [
        an_added(f"{key}", name=f"EXAMPLE TRADING {key}", type="entity", programs=["DPRK2"])
        for key in range(8, 10)
    ]
    return an_alert(*people, *firms)


def a_delisting() -> Alert:
    party = {"type": "entity", "name": "EXAMPLE TRADING CO.", "programs": ["VENEZUELA-EO13884"]}
    since = ListedSince(datetime(2024, 3, 3, 9, 0, tzinfo=UTC), is_known=False)
    return an_alert(a_removed("12345", **party), listed_since={"12345": since})


def an_amendment() -> Alert:
    alias = {"last": "EXAMPLE", "first": "Ch'o'l-su", "kind": "aka", "strength": "strong"}
    return an_alert(
        an_amended("48220", old=a_party(name="EXAMPLE, Chol Su"), aliases=[alias]),
        severity="medium",
    )


def a_digital_currency_address() -> Alert:
    address = "bc1qar0srrr7xfkvy5l643lydnw9re59gtzzwf5mdq"
    return an_alert(
        an_amended(
            "5",
            old=a_party(name="EXAMPLE, Name"),
            identifiers=[an_identifier("Digital Currency Address - XBT", address)],
        )
    )


def a_mass_edit() -> Alert:
    notice = [an_identifier("Secondary sanctions risk:", "section 1(b)")]
    return an_alert(
        *(
            an_amended(f"{key:03}", old=a_party(name=f"EXAMPLE {key}, John"), identifiers=notice)
            for key in range(1, 500)
        ),
        severity="medium",
    )


def a_move() -> Alert:
    stay = Stay(NOT_BEFORE - timedelta(days=700), NOT_BEFORE, True, 1, 5)
    sdn = Sibling(
        feed="ofac-sdn",
        title="the SDN list",
        blocking=True,
        checked=FIRST_SEEN,
        stays={"18714": [stay]},
        told={5: Telling("thealertthattoldofthatmove", WHEN_THE_FIRST_WAS_MADE)},
    )
    added = an_added("18714", type="entity", name="EXAMPLE BANK", programs=["UKRAINE-EO13662"])
    return an_alert(
        feed="ofac-consolidated",
        feed_title="the consolidated (non-SDN) list",
        blocking=False,
        severity="medium",
        changes=told(added, feed="ofac-consolidated", blocking=False, siblings=[sdn]),
    )


def a_new_number() -> Alert:
    born = [{"date": "1962"}]
    changes = told(a_removed("20011", dates_of_birth=born), an_added("51234", dates_of_birth=born))
    return an_alert(changes=changes, severity="medium")


def a_new_name() -> Alert:
    changes = told(
        *(
            an_amended(
                f"{key}",
                old=a_party(type="entity", name=f"EXAMPLE BANK {key}", programs=["OLDTAG"]),
                programs=["NEWTAG"],
            )
            for key in range(1, 35)
        ),
        carriers={"NEWTAG": 34},
    )
    return an_alert(changes=changes, severity="low")


def a_publication() -> Alert:
    return an_alert(
        kind="publication",
        feed="treasury-press-releases",
        authority="Treasury",
        severity="medium",
        publication=a_release(action="https://ofac.treasury.gov/recent-actions/20241216"),
        published="2024-12-16",
    )


def a_gathered_day() -> Alert:
    since = datetime(2024, 12, 16, 7, tzinfo=UTC)
    title = an_amended("48221", old=a_party(name="EXAMPLE, Jane"), title="Director")
    later = FIRST_SEEN + timedelta(hours=4)
    return a_digest(
        an_alert(an_added("48220", name="EXAMPLE, Chol Su", programs=["NPWMD"])),
        an_alert(title, id=alert_id("change", "ofac-sdn", "2"), first_seen=later),
        a_publication(),
        schedule=schedule("daily 07:00"),
        since=since,
        until=since + timedelta(days=1),
        kept=(
            kept(polls=1_439, longest_gap=timedelta(minutes=1, seconds=6), published="12/16/2024"),
            kept_releases(polls=1_438, news=1, about_sanctions=1),
        ),
    )


def a_week_with_a_gap() -> Alert:
    return a_digest(
        kept=(
            kept(polls=9_520, good=9_517, longest_gap=timedelta(hours=9, minutes=12)),
            kept_releases(polls=9_526, news=3),
        ),
        troubles=(
            Trouble(
                summary="the SDN list cannot be read: it answers 403 (blocked)",
                severity="high",
                since=datetime(2026, 11, 19, 22, 4, tzinfo=UTC),
                until=datetime(2026, 11, 20, 7, 13, tzinfo=UTC),
            ),
        ),
    )


def a_held_list() -> Alert:
    return an_incident(
        kind="held",
        summary="a new version of the SDN list is held back: 7,204 of 19,391 parties are missing "
        "(37 percent; limit 5)",
        detail="Nobody has been told of any change from it.",
        what_to_do="Accept or reject it. See docs/operations.md#held",
    )


def a_dossier(*arrived: Signal) -> Account:
    (case,) = correlate(arrived)
    return account(case)


BANK = a_listing("47148", "EXAMPLE BANK", programs=("DPRK4",))
CLERK = a_listing("48220", "EXAMPLE, Chol Su", type="individual", programs=("NPWMD",))
RELEASE = signals.a_designation(
    "jy2751", "Treasury Sanctions Key Facilitators", "one entity, Example Bank", ACTION
)
PAGE_OF_OFAC = an_action(
    "20241216",
    "North Korea Designations",
    an_entry("EXAMPLE BANK"),
    an_entry("EXAMPLE, Chol Su"),
    an_entry("EXAMPLE SHIPPING CO"),
    url=ACTION,
)
NOTICE = signals.a_publication(
    "notice",
    "2024-30001",
    "Notice of OFAC Sanctions Action",
    entries=(an_entry("EXAMPLE BANK"), an_entry("EXAMPLE, Chol Su")),
)
TOLD = ToldBefore("knn5vsf64akmhy4mpcdwoo4hhi", FIRST_SEEN)


def announced() -> Alert:
    told = a_dossier(RELEASE, BANK, CLERK)
    facts = DossierFacts(id="d", lines=news.of_list(told), account=told)
    return an_alert(
        an_added("47148", name="EXAMPLE BANK", type="entity", programs=["DPRK4"]),
        an_added("48220", name="EXAMPLE, Chol Su", programs=["NPWMD"]),
        dossiers=(facts,),
    )


def joined(published: Published, *others: Signal, **given: Any) -> Alert:
    """What one publication adds to a dossier that was told."""
    after = a_dossier(published, *others, BANK, CLERK)
    added = news.of_publication(None, after, published.ref)
    assert added is not None
    facts = DossierFacts(id="d", lines=added.lines, account=after, told=TOLD)
    shown = {"witness": published.witness, "key": published.key, "title": published.title}
    publication = a_release(**shown, url=published.url, date=published.day.isoformat(), **given)
    return an_alert(
        kind="dossier",
        changes=(),
        authority=published.authority,
        publication=publication,
        published=published.day.isoformat(),
        dossiers=(facts,),
    )


MESSAGES = {
    "Somebody is designated": a_designation,
    "Many are designated": several,
    "Somebody is delisted": a_delisting,
    "A record is amended": an_amendment,
    "A digital currency address is added": a_digital_currency_address,
    "Many records are amended in the same way": a_mass_edit,
    "A party moves to another list": a_move,
    "A party gets a new number": a_new_number,
    "A programme gets a new name": a_new_name,
    "Somebody is designated, and it was announced": announced,
    "A release joins what the list showed": lambda: joined(RELEASE, action=ACTION),
    "OFAC's page joins": lambda: joined(PAGE_OF_OFAC, RELEASE),
    "The legal notice joins": lambda: joined(NOTICE, RELEASE),
    "A release about sanctions appears": a_publication,
    "Something is wrong with the watch": an_incident,
    "A list is held back": a_held_list,
    "A digest": a_gathered_day,
    "A quiet week": a_digest,
    "A week that was not watched throughout": a_week_with_a_gap,
}


def shown(alert: Alert) -> str:
    (message,) = render(alert, everything(alert, "desk"), CHAT, URL, UTC)
    return f"{message.subject}\n\n{message.text}\n"


@pytest.mark.parametrize("section", MESSAGES)
def test_a_message_is_shown_as_it_is_sent(section: str) -> None:
    assert SECTIONS[section] == shown(MESSAGES[section]())


def test_no_other_message_is_shown() -> None:
    assert SECTIONS.keys() == MESSAGES.keys()


def test_what_a_program_gets_of_a_move_is_as_written() -> None:
    (example,) = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)

    assert json.loads(example) == {"moved": a_move().changes[0]["moved"]}


@pytest.mark.parametrize("way", ["to", "from", "still_on", "also_left"])
def test_every_way_of_a_move_is_explained(way: str) -> None:
    assert re.search(rf"^\| `{way}` \|", PAGE, re.MULTILINE)
