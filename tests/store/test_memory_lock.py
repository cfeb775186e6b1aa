"""The lock of the memory store: who waits for whom."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from store.builders import settle
from triptych.store.memory.lock import ReadWriteLock


class Crowd:
    """Tasks that take the lock, note that they have it, and hold it until they are told."""

    def __init__(self) -> None:
        self.lock = ReadWriteLock()
        self.inside: list[str] = []
        self.tasks: dict[str, asyncio.Task[None]] = {}
        self._leave: dict[str, asyncio.Event] = {}

    async def come(self, *names: str) -> None:
        """Let tasks come, one after the other; those whose name starts with `w` are writers."""
        for name in names:
            self._leave[name] = asyncio.Event()
            self.tasks[name] = asyncio.create_task(self._hold(name))
            await settle()

    async def leave(self, *names: str) -> None:
        for name in names:
            self._leave[name].set()
            await self.tasks[name]
            await settle()

    async def cancel(self, *names: str) -> None:
        for name in names:
            self.tasks[name].cancel()
        await settle()

    async def _hold(self, name: str) -> None:
        exclusive = name.startswith("w")
        if not self.lock.try_acquire(exclusive):
            await self.lock.wait(exclusive)
        self.inside.append(name)
        try:
            await self._leave[name].wait()
        finally:
            self.inside.remove(name)
            self.lock.release()


@pytest.fixture
def crowd() -> Crowd:
    return Crowd()


async def test_readers_share(crowd: Crowd) -> None:
    await crowd.come("r1", "r2", "r3")
    assert crowd.inside == ["r1", "r2", "r3"]
    await crowd.leave("r2", "r1", "r3")


async def test_a_writer_is_alone(crowd: Crowd) -> None:
    await crowd.come("w1", "w2", "r1", "r2", "w3")
    assert crowd.inside == ["w1"]
    await crowd.leave("w1")
    assert crowd.inside == ["w2"]
    await crowd.leave("w2")
    assert crowd.inside == ["r1", "r2"]
    await crowd.leave("r1")
    assert crowd.inside == ["r2"]
    await crowd.leave("r2")
    assert crowd.inside == ["w3"]
    await crowd.leave("w3")


async def test_readers_do_not_overtake_a_writer_that_waits(crowd: Crowd) -> None:
    await crowd.come("r1", "w1", "r2")
    assert crowd.inside == ["r1"]
    await crowd.leave("r1")
    assert crowd.inside == ["w1"]
    await crowd.leave("w1", "r2")


async def test_a_waiting_writer_that_is_cancelled_lets_the_readers_behind_it_in(crowd: Crowd) -> None:
    await crowd.come("r1", "w1", "r2", "r3", "w2")
    await crowd.cancel("w1")
    assert crowd.inside == ["r1", "r2", "r3"]
    await crowd.leave("r1", "r2", "r3", "w2")


async def test_cancelled_waiters_are_passed_over(crowd: Crowd) -> None:
    await crowd.come("w1", "r1", "w2", "r2", "w3")
    await crowd.cancel("w2", "r1")
    assert crowd.inside == ["w1"]
    await crowd.leave("w1")
    assert crowd.inside == ["r2"]
    await crowd.leave("r2", "w3")


@pytest.mark.parametrize("name", ["r1", "w1"])
async def test_a_holder_that_is_cancelled_gives_the_lock_back(crowd: Crowd, name: str) -> None:
    await crowd.come(name, "w2")
    await crowd.cancel(name)
    assert crowd.inside == ["w2"]
    await crowd.leave("w2")


@pytest.mark.parametrize("name", ["r2", "w2"])
@pytest.mark.parametrize("first", ["release", "cancel"])
async def test_a_waiter_cancelled_as_its_turn_comes_passes_it_on(crowd: Crowd, name: str, first: str) -> None:
    assert crowd.lock.try_acquire(True)
    await crowd.come(name, "w3")
    steps: list[Callable[[], object]] = [crowd.lock.release, crowd.tasks[name].cancel]
    for step in steps if first == "release" else reversed(steps):
        step()  # nothing runs between the two
    await settle()
    assert crowd.tasks[name].cancelled()
    assert crowd.inside == ["w3"]
    await crowd.leave("w3")


async def test_the_lock_is_free_in_the_end(crowd: Crowd) -> None:
    await crowd.come("r1", "w1", "r2", "w2", "r3")
    await crowd.cancel("r2", "w1")
    await crowd.leave("r1", "w2", "r3")
    assert crowd.lock.try_acquire(True)
