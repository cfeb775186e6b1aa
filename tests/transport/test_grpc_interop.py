"""The interop test service, called with grpcio as gRPC's descriptions of the tests say."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from grpc import StatusCode

from conformance.grpc_interop.client import Client, call, message, payload
from conformance.grpc_interop.grpcio_client import CASES
from support.apps import running_app
from support.http2 import call as http2_call
from support.http2 import frame


@pytest.fixture(scope="module")
async def client() -> AsyncIterator[Client]:
    # Without the pool that clients of a process share: each case has its own connection.
    options = (("grpc.use_local_subchannel_pool", 1),)
    async with running_app(conformance=True) as app:
        yield Client(f"127.0.0.1:{app.grpc.port}", options=options)


@pytest.mark.parametrize("case", CASES)
async def test_case(client: Client, case: str) -> None:
    await CASES[case](client)


async def outcome(client: Client, rpc: str, request: Any) -> tuple[StatusCode, str]:
    async with client.channel() as channel:
        made = call(channel, rpc, request)
        return await made.code(), await made.details()


@pytest.mark.parametrize("size", [-1, 2**31 - 1])
async def test_a_size_that_cannot_be_served(client: Client, size: int) -> None:
    code, text = await outcome(client, "UnaryCall", message("SimpleRequest", response_size=size))
    assert code is StatusCode.INVALID_ARGUMENT
    assert "response_size" in text


async def test_a_status_that_does_not_exist(client: Client) -> None:
    status = message("EchoStatus", code=99)
    code, _ = await outcome(client, "UnaryCall", message("SimpleRequest", response_status=status))
    assert code is StatusCode.INVALID_ARGUMENT


async def test_a_status_after_responses(client: Client) -> None:
    parameters = [message("ResponseParameters", size=1)]
    first = message("StreamingOutputCallRequest", response_parameters=parameters)
    failing = message("StreamingOutputCallRequest", response_status=message("EchoStatus", code=15))
    async with client.channel() as channel:
        stream = call(channel, "FullDuplexCall", [first, failing])
        assert (await stream.read()).payload == payload(1)
        assert await stream.code() is StatusCode.DATA_LOSS


async def test_responses_come_after_their_interval(client: Client) -> None:
    parameters = [message("ResponseParameters"), message("ResponseParameters", interval_us=60_000_000)]
    request = message("StreamingOutputCallRequest", response_parameters=parameters)
    async with client.channel() as channel:
        stream = call(channel, "StreamingOutputCall", request, timeout=0.5)
        assert (await stream.read()).payload == payload(0)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stream.read()
    assert caught.value.code() is StatusCode.DEADLINE_EXCEEDED


async def test_half_duplex_waits_for_all_requests(client: Client) -> None:
    request = message("StreamingOutputCallRequest", response_parameters=[message("ResponseParameters")])
    async with client.channel() as channel:
        stream = call(channel, "HalfDuplexCall", timeout=0.5)
        await stream.write(request)
        with pytest.raises(grpc.aio.AioRpcError) as caught:
            await stream.read()
    assert caught.value.code() is StatusCode.DEADLINE_EXCEEDED


async def test_responses_are_compressed_only_on_demand(client: Client) -> None:
    for on, encoding in ((True, b"gzip"), (False, None)):
        request = message("SimpleRequest", response_size=1000)
        request.response_compressed.value = on
        body = frame(request.SerializeToString())
        answer = await http2_call(client.target, "/grpc.testing.TestService/UnaryCall", body)
        assert answer.headers[b"grpc-status"] == b"0"
        assert answer.headers.get(b"grpc-encoding") == encoding
        assert b"grpc-internal-encoding-request" not in answer.headers


async def test_the_service_is_there_only_on_demand() -> None:
    async with (
        running_app() as app,
        grpc.aio.insecure_channel(f"127.0.0.1:{app.grpc.port}") as channel,
    ):
        assert await call(channel, "EmptyCall", message("Empty")).code() is StatusCode.UNIMPLEMENTED
