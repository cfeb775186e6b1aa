"""Counts what a binary message unfolds into, without parsing it.

`0a 00` can be a whole sub-message, so that a body of 4 MiB holds two million. The body is walked along its
message type, into the fields that are messages and past all others, to the end or until a limit is exceeded.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from protobuf import DescEnum, DescField, DescMessage, Message, ScalarType

from triptych.codec.descriptors import form_of
from triptych.codec.faults import no_message
from triptych.codec.limits import (
    MAX_DEPTH,
    MAX_VALUES,
    WIRE_BYTES_PER_MESSAGE,
    messages_allowed,
    too_deep,
    too_many,
)

_VARINT, _FIXED64, _BYTES, _START, _END, _FIXED32 = range(6)  # the wire types
_MORE = 0x80  # set in all bytes of a varint but the last
_NOT_LAST = bytes(range(_MORE, 0x100))
_MAX_VARINT = 10  # bytes
_SIZES = {_FIXED64: 8, _FIXED32: 4}
_MAP_VALUE = 2  # the number of the field in an entry
_WIDTHS = {
    ScalarType.DOUBLE: 8,
    ScalarType.FIXED64: 8,
    ScalarType.SFIXED64: 8,
    ScalarType.FLOAT: 4,
    ScalarType.FIXED32: 4,
    ScalarType.SFIXED32: 4,
}
_UNPACKED = {ScalarType.STRING, ScalarType.BYTES}


@dataclass(slots=True)
class _Plan:
    """The fields of a message type that matter, by their tags.

    Attributes:
        messages: Fields that are messages, or entries of a map.
        packed: Lists that may come packed: the width of an element, or 0 for varints.
        enums: Fields that are enums: the numbers that are known, as varints hold them.
    """

    messages: dict[int, _Plan] = field(default_factory=dict)
    packed: dict[int, int] = field(default_factory=dict)
    enums: dict[int, frozenset[int]] = field(default_factory=dict)


_NOTHING = _Plan()  # the plan of what is not known
_plans: dict[type[Message], _Plan] = {}


def check_wire(data: bytes, message_class: type[Message]) -> None:
    """Refuse a binary message that unfolds into too much.

    Raises:
        RpcError: RESOURCE_EXHAUSTED beyond the limits; INVALID_ARGUMENT beyond the depth, or if it is none.
    """
    plan = _plans.get(message_class)
    if plan is None:
        plan = _plans[message_class] = _message_plan(message_class.desc(), {})
    try:
        _Walk(data).message(0, len(data), plan, 0)
    except LookupError:  # cut off within a tag or a number, an unknown wire type, an end without a start
        raise no_message(message_class) from None
    except RecursionError:
        raise too_deep() from None


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

    def message(self, at: int, end: int, plan: _Plan, depth: int) -> None:
        """Walk the bytes of one message."""
        # The parser's limit is exact. This one protects the stack, and is lax as entries of maps count too.
        if depth > 2 * MAX_DEPTH:
            raise too_deep()
        self._count_messages(1)
        data = self._data
        around: list[_Plan] = []  # the plans outside of a group, which is a message up to its end
        while at < end:
            self._values += 1
            if self._values > MAX_VALUES:
                raise too_many(MAX_VALUES)
            tag, at = (data[at], at + 1) if data[at] < _MORE else _varint(data, at)
            wire_type = tag & 7
            if wire_type == _BYTES:
                size, start = (data[at], at + 1) if data[at] < _MORE else _varint(data, at)
                at = start + size
                if at > end:
                    raise IndexError
                if tag in plan.messages:
                    self.message(start, at, plan.messages[tag], depth + 1)
                elif tag in plan.packed:
                    self._packed(data[start:at], plan.packed[tag], plan.enums.get(tag))
            elif wire_type == _VARINT:
                number, at = (data[at], at + 1) if data[at] < _MORE else _varint(data, at)
                if tag in plan.enums and number not in plan.enums[tag]:
                    self._count_messages(1)
            elif wire_type == _START:
                self._count_messages(1)
                around.append(plan)
                plan = plan.messages.get(tag, _NOTHING)
            elif wire_type == _END:
                plan = around.pop()
            else:
                at += _SIZES[wire_type]
        if at != end or around:
            raise IndexError

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
    raise IndexError


def _message_plan(message: DescMessage, made: dict[str, _Plan]) -> _Plan:
    plan = made.get(message.type_name)
    if plan is None:
        plan = made[message.type_name] = _Plan()  # before its fields, which may lead back to it
        for each in message.fields:
            _add_field(plan, each, made)
    return plan


def _add_field(plan: _Plan, each: DescField, made: dict[str, _Plan]) -> None:
    form = form_of(each)
    number = each.number
    if form.shape == "map":
        plan.messages[_tag(number, _BYTES)] = plan = _Plan()
        number = _MAP_VALUE
    if isinstance(form.element, DescMessage):
        inner = _message_plan(form.element, made)
        plan.messages |= {_tag(number, _BYTES): inner, _tag(number, _START): inner}
    elif isinstance(form.element, DescEnum):
        known = frozenset(value.number % 2**64 for value in form.element.values)
        plan.enums |= {_tag(number, _VARINT): known, _tag(number, _BYTES): known}
        plan.packed[_tag(number, _BYTES)] = 0
    elif form.shape == "list" and form.element not in _UNPACKED:
        plan.packed[_tag(number, _BYTES)] = _WIDTHS.get(form.element, 0)


def _tag(number: int, wire_type: int) -> int:
    return number << 3 | wire_type
