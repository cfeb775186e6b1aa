"""Threads for what would hold up the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

ResultT = TypeVar("ResultT")


class Threads:
    """A few threads.

    Args:
        count: How many.
        name: What they are called.
    """

    def __init__(self, count: int, name: str) -> None:
        self._executor = ThreadPoolExecutor(count, thread_name_prefix=name)

    async def run(self, work: Callable[[], ResultT], interrupt: Callable[[], None] | None = None) -> ResultT:
        """Do something in a thread. It has ended when this returns, even if the task is cancelled.

        Args:
            work: What to do.
            interrupt: Makes it end soon; None if it must come to its own end.

        Raises:
            CancelledError: The task was cancelled meanwhile, and the work was ended before.
        """
        future = asyncio.get_running_loop().run_in_executor(self._executor, work)
        cancelled: asyncio.CancelledError | None = None
        while not future.done():
            try:
                await asyncio.wait([future])
            except asyncio.CancelledError as error:
                cancelled = error
                if interrupt is not None:
                    interrupt()
        if cancelled is not None:
            future.exception()  # it was seen: that of the cancellation goes before it
            raise cancelled
        return future.result()

    def close(self) -> None:
        """Let the threads end."""
        self._executor.shutdown()
