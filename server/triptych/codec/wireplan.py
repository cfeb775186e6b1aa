"""What of a message type is to be looked at in its binary form."""

from __future__ import annotations

from dataclasses import dataclass, field

from protobuf import DescEnum, DescField, DescMessage, Message, ScalarType

from triptych.codec.descriptors import form_of

VARINT, FIXED64, BYTES, START, END, FIXED32 = range(6)
"""The wire types (https://protobuf.dev/programming-guides/encoding/#structure)."""

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
class Plan:
    """The fields of a message type that matter, by their tags.

    Attributes:
        messages: Fields that are messages, or entries of a map.
        packed: Lists that may come packed: the width of an element, or 0 for varints.
        enums: Fields that are enums: the numbers that are known, as varints hold them.
    """

    messages: dict[int, Plan] = field(default_factory=dict)
    packed: dict[int, int] = field(default_factory=dict)
    enums: dict[int, frozenset[int]] = field(default_factory=dict)


NOTHING = Plan()
"""The plan of what is not known."""

_plans: dict[type[Message], Plan] = {}


def plan_of(message_class: type[Message]) -> Plan:
    """Return the plan of a message class, made once."""
    plan = _plans.get(message_class)
    if plan is None:
        plan = _plans[message_class] = _message_plan(message_class.desc(), {})
    return plan


def _message_plan(message: DescMessage, made: dict[str, Plan]) -> Plan:
    plan = made.get(message.type_name)
    if plan is None:
        plan = made[message.type_name] = Plan()  # before its fields, which may lead back to it
        for each in message.fields:
            _add_field(plan, each, made)
    return plan


def _add_field(plan: Plan, each: DescField, made: dict[str, Plan]) -> None:
    form = form_of(each)
    number = each.number
    if form.shape == "map":
        plan.messages[_tag(number, BYTES)] = plan = Plan()
        number = _MAP_VALUE
    if isinstance(form.element, DescMessage):
        inner = _message_plan(form.element, made)
        plan.messages |= {_tag(number, BYTES): inner, _tag(number, START): inner}
    elif isinstance(form.element, DescEnum):
        known = frozenset(value.number % 2**64 for value in form.element.values)
        plan.enums |= {_tag(number, VARINT): known, _tag(number, BYTES): known}
        plan.packed[_tag(number, BYTES)] = 0
    elif form.shape == "list" and form.element not in _UNPACKED:
        plan.packed[_tag(number, BYTES)] = _WIDTHS.get(form.element, 0)


def _tag(number: int, wire_type: int) -> int:
    return number << 3 | wire_type
