"""What a worker tells its supervisor, and is told by it."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from typing import Final

from triptych.workers.channel import Channel

_ANSWER_SECONDS: Final = 5.0


class Member:
    """A worker among all that serve together.

    Attributes:
        stop: Set when it is time to stop.
        exposition_of_this: Returns the metrics of this worker, once there are some.

    Args:
        channel: The channel to the supervisor.
        workers: How many workers there are to be.
    """

    def __init__(self, channel: Channel, workers: int) -> None:
        self.stop = asyncio.Event()
        self.exposition_of_this: Callable[[], bytes] = bytes
        self._channel = channel
        self._workers = workers
        self._serving = 0
        self._asking: list[asyncio.Future[bytes]] = []
        self._telling: set[asyncio.Task[None]] = set()

    @property
    def ready(self) -> str:
        """How many workers serve, in words for whoever asks whether the server is ready."""
        return f"workers: {self._serving} of {self._workers}"

    async def exposition(self) -> bytes:
        """Return the metrics of all workers; of this one alone if the supervisor does not answer."""
        asking: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._asking.append(asking)
        self._channel.send("ask for metrics")
        try:
            async with asyncio.timeout(_ANSWER_SECONDS):
                return await asking
        except TimeoutError:
            return await asyncio.to_thread(self.exposition_of_this)

    async def listen(self) -> None:
        """Do what the supervisor tells. Without one, stop; end at once if it is gone while this one stops."""
        while message := await self._channel.receive():
            match message["kind"]:
                case "stop":
                    self.stop.set()
                case "workers":
                    self._serving = message["serving"]
                case "tell metrics":
                    task = asyncio.create_task(self._tell())
                    self._telling.add(task)
                    task.add_done_callback(self._telling.discard)
                case "metrics":
                    asking, self._asking = self._asking, []
                    for each in asking:
                        if not each.done():
                            each.set_result(message["text"].encode())
        if self.stop.is_set():
            os._exit(1)
        self.stop.set()

    async def _tell(self) -> None:
        text = await asyncio.to_thread(self.exposition_of_this)
        self._channel.send("metrics", text=text.decode())
