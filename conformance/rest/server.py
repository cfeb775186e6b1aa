"""Triptych serving the suite's rules: its table, pipeline, router and REST transport around an echo.

    python -m conformance.rest.server [PORT]

The enums of the suite are spelled as its .proto file has them; all else is the dialect of REST.
"""

from __future__ import annotations

import asyncio
import io
import logging
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Final

from protobuf import Message, Registry
from protobuf.wkt import FileDescriptorSet

from conformance.rest import schema
from triptych.observability.logs import CallLogger
from triptych.observability.metrics import Metrics
from triptych.rpc.call import Call
from triptych.rpc.deadline import Deadline
from triptych.rpc.interceptors import CatchUnexpected, ConcurrencyLimit, Observe
from triptych.rpc.methods import ServiceBinding, method_table
from triptych.rpc.pipeline import Pipeline
from triptych.rpc.validation import RequestValidator
from triptych.transport.http.asgi import AsgiApplication
from triptych.transport.http.messages import Answer, HttpRequest, Response, respond
from triptych.transport.http1.listener import HttpListener
from triptych.transport.rest.build import http_router
from triptych.transport.rest.calls import RestCalls

_ENUMS: Final = ("triptych.transcoding.v1.Colour",)
_MAX_MESSAGE: Final = 4 * 1024 * 1024
_MAX_CONCURRENCY: Final = 100
_GRACE_SECONDS: Final = 1


class Echo:
    """Has every method: each answers with its name and its request."""

    def __init__(self, registry: Registry) -> None:
        self._reply = _message(registry, "Reply")
        self._arrived = _message(registry, "Arrived")

    def __getattr__(self, name: str) -> Callable[[Message, Call], Awaitable[Message]]:
        return self._answer

    async def _answer(self, request: Message, call: Call) -> Message:
        data = request.to_binary()
        arrived = self._arrived(rpc=call.method.name, request=data)
        reply: Message = self._reply(arrived=arrived, list=[arrived], request=data)
        return reply


class Application:
    """REST at every path."""

    def __init__(self) -> None:
        registry = FileDescriptorSet.from_binary(schema.descriptor_set()).to_registry()
        service = registry.service(schema.SERVICE)
        if service is None:
            raise LookupError(schema.SERVICE)
        binding = ServiceBinding(desc=service, implementation=Echo(registry), needs_token=False)
        table = method_table([binding])
        validator = RequestValidator()
        pipeline = Pipeline(
            [
                Observe(
                    CallLogger(io.StringIO(), text=False, level=logging.CRITICAL), Metrics(table.values())
                ),
                CatchUnexpected(),
                ConcurrencyLimit(_MAX_CONCURRENCY),
                Deadline(),
            ],
            [validator.validate],
        )
        router = http_router(table, [service], raw_enums=_ENUMS, registry=registry)
        self._rest = RestCalls(router, pipeline, _MAX_MESSAGE, _MAX_MESSAGE)

    def answer(self, request: HttpRequest) -> Coroutine[Any, Any, Answer]:
        """Return what answers a request."""
        return self._rest.answer(request) or self._rest.refuse(request)

    def stopped(self, request: HttpRequest) -> Response:
        """Return the response to a request that the end of the server cut off."""
        return respond(request, 503, b"text/plain", b"")

    def failed(self, request: HttpRequest, error: Exception) -> Response:
        """Return the response to a request that failed for no reason of its own."""
        raise error


@asynccontextmanager
async def running(port: int = 0) -> AsyncIterator[str]:
    """Serve on the loopback address until the end of the block, and give the base URL."""
    listener = HttpListener("127.0.0.1", port, None)
    listener.bind()
    await listener.start(AsgiApplication(Application()))
    try:
        yield f"http://127.0.0.1:{listener.port}"
    finally:
        await listener.stop(_GRACE_SECONDS)


def _message(registry: Registry, name: str) -> Any:
    found = registry.message(f"triptych.transcoding.v1.{name}")
    if found is None:
        raise LookupError(name)
    return found.type


async def _main(port: int) -> None:
    async with running(port) as url:
        print(url, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(_main(int(sys.argv[1]) if sys.argv[1:] else 0))
