"""A client of HTTP/1.1 that sends any bytes, and reads answers strictly."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from conftest import Server
from support.calls import SERVICE

SECONDS = 20
ECHO = f"/{SERVICE}/Unary"
JSON = b"Content-Type: application/json\r\n"
CHUNKED = b"Transfer-Encoding: chunked\r\n"


@dataclass
class Response:
    """One response; names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Wire:
    """One connection."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer

    def send(self, data: bytes) -> None:
        self._writer.write(data)

    async def send_all(self, data: bytes) -> None:
        """Send until the system has taken it all; an error tells that the server reset the connection."""
        self._writer.write(data)
        await self._writer.drain()

    async def close(self) -> None:
        """Leave."""
        self._writer.close()
        await self._writer.wait_closed()

    def send_eof(self) -> None:
        self._writer.write_eof()

    async def response(self, *, head: bool = False) -> Response:
        """Read one response, no byte more; for HEAD without a body."""
        async with asyncio.timeout(SECONDS):
            block = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = block.removesuffix("\r\n\r\n").split("\r\n")
            assert first.startswith("HTTP/1.1 "), first
            status = int(first.split(" ")[1])
            headers = {}
            for line in lines:
                name, _, value = line.partition(": ")
                assert name.lower() not in headers, f"{name} comes twice"
                headers[name.lower()] = value
            if head or status < 200 or status == 204:
                return Response(status, headers, b"")
            if headers.get("transfer-encoding") == "chunked":
                return Response(status, headers, await self._chunks())
            if "content-length" not in headers:
                assert headers["connection"] == "close"
                return Response(status, headers, await self._reader.read())
            return Response(status, headers, await self._reader.readexactly(int(headers["content-length"])))

    async def _chunks(self) -> bytes:
        body = b""
        while size := int(await self._reader.readline(), 16):
            body += await self._reader.readexactly(size)
            assert await self._reader.readexactly(2) == b"\r\n"
        assert await self._reader.readexactly(2) == b"\r\n"
        return body

    async def ends(self) -> bool:
        """Wait for what comes next; tell whether it is the end of the connection."""
        async with asyncio.timeout(SECONDS):
            return await self._reader.read(1) == b""

    async def still_serves(self) -> None:
        """Check that the next request is read as one: nothing before it was left over."""
        self.send(echo("the next one"))
        response = await self.response()
        assert (response.status, response.json) == (200, "the next one")


@asynccontextmanager
async def wire(server: Server) -> AsyncIterator[Wire]:
    """Connect to the HTTP port."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.app.http.port)
    try:
        yield Wire(reader, writer)
    finally:
        writer.close()


def message(
    headers: bytes = b"",
    body: bytes = b"",
    *,
    line: str = f"POST {ECHO} HTTP/1.1",
    host: bytes = b"Host: triptych.test\r\n",
) -> bytes:
    """Return a request as it is given, with nothing added but a host and a content type."""
    return line.encode("latin-1") + b"\r\n" + host + JSON + headers + b"\r\n" + body


def echo(text: str, headers: bytes = b"") -> bytes:
    """Return a proper request that gets its text back."""
    body = json.dumps(text).encode()
    return message(headers + b"Content-Length: %d\r\n" % len(body), body)


def chunked(body: bytes, headers: bytes = b"") -> bytes:
    """Return a request with a body that is in chunks already."""
    return message(headers + CHUNKED, body)


async def check_refused(server: Server, data: bytes, status: int) -> Response:
    """Check that what is sent gets one answer, with an error in it, and the end of the connection."""
    async with wire(server) as client:
        client.send(data)
        response = await client.response()
        assert response.status == status
        assert response.headers["connection"] == "close"
        assert response.headers["content-type"] == "application/json"
        assert response.headers["x-request-id"].startswith("req_")
        assert response.json["message"]
        assert await client.ends()
    return response


async def check_served(server: Server, data: bytes, status: int = 200) -> Response:
    """Check that what is sent is read as one request, and that the connection goes on."""
    async with wire(server) as client:
        client.send(data)
        response = await client.response()
        assert response.status == status
        await client.still_serves()
    return response


async def pass_time(server: Server, seconds: float) -> None:
    """Wait for a call on another connection that runs until its deadline."""
    async with wire(server) as client:
        client.send(echo("sleep", b"Connect-Timeout-Ms: %d\r\n" % (seconds * 1000)))
        assert (await client.response()).status == 504
