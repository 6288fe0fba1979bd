"""What a digest says, in each form, and that nothing of it is lost between its parts."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.alert import Alert, alert_id
from monitor.core.channel import ChannelProfile
from monitor.core.gathered import Scope, Trouble, chapters, scope_of, selection_of
from monitor.core.render import render, title
from monitor.core.route import Route, condition
from tests.builders import (
    WEEKLY,
    a_digest,
    a_party,
    a_release,
    a_removed,
    an_added,
    an_alert,
    an_amended,
    an_incident,
    kept,
    kept_releases,
)

URL = "https://monitor.example.org"
MAIL = ChannelProfile("officers", "mail", "html", None, None, ("a@example.org",))
WEBHOOK = ChannelProfile("system", "webhook", "json", None, None, ("",))
BEGAN = datetime(2026, 11, 17, 7, tzinfo=UTC)


def chat(limit: int | None = None, title_limit: int | None = None) -> ChannelProfile:
    return ChannelProfile("desk", "apprise", "text", title_limit, limit, ("",))


def told(alert: Alert, profile: ChannelProfile) -> list[Any]:
    assert alert.digest is not None
    selection = selection_of(profile.name, alert.digest, (1,))
    return render(alert, selection, profile, URL, UTC)


def an_alert_of(number: int, *changes: Any, **given: Any) -> Alert:
    return an_alert(*changes, id=alert_id("change", "ofac-sdn", str(number)), **given)


def a_release_alert() -> Alert:
    return an_alert(
        id="r", kind="publication", feed="releases", authority="Treasury", publication=a_release()
    )


def test_alerts_of_one_list_are_told_together_and_a_party_that_changed_again_apart() -> None:
    digest = a_digest(
        an_alert_of(1, an_added("1", name="FIRST"), an_amended("3", title="General")),
        an_alert_of(2, a_removed("2", name="SECOND")),
        an_alert_of(3, an_amended("3", title="Admiral")),
        an_alert_of(4, an_added("9"), feed="ofac-consolidated", blocking=False),
    )
    assert digest.digest is not None

    found = [
        (each.alert.feed, [change["key"] for change in each.changes], len(each.told_in))
        for each in chapters(digest.digest.gathered)
    ]

    assert found == [
        ("ofac-sdn", ["1", "2", "3"], 2),
        ("ofac-sdn", ["3"], 1),
        ("ofac-consolidated", ["9"], 1),
    ]
    (message,) = told(digest, chat())
    assert "1 designated, 1 delisted, 2 amended, 1 added to the SDN list" in message.subject


_CHANGES = st.lists(
    st.tuples(
        st.integers(0, 5), st.sampled_from(["added", "removed", "amended"]), st.integers(1, 4)
    ),
    max_size=12,
)


@settings(deadline=None, max_examples=60)
@given(_CHANGES, st.sampled_from([None, 700, 1_200, 35_000]))
def test_no_gathered_change_is_lost(some: list[tuple[int, str, int]], limit: int | None) -> None:
    makers: dict[str, Any] = {
        "added": lambda key: an_added(key, name=f"PARTY {key}"),
        "removed": lambda key: a_removed(key, name=f"PARTY {key}"),
        "amended": lambda key: an_amended(key, title=f"Title {key}"),
    }
    by_alert: dict[int, dict[str, Any]] = {}
    for alert, kind, key in some:
        by_alert.setdefault(alert, {})[str(key)] = makers[kind](str(key))
    alerts = [an_alert_of(number, *changes.values()) for number, changes in by_alert.items()]
    digest = a_digest(*alerts)
    assert digest.digest is not None

    in_chapters = [
        (each.alert.feed, change["key"], change["kind"])
        for each in chapters(digest.digest.gathered)
        for change in each.changes
    ]
    gathered = [
        (alert.feed, change["key"], change["kind"]) for alert in alerts for change in alert.changes
    ]
    assert sorted(in_chapters) == sorted(gathered)
    messages = told(digest, chat(limit))
    assert all(limit is None or len(message.text) <= limit for message in messages)
    if limit is None or limit > 2_000:
        whole = "\n".join(f"{message.subject}\n{message.text}" for message in messages)
        assert all(f"uid {key}" in whole for _, key, _ in gathered)


def test_a_small_channel_gets_numbers_and_names_and_how_many_more() -> None:
    alerts = [an_alert_of(n, an_added(str(n), name=f"COMPANY {n}")) for n in range(60)]

    (message,) = told(a_digest(*alerts, a_release_alert()), chat(400, 250))

    assert message.subject.startswith("OFAC and Treasury digest, 17 to 23 Nov 2026: 60 designated")
    assert len(message.text) <= 400
    assert "COMPANY 1" in message.text
    assert " more: https://monitor.example.org/alerts/" in message.text


def test_a_mail_has_a_table_for_each_list_and_says_why_it_came() -> None:
    digest = a_digest(
        an_alert_of(1, an_added("1", name="FIRST")),
        an_alert_of(2, an_added("2", name="OTHER"), feed="x", feed_title="the other list"),
        a_release_alert(),
        an_incident(),
    )

    (message,) = told(digest, MAIL)

    for part in (message.text, message.html or ""):
        assert "The SDN list: Designated (1)" in part
        assert "The other list: Designated (1)" in part
        assert "10,077 checks" in part
        assert "Watch: the SDN list has not been readable" in part
    assert "route 2 of the configuration gathers it for a digest" in " ".join(message.text.split())


def test_a_mail_of_very_much_has_a_table_attached_and_tells_every_release() -> None:
    changes = [an_added(f"{n:04}", name=f"COMPANY {n}") for n in range(900)]

    (message,) = told(a_digest(an_alert_of(1, *changes), a_release_alert()), MAIL)

    assert "All of them are in changes.csv" in " ".join(message.text.split())
    assert message.wire is not None
    assert "COMPANY 899" in message.wire
    assert "jy2751" in message.text
    assert len((message.html or "").encode()) <= 100_000


def test_a_mail_of_very_much_tells_the_weightiest_first() -> None:
    remarks = [
        an_amended(f"{n:04}", old=a_party(name=f"COMPANY {n}", remarks="a"), remarks=f"remark {n}")
        for n in range(300)
    ]
    designated = an_added("9999", name="WORST DESIGNEE")

    (message,) = told(a_digest(an_alert_of(1, *remarks, designated)), MAIL)

    assert "WORST DESIGNEE" in message.text
    assert message.wire is not None
    assert "WORST DESIGNEE" in message.wire.splitlines()[1]


def test_a_mail_within_a_limit_is_divided() -> None:
    alerts = [an_alert_of(n, an_added(str(n), name=f"COMPANY {n}")) for n in range(30)]
    limited = ChannelProfile("officers", "mail", "text", None, 4_000, ("a@example.org",))

    messages = told(a_digest(*alerts), limited)

    assert len(messages) > 1
    assert all(len(message.text) <= 4_000 for message in messages)
    assert all(
        sum(f"COMPANY {n} (" in message.text for message in messages) == 1 for n in range(30)
    )


def test_a_program_gets_all_changes_and_what_the_digest_is_about() -> None:
    first, second = an_alert_of(1, an_added("1")), an_alert_of(2, a_removed("2"))

    (message,) = told(a_digest(first, second, a_release_alert()), WEBHOOK)

    event = json.loads(message.wire or "")
    data = event["data"]
    assert event["type"] == "org.sanctions-monitor.alert.digest"
    assert [change["key"] for change in data["changes"]] == ["1", "2"]
    assert [each["key"] for each in data["publications"]] == ["jy2751"]
    assert data["digest"]["alerts"] == [first.id, second.id, "r"]
    assert data["digest"]["schedule"] == WEEKLY.text
    assert data["digest"]["checks"][0] == {
        "feed": "ofac-sdn", "checks": 10_077, "failed": 0, "longest_gap_seconds": 130,
    }  # fmt: skip


def test_what_would_steer_a_screen_is_written_out() -> None:
    (message,) = told(a_digest(an_alert_of(1, an_added("1", name="A\u202eB"))), chat())

    assert "\u202e" not in message.subject + message.text
    assert "A⟨U+202E⟩B" in message.text


@pytest.mark.parametrize(
    ("given", "heading"),
    [
        ({}, "OFAC: no changes, 17 to 23 Nov 2026"),
        ({"kept": (kept(news=3),)}, "OFAC: nothing for this digest, 17 to 23 Nov 2026"),
        ({"kept": (kept_releases(news=3),)}, "Treasury: no releases about sanctions, 17 to"),
        ({"is_of_incidents": True}, "Watch: no incidents, 17 to 23 Nov 2026"),
        ({"kept": ()}, "Watch: nothing of this digest was watched, 17 to 23 Nov 2026"),
        ({"kept": (kept(longest_gap=timedelta(minutes=15)),)}, "OFAC: no changes, 17"),
        (
            {"kept": (kept(), kept_releases(longest_gap=timedelta(minutes=16)))},
            "OFAC: the watch was not kept throughout, 17 to 23 Nov 2026: no changes that we",
        ),
        (
            {"kept": (kept(polls=0, longest_gap=timedelta(days=7)),)},
            "OFAC: the watch was not kept throughout",
        ),
        (
            {"kept": (kept(interval=timedelta(hours=1), longest_gap=timedelta(hours=2)),)},
            "OFAC: no changes, 17",
        ),
    ],
)
def test_quiet_is_said_only_of_a_watch_that_was_kept(given: dict[str, Any], heading: str) -> None:
    assert title(a_digest(**given)).startswith(heading)


@pytest.mark.parametrize(
    ("severity", "until", "is_quiet"),
    [("high", None, False), ("medium", None, True), ("high", BEGAN, True)],
)
def test_while_the_watch_is_blind_it_is_not_quiet(
    severity: str, until: datetime | None, is_quiet: bool
) -> None:
    trouble = Trouble(summary="it is held", severity=severity, since=BEGAN, until=until)
    digest = a_digest(troubles=(trouble,))

    (message,) = told(digest, chat())

    assert message.subject.startswith("OFAC: no changes") == is_quiet
    said = "Over since" if until else "Open since"
    assert f"{said} 17 Nov 2026 07:00 UTC: it is held." in message.text


def test_several_lists_have_a_line_each() -> None:
    second = kept(feed="ofac-consolidated", title="the consolidated list", polls=9, records=443)
    never = kept(feed="x", title="the other list", polls=0, records=None, published=None)

    (message,) = told(a_digest(kept=(kept(), second, never, kept_releases())), chat())

    lines = message.text.split("\n")
    assert lines[1].startswith("The consolidated list: 9 checks, the longest gap 2 minutes 10")
    assert lines[2] == "The other list: not checked at all; no list is in force."
    assert lines[3].endswith("seconds; no Treasury releases.")


@pytest.mark.parametrize(
    ("news", "about", "words"),
    [
        (0, 0, "no Treasury releases."),
        (1, 1, "1 Treasury release, about sanctions."),
        (2, 2, "2 Treasury releases, all about sanctions."),
        (3, 1, "3 Treasury releases, 1 of them about sanctions."),
    ],
)
def test_releases_are_counted(news: int, about: int, words: str) -> None:
    digest = a_digest(kept=(kept(), kept_releases(news=news, about_sanctions=about)))

    (message,) = told(digest, chat())

    assert words in message.text


def a_route(**when: Any) -> Route:
    return Route(condition(when), ("desk",), WEEKLY)


@pytest.mark.parametrize(
    ("routes", "scope"),
    [
        ([a_route()], Scope()),
        ([a_route(kind="incident")], Scope(is_of_incidents=True)),
        ([a_route(kind="change")], Scope(streams=False)),
        ([a_route(kind="publication")], Scope(lists=False)),
        ([a_route(category="alias")], Scope(streams=False)),
        (
            [a_route(feed="ofac-sdn"), a_route(kind="incident")],
            Scope(feeds=frozenset({"ofac-sdn"})),
        ),
        ([a_route(feed="ofac-sdn"), a_route()], Scope()),
    ],
)
def test_a_digest_is_about_what_its_routes_select(routes: list[Route], scope: Scope) -> None:
    assert scope_of(routes, range(len(routes))) == scope
