"""Pages of a year are asked for at their address of today, and the new year's may be missing in January."""

from datetime import UTC, datetime

import pytest

from feeds.base import StreamPage
from monitor.core.yearly import DatedPage, dated_page

THIS_YEAR = StreamPage("history", "history/{year}")
LAST_YEAR = StreamPage("last-year", "history/{last_year}")
URL = "https://example.org/changes/history"


@pytest.mark.parametrize("month", range(2, 13))
def test_a_page_of_a_year_is_that_of_the_present_year(month: int) -> None:
    assert dated_page(THIS_YEAR, URL, datetime(2026, month, 1, tzinfo=UTC)) == DatedPage(
        "history", "https://example.org/changes/history/2026"
    )


def test_in_january_the_page_of_the_year_may_be_missing_or_empty() -> None:
    dated = dated_page(THIS_YEAR, URL, datetime(2027, 1, 31, 23, 59, tzinfo=UTC))

    assert dated == DatedPage("young-history", "https://example.org/changes/history/2027", True)


def test_the_page_of_last_year_is_never_young() -> None:
    dated = dated_page(LAST_YEAR, URL, datetime(2027, 1, 1, tzinfo=UTC))

    assert dated == DatedPage("last-year", "https://example.org/changes/history/2026")


def test_another_page_is_where_it_always_is() -> None:
    now = datetime(2027, 1, 1, tzinfo=UTC)

    assert dated_page(StreamPage("listing"), URL, now) == DatedPage("listing", URL)
    assert (
        dated_page(StreamPage("shard", "/all.json"), URL, now).url == "https://example.org/all.json"
    )
