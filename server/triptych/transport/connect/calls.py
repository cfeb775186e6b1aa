"""Requests of Connect and gRPC-Web, and of gRPC where the ASGI server can send trailers.

Finds the method, and refuses what no protocol can answer. Plain unary calls of Connect are answered here, all
else by connectrpc. What connectrpc leaves open is done here for every call: JSON bodies for 404, 405 and 415,
headers that are not text, and a log line for each.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qs

from protobuf import Message, Registry

from triptych.errors import Code, RpcError
from triptych.rpc.call import Call
from triptych.rpc.methods import Method, unknown_method
from triptych.rpc.pipeline import Pipeline
from triptych.transport.connect.codecs import make_codecs
from triptych.transport.connect.endpoints import ConnectApplication, Exchange, current_exchange
from triptych.transport.errors import CONNECT_STATUSES, connect_body, connect_refusal
from triptych.transport.http.asgi import Headers, Receive, Reply, Scope, Send
from triptych.transport.http.compression import compress
from triptych.transport.http.request import HttpRequest
from triptych.transport.http.timeouts import CONNECT_HEADER, GRPC_HEADER, connect_timeout, grpc_timeout
from triptych.transport.http.unary import read_body, run_unary
from triptych_api.google.rpc import error_details_pb

_UNARY_TYPES: Final = {"application/json": "json", "application/proto": "proto"}
_GET_ENCODINGS: Final = ("json", "proto")
_STREAM_TYPES: Final = {"application/connect+json": "json", "application/connect+proto": "proto"}
_GRPC_WEB_TYPES: Final = {
    "application/grpc-web": "proto",
    "application/grpc-web+proto": "proto",
    "application/grpc-web+json": "json",
}
_GRPC_TYPES: Final = {
    "application/grpc": "proto",
    "application/grpc+proto": "proto",
    "application/grpc+json": "json",
}


class ConnectCalls:
    """Answers requests of Connect, gRPC-Web and gRPC."""

    def __init__(self, table: Mapping[str, Method], pipeline: Pipeline, max_message: int) -> None:
        self._table = table
        self._pipeline = pipeline
        self._max_message = max_message
        self._application = ConnectApplication(table, pipeline, max_message)
        # What a google.protobuf.Any may hold: what the files of the methods define, and details of errors.
        files = {type.desc().file for method in table.values() for type in (method.input, method.output)}
        self._registry = Registry(*files, error_details_pb.desc())
        self._codecs = make_codecs(table.values(), self._registry)

    async def __call__(self, request: HttpRequest, receive: Receive, send: Send, headers: Headers) -> None:
        """Answer a request."""
        method = self._table.get(request.path) or unknown_method(request.path)
        media_type = request.media_type
        transport = _transport(media_type, request.scope)
        call = Call(method, transport, request.headers, peer=request.peer, refusal=request.refusal)
        reply = Reply(call, send, headers)
        if method.refusal is not None:
            await self._refuse(call, reply, 404, method.refusal, "unimplemented")
        elif request.verb not in _verbs(method, transport):
            await self._refuse_verb(call, reply, request.verb)
        elif (codec := _codec_name(method, transport, media_type, request)) is None:
            await self._refuse_media_type(call, reply, media_type)
        else:
            _read_protocol_headers(call)
            exchange = Exchange(call, self._codecs[codec], _page_query(request))
            if request.verb == "POST" and media_type in _UNARY_TYPES and not _is_compressed(call):
                await self._answer(exchange, media_type, receive, reply)
            else:
                current_exchange.set(exchange)
                await self._application(_inner_scope(request, call), receive, reply.send)

    async def _answer(self, exchange: Exchange, media_type: str, receive: Receive, reply: Reply) -> None:
        """Answer an uncompressed unary call of Connect, as connectrpc would, in a fraction of its time."""
        call = exchange.call

        async def read() -> Message:
            return exchange.read(await read_body(receive, self._max_message))

        result = await run_unary(self._pipeline, call, receive, read, exchange.codec.write)
        headers = [(f"trailer-{name}".encode(), value.encode()) for name, value in call.response_trailers]
        if isinstance(result, RpcError):
            body = connect_body(result, call, self._registry)
            await reply.whole(CONNECT_STATUSES[result.code], b"application/json", body, headers)
        else:
            body, encoding = compress(result, call.header("accept-encoding"))
            await reply.whole(200, media_type.encode(), body, [*headers, *encoding])

    async def _refuse_verb(self, call: Call, reply: Reply, verb: str) -> None:
        allowed = ", ".join(_verbs(call.method, call.transport))
        error = RpcError(Code.UNIMPLEMENTED, f"method {verb[:20]} is not allowed here, but {allowed}")
        await self._refuse(call, reply, 405, error, "unknown", [(b"allow", allowed.encode())])

    async def _refuse_media_type(self, call: Call, reply: Reply, media_type: str) -> None:
        own = _UNARY_TYPES if call.method.kind == "unary" else _STREAM_TYPES
        accepted = ", ".join([*own, *_GRPC_WEB_TYPES])
        text = f"media type {media_type[:100] or '(none)'} is not supported, but {accepted}"
        if media_type in _GRPC_TYPES:
            text += "; gRPC has a port of its own"
        error = RpcError(Code.UNIMPLEMENTED, text)
        await self._refuse(call, reply, 415, error, "unknown", [(b"accept-post", accepted.encode())])

    async def _refuse(
        self,
        call: Call,
        reply: Reply,
        status: int,
        error: RpcError,
        code: str,
        headers: Headers | None = None,
    ) -> None:
        """Answer a request that has no path, verb or media type that a protocol could answer in."""
        call.refusal = error
        with contextlib.suppress(RpcError):
            await self._pipeline.start(call)
        self._pipeline.finish(call, error)
        # With a charset, as it is an answer of HTTP: gRPC-Web clients do not read it as an error of Connect.
        body = connect_refusal(code, error.message)
        await reply.whole(status, b"application/json; charset=utf-8", body, headers or [])


def _verbs(method: Method, transport: str) -> tuple[str, ...]:
    get = method.no_side_effects and method.kind == "unary" and transport == "connect"
    return ("GET", "POST") if get else ("POST",)


def _transport(media_type: str, scope: Scope) -> str:
    if media_type in _GRPC_WEB_TYPES:
        return "grpc-web"
    if media_type in _GRPC_TYPES and "http.response.trailers" in scope.get("extensions", ()):
        return "grpc"
    return "connect"


def _codec_name(method: Method, transport: str, media_type: str, request: HttpRequest) -> str | None:
    """Return the name of the codec that the request asks for, or None if it is not known."""
    if request.verb == "GET":
        query = parse_qs(request.scope["query_string"].decode("latin-1"))
        encoding = query.get("encoding", [""])[0]
        return encoding if encoding in _GET_ENCODINGS else None
    if transport == "connect":
        return (_UNARY_TYPES if method.kind == "unary" else _STREAM_TYPES).get(media_type)
    return (_GRPC_TYPES if transport == "grpc" else _GRPC_WEB_TYPES).get(media_type)


def _read_protocol_headers(call: Call) -> None:
    """Take the deadline from the headers; what is malformed becomes the refusal of the call."""
    version = call.header("connect-protocol-version")
    if version is not None and version != "1":
        call.refusal = RpcError(Code.INVALID_ARGUMENT, "connect-protocol-version must be 1 if it is given")
    connect = call.transport == "connect"
    value = call.header(CONNECT_HEADER if connect else GRPC_HEADER)
    if not value:
        return
    try:
        timeout = connect_timeout(value) if connect else grpc_timeout(value)
    except RpcError as error:
        call.refusal = error
        return
    call.deadline = asyncio.get_running_loop().time() + timeout


def _is_compressed(call: Call) -> bool:
    return call.header("content-encoding") not in (None, "", "identity")


def _page_query(request: HttpRequest) -> str:
    query: bytes = request.scope["query_string"] if request.verb == "POST" else b""
    return query.decode("utf-8", "replace")


def _inner_scope(request: HttpRequest, call: Call) -> Scope:
    """Return the scope for connectrpc: with nothing in it that would end the call before the pipeline."""
    scope = request.scope
    headers = scope["headers"]
    query = scope["query_string"]
    if call.refusal is not None:
        headers = [(name, value) for name, value in headers if name == b"content-type"]
        query = b"encoding=json"
    if request.verb == "GET":
        # Some clients send a content type with an empty body; only the query counts.
        headers = [(name, value) for name, value in headers if name != b"content-type"]
    return {**scope, "path": request.path, "root_path": "", "headers": headers, "query_string": query}
