import asyncio
import threading
from collections.abc import Sequence

import pytest

from monitor.deliver.together import Together


class Slow:
    """Doubles numbers; a batch waits until it is let go on."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.may_go_on = threading.Event()

    def __call__(self, numbers: Sequence[int]) -> Sequence[int | Exception]:
        self.batches.append(list(numbers))
        self.may_go_on.wait(5)
        return [2 * n if n >= 0 else ValueError(str(n)) for n in numbers]


async def all_asked(together: Together[int, int], *numbers: int) -> list[asyncio.Task[int]]:
    asked = [asyncio.ensure_future(together.ask(number)) for number in numbers]
    await asyncio.sleep(0)
    return asked


async def test_what_is_asked_meanwhile_is_done_at_once_after_it() -> None:
    slow = Slow()
    asked = await all_asked(Together(slow, limit=3), 1, 2, 3, 4, 5)
    slow.may_go_on.set()

    assert await asyncio.gather(*asked) == [2, 4, 6, 8, 10]
    assert [len(batch) for batch in slow.batches] == [3, 2]
    assert [number for batch in slow.batches for number in batch] == [1, 2, 3, 4, 5]


async def test_who_comes_later_does_not_wait_for_more_to_come() -> None:
    slow = Slow()
    slow.may_go_on.set()
    together: Together[int, int] = Together(slow, limit=3)

    assert await together.ask(1) == 2
    assert await together.ask(2) == 4
    assert slow.batches == [[1], [2]]


async def test_what_fails_fails_for_the_one_who_asked_alone() -> None:
    slow = Slow()
    slow.may_go_on.set()
    asked = await all_asked(Together(slow, limit=3), 1, -2, 3)

    first, second, third = await asyncio.gather(*asked, return_exceptions=True)

    assert (first, third) == (2, 6)
    assert isinstance(second, ValueError)


async def test_what_fails_as_a_whole_fails_for_all_and_the_next_is_tried() -> None:
    attempts: list[int] = []

    def perform(numbers: Sequence[int]) -> Sequence[int]:
        attempts.append(len(numbers))
        if len(attempts) == 1:
            raise OSError("the disk is full")
        return numbers

    together: Together[int, int] = Together(perform, limit=10)
    failed = await asyncio.gather(together.ask(1), together.ask(2), return_exceptions=True)

    assert [type(each) for each in failed] == [OSError, OSError]
    assert await together.ask(3) == 3


async def test_who_no_longer_waits_stops_nobody_else() -> None:
    slow = Slow()
    gone, waiting = await all_asked(Together(slow, limit=3), 1, 2)
    gone.cancel()
    slow.may_go_on.set()

    assert await waiting == 4
    with pytest.raises(asyncio.CancelledError):
        await gone
