"""A receiver of webhooks on loopback, in a process of its own: ``/prompt/…`` answers at once, ``/slow/…`` as a chat service does,
``/hanging/…`` never.
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web

SLOW = 0.1
"""Seconds that a chat service takes to answer."""


@contextmanager
def running_receiver() -> Iterator[str]:
    """The URL of one that runs for as long as the block."""
    with subprocess.Popen(
        [sys.executable, "-m", "benchmarks.receiver"], stdout=subprocess.PIPE, text=True
    ) as server:
        try:
            assert server.stdout
            yield f"http://127.0.0.1:{int(server.stdout.readline())}"
        finally:
            server.terminate()


async def _serve() -> None:
    application = web.Application(client_max_size=16 * 2**20)
    application.router.add_post("/{speed}/{channel}", _take)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


async def _take(request: web.Request) -> web.Response:
    await request.read()
    match request.match_info["speed"]:
        case "slow":
            await asyncio.sleep(SLOW)
        case "hanging":
            await asyncio.Event().wait()
    return web.Response(status=204)


if __name__ == "__main__":
    asyncio.run(_serve())
