"""Nobody keeps out others: places and bytes have owners, and who does nothing holds nothing for long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from typing import Any

import grpc
import httpx
import pytest
from google.protobuf.wrappers_pb2 import StringValue
from protobuf import wkt

from support.apps import running_app
from support.calls import SERVICE, TEST_METHODS
from support.http import new_http_client
from triptych.app.lifecycle import App
from triptych.rpc import shares, slow
from triptych.rpc.call import Call
from triptych.rpc.methods import Method
from triptych.transport.http1.protocol import Http1Protocol

UNARY = f"/{SERVICE}/Unary"
OWN = "/gitpod.v1.UserService/GetAuthenticatedUser"
MIB = 1024 * 1024
BEARER = "Authorization: Bearer secret"
TOKEN = {"authorization": "Bearer secret"}


class Gate:
    """A method that waits until it is let go."""

    def __init__(self) -> None:
        self.running = 0
        self.more = asyncio.Condition()
        self.release = asyncio.Event()

    async def wait(self, request: wkt.StringValue, call: Call) -> wkt.StringValue:
        async with self.more:
            self.running += 1
            self.more.notify_all()
        await self.release.wait()
        return wkt.StringValue()

    async def has(self, count: int) -> None:
        async with asyncio.timeout(20), self.more:
            await self.more.wait_for(lambda: self.running == count)

    def method(self, *, needs_token: bool) -> Method:
        return Method(
            service=SERVICE,
            name="Wait",
            kind="unary",
            input=wkt.StringValue,
            output=wkt.StringValue,
            no_side_effects=True,
            needs_token=needs_token,
            function=self.wait,
        )


@asynccontextmanager
async def client(app: App) -> AsyncIterator[httpx.AsyncClient]:
    url = f"http://127.0.0.1:{app.http.port}"
    limits = httpx.Limits(max_connections=100)
    async with new_http_client(base_url=url, limits=limits, timeout=20) as http:
        yield http


async def half_open(app: App, path: str, *headers: str, body: bytes = b"") -> asyncio.StreamWriter:
    """Send a request of which the end does not come."""
    _, writer = await asyncio.open_connection("127.0.0.1", app.http.port)
    lines = [f"POST {path} HTTP/1.1", "Host: x", "Content-Length: 1000000", *headers, "", ""]
    writer.write("\r\n".join(lines).encode() + body)
    await writer.drain()
    return writer


@pytest.mark.parametrize("media_type", ["application/json", "application/grpc-web"])
async def test_requests_that_do_not_come_to_an_end_have_no_place(media_type: str) -> None:
    async with running_app(TEST_METHODS, max_concurrency=4) as app, client(app) as http:
        writers = [
            await half_open(
                app, OWN, f"Content-Type: {media_type}", "Authorization: Bearer secret", body=b"{"
            )
            for _ in range(10)
        ]
        # When this is answered, those before it were read.
        for _ in range(5):
            assert (await http.post(UNARY, json="x")).status_code == 200
            assert (await http.post(OWN, json={}, headers=TOKEN)).status_code == 200
        for writer in writers:
            writer.close()


async def test_grpc_calls_whose_request_does_not_come_have_no_place() -> None:
    async with (
        running_app(TEST_METHODS, max_concurrency=4) as app,
        grpc.aio.insecure_channel(f"127.0.0.1:{app.grpc.port}") as channel,
    ):
        opened = [channel.stream_unary(UNARY)() for _ in range(20)]
        call = channel.unary_unary(UNARY, StringValue.SerializeToString, StringValue.FromString)
        for _ in range(5):
            assert (await call(StringValue(value="x"))).value == "x"
        for each in opened:
            each.cancel()


async def test_a_caller_has_a_share_and_probes_are_always_answered() -> None:
    gate = Gate()
    async with (
        running_app([gate.method(needs_token=True)], max_concurrency=4, dev=True) as app,
        client(app) as http,
        grpc.aio.insecure_channel(f"127.0.0.1:{app.grpc.port}") as channel,
    ):
        path = f"/{SERVICE}/Wait"
        waiting = [asyncio.ensure_future(http.post(path, json="", headers=TOKEN)) for _ in range(2)]
        await gate.has(2)
        refused = await http.post(path, json="", headers=TOKEN)
        assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
        check = channel.unary_unary("/grpc.health.v1.Health/Check")
        for _ in range(5):
            assert await check(b"") == b"\x08\x01"
            assert (await http.get("/readyz")).status_code == 200
            assert (await http.post("/grpc.health.v1.Health/Check", json={})).status_code == 200
        gate.release.set()
        assert [each.status_code for each in await asyncio.gather(*waiting)] == [200, 200]
        assert (await http.post(path, json="", headers=TOKEN)).status_code == 200


@pytest.mark.parametrize(
    "path",
    ["/grpc.health.v1.Health/Watch", "/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"],
)
async def test_those_who_watch_or_ask_for_descriptors_have_places_apart(
    monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(shares, "APART", 4)
    async with (
        running_app(TEST_METHODS, max_concurrency=2) as app,
        client(app) as http,
        grpc.aio.insecure_channel(f"127.0.0.1:{app.grpc.port}") as channel,
    ):
        start = channel.stream_stream(path)
        watching: list[Any] = []
        for _ in range(2):
            watching.append(call := start())
            await call.write(b"" if path.endswith("Watch") else b"\x3a\x00")
            if path.endswith("Watch"):
                await call.done_writing()
            assert await call.read() is not grpc.aio.EOF
        refused = start()
        await refused.write(b"")
        await refused.done_writing()
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await refused.read()
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
        assert (await http.post(OWN, json={}, headers=TOKEN)).status_code == 200
        assert (await http.post(UNARY, json="x")).status_code == 200
        for call in watching:
            call.cancel()
        while True:
            again = start()
            await again.write(b"")
            await again.done_writing()
            try:
                await again.read()
            except grpc.aio.AioRpcError as error:
                assert error.code() is grpc.StatusCode.UNAVAILABLE
                continue
            again.cancel()
            break


def in_flight(app: App) -> shares.InFlight:
    return app.composition.http.in_flight


async def test_bytes_of_unfinished_requests_have_a_budget() -> None:
    async with running_app(TEST_METHODS, max_in_flight=2 * MIB) as app, client(app) as http:
        async with AsyncExitStack() as stack:
            statuses = []
            for _ in range(4):
                reader, writer = await asyncio.open_connection("127.0.0.1", app.http.port)
                stack.callback(writer.close)
                head = f"POST {UNARY} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                writer.write(f"{head}Content-Length: 1000001\r\n\r\n".encode() + b"x" * 900_000)
                statuses.append(reader)
            done, _ = await asyncio.wait(
                [asyncio.ensure_future(each.readline()) for each in statuses],
                return_when=asyncio.FIRST_COMPLETED,
            )
            assert {task.result() for task in done} == {b"HTTP/1.1 503 Service Unavailable\r\n"}
            assert in_flight(app).bytes <= 2 * MIB
        while in_flight(app).bytes:
            assert (await http.post(UNARY, json="x")).status_code == 200


async def test_a_reply_that_nobody_reads_is_held_for_its_owner_and_then_no_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Http1Protocol, "limits", replace(Http1Protocol.limits, reply_seconds=0.1))
    text = b'"' + b"x" * 3 * MIB + b'"'
    head = f"POST {UNARY} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
    request = f"{head}Content-Length: {len(text)}\r\n\r\n".encode() + text
    async with running_app(TEST_METHODS) as app, client(app) as http:
        # With a limit so small, the client takes nothing more in.
        _, writer = await asyncio.open_connection("127.0.0.1", app.http.port, limit=1)
        writer.write(request * 3)
        while not in_flight(app).bytes:
            assert (await http.post(UNARY, json="x")).status_code == 200
        while in_flight(app).bytes:
            assert (await http.post(UNARY, json="x")).status_code == 200
        with pytest.raises(ConnectionError):
            while True:
                writer.write(b"x" * 1000)
                await writer.drain()
        writer.close()


async def test_a_message_that_takes_too_long_over_grpc_ends_its_call(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slow, "START_SECONDS", 0.0)
    monkeypatch.setattr(slow, "BYTES_A_SECOND", 2**40)
    monkeypatch.setattr(slow, "LOOK_SECONDS", 0.05)
    async with (
        running_app(TEST_METHODS) as app,
        grpc.aio.insecure_channel(f"127.0.0.1:{app.grpc.port}") as channel,
    ):
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await channel.stream_unary(UNARY)()
        assert caught.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
        bidi = channel.stream_stream(f"/{SERVICE}/BidiStreaming")()
        for _ in range(20):  # streams may pause
            await bidi.write(b"\x0a\x01a")
            assert await bidi.read() == b"\x0a\x01A"
        bidi.cancel()


async def test_what_may_have_come_of_messages_over_grpc_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slow, "LOOK_SECONDS", 0.05)
    async with (
        running_app(TEST_METHODS, max_in_flight=20 * MIB) as app,
        grpc.aio.insecure_channel(f"127.0.0.1:{app.grpc.port}") as channel,
    ):
        opened = [asyncio.ensure_future(channel.stream_unary(UNARY)().wait_for_connection())]
        calls = [channel.stream_unary(UNARY)() for _ in range(6)]
        ended, _ = await asyncio.wait(
            [asyncio.ensure_future(each.code()) for each in calls], return_when=asyncio.FIRST_COMPLETED
        )
        assert {task.result() for task in ended} == {grpc.StatusCode.UNAVAILABLE}
        assert in_flight(app).bytes <= 20 * MIB
        for each in calls:
            each.cancel()
        await asyncio.gather(*opened)


@pytest.mark.parametrize("media_type", ["application/json", "application/grpc-web"])
async def test_a_body_has_a_least_rate_whatever_its_media_type(
    monkeypatch: pytest.MonkeyPatch, media_type: str
) -> None:
    monkeypatch.setattr(Http1Protocol, "limits", replace(Http1Protocol.limits, body_seconds=0.05))
    async with running_app(TEST_METHODS) as app:
        reader, writer = await asyncio.open_connection("127.0.0.1", app.http.port)
        head = f"POST {UNARY} HTTP/1.1\r\nHost: x\r\nContent-Type: {media_type}\r\n"
        writer.write(f"{head}Content-Length: 10\r\n\r\n".encode())
        async with asyncio.timeout(20):
            assert b" 408 " in await reader.readline()
        writer.close()


@pytest.mark.parametrize(("files", "budget"), [(4, 64 * MIB), (100, 21 * MIB)])
async def test_temporary_files_of_uploads_have_a_budget(
    monkeypatch: pytest.MonkeyPatch, files: int, budget: int
) -> None:
    monkeypatch.setattr(shares, "TEMPORARY_FILES", files)
    async with running_app(max_in_flight=budget) as app, client(app) as http:
        spilled = in_flight(app).spilled
        async with AsyncExitStack() as stack:
            readers = []
            for _ in range(5):
                reader, writer = await asyncio.open_connection("127.0.0.1", app.http.port)
                stack.callback(writer.close)
                head = "POST /v1beta/documents HTTP/1.1\r\nHost: x\r\nContent-Length: 50000000\r\n"
                head += f"Content-Type: multipart/form-data; boundary=b\r\n{BEARER}\r\n\r\n--b\r\n"
                head += 'Content-Disposition: form-data; name="payload"; filename="a.md"\r\n\r\n'
                writer.write(head.encode() + b"x" * (12 * MIB))
                readers.append(asyncio.ensure_future(reader.readline()))
            done, _ = await asyncio.wait(readers, return_when=asyncio.FIRST_COMPLETED)
            assert {task.result() for task in done} == {b"HTTP/1.1 503 Service Unavailable\r\n"}
            assert spilled.files.free >= files // 2
            assert spilled.bytes.free >= 2 * budget
        while spilled.files.held or spilled.bytes.held:
            assert (await http.get("/readyz")).status_code == 200
        assert (spilled.files.free, spilled.bytes.free) == (files, 4 * budget)
