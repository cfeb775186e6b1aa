"""The life of a transaction: acquire, use, commit or undo, release."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import Self

from triptych.store.base import ReadOnlyError
from triptych.store.memory.lock import ReadWriteLock


class UnitOfWork:
    """What the tables of one transaction share: may they be used, and how to undo what they did.

    Changes are made in place, under the writer's lock, and each leaves an entry in the undo log.

    Attributes:
        open: Whether the transaction may be used.
    """

    __slots__ = ("_lock", "_undo", "_writes", "open")

    def __init__(self, lock: ReadWriteLock, writes: bool) -> None:
        self._lock = lock
        self._writes = writes
        self.open = False
        self._undo: list[Callable[[], None]] = []

    async def __aenter__(self) -> Self:
        lock = self._lock
        if not self._writes and lock.holders >= 0 and not lock.waiters:
            lock.holders += 1  # as try_acquire would; nearly all transactions take this way
        elif not lock.try_acquire(self._writes):
            await lock.wait(self._writes)
        self.open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if not self.open:
            return
        if not self._writes and not self._lock.waiters:
            self.open = False
            self._lock.holders -= 1
            return
        try:
            while self._undo:
                self._undo.pop()()
        finally:
            self.open = False
            self._lock.release()

    async def commit(self) -> None:
        """Keep the changes and let others see them.

        Raises:
            RuntimeError: The transaction is over.
        """
        self.check_open()
        self.open = False
        self._lock.release()

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
