"""Unary calls of Connect: the body, or the URL of a GET request, is the message."""

from __future__ import annotations

from collections.abc import AsyncIterator

from protobuf import Message, Registry

from triptych.rpc.call import Call
from triptych.transport.connect.codecs import Codec
from triptych.transport.connect.queries import GetQuery, override_page
from triptych.transport.errors import STATUSES, challenge, connect_body
from triptych.transport.http.compression import coding_of, compress, decompressed
from triptych.transport.http.messages import JSON, HeaderList, HttpRequest, Response, respond


class UnaryExchange:
    """The one request and the one response of a call.

    Attributes:
        reply: The response, written.
    """

    __slots__ = ("_call", "_codec", "_limit", "_pages", "_query", "_request", "reply")

    def __init__(
        self,
        call: Call,
        request: HttpRequest,
        codec: Codec,
        limit: int,
        *,
        query: GetQuery | None = None,
        pages: bool = False,
    ) -> None:
        """Make the exchange of a call.

        Args:
            call: The call.
            request: What it came with.
            codec: How its messages are written.
            limit: The most bytes of a message.
            query: Holds the message of a GET request.
            pages: Whether the query of the URL may ask for a page.
        """
        self._call = call
        self._request = request
        self._codec = codec
        self._limit = limit
        self._query = query
        self._pages = pages
        self.reply = b""

    async def read(self) -> Message:
        """Return the request message."""
        call, request = self._call, self._request
        if self._query is not None:
            data = self._query.message(self._limit)
        else:
            body = request.body
            small = isinstance(body, bytes) and len(body) <= self._limit
            data = body if small else await request.whole(self._limit, call)  # type: ignore[assignment] # bytes, if small
            if b"content-encoding" in request.headers.first and (
                coding := coding_of(request.headers.joined(b"content-encoding"))
            ):
                data = decompressed(data, coding, self._limit)
        call.request_bytes = len(data)
        message = self._codec.read(data, call.method.input)
        if self._pages and request.query:
            override_page(message, request.query)
        return message

    async def requests(self) -> AsyncIterator[Message]:
        """Yield the request message."""
        yield await self.read()

    async def write(self, response: Message) -> None:
        """Write the response message."""
        self.reply = reply = self._codec.write(response)
        self._call.response_bytes = len(reply)


def unary_response(
    call: Call, request: HttpRequest, exchange: UnaryExchange, content_type: bytes, registry: Registry
) -> Response:
    """Return the response to a call that is over.

    Args:
        call: The call.
        request: What it came with.
        exchange: Has the response message, unless the call failed.
        content_type: The content type of a response message.
        registry: The types that the details of an error may hold.
    """
    trailers: HeaderList = []
    if call.response_trailers:
        trailers = [(f"trailer-{name}".encode(), value.encode()) for name, value in call.response_trailers]
    error = call.error
    if error is None:
        accept = request.headers.first.get(b"accept-encoding")
        if not accept:
            return respond(request, 200, content_type, exchange.reply, trailers, call)
        body, headers = compress(exchange.reply, accept)
        return respond(request, 200, content_type, body, trailers + headers, call)
    headers = trailers + challenge(error)
    return respond(request, STATUSES[error.code], JSON, connect_body(error, call, registry), headers, call)
