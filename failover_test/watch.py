"""What is seen from outside while a primary is lost: what servers say of themselves, reads, and writes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import httpx

from kill_test.ledger import Ledger, Outcome

_POLL: Final = 0.1
_PATIENCE: Final = 1.0
_OK: Final = 200
_GRACE: Final = 6.0
"""Seconds after which a server must know that it cannot write."""
_EARLY: Final = 3.0  # it may know that it can before a client tries


@dataclass(slots=True)
class Seen:
    """What was seen, each with its instant on the clock of the event loop.

    Attributes:
        ready: What each server said of itself.
        reads: Whether a document could be read.
        writes: When there were acknowledged writes.
    """

    ready: Sequence[list[tuple[float, bool]]]
    reads: list[tuple[float, bool]] = field(default_factory=list)
    writes: list[float] = field(default_factory=list)

    def pause(self) -> tuple[float, float]:
        """Return the longest time without a write: its begin, and its end."""
        return max(pairwise(self.writes), key=lambda pair: pair[1] - pair[0])

    def without_reads(self) -> float:
        """Return the longest time without a read, in seconds."""
        good = [instant for instant, ok in self.reads if ok]
        return max(later - earlier for earlier, later in pairwise(good))

    def not_ready(self) -> Sequence[float]:
        """Return how long each server said that it is not ready, in seconds."""
        return [
            sum(later - earlier for (earlier, ready), (later, _) in pairwise(samples) if not ready)
            for samples in self.ready
        ]

    def lies(self) -> Sequence[str]:
        """Return what servers said that was not so."""
        begin, end = self.pause()
        found = []
        for number, samples in enumerate(self.ready):
            wrong = [at - begin for at, ready in samples if ready and begin + _GRACE < at < end - _EARLY]
            if wrong:
                found.append(f"server {number} said that it is ready {wrong[0]:.1f} s after the last write")
            if not any(ready for at, ready in samples if at > end):
                found.append(f"server {number} did not say that it is ready after writes go on")
        return found


@asynccontextmanager
async def watching(ports: Sequence[int], read: str, token: str, ledger: Ledger) -> AsyncIterator[Seen]:
    """Look until the end of the block.

    Args:
        ports: The HTTP port of each server.
        read: The URL of something that can be read, in front of all servers.
        token: The token to read it with.
        ledger: Counts the acknowledged writes.
    """
    seen = Seen([[] for _ in ports])
    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(trust_env=False, timeout=_PATIENCE, headers=headers) as client:
        looks = [
            _look(client, f"http://127.0.0.1:{port}/readyz", samples)
            for port, samples in zip(ports, seen.ready, strict=True)
        ]
        count = _count(lambda: ledger.counts[Outcome.ACKNOWLEDGED], seen.writes)
        tasks = [asyncio.create_task(each) for each in (*looks, _look(client, read, seen.reads), count)]
        try:
            yield seen
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.wait(tasks)


async def _look(client: httpx.AsyncClient, url: str, samples: list[tuple[float, bool]]) -> None:
    loop = asyncio.get_running_loop()
    while True:
        at = loop.time()
        try:
            ok = (await client.get(url)).status_code == _OK
        except httpx.HTTPError:
            ok = False
        samples.append((at, ok))
        await asyncio.sleep(_POLL)


async def _count(acknowledged: Callable[[], int], instants: list[float]) -> None:
    loop = asyncio.get_running_loop()
    last = 0
    while True:
        if (now := acknowledged()) > last:
            last = now
            instants.append(loop.time())
        await asyncio.sleep(_POLL)
