"""When witnesses have agreed, when one is waited for, and when people are told that they do not agree."""

from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.core.second_witness import Statement
from monitor.core.testimony import (
    PATIENCE,
    Deposition,
    Heard,
    Verdict,
    facts_of,
    incident_of_disagreement,
    judge,
)

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def said(id: str, after: timedelta, **kinds: Any) -> Deposition:
    """What a publication says that was seen so long after noon: ``x5="added"`` of the record 5."""
    seen = NOON + after
    statements = tuple(Statement(key[1:], kind, f"PARTY {key[1:]}") for key, kind in kinds.items())
    return Deposition(id, seen, statements, seen - MINUTE)


def judged(
    after: timedelta,
    ours: list[Deposition],
    theirs: list[Deposition],
    in_force: str = "",
    **given: Any,
) -> dict[str, Verdict]:
    """The verdicts so long after noon, both sources having been read by then, that have something to tell."""
    now = NOON + after
    values: dict[str, Any] = {
        "ours_read": now,
        "theirs_read": now,
        "theirs_began": NOON - 20 * DAY,
        **given,
    }
    heard = Heard(ours=ours, theirs=theirs, in_force=in_force.split(), **values)
    return {each.subject: each for each in judge(heard, now) if not each.is_without_subject}


def states(*arguments: Any, **given: Any) -> dict[str, str]:
    return {subject: verdict.state for subject, verdict in judged(*arguments, **given).items()}


FILE = said("812", 0 * MINUTE, x5="added", x6="removed")
SNAPSHOT = said("9", MINUTE, x5="added", x6="removed")


def test_a_file_that_our_snapshot_agrees_with_is_agreed_at_once() -> None:
    (verdict,) = judged(MINUTE, [SNAPSHOT], [FILE], "5").values()

    assert (verdict.subject, verdict.state) == ("change file 812", "agreed")
    assert facts_of(verdict)["snapshots"] == [9]
    assert facts_of(verdict)["counts"] == {
        "agreed": 2,
        "only_ours": 0,
        "only_theirs": 0,
        "differing": 0,
    }


def test_one_snapshot_that_covers_two_files_agrees_with_both() -> None:
    files = [said("812", 0 * DAY, x5="added"), said("813", DAY, x5="changed", x6="removed")]
    ours = [said("9", 2 * DAY, x5="added", x6="removed")]

    assert states(2 * DAY, ours, files, "5") == {
        "change file 812": "agreed",
        "change file 813": "agreed",
    }


def test_one_file_that_came_in_two_snapshots_agrees_with_them() -> None:
    ours = [said("9", MINUTE, x5="added"), said("10", HOUR, x6="removed")]

    assert states(HOUR, ours, [FILE], "5") == {"change file 812": "agreed"}


def test_a_file_waits_two_hours_for_the_list() -> None:
    waiting = judged(PATIENCE - MINUTE, [], [FILE], "6")["change file 812"]

    assert (waiting.state, waiting.again_at) == ("waiting", NOON + PATIENCE)
    assert states(PATIENCE, [], [FILE], "6") == {"change file 812": "disagreed"}


def test_a_list_waits_two_hours_for_the_file() -> None:
    assert states(PATIENCE, [SNAPSHOT], []) == {"snapshot 9": "waiting"}
    assert states(PATIENCE + MINUTE, [SNAPSHOT], []) == {"snapshot 9": "disagreed"}


def test_a_source_that_was_not_read_since_accuses_nobody() -> None:
    for unread in (None, NOON + PATIENCE - MINUTE):
        assert states(3 * DAY, [], [FILE], "6", ours_read=unread) == {"change file 812": "waiting"}
        assert states(3 * DAY, [SNAPSHOT], [], theirs_read=unread) == {"snapshot 9": "waiting"}


def test_the_list_may_come_late_and_the_dispute_is_over() -> None:
    late = said("9", 6 * HOUR, x5="added", x6="removed")

    assert states(6 * HOUR, [], [FILE], "6") == {"change file 812": "disagreed"}
    assert states(6 * HOUR, [late], [FILE], "5") == {"change file 812": "agreed"}


def test_what_was_settled_long_ago_does_not_colour_what_is_said_today() -> None:
    """Ten days after both added 5, our list drops it, and no file says so."""
    ours = [SNAPSHOT, said("12", 10 * DAY, x5="removed")]

    assert states(10 * DAY + HOUR, ours, [FILE]) == {
        "change file 812": "agreed",
        "snapshot 12": "waiting",
    }
    verdict = judged(10 * DAY + PATIENCE, ours, [FILE])["snapshot 12"]
    assert verdict.state == "disagreed"
    assert [(each.key, each.kind) for each in verdict.agreement.only_ours] == [("5", "removed")]


def test_a_change_in_between_is_no_reason_to_look_at_what_was_agreed_on() -> None:
    ours = [SNAPSHOT, said("10", DAY, x5="changed"), said("12", 3 * DAY, x5="removed")]
    files = [FILE, said("814", DAY, x5="changed"), said("815", 3 * DAY, x5="removed")]

    assert set(states(3 * DAY, ours, files).values()) == {"agreed"}


def test_a_change_that_both_tell_of_is_agreed_on_though_it_alters_nothing_all_in_all() -> None:
    """Added and then changed is added: after the file's second word, as after our second, nothing is missing."""
    ours = [SNAPSHOT, said("10", DAY, x5="changed")]
    files = [FILE, said("813", DAY + MINUTE, x5="changed")]

    verdicts = judged(DAY + MINUTE, ours, files, "5")

    assert {each.state for each in verdicts.values()} == {"agreed"}


def test_a_record_belongs_to_the_newest_file_that_speaks_of_it() -> None:
    files = [said("812", 0 * HOUR, x5="added"), said("813", HOUR, x5="changed")]

    assert states(PATIENCE + HOUR, [], files) == {
        "change file 812": "agreed",
        "change file 813": "disagreed",
    }


def test_what_we_found_before_the_files_were_first_read_is_not_held_against_them() -> None:
    """Else every change of the fortnight before would be an incident when they are first watched."""
    began = SNAPSHOT.seen - MINUTE - PATIENCE

    assert states(DAY, [SNAPSHOT], [], theirs_began=began) == {"snapshot 9": "disagreed"}
    assert states(DAY, [SNAPSHOT], [], theirs_began=began + MINUTE) == {}


def test_after_a_fortnight_nothing_is_judged_any_more() -> None:
    assert states(14 * DAY, [], [FILE], "6") == {"change file 812": "disagreed"}
    assert states(15 * DAY, [], [FILE], "6") == {}
    assert states(15 * DAY, [SNAPSHOT], []) == {}


def test_changes_that_only_one_tells_of_are_written_down_in_the_end() -> None:
    file, snapshot = said("812", 0 * MINUTE, x7="changed"), said("9", 0 * MINUTE, x8="changed")

    assert set(states(HOUR, [snapshot], [file], "7 8").values()) == {"waiting"}
    verdicts = judged(PATIENCE, [snapshot], [file], "7 8")
    assert {each.state for each in verdicts.values()} == {"agreed"}
    assert facts_of(verdicts["change file 812"])["only_theirs"] == [
        {"key": "7", "kind": "changed", "name": "PARTY 7"}
    ]
    assert facts_of(verdicts["snapshot 9"])["only_ours"][0]["key"] == "8"


def test_a_contradiction_waits_for_both_after_the_last_word() -> None:
    ours = [said("9", HOUR, x5="changed")]
    files = [said("812", 0 * HOUR, x5="removed")]

    assert states(PATIENCE, ours, files, "5") == {"change file 812": "waiting"}
    assert states(PATIENCE + HOUR, ours, files, "5") == {"change file 812": "disagreed"}
    assert states(PATIENCE + HOUR, ours, files, "5", theirs_read=NOON + PATIENCE) == {
        "change file 812": "waiting"
    }


# --- the incident


def incident(verdict: Verdict, **given: Any) -> Any:
    return incident_of_disagreement(
        "ofac-sdn", "the SDN list", "OFAC", verdict, list_day="24 Nov 2026", **given
    )


def test_the_incident_of_a_file_names_who_is_meant_and_what_our_list_says() -> None:
    told = incident(judged(PATIENCE, [], [FILE], "6")["change file 812"])

    assert (told.kind, told.subject) == ("witnesses_disagree", "ofac-sdn change file 812")
    assert told.severity == "high"
    assert told.summary == (
        "OFAC's change file 812 and our copy of the SDN list disagree about 2 records: "
        "PARTY 5 (uid 5) and PARTY 6 (uid 6)"
    )
    assert (
        "OFAC's change file 812 says that PARTY 5 (uid 5) was added; our list of 24 Nov 2026 does not hold it."
        in told.detail
    )
    assert (
        "OFAC's change file 812 says that PARTY 6 (uid 6) was removed; our list of 24 Nov 2026 still holds it."
        in told.detail
    )
    assert told.what_to_do.endswith("docs/operations.md#witnesses_disagree")


def test_the_incident_of_a_snapshot_says_that_no_file_tells_of_it() -> None:
    told = incident(judged(DAY, [SNAPSHOT], [])["snapshot 9"])

    assert told.subject == "ofac-sdn snapshot 9"
    assert told.summary.startswith(
        "OFAC's change files do not tell of 2 changes that we found on the SDN list: PARTY 5 (uid 5)"
    )
    assert (
        "We found that PARTY 6 (uid 6) was removed; all in all, OFAC's change files do not say so."
        in told.detail
    )


def test_a_list_that_is_held_back_is_said_to_be_the_likely_reason() -> None:
    verdict = judged(PATIENCE, [], [FILE], "6")["change file 812"]

    assert "held back" in incident(verdict, held=True).detail
    assert "held back" not in incident(verdict).detail


def test_a_dispute_about_facts_alone_is_of_medium_severity_and_names_both_values() -> None:
    ours = Deposition("9", NOON, (Statement("5", "added", "DOE", "entity", ("A",), True),), NOON)
    file = Deposition("812", NOON, (Statement("5", "added", "DOE", "entity", ("B",), True),))
    told = incident(judged(PATIENCE, [ours], [file], "5")["change file 812"])

    assert told.severity == "medium"
    assert (
        "Of DOE (uid 5), OFAC's change file 812 says other than our list of 24 Nov 2026: programs B, not A."
        in told.detail
    )


def test_very_many_records_are_counted_and_not_all_named() -> None:
    many = said("812", 0 * MINUTE, **{f"x{number}": "added" for number in range(300)})
    verdict = judged(PATIENCE, [], [many])["change file 812"]
    told = incident(verdict)

    assert "300 records" in told.summary and "295 more" in told.summary
    assert "And 280 more." in told.detail
    assert len(facts_of(verdict)["only_theirs"]) == 200
    assert facts_of(verdict)["counts"]["only_theirs"] == 300
