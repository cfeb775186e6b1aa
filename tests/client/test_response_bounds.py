"""No answer takes more memory of a client than its `max_message`, however long it is or is made to be."""

from __future__ import annotations

import asyncio
import contextlib
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from triptych_client import ApiError, AsyncClient, Client
from triptych_client.attempt import Attempt

LIMIT = 100_000
PIECE = bytes(64 * 1024)


@asynccontextmanager
async def endless(head: str, piece: Callable[[], bytes]) -> AsyncIterator[str]:
    """Run a server whose answers have no end."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(f"HTTP/1.1 {head}\r\ntransfer-encoding: chunked\r\n\r\n".encode())
            while True:
                data = piece()
                writer.write(b"%x\r\n%b\r\n" % (len(data), data))
                await writer.drain()
                await asyncio.sleep(0)  # what is short never has to wait
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


def gzip_piece() -> Callable[[], bytes]:
    """Return a maker of pieces of one endless gzip stream: a thousandth of what comes of them."""
    compressor = zlib.compressobj(wbits=31)
    return lambda: compressor.compress(bytes(10_000_000)) + compressor.flush(zlib.Z_SYNC_FLUSH)


ANSWERS: dict[str, tuple[str, Callable[[], Callable[[], bytes]]]] = {
    "plain": ("200 OK\r\ncontent-type: application/proto", lambda: lambda: PIECE),
    "error": ("503 No\r\ncontent-type: application/json", lambda: lambda: PIECE),
    "compressed": ("200 OK\r\ncontent-type: application/proto\r\ncontent-encoding: gzip", gzip_piece),
    "no type": ("200 OK", lambda: lambda: PIECE),
}


def call_of(kind: str, url: str, **settings: Any) -> Callable[[], Awaitable[object]]:
    async def call() -> object:
        if kind == "async":
            async with AsyncClient(url, retries=None, timeout=30, **settings) as client:
                return await client.users.get_authenticated_user()
        with Client(url, retries=None, timeout=30, **settings) as waiting:
            return await asyncio.to_thread(waiting.users.get_authenticated_user)

    return call


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("answer", ANSWERS)
async def test_an_endless_answer(kind: str, answer: str) -> None:
    head, make = ANSWERS[answer]
    async with endless(head, make()) as url:
        with pytest.raises(ApiError) as caught:
            await call_of(kind, url, max_message=LIMIT)()
        assert (caught.value.code.name, f"{LIMIT} bytes" in str(caught.value)) == ("RESOURCE_EXHAUSTED", True)


@pytest.mark.parametrize("kind", ["sync", "async"])
async def test_a_frame_that_says_it_is_too_long(kind: str) -> None:
    prefix = b"\0\x7f\xff\xff\xff"
    async with endless("200 OK\r\ncontent-type: application/grpc-web+proto", lambda: prefix + PIECE) as url:
        with pytest.raises(ApiError) as caught:
            await call_of(kind, url, protocol="grpc-web", max_message=LIMIT)()
        assert caught.value.code.name == "RESOURCE_EXHAUSTED"


async def test_the_bound_is_64_mib_unless_the_user_says_else() -> None:
    mebibyte = bytes(1024 * 1024)
    async with endless("200 OK\r\ncontent-type: application/proto", lambda: mebibyte) as url:
        with pytest.raises(ApiError, match=f"larger than {64 * len(mebibyte)} bytes"):
            await call_of("async", url)()


def test_an_attempt_shows_no_token() -> None:
    with Client(token="top-secret") as client:
        headers = client.calls._defaults.headers
        assert "top-secret" in str(headers)
        method: Any = None
        assert "top-secret" not in repr(Attempt(method=method, timeout=None, headers=headers))
