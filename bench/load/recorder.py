"""What the connections of one measurement share: when to make calls, and how those ended."""

from __future__ import annotations

import asyncio
from collections import deque
from dataclasses import dataclass
from time import perf_counter
from typing import Protocol

from bench.errors import BenchError


class Load(Protocol):
    """A connection that makes calls: an asyncio.Protocol with one method more."""

    def poke(self) -> None:
        """Make calls, if some are due."""
        ...


@dataclass(frozen=True)
class Answer:
    """A good answer.

    Attributes:
        body: Its body.
        wire_bytes: How long it is, over HTTP/1.1 with its headers.
    """

    body: bytes
    wire_bytes: int


class Recorder:
    """Lets each connection make one call after the other, and collects how long they took.

    Attributes:
        latencies: Seconds, one for each call that was answered well. Emptied when the warm-up is over.
        sending: Whether calls are to be made.
        first: The first good answer.
        failed: Set by the first failure.
    """

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.latencies: list[float] = []
        self.sending = True
        self.first: asyncio.Future[Answer] = loop.create_future()
        self.failed: asyncio.Future[str] = loop.create_future()

    def take(self) -> float | None:
        """Return when the next call is to be made, if that is now or was before; else None."""
        return perf_counter() if self.sending else None

    def ended(self, due: float | None, answer: Answer) -> None:
        """Note a call that was answered well, and when it was to be made."""
        if due is not None:
            self.latencies.append(perf_counter() - due)
        if not self.first.done():
            self.first.set_result(answer)

    def fail(self, text: str) -> None:
        """End the measurement, unless it is over anyway."""
        if self.sending and not self.failed.done():
            self.sending = False
            self.failed.set_result(text)

    async def run(self, seconds: float) -> None:
        """Let calls be made for a while.

        Raises:
            BenchError: One of them failed.
        """
        await asyncio.wait([self.failed], timeout=seconds)
        if self.failed.done():
            raise BenchError(self.failed.result())


class PacedRecorder(Recorder):
    """Has calls made at a fixed rate, whether or not earlier ones have ended.

    A call that finds no idle connection waits, and the wait counts: a server cannot hide that it stalled.
    It watches the clock without a break, as the timers of an event loop tick in milliseconds.
    """

    def __init__(self, rate: float) -> None:
        super().__init__()
        self._interval = 1 / rate
        self._next = perf_counter()
        self._due: deque[float] = deque()
        self._connections: deque[Load] = deque()

    def start(self, connections: list[Load]) -> None:
        """Begin, with all connections open."""
        self._connections.extend(connections)
        self._next = perf_counter()
        self._tick()

    def take(self) -> float | None:
        """Return when the call that has waited longest was to be made."""
        return self._due.popleft() if self._due and self.sending else None

    def _tick(self) -> None:
        if not self.sending:
            return
        now = perf_counter()
        while self._next <= now:
            self._due.append(self._next)
            self._next += self._interval
        for _ in range(len(self._connections)):
            if not self._due:
                break
            self._connections[0].poke()
            self._connections.rotate(-1)
        asyncio.get_running_loop().call_soon(self._tick)
