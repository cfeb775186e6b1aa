"""What the services of the suites refuse: what no suite asks for, and would cost the server much."""

from __future__ import annotations

import binascii
import re
from base64 import b64decode
from collections.abc import AsyncIterator, Sequence
from typing import Final, TypeVar

from protobuf import Message

from triptych.errors import Code, RpcError, invalid_field
from triptych.rpc.call import Call

MessageT = TypeVar("MessageT", bound=Message)

_MAX_KEPT: Final = 10_000
_MAX_KEPT_BYTES: Final = 16 * 1024 * 1024
_MAX_METADATA_BYTES: Final = 64 * 1024
_NAME: Final = re.compile(r"[0-9a-z_.-]+")
# Those of the transports: another value would break the frame of the answer.
_RESERVED: Final = re.compile(
    r"grpc-.*|connection|content-length|keep-alive|te|trailer|transfer-encoding|upgrade"
)


async def kept(requests: AsyncIterator[MessageT], call: Call) -> list[MessageT]:
    """Return all requests of a stream.

    Raises:
        RpcError: RESOURCE_EXHAUSTED if they are too many to be kept, or too large together.
    """
    messages: list[MessageT] = []
    async for message in requests:
        messages.append(message)
        if len(messages) > _MAX_KEPT or call.request_bytes > _MAX_KEPT_BYTES:
            text = f"a stream may have {_MAX_KEPT} messages and {_MAX_KEPT_BYTES} bytes here, and no more"
            raise RpcError(Code.RESOURCE_EXHAUSTED, text)
    return messages


def status_code(field: str, number: int) -> Code:
    """Return the code that an error is to have.

    Raises:
        RpcError: INVALID_ARGUMENT if it is none, or OK.
    """
    if number == Code.OK or number not in set(Code):
        raise invalid_field(field, "must be a status code of gRPC")
    return Code(number)


def check_metadata(field: str, metadata: Sequence[tuple[str, str]]) -> None:
    """Check the headers or trailers that a response is to have.

    Raises:
        RpcError: INVALID_ARGUMENT if no transport could send them as they are.
    """
    if sum(len(name) + len(value) for name, value in metadata) > _MAX_METADATA_BYTES:
        raise invalid_field(field, f"must have {_MAX_METADATA_BYTES} bytes at most")
    for name, value in metadata:
        if not _NAME.fullmatch(name) or _RESERVED.fullmatch(name):
            raise invalid_field(field, "must have names of headers, and not the protocol's own")
        if not (value.isascii() and value.isprintable()) or (name.endswith("-bin") and not _is_base64(value)):
            raise invalid_field(field, "must have values of printable ASCII, base64 for -bin")


def _is_base64(text: str) -> bool:
    try:
        b64decode(text + "==")
    except binascii.Error:
        return False
    return True
