"""Triptych serving the suite's rules: its table, pipeline, router and REST transport around an echo.

    python -m conformance.rest.server [PORT [DIALECT]]

In the dialect of documents, the enums of the suite are spelled as its .proto file has them.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, Final, get_args

from protobuf import Message, Registry
from protobuf.wkt import FileDescriptorSet

from conformance.rest import schema
from triptych.observability.logs import CallLogger
from triptych.observability.metrics import Metrics
from triptych.rpc.call import Call
from triptych.rpc.deadline import Deadline
from triptych.rpc.interceptors import CatchUnexpected, Observe
from triptych.rpc.methods import RestDialect, ServiceBinding, method_table
from triptych.rpc.pipeline import Pipeline
from triptych.rpc.shares import Places
from triptych.rpc.validation import RequestValidator
from triptych.transport.connect.calls import ConnectCalls
from triptych.transport.http.application import HttpApplication
from triptych.transport.http.asgi import AsgiApplication
from triptych.transport.http.cors import Cors
from triptych.transport.http.files import FileServer
from triptych.transport.http.probes import Probes
from triptych.transport.http1.listener import HttpListener
from triptych.transport.rest.build import http_router
from triptych.transport.rest.calls import RestCalls
from triptych.transport.rest.dialect import Dialect, documents, protojson

_ENUMS: Final = ("triptych.transcoding.v1.Colour",)
_MAX_MESSAGE: Final = 4 * 1024 * 1024
_MAX_CONCURRENCY: Final = 100
_MAX_IN_FLIGHT: Final = 64 * 1024 * 1024
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


def application(dialect: RestDialect) -> AsgiApplication:
    """Return the ASGI application of a server that has the suite's rules only."""
    registry = FileDescriptorSet.from_binary(schema.descriptor_set()).to_registry()
    service = registry.service(schema.SERVICE)
    if service is None:
        raise LookupError(schema.SERVICE)
    echo = Echo(registry)
    binding = ServiceBinding(desc=service, implementation=echo, needs_token=False, rest_dialect=dialect)
    table = method_table([binding])
    validator = RequestValidator()
    silent = CallLogger(io.StringIO(), text=False, level=logging.CRITICAL)
    places = Places(_MAX_CONCURRENCY, _MAX_IN_FLIGHT)
    pipeline = Pipeline(
        [
            Observe(silent, Metrics(table.values())),
            CatchUnexpected(),
            Deadline(),
        ],
        [validator.validate],
        places,
    )
    dialects: dict[RestDialect, Dialect]
    dialects = {"protojson": protojson(registry), "documents": documents(_ENUMS, registry, "/v1/")}
    rest = RestCalls(http_router(table, [binding], dialects), pipeline, _MAX_MESSAGE, _MAX_MESSAGE)
    connect = ConnectCalls(table, pipeline, _MAX_MESSAGE)
    return AsgiApplication(
        HttpApplication(connect, rest, Probes(lambda: True, bytes), FileServer({}), Cors((), loopback=False)),
        places.in_flight,
    )


@asynccontextmanager
async def running(port: int = 0, dialect: RestDialect = "documents") -> AsyncIterator[str]:
    """Serve on the loopback address until the end of the block, and give the base URL."""
    listener = HttpListener("127.0.0.1", port, None, keep_alive=75)
    listener.bind()
    await listener.start(application(dialect))
    try:
        yield f"http://127.0.0.1:{listener.port}"
    finally:
        await listener.stop(_GRACE_SECONDS)


def _message(registry: Registry, name: str) -> Any:
    found = registry.message(f"triptych.transcoding.v1.{name}")
    if found is None:
        raise LookupError(name)
    return found.type


async def _main(port: int, dialect: RestDialect) -> None:
    async with running(port, dialect) as url:
        print(url, flush=True)
        await asyncio.Event().wait()


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m conformance.rest.server")
    parser.add_argument("port", nargs="?", type=int, default=0)
    parser.add_argument("dialect", nargs="?", choices=get_args(RestDialect), default="documents")
    arguments = parser.parse_args()
    asyncio.run(_main(arguments.port, arguments.dialect))
