"""A request and a response of HTTP, whatever server they came through, and the one writer of responses."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias
from urllib.parse import unquote_to_bytes

from triptych.errors import too_large
from triptych.rpc.call import REQUEST_ID_HEADER, Call, request_id
from triptych.rpc.headers import HttpHeaders

HeaderList: TypeAlias = list[tuple[bytes, bytes]]

JSON: Final = b"application/json"
_ID: Final = REQUEST_ID_HEADER.encode()
_NO_RETRY: Final = (b"x-should-retry", b"false")


class Body(Protocol):
    """The body of a request."""

    async def whole(self, limit: int, call: Call) -> bytes:
        """Read all of it for a call.

        Raises:
            RpcError: RESOURCE_EXHAUSTED beyond `limit` bytes, CANCELED if the client goes away before the
                end, DEADLINE_EXCEEDED if it takes too long, UNAVAILABLE if there is no room for it.
        """
        ...

    def chunks(self, limit: int, call: Call) -> AsyncIterator[bytes]:
        """Yield it piece by piece, for a call that expects so many bytes at most.

        Raises:
            RpcError: CANCELED if the client goes away before the end.
        """
        ...


class HttpRequest:
    """A request.

    Attributes:
        verb: The method of HTTP; the word method is kept for rpcs.
        raw_path: The path as it came, in percent-encoding.
        query: The query as it came, without the question mark.
        headers: The headers.
        peer: The address of the client; empty if it is not known.
        body: The body; bytes if all of it is there already.
        trailers: Whether a response may have trailers.
        carried: What every response to this request carries: headers for browsers.
    """

    __slots__ = ("body", "carried", "headers", "peer", "query", "raw_path", "trailers", "verb")

    def __init__(
        self,
        verb: str,
        raw_path: bytes,
        query: bytes,
        headers: HttpHeaders,
        peer: str,
        body: Body | bytes,
        *,
        trailers: bool = False,
    ) -> None:
        self.verb = verb
        self.raw_path = raw_path
        self.query = query
        self.headers = headers
        self.peer = peer
        self.body = body
        self.trailers = trailers
        self.carried: HeaderList = []

    async def whole(self, limit: int, call: Call) -> bytes:
        """Read all of the body for a call.

        Raises:
            RpcError: RESOURCE_EXHAUSTED beyond `limit` bytes, CANCELED if the client goes away before the
                end, DEADLINE_EXCEEDED if it takes too long, UNAVAILABLE if there is no room for it.
        """
        body = self.body
        if isinstance(body, bytes):
            if len(body) > limit:
                raise too_large(limit)
            return body
        length = self.headers.first.get(b"content-length", b"")
        if length.isdigit() and int(length) > limit:  # known without waiting for any of it
            raise too_large(limit)
        return await body.whole(limit, call)

    async def chunks(self, limit: int, call: Call) -> AsyncIterator[bytes]:
        """Yield the body piece by piece, for a call that expects so many bytes at most.

        Raises:
            RpcError: CANCELED if the client goes away before the end, DEADLINE_EXCEEDED if it takes too long.
        """
        if isinstance(self.body, bytes):
            yield self.body
            return
        async for chunk in self.body.chunks(limit, call):
            yield chunk

    @property
    def path(self) -> str:
        """The path, decoded and as rpcs have it."""
        return decoded(self.raw_path)

    @property
    def media_type(self) -> str:
        """The content type without its parameters, in lower case; empty if there is none."""
        return media_type(self.headers.first.get(b"content-type", b""))

    @property
    def given_id(self) -> str | None:
        """The `x-request-id` that the client gave."""
        value = self.headers.first.get(_ID)
        return None if value is None else value.decode("latin-1")


@dataclass(slots=True)
class Response:
    """A response that is there as a whole."""

    status: int
    headers: HeaderList
    body: bytes
    trailers: HeaderList | None = None


class Channel(Protocol):
    """The two directions of a request that is answered with a stream."""

    async def receive(self) -> bytes | None:
        """Return the next piece of the body, or None at its end.

        Raises:
            RpcError: CANCELED if the client goes away before the end.
        """
        ...

    async def whole_body(self, limit: int, call: Call) -> bytes:
        """Read all of the body, as `Body.whole` does."""
        ...

    async def start(self, status: int, headers: HeaderList, *, trailers: bool = False) -> None:
        """Begin the response."""
        ...

    async def send(self, data: bytes) -> None:
        """Send a piece of the response; waits while the client reads too slowly."""
        ...

    async def end(self, data: bytes = b"", trailers: HeaderList | None = None) -> None:
        """End the response."""
        ...


@dataclass(slots=True)
class StreamingResponse:
    """A response that comes piece by piece: `run` reads one body and writes the other."""

    run: Callable[[Channel], Awaitable[None]]


Answer: TypeAlias = Response | StreamingResponse


def respond(
    request: HttpRequest,
    status: int,
    content_type: bytes,
    body: bytes,
    more: Iterable[tuple[bytes, bytes]] = (),
    call: Call | None = None,
) -> Response:
    """Return a whole response; to HEAD, all of it but the body.

    Args:
        request: What it answers.
        status: The status of HTTP.
        content_type: The content type.
        body: The body; bytes if all of it is there already.
        more: Headers of this response.
        call: The call that it ends, for its response headers and its request id; None if it came to none.
    """
    headers = [(b"content-type", content_type), (b"content-length", b"%d" % len(body)), *more]
    if call is not None and call.error is None and not call.response_headers and not request.carried:
        headers.append((_ID, call.request_id.encode()))  # as add_common would: most responses are like this
    else:
        add_common(headers, request, call)
    return Response(status, headers, b"" if request.verb == "HEAD" else body)


def empty(request: HttpRequest, status: int, more: Iterable[tuple[bytes, bytes]] = ()) -> Response:
    """Return a response without content, to a request that came to no call."""
    headers = [*more]
    add_common(headers, request, None)
    return Response(status, headers, b"")


def add_common(headers: HeaderList, request: HttpRequest, call: Call | None) -> None:
    """Add what every response has: the call's own headers, those for browsers, the request id.

    Connect's have a word on retries, too, where these cannot help.
    """
    if call is None:
        headers += request.carried
        headers.append((_ID, request_id(request.given_id).encode()))
        return
    if call.response_headers:
        headers += [(name.encode(), value.encode()) for name, value in call.response_headers]
    if request.carried:
        headers += request.carried
    headers.append((_ID, call.request_id.encode()))
    if call.error is not None and call.transport == "connect" and not call.error.may_pass:
        headers.append(_NO_RETRY)


def media_type(content_type: bytes) -> str:
    """Return a content type without its parameters, in lower case."""
    return content_type.partition(b";")[0].strip().lower().decode("latin-1")


def decoded(raw_path: bytes) -> str:
    """Return the path as rpcs have it, and decoded."""
    raw = normalised(raw_path)
    return (unquote_to_bytes(raw) if b"%" in raw else raw).decode("utf-8", "replace")


def normalised(raw_path: bytes) -> bytes:
    """Return the path as rpcs and routes have it: SDKs join base URLs in many ways."""
    if b"//" in raw_path:
        raw_path = re.sub(rb"/{2,}", b"/", raw_path)
    return raw_path.removeprefix(b"/api") if raw_path.startswith(b"/api/") else raw_path
