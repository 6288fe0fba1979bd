"""What the event loop feels of an update in a thread, and what a poll costs that finds nothing new.

The loop has a task that wants to run every five milliseconds; how late it is tells how long others would have waited.
"""

import asyncio
import json
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from benchmarks.update import FEED, FIRST, GUARD, NEXT, databases_of, update_with
from feeds import by_id
from monitor.clock import SystemClock
from monitor.fetch.client import Fetcher, default_user_agent
from monitor.poller import Poller, Watched
from monitor.store import feeds as feed_states
from monitor.store.archive import Archive
from monitor.store.database import Database

_TICK = 0.005
_POLLS = 30


def main() -> None:
    """``lag BASE NEW FOLDER`` or ``unchanged EMPTY URL FOLDER``; the result goes to standard output, in milliseconds."""
    verb, base, argument, folder = sys.argv[1:]
    with databases_of(Path(folder), "").fresh(base) as database:
        if verb == "lag":
            update = update_with(database, Path(folder) / argument, NEXT)
            print(json.dumps(asyncio.run(lag_during(update))))
        else:
            print(json.dumps(asyncio.run(_unchanged(database, argument, Path(folder)))))


async def lag_during(work: Callable[[], object]) -> float:
    """The most milliseconds that the ticker was late while ``work`` was done in a thread."""
    lags: list[float] = []

    async def tick() -> None:
        while True:
            begun = time.perf_counter()
            await asyncio.sleep(_TICK)
            lags.append(time.perf_counter() - begun - _TICK)

    ticking = asyncio.create_task(tick())
    await asyncio.sleep(0.1)
    lags.clear()
    await asyncio.to_thread(work)
    await asyncio.sleep(2 * _TICK)
    ticking.cancel()
    return max(lags) * 1000


async def _unchanged(database: Database, url: str, folder: Path) -> float:
    """The milliseconds of CPU of a poll that is answered 304, the median of many."""
    with database.write() as connection:
        row = feed_states.lock(connection, FEED)
        feed_states.record_good(connection, row, at=FIRST, outcome="baseline", etag='"1"')
    agent = default_user_agent("0", "https://example.org")
    spent = []
    async with Fetcher(user_agent=agent, spool=folder) as fetcher:
        watched = {FEED: Watched(by_id(FEED), url, GUARD)}
        poller = Poller(database, Archive(folder), fetcher, SystemClock(), watched, folder)
        for _ in range(_POLLS):
            begun = time.process_time()
            outcome = await poller.poll(FEED)
            spent.append(time.process_time() - begun)
            assert outcome.result == "unchanged", outcome
    return statistics.median(spent[1:]) * 1000


@contextmanager
def never_modified() -> Iterator[str]:
    """The URL of a server on loopback that answers everything with 304."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _NotModified)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/SDN.XML"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


class _NotModified(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.send_response(304)
        self.send_header("ETag", '"1"')
        self.send_header("Date", f"{datetime.now(UTC):%a, %d %b %Y %H:%M:%S} GMT")
        self.end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    main()
