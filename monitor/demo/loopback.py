"""An HTTP server on this machine alone, and which of its ports are free."""

import socket
from typing import Self

from aiohttp import web

HOST = "127.0.0.1"


def free_port() -> int:
    """A port of loopback that nothing listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        port: int = probe.getsockname()[1]
        return port


class LoopbackServer:
    """Serves an application on a free port of loopback for as long as its block runs. ``url`` has no slash at its end."""

    def __init__(self, app: web.Application) -> None:
        self.url = ""
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1)

    async def __aenter__(self) -> Self:
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, 0).start()
        self.url = f"http://{HOST}:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()
