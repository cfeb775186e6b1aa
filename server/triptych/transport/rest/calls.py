"""Requests of REST: finds the binding of a path, and runs its method. Nothing here is written for any one."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from typing import Final, TypeAlias

from protobuf import DescFieldValueScalar, Message, ScalarType

from triptych.errors import Code, RpcError, TooLargeError, too_large
from triptych.rpc.call import Call
from triptych.rpc.methods import Method, unknown_method
from triptych.rpc.pipeline import Pipeline
from triptych.transport.http.asgi import Headers, Receive, Reply, Send
from triptych.transport.http.compression import compress
from triptych.transport.http.multipart import read_form
from triptych.transport.http.request import HttpRequest
from triptych.transport.http.timeouts import REST_HEADER, rest_timeout
from triptych.transport.http.unary import client_gone, read_body, run_unary
from triptych.transport.rest.binding import Binding
from triptych.transport.rest.dialect import Dialect
from triptych.transport.rest.http_router import HttpRouter, Refused
from triptych.transport.rest.router import Match

Found: TypeAlias = Match[Binding] | Refused
"""What comes of a request of REST."""

_JSON: Final = "application/json"
_FORM: Final = "multipart/form-data"
# What a form may have beside its file: other parts, boundaries and headers.
_FORM_OVERHEAD: Final = 1024 * 1024


class RestCalls:
    """Answers requests of REST."""

    def __init__(self, router: HttpRouter, pipeline: Pipeline, max_message: int, max_upload: int) -> None:
        self._router = router
        self._pipeline = pipeline
        self._max_message = max_message
        self._max_upload = max_upload

    def find(self, request: HttpRequest) -> Found | None:
        """Find what a request is bound to, or how it is refused; None if it is not REST's."""
        return self._router.find(request.verb, request.scope["raw_path"])

    def dialect_of(self, raw_path: bytes) -> Dialect | None:
        """Return the dialect that a request for a path is answered in; None if it is not REST's."""
        return self._router.dialect_of(raw_path)

    async def __call__(
        self, found: Found, request: HttpRequest, receive: Receive, send: Send, headers: Headers
    ) -> None:
        """Answer a request; every response carries `headers`."""
        if isinstance(found, Match):
            await self._answer(found, request, receive, send, headers)
            return
        if found.allowed:
            headers = [*headers, (b"allow", ", ".join([*found.allowed, "OPTIONS"]).encode())]
        if found.allowed and request.verb == "OPTIONS":
            call = Call(unknown_method(request.path), "rest", request.headers, peer=request.peer)
            await Reply(call, send, headers).empty(204)
        else:
            await self._refuse(found, request, send, headers)

    async def _answer(
        self, found: Match[Binding], request: HttpRequest, receive: Receive, send: Send, headers: Headers
    ) -> None:
        binding = found.target
        call = Call(binding.method, "rest", request.headers, peer=request.peer, refusal=request.refusal)
        _read_deadline(call)

        async def read() -> Message:
            query = request.scope["query_string"]
            if request.media_type == _FORM:
                return await self._read_form(found, call, receive, query)
            body = await read_body(receive, self._max_message)
            call.request_bytes = len(body)
            if body and request.media_type != _JSON:
                raise _UnsupportedMediaTypeError(request.media_type)
            return binding.bind(found.variables, query, body)

        result = await run_unary(self._pipeline, call, receive, read, binding.write)
        reply = Reply(call, send, headers)
        head = request.verb == "HEAD"
        if isinstance(result, RpcError):
            dialect, standard = binding.dialect, binding.method.standard_details
            body = dialect.error_body(result, call.request_id, standard_details=standard)
            await reply.whole(_status(result, dialect), _JSON.encode(), body, [], head=head)
        else:
            body, encoding = compress(result, call.header("accept-encoding"))
            await reply.whole(200, _JSON.encode(), body, encoding, head=head)

    async def _read_form(self, found: Match[Binding], call: Call, receive: Receive, query: bytes) -> Message:
        file_field = _file_field(call.method)
        if file_field is None:
            raise _UnsupportedMediaTypeError(_FORM)
        length = call.header("content-length") or ""
        if length.isdecimal() and int(length) > self._max_upload + _FORM_OVERHEAD:
            raise too_large(self._max_upload)
        content_type = call.header("content-type") or ""
        form = await read_form(_chunks(receive, call), content_type, file_field, self._max_upload)
        call.upload = form.file
        return found.target.bind_form(found.variables, query, form.texts)

    async def _refuse(self, found: Refused, request: HttpRequest, send: Send, headers: Headers) -> None:
        """Answer a request that no method is bound to."""
        error = found.error
        call = Call(unknown_method(request.path), "rest", request.headers, peer=request.peer, refusal=error)
        with contextlib.suppress(RpcError):
            await self._pipeline.start(call)
        self._pipeline.finish(call, error)
        body = found.dialect.error_body(error, call.request_id)
        reply = Reply(call, send, headers)
        await reply.whole(found.status, _JSON.encode(), body, [], head=request.verb == "HEAD")


class _UnsupportedMediaTypeError(RpcError):
    """The body is of a media type that the binding does not take."""

    def __init__(self, media_type: str) -> None:
        super().__init__(
            Code.INVALID_ARGUMENT, f"media type {media_type[:100] or '(none)'} is not supported here"
        )


def _status(error: RpcError, dialect: Dialect) -> int:
    if isinstance(error, TooLargeError):
        return 413
    if isinstance(error, _UnsupportedMediaTypeError):
        return 415
    return dialect.statuses[error.code]


def _read_deadline(call: Call) -> None:
    value = call.header(REST_HEADER)
    if not value:
        return
    try:
        call.deadline = asyncio.get_running_loop().time() + rest_timeout(value)
    except RpcError as error:
        call.refusal = error


def _file_field(method: Method) -> str | None:
    """Return the field that a form brings as a file: the one of type bytes, if there is just one."""
    fields = [
        field.name
        for field in method.input.desc().fields
        if isinstance(field.value, DescFieldValueScalar) and field.value.scalar is ScalarType.BYTES
    ]
    return fields[0] if len(fields) == 1 else None


async def _chunks(receive: Receive, call: Call) -> AsyncIterator[bytes]:
    while True:
        event = await receive()
        if event["type"] == "http.disconnect":
            raise client_gone()
        chunk: bytes = event.get("body", b"")
        call.request_bytes += len(chunk)
        yield chunk
        if not event.get("more_body"):
            return
