"""Requests of Connect, gRPC-Web and, where the server can send trailers, gRPC: finds rpc and protocol."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from typing import Any, Final

from protobuf import Registry

from triptych.errors import Code, RpcError
from triptych.rpc.call import REQUEST_ID_HEADER, Call
from triptych.rpc.methods import Method, unknown_method
from triptych.rpc.pipeline import Handler, Pipeline
from triptych.transport.connect.codecs import Codec, make_codecs
from triptych.transport.connect.framed import FramedCall
from triptych.transport.connect.framing import Framing
from triptych.transport.connect.protocols import GRPC, GRPC_WEB, STREAMS, UNARY, MediaType
from triptych.transport.connect.queries import GetQuery, takes_page
from triptych.transport.connect.unary import UnaryExchange, unary_response
from triptych.transport.errors import connect_refusal
from triptych.transport.http.messages import (
    Answer,
    HttpRequest,
    Response,
    StreamingResponse,
    decoded,
    media_type,
    respond,
)
from triptych.transport.http.timeouts import CONNECT_HEADER, connect_timeout
from triptych_api.google.rpc import error_details_pb

_CONNECT_TIMEOUT: Final = CONNECT_HEADER.encode()
_ID: Final = REQUEST_ID_HEADER.encode()
_VERSION: Final = b"connect-protocol-version"
# With a charset, as it is an answer of HTTP: gRPC-Web clients do not read it as an error of Connect.
_REFUSAL: Final = b"application/json; charset=utf-8"
_NO_TRAILERS: Final = RpcError(
    Code.INVALID_ARGUMENT, "te: trailers is missing in the headers: gRPC's status comes in trailers"
)
_WRONG_VERSION: Final = RpcError(Code.INVALID_ARGUMENT, "connect-protocol-version must be 1 if it is given")


class ConnectCalls:
    """Answers the requests for the paths of the method table, and refuses those for unknown ones.

    Attributes:
        endpoints: The rpcs by their paths.
    """

    def __init__(self, table: Mapping[str, Method], pipeline: Pipeline, max_message: int) -> None:
        self._pipeline = pipeline
        self._max_message = max_message
        # What a google.protobuf.Any may hold: what the files of the methods define, and details of errors.
        files = {type.desc().file for method in table.values() for type in (method.input, method.output)}
        registry = self._registry = Registry(*files, error_details_pb.desc())
        self._codecs = make_codecs(table.values(), registry)
        self.endpoints: Mapping[bytes, Endpoint] = {
            path.encode(): Endpoint(method, pipeline, self._codecs, registry, max_message)
            for path, method in table.items()
        }

    def answer(self, request: HttpRequest) -> Coroutine[Any, Any, Answer] | None:
        """Return what answers a request whose path, once it is decoded, is one of the table."""
        endpoint = self.endpoints.get(request.path.encode())
        return endpoint.answer(request) if endpoint is not None else None

    def takes_stream(self, raw_path: bytes) -> bool:
        """Tell whether a path is of a method that takes a stream of messages."""
        endpoint = self.endpoints.get(decoded(raw_path).encode())
        return endpoint is not None and endpoint.takes_stream

    async def refuse(self, request: HttpRequest) -> Response:
        """Answer a request for an unknown path."""
        method = unknown_method(request.path)
        found = GRPC.get(request.media_type) if request.trailers else None
        if found is not None and found.framing is not None:
            return await self._refuse_grpc(request, method, found, found.framing)
        call = Call(method, "connect", request.headers, given_id=request.given_id, peer=request.peer)
        exchange = UnaryExchange(call, request, self._codecs["json"], self._max_message)
        return await _refused(self._pipeline.handler(method), call, exchange, request, 404, "unimplemented")

    async def _refuse_grpc(
        self, request: HttpRequest, method: Method, found: MediaType, framing: Framing
    ) -> Response:
        call = Call(method, "grpc", request.headers, given_id=request.given_id, peer=request.peer)
        codec = self._codecs[found.codec]
        framed = FramedCall(call, request, found, framing, codec, self._max_message, self._registry)
        return await framed.whole(self._pipeline.handler(method))


class Endpoint:
    """One rpc over these protocols."""

    def __init__(
        self,
        method: Method,
        pipeline: Pipeline,
        codecs: Mapping[str, Codec],
        registry: Registry,
        max_message: int,
    ) -> None:
        self._method = method
        self._handler = pipeline.handler(method)
        self._codecs = codecs
        self._registry = registry
        self._limit = max_message
        self._pages = takes_page(method.input)
        is_unary = method.kind == "unary"
        self.takes_stream = method.kind in ("client_streaming", "bidi_streaming")
        self._verbs = ("GET", "POST") if method.no_side_effects and is_unary else ("POST",)
        self._types = (UNARY if is_unary else STREAMS) | GRPC_WEB
        self._types_with_trailers = self._types | GRPC
        # As nearly all requests have them.
        self._plain = {each.name: each for each in self._types.values()}

    def answer(self, request: HttpRequest) -> Coroutine[Any, Any, Answer]:
        """Return what answers a request."""
        content_type = request.headers.first.get(b"content-type", b"")
        found = self._plain.get(content_type)
        if request.verb == "POST":
            if found is None:
                types = self._types_with_trailers if request.trailers else self._types
                found = types.get(media_type(content_type))
                if found is None:
                    return self._refuse_media_type(request)
            if found.framing is None:
                return self._unary(request, found)
            return self._framed(request, found, found.framing)
        if request.verb in self._verbs:
            return self._get(request)
        return self._refuse_verb(request, found)

    async def _unary(
        self,
        request: HttpRequest,
        found: MediaType,
        query: GetQuery | None = None,
        refusal: RpcError | None = None,
    ) -> Response:
        first = request.headers.first
        given = first.get(_ID)
        call = Call(
            self._method,
            "connect",
            request.headers,
            given_id=None if given is None else given.decode("latin-1"),
            peer=request.peer,
            refusal=refusal,
        )
        if (version := first.get(_VERSION)) is not None and version != b"1":
            call.refusal = _WRONG_VERSION
        elif timeout := first.get(_CONNECT_TIMEOUT):
            _set_deadline(call, connect_timeout, timeout)
        exchange = UnaryExchange(
            call, request, self._codecs[found.codec], self._limit, query=query, pages=self._pages
        )
        await self._handler(call, exchange)
        return unary_response(call, request, exchange, found.name, self._registry)

    async def _get(self, request: HttpRequest) -> Response:
        try:
            query = GetQuery.of(request.query)
        except RpcError as error:
            return await self._unary(request, UNARY["application/json"], refusal=error)
        found = UNARY.get(f"application/{query.values.get('encoding', '')}")
        if found is None:
            text = f"encoding in the URL must be {' or '.join(sorted(self._codecs))}"
            return await self._refuse(request, "connect", 415, text)
        return await self._unary(request, found, query)

    async def _framed(self, request: HttpRequest, found: MediaType, framing: Framing) -> Answer:
        call = self._call(request, framing.transport)
        first = request.headers.first
        if framing.transport == "connect" and first.get(_VERSION, b"1") != b"1":
            call.refusal = _WRONG_VERSION
        elif framing.transport == "grpc" and b"trailers" not in first.get(b"te", b""):
            call.refusal = _NO_TRAILERS  # Envoy would let go of them
        elif (timeout := first.get(framing.timeout)) is not None:
            _set_deadline(call, framing.seconds, timeout)
        framed = FramedCall(
            call, request, found, framing, self._codecs[found.codec], self._limit, self._registry
        )
        if self._method.kind == "unary":
            return await framed.whole(self._handler)
        return StreamingResponse(partial(framed.stream, self._handler))

    async def _refuse_verb(self, request: HttpRequest, found: MediaType | None) -> Response:
        transport = found.framing.transport if found and found.framing else "connect"
        allowed = ", ".join(self._verbs if transport == "connect" else ("POST",))
        text = f"method {request.verb[:20]} is not allowed here, but {allowed}"
        return await self._refuse(request, transport, 405, text, (b"allow", allowed.encode()))

    async def _refuse_media_type(self, request: HttpRequest) -> Response:
        accepted = ", ".join(self._types_with_trailers if request.trailers else self._types)
        given = request.media_type
        text = f"media type {given[:100] or '(none)'} is not supported, but {accepted}"
        if given in GRPC and not request.trailers:
            text += "; gRPC needs HTTP/2, which has a port of its own unless all is on one"
        return await self._refuse(request, "connect", 415, text, (b"accept-post", accepted.encode()))

    async def _refuse(
        self, request: HttpRequest, transport: str, status: int, text: str, *more: tuple[bytes, bytes]
    ) -> Response:
        call = self._call(request, transport, RpcError(Code.UNIMPLEMENTED, text))
        exchange = UnaryExchange(call, request, self._codecs["json"], self._limit)
        return await _refused(self._handler, call, exchange, request, status, "unknown", more)

    def _call(self, request: HttpRequest, transport: str, refusal: RpcError | None = None) -> Call:
        return Call(
            self._method,
            transport,
            request.headers,
            given_id=request.given_id,
            peer=request.peer,
            refusal=refusal,
        )


def _set_deadline(call: Call, seconds: Callable[[str], float], value: bytes) -> None:
    """Take the deadline from a header; what is malformed becomes the refusal of the call."""
    try:
        call.deadline = asyncio.get_running_loop().time() + seconds(value.decode("latin-1"))
    except RpcError as error:
        call.refusal = error


async def _refused(
    handler: Handler,
    call: Call,
    exchange: UnaryExchange,
    request: HttpRequest,
    status: int,
    code: str,
    headers: Sequence[tuple[bytes, bytes]] = (),
) -> Response:
    """Answer a request that has no path, verb or media type that a protocol could answer in."""
    await handler(call, exchange)
    message = call.error.message if call.error is not None else ""
    return respond(request, status, _REFUSAL, connect_refusal(code, message), headers, call)
