"""The cases of gRPC's interop test descriptions that need a server and nothing else, called with grpcio."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, Final

import grpc
from grpc import StatusCode

from conformance.grpc_interop import compressed
from conformance.grpc_interop.client import (
    CaseFailedError,
    Client,
    call,
    expect,
    expect_status,
    message,
    payload,
)

REQUEST_SIZES: Final = (27182, 8, 1828, 45904)
RESPONSE_SIZES: Final = (31415, 9, 2653, 58979)
LARGE_REQUEST: Final = 271828
LARGE_RESPONSE: Final = 314159
_CONCURRENT_CALLS: Final = 100
_SOAK_CALLS: Final = 10
_METADATA: Final = (
    ("x-grpc-test-echo-initial", "test_initial_metadata_value"),
    ("x-grpc-test-echo-trailing-bin", b"\x0a\x0b\x0a\x0b\x0a\x0b"),
)
_SPECIAL_TEXT: Final = "\t\ntest with whitespace\r\nand Unicode BMP \u263a and non-BMP \U0001f608\t\n"

Case = Callable[[Client], Awaitable[None]]

_TIMEOUTS: Final = (0.001, 0.01, 0.1, 1.0)


async def empty_unary(client: Client) -> None:
    async with client.channel() as channel:
        expect(await call(channel, "EmptyCall", message("Empty")), message("Empty"), "the response")


async def cacheable_unary(client: Client) -> None:
    """Without the proxy that would cache: the answer says that it may be kept, and tells when it was made."""
    async with client.channel() as channel:
        outcome = call(channel, "CacheableUnaryCall", message("SimpleRequest", payload=payload(8)))
        expect((await outcome).payload.body.isdigit(), True, "that the body is a number")
        initial = dict(await outcome.initial_metadata())
        expect(initial.get("cache-control"), "max-age=60, public", "cache-control")


async def large_unary(client: Client) -> None:
    async with client.channel() as channel:
        await _large_call(channel)


async def _large_call(channel: grpc.aio.Channel) -> None:
    request = message("SimpleRequest", response_size=LARGE_RESPONSE, payload=payload(LARGE_REQUEST))
    response = await call(channel, "UnaryCall", request)
    expect(response.payload, payload(LARGE_RESPONSE), "the payload")


async def client_streaming(client: Client) -> None:
    requests = [message("StreamingInputCallRequest", payload=payload(size)) for size in REQUEST_SIZES]
    async with client.channel() as channel:
        response = await call(channel, "StreamingInputCall", requests)
    expect(response.aggregated_payload_size, sum(REQUEST_SIZES), "the aggregated size")


async def server_streaming(client: Client) -> None:
    async with client.channel() as channel:
        responses = call(channel, "StreamingOutputCall", _output(*RESPONSE_SIZES))
        sizes = [len(response.payload.body) async for response in responses]
    expect(sizes, list(RESPONSE_SIZES), "the sizes of the responses")


def _output(*sizes: int, **fields: Any) -> Any:
    parameters = [message("ResponseParameters", size=size) for size in sizes]
    return message("StreamingOutputCallRequest", response_parameters=parameters, **fields)


async def ping_pong(client: Client) -> None:
    async with client.channel() as channel:
        stream = call(channel, "FullDuplexCall")
        for request_size, response_size in zip(REQUEST_SIZES, RESPONSE_SIZES, strict=True):
            await stream.write(_output(response_size, payload=payload(request_size)))
            expect((await stream.read()).payload, payload(response_size), "the payload")
        await stream.done_writing()
        expect(await stream.read(), grpc.aio.EOF, "what follows")
        await expect_status(stream, StatusCode.OK)


async def half_duplex(client: Client) -> None:
    requests = [_output(size) for size in RESPONSE_SIZES]
    async with client.channel() as channel:
        sizes = [len(response.payload.body) async for response in call(channel, "HalfDuplexCall", requests)]
    expect(sizes, list(RESPONSE_SIZES), "the sizes of the responses")


async def empty_stream(client: Client) -> None:
    async with client.channel() as channel:
        stream = call(channel, "FullDuplexCall")
        await stream.done_writing()
        expect(await stream.read(), grpc.aio.EOF, "the response")
        await expect_status(stream, StatusCode.OK)


async def custom_metadata(client: Client) -> None:
    async with client.channel() as channel:
        request = message("SimpleRequest", response_size=1, payload=payload(1))
        unary = call(channel, "UnaryCall", request, metadata=_METADATA)
        await unary
        stream = call(channel, "FullDuplexCall", metadata=_METADATA)
        await stream.write(_output(1, payload=payload(1)))
        await stream.read()
        await stream.done_writing()
        for outcome in (unary, stream):
            initial, trailing = await outcome.initial_metadata(), await outcome.trailing_metadata()
            for sent, came in zip(_METADATA, (initial, trailing), strict=True):
                expect([value for key, value in came if key == sent[0]], [sent[1]], sent[0])


async def status_code_and_message(client: Client) -> None:
    status = message("EchoStatus", code=StatusCode.UNKNOWN.value[0], message="test status message")
    async with client.channel() as channel:
        unary = call(channel, "UnaryCall", message("SimpleRequest", response_status=status))
        stream = call(channel, "FullDuplexCall", [_output(response_status=status)])
        for outcome in (unary, stream):
            await expect_status(outcome, StatusCode.UNKNOWN, status.message)


async def special_status_message(client: Client) -> None:
    status = message("EchoStatus", code=StatusCode.UNKNOWN.value[0], message=_SPECIAL_TEXT)
    async with client.channel() as channel:
        outcome = call(channel, "UnaryCall", message("SimpleRequest", response_status=status))
        await expect_status(outcome, StatusCode.UNKNOWN, _SPECIAL_TEXT)


async def unimplemented_method(client: Client) -> None:
    async with client.channel() as channel:
        outcome = call(channel, "UnimplementedCall", message("Empty"))
        await expect_status(outcome, StatusCode.UNIMPLEMENTED)


async def unimplemented_service(client: Client) -> None:
    async with client.channel() as channel:
        path = "/grpc.testing.UnimplementedService/UnimplementedCall"
        await expect_status(channel.unary_unary(path)(b""), StatusCode.UNIMPLEMENTED)


async def cancel_after_begin(client: Client) -> None:
    async with client.channel() as channel:
        stream = call(channel, "StreamingInputCall")
        await stream.wait_for_connection()
        stream.cancel()
        await expect_status(stream, StatusCode.CANCELLED)


async def cancel_after_first_response(client: Client) -> None:
    async with client.channel() as channel:
        stream = call(channel, "FullDuplexCall")
        await stream.write(_output(RESPONSE_SIZES[0], payload=payload(REQUEST_SIZES[0])))
        expect((await stream.read()).payload, payload(RESPONSE_SIZES[0]), "the payload")
        stream.cancel()
        await expect_status(stream, StatusCode.CANCELLED)


async def timeout_on_sleeping_server(client: Client) -> None:
    async with client.channel() as channel:
        await channel.channel_ready()
        sleeping = message("ResponseParameters", size=1, interval_us=60_000_000)
        request = message("StreamingOutputCallRequest", response_parameters=[sleeping])
        # A request that grpcio writes once the deadline has passed ends the call with INTERNAL, by the client
        # itself: on a busy machine it takes longer than the millisecond of the description.
        for timeout in _TIMEOUTS:
            stream = call(channel, "FullDuplexCall", [request], timeout=timeout)
            try:
                await expect_status(stream, StatusCode.DEADLINE_EXCEEDED)
            except CaseFailedError:
                if timeout == _TIMEOUTS[-1]:
                    raise
            else:
                return


async def concurrent_large_unary(client: Client) -> None:
    async with client.channel() as channel:
        await asyncio.gather(*(_large_call(channel) for _ in range(_CONCURRENT_CALLS)))


async def pick_first_unary(client: Client) -> None:
    request = message("SimpleRequest", response_size=1, fill_server_id=True)
    async with client.channel() as channel:
        ids = {(await call(channel, "UnaryCall", request)).server_id for _ in range(_CONCURRENT_CALLS)}
    expect((len(ids), "" in ids), (1, False), "how many servers answered, and whether one has no name")


async def rpc_soak(client: Client) -> None:
    async with client.channel() as channel:
        for _ in range(_SOAK_CALLS):
            await _large_call(channel)


async def channel_soak(client: Client) -> None:
    for _ in range(_SOAK_CALLS):
        await large_unary(client)


CASES: Final[dict[str, Case]] = {
    case.__name__: case
    for case in (
        empty_unary,
        cacheable_unary,
        large_unary,
        compressed.client_compressed_unary,
        compressed.server_compressed_unary,
        client_streaming,
        compressed.client_compressed_streaming,
        server_streaming,
        compressed.server_compressed_streaming,
        ping_pong,
        half_duplex,
        empty_stream,
        custom_metadata,
        status_code_and_message,
        special_status_message,
        unimplemented_method,
        unimplemented_service,
        cancel_after_begin,
        cancel_after_first_response,
        timeout_on_sleeping_server,
        concurrent_large_unary,
        pick_first_unary,
        rpc_soak,
        channel_soak,
    )
}
