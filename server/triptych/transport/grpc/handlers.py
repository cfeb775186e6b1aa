"""The method table as grpc.aio handlers."""

from __future__ import annotations

import asyncio
import re
from base64 import b64decode, b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from typing import Final, TypeAlias, TypeVar

import grpc
from protobuf import Message

from triptych.codec.binary import read_binary, write_binary
from triptych.errors import Code, RpcError, too_large
from triptych.rpc.call import REQUEST_ID_HEADER, Call
from triptych.rpc.compression import MessageCompression
from triptych.rpc.headers import TextHeaders
from triptych.rpc.interceptors import client_gone
from triptych.rpc.methods import Method, unknown_method
from triptych.rpc.pipeline import Handler, Pipeline
from triptych.rpc.slow import SlowClients, seconds_for
from triptych.transport.errors import grpc_status
from triptych.transport.http.compression import decompressed

Context: TypeAlias = "grpc.aio.ServicerContext"
Requests = AsyncIterator[bytes]
T = TypeVar("T")

_STATUS_CODES: Final = {code.value[0]: code for code in grpc.StatusCode}
_STATUS_DETAILS: Final = "grpc-status-details-bin"
# As on the HTTP port: the core counts the headers of each frame by themselves.
_MAX_HEADERS: Final = 64 * 1024
# What a header must not hold (RFC 9110, section 5.5), and the core lets pass.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
# No message of protobuf begins with it: its first tag would have wire type 7.
_GZIP_MAGIC: Final = b"\x1f\x8b"


class GrpcHandlers(grpc.GenericRpcHandler):  # type: ignore[misc] # grpcio ships no types
    """Finds the handler of a path.

    Handlers take bytes and give bytes: what grpcio's own deserializers raise would reach the client. Unary
    and server-streaming methods are served as streams of requests, or grpcio would hang on a call without a
    request message and accept one with two.

    Attributes:
        stopping: Whether calls are refused: the server is about to stop.
        refused: How many calls were refused for that.
        running: How many calls that have one response are running.
    """

    def __init__(self, table: Mapping[str, Method], pipeline: Pipeline, max_message: int) -> None:
        self._pipeline = pipeline
        self._max_message = max_message
        self.stopping = False
        self.refused = 0
        self.running = 0
        self._slow = SlowClients()
        self._handlers = {path: self._handler(method) for path, method in table.items()}

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        """Return the handler of the path that is called; for an unknown one, a handler that says so."""
        return self._handlers.get(details.method) or self._handler(unknown_method(details.method))

    def _handler(self, method: Method) -> grpc.RpcMethodHandler:
        handler = self._pipeline.handler(method)
        if method.kind in ("unary", "client_streaming"):
            return grpc.stream_unary_rpc_method_handler(self._served(method, handler, _OneResponse))
        return grpc.stream_stream_rpc_method_handler(self._served(method, handler, _ManyResponses))

    def _served(
        self, method: Method, handler: Handler, exchange_class: type[_OneResponse | _ManyResponses]
    ) -> Callable[[Requests, Context], Awaitable[bytes | None]]:
        limit, slow, single = self._max_message, self._slow, exchange_class is _OneResponse

        async def handle(requests: Requests, context: Context) -> bytes | None:
            call = self._call(method, context)
            _release_once_written(call, context)
            exchange = exchange_class(call, context, requests, limit, slow)
            self.running += single
            try:
                await handler(call, exchange)
            finally:
                self.running -= single
            if call.error is not None:
                await _abort(call, exchange)
            await exchange.send_headers()
            context.set_trailing_metadata(_trailers(call))
            return exchange.reply

        return _without_frames(handle)

    def _call(self, method: Method, context: Context) -> Call:
        call = _call(method, context)
        if self.stopping:
            self.refused += 1
            call.refusal = RpcError(Code.UNAVAILABLE, "the server is stopping, the call was not begun")
        return call


class _Exchange:
    """The requests of a call, and what goes before its responses."""

    __slots__ = ("_begun", "_call", "_compression", "_limit", "_requests", "_slow", "context")

    def __init__(
        self, call: Call, context: Context, requests: Requests, limit: int, slow: SlowClients
    ) -> None:
        self._call = call
        self._requests = requests
        self._limit = limit
        self._slow = slow
        self._begun = False
        self._compression = MessageCompression()
        self.context = context
        call.attach(self._compression)

    async def read(self) -> Message:
        """Return the one request of a method that takes one.

        Raises:
            RpcError: UNIMPLEMENTED if there is none, or more than one, as gRPC's statuscodes.md says.
        """
        # What has come of a message is held by the core, and nobody is told how much: it may be all of it.
        data = await self._slow.within(self._call, seconds_for(self._limit), self._only(), unseen=self._limit)
        return self._parsed(data)

    async def _only(self) -> bytes:
        path = self._call.method.path
        data: bytes = await self.context.read()
        if data is grpc.aio.EOF:
            raise RpcError(Code.UNIMPLEMENTED, f"{path} takes one request message, got none or a part")
        if await self.context.read() is not grpc.aio.EOF:
            raise RpcError(Code.UNIMPLEMENTED, f"{path} takes one request message, got more")
        return data

    async def requests(self) -> AsyncIterator[Message]:
        """Yield the requests of a method that takes a stream."""
        async for data in self._requests:
            yield self._parsed(data)

    async def send_headers(self) -> None:
        """Send what goes before the first response, once, if there is anything.

        Initial metadata of its own costs a call a round trip to the core.
        """
        if self._begun:
            return
        self._begun = True
        wish = self._compression.compress_response
        if wish:
            self.context.set_compression(grpc.Compression.Gzip)
        headers = self._call.response_headers
        if wish or headers:
            await self.context.send_initial_metadata([_metadatum(*header) for header in headers])

    def _parsed(self, data: bytes) -> Message:
        call = self._call
        compressed = data.startswith(_GZIP_MAGIC)
        self._compression.request_compressed = compressed
        if compressed:
            data = _decompressed(data, self._limit)
        elif len(data) > self._limit:
            raise too_large(self._limit)
        call.request_bytes += len(data)
        return read_binary(data, call.method.input)


class _OneResponse(_Exchange):
    """The exchange of a call with one response.

    Attributes:
        reply: The response, written.
    """

    __slots__ = ("reply",)

    reply: bytes

    async def write(self, response: Message) -> None:
        """Write the response."""
        self.reply = reply = write_binary(response)
        self._call.response_bytes = len(reply)
        self._call.hold(len(reply))


class _ManyResponses(_Exchange):
    """The exchange of a call with a stream of responses, which are sent as they come."""

    __slots__ = ()

    reply: Final = None

    async def write(self, response: Message) -> None:
        """Send a response."""
        await self.send_headers()
        reply = write_binary(response)
        self._call.response_bytes += len(reply)
        if self._compression.compress_response is False:
            self.context.disable_next_message_compression()
        call, size = self._call, len(reply)
        call.hold(size)
        try:
            await self.context.write(reply)
        except Exception:  # what the core raises where the client is gone, for which it has no one word
            raise client_gone() from None
        call.let_go(size)


def _release_once_written(call: Call, context: Context) -> None:
    """Take back what a call was given only once its reply is written: grpcio's task ends no sooner.

    Nothing ends the call of a client that does not read: grpcio cannot reset a stream whose status is on its
    way. So it keeps what it was given, out of its owner's share, until its connection has reached its age.
    """
    call.unwritten = unwritten = list[Callable[[], None]]()

    def written(_: Context) -> None:
        while unwritten:  # each of which knows the call
            unwritten.pop()()

    context.add_done_callback(written)


def _call(method: Method, context: Context) -> Call:
    remaining = context.time_remaining()
    deadline = None if remaining is None else asyncio.get_running_loop().time() + remaining
    headers = [
        (key, value if isinstance(value, str) else b64encode(value).rstrip(b"=").decode())
        for key, value in context.invocation_metadata() or ()
    ]
    refusal = None
    size = 0
    given_id = None
    for key, value in headers:
        size += len(key) + len(value)
        if key == REQUEST_ID_HEADER and given_id is None:
            given_id = value
        if _CONTROL.search(value):
            refusal = RpcError(Code.INVALID_ARGUMENT, f"header {key} holds a control character")
    if size > _MAX_HEADERS:
        refusal = RpcError(Code.RESOURCE_EXHAUSTED, f"the headers are larger than {_MAX_HEADERS} bytes")
    return Call(
        method,
        "grpc",
        TextHeaders(headers),
        given_id=given_id,
        peer=context.peer(),
        deadline=deadline,
        refusal=refusal,
    )


def _trailers(call: Call) -> tuple[tuple[str, str | bytes], ...]:
    return (
        (REQUEST_ID_HEADER, call.request_id),
        *(_metadatum(*trailer) for trailer in call.response_trailers),
    )


def _metadatum(name: str, value: str) -> tuple[str, str | bytes]:
    """Return a header as grpcio takes it: it writes the base64 of binary ones itself."""
    return (name, b64decode(value + "==")) if name.endswith("-bin") else (name, value)


async def _abort(call: Call, exchange: _Exchange) -> None:
    """End a call with its error; raises grpcio's own error for that."""
    error = call.error
    assert error is not None  # noqa: S101 - as the caller has seen
    context = exchange.context
    trailers = _trailers(call)
    if status_details := grpc_status(error, call):
        trailers = (*trailers, (_STATUS_DETAILS, status_details))
    try:
        await exchange.send_headers()
        await context.abort(_STATUS_CODES[error.code], error.message, trailers)
    except grpc.aio.AbortError:
        raise
    except Exception:
        if (
            error.code is Code.CANCELED or context.cancelled()
        ):  # at its deadline, by the core: nobody listens any more
            raise asyncio.CancelledError from None
        raise


def _without_frames(handle: Callable[[Requests, Context], Awaitable[T]]) -> Callable[..., Awaitable[T]]:
    """Have grpcio keep the error that ends a call without the frames it came through, and so the call."""

    async def outer(requests: Requests, context: Context) -> T:
        handling = handle(requests, context)
        del requests, context
        try:
            return await handling
        except grpc.aio.AbortError as error:
            aborted = error.with_traceback(None)
            aborted.__context__ = None
        del handling
        try:
            raise aborted
        finally:
            del aborted

    return outer


def _decompressed(data: bytes, limit: int) -> bytes:
    """Return what gzip compressed.

    Raises:
        RpcError: INTERNAL, as gRPC's compression.md says, if it is not what gzip writes; RESOURCE_EXHAUSTED
            beyond the limit.
    """
    try:
        return decompressed(data, "gzip", limit)
    except RpcError as error:
        if error.code is Code.INVALID_ARGUMENT:
            raise RpcError(Code.INTERNAL, "the message cannot be decompressed") from None
        raise
