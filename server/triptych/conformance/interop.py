"""The service of gRPC's interop tests: each request says how it is to be answered.

What it must do is told by gRPC's interop test descriptions. Left out is what needs accounts of Google (the
names of callers) or load balancers.
"""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator
from typing import Final

from triptych.conformance.bounds import kept, status_code
from triptych.errors import Code, RpcError, invalid_field
from triptych.rpc.call import Call
from triptych.rpc.compression import MessageCompression
from triptych_api.grpc.testing.empty_pb import Empty
from triptych_api.grpc.testing.messages_pb import (
    BoolValue,
    EchoStatus,
    Payload,
    PayloadType,
    ResponseParameters,
    SimpleRequest,
    SimpleResponse,
    StreamingInputCallRequest,
    StreamingInputCallResponse,
    StreamingOutputCallRequest,
    StreamingOutputCallResponse,
)

_ECHO_INITIAL: Final = "x-grpc-test-echo-initial"
_ECHO_TRAILING: Final = "x-grpc-test-echo-trailing-bin"
_MAX_PAYLOAD: Final = 16 * 1024 * 1024


class TestService:
    """Answers as it is told: payloads, intervals, statuses and metadata."""

    __test__ = False  # for pytest, which takes the name for its own

    def __init__(self) -> None:
        self._server_id = str(uuid.uuid4())

    async def empty_call(self, request: Empty, call: Call) -> Empty:
        """Answer nothing."""
        return Empty()

    async def unary_call(self, request: SimpleRequest, call: Call) -> SimpleResponse:
        """Answer with a payload of the size that is asked for, or with an error."""
        _echo_metadata(call)
        _check_compressed(request.expect_compressed, call)
        _compress(request.response_compressed, call)
        _raise_status(request.response_status)
        return SimpleResponse(
            payload=_payload(request.response_type, request.response_size),
            server_id=self._server_id if request.fill_server_id else "",
        )

    async def cacheable_unary_call(self, request: SimpleRequest, call: Call) -> SimpleResponse:
        """Answer with the time, in nanoseconds, so that a client can tell an answer out of a cache."""
        call.response_headers.append(("cache-control", "max-age=60, public"))
        return SimpleResponse(payload=Payload(body=str(call.started).encode()))

    async def streaming_output_call(
        self, request: StreamingOutputCallRequest, call: Call
    ) -> AsyncIterator[StreamingOutputCallResponse]:
        """Answer with payloads of the sizes that are asked for."""
        async for response in _responses(request, call):
            yield response

    async def streaming_input_call(
        self, requests: AsyncIterator[StreamingInputCallRequest], call: Call
    ) -> StreamingInputCallResponse:
        """Answer with the size of all payloads together."""
        size = 0
        async for request in requests:
            _check_compressed(request.expect_compressed, call)
            size += len(request.payload.body) if request.payload else 0
        return StreamingInputCallResponse(aggregated_payload_size=size)

    async def full_duplex_call(
        self, requests: AsyncIterator[StreamingOutputCallRequest], call: Call
    ) -> AsyncIterator[StreamingOutputCallResponse]:
        """Answer each request as it comes."""
        _echo_metadata(call)
        async for request in requests:
            async for response in _responses(request, call):
                yield response

    async def half_duplex_call(
        self, requests: AsyncIterator[StreamingOutputCallRequest], call: Call
    ) -> AsyncIterator[StreamingOutputCallResponse]:
        """Answer the requests once all of them are read."""
        for request in await kept(requests, call):
            async for response in _responses(request, call):
                yield response

    async def unimplemented_call(self, request: Empty, call: Call) -> Empty:
        """Refuse, as the tests ask."""
        raise RpcError(Code.UNIMPLEMENTED, "UnimplementedCall is not implemented, on purpose")


async def _responses(
    request: StreamingOutputCallRequest, call: Call
) -> AsyncIterator[StreamingOutputCallResponse]:
    _raise_status(request.response_status)
    for parameters in request.response_parameters:
        await _interval(parameters)
        _compress(parameters.compressed, call)
        yield StreamingOutputCallResponse(payload=_payload(request.response_type, parameters.size))


async def _interval(parameters: ResponseParameters) -> None:
    if parameters.interval_us > 0:
        await asyncio.sleep(parameters.interval_us / 1_000_000)


def _payload(type: PayloadType, size: int) -> Payload:
    if not 0 <= size <= _MAX_PAYLOAD:
        raise invalid_field("response_size", f"must be 0 to {_MAX_PAYLOAD}")
    return Payload(type=type, body=bytes(size))


def _raise_status(status: EchoStatus | None) -> None:
    if status is None or status.code == Code.OK:
        return
    raise RpcError(status_code("response_status.code", status.code), status.message)


def _echo_metadata(call: Call) -> None:
    if (initial := call.header(_ECHO_INITIAL)) is not None:
        call.response_headers.append((_ECHO_INITIAL, initial))
    if (trailing := call.header(_ECHO_TRAILING)) is not None:
        call.response_trailers.append((_ECHO_TRAILING, trailing))


def _check_compressed(expected: BoolValue | None, call: Call) -> None:
    if expected is None:
        return
    compression = call.extension(MessageCompression)
    if compression is None:
        raise RpcError(Code.UNIMPLEMENTED, "the server cannot tell here whether a request was compressed")
    if compression.request_compressed is not expected.value:
        raise invalid_field("expect_compressed", f"the request was not: compressed {expected.value}")


def _compress(wish: BoolValue | None, call: Call) -> None:
    compression = call.extension(MessageCompression)
    if wish is not None and compression is not None:
        compression.compress_response = wish.value
