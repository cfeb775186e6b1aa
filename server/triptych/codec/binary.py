"""Reads and writes the binary form of messages."""

from __future__ import annotations

from typing import TypeVar

from protobuf import Message

from triptych.codec.faults import malformed
from triptych.codec.limits import FREE_MESSAGES, too_deep
from triptych.codec.wellformed import check_wellformed
from triptych.codec.wire import WireError, check_wire
from triptych.errors import RpcError

M = TypeVar("M", bound=Message)

_SMALL = FREE_MESSAGES  # bytes; a message takes two, so that fewer bytes hold half as many messages at most


def read_binary(data: bytes, message_class: type[M]) -> M:
    """Read a message from its binary form. Unknown fields are dropped.

    Raises:
        RpcError: INVALID_ARGUMENT with what is wrong; RESOURCE_EXHAUSTED beyond `triptych.codec.limits`.
    """
    if len(data) > _SMALL:
        try:
            check_wire(data, message_class)
        except WireError:
            raise _no_message(message_class) from None
    try:
        message = message_class.from_binary(data, ignore_unknown_fields=True)
    except RecursionError:
        raise too_deep() from None
    except Exception:  # protobuf-py has no common class, and its texts echo the input
        raise _no_message(message_class) from None
    check_wellformed(message)
    return message


def write_binary(message: Message) -> bytes:
    """Write the binary form of a message."""
    return message.to_binary()


def _no_message(message_class: type[Message]) -> RpcError:
    return malformed(f"the body is not a valid {message_class.desc().type_name} message")
