"""The service of the Connect conformance suite: each request says how it is to be answered.

What it must do is told by connectrpc/conformance/v1/service.proto.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import NoReturn

from protobuf import Message
from protobuf.wkt import Any

from triptych.conformance.bounds import check_metadata, kept, status_code
from triptych.errors import Code, RpcError
from triptych.rpc.call import Call
from triptych_api.connectrpc.conformance.v1.service_pb import (
    BidiStreamRequest,
    BidiStreamResponse,
    ClientStreamRequest,
    ClientStreamResponse,
    ConformancePayload,
    Error,
    Header,
    IdempotentUnaryRequest,
    IdempotentUnaryResponse,
    ServerStreamRequest,
    ServerStreamResponse,
    StreamResponseDefinition,
    UnaryRequest,
    UnaryResponse,
    UnaryResponseDefinition,
    UnimplementedRequest,
    UnimplementedResponse,
)

RequestInfo = ConformancePayload.RequestInfo


class ConformanceService:
    """Answers as it is told: data, headers, trailers, errors and delays."""

    async def unary(self, request: UnaryRequest, call: Call) -> UnaryResponse:
        """Answer with one message."""
        return UnaryResponse(payload=await _answer(request.response_definition, [request], call))

    async def idempotent_unary(self, request: IdempotentUnaryRequest, call: Call) -> IdempotentUnaryResponse:
        """Answer with one message; Connect may call with GET."""
        return IdempotentUnaryResponse(payload=await _answer(request.response_definition, [request], call))

    async def unimplemented(self, request: UnimplementedRequest, call: Call) -> UnimplementedResponse:
        """Refuse, as the suite asks."""
        raise RpcError(Code.UNIMPLEMENTED, "Unimplemented is not implemented, on purpose", details=[])

    async def client_stream(
        self, requests: AsyncIterator[ClientStreamRequest], call: Call
    ) -> ClientStreamResponse:
        """Answer with one message once all requests are read."""
        received = await kept(requests, call)
        definition = received[0].response_definition if received else None
        return ClientStreamResponse(payload=await _answer(definition, received, call))

    async def server_stream(
        self, request: ServerStreamRequest, call: Call
    ) -> AsyncIterator[ServerStreamResponse]:
        """Answer with as many messages as the request has data for."""
        definition = request.response_definition
        if definition is None:
            return
        _add_metadata(definition, call)
        async for payload in _payloads(definition, [request], call):
            yield ServerStreamResponse(payload=payload)

    async def bidi_stream(
        self, requests: AsyncIterator[BidiStreamRequest], call: Call
    ) -> AsyncIterator[BidiStreamResponse]:
        """Answer each request as it comes, or all of them at the end, as the first one says."""
        first = await anext(requests, None)
        if first is None or first.response_definition is None:
            async for _ in requests:
                pass
            return
        definition = first.response_definition
        _add_metadata(definition, call)
        if not first.full_duplex:
            received = [first, *await kept(requests, call)]
            async for payload in _payloads(definition, received, call):
                yield BidiStreamResponse(payload=payload)
            return
        sent = 0
        request: BidiStreamRequest | None = first
        while request is not None and sent < len(definition.response_data):
            await _delay(definition)
            # Only the first response tells of the headers, but each of the request that it answers.
            info = _request_info([request], call) if sent == 0 else RequestInfo(requests=[Any.pack(request)])
            data = definition.response_data[sent]
            yield BidiStreamResponse(payload=ConformancePayload(data=data, request_info=info))
            sent += 1
            request = await anext(requests, None)
        async for payload in _payloads(definition, [first], call, sent):
            yield BidiStreamResponse(payload=payload)


async def _answer(
    definition: UnaryResponseDefinition | None, requests: Sequence[Message], call: Call
) -> ConformancePayload:
    info = _request_info(requests, call)
    if definition is None:
        return ConformancePayload(request_info=info)
    _add_metadata(definition, call)
    await _delay(definition)
    given = definition.response.value if definition.response else b""
    if isinstance(given, Error):
        _raise(given, info)
    return ConformancePayload(data=given, request_info=info)


async def _payloads(
    definition: StreamResponseDefinition, requests: Sequence[Message], call: Call, start: int = 0
) -> AsyncIterator[ConformancePayload]:
    """Yield the responses from the `start`th on, then raise the error if there is one."""
    info = _request_info(requests, call)
    for number, data in enumerate(definition.response_data[start:], start):
        await _delay(definition)
        yield ConformancePayload(data=data, request_info=info if number == 0 else None)
    if definition.error is not None:
        _raise(definition.error, None if definition.response_data else info)


def _raise(error: Error, info: RequestInfo | None) -> NoReturn:
    details: list[Message] = list(error.details)
    if info is not None:
        details.append(info)
    raise RpcError(status_code("error.code", int(error.code)), error.message, details=details)


def _request_info(requests: Sequence[Message], call: Call) -> RequestInfo:
    headers: dict[str, list[str]] = {}
    for name, value in call.headers:
        headers.setdefault(name, []).append(value)
    remaining = None
    if call.deadline is not None:
        remaining = max(0, round((call.deadline - asyncio.get_running_loop().time()) * 1000))
    return RequestInfo(
        request_headers=[Header(name=name, value=values) for name, values in headers.items()],
        timeout_ms=remaining,
        requests=[Any.pack(request) for request in requests],
    )


def _add_metadata(definition: UnaryResponseDefinition | StreamResponseDefinition, call: Call) -> None:
    call.response_headers += _metadata("response_headers", definition.response_headers)
    call.response_trailers += _metadata("response_trailers", definition.response_trailers)


def _metadata(field: str, headers: Sequence[Header]) -> list[tuple[str, str]]:
    metadata = [(header.name.lower(), value) for header in headers for value in header.value]
    check_metadata(field, metadata)
    return metadata


async def _delay(definition: UnaryResponseDefinition | StreamResponseDefinition) -> None:
    if definition.response_delay_ms:
        await asyncio.sleep(definition.response_delay_ms / 1000)
