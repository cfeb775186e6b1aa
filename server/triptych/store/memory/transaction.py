"""The life of a transaction: acquire, use, commit or undo, release."""

from __future__ import annotations

from asyncio import current_task
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Self

from triptych.store.errors import ReadOnlyError
from triptych.store.memory.lock import ReadWriteLock


class UnitOfWork:
    """What the tables of one transaction share: may they be used, and how to undo what they did.

    Changes are made in place, under the writer's lock, and each leaves an entry in the undo log.

    Attributes:
        lock: What lets one writer or many readers in.
        open: Whether the transaction may be used.
    """

    __slots__ = ("_task", "_undo", "_writes", "lock", "open")

    def __init__(self, lock: ReadWriteLock, writes: bool) -> None:
        self.lock = lock
        self._writes = writes
        self.open = False
        self._undo: list[Callable[[], None]] = []

    async def __aenter__(self) -> Self:
        lock = self.lock
        # A call that is stepped without a task has none, and cannot be told from others of its kind.
        self._task = task = current_task()
        if task is not None:
            if task in lock.tasks:
                raise RuntimeError("the task is in a transaction already")
            lock.tasks.add(task)
        if not self._writes and lock.holders >= 0 and (not lock.waiters or lock.scans):
            lock.holders += 1  # as try_acquire would; nearly all transactions take this way
        elif not lock.try_acquire(self._writes):
            try:
                await lock.wait(self._writes)
            except BaseException:
                lock.tasks.discard(task)
                raise
        self.open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if not self.open:
            return
        self.lock.tasks.discard(self._task)
        if not self._writes and not self.lock.waiters:
            self.open = False
            self.lock.holders -= 1
            return
        try:
            self._undo_to(0)
        finally:
            self.open = False
            self.lock.release()

    def commit(self) -> None:
        """Keep the changes and let others see them."""
        self.check_open()
        self.open = False
        self.lock.tasks.discard(self._task)
        self.lock.release()

    @asynccontextmanager
    async def savepoint(self) -> AsyncIterator[None]:
        """Open a part of the transaction that is undone, alone, if an error leaves it; the error goes on."""
        self.check_open()
        kept = len(self._undo)
        try:
            yield
        except BaseException:
            if self.open:
                self._undo_to(kept)
            raise

    def check_open(self) -> None:
        """Raise RuntimeError unless the transaction may be used."""
        if not self.open:
            raise RuntimeError("the transaction is over")

    def undo_log(self) -> list[Callable[[], None]]:
        """Return where a change is to add how it is undone.

        Raises:
            RuntimeError: The transaction is over.
            ReadOnlyError: The transaction is for reading only.
        """
        self.check_open()
        if not self._writes:
            raise ReadOnlyError("the transaction is for reading only")
        return self._undo

    def _undo_to(self, kept: int) -> None:
        while len(self._undo) > kept:
            self._undo.pop()()
