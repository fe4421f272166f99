"""Work done together: who waits shares a round, and nobody fails for another's fault."""

import asyncio
from collections.abc import Sequence

import pytest
from sqlalchemy.exc import OperationalError

from steppe.kit.batcher import Batcher
from steppe.kit.db import in_list, is_passing


class Shop:
    """Doubles numbers, remembers its rounds, refuses 13, and is closed at 99."""

    def __init__(self) -> None:
        self.rounds: list[list[int]] = []

    async def serve(self, numbers: Sequence[int]) -> list[int]:
        self.rounds.append(list(numbers))
        await asyncio.sleep(0)
        if 13 in numbers:
            raise ValueError("unlucky")
        if 99 in numbers:
            raise OperationalError("BEGIN", {}, Exception("database is locked"))
        return [2 * one for one in numbers]


async def test_all_that_wait_share_a_round_in_the_order_they_came() -> None:
    shop = Shop()
    together = Batcher(shop.serve, most=8)
    answers = await asyncio.gather(*(together.ask(number) for number in range(12)))
    assert answers == [2 * number for number in range(12)]
    assert shop.rounds == [list(range(8)), list(range(8, 12))]
    assert await together.ask(50) == 100


async def test_only_the_one_at_fault_fails() -> None:
    shop = Shop()
    together = Batcher(shop.serve, most=8)
    answers = await asyncio.gather(*(together.ask(number) for number in (1, 13, 3)), return_exceptions=True)
    assert answers[0] == 2
    assert isinstance(answers[1], ValueError)
    assert answers[2] == 6
    assert shop.rounds == [[1, 13, 3], [1], [13], [3]]


async def test_a_failure_that_passes_is_told_to_all_at_once() -> None:
    shop = Shop()
    together = Batcher(shop.serve, most=8)
    answers = await asyncio.gather(*(together.ask(number) for number in (1, 99, 3)), return_exceptions=True)
    assert all(isinstance(answer, OperationalError) and is_passing(answer) for answer in answers)
    assert shop.rounds == [[1, 99, 3]]


async def test_who_stops_waiting_disturbs_nobody() -> None:
    shop = Shop()
    together = Batcher(shop.serve, most=8)
    gone, stays = asyncio.create_task(together.ask(1)), asyncio.create_task(together.ask(2))
    await asyncio.sleep(0)
    gone.cancel()
    assert await stays == 4


@pytest.mark.parametrize(("given", "length"), [(0, 0), (1, 1), (2, 2), (3, 4), (5, 8), (64, 64), (65, 128)])
def test_lists_come_in_few_lengths_and_hold_the_same_values(given: int, length: int) -> None:
    listed = in_list([*range(given), *range(given)])
    assert len(listed) == length
    assert set(listed) == set(range(given))
