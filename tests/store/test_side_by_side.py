"""Two stores are told and asked the same, at random, and answer the same."""

from __future__ import annotations

import pytest

from store.machine import Machine
from support.stores import NewStore, memory_store

OPERATIONS = 20_000
LONG = 1_000_000
SEEDS = 4


@pytest.mark.parametrize("seed", range(SEEDS))
async def test_every_answer_is_that_of_the_store_in_memory(
    new_store: NewStore, seed: int, request: pytest.FixtureRequest
) -> None:
    operations = LONG if request.config.getoption("--long") else OPERATIONS
    if request.node.callspec.params["new_store"] == "memory":
        operations = 1000  # with itself: the machine is tried
    async with memory_store() as expected, new_store() as store:
        await Machine(seed, expected, store).run(operations // SEEDS)


async def test_the_machine_tells_stores_apart() -> None:
    async with memory_store() as one, memory_store() as other:
        machine = Machine(1, one, other)
        await machine.run(100)
        await other.recount_popularity(0)
        await other.note_uses({})

        class Deaf:
            def __getattr__(self, name: str) -> object:
                return getattr(one, name)

            async def note_views(self, views: object) -> None:
                """Forget the views."""

        deaf = Deaf()
        with pytest.raises(AssertionError, match="says"):
            await Machine(2, other, deaf).run(5000)  # type: ignore[arg-type] # a store by what it answers
