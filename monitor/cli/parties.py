"""``party`` and ``search``: what the lists say about one party, now or at a time, and who has a name."""

import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

import feeds
from monitor.cli import times
from monitor.cli.compare import party_name, register
from monitor.cli.context import existing_database, global_options, nothing_yet
from monitor.cli.output import (
    Column,
    Format,
    Row,
    chosen,
    counted,
    summary,
    write_json_lines,
    write_listing,
)
from monitor.core.canonical import Document
from monitor.core.times import to_seconds
from monitor.store import parties
from monitor.store.parties import Hit, Revision

NOT_FOUND = 1
SCREENFUL = 50

# A pipe of two joined values must stay readable, and addresses hold commas.
_APART = " · "


def party(
    context: typer.Context,
    feed: Annotated[str, typer.Argument(help="The list.", show_default=False)],
    key: Annotated[
        str, typer.Argument(help="The party's number in it (OFAC: uid).", show_default=False)
    ],
    at: Annotated[
        str | None,
        typer.Option(help="As the list said then (a day: at its end, UTC).", show_default=False),
    ] = None,
    format: Annotated[
        Format | None, typer.Option(help="How it is written.", show_default=False)
    ] = None,
) -> None:
    """Show one listed party, now or as the list said at a time, with its history.

    Example: sanctions-monitor party ofac-sdn 48220 --at 2024-12-16
    """
    register(feed)
    when = times.end(at, datetime.now(UTC), "--at") if at else None
    configuration = global_options(context).configuration()
    with existing_database(configuration) as database:
        if database is None:
            raise _not_found(nothing_yet(configuration))
        with database.read() as connection:
            revisions = parties.history(connection, feed, key)
            changes = parties.changes_of(connection, feed, key)
            begins = parties.record_begins(connection, feed)
    if not revisions:
        raise _not_found(_unknown(feed, key, begins))
    revision = parties.in_force(revisions, when)
    if revision is None and when is not None and begins is not None and when < begins:
        raise _not_found(f"Our record of {feed} begins on {_minute(begins)}.")
    _write_party(feed, key, when, revision, revisions, changes, format)
    if revision is None and when is not None:
        raise typer.Exit(NOT_FOUND)


def search(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="A name, an alias or a number.", show_default=False)],
    feed: Annotated[str | None, typer.Option(help="In this list only.", show_default=False)] = None,
    format: Annotated[
        Format | None, typer.Option(help="How it is written.", show_default=False)
    ] = None,
) -> None:
    """Find listed parties by name or alias: whole words in any order, blind to accents. This is not screening.

    Example: sanctions-monitor search "Choe Chol Ryong"
    """
    if feed is not None:
        feeds.by_id(feed)
    configuration = global_options(context).configuration()
    with existing_database(configuration) as database:
        if database is None:
            raise _not_found(nothing_yet(configuration))
        with database.read() as connection:
            hits = parties.search(connection, text, feed=feed)
    if not hits:
        raise _not_found(
            f'No listed party on record has "{text}" as a name or alias today. This is not screening.'
        )
    limit = SCREENFUL if chosen(format) is Format.TABLE else None
    write_listing(
        [_hit(hit) for hit in hits[:limit]],
        _HITS,
        format=format,
        headline=lambda rows: _found(len(rows), len(hits)),
        fields=("feed", "key", "name", "type", "programs", "matched", "matched_in"),
    )


def _not_found(sentence: str) -> typer.Exit:
    sys.stderr.write(f"{sentence}\n")
    return typer.Exit(NOT_FOUND)


def _unknown(feed: str, key: str, begins: datetime | None) -> str:
    if begins is None:
        return f"Nothing of {feed} is on record yet."
    return f"{feed} has held no party {key} since our record begins ({_minute(begins)})."


def _write_party(
    feed: str,
    key: str,
    when: datetime | None,
    revision: Revision | None,
    revisions: list[Revision],
    changes: Sequence[dict[str, Any]],
    format: Format | None,
) -> None:
    if chosen(format) is not Format.TABLE:
        write_json_lines([_as_json(feed, key, when, revision, revisions, changes)], sys.stdout)
        return
    sys.stdout.write(f"{_heading(feed, key, when, revision, revisions[0])}\n")
    sys.stdout.write(summary(_terms((revision or revisions[0]).document)))
    sys.stdout.write("\nHistory, newest first (UTC).\n")
    sys.stdout.write(summary(_history(revisions, changes)))


def _heading(
    feed: str, key: str, when: datetime | None, revision: Revision | None, last: Revision
) -> str:
    at = f" on {_minute(when)}" if when else ""
    if revision is None:
        until = f" until {_minute(last.until)}" if last.until else ""
        return f"Not on {feed}{at}; it was{until}. What it said last:"
    since = "since before" if revision.is_baseline else "since"
    return (
        f"{party_name(revision.document)}, {feed} {key}{at}: so {since} {_minute(revision.since)}."
    )


def _terms(document: Document) -> Iterator[tuple[str, str]]:
    yield "name", party_name(document)
    yield "type", document.get("type", "")
    yield "title", document.get("title", "")
    yield "ground", _APART.join(document.get("programs", ()))
    for alias in document.get("aliases", ()):
        kind = ", ".join(part for part in (alias.get("kind"), alias.get("strength")) if part)
        yield (
            "also known as",
            f"{party_name({'name': alias})} ({kind})" if kind else party_name({"name": alias}),
        )
    for field, title in _FIELDS.items():
        for value in document.get(field, ()):
            yield title, _entry(value) if isinstance(value, dict) else str(value)
    for name, value in document.get("vessel", {}).items():
        yield f"vessel: {name.replace('_', ' ')}", value
    yield "listed on", document.get("listed_on", "")
    yield "remarks", document.get("remarks", "")


def _entry(value: dict[str, str]) -> str:
    """The parts of a value in the source's order. ``main`` is told where it says that an entry is another than the main one."""
    parts = [str(part) for name, part in value.items() if name != "main"]
    if value.get("main") == "false":
        parts.append("not the main entry")
    return ", ".join(parts)


def _history(
    revisions: Sequence[Revision], changes: Sequence[dict[str, Any]]
) -> Iterator[tuple[str, str]]:
    for change in changes:
        what = ", ".join(change["categories"])
        fields = ", ".join(field["field"] for field in change.get("fields", ()))
        yield (
            _minute(change["seen_at"]),
            f"{change['kind']}: {what}" + (f" ({fields})" if fields else ""),
        )
    oldest = revisions[-1]
    if oldest.is_baseline:
        yield _minute(oldest.since), "on the first list that we saw"


def _as_json(
    feed: str,
    key: str,
    when: datetime | None,
    revision: Revision | None,
    revisions: Sequence[Revision],
    changes: Sequence[dict[str, Any]],
) -> Row:
    return {
        "feed": feed,
        "key": key,
        "at": to_seconds(when) if when else None,
        "listed": revision is not None,
        "party": revision.document if revision else None,
        "revisions": [
            {
                "id": each.id,
                "since": to_seconds(each.since),
                "until": to_seconds(each.until) if each.until else None,
                "baseline": each.is_baseline,
                "snapshot": each.sha256,
                "party": each.document,
            }
            for each in revisions
        ],
        "changes": [
            {"first_seen": to_seconds(change["seen_at"])}
            | {name: value for name, value in change.items() if name != "seen_at"}
            for change in changes
        ],
    }


def _hit(hit: Hit) -> Row:
    return {
        "feed": hit.feed,
        "key": hit.key,
        "name": party_name(hit.document),
        "type": hit.document.get("type", ""),
        "programs": hit.document.get("programs", []),
        "matched": hit.matched,
        "matched_in": hit.field,
    }


def _found(shown: int, total: int) -> str:
    first = f"The closest {shown} of " if shown < total else ""
    return f"{first}{counted(total, 'listed party', 'listed parties')} by name or alias. This is not screening."


def _minute(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")


_FIELDS = {
    "dates_of_birth": "born",
    "places_of_birth": "place of birth",
    "nationalities": "nationality",
    "citizenships": "citizenship",
    "identifiers": "identifier",
    "addresses": "address",
    "legal_basis": "legal basis",
    "measures": "measure",
    "links": "linked to",
}

_HITS = (
    Column("party", lambda row: row["name"], free=True),
    Column("type", lambda row: row["type"]),
    Column("ground", lambda row: ", ".join(row["programs"]), free=True),
    Column("list", lambda row: row["feed"]),
    Column("number", lambda row: row["key"]),
    Column(
        "matched",
        lambda row: "" if row["matched_in"] == "name" else f"{row['matched_in']}: {row['matched']}",
        free=True,
    ),
)
