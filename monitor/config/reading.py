"""From a tree of settings to :class:`Configuration`: every key is known, every value is checked, every default is here."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import feeds as adapters
from feeds.base import Feed, Guard, RegisterFeed
from monitor import __version__
from monitor.config import scalars
from monitor.config.channels import read_channels
from monitor.config.document import Document, read_document
from monitor.config.environment import overlay
from monitor.config.routes import read_routes
from monitor.config.tree import Section
from monitor.config.values import (
    Configuration,
    FeedSettings,
    Listen,
    is_loopback,
)
from monitor.core.retry import AGE_LIMIT

SETTINGS = (
    "data_dir",
    "database_url",
    "listen",
    "public_url",
    "user_agent",
    "zone",
    "token",
    "feeds",
    "channels",
    "routes",
    "give_up_after",
)
FEED_SETTINGS = ("enabled", "url", "interval", "guard")
GUARD_SETTINGS = ("min_records", "max_removed", "max_added")

DEFAULT_LISTEN = Listen("127.0.0.1", 8080)
# The list service refuses what does not begin like this or is shorter than 40 characters; the rest says who we are.
DEFAULT_USER_AGENT = (
    f"Mozilla/5.0 (compatible; sanctions-monitor/{__version__}; watches published lists)"
)
SHORTEST_INTERVAL = "10s"
LONGEST_INTERVAL = "1d"
SOONEST_END, LATEST_END = "1m", "30d"


def load(
    path: Path | None,
    environment: Mapping[str, str],
    feeds: Mapping[str, Feed] | None = None,
) -> Configuration:
    """The configuration in the file at ``path`` (None: defaults) and in ``environment``.

    ``feeds`` are the known feeds, whose own values are the defaults; left out, they are those that discovery finds.
    Raises ConfigurationError for the first thing that is not right.
    """
    if feeds is None:
        feeds = {id: adapter.feed for id, adapter in adapters.discover().items()}
    document = read_document(path, environment) if path else Document("the configuration")
    overlay(document, environment, {"feeds": feeds, "channels": ()})
    top = Section(document, (), document.tree)
    top.only(SETTINGS)
    listen = top.value("listen", scalars.listen) or DEFAULT_LISTEN
    zone = top.value("zone", scalars.zone) or "UTC"
    channels = read_channels(top.section("channels"), zone=zone)
    return Configuration(
        data_dir=Path(top.value("data_dir", scalars.text) or "data"),
        database_url=top.secret_value("database_url", scalars.database_url),
        listen=listen,
        public_url=top.value("public_url", scalars.public_url) or _public_url(listen),
        user_agent=top.value("user_agent", scalars.user_agent) or DEFAULT_USER_AGENT,
        zone=zone,
        token=top.secret("token", scalars.token),
        feeds=_feeds(top.section("feeds"), feeds),
        channels=channels,
        routes=read_routes(top, feeds=tuple(feeds), channels=tuple(channels)),
        give_up_after=_give_up_after(top),
        source=path,
    )


def _give_up_after(top: Section) -> timedelta:
    span = top.value("give_up_after", scalars.duration) or AGE_LIMIT
    if not scalars.duration(SOONEST_END) <= span <= scalars.duration(LATEST_END):
        raise top.wrong("give_up_after", f"expected a time from {SOONEST_END} to {LATEST_END}")
    return span


def _public_url(listen: Listen) -> str:
    if listen.host in (
        "0.0.0.0",
        "::",
    ):  # every address: this machine's own is the one that is surely right here
        return f"http://{Listen('127.0.0.1', listen.port)}"
    return f"http://{listen}"


def _feeds(section: Section, known: Mapping[str, Feed]) -> dict[str, FeedSettings]:
    section.only(known, what="feed")
    return {id: _feed(section.section(id), feed) for id, feed in known.items()}


def _feed(section: Section, feed: Feed) -> FeedSettings:
    section.only(FEED_SETTINGS)
    enabled = section.value("enabled", scalars.boolean)
    url = section.value("url", scalars.source_url) or feed.url
    interval = section.value("interval", scalars.duration) or feed.interval
    if interval < scalars.duration(SHORTEST_INTERVAL) and not is_loopback(scalars.host(url)):
        raise section.wrong("interval", f"expected {SHORTEST_INTERVAL} or more, out of politeness")
    if interval > scalars.duration(LONGEST_INTERVAL):
        raise section.wrong(
            "interval", f"expected {LONGEST_INTERVAL} or less: what is published is told after it"
        )
    return FeedSettings(
        enabled=True if enabled is None else enabled,
        url=url,
        interval=interval,
        guard=_guard(section, feed),
    )


def _guard(section: Section, feed: Feed) -> Guard | None:
    if not isinstance(feed, RegisterFeed):
        if section.has("guard"):
            raise section.wrong(
                "guard", "this feed has no guard, as nothing can vanish from it; remove the key"
            )
        return None
    limits = section.section("guard")
    limits.only(GUARD_SETTINGS)
    min_records = limits.value("min_records", scalars.count)
    max_removed = limits.value("max_removed", scalars.share)
    max_added = limits.value("max_added", scalars.share)
    return Guard(
        min_records=feed.guard.min_records if min_records is None else min_records,
        max_removed=feed.guard.max_removed if max_removed is None else max_removed,
        max_added=feed.guard.max_added if max_added is None else max_added,
    )
