"""grpc.health.v1 over every transport, asked by the messages of grpcio's own health package."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Any

import grpc
import pytest
from connectrpc.client import ConnectClient
from connectrpc.compat import google_protobuf_binary_codec, google_protobuf_json_codec
from connectrpc.method import IdempotencyLevel, MethodInfo, StreamType
from connectrpc.protocol import ProtocolType
from grpc_health.v1 import health_pb2, health_pb2_grpc

from support.api import Transport
from support.calls import TEST_METHODS
from support.failures import fails
from support.http import new_http_client
from support.log import Log
from triptych.app.lifecycle import App
from triptych.config import Settings
from triptych.discovery.health import HealthService
from triptych.observability import logs
from triptych.rpc.call import Call
from triptych.services import listed
from triptych_api.grpc.health.v1 import health_pb

SERVICE = "grpc.health.v1.Health"
Request, Status = health_pb2.HealthCheckRequest, health_pb2.HealthCheckResponse
NAMES = {"", "triptych.test.v1.TestService", *(service.desc.type_name for service in listed())}
SECONDS = 30

Watching = Callable[[str], AsyncGenerator[Any]]


@contextlib.asynccontextmanager
async def running(log: Log | None = None) -> AsyncIterator[App]:
    """Run a server of the test's own, with a grace that no test would sit out."""
    settings = Settings(http_port=0, grpc_port=0, token="secret", shutdown_grace=600)
    app = App(settings, logs.CallLogger(log or Log(), text=False, level=0), methods=TEST_METHODS)
    await app.start()
    try:
        yield app
    finally:
        async with asyncio.timeout(SECONDS):
            await app.stop()


@contextlib.asynccontextmanager
async def watching(app: App, way: str) -> AsyncIterator[Watching]:
    """Make a client, and give what watches a service with it."""
    if way == "grpc":
        async with grpc.aio.insecure_channel(f"127.0.0.1:{app.grpc.port}") as channel:
            stub = health_pb2_grpc.HealthStub(channel)
            yield lambda service: stub.Watch(Request(service=service)).__aiter__()
        return
    protocol = ProtocolType.GRPC_WEB if way == "grpc-web" else ProtocolType.CONNECT
    codec = google_protobuf_json_codec() if way == "connect-json" else google_protobuf_binary_codec()
    client = ConnectClient(f"http://127.0.0.1:{app.http.port}", protocol=protocol, codec=codec)
    method: MethodInfo[Any, Any] = MethodInfo(
        name="Watch",
        service_name=SERVICE,
        input=Request,
        output=Status,
        idempotency_level=IdempotencyLevel.UNKNOWN,
        stream_type=StreamType.SERVER_STREAM,
    )
    yield lambda service: client.execute_server_stream(request=Request(service=service), method=method)


WAYS = pytest.mark.parametrize("way", ["grpc", "grpc-web", "connect-proto", "connect-json"])


async def check(transport: Transport, service: str) -> int:
    """Ask for the state of a service, without a token."""
    response, _ = await transport.call(SERVICE, "Check", Request(service=service), Status, {}, None)
    status: int = response.status
    return status


@pytest.mark.parametrize("name", sorted(NAMES))
async def test_each_service_and_the_server_are_serving(transport: Transport, name: str) -> None:
    assert await check(transport, name) == Status.SERVING


async def test_an_unknown_service_is_not_found(transport: Transport) -> None:
    for name in ("gitpod.v1.Nothing", "gitpod.v1", "UserService"):
        error = await fails("not_found", check(transport, name))
        assert name in error.message


async def test_the_list_has_them_all(transport: Transport) -> None:
    request, kind = health_pb2.HealthListRequest(), health_pb2.HealthListResponse
    response, _ = await transport.call(SERVICE, "List", request, kind, {}, None)
    assert {name: status.status for name, status in response.statuses.items()} == dict.fromkeys(
        NAMES, Status.SERVING
    )


@WAYS
async def test_watchers_are_told_of_a_stop_and_do_not_hold_it_up(way: str) -> None:
    async with running() as app, watching(app, way) as watch:
        server, service, nothing = watch(""), watch("gitpod.v1.UserService"), watch("nothing")
        async with asyncio.timeout(SECONDS):
            assert (await anext(server)).status == Status.SERVING
            assert (await anext(service)).status == Status.SERVING
            assert (await anext(nothing)).status == Status.SERVICE_UNKNOWN
            stopping = asyncio.create_task(app.stop())
            assert [response.status async for response in server] == [Status.NOT_SERVING]
            assert [response.status async for response in service] == [Status.NOT_SERVING]
            assert [response.status async for response in nothing] == []
            await stopping


@WAYS
async def test_a_server_that_drains_still_answers_but_serves_no_more(way: str) -> None:
    async with running() as app, watching(app, way) as watch:
        await app.drain()
        assert [response.status async for response in watch("")] == [Status.NOT_SERVING]
        async with grpc.aio.insecure_channel(f"127.0.0.1:{app.grpc.port}") as channel:
            answer = await health_pb2_grpc.HealthStub(channel).Check(Request(service=SERVICE))
            assert answer.status == Status.NOT_SERVING
        async with new_http_client(base_url=f"http://127.0.0.1:{app.http.port}") as http:
            answers = (await http.post(f"/{SERVICE}/List", json={})).json()["statuses"]
            assert answers == {name: {"status": "NOT_SERVING"} for name in NAMES}
            assert (await http.get("/readyz")).status_code == 503
            assert (await http.get("/healthz")).status_code == 200
            assert (await http.post("/triptych.test.v1.TestService/Unary", json="on")).json() == "on"


@WAYS
async def test_a_watch_ends_when_its_client_goes_away(way: str) -> None:
    log = Log()
    async with running(log) as app:
        async with watching(app, way) as watch:
            states = watch("")
            assert (await anext(states)).status == Status.SERVING
            await states.aclose()
        line = await log.line("/Watch")
        assert line["code"] == "canceled"
        assert way.startswith(line["transport"])


async def test_every_change_is_told_once() -> None:
    health = HealthService(["a.Service"])
    call = Call(next(iter(TEST_METHODS)), "grpc", [])
    states = health.watch(health_pb.HealthCheckRequest(service="a.Service"), call)
    Status = health_pb.HealthCheckResponse.ServingStatus  # noqa: N806 - the class of another package
    assert not health.serving
    assert (await anext(states)).status == Status.NOT_SERVING
    waiting = asyncio.ensure_future(anext(states))
    await asyncio.sleep(0)
    assert not waiting.done()
    health.serve()
    assert (await waiting).status == Status.SERVING
    assert health.serving
    # This watcher does not read on, so it is not waited for any longer than asked.
    await health.drain(0.01)
    assert (await anext(states)).status == Status.NOT_SERVING
    assert await anext(states, None) is None
    await health.drain(SECONDS)
