"""Who hears of what."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.digest import schedule
from monitor.core.route import Condition, Route, condition, select
from tests.builders import (
    a_case,
    a_party,
    a_release,
    a_removed,
    an_added,
    an_alert,
    an_amended,
    an_incident,
)

CHANNELS = ["desk", "officers"]


def route(send: str, **accepted: Any) -> Route:
    return Route(
        condition(
            {("not" if word == "unless" else word): value for word, value in accepted.items()}
        ),
        (send,),
    )


def chosen(alert: Any, *routes: Route, **more: Any) -> dict[str, list[str]]:
    """Per channel the keys of the changes that it is told of."""
    return {
        selection.channel: [change["key"] for change in selection.changes]
        for selection in select(alert, routes, CHANNELS, **more)
    }


def test_without_routes_everything_goes_to_every_channel() -> None:
    alert = an_alert(an_added("1"), a_removed("2"))

    assert chosen(alert) == {"desk": ["1", "2"], "officers": ["1", "2"]}


def test_a_route_selects_changes_and_the_others_are_counted() -> None:
    alert = an_alert(an_added("1"), an_amended("2", title="General"), an_amended("3", remarks="x"))

    (selection,) = select(alert, [route("desk", severity="high")], CHANNELS)

    assert [change["key"] for change in selection.changes] == ["1"]
    assert selection.others == 2
    assert selection.routes == (0,)


def test_all_routes_that_match_count_and_what_they_select_is_united_in_order() -> None:
    alert = an_alert(an_added("1"), an_amended("2", title="General"), an_amended("3", remarks="x"))
    routes = [
        route("desk", category="remarks"),
        route("desk", severity="high"),
        route("officers", kind="incident"),
    ]

    (selection,) = select(alert, routes, CHANNELS)

    assert selection.channel == "desk"
    assert [change["key"] for change in selection.changes] == ["1", "3"]
    assert selection.routes == (0, 1)


def test_several_words_must_all_fit_and_one_of_several_values_suffices() -> None:
    alert = an_alert(an_added("1"), a_removed("2"), an_amended("3", title="General"))

    assert chosen(alert, route("desk", category=["designation", "delisting"], severity="high")) == {
        "desk": ["1", "2"]
    }
    assert chosen(alert, route("desk", category="designation", severity="low")) == {}


@pytest.mark.parametrize(
    ("accepted", "keys"),
    [
        ({"party_type": "vessel"}, ["1"]),
        ({"program": "SDGT"}, ["2"]),
        ({"country": "korea, north"}, ["3"]),
        ({"country": "Panama"}, ["1"]),
        ({"feed": "ofac-sdn"}, ["1", "2", "3"]),
        ({"feed": "ofac-consolidated"}, None),
    ],
)
def test_parties_are_selected_by_type_programme_and_country(
    accepted: dict[str, str], keys: list[str] | None
) -> None:
    alert = an_alert(
        an_added("1", type="vessel", vessel={"flag": "Panama"}),
        an_added("2", programs=["SDGT"]),
        an_added("3", nationalities=[{"country": "Korea, North"}]),
    )

    assert chosen(alert, route("desk", **accepted)) == ({"desk": keys} if keys else {})


def test_a_programme_that_left_still_selects_the_change() -> None:
    alert = an_alert(an_amended("1", old=a_party(programs=["SDGT", "DPRK4"]), programs=["DPRK4"]))

    assert chosen(alert, route("desk", program="SDGT")) == {"desk": ["1"]}


def test_the_country_of_an_amended_party_is_looked_up_in_its_document() -> None:
    party = a_party(nationalities=[{"country": "Iran"}])
    alert = an_alert(an_amended("1", old=party, title="General"))
    to_iran = route("desk", country="Iran")

    assert chosen(alert, to_iran) == {}
    assert chosen(alert, to_iran, documents={"1": party}) == {"desk": ["1"]}


def test_not_excludes_and_nests() -> None:
    alert = an_alert(an_added("1", programs=["SDGT"]), an_added("2"), a_removed("3"))

    assert chosen(alert, route("desk", severity="high", unless={"program": "SDGT"})) == {
        "desk": ["2", "3"]
    }
    doubly = {"category": "delisting", "not": {"program": "DPRK4"}}
    assert chosen(alert, route("desk", unless=doubly)) == {"desk": ["1", "2", "3"]}


def test_an_incident_that_no_route_accepts_goes_to_every_channel() -> None:
    routes = [route("desk", kind="change")]

    assert chosen(an_incident(), *routes) == {"desk": [], "officers": []}
    assert chosen(an_incident(), *routes, route("officers", kind="incident")) == {"officers": []}


def test_a_condition_about_parties_never_accepts_a_publication() -> None:
    alert = an_alert(
        kind="publication",
        publication=a_release(),
        feed="treasury-press-releases",
        severity="medium",
    )

    assert chosen(alert, route("desk", category="designation")) == {}
    assert chosen(alert, route("desk", kind="publication")) == {"desk": []}
    assert chosen(alert, route("desk", severity=["medium", "high"])) == {"desk": []}


def test_a_change_that_no_route_accepts_goes_nowhere() -> None:
    assert chosen(an_alert(an_added()), route("desk", kind="incident")) == {}


def test_a_channel_that_is_not_there_is_told_nothing() -> None:
    assert chosen(an_alert(an_added()), route("elsewhere")) == {}


def test_a_word_that_is_none_is_refused() -> None:
    with pytest.raises(KeyError):
        condition({"colour": "red"})
    assert condition({}) == Condition()


DAILY, WEEKLY = schedule("daily 07:00"), schedule("weekly friday 16:00")


def test_a_digest_gathers_what_its_route_selects() -> None:
    alert = an_alert(an_added("1"), an_amended("2", title="General"))
    routes = [
        Route(condition({"severity": "high"}), ("desk",)),
        Route(condition({"category": "title"}), ("desk", "officers"), DAILY),
    ]

    told = [
        (each.channel, each.digest, [change["key"] for change in each.changes], each.routes)
        for each in select(alert, routes, CHANNELS)
    ]

    assert told == [
        ("desk", None, ["1"], (0,)),
        ("desk", DAILY.text, ["2"], (1,)),
        ("officers", DAILY.text, ["2"], (1,)),
    ]


def test_what_is_told_at_once_is_not_told_again_in_a_digest() -> None:
    routes = [Route(Condition(), ("desk",), DAILY), Route(Condition(), ("desk",))]

    for alert in (an_alert(an_added("1")), an_alert(kind="publication", publication=a_release())):
        (selection,) = select(alert, routes, CHANNELS)
        assert selection.digest is None
        assert selection.routes == (1,)


def trouble(channel: str, kind: str = "delivery_dead") -> Any:
    return an_incident(kind=kind, subject=channel)


@pytest.mark.parametrize("kind", ["delivery_dead", "channel_unreachable", "channel_disabled"])
def test_an_incident_about_the_channel_that_incidents_go_to_goes_to_every_channel(
    kind: str,
) -> None:
    to_the_desk = route("desk", kind="incident")

    assert chosen(trouble("desk", kind), to_the_desk) == {"desk": [], "officers": []}
    assert chosen(trouble("officers", kind), to_the_desk) == {"desk": []}
    assert chosen(an_incident(subject="desk"), to_the_desk) == {"desk": []}


def test_an_incident_about_a_channel_that_only_a_digest_of_another_would_tell_goes_to_all_at_once() -> (
    None
):
    daily = [Route(condition({"kind": "incident"}), ("desk",), DAILY)]

    told = select(trouble("officers"), daily, CHANNELS)

    assert [(each.channel, each.digest) for each in told] == [("desk", None), ("officers", None)]


def test_an_incident_that_a_digest_takes_waits_and_one_that_no_route_takes_does_not() -> None:
    daily = [Route(condition({"kind": "incident"}), ("desk",), DAILY)]
    of_changes = [Route(condition({"kind": "change"}), ("desk",), DAILY)]

    assert [each.digest for each in select(an_incident(), daily, CHANNELS)] == [DAILY.text]
    assert [
        (each.channel, each.digest) for each in select(an_incident(), of_changes, CHANNELS)
    ] == [
        ("desk", None),
        ("officers", None),
    ]


@pytest.mark.parametrize("kind", ["change", "publication", "dossier"])
def test_an_alert_of_several_kinds_fits_each(kind: str) -> None:
    alert = an_alert(an_added("1"), publication=a_release(), dossiers=(a_case(),), kind="dossier")

    assert chosen(alert, route("desk", kind=kind)) == {"desk": ["1"]}
    assert chosen(alert, route("desk", kind="incident")) == {}


_WHEN = st.sampled_from(
    [{}, {"severity": "high"}, {"severity": ["low", "medium"]}, {"category": "title"}, {"not": {}}]
)
_ROUTES = st.lists(
    st.builds(
        lambda when, send, digest: Route(condition(when), tuple(sorted(send)), digest),
        _WHEN,
        st.sets(st.sampled_from(CHANNELS), min_size=1),
        st.sampled_from([None, DAILY, WEEKLY]),
    ),
    min_size=1,
    max_size=6,
)


@settings(deadline=None)
@given(_ROUTES)
def test_no_change_is_lost_or_doubled_between_what_is_told_at_once_and_a_digest(
    routes: list[Route],
) -> None:
    alert = an_alert(an_added("1"), an_amended("2", title="General"), an_amended("3", remarks="x"))

    selections = select(alert, routes, CHANNELS)

    places = [(each.channel, each.digest) for each in selections]
    assert len(places) == len(set(places))
    for channel in CHANNELS:
        # What a channel would be told of if all its routes told at once, and by which schedule.
        wanted = {None: set[str](), DAILY.text: set[str](), WEEKLY.text: set[str]()}
        for each in routes:
            alone = chosen(alert, Route(each.when, each.send)).get(channel, [])
            wanted[each.digest.text if each.digest else None] |= set(alone)
        got = {
            each.digest: [change["key"] for change in each.changes]
            for each in selections
            if each.channel == channel
        }
        assert all(len(keys) == len(set(keys)) for keys in got.values())
        for digest, keys in wanted.items():
            expected = keys if digest is None else keys - wanted[None]
            assert set(got.get(digest, [])) == expected
