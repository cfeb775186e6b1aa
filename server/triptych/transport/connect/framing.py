"""What tells the protocols apart whose messages are in frames: Connect's streams, gRPC-Web and gRPC."""

from __future__ import annotations

import base64
import json
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Final

from protobuf import Registry

from triptych.errors import RpcError
from triptych.rpc.call import Call
from triptych.transport.connect.envelope import CONNECT_END, TRAILERS, frame
from triptych.transport.errors import connect_error, grpc_message, grpc_status
from triptych.transport.http.messages import HeaderList
from triptych.transport.http.timeouts import CONNECT_HEADER, GRPC_HEADER, connect_timeout, grpc_timeout

_STATUS_DETAILS: Final = b"grpc-status-details-bin"


@dataclass(frozen=True, slots=True)
class End:
    """How a response ends: with a last piece of its body, with trailers of HTTP, or both."""

    body: bytes = b""
    trailers: HeaderList | None = None


class Framing(ABC):
    """One of the protocols.

    Attributes:
        transport: Its name, as `Call.transport` has it.
        encoding: The header that names the compression of messages.
        accept_encoding: The header that names the compressions which the client takes.
        timeout: The header that says how long the client will wait.
    """

    transport: ClassVar[str]
    encoding: ClassVar[bytes]
    accept_encoding: ClassVar[bytes]
    timeout: ClassVar[bytes]

    @abstractmethod
    def seconds(self, value: str) -> float:
        """Return the seconds that the header `timeout` gives.

        Raises:
            RpcError: INVALID_ARGUMENT if it is malformed.
        """

    @abstractmethod
    def end(self, call: Call, registry: Registry) -> End:
        """Return the end of the response to a call that is over."""


class ConnectFraming(Framing):
    """Streams of Connect: the last frame is a JSON object."""

    transport = "connect"
    encoding = b"connect-content-encoding"
    accept_encoding = b"connect-accept-encoding"
    timeout = CONNECT_HEADER.encode()

    def seconds(self, value: str) -> float:
        """Return the seconds that the header `timeout` gives."""
        return connect_timeout(value)

    def end(self, call: Call, registry: Registry) -> End:
        """Return the last frame."""
        told: dict[str, object] = {}
        if call.response_trailers:
            metadata: dict[str, list[str]] = {}
            for name, value in call.response_trailers:
                metadata.setdefault(name, []).append(value)
            told["metadata"] = metadata
        if call.error is not None:
            told["error"] = connect_error(call.error, call, registry)
        return End(frame(CONNECT_END, json.dumps(told, ensure_ascii=False).encode()))


class GrpcWebFraming(Framing):
    """gRPC-Web: the last frame holds the trailers."""

    transport = "grpc-web"
    encoding = b"grpc-encoding"
    accept_encoding = b"grpc-accept-encoding"
    timeout = GRPC_HEADER.encode()

    def seconds(self, value: str) -> float:
        """Return the seconds that the header `timeout` gives."""
        return grpc_timeout(value)

    def end(self, call: Call, registry: Registry) -> End:
        """Return the last frame."""
        lines = [b"%b: %b\r\n" % header for header in grpc_trailers(call)]
        return End(frame(TRAILERS, b"".join(lines)))


class GrpcFraming(GrpcWebFraming):
    """gRPC, where the server can send trailers."""

    transport = "grpc"

    def end(self, call: Call, registry: Registry) -> End:
        """Return the trailers."""
        return End(trailers=grpc_trailers(call))


def grpc_trailers(call: Call) -> HeaderList:
    """Return the trailers of gRPC: those of the call, and its status."""
    trailers = [(name.encode(), value.encode()) for name, value in call.response_trailers]
    error = call.error
    if error is None:
        trailers.append((b"grpc-status", b"0"))
        return trailers
    return [*trailers, *_status(error, call)]


def _status(error: RpcError, call: Call) -> HeaderList:
    status = [
        (b"grpc-status", b"%d" % error.code),
        (b"grpc-message", grpc_message(error.message)),
    ]
    if details := grpc_status(error, call):
        status.append((_STATUS_DETAILS, base64.b64encode(details).rstrip(b"=")))
    return status
