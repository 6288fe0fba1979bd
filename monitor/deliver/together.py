"""Many small requests to the database, made as few: whatever is asked while one is under way is done together after it.

A commit waits for the disk. Where a hundred channels each have a receipt to record, a hundred commits one after the other take a
second, and four with twenty-five receipts each take none that people notice. Who asks alone is served at once, as without it.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


class Together(Generic[Asked, Answer]):
    """Calls ``perform``, in a thread and never twice at a time, with all that is asked for by then, at most ``limit``.

    ``perform`` returns an answer for each, in order; an exception among them is raised to the one who asked. If it raises, so it
    does to all.
    """

    def __init__(
        self, perform: Callable[[Sequence[Asked]], Sequence[Answer | Exception]], *, limit: int
    ) -> None:
        self._perform = perform
        self._limit = limit
        self._waiting: list[tuple[Asked, asyncio.Future[Answer]]] = []
        self._performing: asyncio.Task[None] | None = None

    async def ask(self, asked: Asked) -> Answer:
        """The answer, once it is there. Who is cancelled meanwhile does not undo what was asked."""
        answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.append((asked, answer))
        if self._performing is None:
            self._performing = asyncio.create_task(self._perform_all(), name="together")
        return await answer

    async def _perform_all(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[: self._limit], self._waiting[self._limit :]
                await self._perform_batch(batch)
        finally:
            self._performing = None

    async def _perform_batch(self, batch: list[tuple[Asked, asyncio.Future[Answer]]]) -> None:
        answers: Sequence[Answer | Exception]
        try:
            answers = await asyncio.to_thread(self._perform, [asked for asked, _ in batch])
        except Exception as error:  # noqa: BLE001 - it is raised to those who asked
            answers = [error] * len(batch)
        for (_, future), answer in zip(batch, answers, strict=True):
            if future.done():
                continue
            if isinstance(answer, Exception):
                future.set_exception(answer)
            else:
                future.set_result(answer)
