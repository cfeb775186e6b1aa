"""A worker as its supervisor sees it: a process, and the channel to it."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from triptych.workers.channel import Channel

_METRICS_SECONDS: Final = 1.0


class WorkerProcess:
    """A worker that was started.

    Attributes:
        number: Its id among all workers.
        serving: Whether it takes calls, or did until it ended.
        why: Why it could not begin; empty if it told nothing.
        metrics: What it has told of its metrics last.
    """

    def __init__(self, number: int, process: asyncio.subprocess.Process, channel: Channel) -> None:
        self.number = number
        self.serving = False
        self.why = ""
        self.metrics = b""
        self._process = process
        self._channel = channel
        self._told: asyncio.Future[None] | None = None

    @classmethod
    async def start(cls, number: int, lock: int, settings: str, most_connections: int) -> WorkerProcess:
        """Start a fresh process, with a session of its own: a Ctrl-C on the terminal is for the supervisor.

        Args:
            number: The id of the worker.
            lock: The descriptor of the file that is locked to write to the log.
            settings: What to serve, as text. It may have a password, so it is neither an argument nor in a
                variable.
            most_connections: The most connections that each port of this worker has at a time.
        """
        ours, its = socket.socketpair()
        with its:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                "-P",
                "-m",
                "triptych.workers.worker",
                str(number),
                str(its.fileno()),
                str(lock),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                pass_fds=(its.fileno(), lock),
                start_new_session=True,
            )
        worker = cls(number, process, await Channel.open(ours))
        worker._channel.send("serve", settings=settings, most_connections=most_connections)
        return worker

    @property
    def pid(self) -> int:
        """The id of the process."""
        return self._process.pid

    def send(self, kind: str, **values: object) -> None:
        """Tell it something."""
        self._channel.send(kind, **values)

    async def run(self, on_serving: Callable[[], None], on_ask: Callable[[], None]) -> int:
        """Hear what it tells until it ends; return its exit code, or a signal's number, negative.

        Args:
            on_serving: Called when it takes calls.
            on_ask: Called when it asks for the metrics of all.
        """
        while message := await self._channel.receive():
            match message["kind"]:
                case "serving":
                    self.serving = True
                    on_serving()
                case "failed":
                    self.why = message["why"]
                case "ask for metrics":
                    on_ask()
                case "metrics":
                    self.metrics = message["text"].encode()
                    if self._told is not None and not self._told.done():
                        self._told.set_result(None)
        self._channel.close()
        return await self._process.wait()

    async def tell_metrics(self) -> bytes:
        """Return its metrics: those that it has told last, if it does not answer within a second."""
        if self._told is None or self._told.done():
            self._told = asyncio.get_running_loop().create_future()
            self._channel.send("tell metrics")
        with suppress(TimeoutError):
            async with asyncio.timeout(_METRICS_SECONDS):
                await asyncio.shield(self._told)
        return self.metrics
