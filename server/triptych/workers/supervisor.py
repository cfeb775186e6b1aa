"""The process that was started, with several workers: loads the data, keeps them running, ends them."""

from __future__ import annotations

import asyncio
import logging
import signal
import socket
from contextlib import suppress
from dataclasses import replace
from functools import partial
from math import ceil

from triptych.app.first_start import FirstStart
from triptych.app.handed_on import to_text
from triptych.app.lifecycle import Application
from triptych.config import Settings
from triptych.observability.logs import CallLogger
from triptych.transport.sockets import ListenError, bracketed, reserve
from triptych.workers.process import WorkerProcess
from triptych.workers.restarts import Restarts
from triptych.workers.totals import Totals

_logger = logging.getLogger("triptych")


class Supervisor:
    """A server of several processes.

    Attributes:
        http_port: The port of REST, Connect and gRPC-Web, once started.
        grpc_port: The port of gRPC, once started.

    Args:
        settings: What to serve, and how many workers do.
        call_logger: What was made for the log of this process.
        lock: The descriptor of the file that is locked to write to the log.
        most_connections: The most connections that each port of each worker has at a time.
    """

    def __init__(self, settings: Settings, call_logger: CallLogger, lock: int, most_connections: int) -> None:
        self._settings = settings
        self._call_logger = call_logger
        self._lock = lock
        self._most_connections = most_connections
        self._running: dict[int, WorkerProcess] = {}
        self._restarts = [Restarts() for _ in range(settings.workers)]
        self._totals = Totals()
        self._keeping: list[asyncio.Task[None]] = []
        self._summing: asyncio.Task[None] | None = None
        self._reserved: list[socket.socket] = []
        self._stopping = asyncio.Event()
        self.http_port = settings.http_port
        self.grpc_port = settings.grpc_port

    async def start(self) -> FirstStart:
        """Load the data, and start the workers; return once all of them take calls.

        Raises:
            SeedError: The seed file cannot be used; nothing is loaded.
            StoreError: The store cannot be used.
            ListenError: A port cannot be opened, or a worker cannot begin; none is left.
        """
        settings = self._settings
        self.http_port = self._reserve("HTTP", settings.http_host, settings.http_port)
        self.grpc_port = self._reserve("gRPC", settings.grpc_host, settings.grpc_port)
        # Closed again before there are workers: a SQLite file does not go from one process to another.
        loader = Application(settings, self._call_logger)
        first = await loader.load()
        await loader.finish(0)
        self._text = to_text(_share(settings, self.http_port, self.grpc_port))
        self._all_serve: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._keeping = [asyncio.create_task(self._keep(1 + each)) for each in range(settings.workers)]
        try:
            await self._all_serve
        except ListenError:
            await self.stop()
            raise
        return first

    async def stop(self) -> None:
        """Have all workers stop at the same time, as a server does by itself, and wait for their end."""
        self._stopping.set()
        for worker in self._running.values():
            worker.send("stop")
        await asyncio.gather(*self._keeping)
        for each in self._reserved:
            each.close()

    def _reserve(self, what: str, host: str, port: int) -> int:
        try:
            reserved = reserve(host, port)
        except OSError as error:
            where = f"{bracketed(host)}:{port}"
            raise ListenError(f"cannot serve {what} on {where}: {error.strerror or error}") from error
        self._reserved += reserved
        found: int = reserved[0].getsockname()[1]
        return found

    async def _keep(self, number: int) -> None:
        """Have a worker running until it is time to stop."""
        loop = asyncio.get_running_loop()
        while not self._stopping.is_set():
            begun = loop.time()
            why = await self._run_once(number)
            if self._stopping.is_set():
                return
            if not self._all_serve.done():
                # What keeps one from serving, as a port or a file, is for people to mend.
                self._all_serve.set_exception(ListenError(why))
                return
            pause = self._restarts[number - 1].pause(loop.time() - begun)
            when = f" in {pause:g} s" if pause else ""
            _logger.warning("%s; worker %d is started again%s", why, number, when)
            with suppress(TimeoutError):
                async with asyncio.timeout(pause):
                    await self._stopping.wait()

    async def _run_once(self, number: int) -> str:
        """Run a worker until it ends; return why it has, as a sentence."""
        try:
            worker = await WorkerProcess.start(number, self._lock, self._text, self._most_connections)
        except OSError as error:
            return f"worker {number} cannot be started: {error.strerror}"
        self._running[number] = worker
        if self._stopping.is_set():
            worker.send("stop")
        code = await worker.run(partial(self._note_serving, worker), self._answer)
        del self._running[number]
        if worker.metrics:
            self._totals.keep(worker.metrics)
        self._tell_workers()
        why = worker.why or f"worker {number} has ended{_how(code)}"
        if self._stopping.is_set() and code and not worker.why:
            _logger.error("%s", why)
        return why

    def _note_serving(self, worker: WorkerProcess) -> None:
        _logger.info("worker %d (process %d) serves", worker.number, worker.pid)
        self._tell_workers()
        serving = [each for each in self._running.values() if each.serving]
        if len(serving) == self._settings.workers and not self._all_serve.done():
            self._all_serve.set_result(None)

    def _tell_workers(self) -> None:
        """Tell the workers how many of them serve."""
        serving = sum(each.serving for each in self._running.values())
        for each in self._running.values():
            each.send("workers", serving=serving)

    def _answer(self) -> None:
        """Send the metrics of all to all, soon: who did not ask keeps quiet about them."""
        if self._summing is None or self._summing.done():
            self._summing = asyncio.create_task(self._sum())

    async def _sum(self) -> None:
        await asyncio.gather(*(each.tell_metrics() for each in self._running.values() if each.serving))
        # Together, as each count is either of a worker that runs or of one that has ended.
        totals = self._totals.copy()
        told = {each.number: each.metrics for each in self._running.values() if each.serving}
        restarts = sum(each.count for each in self._restarts)
        text = await asyncio.to_thread(totals.exposition, told, restarts)
        for each in self._running.values():
            each.send("metrics", text=text.decode())


def _share(settings: Settings, http_port: int, grpc_port: int) -> Settings:
    """Return what one of the workers is to serve."""
    return replace(
        settings,
        http_port=http_port,
        grpc_port=grpc_port,
        token=None,
        seed=None,
        max_concurrency=ceil(settings.max_concurrency / settings.workers),
        max_in_flight=ceil(settings.max_in_flight / settings.workers),
    )


def _how(code: int) -> str:
    """Return how a process has ended, as the rest of a sentence."""
    if code < 0:
        return f" by {signal.Signals(-code).name}"
    return f" with code {code}" if code else ""
