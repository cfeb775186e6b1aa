"""Starting, being told why not, and stopping without losing a call."""

from __future__ import annotations

import asyncio
import gzip
import io
import json
import socket
from collections.abc import AsyncIterator, Awaitable, Callable

import grpc
import httpx
import pytest
from google.protobuf.wrappers_pb2 import StringValue
from protobuf import wkt

from support.calls import SERVICE, TEST_METHODS
from support.http import new_http_client
from support.log import Log
from triptych.app.lifecycle import App
from triptych.config import Settings
from triptych.observability import logs
from triptych.rpc.call import Call
from triptych.rpc.methods import Method
from triptych.transport.sockets import ListenError

Start = Callable[..., Awaitable[App]]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Return a starter of servers that are stopped at the end."""
    started: list[App] = []

    async def starter(*methods: Method, log: io.StringIO | None = None, **settings: object) -> App:
        merged = Settings(**{"http_port": 0, "grpc_port": 0, "token": "secret", **settings})  # type: ignore[arg-type]
        call_logger = logs.CallLogger(log or io.StringIO(), text=False, level=0)
        app = App(merged, call_logger, methods=[*TEST_METHODS, *methods])
        await app.start()
        started.append(app)
        return app

    yield starter
    for app in started:
        await app.stop()


def gate(entered: asyncio.Event, release: asyncio.Event) -> Method:
    """Return a method that waits until it is let go."""

    async def wait(request: wkt.StringValue, call: Call) -> wkt.StringValue:
        entered.set()
        await release.wait()
        return wkt.StringValue(value="finished")

    return Method(
        service=SERVICE,
        name="Wait",
        kind="unary",
        input=wkt.StringValue,
        output=wkt.StringValue,
        no_side_effects=True,
        needs_token=False,
        function=wait,
    )


@pytest.mark.parametrize("port", ["http_port", "grpc_port"])
async def test_a_port_that_is_taken_is_named_and_the_other_is_closed(start: Start, port: str) -> None:
    with socket.socket() as taken, socket.socket() as other:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        other.bind(("127.0.0.1", 0))
        free = other.getsockname()[1]
        other.close()
        number = taken.getsockname()[1]
        ports = {"http_port": free, "grpc_port": free, port: number}
        with pytest.raises(ListenError, match=rf"cannot serve (HTTP|gRPC) on 127\.0\.0\.1:{number}"):
            await start(**ports)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", free)


async def test_running_calls_finish_and_new_ones_are_refused(start: Start) -> None:
    entered, release = asyncio.Event(), asyncio.Event()
    app = await start(gate(entered, release), shutdown_grace=30)
    path = f"/{SERVICE}/Wait"
    async with (
        new_http_client(base_url=f"http://127.0.0.1:{app.http.port}") as http,
        grpc.aio.insecure_channel(f"127.0.0.1:{app.grpc.port}") as channel,
    ):
        call = channel.unary_unary(path, StringValue.SerializeToString, StringValue.FromString)
        by_http = asyncio.create_task(http.post(path, json="x"))
        await entered.wait()
        entered.clear()
        by_grpc = asyncio.ensure_future(call(StringValue()))
        await entered.wait()
        stopping = asyncio.create_task(app.stop())
        while True:
            try:
                _, writer = await asyncio.open_connection("127.0.0.1", app.http.port)
            except ConnectionError:
                break
            writer.close()
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await call(StringValue())
        assert caught.value.code() is grpc.StatusCode.UNAVAILABLE
        assert not stopping.done()
        release.set()
        assert (await by_http).json() == "finished"
        assert (await by_grpc).value == "finished"
        await stopping


async def test_calls_that_do_not_finish_are_cut_off(start: Start) -> None:
    entered = asyncio.Event()
    log = io.StringIO()
    app = await start(gate(entered, asyncio.Event()), log=log, shutdown_grace=0)
    async with new_http_client(base_url=f"http://127.0.0.1:{app.http.port}") as http:
        call = asyncio.create_task(http.post(f"/{SERVICE}/Wait", json="x"))
        await entered.wait()
        await app.stop()
        await asyncio.wait([call])
        assert isinstance(call.exception(), httpx.HTTPError) or call.result().status_code >= 400
    codes = [json.loads(line)["code"] for line in log.getvalue().splitlines()]
    assert codes == ["canceled"]


async def test_who_is_cut_off_may_try_again(start: Start, caplog: pytest.LogCaptureFixture) -> None:
    entered = asyncio.Event()
    app = await start(gate(entered, asyncio.Event()), shutdown_grace=0.5)
    async with new_http_client(base_url=f"http://127.0.0.1:{app.http.port}") as http:
        call = asyncio.create_task(http.post(f"/{SERVICE}/Wait", json="x", headers={"x-request-id": "mine"}))
        await entered.wait()
        await app.stop()
        answer = await call
    assert answer.status_code == 503
    assert answer.json()["code"] == "unavailable"
    assert answer.headers.get_list("x-request-id") == ["mine"]
    assert not [record for record in caplog.records if record.exc_info]


async def test_more_calls_than_the_limit_are_unavailable(start: Start) -> None:
    entered, release = asyncio.Event(), asyncio.Event()
    app = await start(gate(entered, release), max_concurrency=1)
    path = f"/{SERVICE}/Wait"
    async with new_http_client(base_url=f"http://127.0.0.1:{app.http.port}") as http:
        running = asyncio.create_task(http.post(path, json="x"))
        await entered.wait()
        refused = await http.post(path, json="x")
        assert (refused.status_code, refused.json()["code"]) == (503, "unavailable")
        assert "x-should-retry" not in refused.headers
        release.set()
        assert (await running).json() == "finished"
        assert (await http.post(path, json="x")).json() == "finished"


async def test_developer_mode_takes_any_token_for_the_administrator(start: Start) -> None:
    app = await start(dev=True, token="known")
    url = f"http://127.0.0.1:{app.http.port}/gitpod.v1.UserService/GetAuthenticatedUser"
    async with new_http_client() as http:
        for token in ("known", "anything else"):
            response = await http.post(url, json={}, headers={"authorization": f"Bearer {token}"})
            assert response.json()["user"]["name"] == "Administrator"
        assert (await http.post(url, json={})).status_code == 401


@pytest.mark.parametrize("way", ["grpc", "connect", "connectrpc"])
async def test_a_method_that_waits_ends_when_its_client_goes_away(start: Start, way: str) -> None:
    entered, release = asyncio.Event(), asyncio.Event()
    log = Log()
    app = await start(gate(entered, release), log=log)
    path = f"/{SERVICE}/Wait"
    if way == "grpc":
        async with grpc.aio.insecure_channel(f"127.0.0.1:{app.grpc.port}") as channel:
            call = channel.unary_unary(path, StringValue.SerializeToString)(StringValue())
            await asyncio.wait_for(entered.wait(), 10)
            call.cancel()
    else:
        _, writer = await asyncio.open_connection("127.0.0.1", app.http.port)
        encoding = "content-encoding: gzip\r\n" if way == "connectrpc" else ""
        body = gzip.compress(b'"x"') if encoding else b'"x"'
        head = f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n{encoding}"
        writer.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
        await asyncio.wait_for(entered.wait(), 10)
        writer.close()
    assert (await log.line())["code"] == "canceled"
