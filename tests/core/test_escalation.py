"""What goes to whom else when nobody acknowledges it, and in which words."""

from datetime import UTC, timedelta
from typing import Any

import pytest

from monitor.core.alert import Alert
from monitor.core.channel import ChannelProfile
from monitor.core.escalation import (
    Escalation,
    escalated,
    escalation_id,
    escalations,
    retold,
    selection_of,
)
from monitor.core.render import render, title, wire
from monitor.core.route import Escalate, Route, condition
from tests.builders import (
    FIRST_SEEN,
    a_party,
    a_release,
    an_added,
    an_alert,
    an_amended,
    an_incident,
    as_json,
)

HALF_AN_HOUR = timedelta(minutes=30)
DUE = FIRST_SEEN + HALF_AN_HOUR
URL = "http://127.0.0.1"


def a_route(
    send: tuple[str, ...] = ("phone",), after: timedelta = HALF_AN_HOUR, **when: Any
) -> Route:
    return Route(condition(when), ("desk",), escalate=Escalate(after, send))


def a_high_and_a_low() -> Alert:
    low = as_json(an_amended("3", title="Director"))[0] | {"severity": "low"}
    return an_alert(changes=(*as_json(an_added("1")), low))


def test_what_a_route_selected_is_escalated_to_each_channel() -> None:
    found = escalations(an_alert(an_added("1")), [a_route(("phone", "boss"))])

    assert found == [
        Escalation("phone", HALF_AN_HOUR, ("1",), (0,)),
        Escalation("boss", HALF_AN_HOUR, ("1",), (0,)),
    ]


def test_without_escalate_nothing_is() -> None:
    assert escalations(an_alert(an_added("1")), [Route(condition({}), ("desk",))]) == []


@pytest.mark.parametrize(
    ("when", "severity", "is_escalated"),
    [
        ({}, "high", True),
        ({}, "medium", False),
        ({"severity": ["high", "medium"]}, "medium", True),
        ({"severity": "low"}, "low", True),
        ({"severity": "low"}, "high", False),
        ({"feed": "ofac-consolidated"}, "high", False),
    ],
)
def test_only_high_severity_unless_the_route_names_another(
    when: dict[str, Any], severity: str, is_escalated: bool
) -> None:
    change = as_json(an_added("1"))[0] | {"severity": severity}
    alert = an_alert(changes=(change,), severity=severity)

    assert bool(escalations(alert, [a_route(**when)])) == is_escalated


def test_the_severity_that_counts_is_that_of_what_the_route_selected() -> None:
    alert = a_high_and_a_low()

    assert escalations(alert, [a_route(category=["title"])]) == []
    (found,) = escalations(alert, [a_route()])
    assert found.keys == ("1", "3")


def test_of_several_routes_to_one_channel_the_shortest_time_counts() -> None:
    alert = a_high_and_a_low()
    an_hour = timedelta(hours=1)
    routes = [
        a_route(after=an_hour, severity="high"),
        a_route(severity="low"),
        a_route(after=an_hour, kind="incident"),
    ]

    for each in (routes, [routes[1], routes[0]]):
        assert escalations(alert, each) == [Escalation("phone", HALF_AN_HOUR, ("1", "3"), (0, 1))]


@pytest.mark.parametrize(
    ("alert", "is_escalated"),
    [
        (an_alert(kind="test", snapshot_sha256=None), False),
        (an_incident(), True),
        (an_incident(state="reminded"), False),
        (an_incident(state="closed"), False),
        (an_alert(kind="publication", publication=a_release()), True),
        (escalated(an_incident(), made=FIRST_SEEN, due=DUE), False),
    ],
)
def test_tests_reminders_ends_and_escalations_are_not(alert: Alert, is_escalated: bool) -> None:
    assert bool(escalations(alert, [a_route()])) == is_escalated


def told(alert: Alert, kind: Any = "apprise", body: int | None = None) -> str:
    profile = ChannelProfile("phone", kind, "text", 250 if body else None, body, ("",))
    stored = {"keys": [each["key"] for each in alert.changes], "routes": [0]}
    (message,) = render(alert, selection_of(alert, "phone", stored), profile, URL, UTC)
    return " ".join(f"{message.subject} {message.text}".split())


@pytest.mark.parametrize("kind", ["apprise", "mail"])
@pytest.mark.parametrize(
    ("alert", "said"),
    [
        (an_alert(an_added("1", name="DOE, John")), "OFAC: 1 designated. DOE, John"),
        (an_incident(), "Watch: the SDN list has not been readable"),
        (an_alert(kind="publication", publication=a_release()), 'OFAC: "Treasury Sanctions'),
    ],
)
def test_it_says_first_for_how_long_nobody_has_and_then_everything(
    kind: str, alert: Alert, said: str
) -> None:
    text = told(escalated(alert, made=FIRST_SEEN, due=DUE), kind)

    assert text.startswith(f"Not acknowledged for 30 minutes: {said}")
    assert f"(alert {alert.id}); nobody has acknowledged it." in text
    assert f"sanctions-monitor acknowledge {alert.id} --by" in text
    assert text.count(f"/alerts/{escalation_id(alert.id, DUE)}") == 1


def test_what_cannot_be_made_again_is_told_in_its_words() -> None:
    alert = retold(
        "a" * 26,
        title="OFAC: 1 designated",
        text="DOE, John (individual, uid 1)\nand more",
        severity="high",
        feed="ofac-sdn",
        made=FIRST_SEEN,
        due=DUE,
    )

    for kind in ("apprise", "mail"):
        text = told(alert, kind)
        assert text.startswith("Not acknowledged for 30 minutes: OFAC: 1 designated")
        assert "DOE, John (individual, uid 1)" in text and "and more" in text
    assert len(told(alert, body=200)) <= 500


def test_its_id_is_its_own_and_always_the_same() -> None:
    alert = an_alert(an_added("1"), thread="incident-7")

    first, second = (escalated(alert, made=FIRST_SEEN, due=DUE) for _ in range(2))

    assert first.id == second.id == escalation_id(alert.id, DUE) != alert.id
    assert escalation_id(alert.id, DUE + HALF_AN_HOUR) != first.id
    assert first.thread == "incident-7"
    assert title(first) == f"Not acknowledged for 30 minutes: {title(alert)}"


def test_a_receiver_can_tell_it_from_a_change_and_which_it_tells_again() -> None:
    alert = an_alert(an_added("1"))

    event = wire(escalated(alert, made=FIRST_SEEN, due=DUE), URL)

    assert '"type":"org.sanctions-monitor.alert.escalation"' in event
    assert '"kind":"escalation"' in event
    assert f'"escalates":"{alert.id}"' in event
    assert "escalat" not in wire(alert, URL)


def test_a_mail_says_why_it_comes() -> None:
    text = told(escalated(an_alert(an_added("1", **a_party())), made=FIRST_SEEN, due=DUE), "mail")

    assert (
        "route 1 of the configuration sends it to the channel phone when nobody acknowledges it in time"
        in text
    )
