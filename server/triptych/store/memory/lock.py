"""One writer or many readers, in the order in which they came."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Any

_WRITER = -1


class ReadWriteLock:
    """A lock for the tasks of one event loop.

    Whoever comes while another waits queues behind him, so a stream of readers cannot starve a writer. Only
    while a long scan goes on that began before a writer came are readers let past him: he has to wait for it
    anyway. It is not reentrant: a task that holds it must not acquire it again, for reading neither.

    Attributes:
        holders: How many readers hold it, or -1 for a writer.
        scans: How many of the readers scan for long, and did so before a writer came.
        tasks: The tasks that hold it or wait for it.
        waiters: Who waits: whether to write, and what is told when the turn has come.
    """

    __slots__ = ("holders", "scans", "tasks", "waiters")

    def __init__(self) -> None:
        self.holders = 0
        self.scans = 0
        self.tasks: set[asyncio.Task[Any] | None] = set()
        self.waiters: deque[tuple[bool, asyncio.Future[None]]] = deque()

    def try_acquire(self, exclusive: bool) -> bool:
        """Take the lock if that needs no waiting; tell whether it was taken."""
        if exclusive:
            if self.waiters or self.holders:
                return False
        elif self.holders == _WRITER or (self.waiters and not self.scans):
            return False
        self.holders = _WRITER if exclusive else self.holders + 1
        return True

    async def wait(self, exclusive: bool) -> None:
        """Take the lock when all who came before have had it. Only after `try_acquire` was refused."""
        turn = asyncio.get_running_loop().create_future()
        self.waiters.append((exclusive, turn))
        try:
            await turn
        except BaseException:
            if turn.done() and not turn.cancelled():  # the lock was handed over, then the task was cancelled
                self.release()
            else:
                turn.cancel()
                self._admit_waiters()  # who was behind this one may be admitted now
            raise

    def release(self) -> None:
        """Give the lock back."""
        self.holders = 0 if self.holders == _WRITER else self.holders - 1
        if self.waiters:
            self._admit_waiters()

    def _admits(self, exclusive: bool) -> bool:
        return self.holders == 0 if exclusive else self.holders != _WRITER

    def _take(self, exclusive: bool) -> None:
        self.holders = _WRITER if exclusive else self.holders + 1

    def _admit_waiters(self) -> None:
        while self.waiters:
            exclusive, turn = self.waiters[0]
            if not turn.done():
                if not self._admits(exclusive):
                    return
                self._take(exclusive)
                turn.set_result(None)
            self.waiters.popleft()
