"""What the listings show: the columns of each table for people, and the fields of each row for CSV, in order."""

from typing import Any

from monitor.cli.compare import party_name
from monitor.cli.output import Column, Row, moment


def _state(row: Row) -> str:
    if not row["enabled"]:
        return "off"
    if row["failing_since"]:
        return f"failing since {moment(row['failing_since'])}: {row['outcome']}"
    return str(row["outcome"] or "never polled")


def _delivered(row: Row) -> str:
    states = row["deliveries"]
    total = sum(states.values())
    if not total:
        return "to nobody"
    dead = f", {states['dead']} dead" if states.get("dead") else ""
    return f"{states.get('accepted', 0)} of {total} accepted{dead}"


def _read(row: Row) -> str:
    if row["acknowledged_by"] is None:
        return ""
    changed = row["changed_since"]
    if changed is None:
        return f"by {row['acknowledged_by']}"
    return f"by {row['acknowledged_by']}; {changed['key']} has changed since"


def _number(value: Any) -> str:
    return "" if value is None else f"{value:,}"


def _column(title: str, key: str, *, right: bool = False, free: bool = False) -> Column:
    return Column(title, lambda row: "" if row[key] is None else str(row[key]), right, free)


def _time_column(title: str, key: str) -> Column:
    return Column(title, lambda row: moment(row[key]))


def _number_column(title: str, key: str) -> Column:
    return Column(title, lambda row: _number(row[key]), right=True)


CHANGES = (
    _time_column("first seen (UTC)", "first_seen"),
    _column("change", "kind"),
    Column("party", lambda row: party_name(row["party"]), free=True),
    Column("type", lambda row: row["party"].get("type", "")),
    Column("what", lambda row: ", ".join(row["categories"]), free=True),
    _column("severity", "severity"),
    Column("ground", lambda row: ", ".join(row["party"].get("programs", ())), free=True),
    _column("list", "feed"),
    _column("number", "key"),
)
ALERTS = (
    _time_column("made (UTC)", "created"),
    _column("severity", "severity"),
    _column("alert", "title", free=True),
    Column("deliveries", _delivered, free=True),
    Column("acknowledged", _read, free=True),
    _column("id", "id"),
)
DELIVERIES = (
    _time_column("made (UTC)", "created"),
    _column("channel", "channel"),
    _column("to", "recipient"),
    _column("state", "state"),
    _time_column("accepted (UTC)", "accepted"),
    _time_column("next try (UTC)", "next_attempt"),
    _column("tries", "attempts", right=True),
    _column("subject", "subject", free=True),
    _column("said", "detail", free=True),
    _column("id", "id", right=True),
)
INCIDENTS = (
    _time_column("since (UTC)", "opened"),
    Column("over (UTC)", lambda row: moment(row["closed"]) or "open"),
    _column("severity", "severity"),
    _column("kind", "kind"),
    _column("what", "summary", free=True),
    _column("id", "id", right=True),
)
SNAPSHOTS = (
    _time_column("first seen (UTC)", "first_seen"),
    _column("list", "feed"),
    _column("state", "state"),
    _column("its date", "stated_date"),
    _number_column("parties", "records"),
    _number_column("added", "added"),
    _number_column("removed", "removed"),
    _number_column("amended", "amended"),
    Column("SHA-256", lambda row: row["sha256"][:12]),
    _column("id", "id", right=True),
)
DOSSIERS = (
    _column("day", "day"),
    _column("what the list did", "heading", free=True),
    _column("title", "title", free=True),
    Column("published of it", lambda row: ", ".join(row["witnesses"]), free=True),
    _column("id", "id"),
)
FEEDS = (
    _column("feed", "feed"),
    Column("state", _state, free=True),
    _time_column("last good check (UTC)", "last_success"),
    _time_column("last change (UTC)", "last_change"),
    _time_column("next poll (UTC)", "next_poll"),
    _number_column("parties", "records"),
    _column("its date", "stated_date"),
)

CHANGE_FIELDS = (
    "id",
    "first_seen",
    "feed",
    "key",
    "kind",
    "severity",
    "categories",
    "party",
    "fields",
    "snapshot",
)
ALERT_FIELDS = (
    "id",
    "created",
    "first_seen",
    "kind",
    "feed",
    "severity",
    "title",
    "deliveries",
    "acknowledged_by",
    "acknowledged_at",
    "note",
    "changed_since",
)
DELIVERY_FIELDS = (
    "id",
    "created",
    "alert",
    "kind",
    "feed",
    "severity",
    "channel",
    "recipient",
    "part",
    "parts",
    "subject",
    "state",
    "attempts",
    "next_attempt",
    "accepted",
    "detail",
)
INCIDENT_FIELDS = (
    "id",
    "opened",
    "closed",
    "closed_by",
    "kind",
    "subject",
    "feed",
    "severity",
    "summary",
    "detail",
    "what_to_do",
    "last_seen",
    "times",
)
SNAPSHOT_FIELDS = (
    "id",
    "first_seen",
    "not_before",
    "feed",
    "state",
    "stated_date",
    "records",
    "declared",
    "added",
    "removed",
    "amended",
    "sha256",
    "size",
    "accepted",
    "decided_by",
    "because",
    "verdict",
)
DOSSIER_FIELDS = (
    "id",
    "opened",
    "updated",
    "day",
    "heading",
    "title",
    "parties",
    "witnesses",
)
FEED_FIELDS = (
    "feed",
    "enabled",
    "interval_seconds",
    "url",
    "outcome",
    "detail",
    "last_poll",
    "last_success",
    "last_change",
    "next_poll",
    "failing_since",
    "failures",
    "polls",
    "snapshot",
    "records",
    "stated_date",
)
