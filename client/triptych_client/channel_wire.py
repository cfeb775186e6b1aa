"""One try of a call, over a channel of grpcio that the user has already."""

from __future__ import annotations

from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from typing import Any, TypeVar

import grpc
from connectrpc.code import Code
from protobuf import Message

from triptych_api.google.rpc.status_pb import Status
from triptych_client.errors import ApiError, error_of
from triptych_client.metadata import Metadata
from triptych_client.tries import Try

Req = TypeVar("Req", bound=Message)
Res = TypeVar("Res", bound=Message)

_DETAILS = "grpc-status-details-bin"


class ChannelWire:
    """A channel. It stays the user's own to close."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._channel = channel

    def close(self) -> None:
        """Leave the channel open."""

    def unary(self, call: Try[Req, Res], request: Req) -> Res:
        """Make a call of one request and one response."""
        return self._single(self._channel.unary_unary, call, request)

    def client_stream(self, call: Try[Req, Res], requests: Iterator[Req]) -> Res:
        """Make a call of many requests and one response."""
        return self._single(self._channel.stream_unary, call, requests)

    def server_stream(self, call: Try[Req, Res], request: Req) -> Iterator[Res]:
        """Make a call of one request and many responses."""
        return self._many(self._channel.unary_stream, call, request)

    def bidi_stream(self, call: Try[Req, Res], requests: Iterator[Req]) -> Iterator[Res]:
        """Make a call of many requests and many responses."""
        return self._many(self._channel.stream_stream, call, requests)

    def _single(self, kind: Callable[..., Any], call: Try[Req, Res], sent: Any) -> Res:
        try:
            response, ended = _stub(kind, call).with_call(sent, timeout=call.timeout, metadata=call.headers)
        except grpc.RpcError as error:
            raise _api_error(error, call.metadata) from error
        _fill(call.metadata, ended)
        result: Res = response
        return result

    def _many(self, kind: Callable[..., Any], call: Try[Req, Res], sent: Any) -> Iterator[Res]:
        responses = _stub(kind, call)(sent, timeout=call.timeout, metadata=call.headers)
        try:
            yield from responses
        except grpc.RpcError as error:
            raise _api_error(error, call.metadata) from error
        finally:
            responses.cancel()
        _fill(call.metadata, responses)


class AsyncChannelWire:
    """A channel of grpc.aio. It stays the user's own to close."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._channel = channel

    async def close(self) -> None:
        """Leave the channel open."""

    async def unary(self, call: Try[Req, Res], request: Req) -> Res:
        """Make a call of one request and one response."""
        return await self._single(self._channel.unary_unary, call, request)

    async def client_stream(self, call: Try[Req, Res], requests: AsyncIterator[Req]) -> Res:
        """Make a call of many requests and one response."""
        return await self._single(self._channel.stream_unary, call, requests)

    def server_stream(self, call: Try[Req, Res], request: Req) -> AsyncGenerator[Res]:
        """Make a call of one request and many responses."""
        return self._many(self._channel.unary_stream, call, request)

    def bidi_stream(self, call: Try[Req, Res], requests: AsyncIterator[Req]) -> AsyncGenerator[Res]:
        """Make a call of many requests and many responses."""
        return self._many(self._channel.stream_stream, call, requests)

    async def _single(self, kind: Callable[..., Any], call: Try[Req, Res], sent: Any) -> Res:
        running = _stub(kind, call)(sent, timeout=call.timeout, metadata=call.headers)
        try:
            response: Res = await running
        except grpc.RpcError as error:
            raise _api_error(error, call.metadata) from error
        call.metadata.fill(
            _texts(await running.initial_metadata()), _texts(await running.trailing_metadata())
        )
        return response

    async def _many(self, kind: Callable[..., Any], call: Try[Req, Res], sent: Any) -> AsyncGenerator[Res]:
        running = _stub(kind, call)(sent, timeout=call.timeout, metadata=call.headers)
        try:
            async for response in running:
                yield response
        except grpc.RpcError as error:
            raise _api_error(error, call.metadata) from error
        finally:
            running.cancel()
        call.metadata.fill(
            _texts(await running.initial_metadata()), _texts(await running.trailing_metadata())
        )


def _stub(kind: Callable[..., Any], call: Try[Req, Res]) -> Any:
    return kind(
        f"/{call.method.service_name}/{call.method.name}",
        request_serializer=lambda message: message.to_binary(),
        response_deserializer=call.method.output.from_binary,
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


def _texts(pairs: Any) -> list[tuple[str, str]]:
    return [(key, value) for key, value in pairs or () if isinstance(value, str)]
