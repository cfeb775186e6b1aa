"""Load from Python: one checked call, many at a fixed rate, and as many as a server takes."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Protocol, cast

from bench.errors import BenchError, TooSlowError
from bench.load.recorder import Answer, Load, PacedRecorder, Recorder
from bench.processes import HOST, Port, Server

_WARM_UP_SECONDS = 0.1
_ANSWER_SECONDS = 10
_REST_SECONDS = 0.05


class Request(Protocol):
    """A call that can be made over and over."""

    def protocols(self, connections: int, recorder: Recorder) -> list[Load]:
        """Return what makes it on each connection."""
        ...


@dataclass(frozen=True)
class Throughput:
    """How many calls a server answers while each connection has one under way.

    Attributes:
        calls: How many were answered, the warm-up included.
        calls_per_second: How many were answered a second.
        server_us: The processor time of the server for each call.
        server_busy: The share of a core that the server took: far below 1, something else had its core.
        load_busy: The share of a core that the load took: near 1, it is the load that was measured.
    """

    calls: int
    calls_per_second: float
    server_us: float
    server_busy: float
    load_busy: float


@dataclass(frozen=True)
class Latency:
    """How long calls take that come at a fixed rate, from when they were to be made.

    Attributes:
        calls: How many were answered.
        p50_ms: How long half of them took at most.
        p99_ms: How long all but a hundredth took at most.
    """

    calls: int
    p50_ms: float
    p99_ms: float


async def ask(request: Request, port: int) -> Answer:
    """Make a call and return the answer.

    Raises:
        BenchError: It is no good answer.
    """
    recorder = Recorder()
    async with _connected(request, port, 1, recorder):
        outcomes: list[asyncio.Future[Answer] | asyncio.Future[str]] = [recorder.first, recorder.failed]
        await asyncio.wait(outcomes, timeout=_ANSWER_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if recorder.first.done():
            return recorder.first.result()
        raise BenchError(recorder.failed.result() if recorder.failed.done() else "no answer")


async def saturate(
    request: Request,
    server: Server,
    kind: Port,
    seconds: float,
    connections: int,
    around: tuple[Callable[[], None], Callable[[], None]] = (lambda: None, lambda: None),
) -> Throughput:
    """Make as many calls as the server takes for some seconds.

    Args:
        request: The call.
        server: Whom to call.
        kind: On which of its ports.
        seconds: For how long, after a short warm-up.
        connections: How many calls are under way at any time.
        around: What to do when the warm-up is over, and at the end.

    Raises:
        BenchError: A call failed.
        TooSlowError: There was no answer.
    """
    recorder = Recorder()
    async with _connected(request, server.port(kind), connections, recorder):
        await recorder.run(_WARM_UP_SECONDS)
        warm_up = len(recorder.latencies)
        recorder.latencies.clear()
        around[0]()
        began, load, used = time.perf_counter(), time.process_time(), server.cpu_seconds()
        await recorder.run(seconds)
        elapsed = time.perf_counter() - began
        load, used = time.process_time() - load, server.cpu_seconds() - used
        count = len(recorder.latencies)
        around[1]()
        recorder.sending = False
        await asyncio.sleep(_REST_SECONDS)
    if not count:
        raise TooSlowError(f"no answer within {seconds} s")
    return Throughput(warm_up + count, count / elapsed, used / count * 1e6, used / elapsed, load / elapsed)


async def pace(request: Request, port: int, seconds: float, connections: int, rate: float) -> Latency:
    """Make calls at a fixed rate for some seconds.

    Args:
        request: The call.
        port: Where the server listens.
        seconds: For how long, after a short warm-up.
        connections: How many calls may be under way at a time.
        rate: Calls a second.

    Raises:
        BenchError: A call failed.
        TooSlowError: There was no answer.
    """
    recorder = PacedRecorder(rate)
    gc.disable()
    try:
        async with _connected(request, port, connections, recorder) as protocols:
            recorder.start(protocols)
            await recorder.run(_WARM_UP_SECONDS)
            warm_up = len(recorder.latencies)
            recorder.latencies.clear()
            await recorder.run(seconds)
            recorder.sending = False
            latencies = sorted(recorder.latencies)
            await asyncio.sleep(_REST_SECONDS)
    finally:
        gc.enable()
    if not latencies:
        raise TooSlowError(f"no answer within {seconds} s")
    p50, p99 = latencies[len(latencies) // 2], latencies[len(latencies) * 99 // 100]
    return Latency(warm_up + len(latencies), p50 * 1e3, p99 * 1e3)


@asynccontextmanager
async def _connected(
    request: Request, port: int, connections: int, recorder: Recorder
) -> AsyncIterator[list[Load]]:
    loop = asyncio.get_running_loop()
    transports = []
    try:
        protocols = request.protocols(connections, recorder)
        for protocol in protocols:
            made = partial(_itself, cast("asyncio.Protocol", protocol))
            transport, _ = await loop.create_connection(made, HOST, port)
            transports.append(transport)
        yield protocols
    finally:
        recorder.sending = False
        for transport in transports:
            transport.abort()


def _itself(protocol: asyncio.Protocol) -> asyncio.Protocol:
    return protocol
