"""One measurement: many calls of one kind to one server."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Protocol

from bench.errors import BenchError
from bench.load.recorder import Recorder
from bench.processes import HOST, Server

WARM_UP_SECONDS = 0.3
_ANSWER_SECONDS = 10
_REST_SECONDS = 0.1


class Request(Protocol):
    """A call that can be made over and over."""

    def protocols(self, connections: int, recorder: Recorder) -> list[asyncio.Protocol]:
        """Return what makes it on each connection."""
        ...


@dataclass(frozen=True)
class Measurement:
    """What was measured.

    Attributes:
        calls_per_second: How many calls were answered.
        p50_ms: How long half of them took at most.
        p99_ms: How long all but a hundredth took at most.
        server_us: The processor time of the server for each call.
        server_busy: The share of a core that the server used.
        load_busy: The share of a core that the load took: near 1, it is the load that was measured.
        answer_bytes: The size of the body of an answer, before compression of any kind.
    """

    calls_per_second: float
    p50_ms: float
    p99_ms: float
    server_us: float
    server_busy: float
    load_busy: float
    answer_bytes: int


async def ask(request: Request, port: int) -> bytes:
    """Make a call and return the body of the answer.

    Raises:
        BenchError: It is no good answer.
    """
    recorder = Recorder()
    async with _connected(request, port, 1, recorder):
        outcomes: list[asyncio.Future[bytes] | asyncio.Future[str]] = [recorder.first, recorder.failed]
        await asyncio.wait(outcomes, timeout=_ANSWER_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        if recorder.first.done():
            return recorder.first.result()
        raise BenchError(recorder.failed.result() if recorder.failed.done() else "no answer")


async def measure(
    request: Request,
    server: Server,
    port: int,
    seconds: float,
    connections: int,
    around: tuple[Callable[[], None], Callable[[], None]] = (lambda: None, lambda: None),
) -> tuple[Measurement, bytes, int]:
    """Make calls for some seconds; return what came of it, the body of an answer, and how many calls it took.

    Args:
        request: The call.
        server: Whom to call.
        port: And where.
        seconds: For how long, after a short warm-up.
        connections: How many calls are under way at any time.
        around: What to do when the warm-up is over, and at the end.

    Raises:
        BenchError: A call failed.
    """
    recorder = Recorder()
    async with _connected(request, port, connections, recorder):
        await recorder.run(WARM_UP_SECONDS)
        warm_up = len(recorder.latencies)
        recorder.latencies.clear()
        around[0]()
        began, load, used = time.perf_counter(), time.process_time(), server.cpu_seconds()
        await recorder.run(seconds)
        elapsed = time.perf_counter() - began
        load, used = time.process_time() - load, server.cpu_seconds() - used
        latencies = sorted(recorder.latencies)
        around[1]()
        recorder.sending = False
        await asyncio.sleep(_REST_SECONDS)
        if not latencies:
            raise BenchError(f"no answer within {seconds} s")
        body = recorder.first.result()
    result = Measurement(
        calls_per_second=len(latencies) / elapsed,
        p50_ms=latencies[len(latencies) // 2] * 1e3,
        p99_ms=latencies[len(latencies) * 99 // 100] * 1e3,
        server_us=used / len(latencies) * 1e6,
        server_busy=used / elapsed,
        load_busy=load / elapsed,
        answer_bytes=len(body),
    )
    return result, body, warm_up + len(latencies)


@asynccontextmanager
async def _connected(
    request: Request, port: int, connections: int, recorder: Recorder
) -> AsyncIterator[None]:
    loop = asyncio.get_running_loop()
    transports = []
    try:
        for protocol in request.protocols(connections, recorder):
            transport, _ = await loop.create_connection(partial(_itself, protocol), HOST, port)
            transports.append(transport)
        yield
    finally:
        recorder.sending = False
        for transport in transports:
            transport.abort()


def _itself(protocol: asyncio.Protocol) -> asyncio.Protocol:
    return protocol
