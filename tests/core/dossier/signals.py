"""Signals to test with: say only what the test is about."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

from feeds.base import Witness
from monitor.core.canonical import Document
from monitor.core.dossier import ListChange, Published

DAY = date(2024, 12, 16)
MOMENT = datetime(2024, 12, 16, 15, 2, tzinfo=UTC)
ACTION = "https://ofac.treasury.gov/recent-actions/20241216"
BLOCKS = "All property and interests in property of those designated are blocked."


def a_listing(
    key: str,
    name: str,
    *,
    kind: str = "added",
    type: str = "entity",
    programs: tuple[str, ...] = ("DPRK4",),
    aliases: tuple[str, ...] = (),
    snapshot: int = 2,
    day: date = DAY,
    categories: tuple[str, ...] = ("designation",),
    remarks: str = "",
) -> ListChange:
    """One change of one party of the SDN list; ``name`` as ``LAST, First``."""
    last, _, first = name.partition(", ")
    party: Document = {
        "type": type,
        "name": {"last": last, "first": first} if first else {"last": last},
        "programs": list(programs),
        "aliases": [{"last": each, "kind": "aka", "strength": "strong"} for each in aliases],
    }
    if remarks:
        party["remarks"] = remarks
    change = {"feed": "ofac-sdn", "key": key, "kind": kind, "categories": list(categories)}
    return ListChange(
        feed="ofac-sdn",
        snapshot=snapshot,
        change=change,
        party=party,
        since=day,
        day=day,
        first_seen=MOMENT,
        sha256="ab" * 32,
    )


def a_publication(
    witness: Witness, key: str, title: str, *, text: str = "", day: date = DAY, **given: Any
) -> Published:
    """A publication of any kind."""
    values: dict[str, Any] = {
        "feed": {"release": "treasury-press-releases", "action": "ofac-recent-actions"}.get(
            witness, f"a-{witness}"
        ),
        "authority": {"release": "Treasury", "notice": "Federal Register"}.get(witness, "OFAC"),
        "url": f"https://example.org/{key}",
        "first_seen": MOMENT + timedelta(minutes=1),
        **given,
    }
    return Published(witness=witness, key=key, title=title, text=text, day=day, **values)


def a_designation(key: str, title: str, whom: str, *links: str, **given: Any) -> Published:
    """A release that announces the designation of ``whom``."""
    text = f"WASHINGTON — Today, OFAC is designating {whom}. {BLOCKS}"
    return a_publication("release", key, title, text=text, links=links, **given)


def an_entry(name: str, *, key: str = "", kind: str = "added") -> Document:
    """A party as an action page or a change file lists it."""
    last, _, first = name.partition(", ")
    entry: Document = {
        "kind": kind,
        "name": {"last": last, "first": first} if first else {"last": last},
    }
    return entry | ({"key": key} if key else {})


def an_action(key: str, title: str, *entries: Document, **given: Any) -> Published:
    """OFAC's action page."""
    return a_publication("action", key, title, entries=entries, **given)
