"""All four kinds of call, over gRPC by grpcio's client and over Connect and gRPC-Web by connectrpc's."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import grpc
import pytest
from connectrpc.client import ConnectClient
from connectrpc.compat import google_protobuf_binary_codec, google_protobuf_json_codec
from connectrpc.errors import ConnectError
from connectrpc.method import IdempotencyLevel, MethodInfo, StreamType
from connectrpc.protocol import ProtocolType
from google.protobuf.wrappers_pb2 import StringValue

from conftest import Server
from support.calls import SERVICE

WAYS = [
    (ProtocolType.CONNECT, "proto"),
    (ProtocolType.CONNECT, "json"),
    (ProtocolType.GRPC_WEB, "proto"),
]


def info(name: str, kind: StreamType) -> MethodInfo[Any, Any]:
    return MethodInfo(
        name=name,
        service_name=SERVICE,
        input=StringValue,
        output=StringValue,
        idempotency_level=IdempotencyLevel.UNKNOWN,
        stream_type=kind,
    )


async def values(*texts: str) -> AsyncIterator[StringValue]:
    for text in texts:
        yield StringValue(value=text)


@pytest.fixture(params=WAYS, ids=lambda way: f"{way[0].name.lower()}-{way[1]}")
def client(server: Server, request: pytest.FixtureRequest) -> ConnectClient:
    protocol, codec = request.param
    codecs = {"proto": google_protobuf_binary_codec, "json": google_protobuf_json_codec}
    return ConnectClient(server.http, protocol=protocol, codec=codecs[codec]())


@pytest.fixture
async def channel(server: Server) -> AsyncIterator[grpc.aio.Channel]:
    async with grpc.aio.insecure_channel(server.grpc) as made:
        yield made


async def test_client_streaming(client: ConnectClient) -> None:
    method = info("ClientStreaming", StreamType.CLIENT_STREAM)
    reply = await client.execute_client_stream(request=values("a", "b"), method=method)
    assert reply.value == "a,b"
    assert (await client.execute_client_stream(request=values(), method=method)).value == ""


async def test_server_streaming(client: ConnectClient) -> None:
    method = info("ServerStreaming", StreamType.SERVER_STREAM)
    replies = client.execute_server_stream(request=StringValue(value="abc"), method=method)
    assert [reply.value async for reply in replies] == ["a", "b", "c"]


async def test_an_error_after_messages(client: ConnectClient) -> None:
    method = info("ServerStreaming", StreamType.SERVER_STREAM)
    seen = []
    with pytest.raises(ConnectError) as caught:
        async for reply in client.execute_server_stream(request=StringValue(value="a!"), method=method):
            seen.append(reply.value)  # noqa: PERF401 - what came before the error counts
    assert seen == ["a", "!"]
    assert caught.value.code.value == "data_loss"
    assert [detail.type_name for detail in caught.value.details] == ["google.rpc.ErrorInfo"]


async def test_bidi_streaming(client: ConnectClient) -> None:
    method = info("BidiStreaming", StreamType.BIDI_STREAM)
    replies = client.execute_bidi_stream(request=values("a", "b"), method=method)
    assert [reply.value async for reply in replies] == ["A", "B"]


async def test_grpc_client_streaming(channel: grpc.aio.Channel) -> None:
    call = channel.stream_unary(
        f"/{SERVICE}/ClientStreaming", StringValue.SerializeToString, StringValue.FromString
    )
    assert (await call(values("a", "b"))).value == "a,b"
    assert (await call(values())).value == ""


async def test_grpc_server_streaming(channel: grpc.aio.Channel) -> None:
    call = channel.unary_stream(
        f"/{SERVICE}/ServerStreaming", StringValue.SerializeToString, StringValue.FromString
    )
    assert [reply.value async for reply in call(StringValue(value="abc"))] == ["a", "b", "c"]
    seen = []
    with pytest.raises(grpc.aio.AioRpcError) as caught:
        async for reply in call(StringValue(value="a!")):
            seen.append(reply.value)  # noqa: PERF401 - what came before the error counts
    assert seen == ["a", "!"]
    assert caught.value.code() is grpc.StatusCode.DATA_LOSS
    assert "x-request-id" in dict(caught.value.trailing_metadata() or ())


async def test_grpc_bidi_streaming_answers_while_it_is_asked(channel: grpc.aio.Channel) -> None:
    call = channel.stream_stream(
        f"/{SERVICE}/BidiStreaming", StringValue.SerializeToString, StringValue.FromString
    )()
    for text in ("a", "b"):
        await call.write(StringValue(value=text))
        assert (await call.read()).value == text.upper()
    await call.done_writing()
    assert await call.read() is grpc.aio.EOF


async def test_grpc_gzip(server: Server) -> None:
    async with grpc.aio.insecure_channel(server.grpc, compression=grpc.Compression.Gzip) as channel:
        call = channel.unary_unary(f"/{SERVICE}/Unary", StringValue.SerializeToString, StringValue.FromString)
        assert (await call(StringValue(value="x" * 10_000))).value == "x" * 10_000
