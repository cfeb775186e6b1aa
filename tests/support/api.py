"""Clients of the server, one for each transport, that all look the same to a scenario.

`await api.GetUser(user_id=...)` returns the response or raises `CallError`; where several services have an
rpc of that name, it is `api.of("gitpod.v1.UserService").GetUser(...)`. gRPC is spoken by grpcio, the rest by
connectrpc's client; the messages are google.protobuf's.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import grpc
from connectrpc.client import ConnectClient, ResponseMetadata
from connectrpc.compat import google_protobuf_binary_codec, google_protobuf_json_codec
from connectrpc.errors import ConnectError
from connectrpc.method import IdempotencyLevel, MethodInfo, StreamType
from connectrpc.protocol import ProtocolType
from google.protobuf.any_pb2 import Any as AnyMessage
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message_factory import GetMessageClass
from google.rpc import error_details_pb2, status_pb2

from support.generated import Contract, contract

Headers = dict[str, str]


class CallError(Exception):
    """What a client saw of an error."""

    def __init__(self, code: str, message: str, details: Sequence[AnyMessage], headers: Headers) -> None:
        super().__init__(f"{code}: {message}")
        self.code = code
        self.message = message
        self.headers = headers
        self.violations: dict[str, str] = {}
        self.reason = ""
        for detail in details:
            bad_request, info = error_details_pb2.BadRequest(), error_details_pb2.ErrorInfo()
            if detail.Unpack(bad_request):
                self.violations = {v.field: v.description for v in bad_request.field_violations}
            elif detail.Unpack(info):
                self.reason = info.reason
                self.domain = info.domain
        self.detail_types = [detail.TypeName() for detail in details]


class Transport(Protocol):
    """A way to make a call."""

    async def call(
        self, service: str, rpc: str, request: Any, response: type, headers: Headers, timeout: float | None
    ) -> tuple[Any, Headers]:
        """Return the response and the headers that came with it."""
        ...


@dataclass(frozen=True)
class Api:
    """A caller on a transport."""

    transport: Transport
    token: str | None
    headers: Headers = field(default_factory=dict)
    timeout: float | None = None
    service: str = ""
    contract: Contract = field(default_factory=contract)

    def of(self, service: str) -> Api:
        """Return the same caller for the rpcs of one service."""
        return replace(self, service=service)

    def __getattr__(self, rpc: str) -> Callable[..., Awaitable[Any]]:
        if rpc.startswith("_"):
            raise AttributeError(rpc)

        async def call(request: Any = None, **fields: Any) -> Any:
            response, _ = await self.call_with_headers(rpc, request or self._request(rpc, fields))
            return response

        return call

    async def call_with_headers(self, rpc: str, request: Any) -> tuple[Any, Headers]:
        """Call an rpc; return the response and what headers came with it."""
        method = self._method(rpc)
        headers = dict(self.headers)
        if self.token is not None:
            headers["authorization"] = f"Bearer {self.token}"
        return await self.transport.call(
            method.containing_service.full_name,
            method.name,
            request,
            GetMessageClass(method.output_type),
            headers,
            self.timeout,
        )

    def _request(self, rpc: str, fields: dict[str, Any]) -> Any:
        return GetMessageClass(self._method(rpc).input_type)(**fields)

    def _method(self, rpc: str) -> MethodDescriptor:
        return self.contract.method(f"{self.service}/{rpc}" if self.service else rpc)


class GrpcTransport:
    """grpcio's client."""

    def __init__(self, channel: grpc.aio.Channel) -> None:
        self._channel = channel

    async def call(
        self, service: str, rpc: str, request: Any, response: type, headers: Headers, timeout: float | None
    ) -> tuple[Any, Headers]:
        stub = self._channel.unary_unary(
            f"/{service}/{rpc}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=response.FromString,
        )
        call = stub(request, metadata=tuple(headers.items()), timeout=timeout)
        try:
            reply = await call
        except grpc.aio.AioRpcError as error:
            trailers = {**dict(error.initial_metadata() or ()), **dict(error.trailing_metadata() or ())}
            status = status_pb2.Status.FromString(trailers.get("grpc-status-details-bin", b""))
            code = error.code().name.lower().replace("cancelled", "canceled")
            raise CallError(code, error.details() or "", status.details, trailers) from None
        return reply, {**dict(await call.initial_metadata()), **dict(await call.trailing_metadata())}


class ConnectTransport:
    """connectrpc's client."""

    def __init__(self, base_url: str, protocol: ProtocolType, codec: str) -> None:
        self.codec = codec
        codecs = {"proto": google_protobuf_binary_codec, "json": google_protobuf_json_codec}
        self._client = ConnectClient(base_url, protocol=protocol, codec=codecs[codec]())

    async def call(
        self, service: str, rpc: str, request: Any, response: type, headers: Headers, timeout: float | None
    ) -> tuple[Any, Headers]:
        method: MethodInfo[Any, Any] = MethodInfo(
            name=rpc,
            service_name=service,
            input=type(request),
            output=response,
            idempotency_level=IdempotencyLevel.UNKNOWN,
            stream_type=StreamType.UNARY,
        )
        with ResponseMetadata() as metadata:
            try:
                reply = await self._client.execute_unary(
                    request=request,
                    method=method,
                    headers=headers,
                    timeout_ms=None if timeout is None else int(timeout * 1000),
                )
            except ConnectError as error:
                details = [
                    AnyMessage(type_url=f"type.googleapis.com/{d.type_name}", value=d.message_bytes)
                    for d in error.details
                ]
                raise CallError(error.code.value, error.message, details, _all_headers(metadata)) from None
        return reply, _all_headers(metadata)


def _all_headers(metadata: ResponseMetadata) -> Headers:
    return {**dict(metadata.headers.items()), **dict(metadata.trailers.items())}
