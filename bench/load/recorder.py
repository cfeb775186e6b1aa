"""What the connections of one measurement share."""

from __future__ import annotations

import asyncio

from bench.errors import BenchError


class Recorder:
    """Collects how long calls took.

    Attributes:
        latencies: Seconds, one for each call that was answered well. Emptied when the warm-up is over.
        sending: Whether an answer is to be followed by the next call.
        first: The body of the first good answer.
        failed: Set by the first failure.
    """

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        self.latencies: list[float] = []
        self.sending = True
        self.first: asyncio.Future[bytes] = loop.create_future()
        self.failed: asyncio.Future[str] = loop.create_future()

    def keep(self, body: bytes) -> None:
        """Keep the body if it is the first one."""
        if not self.first.done():
            self.first.set_result(body)

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
