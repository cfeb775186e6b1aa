"""Reads and writes the binary form of messages."""

from __future__ import annotations

from typing import TypeVar

from protobuf import Message

from triptych.codec.composed import Composed, Response
from triptych.codec.faults import malformed
from triptych.codec.limits import FREE_MESSAGES, too_deep
from triptych.codec.wellformed import check_wellformed
from triptych.codec.wire import WireError, check_wire

M = TypeVar("M", bound=Message)

_SMALL = FREE_MESSAGES  # bytes; a message takes two of them


def read_binary(data: bytes, message_class: type[M]) -> M:
    """Read a message from its binary form. Unknown fields are dropped.

    Raises:
        RpcError: INVALID_ARGUMENT with what is wrong; RESOURCE_EXHAUSTED beyond `triptych.codec.limits`.
    """
    try:
        if len(data) > _SMALL:
            check_wire(data, message_class)
        message = _parse(data, message_class)
        check_wellformed(message)
    except WireError:
        type_name = message_class.desc().type_name
        raise malformed(f"the body is not a valid {type_name} message") from None
    except RecursionError:
        raise too_deep() from None
    return message


def write_binary(response: Response) -> bytes:
    """Write the binary form of a message."""
    return response.binary() if isinstance(response, Composed) else response.to_binary()


def _parse(data: bytes, message_class: type[M]) -> M:
    try:
        return message_class.from_binary(data, ignore_unknown_fields=True)
    except RecursionError:
        raise
    except Exception:  # protobuf-py has no common class for what it raises, and its texts echo the input
        raise WireError from None
