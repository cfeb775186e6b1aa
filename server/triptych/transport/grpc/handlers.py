"""The method table as grpc.aio handlers."""

from __future__ import annotations

import asyncio
import zlib
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Final, TypeAlias

import grpc
from protobuf import Message

from triptych.codec.binary import read_binary, write_binary
from triptych.errors import Code, RpcError, too_large
from triptych.rpc.call import REQUEST_ID_HEADER, Call
from triptych.rpc.methods import Method, unknown_method
from triptych.rpc.pipeline import Pipeline
from triptych.transport.errors import grpc_status

Context: TypeAlias = "grpc.aio.ServicerContext"
Requests = AsyncIterator[bytes]

_STATUS_CODES: Final = {code.value[0]: code for code in grpc.StatusCode}
_STATUS_DETAILS: Final = "grpc-status-details-bin"
# As on the HTTP port: the core counts the headers of each frame by themselves.
_MAX_HEADERS: Final = 64 * 1024
# No message of protobuf begins with it: its first tag would have wire type 7.
_GZIP_MAGIC: Final = b"\x1f\x8b"
_GZIP: Final = 31  # zlib's name for the format


class GrpcHandlers(grpc.GenericRpcHandler):  # type: ignore[misc] # grpcio ships no types
    """Finds the handler of a path.

    Handlers take bytes and give bytes: what grpcio's own deserializers raise would reach the client. Unary
    and server-streaming methods are served as streams of requests, or grpcio would hang on a call without a
    request message and accept one with two.
    """

    def __init__(self, table: Mapping[str, Method], pipeline: Pipeline, max_message: int) -> None:
        self._pipeline = pipeline
        self._max_message = max_message
        self._handlers = {path: self._handler(method) for path, method in table.items()}

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        """Return the handler of the path that is called; for an unknown one, a handler that says so."""
        return self._handlers.get(details.method) or self._handler(unknown_method(details.method))

    def _handler(self, method: Method) -> grpc.RpcMethodHandler:
        if method.kind in ("unary", "client_streaming"):
            return grpc.stream_unary_rpc_method_handler(self._one_response(method))
        return grpc.stream_stream_rpc_method_handler(self._many_responses(method))

    def _one_response(self, method: Method) -> Callable[[Requests, Context], Awaitable[bytes]]:
        pipeline, limit = self._pipeline, self._max_message

        async def handle(requests: Requests, context: Context) -> bytes:
            call = _call(method, context)
            try:
                await pipeline.start(call)
                if method.kind == "unary":
                    response = await pipeline.unary(call, await _only_request(call, context, limit))
                else:
                    response = await pipeline.client_streaming(call, _requests(call, requests, limit))
                reply = write_binary(response)
                call.response_bytes = len(reply)
                await _send_headers(call, context)
            except BaseException as error:
                await _abort(pipeline, call, context, error)
                raise
            pipeline.finish(call, None)
            context.set_trailing_metadata(_trailers(call))
            return reply

        return handle

    def _many_responses(self, method: Method) -> Callable[[Requests, Context], AsyncIterator[bytes]]:
        pipeline, limit = self._pipeline, self._max_message

        async def handle(requests: Requests, context: Context) -> AsyncIterator[bytes]:
            call = _call(method, context)
            begun = False
            try:
                await pipeline.start(call)
                if method.kind == "server_streaming":
                    responses = pipeline.server_streaming(call, await _only_request(call, context, limit))
                else:
                    responses = pipeline.bidi_streaming(call, _requests(call, requests, limit))
                async for response in responses:
                    if not begun:
                        begun = True
                        await _send_headers(call, context)
                    reply = write_binary(response)
                    call.response_bytes += len(reply)
                    if call.compress_response is False:
                        context.disable_next_message_compression()
                    yield reply
                if not begun:
                    begun = True
                    await _send_headers(call, context)
            except BaseException as error:
                await _abort(pipeline, call, context, error, begun=begun)
                raise
            pipeline.finish(call, None)
            context.set_trailing_metadata(_trailers(call))

        return handle


def _call(method: Method, context: Context) -> Call:
    remaining = context.time_remaining()
    deadline = None if remaining is None else asyncio.get_running_loop().time() + remaining
    metadata = context.invocation_metadata() or ()
    headers = [
        (key, value if isinstance(value, str) else b64encode(value).rstrip(b"=").decode())
        for key, value in metadata
    ]
    refusal = None
    size = 0
    for key, value in headers:
        size += len(key) + len(value)
        if not (value.isascii() and value.isprintable()):
            refusal = RpcError(
                Code.INVALID_ARGUMENT, f"header {key} is not printable ASCII, as gRPC wants it"
            )
    if size > _MAX_HEADERS:
        refusal = RpcError(Code.RESOURCE_EXHAUSTED, f"the headers are larger than {_MAX_HEADERS} bytes")
    return Call(method, "grpc", headers, peer=context.peer(), deadline=deadline, refusal=refusal)


async def _send_headers(call: Call, context: Context) -> None:
    if call.compress_response:
        context.set_compression(grpc.Compression.Gzip)
    # Not if there is nothing to say: initial metadata of its own costs a call a round trip to the core.
    if call.compress_response or call.response_headers:
        await context.send_initial_metadata([_metadatum(*header) for header in call.response_headers])


def _trailers(call: Call) -> tuple[tuple[str, str | bytes], ...]:
    return (
        (REQUEST_ID_HEADER, call.request_id),
        *(_metadatum(*trailer) for trailer in call.response_trailers),
    )


def _metadatum(name: str, value: str) -> tuple[str, str | bytes]:
    """Return a header as grpcio takes it: it writes the base64 of binary ones itself."""
    return (name, b64decode(value + "==")) if name.endswith("-bin") else (name, value)


async def _abort(
    pipeline: Pipeline, call: Call, context: Context, error: BaseException, *, begun: bool = False
) -> None:
    """End the call with its error; raises grpcio's own error for that, unless nobody listens any more."""
    status = pipeline.finish(call, error)
    if status is None or isinstance(error, asyncio.CancelledError | GeneratorExit):
        return
    if not begun:
        await _send_headers(call, context)
    trailers = _trailers(call)
    if status_details := grpc_status(status, call):
        trailers = (*trailers, (_STATUS_DETAILS, status_details))
    await context.abort(_STATUS_CODES[status.code], status.message, trailers)


async def _only_request(call: Call, context: Context, limit: int) -> Message:
    """Return the one request of a method that takes one.

    Raises:
        RpcError: UNIMPLEMENTED if there is none, or more than one, as gRPC's statuscodes.md says.
    """
    data = await context.read()
    if data is grpc.aio.EOF:
        raise RpcError(
            Code.UNIMPLEMENTED, f"{call.method.path} takes one request message, got none or a part"
        )
    if await context.read() is not grpc.aio.EOF:
        raise RpcError(Code.UNIMPLEMENTED, f"{call.method.path} takes one request message, got more")
    return _read(data, call, limit)


async def _requests(call: Call, requests: Requests, limit: int) -> AsyncIterator[Message]:
    async for data in requests:
        yield _read(data, call, limit)


def _read(data: bytes, call: Call, limit: int) -> Message:
    call.request_compressed = data.startswith(_GZIP_MAGIC)
    if call.request_compressed:
        data = _decompressed(data, limit)
    elif len(data) > limit:
        raise too_large(limit)
    call.request_bytes += len(data)
    return read_binary(data, call.method.input)


def _decompressed(data: bytes, limit: int) -> bytes:
    """Return what gzip compressed.

    Raises:
        RpcError: It is not what gzip writes, or larger than the limit.
    """
    gzip = zlib.decompressobj(_GZIP)
    try:
        plain = gzip.decompress(data, limit + 1)
    except zlib.error:
        raise RpcError(Code.INTERNAL, "the message cannot be decompressed") from None
    if len(plain) > limit:
        raise too_large(limit)
    if not gzip.eof or gzip.unused_data:
        raise RpcError(Code.INTERNAL, "the message cannot be decompressed")
    return plain
