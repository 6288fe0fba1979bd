"""``changes``, ``alerts``, ``deliveries``, ``incidents``, ``snapshots`` and ``feeds``: what is on record, newest first.

Each only reads. A terminal gets the newest :data:`SCREENFUL` unless asked for more; a pipe gets everything that fits the filters.
"""

import sys
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from sqlalchemy import Connection

import feeds as adapters
from monitor.cli import columns, times
from monitor.cli.context import Mistake, existing_database, global_options, nothing_yet
from monitor.cli.incident_kinds import incident_kinds
from monitor.cli.output import (
    Column,
    Format,
    Row,
    chosen,
    counted,
    days_between,
    write_listing,
)
from monitor.config import Configuration
from monitor.config.errors import suggestion
from monitor.config.routes import KINDS, SEVERITIES
from monitor.core.times import from_text
from monitor.store import listings
from monitor.store.listings import Filter, Listing

SCREENFUL = 50

Since = Annotated[
    str | None,
    typer.Option(help="From this day or moment on (UTC), or for so long: 7d.", show_default=False),
]
Until = Annotated[str | None, typer.Option(help="Until this day or moment.", show_default=False)]
Feed = Annotated[str | None, typer.Option(help="Of this feed only.", show_default=False)]
Kind = Annotated[str | None, typer.Option(help="Of this kind only.", show_default=False)]
Severity = Annotated[str | None, typer.Option(help="Of this severity only.", show_default=False)]
Channel = Annotated[str | None, typer.Option(help="To this channel only.", show_default=False)]
State = Annotated[str | None, typer.Option(help="In this state only.", show_default=False)]
Limit = Annotated[int | None, typer.Option(min=1, help="So many at most.", show_default=False)]
Written = Annotated[Format | None, typer.Option(help="How it is written.", show_default=False)]

ALERT_KINDS = (*KINDS, "digest", "escalation", "test")
CHANGE_KINDS = ("added", "amended", "removed")
DELIVERY_STATES = ("due", "claimed", "accepted", "dead")
SNAPSHOT_STATES = ("accepted", "held", "rejected", "superseded")


def changes(
    context: typer.Context,
    since: Since = None,
    until: Until = None,
    feed: Feed = None,
    kind: Kind = None,
    severity: Severity = None,
    limit: Limit = None,
    format: Written = None,
) -> None:
    """List changes of the lists, newest first.

    Example: sanctions-monitor changes --since 2024-12-16 --kind added
    """
    known("--kind", kind, CHANGE_KINDS)
    known("--severity", severity, SEVERITIES)
    filter = asked_for(since, until, feed, kind, limit, format, severity=severity)
    listing = found_in(context, lambda connection: listings.changes(connection, filter))
    show(listing, columns.CHANGES, format, columns.CHANGE_FIELDS, "change", "first_seen")


def alerts(
    context: typer.Context,
    since: Since = None,
    until: Until = None,
    feed: Feed = None,
    kind: Kind = None,
    severity: Severity = None,
    unacknowledged: Annotated[
        bool, typer.Option("--unacknowledged", help="Only those that nobody has acknowledged.")
    ] = False,
    limit: Limit = None,
    format: Written = None,
) -> None:
    """List alerts, newest first: how many of their deliveries were accepted, and who has acknowledged them.

    Example: sanctions-monitor alerts --since 7d --severity high --unacknowledged
    """
    known("--kind", kind, ALERT_KINDS)
    known("--severity", severity, SEVERITIES)
    filter = asked_for(since, until, feed, kind, limit, format, severity=severity)
    listing = found_in(
        context,
        lambda connection: listings.alerts(connection, filter, only_unacknowledged=unacknowledged),
    )
    show(listing, columns.ALERTS, format, columns.ALERT_FIELDS, "alert", "created")


def deliveries(
    context: typer.Context,
    since: Since = None,
    until: Until = None,
    feed: Feed = None,
    kind: Kind = None,
    channel: Channel = None,
    state: State = None,
    limit: Limit = None,
    format: Written = None,
) -> None:
    """List deliveries, newest first: whether and when each was accepted, or what was said instead.

    Example: sanctions-monitor deliveries --state dead
    """
    known("--kind", kind, ALERT_KINDS)
    known("--state", state, DELIVERY_STATES)
    filter = asked_for(since, until, feed, kind, limit, format, channel=channel, state=state)
    listing = found_in(
        context,
        lambda connection: listings.deliveries(connection, filter),
        lambda configuration, connection: _known_channel(channel, configuration, connection),
    )
    show(
        listing,
        columns.DELIVERIES,
        format,
        columns.DELIVERY_FIELDS,
        "delivery",
        "created",
        "deliveries",
    )
    if any(row["state"] == "dead" for row in listing.rows):
        _advise("Dead deliveries are sent again by: sanctions-monitor retry")


def incidents(
    context: typer.Context,
    since: Since = None,
    until: Until = None,
    feed: Feed = None,
    kind: Kind = None,
    open: Annotated[bool, typer.Option("--open", help="Only those that are not over.")] = False,
    limit: Limit = None,
    format: Written = None,
) -> None:
    """List what was or is wrong with the watch itself, newest first.

    Example: sanctions-monitor incidents --open
    """
    filter = asked_for(since, until, feed, kind, limit, format)
    listing = found_in(
        context,
        lambda connection: listings.incidents(connection, filter, only_open=open),
        lambda _, connection: _known_incident(kind, connection),
    )
    show(listing, columns.INCIDENTS, format, columns.INCIDENT_FIELDS, "incident", "opened")
    for advice in dict.fromkeys(row["what_to_do"] for row in listing.rows if not row["closed"]):
        _advise(f"What to do: {advice}")


def snapshots(
    context: typer.Context,
    since: Since = None,
    until: Until = None,
    feed: Feed = None,
    state: State = None,
    limit: Limit = None,
    format: Written = None,
) -> None:
    """List contents of the lists as they were fetched, newest first: accepted, held, rejected or superseded.

    Example: sanctions-monitor snapshots --state held
    """
    known("--state", state, SNAPSHOT_STATES)
    filter = asked_for(since, until, feed, None, limit, format, state=state)
    listing = found_in(context, lambda connection: listings.snapshots(connection, filter))
    show(listing, columns.SNAPSHOTS, format, columns.SNAPSHOT_FIELDS, "snapshot", "first_seen")
    for row in listing.rows:
        if row["state"] == "held":
            _advise(
                f"Decide: sanctions-monitor snapshot accept {row['id']} --because TEXT (or reject)"
            )


def feeds(context: typer.Context, feed: Feed = None, format: Written = None) -> None:
    """List what is watched, and how it goes.

    Example: sanctions-monitor feeds
    """
    configuration = global_options(context).configuration()
    known("--feed", feed, tuple(configuration.feeds))
    with existing_database(configuration) as database:
        states = {}
        if database is not None:
            with database.read() as connection:
                states = listings.feeds(connection)
    rows = [
        _feed_row(id, configuration, states) for id in configuration.feeds if feed in (None, id)
    ]
    write_listing(
        rows, columns.FEEDS, format=format, headline=_feeds_headline, fields=columns.FEED_FIELDS
    )


def known(option: str, word: str | None, words: Sequence[str]) -> None:
    """Raise Mistake when a word was given that is none of these."""
    if word is not None and word not in words:
        raise Mistake(f'{option} is "{word}": {suggestion(word, words)}')


def _known_channel(
    channel: str | None, configuration: Configuration, connection: Connection | None
) -> None:
    """A channel that was removed from the configuration may still be on record."""
    on_record = listings.channels(connection) if connection is not None else set()
    words = sorted({*configuration.channels, *on_record})
    if channel is not None and not words:
        raise Mistake(
            f'--channel is "{channel}": there is no channel, in the configuration or on record'
        )
    known("--channel", channel, words)


def _known_incident(kind: str | None, connection: Connection | None) -> None:
    """A kind that a former version, or an adapter of one's own, has written may still be on record."""
    if kind is not None:
        on_record = listings.incident_kinds(connection) if connection is not None else set()
        known("--kind", kind, sorted(incident_kinds() | on_record))


def asked_for(
    since: str | None,
    until: str | None,
    feed: str | None,
    kind: str | None,
    limit: int | None,
    format: Format | None,
    **equal: str | None,
) -> Filter:
    """What the options ask for; on a terminal no more than a screenful."""
    now = datetime.now(UTC)
    if feed is not None:
        adapters.by_id(feed)
    if limit is None and chosen(format) is Format.TABLE:
        limit = SCREENFUL
    return Filter(
        since=times.begin(since, now, "--since") if since else None,
        until=times.end(until, now, "--until") if until else None,
        feed=feed,
        kind=kind,
        limit=limit,
        equal={column: value for column, value in equal.items() if value is not None},
    )


def found_in(
    context: typer.Context,
    read: Callable[[Connection], Listing],
    check: Callable[[Configuration, Connection | None], None] = lambda *_: None,
) -> Listing:
    """What ``read`` finds in the database; an empty listing, and a sentence, where there is none yet."""
    configuration = global_options(context).configuration()
    with existing_database(configuration) as database:
        if database is None:
            check(configuration, None)
            _advise(nothing_yet(configuration))
            return Listing([], 0)
        with database.read() as connection:
            check(configuration, connection)
            return read(connection)


def show(
    listing: Listing,
    shown_columns: Sequence[Column],
    format: Format | None,
    fields: Sequence[str],
    one: str,
    time: str,
    many: str = "",
) -> None:
    """Write a listing of what is called ``one``, under how many there are and from when (by the field ``time``)."""

    def headline(rows: Sequence[Row]) -> str:
        if not rows:
            return f"No {many or one + 's'} on record that fit."
        between = days_between(from_text(rows[-1][time]), from_text(rows[0][time]))
        newest = f"The newest {len(rows)} of " if len(rows) < listing.total else ""
        return f"{newest}{counted(listing.total, one, many)}, {between}. Newest first."

    write_listing(listing.rows, shown_columns, format=format, headline=headline, fields=fields)


def _advise(sentence: str) -> None:
    sys.stderr.write(f"{sentence}\n")


def _feed_row(
    id: str, configuration: Configuration, states: dict[str, dict[str, Any]]
) -> dict[str, Any]:
    settings = configuration.feeds[id]
    row = dict.fromkeys(columns.FEED_FIELDS) | states.get(id, {})
    row |= {
        "feed": id,
        "enabled": settings.enabled,
        "interval_seconds": int(settings.interval.total_seconds()),
        "url": settings.url,
    }
    return row


def _feeds_headline(rows: Sequence[Row]) -> str:
    failing = [row["feed"] for row in rows if row["failing_since"]]
    watched = sum(row["enabled"] for row in rows)
    end = f"; failing: {', '.join(failing)}." if failing else "."
    return f"{counted(watched, 'feed')} watched{end}"
