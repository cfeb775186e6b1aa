"""The method table as grpc.aio handlers."""

from __future__ import annotations

import asyncio
import re
from base64 import b64encode
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeVar

import grpc

from triptych.errors import Code, RpcError
from triptych.rpc.call import REQUEST_ID_HEADER, Call
from triptych.rpc.headers import TextHeaders
from triptych.rpc.methods import Method, unknown_method
from triptych.rpc.pipeline import Handler, Pipeline
from triptych.rpc.slow import SlowClients
from triptych.transport.errors import grpc_status
from triptych.transport.grpc.exchange import (
    Context,
    Exchange,
    ManyResponses,
    OneResponse,
    Requests,
    metadatum,
)
from triptych.transport.grpc.peers import UnreadReplies, cut_off

T = TypeVar("T")

_STATUS_CODES: Final = {code.value[0]: code for code in grpc.StatusCode}
_STATUS_DETAILS: Final = "grpc-status-details-bin"
# As on the HTTP port: the core counts the headers of each frame by themselves.
_MAX_HEADERS: Final = 64 * 1024
# What a header must not hold (RFC 9110, section 5.5), and the core lets pass.
_CONTROL: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
# As on the HTTP port.
_MOST_HEADERS: Final = 100
# So much no honest client sends: the core has unpacked a few bytes to this.
_BOMB: Final = 4 * _MAX_HEADERS


class GrpcHandlers(grpc.GenericRpcHandler):  # type: ignore[misc] # grpcio ships no types
    """Finds the handler of a path.

    Handlers take bytes and give bytes: what grpcio's own deserializers raise would reach the client. Unary
    and server-streaming methods are served as streams of requests, or grpcio would hang on a call without a
    request message and accept one with two.

    Attributes:
        stopping: Whether calls are refused: the server is about to stop.
        refused: How many calls were refused for that.
    """

    def __init__(self, table: Mapping[str, Method], pipeline: Pipeline, max_message: int) -> None:
        self._pipeline = pipeline
        self._max_message = max_message
        self.stopping = False
        self.refused = 0
        self._slow = SlowClients()
        self._unread = UnreadReplies()
        self._handlers = {path: self._handler(method) for path, method in table.items()}

    def service(self, details: grpc.HandlerCallDetails) -> grpc.RpcMethodHandler:
        """Return the handler of the path that is called; for an unknown one, a handler that says so."""
        headers = details.invocation_metadata
        if len(headers) > _MOST_HEADERS:
            return self._refusing(details.method, sum([len(key) + len(value) for key, value in headers]))
        return self._handlers.get(details.method) or self._handler(unknown_method(details.method))

    def _refusing(self, path: str, size: int) -> grpc.RpcMethodHandler:
        """Return what refuses a call that has too many headers, without one more look at them."""
        refusal = RpcError(Code.RESOURCE_EXHAUSTED, f"there are more than {_MOST_HEADERS} headers")
        method = unknown_method(path)
        pipeline = self._pipeline.handler(method)
        limit, slow, unread = self._max_message, self._slow, self._unread

        async def handle(requests: Requests, context: Context) -> bytes | None:
            peer: str = context.peer()
            if size > _BOMB:
                cut_off({peer})
            call = Call(method, "grpc", TextHeaders([]), peer=peer, refusal=refusal)
            exchange = OneResponse(call, context, requests, limit, slow, unread)
            await pipeline(call, exchange)
            await _abort(call, exchange)
            return None

        return grpc.stream_unary_rpc_method_handler(_without_frames(handle))

    def _handler(self, method: Method) -> grpc.RpcMethodHandler:
        handler = self._pipeline.handler(method)
        if method.kind in ("unary", "client_streaming"):
            return grpc.stream_unary_rpc_method_handler(self._served(method, handler, OneResponse))
        return grpc.stream_stream_rpc_method_handler(self._served(method, handler, ManyResponses))

    def _served(
        self, method: Method, handler: Handler, exchange_class: type[OneResponse | ManyResponses]
    ) -> Callable[[Requests, Context], Awaitable[bytes | None]]:
        limit, slow, unread = self._max_message, self._slow, self._unread

        async def handle(requests: Requests, context: Context) -> bytes | None:
            call = self._call(method, context)
            _release_once_written(call, context, unread)
            exchange = exchange_class(call, context, requests, limit, slow, unread)
            await handler(call, exchange)
            if call.unwritten is not None:
                unread.begin(call, call.peer, call.response_bytes)
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


def _release_once_written(call: Call, context: Context, unread: UnreadReplies) -> None:
    """Take back what a call was given only once its reply is written: grpcio's task ends no sooner."""

    def forget() -> None:
        unread.end(call)
        call.unwritten = None

    call.unwritten = unwritten = [forget]

    def written(_: Context) -> None:
        # grpcio keeps this function in a cycle of its own: the call is known to what is popped only.
        while unwritten:
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
        *(metadatum(*trailer) for trailer in call.response_trailers),
    )


async def _abort(call: Call, exchange: Exchange) -> None:
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
