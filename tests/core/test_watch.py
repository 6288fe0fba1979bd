"""When our own watch going wrong is an incident, and its words."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from feeds.base import Unread
from monitor.core.guard import Finding
from monitor.core.watch import (
    PATIENCE,
    Failure,
    incident_of_body,
    incident_of_failure,
    incident_of_gap,
    incident_of_holding,
    incident_of_namespace,
    incident_of_older_copies,
    incidents_of_unread,
    subject_of,
)

SINCE = datetime(2024, 12, 16, 14, 20, tzinfo=UTC)
NOW = datetime(2024, 12, 16, 15, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


def a_failure(**given: Any) -> Failure:
    values: dict[str, Any] = {
        "feed": "ofac-sdn",
        "title": "the SDN list",
        "reason": "blocked",
        "sentence": "ofac-sdn: example.org blocks us (HTTP 403).",
        "transient": True,
        "failures": PATIENCE,
        "since": SINCE,
        "status": 403,
        "last_success_at": SINCE - timedelta(minutes=1),
    }
    return Failure(**{**values, **given})


@pytest.mark.parametrize(("failures", "told"), [(1, False), (2, False), (3, True), (400, True)])
def test_what_passes_by_itself_is_told_at_the_third_time(failures: int, told: bool) -> None:
    assert bool(incident_of_failure(a_failure(failures=failures), NOW)) is told


def test_what_does_not_pass_by_itself_is_told_at_once() -> None:
    assert incident_of_failure(a_failure(transient=False, failures=1), NOW)


@pytest.mark.parametrize(("lasting", "told"), [(HOUR - SECOND, False), (HOUR, True)])
def test_a_page_that_only_completes_another_may_fail_for_an_hour(
    lasting: timedelta, told: bool
) -> None:
    failure = a_failure(part="manifest", completes=True, failures=100)

    assert bool(incident_of_failure(failure, SINCE + lasting)) is told


def test_a_completing_page_in_a_new_shape_is_told_at_once() -> None:
    failure = a_failure(part="manifest", completes=True, transient=False, failures=1)

    assert incident_of_failure(failure, NOW)


def test_a_failure_in_words() -> None:
    incident = incident_of_failure(a_failure(), NOW)

    assert incident is not None
    assert (incident.kind, incident.subject, incident.feed) == ("blocked", "ofac-sdn", "ofac-sdn")
    assert incident.severity == "high"
    assert incident.summary == (
        "the SDN list cannot be read: it answers 403 (blocked), since 16 Dec 2024 14:20 UTC"
    )
    assert incident.since == SINCE
    assert incident.detail == (
        "ofac-sdn: example.org blocks us (HTTP 403). What we hold was checked last at 16 Dec 2024 14:19 UTC. "
        "Nothing published since would be known to us. Polling goes on."
    )
    assert incident.what_to_do == "See docs/operations.md#blocked"


@pytest.mark.parametrize(
    ("reason", "cause"),
    [
        ("stalled", "nothing came through the connection (stalled)"),
        ("shape_changed", "its format has changed (shape_changed)"),
        ("fetch_failed", "fetch_failed"),
    ],
)
def test_a_heading_names_the_cause(reason: str, cause: str) -> None:
    incident = incident_of_failure(a_failure(reason=reason, status=None), NOW)

    assert incident is not None
    assert incident.summary.startswith(f"the SDN list cannot be read: {cause}, since ")


def test_what_was_never_read_says_so() -> None:
    incident = incident_of_failure(a_failure(last_success_at=None), NOW)

    assert incident is not None and "It has never been read." in incident.detail


def test_a_failing_page_is_a_subject_of_its_own() -> None:
    failure = a_failure(part="manifest", completes=True, since=NOW - HOUR)
    incident = incident_of_failure(failure, NOW)

    assert incident is not None
    assert incident.subject == "ofac-sdn/manifest" == subject_of("ofac-sdn", "manifest")
    assert incident.severity == "medium"
    assert "(manifest)" in incident.summary
    assert "The other pages of this source are read as before." in incident.detail


def test_a_held_snapshot_names_every_number_and_what_to_do() -> None:
    findings = [
        Finding("min_records", "it holds 5 records"),
        Finding("max_removed", "9 are missing"),
    ]

    incident = incident_of_holding("ofac-sdn", "the SDN list", 12, findings)

    assert (incident.kind, incident.severity) == ("held", "high")
    assert incident.summary.endswith("is held back: it holds 5 records; 9 are missing")
    assert "Nobody has been told" in incident.detail
    assert "snapshot accept 12 " in incident.what_to_do
    assert "reject 12 " in incident.what_to_do


def test_each_unknown_path_is_one_incident_with_one_example() -> None:
    unread = [Unread("a", "first"), Unread("b", ""), Unread("a", "second")]

    one, other = incidents_of_unread("ofac-sdn", "the SDN list", unread)

    assert (one.kind, one.subject) == ("unknown_content", "ofac-sdn a")
    assert one.summary == "the SDN list holds something that we do not know: a"
    assert one.detail.startswith("For example 'first'. The list goes on being watched")
    assert other.subject == "ofac-sdn b"
    assert other.detail.startswith("The list goes on being watched")


def test_a_list_in_a_wholly_new_shape_is_no_flood_and_leaves_nothing_unsaid() -> None:
    unread = [Unread(f"path{number}", "") for number in range(50)]

    incidents = incidents_of_unread("ofac-sdn", "the SDN list", unread)

    assert len(incidents) == 21
    assert len({incident.subject for incident in incidents}) == 21
    assert "30 further" in incidents[-1].summary
    assert all(f"path{number}" in incidents[-1].detail for number in range(20, 50))


def test_no_unknown_path_is_no_incident() -> None:
    assert incidents_of_unread("ofac-sdn", "the SDN list", []) == []


@pytest.mark.parametrize(("lasting", "told"), [(HOUR - SECOND, False), (HOUR, True)])
def test_older_copies_are_told_after_an_hour(lasting: timedelta, told: bool) -> None:
    incident = incident_of_older_copies("ofac-sdn", "the SDN list", SINCE, SINCE + lasting)

    assert bool(incident) is told
    assert incident is None or (incident.kind, incident.severity) == ("stale_copy", "high")


def test_the_other_incidents_say_what_they_are_about() -> None:
    assert "'urn:new'" in incident_of_namespace("f", "the list", "urn:new").detail
    assert incident_of_gap("f", "the list").severity == "high"
    body = incident_of_body("f", "jy1", "Treasury Sanctions", "f: there is no text.")
    assert (body.subject, body.kind) == ("f jy1", "not_built")
    assert "there is no text. It is listed and stored" in body.detail
