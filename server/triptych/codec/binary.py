"""Reads and writes the binary form of messages."""

from __future__ import annotations

from typing import TypeVar

from protobuf import Message

from triptych.codec.composed import Composed, Response
from triptych.codec.faults import no_message
from triptych.codec.limits import FREE_MESSAGES, too_deep
from triptych.codec.wellformed import ALWAYS_WELLFORMED, check_wellformed
from triptych.codec.wire import check_wire

M = TypeVar("M", bound=Message)

_SMALL = FREE_MESSAGES  # bytes; a message takes two of them


def read_binary(data: bytes, message_class: type[M]) -> M:
    """Read a message from its binary form. Unknown fields are dropped.

    Raises:
        RpcError: INVALID_ARGUMENT with what is wrong; RESOURCE_EXHAUSTED beyond `triptych.codec.limits`.
    """
    if len(data) > _SMALL:
        check_wire(data, message_class)
    try:
        message = message_class.from_binary(data, ignore_unknown_fields=True)
    except RecursionError:
        raise too_deep() from None
    except Exception:  # protobuf-py has no common class for what it raises, and its texts echo the input
        raise no_message(message_class) from None
    if message_class not in ALWAYS_WELLFORMED:
        check_wellformed(message)
    return message


def write_binary(response: Response) -> bytes:
    """Write the binary form of a message."""
    return response.binary() if isinstance(response, Composed) else response.to_binary()
