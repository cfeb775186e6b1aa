"""Bounds on what a response may have before it is read to its end: pyqwest itself reads what it is sent."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from http import HTTPStatus
from typing import Final

from connectrpc.code import Code
from connectrpc.errors import ConnectError
from pyqwest import Headers, Request, Response, SyncRequest, SyncResponse, SyncTransport, Transport

# Of these, each message is counted by itself: streams may go on for ever.
_FRAMED: Final = ("application/connect+", "application/grpc")


class BoundedTransport:
    """A synchronous transport whose responses end in an error once they are too large, decompressed."""

    def __init__(self, transport: SyncTransport, most: int) -> None:
        self._transport = transport
        self._most = most

    def execute_sync(self, request: SyncRequest) -> SyncResponse:
        """Execute a request."""
        response = self._transport.execute_sync(request)
        if _is_stream(response.status, response.headers):
            return response
        return SyncResponse(
            status=response.status,
            http_version=response.http_version,
            headers=response.headers,
            content=self._pieces(response),
            trailers=response.trailers,
        )

    def _pieces(self, response: SyncResponse) -> Iterator[bytes]:
        left = self._most
        with response:
            for piece in response.content:
                data = bytes(piece)
                left -= len(data)
                if left < 0:
                    raise _too_large(self._most)
                yield data


class AsyncBoundedTransport:
    """The same for asyncio."""

    def __init__(self, transport: Transport, most: int) -> None:
        self._transport = transport
        self._most = most

    async def execute(self, request: Request) -> Response:
        """Execute a request."""
        response = await self._transport.execute(request)
        if _is_stream(response.status, response.headers):
            return response
        return Response(
            status=response.status,
            http_version=response.http_version,
            headers=response.headers,
            content=self._pieces(response),
            trailers=response.trailers,
        )

    async def _pieces(self, response: Response) -> AsyncIterator[bytes]:
        left = self._most
        async with response:
            async for piece in response.content:
                data = bytes(piece)
                left -= len(data)
                if left < 0:
                    raise _too_large(self._most)
                yield data


def _is_stream(status: int, headers: Headers) -> bool:
    return status == HTTPStatus.OK and headers.get("content-type", "").startswith(_FRAMED)


def _too_large(most: int) -> ConnectError:
    return ConnectError(Code.RESOURCE_EXHAUSTED, f"the response is larger than {most} bytes")
