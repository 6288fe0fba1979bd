"""``check-config``: says in sentences what would be sent where, and where nothing would be. Sends nothing."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from feeds import discover
from feeds.base import Guard, StreamFeed
from monitor.cli.channels_in_words import channel_in_words, channel_warnings, profile_of
from monitor.cli.context import Mistake, global_options, sqlite_file
from monitor.cli.explain import explain as explained
from monitor.cli.routes_in_words import gaps, in_words
from monitor.config import Configuration, FeedSettings
from monitor.config.values import is_loopback
from monitor.core.channel import ChannelProfile
from monitor.core.news import NEVER_TOLD_ALONE
from monitor.core.route import Route
from monitor.core.words import span_words

_OFAC = "sanctionslistservice.ofac.treas.gov"
_SHORTEST_AGENT = 40


def check_config(
    context: typer.Context,
    explain: Annotated[
        Path | None,
        typer.Option(
            help="Say where what stands in this file would go, and why: changes (JSON, as diff prints them),"
            " an alert (JSON, as a webhook gets it) or a saved list.",
            show_default=False,
        ),
    ] = None,
    feed: Annotated[
        str | None, typer.Option(help="With --explain: which list it is.", show_default=False)
    ] = None,
) -> None:
    """Check the configuration, and say what would be sent where. Sends nothing.

    Exit code 2 when something in it, or in the file to explain, is not right.

    Example: sanctions-monitor --config sanctions-monitor.yaml check-config --explain changes.json
    """
    configuration = global_options(context).configuration()
    if explain is not None:
        for line in explained(configuration, explain, feed):
            sys.stdout.write(f"{line}\n")
        return
    if feed is not None:
        raise Mistake("--feed says which list a file is of; name the file with --explain")
    profiles = {
        name: profile_of(settings, configuration)
        for name, settings in configuration.channels.items()
    }
    for line in report(configuration, profiles):
        sys.stdout.write(f"{line}\n")


def report(configuration: Configuration, profiles: Mapping[str, ChannelProfile]) -> Iterator[str]:
    """The whole configuration as sentences, warnings last. ``profiles`` are those of its channels."""
    yield f"{configuration.source or 'No file, defaults only'}: the configuration is right."
    yield f"Data: {configuration.data_dir}, in {_database(configuration)}."
    yield f"Pages: {configuration.listen}; links start with {configuration.public_url}."
    yield ""
    yield "Feeds"
    for id, feed in configuration.feeds.items():
        yield f"  {id}: {_feed(feed)}"
    yield ""
    yield "Channels"
    for name, settings in configuration.channels.items():
        yield f"  {name}: {channel_in_words(settings, profiles[name])}"
    if not profiles:
        yield "  None: alerts are printed on the terminal."
    yield ""
    yield "Routes, from first to last; all that match apply"
    yield from (f"  {line}" for line in _routes(configuration))
    found = [*channel_warnings(configuration, profiles), *warnings(configuration)]
    if found:
        yield ""
        yield from (f"Warning: {warning}" for warning in found)


def warnings(configuration: Configuration) -> Iterator[str]:
    """What is allowed and probably not meant."""
    if not any(feed.enabled for feed in configuration.feeds.values()):
        yield "every feed is switched off; nothing is watched."
    if configuration.channels:
        enabled = {id: feed for id, feed in configuration.feeds.items() if feed.enabled}
        registers = [id for id, feed in enabled.items() if feed.guard]
        streams = [id for id, feed in enabled.items() if not feed.guard and _is_told(id)]
        yield from (
            f"no route takes {gap}; nobody is told."
            for gap in gaps(configuration.routes, registers, streams)
        )
        for number, route in enumerate(configuration.routes, 1):
            off = [id for id in route.when.feed if id not in enabled]
            if off:
                are = "are" if len(off) > 1 else "is"
                yield f"route {number} asks for {one_by_one(off)}, which {are} switched off; nothing comes from there."
        for name in configuration.channels:
            if configuration.routes and not any(
                name in route.send or (route.escalate and name in route.escalate.send)
                for route in configuration.routes
            ):
                yield f"no route sends to {name}; it gets nothing but incidents that no route matches."
    if len(configuration.channels) == 1:
        (only,) = configuration.channels
        yield f"{only} is the only channel; nobody hears of it when it does not work."
    if configuration.channels and is_loopback(urlsplit(configuration.public_url).hostname or ""):
        yield "links in alerts lead to this machine only; set public_url to the address that readers use."
    if not configuration.listen.is_loopback and configuration.token is None:
        yield "pages are refused to other machines as no token is set; probes are answered."
    agent = configuration.user_agent
    if not agent.startswith("Mozilla/") or len(agent) < _SHORTEST_AGENT:
        asked = [
            id for id, feed in configuration.feeds.items() if feed.enabled and _OFAC in feed.url
        ]
        if asked:
            yield (
                f"OFAC's list service refuses a user_agent that does not begin with Mozilla/5.0 or is shorter"
                f" than {_SHORTEST_AGENT} characters; {one_by_one(asked)} would be blocked."
            )


def _is_told(id: str) -> bool:
    """Whether people are ever told of an item of this stream by itself: what completes other news is not."""
    adapter = discover().get(id)
    feed = adapter.feed if adapter else None
    return not (isinstance(feed, StreamFeed) and feed.witness in NEVER_TOLD_ALONE)


def _routes(configuration: Configuration) -> Iterator[str]:
    everywhere = one_by_one(configuration.channels) if configuration.channels else "the terminal"
    if not configuration.routes:
        yield f"None: everything goes to {everywhere}."
        return
    for number, route in enumerate(configuration.routes, 1):
        yield f"{number}. {in_words(route.when)} → {one_by_one(route.send)}{_gathered(route)}{_escalated(route)}."
    yield f"An incident that no route matches goes to {everywhere}."


def _gathered(route: Route) -> str:
    """``, gathered in a digest, daily at 07:00 (America/New_York)``."""
    return f", gathered in a digest, {route.digest.words}" if route.digest else ""


def _escalated(route: Route) -> str:
    """``; what nobody acknowledges within 30 minutes also → phone``."""
    if route.escalate is None:
        return ""
    such = "" if route.when.severity else " of high severity"
    span = span_words(route.escalate.after)
    return (
        f"; what{such} nobody acknowledges within {span} also → {one_by_one(route.escalate.send)}"
    )


def one_by_one(names: Iterable[str]) -> str:
    """``desk, officers and case-system``."""
    *others, last = names
    return f"{', '.join(others)} and {last}" if others else last


def _database(configuration: Configuration) -> str:
    file = sqlite_file(configuration)
    return f"SQLite ({file.name})" if file else "PostgreSQL"


def _feed(feed: FeedSettings) -> str:
    if not feed.enabled:
        return "off."
    held = f" {_guard(feed.guard)}" if feed.guard else ""
    return f"every {_in_short(feed.interval)} from {urlsplit(feed.url).hostname}.{held}"


def _guard(guard: Guard) -> str:
    removed, added = f"{guard.max_removed * 100:g}", f"{guard.max_added * 100:g}"
    return (
        f"A list is held with fewer than {guard.min_records:,} parties, with more than {removed} percent"
        f" of them gone or more than {added} percent new."
    )


def _in_short(span: timedelta) -> str:
    seconds = int(span.total_seconds())
    hours, minutes = seconds // 3600, seconds // 60
    if seconds % 3600 == 0:
        return f"{hours} h"
    return f"{minutes} min" if seconds % 60 == 0 and minutes > 1 else f"{seconds} s"
