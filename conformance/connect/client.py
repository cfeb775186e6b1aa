"""A conformance client as the Connect suite starts it: triptych_client makes the calls that stdin describes.

Each request and each response is a message behind its size in four bytes. Many calls run at once; responses
are written as the calls end. With --sync the client is the one that waits in its thread.
"""

from __future__ import annotations

import asyncio
import struct
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final

import uvloop
from protobuf import Oneof

from conformance.connect.calls import AsyncCall, SyncCall
from conformance.connect.wires import async_calls, sync_calls
from triptych_api.connectrpc.conformance.v1.client_compat_pb import (
    ClientCompatRequest,
    ClientCompatResponse,
    ClientErrorResult,
    ClientResponseResult,
)

_AT_ONCE: Final = 32
_writing: Final = threading.Lock()


def requests() -> Iterator[ClientCompatRequest]:
    """Read what stdin describes, to its end."""
    while prefix := sys.stdin.buffer.read(4):
        yield ClientCompatRequest.from_binary(sys.stdin.buffer.read(int.from_bytes(prefix, "big")))


def write(request: ClientCompatRequest, outcome: ClientResponseResult | Exception) -> None:
    """Write how a call went, or why it could not be made."""
    result: Oneof[Any, Any] = Oneof("response", outcome)
    if isinstance(outcome, Exception):
        result = Oneof("error", ClientErrorResult(message=repr(outcome)))
    data = ClientCompatResponse(test_name=request.test_name, result=result).to_binary()
    with _writing:
        sys.stdout.buffer.write(struct.pack(">I", len(data)) + data)
        sys.stdout.buffer.flush()


async def run_async() -> None:
    """Make the calls in tasks."""
    at_once = asyncio.Semaphore(_AT_ONCE)

    async def make(request: ClientCompatRequest) -> None:
        try:
            write(request, await AsyncCall(async_calls(request), request).result())
        except Exception as error:
            write(request, error)
        finally:
            at_once.release()

    async with asyncio.TaskGroup() as tasks:
        coming = requests()
        while (request := await asyncio.to_thread(next, coming, None)) is not None:
            await at_once.acquire()
            tasks.create_task(make(request))


def run_sync() -> None:
    """Make the calls in threads."""

    def make(request: ClientCompatRequest) -> None:
        try:
            write(request, SyncCall(sync_calls(request), request).result())
        except Exception as error:
            write(request, error)

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        for request in requests():
            threads.submit(make, request)


if __name__ == "__main__":
    if "--sync" in sys.argv[1:]:
        run_sync()
    else:
        uvloop.run(run_async())
