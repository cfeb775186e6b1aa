"""Connections take turns: what many of them ask for at once leaves room for all else that the loop does.

The loop goes through all connections that have sent something before it looks for anything else, as for what
came on the gRPC port, whose calls need several of its rounds. So connections together have some time in each
round. What is left waits, in order, for the next rounds.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final

ROUND_SECONDS: Final = 0.00025
"""What the connections of a port have of each round of the loop; what goes beyond it is the last in it."""


class Turns:
    """Who may go on in this round, and who waits for another.

    Attributes:
        left: The seconds that are left of this round. Whoever uses some takes them off, and calls `end` if
            there are none left.
        over: Whether there are none left, so that others have to wait.
    """

    __slots__ = ("_loop", "_waiting", "left", "over")

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._waiting: deque[Callable[[], None]] = deque()
        self.left = ROUND_SECONDS
        self.over = False

    def end(self) -> None:
        """Have others wait for the next round."""
        if not self.over:
            self.over = True
            self._loop.call_soon(self._next)

    def wait(self, go_on: Callable[[], None]) -> None:
        """Call a function when it is its turn; only while `over`."""
        self._waiting.append(go_on)

    def _next(self) -> None:
        self.left = ROUND_SECONDS
        self.over = False
        while self._waiting and not self.over:
            self._waiting.popleft()()
        if self._waiting:
            self.end()
