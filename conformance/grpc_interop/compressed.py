"""The interop cases about compression, which one message may have and the next one not."""

from __future__ import annotations

import gzip
import random
from typing import Any, Final

import grpc
from grpc import StatusCode

from conformance.grpc_interop.client import Client, call, expect, expect_status, message, payload

_SIZES: Final = (31415, 92653)
# Then messages come as they were sent. One that is compressed begins with the magic number of gzip, which no
# message of protobuf begins with: its tag would have wire type 7.
_AS_SENT: Final = ("grpc.per_message_decompression", 0)
_MAGIC: Final = b"\x1f\x8b"


async def client_compressed_unary(client: Client) -> None:
    """First find out whether the server can tell: it must refuse what is not as it was said to be."""
    async with client.channel() as channel:
        await expect_status(_unary(channel, compressed=False, said=True), StatusCode.INVALID_ARGUMENT)
        for compressed in (True, False):
            await expect_status(_unary(channel, compressed=compressed, said=compressed), StatusCode.OK)


def _unary(channel: grpc.aio.Channel, *, compressed: bool, said: bool) -> Any:
    request = message(
        "SimpleRequest",
        expect_compressed=message("BoolValue", value=said),
        response_size=314159,
        payload=payload(271828),
    )
    return call(channel, "UnaryCall", request, compression=_compression(on=compressed))


def _compression(*, on: bool) -> grpc.Compression:
    return grpc.Compression.Gzip if on else grpc.Compression.NoCompression


async def client_compressed_streaming(client: Client) -> None:
    async with client.channel() as channel:
        probe = call(channel, "StreamingInputCall", [_input(payload(27182), said=True)])
        await expect_status(probe, StatusCode.INVALID_ARGUMENT)
        # grpcio compresses all messages of a call; but its core lets be what would not become smaller.
        incompressible = message("Payload", body=random.Random(1).randbytes(45904))
        requests = [_input(payload(27182), said=True), _input(incompressible, said=False)]
        response = await call(channel, "StreamingInputCall", requests, compression=_compression(on=True))
    expect(response.aggregated_payload_size, 73086, "the aggregated size")


def _input(payload: Any, *, said: bool) -> Any:
    value = message("BoolValue", value=said)
    return message("StreamingInputCallRequest", payload=payload, expect_compressed=value)


async def server_compressed_unary(client: Client) -> None:
    async with client.channel(_AS_SENT) as channel:
        for compressed in (True, False):
            wish = message("BoolValue", value=compressed)
            request = message("SimpleRequest", response_compressed=wish, response_size=314159)
            data = await call(channel, "UnaryCall", request, raw=True)
            _expect_sent(data, "SimpleResponse", 314159, compressed=compressed)


async def server_compressed_streaming(client: Client) -> None:
    wishes = [
        message("ResponseParameters", size=size, compressed=message("BoolValue", value=compressed))
        for size, compressed in zip(_SIZES, (True, False), strict=True)
    ]
    async with client.channel(_AS_SENT) as channel:
        request = message("StreamingOutputCallRequest", response_parameters=wishes)
        sent = [data async for data in call(channel, "StreamingOutputCall", request, raw=True)]
    expect(len(sent), len(_SIZES), "the number of responses")
    for data, size, compressed in zip(sent, _SIZES, (True, False), strict=True):
        _expect_sent(data, "StreamingOutputCallResponse", size, compressed=compressed)


def _expect_sent(data: bytes, name: str, size: int, *, compressed: bool) -> None:
    expect(data.startswith(_MAGIC), compressed, "whether the response is compressed")
    response = type(message(name)).FromString(gzip.decompress(data) if compressed else data)
    expect(len(response.payload.body), size, "the size of the payload")
