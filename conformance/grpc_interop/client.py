"""A client of the test service: grpcio, with messages of google.protobuf.

The classes are made from the descriptors that gRPC releases, in a pool of their own: nothing of the server's
protobuf library takes part.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import grpc
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

from triptych_api.grpc.testing import empty_pb, messages_pb, test_pb

SERVICE: Final = "grpc.testing.TestService"
_SECONDS: Final = 20
_SHOWN: Final = 200


class CaseFailedError(Exception):
    """A case did not go as the descriptions say; the text tells what came instead."""


def expect(got: object, wanted: object, what: str) -> None:
    """Compare.

    Raises:
        CaseFailedError: They differ.
    """
    if got != wanted:
        raise CaseFailedError(f"{what} is {_short(got)}, not {_short(wanted)}")


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."


@cache
def _pool() -> DescriptorPool:
    pool = DescriptorPool()
    for file in (empty_pb, messages_pb, test_pb):
        pool.AddSerializedFile(file.desc().proto.to_binary())
    return pool


def message(name: str, **fields: Any) -> Any:
    """Make a message of the package grpc.testing."""
    return GetMessageClass(_pool().FindMessageTypeByName(f"grpc.testing.{name}"))(**fields)


def payload(size: int) -> Any:
    """Make a payload of zeros."""
    return message("Payload", body=bytes(size))


@dataclass(frozen=True, slots=True)
class Client:
    """Where the server is, and how to get there.

    Attributes:
        target: The host and the port.
        credentials: Of TLS; None for none.
        options: Of its channels.
    """

    target: str
    credentials: grpc.ChannelCredentials | None = None
    options: tuple[tuple[str, Any], ...] = ()

    def channel(self, *options: tuple[str, Any]) -> grpc.aio.Channel:
        """Open a channel; the caller closes it."""
        options = (*self.options, *options)
        if self.credentials is None:
            return grpc.aio.insecure_channel(self.target, options=options)
        return grpc.aio.secure_channel(self.target, self.credentials, options=options)


def call(channel: grpc.aio.Channel, rpc: str, *arguments: Any, raw: bool = False, **options: Any) -> Any:
    """Start a call of an rpc of the service.

    Args:
        channel: Where to.
        rpc: Its name, as "UnaryCall".
        arguments: The request of a unary one, or a stream of them; none to write them to the call.
        raw: Whether responses are bytes as they came, instead of messages.
        options: Of grpcio for calls; the timeout is 20 seconds if none is given.
    """
    method = _pool().FindServiceByName(SERVICE).methods_by_name[rpc]
    kinds = {
        (False, False): channel.unary_unary,
        (False, True): channel.unary_stream,
        (True, False): channel.stream_unary,
        (True, True): channel.stream_stream,
    }
    make = kinds[method.client_streaming, method.server_streaming]
    callable_ = make(
        f"/{SERVICE}/{rpc}",
        request_serializer=lambda request: request.SerializeToString(),
        response_deserializer=None if raw else GetMessageClass(method.output_type).FromString,
    )
    return callable_(*arguments, **{"timeout": _SECONDS, **options})


async def expect_status(outcome: Any, code: grpc.StatusCode, text: str | None = None) -> None:
    """Await a call that is to fail, and compare its status.

    Raises:
        CaseFailedError: It succeeded, or failed with another status.
    """
    expect(await outcome.code(), code, "the status code")
    if text is not None:
        expect(await outcome.details(), text, "the status message")
