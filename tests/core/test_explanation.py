"""What is explained is what would be done."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from monitor.core.digest import schedule
from monitor.core.explanation import by_way, ways
from monitor.core.route import Route, condition, select
from tests.builders import an_added, an_alert, an_amended

CHANNELS = ["desk", "officers"]
ALERTS = [
    an_alert(an_added("1")),
    an_alert(an_amended("2", title="General")),
    an_alert(an_amended("3", remarks="x")),
]
routes = st.lists(
    st.builds(
        lambda when, send, digest: Route(condition(when), (send,), digest),
        st.sampled_from([{}, {"severity": "high"}, {"category": "title"}]),
        st.sampled_from(CHANNELS),
        st.sampled_from([None, schedule("daily 07:00")]),
    ),
    max_size=4,
)


@settings(deadline=None)
@given(routes)
def test_every_alert_is_in_one_group_by_what_select_says(given: list[Route]) -> None:
    groups: list[tuple[Any, list[Any]]] = by_way(ALERTS, given, CHANNELS)

    assert sorted(alert.changes[0]["key"] for _, alerts in groups for alert in alerts) == list(
        "123"
    )
    assert len({found for found, _ in groups}) == len(groups)
    for found, alerts in groups:
        for alert in alerts:
            assert found == ways(alert, given, CHANNELS)
            assert [(way.channel, way.digest, way.routes) for way in found] == [
                (each.channel, each.digest, each.routes) for each in select(alert, given, CHANNELS)
            ]
