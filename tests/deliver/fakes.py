"""A clock that a test moves, a channel that a test answers for, and a message to send."""

import asyncio
from collections import deque
from datetime import UTC, datetime, timedelta
from typing import Any

from monitor.core.channel import ChannelProfile, Outgoing
from monitor.core.outcome import Accepted, Outcome

NOW = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


class FakeClock:
    """Stands still until moved; who sleeps is woken when its time has come."""

    def __init__(self, now: datetime = NOW) -> None:
        self._now = now
        self._sleepers: list[tuple[datetime, asyncio.Event]] = []

    def now(self) -> datetime:
        return self._now

    async def sleep(self, seconds: float) -> None:
        due = asyncio.Event()
        self._sleepers.append((self._now + timedelta(seconds=seconds), due))
        await due.wait()

    def move(self, span: timedelta) -> None:
        self._now += span
        for when, due in self._sleepers:
            if when <= self._now:
                due.set()


class FakeChannel:
    """Answers with what the test says, in order; then it accepts. ``block`` holds every send until it is set."""

    def __init__(self, name: str, *answers: Outcome | Exception) -> None:
        self.name = name
        self.profile = ChannelProfile(name, "apprise", "text", None, None, ("",))
        self.answers = deque(answers)
        self.sent: list[Outgoing] = []
        self.block: asyncio.Event | None = None
        self.closed = False

    async def send(self, outgoing: Outgoing) -> Outcome:
        self.sent.append(outgoing)
        if self.block is not None:
            await self.block.wait()
        answer = self.answers.popleft() if self.answers else Accepted("thank you")
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def close(self) -> None:
        self.closed = True


def an_outgoing(**given: Any) -> Outgoing:
    """A message in which only what the test is about is said."""
    values: dict[str, Any] = {
        "delivery_id": 1,
        "alert_id": "abcdefghijklmnopqrstuvwxyz",
        "recipient": "",
        "part": 1,
        "parts": 1,
        "subject": "OFAC: 16 designated",
        "text": "OFAC: 16 designated\n\nIndividuals: CHOE, Chol Ryong",
        "html": None,
        "wire": '{"specversion":"1.0","id":"abc"}',
        "attempt": 1,
        "created_at": NOW,
        "severity": "high",
        "may_be_repeat": False,
    }
    return Outgoing(**{**values, **given})
