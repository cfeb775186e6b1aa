"""Which tasks are in a transaction: a task in two would wait for itself."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


class Tasks:
    """The tasks that are in a transaction of a store."""

    def __init__(self) -> None:
        self._inside: set[asyncio.Task[Any]] = set()

    def enter(self) -> asyncio.Task[Any] | None:
        """Note that this task enters a transaction; return what leaves it.

        A call that is stepped without a task has none, and cannot be told from others of its kind.

        Raises:
            RuntimeError: It is in one.
        """
        task = asyncio.current_task()
        if task is not None:
            if task in self._inside:
                raise RuntimeError("the task is in a transaction already")
            self._inside.add(task)
        return task

    @contextmanager
    def inside(self) -> Iterator[None]:
        """Have this task in a transaction until the end of the block.

        Raises:
            RuntimeError: It is in one.
        """
        task = self.enter()
        try:
            yield
        finally:
            self.leave(task)

    def leave(self, task: asyncio.Task[Any] | None) -> None:
        """Note that a task left its transaction."""
        if task is not None:
            self._inside.discard(task)
