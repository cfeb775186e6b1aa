"""Threads for what would hold up the event loop."""

from __future__ import annotations

import asyncio
import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

ResultT = TypeVar("ResultT")

_PATIENCE: Final = 10
"""How nice a thread is (setpriority(2)): others get ten times its share."""


class Threads:
    """A few threads.

    Args:
        count: How many.
        name: What they are called.
        patient: Whether they leave the processors to others first, where the system knows threads so well.
    """

    def __init__(self, count: int, name: str, *, patient: bool = False) -> None:
        self._executor = ThreadPoolExecutor(
            count, thread_name_prefix=name, initializer=_be_patient if patient else None
        )

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


def _be_patient() -> None:
    if sys.platform == "linux":  # a process is meant elsewhere
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _PATIENCE)
