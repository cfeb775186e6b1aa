"""One attempt at a call, over a channel of grpcio that the user has already."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from typing import Any, Final, TypeVar

import grpc
from connectrpc.code import Code
from protobuf import Message

from triptych_api.google.rpc.status_pb import Status
from triptych_client.attempt import Attempt
from triptych_client.errors import ApiError, error_of
from triptych_client.metadata import Metadata

Req = TypeVar("Req", bound=Message)
Res = TypeVar("Res", bound=Message)

_DETAILS = "grpc-status-details-bin"


class ChannelWire:
    """A channel. It stays the user's own to close."""

    forms: Final = None

    def __init__(self, channel: grpc.Channel) -> None:
        self._channel = channel

    def close(self) -> None:
        """Leave the channel open."""

    def unary(self, attempt: Attempt[Req, Res], request: Req) -> Res:
        """Make a call of one request and one response."""
        return self._single(self._channel.unary_unary, attempt, request)

    def client_stream(self, attempt: Attempt[Req, Res], requests: Iterator[Req]) -> Res:
        """Make a call of many requests and one response."""
        return self._single(self._channel.stream_unary, attempt, requests)

    def server_stream(self, attempt: Attempt[Req, Res], request: Req) -> Iterator[Res]:
        """Make a call of one request and many responses."""
        return self._many(self._channel.unary_stream, attempt, request)

    def bidi_stream(self, attempt: Attempt[Req, Res], requests: Iterator[Req]) -> Iterator[Res]:
        """Make a call of many requests and many responses."""
        return self._many(self._channel.stream_stream, attempt, requests)

    def _single(self, kind: Callable[..., Any], attempt: Attempt[Req, Res], sent: Any) -> Res:
        try:
            response, ended = _stub(kind, attempt).with_call(
                sent, timeout=attempt.timeout, metadata=attempt.headers
            )
        except grpc.RpcError as error:
            raise _api_error(error, attempt.metadata) from error
        _fill(attempt.metadata, ended)
        result: Res = response
        return result

    def _many(self, kind: Callable[..., Any], attempt: Attempt[Req, Res], sent: Any) -> Iterator[Res]:
        responses = _stub(kind, attempt)(sent, timeout=attempt.timeout, metadata=attempt.headers)
        try:
            yield from responses
        except grpc.RpcError as error:
            raise _api_error(error, attempt.metadata) from error
        finally:
            responses.cancel()
        _fill(attempt.metadata, responses)


class AsyncChannelWire:
    """A channel of grpc.aio. It stays the user's own to close."""

    forms: Final = None

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._channel = channel

    async def close(self) -> None:
        """Leave the channel open."""

    async def unary(self, attempt: Attempt[Req, Res], request: Req) -> Res:
        """Make a call of one request and one response."""
        return await self._single(self._channel.unary_unary, attempt, request)

    async def client_stream(self, attempt: Attempt[Req, Res], requests: AsyncIterator[Req]) -> Res:
        """Make a call of many requests and one response."""
        return await self._single(self._channel.stream_unary, attempt, requests)

    def server_stream(self, attempt: Attempt[Req, Res], request: Req) -> AsyncGenerator[Res]:
        """Make a call of one request and many responses."""
        return self._many(self._channel.unary_stream, attempt, request)

    def bidi_stream(self, attempt: Attempt[Req, Res], requests: AsyncIterator[Req]) -> AsyncGenerator[Res]:
        """Make a call of many requests and many responses."""
        return self._many(self._channel.stream_stream, attempt, requests)

    async def _single(self, kind: Callable[..., Any], attempt: Attempt[Req, Res], sent: Any) -> Res:
        running = _stub(kind, attempt)(sent, timeout=attempt.timeout, metadata=attempt.headers)
        try:
            response: Res = await running
        except grpc.RpcError as error:
            raise _api_error(error, attempt.metadata) from error
        await _fill_async(attempt.metadata, running)
        return response

    async def _many(
        self, kind: Callable[..., Any], attempt: Attempt[Req, Res], sent: Any
    ) -> AsyncGenerator[Res]:
        running = _stub(kind, attempt)(sent, timeout=attempt.timeout, metadata=attempt.headers)
        try:
            async for response in running:
                yield response
        except grpc.RpcError as error:
            raise _api_error(error, attempt.metadata) from error
        finally:
            running.cancel()
        await _fill_async(attempt.metadata, running)


def _stub(kind: Callable[..., Any], attempt: Attempt[Req, Res]) -> Any:
    return kind(
        f"/{attempt.method.service_name}/{attempt.method.name}",
        request_serializer=lambda message: message.to_binary(),
        response_deserializer=attempt.method.output.from_binary,
    )


def _api_error(error: Any, metadata: Metadata) -> ApiError:
    _fill(metadata, error)
    name = error.code().name
    packed = next((value for key, value in error.trailing_metadata() or () if key == _DETAILS), None)
    details = Status.from_binary(packed).details if isinstance(packed, bytes) else ()
    code = Code.CANCELED if name == "CANCELLED" else Code[name]
    return error_of(code, error.details() or "", details, metadata)


def _fill(metadata: Metadata, call: Any) -> None:
    metadata.fill(_texts(call.initial_metadata()), _texts(call.trailing_metadata()))


async def _fill_async(metadata: Metadata, call: Any) -> None:
    metadata.fill(_texts(await call.initial_metadata()), _texts(await call.trailing_metadata()))


def _texts(pairs: Any) -> list[tuple[str, str]]:
    return [(key, value) for key, value in pairs or () if isinstance(value, str)]
