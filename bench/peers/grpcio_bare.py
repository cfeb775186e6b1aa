"""grpcio's own server on uvloop, with handlers that do nothing.

It takes unary calls as Triptych has to, as streams of which one message is read and then the end: as
generated code takes them, a call without a message hangs, and one with two is accepted.
"""

from __future__ import annotations

import asyncio
import signal
from typing import Any

import grpc
import uvloop
from protobuf import Message

from bench.peers.methods import METHODS, message
from bench.peers.serving import announce


def handler(name: str, request: type[Message], response: type[Message]) -> grpc.RpcMethodHandler:
    """Return a method that does nothing."""
    reply = message(name, response)

    async def handle(requests: Any, context: Any) -> bytes:
        data = await context.read()
        if await context.read() is not grpc.aio.EOF:
            raise ValueError("more than one message")
        request.from_binary(data)
        return reply.to_binary()

    return grpc.stream_unary_rpc_method_handler(handle)


async def serve() -> None:
    """Serve until SIGTERM."""
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    server = grpc.aio.server(options=[("grpc.so_reuseport", 0)])
    server.add_generic_rpc_handlers(
        tuple(
            grpc.method_handlers_generic_handler(service, {name: handler(name, request, response)})
            for service, name, request, response in METHODS
        )
    )
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    announce(port)
    await stop.wait()
    await server.stop(0)


if __name__ == "__main__":
    uvloop.run(serve())
