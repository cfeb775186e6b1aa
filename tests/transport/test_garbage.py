"""A call that failed is gone at once: its error keeps no frames, and so no cycle waits for the collector."""

from __future__ import annotations

import asyncio
import gc
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass

import grpc
import httpx
import pytest
from google.protobuf.wrappers_pb2 import StringValue

from support.apps import running_app
from support.calls import SERVICE, TEST_METHODS
from support.http import new_http_client
from triptych.app.lifecycle import App
from triptych.rpc.call import Call

UNARY = f"/{SERVICE}/Unary"
STREAM = f"/{SERVICE}/ServerStreaming"
BIDI = f"/{SERVICE}/BidiStreaming"
TIMES = 30

Http = httpx.AsyncClient


@dataclass
class Server:
    app: App
    http: Http
    channel: grpc.aio.Channel


Attempt = Callable[[Server], Awaitable[object]]


def without_frames(record: logging.LogRecord) -> bool:
    """Have pytest, which keeps what is logged, keep nothing of a call."""
    record.exc_info = None
    return True


@pytest.fixture(autouse=True)
def no_collector() -> Iterator[None]:
    logger = logging.getLogger("triptych")
    logger.addFilter(without_frames)
    gc.collect()
    gc.disable()
    yield
    gc.enable()
    logger.removeFilter(without_frames)


def alive() -> int:
    return sum(type(each) is Call for each in gc.get_objects())


def framed(text: str, flags: int = 0) -> bytes:
    data = StringValue(value=text).SerializeToString()
    return bytes([flags]) + len(data).to_bytes(4, "big") + data


async def post(http: Http, path: str, content: bytes, media_type: str, **headers: str) -> httpx.Response:
    return await http.post(path, content=content, headers={"content-type": media_type, **headers})


async def cut_off(app: App, path: str, media_type: str, *headers: str) -> None:
    """Send half a request, and go away."""
    reader, writer = await asyncio.open_connection("127.0.0.1", app.http.port)
    lines = [f"POST {path} HTTP/1.1", "Host: x", f"Content-Type: {media_type}", "Content-Length: 100000"]
    writer.write("\r\n".join([*lines, *headers, "", ""]).encode() + b"--b\r\n" + b"x" * 1000)
    writer.write_eof()
    await reader.read()
    writer.close()


async def grpc_fails(channel: grpc.aio.Channel, text: str, timeout: float | None = None) -> None:
    call = channel.unary_unary(UNARY, StringValue.SerializeToString, StringValue.FromString)
    with pytest.raises(grpc.aio.AioRpcError):
        await call(StringValue(value=text), timeout=timeout)


async def grpc_stream_fails(channel: grpc.aio.Channel, path: str, *messages: bytes) -> None:
    call = channel.stream_stream(path)()
    with pytest.raises(grpc.aio.AioRpcError):
        for message in messages:
            await call.write(message)
        await call.done_writing()
        async for _ in call:
            pass


BEARER = "Authorization: Bearer secret"
ATTEMPTS: dict[str, Attempt] = {
    "grpc": lambda on: grpc_fails(on.channel, "code:not_found"),
    "grpc, unexpected": lambda on: grpc_fails(on.channel, "boom"),
    "grpc, deadline": lambda on: grpc_fails(on.channel, "sleep", 0.02),
    "grpc, no message": lambda on: grpc_stream_fails(on.channel, UNARY),
    "grpc, malformed": lambda on: grpc_stream_fails(on.channel, UNARY, b"\xff"),
    "grpc, stream": lambda on: grpc_stream_fails(on.channel, STREAM, b"\x0a\x03ab!"),
    "grpc, malformed in a stream": lambda on: grpc_stream_fails(on.channel, BIDI, b"\xff"),
    "grpc, no token": lambda on: grpc_stream_fails(
        on.channel, "/gitpod.v1.UserService/GetAuthenticatedUser", b""
    ),
    "grpc, unknown": lambda on: grpc_stream_fails(on.channel, "/x/y", b""),
    "connect": lambda on: on.http.post(UNARY, json="code:not_found"),
    "connect, unexpected": lambda on: on.http.post(UNARY, json="boom"),
    "connect, malformed": lambda on: post(on.http, UNARY, b"{", "application/json"),
    "connect, deadline": lambda on: on.http.post(UNARY, json="sleep", headers={"connect-timeout-ms": "20"}),
    "connect, compressed wrongly": lambda on: post(
        on.http, UNARY, b"{", "application/json", **{"content-encoding": "gzip"}
    ),
    "connect, wrong media type": lambda on: post(on.http, UNARY, b"{", "text/plain"),
    "connect, cut off": lambda on: cut_off(on.app, UNARY, "application/json"),
    "connect, stream": lambda on: post(on.http, STREAM, framed("ab!"), "application/connect+proto"),
    "connect, stream cut off": lambda on: cut_off(on.app, BIDI, "application/connect+proto"),
    "grpc-web": lambda on: post(on.http, UNARY, framed("code:not_found"), "application/grpc-web+proto"),
    "grpc-web, malformed": lambda on: post(on.http, UNARY, b"\x05abc", "application/grpc-web+proto"),
    "grpc-web, stream": lambda on: post(on.http, STREAM, framed("ab!"), "application/grpc-web+proto"),
    "rest": lambda on: on.http.get("/v1beta/documents/doc_x"),
    "rest, malformed": lambda on: on.http.post(
        "/v1beta/documents", content=b"{", headers={"authorization": "Bearer secret"}
    ),
    "rest, unknown": lambda on: on.http.get("/v1beta/nothing"),
    "rest, form": lambda on: on.http.post(
        "/v1beta/documents",
        files={"payload": ("a.pdf", b"no pdf" * 1000)},
        headers={"authorization": "Bearer secret"},
    ),
    "rest, malformed form": lambda on: post(
        on.http,
        "/v1beta/documents",
        b"nothing" * 100_000,
        "multipart/form-data; boundary=b",
        authorization="Bearer secret",
    ),
    "rest, form cut off": lambda on: cut_off(
        on.app, "/v1beta/documents", "multipart/form-data; boundary=b", BEARER
    ),
}


@pytest.fixture(scope="module")
async def on() -> AsyncIterator[Server]:
    async with (
        running_app(TEST_METHODS) as app,
        new_http_client(base_url=f"http://127.0.0.1:{app.http.port}") as http,
        grpc.aio.insecure_channel(f"127.0.0.1:{app.grpc.port}") as channel,
    ):
        yield Server(app, http, channel)


@pytest.mark.parametrize("name", ATTEMPTS)
async def test_a_failed_call_does_not_wait_for_the_collector(name: str, on: Server) -> None:
    attempt = ATTEMPTS[name]
    before = alive()
    for _ in range(TIMES):
        await attempt(on)
    for _ in range(20):  # the last may still be on their way out
        await on.http.post(UNARY, json="x")
    assert alive() - before <= 3
