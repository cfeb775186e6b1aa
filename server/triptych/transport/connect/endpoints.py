"""The method table as connectrpc endpoints: Connect and gRPC-Web.

connectrpc reads and writes the frames of the protocols. It hands over the bytes of each message, so that
parsing happens here; its metadata interceptors run the pipeline's own before the body is read.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from connectrpc.errors import ConnectError
from connectrpc.interceptor import MetadataInterceptor
from connectrpc.method import IdempotencyLevel, MethodInfo, StreamType
from connectrpc.request import RequestContext
from connectrpc.server import ConnectASGIApplication, Endpoint
from protobuf import Message

from triptych.rpc.call import Call
from triptych.rpc.methods import Method
from triptych.rpc.pipeline import Pipeline
from triptych.transport.connect.codecs import Codec
from triptych.transport.connect.page_query import override_page
from triptych.transport.errors import connect_error, from_connect_error
from triptych.transport.http.compression import COMPRESSIONS

Context = RequestContext[Any, Any]

_STREAM_TYPES = {
    "unary": StreamType.UNARY,
    "client_streaming": StreamType.CLIENT_STREAM,
    "server_streaming": StreamType.SERVER_STREAM,
    "bidi_streaming": StreamType.BIDI_STREAM,
}


@dataclass(frozen=True, slots=True)
class Exchange:
    """What the endpoints need of the HTTP request that they answer."""

    call: Call
    codec: Codec
    query: str

    def read(self, data: bytes) -> Message:
        """Parse a request message."""
        self.call.request_bytes += len(data)
        request = self.codec.read(bytes(data), self.call.method.input)
        if self.query:
            override_page(request, self.query)
        return request

    def write(self, response: Message) -> bytes:
        """Serialise a response message."""
        data = self.codec.write(response)
        self.call.response_bytes += len(data)
        return data


current_exchange: ContextVar[Exchange] = ContextVar("current_exchange")


class ConnectApplication(ConnectASGIApplication[None]):
    """The ASGI application for the paths of the table. `current_exchange` must be set."""

    path = "/"

    def __init__(self, table: Mapping[str, Method], pipeline: Pipeline, max_message: int) -> None:
        endpoints = {path: _endpoint(method, pipeline) for path, method in table.items()}
        super().__init__(
            service=None,
            endpoints=lambda _: endpoints,
            interceptors=[_Finish(pipeline, max_message), _Start(pipeline)],
            read_max_bytes=max_message,
            compressions=COMPRESSIONS.values(),
            codecs=[_Bytes("proto"), _Bytes("json")],
        )


class _Bytes:
    """Leaves messages as they are on the wire."""

    def __init__(self, name: str) -> None:
        self._name = name

    def name(self) -> str:
        return self._name

    def encode(self, message: bytes) -> bytes:
        return message

    def decode(self, data: bytes | bytearray, message_class: type) -> bytes | bytearray:
        return data


class _Finish(MetadataInterceptor[None]):
    """Ends the call; the first in the list, so that it also sees what `_Start` raises."""

    def __init__(self, pipeline: Pipeline, max_message: int) -> None:
        self._pipeline = pipeline
        self._max_message = max_message

    async def on_start(self, ctx: Context) -> None:
        pass

    async def on_end(self, token: None, ctx: Context, error: Exception | None, /) -> None:
        call = current_exchange.get().call
        if isinstance(error, ConnectError):
            error = from_connect_error(error, self._max_message)
        status = self._pipeline.finish(call, error)
        for name, value in call.response_trailers:
            ctx.response_trailers.add(name, value)
        if status is not None:
            raise connect_error(status, call)


class _Start(MetadataInterceptor[None]):
    """Starts the call, before connectrpc reads the body."""

    def __init__(self, pipeline: Pipeline) -> None:
        self._pipeline = pipeline

    async def on_start(self, ctx: Context) -> None:
        await self._pipeline.start(current_exchange.get().call)


def _endpoint(method: Method, pipeline: Pipeline) -> Any:  # its own union of endpoints is not public
    async def unary(data: bytes, ctx: Context) -> bytes:
        exchange = current_exchange.get()
        response = await pipeline.unary(exchange.call, exchange.read(data))
        return exchange.write(response)

    async def client_streaming(stream: AsyncIterator[bytes], ctx: Context) -> bytes:
        exchange = current_exchange.get()
        response = await pipeline.client_streaming(exchange.call, _requests(exchange, stream))
        return exchange.write(response)

    async def server_streaming(data: bytes, ctx: Context) -> AsyncIterator[bytes]:
        exchange = current_exchange.get()
        async for response in pipeline.server_streaming(exchange.call, exchange.read(data)):
            yield exchange.write(response)

    async def bidi_streaming(stream: AsyncIterator[bytes], ctx: Context) -> AsyncIterator[bytes]:
        exchange = current_exchange.get()
        async for response in pipeline.bidi_streaming(exchange.call, _requests(exchange, stream)):
            yield exchange.write(response)

    info: MethodInfo[Any, Any] = MethodInfo(
        name=method.name,
        service_name=method.service,
        input=method.input,
        output=method.output,
        idempotency_level=(
            IdempotencyLevel.NO_SIDE_EFFECTS if method.no_side_effects else IdempotencyLevel.UNKNOWN
        ),
        stream_type=_STREAM_TYPES[method.kind],
    )
    match method.kind:
        case "unary":
            return Endpoint.unary(info, unary)
        case "client_streaming":
            return Endpoint.client_stream(info, client_streaming)
        case "server_streaming":
            return Endpoint.server_stream(info, server_streaming)
        case "bidi_streaming":
            return Endpoint.bidi_stream(info, bidi_streaming)


async def _requests(exchange: Exchange, stream: AsyncIterator[bytes]) -> AsyncIterator[Message]:
    async for data in stream:
        yield exchange.read(data)
