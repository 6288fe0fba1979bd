"""What is on record in the tests of the listings: a baseline, one publication, and what became of it."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Table, insert

from monitor.core.canonical import digest, encode
from monitor.store.database import Database
from monitor.store.migrate import upgrade
from monitor.store.tables import (
    ALERTS,
    CHANGES,
    DELIVERIES,
    FEEDS,
    INCIDENTS,
    REVISIONS,
    SNAPSHOTS,
)

BASELINE = datetime(2024, 12, 13, 9, 0, tzinfo=UTC)
PUBLISHED = datetime(2024, 12, 16, 15, 2, 11, tzinfo=UTC)
FEED = "ofac-sdn"

BANK: dict[str, Any] = {
    "type": "entity",
    "name": {"last": "GOLDEN TRIANGLE BANK"},
    "programs": ["DPRK4"],
}
CHOE: dict[str, Any] = {
    "type": "individual",
    "name": {"last": "CHOE", "first": "Chol Ryong"},
    "programs": ["DPRK2"],
    "aliases": [{"last": "CH'OE", "first": "Ch'o'l-ryong", "kind": "aka", "strength": "strong"}],
}
CHOE_BEFORE = {name: value for name, value in CHOE.items() if name != "aliases"}
GONE: dict[str, Any] = {"type": "vessel", "name": {"last": "ŽELEZNÝ"}, "programs": ["CUBA"]}


def fill(url: str) -> None:
    """Make the database at ``url`` and write everything into it."""
    database = Database.open(url)
    try:
        upgrade(database)
        with database.write() as connection:
            for table, rows in _everything():
                connection.execute(insert(table), rows)
    finally:
        database.close()


def _everything() -> list[tuple[Table, list[dict[str, Any]]]]:
    return [
        (SNAPSHOTS, [_snapshot(1, BASELINE, None), _snapshot(2, PUBLISHED, 1), _held()]),
        (
            REVISIONS,
            [
                _revision("48220", CHOE_BEFORE, 1, 2),
                _revision("48220", CHOE, 2, None),
                _revision("47148", BANK, 2, None),
                _revision("99", GONE, 1, 2),
            ],
        ),
        (
            CHANGES,
            [
                _change("47148", "added", "high", ["designation"], party=BANK),
                _change("99", "removed", "high", ["delisting"], party=GONE),
                _change(
                    "48220",
                    "amended",
                    "medium",
                    ["alias"],
                    party={"name": "CHOE, Chol Ryong", "type": "individual", "programs": ["DPRK2"]},
                    fields=[{"field": "aliases", "before": [], "after": CHOE["aliases"]}],
                ),
            ],
        ),
        (FEEDS, [_feed()]),
        (ALERTS, [_alert("a" * 26, "change", "high"), _alert("b" * 26, "incident", "medium")]),
        (DELIVERIES, [_delivery(1, "accepted"), _delivery(2, "dead"), _delivery(3, "due")]),
        (INCIDENTS, [_incident(1, None), _incident(2, PUBLISHED)]),
    ]


def _snapshot(id: int, at: datetime, compared_with: int | None) -> dict[str, Any]:
    return {
        "id": id,
        "feed": FEED,
        "state": "accepted",
        "sha256": f"{id}" * 64,
        "size": 1000,
        "headers": "{}",
        "stated_date": at.strftime("%m/%d/%Y"),
        "declared_count": 2,
        "record_count": 2,
        "added": 1,
        "removed": 1,
        "amended": 1,
        "not_before": None,
        "first_seen_at": at,
        "accepted_at": at,
        "compared_with": compared_with,
        "adapter_version": 1,
        "digest_version": 1,
        "verdict": "[]",
    }


def _held() -> dict[str, Any]:
    return _snapshot(3, PUBLISHED + timedelta(hours=1), 2) | {"state": "held", "accepted_at": None}


def _revision(key: str, document: dict[str, Any], since: int, until: int | None) -> dict[str, Any]:
    return {
        "feed": FEED,
        "key": key,
        "digest": digest(document),
        "document": encode(document).decode(),
        "from_snapshot": since,
        "until_snapshot": until,
        "adapter_version": 1,
        "digest_version": 1,
    }


def _change(
    key: str, kind: str, severity: str, categories: list[str], **more: Any
) -> dict[str, Any]:
    change = {
        "feed": FEED,
        "key": key,
        "kind": kind,
        "categories": categories,
        "severity": severity,
    }
    return {
        "snapshot_id": 2,
        "feed": FEED,
        "key": key,
        "kind": kind,
        "severity": severity,
        "categories": ",".join(categories),
        "change": encode(change | more).decode(),
        "seen_at": PUBLISHED,
    }


def _feed() -> dict[str, Any]:
    return {
        "feed": FEED,
        "snapshot_id": 2,
        "last_polled_at": PUBLISHED,
        "last_success_at": PUBLISHED,
        "last_change_at": PUBLISHED,
        "polls": 2,
        "older_copies": 0,
        "failures": 0,
        "last_outcome": "held",
        "last_detail": "",
    }


def _alert(id: str, kind: str, severity: str) -> dict[str, Any]:
    return {
        "id": id,
        "kind": kind,
        "feed": FEED,
        "severity": severity,
        "title": f"OFAC: {kind}",
        "event_id": 1,
        "created_at": PUBLISHED,
        "first_seen_at": PUBLISHED,
        "text": "…",
        "html": "…",
        "wire": "{}",
    }


def _delivery(part: int, state: str) -> dict[str, Any]:
    return {
        "alert_id": "a" * 26,
        "channel": "desk",
        "recipient": "",
        "part": part,
        "parts": 3,
        "severity": "high",
        "state": state,
        "subject": "OFAC: 1 designated",
        "text": "…",
        "created_at": PUBLISHED,
        "first_seen_at": PUBLISHED,
        "attempts": 1,
        "next_attempt_at": PUBLISHED,
        "accepted_at": PUBLISHED if state == "accepted" else None,
        "detail": "200 ok",
    }


def _incident(id: int, closed: datetime | None) -> dict[str, Any]:
    return {
        "id": id,
        "kind": "blocked",
        "subject": FEED,
        "feed": FEED,
        "severity": "high",
        "summary": "the SDN list has not been readable",
        "detail": "403",
        "what_to_do": "Read the runbook.",
        "opened_at": BASELINE,
        "last_seen_at": PUBLISHED,
        "times": 3,
        "closed_at": closed,
    }
