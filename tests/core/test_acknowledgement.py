"""An acknowledgement holds as long as what was read is as it was."""

from datetime import UTC, datetime, timedelta

import pytest

from monitor.core.acknowledgement import (
    Acknowledged,
    Acknowledgement,
    Lapsed,
    LaterChange,
    Open,
    ReadRevision,
    revisions_as_stored,
    revisions_of_stored,
    state_of,
)

AT = datetime(2024, 12, 16, 15, 10, tzinfo=UTC)
CHOE = ReadRevision("ofac-sdn", "48220", "ab" * 32, 2)
BANK = ReadRevision("ofac-sdn", "47148", "cd" * 32, 2)
GONE = ReadRevision("ofac-sdn", "99", "ef" * 32, 2, is_removed=True)


def read(by: str = "J. Doe", at: datetime = AT, *revisions: ReadRevision) -> Acknowledgement:
    return Acknowledgement(1, by, at, "", revisions or (CHOE, BANK, GONE))


def test_what_nobody_has_acknowledged_is_open() -> None:
    assert state_of([], [LaterChange("ofac-sdn", "48220", 3)]) == Open()


def test_it_is_acknowledged_by_whom_did_last() -> None:
    later = AT + timedelta(hours=1)

    assert state_of([read("J. Doe"), read("A. Roe", later)], []) == Acknowledged(
        "A. Roe", later, ""
    )


@pytest.mark.parametrize("key", ["48220", "99"])
def test_it_lapses_when_what_was_read_changes(key: str) -> None:
    change = LaterChange("ofac-sdn", key, 3, "b" * 26)

    assert state_of([read()], [change]) == Lapsed("J. Doe", AT, "", change)


@pytest.mark.parametrize(
    "change",
    [
        LaterChange("ofac-sdn", "48220", 2),
        LaterChange("ofac-sdn", "48220", 1),
        LaterChange("ofac-sdn", "1", 3),
        LaterChange("ofac-consolidated", "48220", 3),
    ],
    ids=["the change itself", "an earlier one", "another party", "another list"],
)
def test_it_does_not_lapse_by_anything_else(change: LaterChange) -> None:
    assert state_of([read()], [change]) == Acknowledged("J. Doe", AT, "")


def test_the_first_change_is_named_and_the_other_parties_are_counted() -> None:
    first, again = (
        LaterChange("ofac-sdn", "48220", 3, "b" * 26),
        LaterChange("ofac-sdn", "48220", 4),
    )
    other = LaterChange("ofac-sdn", "47148", 5)

    assert state_of([read()], [other, again, first]) == Lapsed("J. Doe", AT, "", first, 1)


def test_an_alert_about_no_party_stays_acknowledged() -> None:
    incident = Acknowledgement(1, "J. Doe", AT, "")

    assert state_of([incident], []) == Acknowledged("J. Doe", AT, "")


def test_revisions_are_stored_and_had_again() -> None:
    assert revisions_of_stored(revisions_as_stored([CHOE, GONE])) == (CHOE, GONE)
