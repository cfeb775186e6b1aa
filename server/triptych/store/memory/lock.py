"""One writer or many readers, in the order in which they came."""

from __future__ import annotations

import asyncio
from collections import deque

_WRITER = -1


class ReadWriteLock:
    """A lock for the tasks of one event loop.

    Whoever comes while another waits queues behind him, so a stream of readers cannot starve a writer. It is
    not reentrant: a task that holds it must not acquire it again, for reading neither.
    """

    __slots__ = ("_holders", "_waiters")

    def __init__(self) -> None:
        self._holders = 0  # how many readers, or _WRITER
        self._waiters: deque[tuple[bool, asyncio.Future[None]]] = deque()

    def try_acquire(self, exclusive: bool) -> bool:
        """Take the lock if that needs no waiting; tell whether it was taken."""
        if self._waiters or (self._holders if exclusive else self._holders == _WRITER):
            return False
        self._holders = _WRITER if exclusive else self._holders + 1
        return True

    async def wait(self, exclusive: bool) -> None:
        """Take the lock when all who came before have had it. Only after `try_acquire` was refused."""
        turn = asyncio.get_running_loop().create_future()
        self._waiters.append((exclusive, turn))
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
        self._holders = 0 if self._holders == _WRITER else self._holders - 1
        if self._waiters:
            self._admit_waiters()

    def _admits(self, exclusive: bool) -> bool:
        return self._holders == 0 if exclusive else self._holders != _WRITER

    def _take(self, exclusive: bool) -> None:
        self._holders = _WRITER if exclusive else self._holders + 1

    def _admit_waiters(self) -> None:
        while self._waiters:
            exclusive, turn = self._waiters[0]
            if not turn.done():
                if not self._admits(exclusive):
                    return
                self._take(exclusive)
                turn.set_result(None)
            self._waiters.popleft()
