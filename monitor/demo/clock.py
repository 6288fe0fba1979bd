"""The clock that the demonstration plays by."""

import asyncio
import time
from datetime import datetime, timedelta


class PlayedClock:
    """A clock that shows ``start`` when it is made and runs on at the speed of the machine's own.

    The watch takes what is dated long before its present for old paper, so an action of the past is played in its own time.
    """

    def __init__(self, start: datetime) -> None:
        self._start = start
        self._made = time.monotonic()

    def now(self) -> datetime:
        """The present moment of the play, aware, in UTC."""
        return self._start + timedelta(seconds=time.monotonic() - self._made)

    async def sleep(self, seconds: float) -> None:
        """Return after that many seconds."""
        await asyncio.sleep(seconds)
