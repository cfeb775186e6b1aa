"""The HTTP port: finds the method, refuses what no protocol can answer, and hands the rest to connectrpc.

What connectrpc leaves open is done here: paths as clients spell them, JSON bodies for 404, 405 and 415,
headers that are not text, and a log line for each of those.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import re
from collections.abc import Mapping
from typing import Final
from urllib.parse import parse_qs, unquote_to_bytes

from protobuf import Message

from triptych.errors import Code, RpcError
from triptych.rpc.call import Call
from triptych.rpc.methods import Method, unknown_method
from triptych.rpc.pipeline import Pipeline
from triptych.transport.asgi import Receive, Reply, Scope, Send
from triptych.transport.codecs import CODECS, JSON_READER
from triptych.transport.connect import ConnectApplication, Exchange, current_exchange
from triptych.transport.errors import CONNECT_STATUSES, connect_body, connect_refusal
from triptych.transport.timeouts import CONNECT_HEADER, GRPC_HEADER, connect_timeout, grpc_timeout
from triptych.transport.unary import read_body, run_unary

_logger = logging.getLogger("triptych")

_UNARY_TYPES: Final = {"application/json": "json", "application/proto": "proto"}
_STREAM_TYPES: Final = {"application/connect+json": "json", "application/connect+proto": "proto"}
_GRPC_WEB_TYPES: Final = {
    "application/grpc-web": "proto",
    "application/grpc-web+proto": "proto",
    "application/grpc-web+json": "json",
}


class HttpApplication:
    """The ASGI application of the HTTP port."""

    def __init__(self, table: Mapping[str, Method], pipeline: Pipeline, max_message: int) -> None:
        self._table = table
        self._pipeline = pipeline
        self._max_message = max_message
        self._connect = ConnectApplication(table, pipeline, max_message)
        JSON_READER.prepare(*(method.input for method in table.values()))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one HTTP request."""
        path = scope["path"]
        method = self._table.get(path)
        if method is None:
            path = normalise(path)
            method = self._table.get(path) or unknown_method(path)
        headers, refusal = _text(scope)
        media_type = _media_type(headers)
        transport = "grpc-web" if media_type in _GRPC_WEB_TYPES else "connect"
        call = Call(method, transport, headers, peer=_peer(scope), refusal=refusal)
        reply = Reply(call, send)
        try:
            if method.refusal is not None:
                await self._refuse(call, reply, 404, method.refusal, "unimplemented")
            elif scope["method"] not in _verbs(method, transport):
                await self._refuse_verb(call, reply, scope["method"])
            elif (codec := _codec(method, media_type, scope)) is None:
                await self._refuse_media_type(call, reply, media_type)
            else:
                _read_protocol_headers(call)
                exchange = Exchange(call, CODECS[codec], _page_query(scope))
                if media_type in _UNARY_TYPES and _is_plain(scope):
                    await self._answer(exchange, media_type, receive, reply)
                else:
                    current_exchange.set(exchange)
                    await self._connect(_inner_scope(scope, path, call), receive, reply.send)
        except Exception:
            _logger.exception("unexpected error answering %s, request id %s", path, call.request_id)
            if not reply.started:
                await reply.whole(500, b"application/json", connect_refusal("internal", "internal error"), [])

    async def _answer(self, exchange: Exchange, media_type: str, receive: Receive, reply: Reply) -> None:
        """Answer a plain unary call of Connect, as connectrpc would, in a fraction of its time."""
        call = exchange.call

        async def read() -> Message:
            return exchange.read(await read_body(receive, self._max_message))

        result = await run_unary(self._pipeline, call, receive, read, exchange.codec.write)
        headers = [(f"trailer-{name}".encode(), value.encode()) for name, value in call.response_trailers]
        if isinstance(result, RpcError):
            body = connect_body(result, call.request_id)
            await reply.whole(CONNECT_STATUSES[result.code], b"application/json", body, headers)
        else:
            await reply.whole(200, media_type.encode(), result, headers)

    async def _refuse_verb(self, call: Call, reply: Reply, verb: str) -> None:
        allowed = ", ".join(_verbs(call.method, call.transport))
        error = RpcError(Code.UNIMPLEMENTED, f"method {verb[:20]} is not allowed here, but {allowed}")
        await self._refuse(call, reply, 405, error, "unknown", [(b"allow", allowed.encode())])

    async def _refuse_media_type(self, call: Call, reply: Reply, media_type: str) -> None:
        own = _UNARY_TYPES if call.method.kind == "unary" else _STREAM_TYPES
        accepted = ", ".join([*own, *_GRPC_WEB_TYPES])
        text = f"media type {media_type[:100] or '(none)'} is not supported, but {accepted}"
        if media_type.startswith("application/grpc"):
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
        headers: list[tuple[bytes, bytes]] | None = None,
    ) -> None:
        """Answer a request that has no path, verb or media type that a protocol could answer in."""
        call.refusal = error
        with contextlib.suppress(RpcError):
            await self._pipeline.start(call)
        self._pipeline.finish(call, error)
        await reply.whole(status, b"application/json", connect_refusal(code, error.message), headers or [])


def normalise(path: str) -> str:
    """Return the path as the table has it: without doubled slashes and without the prefix `/api`."""
    return re.sub(r"/{2,}", "/", path).removeprefix("/api")


def _text(scope: Scope) -> tuple[list[tuple[str, str]], RpcError | None]:
    """Return the headers as text; and the error, if they or the query cannot be."""
    headers, refusal = [], None
    try:
        unquote_to_bytes(scope["query_string"]).decode()
    except UnicodeDecodeError:
        refusal = RpcError(Code.INVALID_ARGUMENT, "the query of the URL is not valid UTF-8")
    for name, value in scope["headers"]:
        try:
            headers.append((name.decode(), value.decode()))
        except UnicodeDecodeError:
            shown = name.decode("ascii", "replace")[:100]
            refusal = RpcError(Code.INVALID_ARGUMENT, f"header {shown} is not valid UTF-8")
    return headers, refusal


def _media_type(headers: list[tuple[str, str]]) -> str:
    for name, value in headers:
        if name == "content-type":
            return value.partition(";")[0].strip().lower()
    return ""


def _peer(scope: Scope) -> str:
    client = scope.get("client")
    return f"{client[0]}:{client[1]}" if client else ""


def _verbs(method: Method, transport: str) -> tuple[str, ...]:
    get = method.no_side_effects and method.kind == "unary" and transport == "connect"
    return ("GET", "POST") if get else ("POST",)


def _codec(method: Method, media_type: str, scope: Scope) -> str | None:
    """Return the name of the codec that the request asks for, or None if it is not known."""
    if scope["method"] == "GET":
        query = parse_qs(scope["query_string"].decode("latin-1"))
        encoding = query.get("encoding", [""])[0]
        return encoding if encoding in CODECS else None
    own = _UNARY_TYPES if method.kind == "unary" else _STREAM_TYPES
    return own.get(media_type) or _GRPC_WEB_TYPES.get(media_type)


def _read_protocol_headers(call: Call) -> None:
    """Take the deadline from the headers; what is malformed becomes the refusal of the call."""
    version = call.header("connect-protocol-version")
    if version is not None and version != "1":
        call.refusal = RpcError(Code.INVALID_ARGUMENT, "connect-protocol-version must be 1 if it is given")
    web = call.transport == "grpc-web"
    value = call.header(GRPC_HEADER if web else CONNECT_HEADER)
    if not value:
        return
    try:
        timeout = grpc_timeout(value) if web else connect_timeout(value)
    except RpcError as error:
        call.refusal = error
        return
    call.deadline = asyncio.get_running_loop().time() + timeout


def _is_plain(scope: Scope) -> bool:
    """Tell whether a request is neither compressed nor to be answered compressed."""
    return scope["method"] == "POST" and not any(
        name == b"content-encoding" or (name == b"accept-encoding" and b"identity" not in value)
        for name, value in scope["headers"]
    )


def _page_query(scope: Scope) -> str:
    query: bytes = scope["query_string"] if scope["method"] == "POST" else b""
    return query.decode("utf-8", "replace")


def _inner_scope(scope: Scope, path: str, call: Call) -> Scope:
    """Return the scope for connectrpc: with nothing in it that would end the call before the pipeline."""
    headers = scope["headers"]
    query = scope["query_string"]
    if call.refusal is not None:
        headers = [(name, value) for name, value in headers if name == b"content-type"]
        query = b"encoding=json"
    if scope["method"] == "GET":
        # Some clients send a content type with an empty body; only the query counts.
        headers = [(name, value) for name, value in headers if name != b"content-type"]
    return {**scope, "path": path, "root_path": "", "headers": headers, "query_string": query}
