"""Counts what a binary message unfolds into, without parsing it.

`0a 00` can be a whole sub-message, so that a body of 4 MiB holds two million. The body is walked along its
message type, into the fields that are messages and past all others, to the end or until a limit is exceeded.
"""

from __future__ import annotations

from protobuf import Message

from triptych.codec.limits import (
    MAX_DEPTH,
    MAX_VALUES,
    WIRE_BYTES_PER_MESSAGE,
    messages_allowed,
    too_deep,
    too_many,
)
from triptych.codec.wireplan import BYTES, END, FIXED32, FIXED64, NOTHING, START, VARINT, Plan, plan_of

_MORE = 0x80  # set in all bytes of a varint but the last
_NOT_LAST = bytes(range(_MORE, 0x100))
_MAX_VARINT = 10  # bytes
_SIZES = {FIXED64: 8, FIXED32: 4}


class WireError(Exception):
    """Says that bytes are no message; does not leave this package."""


def check_wire(data: bytes, message_class: type[Message]) -> None:
    """Refuse a binary message that unfolds into too much.

    Raises:
        RpcError: RESOURCE_EXHAUSTED beyond the limits; INVALID_ARGUMENT beyond the depth.
        WireError: The bytes are no message.
    """
    try:
        _Walk(data).message(0, len(data), plan_of(message_class), 0)
    except LookupError:  # cut off within a tag or a number, an unknown wire type, an end without a start
        raise WireError from None


class _Walk:
    """Walks one body and counts messages and values.

    An enum number that is not known counts as a message: protobuf-py spends 2 µs on each.
    """

    __slots__ = ("_allowed", "_data", "_messages", "_values")

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._allowed = messages_allowed(len(data), WIRE_BYTES_PER_MESSAGE)
        self._messages = 0
        self._values = 0

    def message(self, at: int, end: int, plan: Plan, depth: int) -> None:
        """Walk the bytes of one message."""
        # The parser's limit is exact. This one protects the stack, and is lax as entries of maps count too.
        if depth > 2 * MAX_DEPTH:
            raise too_deep()
        self._count_messages(1)
        data = self._data
        around: list[Plan] = []  # the plans outside of a group, which is a message up to its END
        while at < end:
            self._count_values(1)
            tag, at = (data[at], at + 1) if data[at] < _MORE else _varint(data, at)
            wire_type = tag & 7
            if wire_type == BYTES:
                size, start = (data[at], at + 1) if data[at] < _MORE else _varint(data, at)
                at = start + size
                if at > end:
                    raise WireError
                if tag in plan.messages:
                    self.message(start, at, plan.messages[tag], depth + 1)
                elif tag in plan.packed:
                    self._packed(data[start:at], plan.packed[tag], plan.enums.get(tag))
            elif wire_type == VARINT:
                number, at = (data[at], at + 1) if data[at] < _MORE else _varint(data, at)
                if tag in plan.enums and number not in plan.enums[tag]:
                    self._count_messages(1)
            elif wire_type == START:
                self._count_messages(1)
                around.append(plan)
                plan = plan.messages.get(tag, NOTHING)
            elif wire_type == END:
                plan = around.pop()
            else:
                at += _SIZES[wire_type]
        if at != end or around:
            raise WireError

    def _packed(self, data: bytes, width: int, known: frozenset[int] | None) -> None:
        self._count_values(len(data) // width if width else len(data.translate(None, _NOT_LAST)))
        if known is not None:
            known_bytes = bytes(number for number in known if number < _MORE)
            self._count_messages(len(data.translate(None, known_bytes)))

    def _count_messages(self, more: int) -> None:
        self._messages += more
        if self._messages > self._allowed:
            raise too_many(self._allowed)

    def _count_values(self, more: int) -> None:
        self._values += more
        if self._values > MAX_VALUES:
            raise too_many(MAX_VALUES)


def _varint(data: bytes, at: int) -> tuple[int, int]:
    number = 0
    for index in range(_MAX_VARINT):
        byte = data[at + index]
        number |= (byte & ~_MORE) << 7 * index
        if byte < _MORE:
            return number, at + index + 1
    raise WireError
