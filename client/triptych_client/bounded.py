"""Bounds on what a response may have before it is read to its end: pyqwest itself reads what it is sent."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from http import HTTPStatus
from typing import Final, Protocol

from connectrpc.code import Code
from connectrpc.errors import ConnectError
from pyqwest import Headers, Request, Response, SyncRequest, SyncResponse, SyncTransport, Transport

# Of these, each message is counted by the library: streams may go on for ever.
_FRAMED: Final = ("application/connect+", "application/grpc")
# The flag of the frame that ends a stream; plain gRPC has none, as trailers of HTTP end it.
_END_FLAGS: Final = {"application/connect+": 0x02, "application/grpc-web": 0x80}
_PREFIX: Final = 5


class _Bound(Protocol):
    def take(self, data: bytes) -> None:
        """Count what came.

        Raises:
            ConnectError: RESOURCE_EXHAUSTED; it is too much.
        """


class _Total:
    """Bounds a whole response."""

    def __init__(self, most: int) -> None:
        self._most = self._left = most

    def take(self, data: bytes) -> None:
        self._left -= len(data)
        if self._left < 0:
            raise ConnectError(Code.RESOURCE_EXHAUSTED, f"the response is larger than {self._most} bytes")


class _AfterEnd:
    """Bounds what comes after the frame that ends a stream, which the library reads in one piece."""

    def __init__(self, most: int, flag: int) -> None:
        self._rest = _Total(most)
        self._flag = flag
        self._prefix = bytearray()
        self._left = 0  # of the frame
        self._is_last = False

    def take(self, data: bytes) -> None:
        at = 0
        while at < len(data):
            if self._is_last and not self._left:
                self._rest.take(data[at:])
                return
            if self._left:
                step = min(self._left, len(data) - at)
                self._left -= step
            else:
                step = min(_PREFIX - len(self._prefix), len(data) - at)
                self._prefix += data[at : at + step]
                if len(self._prefix) == _PREFIX:
                    self._is_last = bool(self._prefix[0] & self._flag)
                    self._left = int.from_bytes(self._prefix[1:], "big")
                    self._prefix.clear()
            at += step


class BoundedTransport:
    """A synchronous transport whose responses end in an error once they are too large, decompressed."""

    def __init__(self, transport: SyncTransport, most: int) -> None:
        self._transport = transport
        self._most = most

    def execute_sync(self, request: SyncRequest) -> SyncResponse:
        """Execute a request."""
        response = self._transport.execute_sync(request)
        bound = _bound(response.status, response.headers, self._most)
        if bound is None:
            return response
        return SyncResponse(
            status=response.status,
            http_version=response.http_version,
            headers=response.headers,
            content=self._pieces(response, bound),
            trailers=response.trailers,
        )

    def _pieces(self, response: SyncResponse, bound: _Bound) -> Iterator[bytes]:
        with response:
            for piece in response.content:
                data = bytes(piece)
                bound.take(data)
                yield data


class AsyncBoundedTransport:
    """The same for asyncio."""

    def __init__(self, transport: Transport, most: int) -> None:
        self._transport = transport
        self._most = most

    async def execute(self, request: Request) -> Response:
        """Execute a request."""
        response = await self._transport.execute(request)
        bound = _bound(response.status, response.headers, self._most)
        if bound is None:
            return response
        return Response(
            status=response.status,
            http_version=response.http_version,
            headers=response.headers,
            content=self._pieces(response, bound),
            trailers=response.trailers,
        )

    async def _pieces(self, response: Response, bound: _Bound) -> AsyncIterator[bytes]:
        async with response:
            async for piece in response.content:
                data = bytes(piece)
                bound.take(data)
                yield data


def _bound(status: int, headers: Headers, most: int) -> _Bound | None:
    """Return what bounds a response; None if the library does."""
    kind = headers.get("content-type", "")
    if status != HTTPStatus.OK or not kind.startswith(_FRAMED):
        return _Total(most)
    flag = next((flag for prefix, flag in _END_FLAGS.items() if kind.startswith(prefix)), None)
    return None if flag is None else _AfterEnd(most, flag)
