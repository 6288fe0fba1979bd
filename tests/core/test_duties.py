"""What follows from a listing, with its dates."""

from datetime import UTC, date, datetime

from monitor.core.duties import (
    after_delisting,
    after_designation,
    after_designation_in_full,
    day_in_washington,
    report_due,
)


def test_christmas_day_is_no_business_day() -> None:
    assert report_due(date(2024, 12, 16)) == date(2024, 12, 31)


def test_thanksgiving_and_weekends_do_not_count() -> None:
    assert report_due(date(2026, 11, 24)) == date(2026, 12, 9)


def test_property_blocked_on_a_saturday_is_counted_from_the_next_business_day() -> None:
    assert report_due(date(2024, 12, 14)) == date(2024, 12, 30)


def test_the_day_is_washingtons() -> None:
    assert day_in_washington(datetime(2024, 12, 17, 3, 0, tzinfo=UTC)) == date(2024, 12, 16)


def test_the_short_reminder_has_the_date_and_the_rule() -> None:
    assert after_designation(16, date(2024, 12, 16)) == (
        "Property is blocked; so is what they own 50 percent or more. "
        "Blocked property is to be reported by 31 Dec 2024."
    )
    assert "what it owns" in after_designation(1, date(2024, 12, 16))


def test_the_full_reminder_names_its_sources_and_never_says_that_anybody_must_screen() -> None:
    text = " ".join(after_designation_in_full(2, date(2024, 12, 16)))

    for source in ("31 CFR 501.603", "31 CFR 501.604", "79 FR 47726", "31 Dec 2024"):
        assert source in text
    assert "screen" not in text.lower()


def test_a_delisting_ends_only_this_listing() -> None:
    assert after_delisting(1) == (
        "Removal ends blocking under this listing only; check other owners and lists."
    )
