"""Lives with kills: nothing is lost, nothing is invented, and every repeat has its first id. ``make faults`` plays more of them."""

import pytest

from tests.faults.run import live
from tests.faults.script import Script, script

SEED = 5


async def nothing_is_wrong(wanted: Script) -> None:
    life, findings, told = await live(wanted)

    assert findings == []
    assert sum(life.kills.values()) == len(wanted.steps)
    assert told.changes, "nothing was told: the life proves nothing"


async def test_three_kills_lose_nothing() -> None:
    await nothing_is_wrong(script(SEED, 0, 3))


@pytest.mark.slow
@pytest.mark.timeout(300)  # half a minute each where the machine has nothing else to do
@pytest.mark.parametrize(
    ("life", "kills"),
    [(1, 13), (2, 13), (3, 12), (4, 12)],
    ids=["file", "small disk", "file again", "postgresql"],
)
async def test_many_kills_lose_nothing(life: int, kills: int) -> None:
    """Fifty between them; the fifth life of each seed is on PostgreSQL."""
    await nothing_is_wrong(script(SEED, life, kills))


def test_a_seed_decides_everything_that_is_done() -> None:
    assert script(7, 3, 20) == script(7, 3, 20)
    assert script(7, 3, 20) != script(8, 3, 20)
