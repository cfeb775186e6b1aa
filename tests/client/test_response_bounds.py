"""No answer takes more memory of a client than its `max_message`, however long it is or is made to be."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import grpc
import pytest
from protobuf.wkt import StringValue

from client.clients import method
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


ENDED: dict[str, tuple[str, str, bytes]] = {
    "connect": ("connect", "application/connect+proto", b"\x02\0\0\0\x02{}"),
    "grpc-web": ("grpc-web", "application/grpc-web+proto", b"\x80\0\0\0\x10grpc-status: 0\r\n"),
    "grpc-web after a message": (
        "grpc-web",
        "application/grpc-web+proto",
        b"\0\0\0\0\x03" + b"\x0a\x01a" + b"\x80\0\0\0\x10grpc-status: 0\r\n",
    ),
}


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("case", ENDED)
async def test_what_comes_after_the_end_of_a_stream(kind: str, case: str) -> None:
    protocol, content_type, ending = ENDED[case]
    sent = 0

    def pieces() -> bytes:
        nonlocal sent
        sent += 1
        # Its frames are cut in pieces, and the first of what comes after is in the same piece as the last.
        return ending[sent - 1 : sent] if sent < len(ending) else ending[-1:] * (sent == len(ending)) + PIECE

    async with endless(f"200 OK\r\ncontent-type: {content_type}", pieces) as url:
        settings: Any = {"protocol": protocol, "max_message": LIMIT, "retries": None, "timeout": 30}
        with pytest.raises(ApiError) as caught:
            if kind == "async":
                async with AsyncClient(url, **settings) as client:
                    async for _ in client.calls.server_stream(method("Many"), StringValue()):
                        pass
            else:
                with Client(url, **settings) as waiting:
                    await asyncio.to_thread(list, waiting.calls.server_stream(method("Many"), StringValue()))
    assert (caught.value.code.name, f"{LIMIT} bytes" in str(caught.value)) == ("RESOURCE_EXHAUSTED", True)


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize(
    ("protocol", "content_type", "coding", "flag"),
    [
        ("connect", "application/connect+proto", "connect-content-encoding", 1),
        ("connect", "application/connect+proto", "connect-content-encoding", 3),
        ("grpc-web", "application/grpc-web+proto", "grpc-encoding", 1),
        ("grpc-web", "application/grpc-web+proto", "grpc-encoding", 0x81),
    ],
)
async def test_a_frame_that_grows_when_it_is_decompressed(
    kind: str, protocol: str, content_type: str, coding: str, flag: int
) -> None:
    data = gzip.compress(bytes(100 * LIMIT))
    frame = bytes([flag]) + len(data).to_bytes(4, "big") + data
    async with endless(f"200 OK\r\ncontent-type: {content_type}\r\n{coding}: gzip", lambda: frame) as url:
        settings: Any = {"protocol": protocol, "max_message": LIMIT, "retries": None, "timeout": 30}
        with pytest.raises(ApiError) as caught:
            if kind == "async":
                async with AsyncClient(url, **settings) as client:
                    async for _ in client.calls.server_stream(method("Many"), StringValue()):
                        pass
            else:
                with Client(url, **settings) as waiting:
                    await asyncio.to_thread(list, waiting.calls.server_stream(method("Many"), StringValue()))
    assert caught.value.code.name == "RESOURCE_EXHAUSTED"


@pytest.mark.parametrize("kind", ["sync", "async"])
async def test_over_grpc(kind: str) -> None:
    async def answer(request: bytes, context: Any) -> bytes:
        return bytes(100 * LIMIT)

    server = grpc.aio.server(compression=grpc.Compression.Gzip)
    handler = grpc.unary_unary_rpc_method_handler(answer)
    handlers = {"GetAuthenticatedUser": handler}
    server.add_generic_rpc_handlers(
        (grpc.method_handlers_generic_handler("gitpod.v1.UserService", handlers),)
    )
    port = server.add_insecure_port("127.0.0.1:0")
    await server.start()
    try:
        with pytest.raises(ApiError) as caught:
            await call_of(kind, f"http://127.0.0.1:{port}", protocol="grpc", max_message=LIMIT)()
    finally:
        await server.stop(0)
    assert caught.value.code.name == "RESOURCE_EXHAUSTED"


async def test_the_bound_is_64_mib_unless_the_user_says_else() -> None:
    mebibyte = bytes(1024 * 1024)
    async with endless("200 OK\r\ncontent-type: application/proto", lambda: mebibyte) as url:
        with pytest.raises(ApiError, match=f"larger than {64 * len(mebibyte)} bytes"):
            await call_of("async", url)()


@pytest.mark.parametrize("protocol", ["connect", "grpc-web", "grpc"])
async def test_nothing_shows_a_token(monkeypatch: pytest.MonkeyPatch, protocol: Any) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://ada:top-secret@proxy.test")
    seen: set[int] = set()

    def shown(value: object) -> str:
        """Return the repr of an object, and of all that it is made of."""
        if id(value) in seen or type(value).__module__ == "builtins":
            return ""
        seen.add(id(value))
        inner = list(getattr(value, "__dict__", {}).values())
        inner += [getattr(value, name, None) for name in getattr(type(value), "__slots__", ())]
        return repr(value) + "".join(shown(each) for each in inner)

    with Client("http://example.test", token="top-secret", protocol=protocol) as client:
        assert "top-secret" not in shown(client)
    async with AsyncClient("http://example.test", token="top-secret", protocol=protocol) as of_tasks:
        assert "top-secret" not in shown(of_tasks)


def test_an_attempt_shows_no_token() -> None:
    with Client(token="top-secret") as client:
        headers = client.calls._defaults.headers
        assert "top-secret" in str(headers)
        method: Any = None
        assert "top-secret" not in repr(Attempt(method=method, timeout=None, headers=headers))
