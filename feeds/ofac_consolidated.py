"""OFAC's consolidated list of those that are sanctioned without being blocked, ``CONSOLIDATED.XML``.

It unites the Sectoral Sanctions Identifications, Foreign Sanctions Evaders, correspondent-account (CAPTA), menu-based, Chinese
military-industrial company and Palestinian Legislative Council lists: 481 records in September 2026, in the classic schema
(:mod:`feeds.ofac_classic`). It shares the SDN list's uid space, so that a party moving between the two keeps its number.
Small as it is, one publication may rightly move a large share of it; the guard is wider than the SDN list's.
"""

from datetime import timedelta

from feeds.base import Guard, Head, ListedParty
from feeds.ofac_classic import classic_feed, read_entry, read_publication_information
from feeds.records import Element

FEED = classic_feed(
    id="ofac-consolidated",
    title="the consolidated (non-SDN) list",
    file="CONSOLIDATED.XML",
    guard=Guard(min_records=200, max_removed=0.25, max_added=0.5),
    blocking=False,
    quiet_at_most=timedelta(days=180),  # 76 changes in eleven months, in a few publications
)


def read(entry: Element) -> ListedParty:
    """One ``sdnEntry`` as a listed party."""
    return read_entry(entry, FEED)


def read_head(element: Element) -> Head:
    """The list's own date and record count."""
    return read_publication_information(element, FEED)
