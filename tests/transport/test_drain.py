"""The end of a server: who is told what, in which order, and that nobody can put it off."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import grpc
import h2.connection
import httpx
import pytest
from protobuf.wkt import StringValue

from support.apps import make_app, running_app
from support.calls import SERVICE, TEST_METHODS
from support.http import new_http_client
from tools.certificates import Certificates, make_certificates
from triptych.app.lifecycle import App
from triptych.rpc.call import Call
from triptych.transport.grpc import listener as grpc_listener
from triptych.transport.http1 import listener
from triptych.transport.http1.protocol import Http1Protocol
from triptych_api.grpc.health.v1.health_pb import HealthCheckResponse

SECONDS = 30
ECHO = f"/{SERVICE}/Unary"


def url(app: App) -> str:
    return f"http://127.0.0.1:{app.http.port}"


async def connect(app: App) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    return await asyncio.open_connection("127.0.0.1", app.http.port)


def post(text: str) -> bytes:
    body = f'"{text}"'.encode()
    head = f"POST {ECHO} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n"
    return head.encode() + b"content-length: %d\r\n\r\n" % len(body) + body


async def head_of(reader: asyncio.StreamReader) -> str:
    async with asyncio.timeout(SECONDS):
        return (await reader.readuntil(b"\r\n\r\n")).decode().lower()


async def test_while_it_drains_it_says_so_and_takes_calls() -> None:
    app = make_app(TEST_METHODS, drain_seconds=3)
    await app.start()
    async with (
        new_http_client(base_url=url(app)) as http,
        grpc.aio.insecure_channel(f"127.0.0.1:{app.grpc.port}") as channel,
    ):
        watching = channel.unary_stream("/grpc.health.v1.Health/Watch")(b"")
        assert HealthCheckResponse.from_binary(await watching.read()).status.name == "SERVING"
        assert "connection" not in (await http.get("/readyz")).headers
        stopping = asyncio.create_task(app.stop())
        assert HealthCheckResponse.from_binary(await watching.read()).status.name == "NOT_SERVING"
        for _ in range(2):  # over a connection that was there, and over a new one
            ready = await http.get("/readyz")
            assert (ready.status_code, ready.headers["connection"]) == (503, "close")
        assert (await http.post(ECHO, json="x")).json() == "x"
        assert await channel.unary_unary(ECHO)(b"\x0a\x01x") == b"\x0a\x01x"
        await stopping
        with pytest.raises(httpx.ConnectError):
            await http.get("/readyz")


async def test_an_idle_connection_may_still_bring_a_call() -> None:
    app = make_app(TEST_METHODS, shutdown_grace=SECONDS)
    await app.start()
    reader, writer = await connect(app)
    writer.write(post("before"))
    assert "connection" not in await head_of(reader)
    await reader.readexactly(len('"before"'))
    stopping = asyncio.create_task(app.stop())
    await until_refused(app)
    writer.write(post("after"))
    assert "\r\nconnection: close\r\n" in await head_of(reader)
    assert await reader.read() == b'"after"'
    writer.close()
    await stopping


async def until_refused(app: App) -> None:
    """Wait until no new connections are taken; those that are meanwhile are told to close."""
    async with asyncio.timeout(SECONDS):
        while True:
            try:
                _, writer = await connect(app)
            except ConnectionError:
                return
            writer.close()


async def test_idle_connections_do_not_keep_it_for_the_whole_grace() -> None:
    app = make_app(TEST_METHODS, shutdown_grace=1000)
    await app.start()
    reader, writer = await connect(app)
    writer.write(post("x"))
    await head_of(reader)
    async with asyncio.timeout(SECONDS):
        await app.stop()
        assert await reader.read() == b'"x"'
    writer.close()


async def test_pipelined_calls_beyond_the_last_answer_are_not_begun() -> None:
    begun: list[str] = []
    entered, release = asyncio.Event(), asyncio.Event()

    async def wait(request: StringValue, call: Call) -> StringValue:
        begun.append(request.value)
        entered.set()
        await release.wait()
        return StringValue(value=request.value)

    app = make_app([replace(TEST_METHODS[0], function=wait)], shutdown_grace=SECONDS)
    await app.start()
    reader, writer = await connect(app)
    writer.write(post("first") + post("second"))
    await entered.wait()
    stopping = asyncio.create_task(app.stop())
    await until_refused(app)
    release.set()
    assert "\r\nconnection: close\r\n" in await head_of(reader)
    assert await reader.read() == b'"first"'
    writer.close()
    await stopping
    assert begun == ["first"]


async def test_grpc_calls_that_come_late_are_unavailable() -> None:
    app = make_app(TEST_METHODS, shutdown_grace=SECONDS)
    await app.start()
    ended: Counter[str] = Counter()
    called = asyncio.Event()

    async def call_without_pauses() -> None:
        options = [("grpc.use_local_subchannel_pool", 1), ("grpc.enable_retries", 0)]
        async with grpc.aio.insecure_channel(f"127.0.0.1:{app.grpc.port}", options=options) as channel:
            echo = channel.unary_unary(ECHO)
            try:
                while True:
                    await echo(b"\x0a\x01x")
                    called.set()
            except grpc.aio.AioRpcError as error:
                ended[error.code().name] += 1

    clients = [asyncio.create_task(call_without_pauses()) for _ in range(6)]
    await called.wait()
    await app.stop()
    await asyncio.wait_for(asyncio.gather(*clients), SECONDS)
    assert ended == {"UNAVAILABLE": 6}


async def test_grpc_waits_for_those_who_may_call_again_when_they_have_their_answer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(grpc_listener, "_QUIET_SECONDS", 0)
    monkeypatch.setattr(grpc_listener, "_MOST_QUIET_SECONDS", SECONDS)
    entered, release = asyncio.Event(), asyncio.Event()

    async def wait(request: StringValue, call: Call) -> StringValue:
        entered.set()
        await release.wait()
        return request

    app = make_app([replace(TEST_METHODS[0], function=wait)], shutdown_grace=2 * SECONDS)
    await app.start()
    async with grpc.aio.insecure_channel(f"127.0.0.1:{app.grpc.port}") as channel:
        echo = channel.unary_unary(ECHO)
        running = asyncio.ensure_future(echo(b"\x0a\x01x"))
        await entered.wait()
        stopping = asyncio.create_task(app.stop())
        while not app.composition.grpc.stopping:  # noqa: ASYNC110 - nothing tells of it
            await asyncio.sleep(0)
        for _ in range(20):
            with pytest.raises(grpc.aio.AioRpcError, match="the call was not begun"):
                await echo(b"\x0a\x01y")
        release.set()
        assert await running == b"\x0a\x01x"
        await stopping


async def endless(request: StringValue, call: Call) -> AsyncIterator[StringValue]:
    while True:
        yield StringValue(value="x" * 65_536)


@pytest.mark.parametrize("port", ["http", "grpc"])
async def test_streams_that_nobody_reads_end_with_the_grace(port: str) -> None:
    (method,) = [each for each in TEST_METHODS if each.name == "ServerStreaming"]
    app = make_app([replace(method, name="Endless", function=endless)], shutdown_grace=0.5)
    await app.start()
    path = f"/{SERVICE}/Endless"
    start = http_stream(path) if port == "http" else grpc_stream(path)
    number = app.http.port if port == "http" else app.grpc.port
    writers = []
    for _ in range(20):
        reader, writer = await asyncio.open_connection("127.0.0.1", number, limit=1024)
        writer.write(start)
        await reader.read(1)
        writers.append(writer)
    async with asyncio.timeout(SECONDS):
        await app.stop()
    for writer in writers:
        writer.transport.abort()


def http_stream(path: str) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/connect+proto\r\n"
    return head.encode() + b"content-length: 5\r\n\r\n\0\0\0\0\0"


def grpc_stream(path: str) -> bytes:
    connection = h2.connection.H2Connection()
    connection.initiate_connection()
    headers = {":method": "POST", ":scheme": "http", ":path": path, ":authority": "x", "te": "trailers"}
    connection.send_headers(1, [*headers.items(), ("content-type", "application/grpc")])
    connection.send_data(1, b"\0\0\0\0\0", end_stream=True)
    return connection.data_to_send()


@pytest.fixture
def certificates(tmp_path: Path) -> Certificates:
    return make_certificates(tmp_path)


async def test_a_client_that_never_agrees_upon_tls_is_let_go_and_counts(
    certificates: Certificates, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = replace(Http1Protocol.limits, handshake_seconds=0.2, connections=1)
    monkeypatch.setattr(Http1Protocol, "limits", limits)
    monkeypatch.setattr(listener, "REFUSED_AT_A_TIME", 1)
    async with running_app(tls_cert=certificates.cert, tls_key=certificates.key) as app:
        silent = [await connect(app) for _ in range(2)]
        reader, writer = await connect(app)
        assert await ended(reader)  # one too many even to be refused
        writer.close()
        for reader, writer in silent:
            assert await ended(reader)
            writer.close()
        context = ssl.create_default_context(cafile=certificates.ca)
        async with new_http_client(verify=context) as http:
            assert (await http.get(f"https://localhost:{app.http.port}/healthz")).status_code == 200


async def ended(reader: asyncio.StreamReader) -> bool:
    async with asyncio.timeout(SECONDS):
        try:
            return await reader.read() == b""
        except ConnectionError:
            return True


async def test_what_waits_to_be_taken_is_served_when_the_port_closes() -> None:
    app = make_app(TEST_METHODS, shutdown_grace=SECONDS)
    await app.start()
    with socket.create_connection(("127.0.0.1", app.http.port)) as waiting:  # while the loop does nothing
        waiting.sendall(post("x"))
        await app.stop()
        waiting.settimeout(SECONDS)
        answer = b""
        while piece := waiting.recv(65_536):
            answer += piece
    assert answer.endswith(b'"x"')
    assert b"connection: close" in answer.lower()
