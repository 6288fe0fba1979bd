"""OFAC's list of Specially Designated Nationals and Blocked Persons, ``SDN.XML``.

About 19,400 records and 29 MB in September 2026, in the classic schema (:mod:`feeds.ofac_classic`). It changes on a few days of
a week, usually within minutes of a Treasury release, and states only its day. OFAC's largest real additions in one publication
were 553 (23 February 2024), its largest real removals about 680 within ten months.
"""

from datetime import timedelta

from feeds.base import Guard, Head, ListedParty
from feeds.ofac_classic import classic_feed, read_entry, read_publication_information
from feeds.records import Element

FEED = classic_feed(
    id="ofac-sdn",
    title="the SDN list",
    file="SDN.XML",
    guard=Guard(min_records=5_000, max_removed=0.05, max_added=0.25),
    blocking=True,
    quiet_at_most=timedelta(
        days=21
    ),  # the longest real pause between August 2021 and June 2022 had 14 days
)


def read(entry: Element) -> ListedParty:
    """One ``sdnEntry`` as a listed party."""
    return read_entry(entry, FEED)


def read_head(element: Element) -> Head:
    """The list's own date and record count."""
    return read_publication_information(element, FEED)
