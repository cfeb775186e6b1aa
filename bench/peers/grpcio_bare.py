"""grpcio's own server on uvloop, set up as generated code does it, with handlers that do nothing."""

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

    async def handle(request: Message, context: Any) -> Message:
        return reply

    return grpc.unary_unary_rpc_method_handler(
        handle, request_deserializer=request.from_binary, response_serializer=response.to_binary
    )


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
