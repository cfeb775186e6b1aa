"""connectrpc's own application, with handlers that return a message that is there already."""

from __future__ import annotations

from typing import Any

from connectrpc.method import IdempotencyLevel, MethodInfo, StreamType
from connectrpc.request import RequestContext
from connectrpc.server import ConnectASGIApplication, Endpoint
from protobuf import Message

from bench.peers.methods import METHODS, message
from bench.peers.serving import serve_http


class Application(ConnectASGIApplication[None]):
    """Serves all services."""

    path = "/"


def endpoint(service: str, name: str, request: type[Message], response: type[Message]) -> Any:
    """Return a method that does nothing."""
    reply = message(name, response)

    async def handle(request: Message, ctx: RequestContext[Any, Any]) -> Message:
        return reply

    info: MethodInfo[Any, Any] = MethodInfo(
        name=name,
        service_name=service,
        input=request,
        output=response,
        idempotency_level=IdempotencyLevel.NO_SIDE_EFFECTS,
        stream_type=StreamType.UNARY,
    )
    return Endpoint.unary(info, handle)


def main() -> None:
    """Serve."""
    endpoints = {f"/{method[0]}/{method[1]}": endpoint(*method) for method in METHODS}
    serve_http(Application(service=None, endpoints=lambda _: endpoints))


if __name__ == "__main__":
    main()
