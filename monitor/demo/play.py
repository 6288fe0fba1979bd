"""The play: the service watches copies of its sources, the action of 16 December 2024 is published, alerts arrive.

Nothing of the service is replaced but its clock; its configuration holds what is needed for a play: addresses on loopback,
a poll every two seconds, and a guard for a list of forty parties.
"""

import tempfile
from collections.abc import Sequence
from contextlib import AsyncExitStack, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from feeds.base import Guard
from monitor.config import ChannelSettings, Configuration, FeedSettings, Listen, Secret, load
from monitor.demo.clock import PlayedClock
from monitor.demo.facts import load_facts
from monitor.demo.inbox import ChatRoom, Mailbox
from monitor.demo.loopback import HOST, free_port
from monitor.demo.narration import Narrator
from monitor.demo.sources import Sources
from monitor.demo.stage import ACTIONS, LIST, ORDER, RELEASES, Stage

BEGINNING = datetime(2024, 12, 16, 15, 0, tzinfo=UTC)


async def play(
    narrator: Narrator,
    *,
    order: Sequence[str] = ORDER,
    port: int | None = None,
    stay: bool = False,
) -> None:
    """Play the action once, its signals in this order; with ``stay`` the service then runs on until Ctrl-C or SIGTERM.

    The data of the service are gone at the end, the mails stay in a temporary folder, which is named.
    Raises NothingArrived, or CannotListen when the port is taken.
    """
    mails = Path(tempfile.mkdtemp(prefix="sanctions-monitor-demo-"))
    clock = PlayedClock(BEGINNING)
    facts = load_facts()
    async with AsyncExitStack() as stack:
        stack.callback(_remove_if_empty, mails)
        sources = await stack.enter_async_context(Sources(facts))
        chat = await stack.enter_async_context(ChatRoom())
        mailbox = await stack.enter_async_context(Mailbox(mails))
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="sanctions-monitor-"))
        configuration = configure(
            Path(folder), sources, chat.channel, mailbox.channel, port or free_port()
        )
        stage = Stage(facts, sources, chat, mailbox, configuration, clock, narrator, order)
        await stage.play(stay=stay)


def _remove_if_empty(folder: Path) -> None:
    with suppress(OSError):
        folder.rmdir()


def configure(
    data_dir: Path, sources: Sources, chat: str, mailbox: str, port: int
) -> Configuration:
    """The configuration of the play; neither a file nor the environment is read for it."""
    defaults = load(None, {})
    often = timedelta(seconds=2)
    unwatched = {name: replace(feed, enabled=False) for name, feed in defaults.feeds.items()}
    return replace(
        defaults,
        data_dir=data_dir,
        database_url=None,
        listen=Listen(HOST, port),
        public_url=f"http://{HOST}:{port}",
        feeds={
            **unwatched,
            # The real list has 19,000 parties and refuses fewer than 5,000; here 16 join 40.
            LIST: FeedSettings(
                True,
                sources.list_url,
                often,
                Guard(min_records=10, max_removed=0.05, max_added=0.5),
            ),
            RELEASES: FeedSettings(True, sources.listing_url, often, None),
            ACTIONS: FeedSettings(True, sources.actions_url, often, None),
        },
        channels={
            "chat": ChannelSettings("chat", url=Secret(chat)),
            "mail": ChannelSettings("mail", url=Secret(mailbox)),
        },
        routes=(),
    )
