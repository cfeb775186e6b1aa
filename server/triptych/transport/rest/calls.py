"""Requests of REST: finds the binding of a path, and runs its method. Nothing here is written for any one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Any, Final

from protobuf import DescFieldValueScalar, Message, ScalarType

from triptych.errors import Code, RpcError, TooLargeError, too_large
from triptych.rpc.call import REQUEST_ID_HEADER, Call
from triptych.rpc.methods import Method, unknown_method
from triptych.rpc.pipeline import Handler, Pipeline
from triptych.rpc.shares import TemporaryFile
from triptych.transport.errors import challenge
from triptych.transport.http.compression import KNOWN_CODINGS, coding_of, compress, decompressed
from triptych.transport.http.messages import (
    JSON,
    Answer,
    HeaderList,
    HttpRequest,
    Response,
    empty,
    respond,
)
from triptych.transport.http.multipart import IN_MEMORY, read_form
from triptych.transport.http.timeouts import REST_HEADER, rest_timeout
from triptych.transport.rest.binding import Binding
from triptych.transport.rest.dialect import Dialect
from triptych.transport.rest.http_router import HttpRouter, Refused
from triptych.transport.rest.router import Match

_FORM: Final = "multipart/form-data"
_BLANKS: Final = b" \t\r\n"  # of JSON
_ID: Final = REQUEST_ID_HEADER.encode()
_TIMEOUT: Final = REST_HEADER.encode()
# What a form may have beside its file: other parts, boundaries and headers.
_FORM_OVERHEAD: Final = 1024 * 1024


class RestCalls:
    """Answers the requests for what rules are bound to."""

    def __init__(self, router: HttpRouter, pipeline: Pipeline, max_message: int, max_upload: int) -> None:
        self._router = router
        self._pipeline = pipeline
        self._handlers: dict[str, Handler] = {}
        self._max_message = max_message
        self._max_upload = max_upload

    def answer(self, request: HttpRequest) -> Coroutine[Any, Any, Answer] | None:
        """Return what answers a request; None if it is not REST's."""
        found = self._router.find(request.verb, request.raw_path)
        if found is None:
            return None
        if isinstance(found, Match):
            return self._run(request, found)
        if not found.allowed:
            return self._refuse(request, found)
        allow = (b"allow", ", ".join([*found.allowed, "OPTIONS"]).encode())
        return (
            self._options(request, allow)
            if request.verb == "OPTIONS"
            else self._refuse(request, found, allow)
        )

    def dialect_of(self, raw_path: bytes) -> Dialect | None:
        """Return the dialect that a request for a path is answered in; None if it is not REST's."""
        return self._router.dialect_of(raw_path)

    async def _run(self, request: HttpRequest, found: Match[Binding]) -> Response:
        method = found.target.method
        given = request.headers.first.get(_ID)
        given_id = None if given is None else given.decode("latin-1")
        call = Call(method, "rest", request.headers, given_id=given_id, peer=request.peer)
        if timeout := request.headers.first.get(_TIMEOUT):
            _set_deadline(call, timeout)
        exchange = _Exchange(call, request, found, self._max_message, self._max_upload)
        handler = self._handlers.get(method.path)
        if handler is None:
            handler = self._handlers[method.path] = self._pipeline.handler(method)
        await handler(call, exchange)
        error = call.error
        if error is None:
            body = exchange.reply
            headers: HeaderList = []
            if accept := request.headers.first.get(b"accept-encoding"):
                body, headers = compress(body, accept)
            return respond(request, 200, JSON, body, headers, call)
        headers = error.headers if isinstance(error, _UnsupportedMediaTypeError) else challenge(error)
        dialect = found.target.dialect
        body = dialect.error_body(error, call.request_id, standard_details=method.standard_details)
        return respond(request, _status(error, dialect), JSON, body, headers, call)

    async def _options(self, request: HttpRequest, allow: tuple[bytes, bytes]) -> Response:
        return empty(request, 204, [allow])

    async def _refuse(
        self, request: HttpRequest, refused: Refused, *headers: tuple[bytes, bytes]
    ) -> Response:
        """Answer a request that no method is bound to."""
        error = refused.error
        method = unknown_method(request.path)
        call = Call(
            method, "rest", request.headers, given_id=request.given_id, peer=request.peer, refusal=error
        )
        exchange = _Exchange(call, request, None, self._max_message, self._max_upload)
        await self._pipeline.handler(method)(call, exchange)
        body = refused.dialect.error_body(call.error or error, call.request_id)
        return respond(request, refused.status, JSON, body, headers, call)


class _Exchange:
    """The one request and the one response of a call.

    Attributes:
        reply: The response, written.
    """

    __slots__ = ("_call", "_found", "_max_message", "_max_upload", "_request", "reply")

    def __init__(
        self,
        call: Call,
        request: HttpRequest,
        found: Match[Binding] | None,
        max_message: int,
        max_upload: int,
    ) -> None:
        self._call = call
        self._request = request
        self._found = found
        self._max_message = max_message
        self._max_upload = max_upload
        self.reply = b""

    async def read(self) -> Message:
        """Return the request message."""
        found, request = self._found, self._request
        assert found is not None  # noqa: S101 - a call without a binding is refused before it is read
        content_type = request.headers.first.get(b"content-type")
        if content_type and content_type != JSON and request.media_type == _FORM:
            return await self._read_form(found)
        body = request.body or b""
        if body:
            body = await request.whole(self._max_message, self._call)
        if b"content-encoding" in request.headers.first:
            coding = _coding(request)
            if coding and body:
                body = decompressed(body, coding, self._max_message)
        if body[:1] in _BLANKS and not body.strip(_BLANKS):
            body = b""
        if body and request.media_type != "application/json":
            raise _UnsupportedMediaTypeError(request.media_type)
        self._call.request_bytes = len(body)
        return found.target.bind(found.variables, request.query, body)

    async def requests(self) -> AsyncIterator[Message]:
        """Yield the request message."""
        yield await self.read()

    async def write(self, response: Message) -> None:
        """Write the response message."""
        found = self._found
        assert found is not None  # noqa: S101 - as it was read
        self.reply = reply = found.target.write(response)
        self._call.response_bytes = len(reply)

    async def _read_form(self, found: Match[Binding]) -> Message:
        request = self._request
        name = file_field(self._call.method)
        if name is None:
            raise _UnsupportedMediaTypeError(_FORM)
        if b"content-encoding" in request.headers.first and (coding := _coding(request)):
            raise _UnsupportedCodingError(f"forms are not taken compressed, as {coding}", b"identity")
        length = request.headers.get("content-length") or ""
        if length.isdecimal() and int(length) > self._max_upload + _FORM_OVERHEAD:
            raise too_large(self._max_upload)
        content_type = request.headers.get("content-type") or ""
        spilled = TemporaryFile(self._call)
        try:
            form = await read_form(self._counted(spilled), content_type, name, self._max_upload)
        finally:
            spilled.close()
        if form.file is not None:
            self._call.hold(sum(map(len, form.file.chunks)))
            self._call.attach(form.file)
        return found.target.bind_form(found.variables, request.query, form.texts)

    async def _counted(self, spilled: TemporaryFile) -> AsyncIterator[bytes]:
        async for chunk in self._request.chunks(self._max_upload, self._call):
            call = self._call
            call.request_bytes += len(chunk)
            if call.held < IN_MEMORY:
                call.hold(len(chunk))
            else:
                spilled.grow(len(chunk))
            yield chunk


class _UnsupportedMediaTypeError(RpcError):
    """The body is of a media type that the binding does not take.

    Attributes:
        headers: What tells the client what it does take.
    """

    headers: HeaderList = []  # noqa: RUF012 - nobody adds to it

    def __init__(self, media_type: str, text: str = "") -> None:
        shown = media_type[:100] or "(none)"
        super().__init__(Code.INVALID_ARGUMENT, text or f"media type {shown} is not supported here")


class _UnsupportedCodingError(_UnsupportedMediaTypeError):
    """The body is in a coding that is not undone here; RFC 9110, section 15.5.16, tells the same status."""

    def __init__(self, text: str, taken: bytes) -> None:
        super().__init__("", text)
        self.headers = [(b"accept-encoding", taken)]


def _coding(request: HttpRequest) -> str:
    """Return the coding of a body; empty for none.

    Raises:
        RpcError: It is not known.
    """
    try:
        return coding_of(request.headers.joined(b"content-encoding"))
    except RpcError as error:
        raise _UnsupportedCodingError(error.message, KNOWN_CODINGS.encode()) from None


def _status(error: RpcError, dialect: Dialect) -> int:
    if isinstance(error, TooLargeError):
        return 413
    if isinstance(error, _UnsupportedMediaTypeError):
        return 415
    return dialect.statuses[error.code]


def _set_deadline(call: Call, value: bytes) -> None:
    try:
        call.deadline = asyncio.get_running_loop().time() + rest_timeout(value.decode("latin-1"))
    except RpcError as error:
        call.refusal = error


def file_field(method: Method) -> str | None:
    """Return the field that a form brings as a file: the one of type bytes, if there is just one."""
    fields = [
        field.name
        for field in method.input.desc().fields
        if isinstance(field.value, DescFieldValueScalar) and field.value.scalar is ScalarType.BYTES
    ]
    return fields[0] if len(fields) == 1 else None
