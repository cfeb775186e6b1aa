"""Triptych in this process, behind its own protocol of HTTP/1.1 but without sockets: it can be counted."""

from __future__ import annotations

import asyncio
import gc
import io
import json
import logging
import sys
import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from types import FrameType
from typing import Any, Final

from bench.connection import Transport, connection
from bench.errors import BenchError
from bench.load.http1 import Http1Request, body_of
from bench.seed import PAGE, TOKEN, seed
from bench.workloads import rest_workloads, rpc_workloads
from triptych.app.lifecycle import Application
from triptych.config import Settings
from triptych.observability.logs import CallLogger

CALLS: Final = (
    "connect-json/get",
    "connect-json/list",
    "connect-binary/get",
    "grpc-web/get",
    "rest/get",
    "rest/list",
)
"""The calls that are counted; the last one has four parameters."""
OURS: Final = str(Path(__file__).parent)
"""The folder whose own functions do not count."""

_WARM_UPS: Final = 30
_COUNTS: Final = 7
# Callbacks that a reply leaves behind: the end of a task, and of whoever waits for it.
_TURNS: Final = 4
_LIST_TARGET: Final = (
    f"/v1beta/documents?page_size={PAGE}&access_level=organization&processing_status=ready&sort=-created_at"
)


class InProcess:
    """A server with data, and one open connection to it."""

    def __init__(self, log: CallLogger) -> None:
        self._log = log
        self.requests: dict[str, bytes] = {}

    async def ask(self, request: bytes) -> bytes:
        """Send a request and return the body of its answer.

        Raises:
            BenchError: It is not answered with a status of success.
        """
        transport = self._transport
        transport.start()
        self._protocol.data_received(request)
        await transport.answered
        response = bytes(transport.written)
        if not response.startswith((b"HTTP/1.1 200 ", b"HTTP/1.1 201 ")):
            raise BenchError(f"a bad answer: {response[:1000]!r}")
        return body_of(response) or b""

    async def settle(self) -> None:
        """Let everything end that the last answer has left behind, and write the log."""
        await self._turns(lambda: None)
        self._log.flush()

    async def count(self, request: bytes) -> int:
        """Return how many Python calls it takes to answer a request that was answered before.

        Resumed generators and coroutines count as calls, as `sys.setprofile` has it; functions in C do not.
        """
        for _ in range(_WARM_UPS):
            await self.ask(request)
        return min([await self._count_once(request) for _ in range(_COUNTS)])

    async def _count_once(self, request: bytes) -> int:
        await self.settle()
        calls = 0

        def note(frame: FrameType, event: str, argument: Any) -> None:
            nonlocal calls
            if event == "call" and not frame.f_code.co_filename.startswith(OURS):
                calls += 1

        gc.disable()
        sys.setprofile(note)
        try:
            self._transport.start()
            self._protocol.data_received(request)
            # Nobody waits meanwhile: to resume us would count as well.
            await self._turns(lambda: sys.setprofile(None))
        finally:
            sys.setprofile(None)
            gc.enable()
        return calls

    async def _turns(self, end: Callable[[], None]) -> None:
        """Wait for the answer and for what it leaves behind; call `end` before we are resumed."""
        loop = asyncio.get_running_loop()
        done = loop.create_future()

        def turn(left: int) -> None:
            if left:
                loop.call_soon(turn, left - self._transport.answered.done())
            else:
                end()
                done.set_result(None)

        turn(_TURNS)
        await done

    async def start(self, application: Any) -> None:
        """Connect, and know what to ask."""
        self._transport = Transport()
        self._protocol = connection(application)
        self._protocol.connection_made(self._transport)
        for workload in rpc_workloads() + rest_workloads():
            if workload.name in CALLS and isinstance(workload.request, Http1Request):
                self.requests[workload.name] = workload.request.wire()
        listing = Http1Request(f"GET {_LIST_TARGET}", {"authorization": f"Bearer {TOKEN}"})
        self.requests["rest/list"] = listing.wire()
        for name in ("connect-json/list", "rest/list"):
            found = json.loads(await self.ask(self.requests[name]))
            if len(found.get("projects", found.get("items"))) != PAGE:
                raise BenchError(f"{name}: {found} is no page of {PAGE}")

    def stop(self) -> None:
        """Close the connection."""
        self._protocol.connection_lost(None)


@asynccontextmanager
async def in_process() -> AsyncIterator[InProcess]:
    """Run a server until the end of the block, with everything on."""
    log = CallLogger(io.StringIO(), text=False, level=logging.INFO)
    with tempfile.TemporaryDirectory(prefix="triptych-bench-") as folder:
        file = Path(folder) / "seed.json"
        file.write_text(json.dumps(seed()))
        app = Application(Settings(seed=file), log)
        await app.load()
    application = (await app.open(8080)).http
    server = InProcess(log)
    await server.start(application)
    try:
        yield server
    finally:
        server.stop()
        await app.finish()
