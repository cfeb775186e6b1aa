"""Finds values that the wire can carry and no request should.

protobuf takes any number for an enum, and any two numbers for a Timestamp. Such values do harm later: a
filter on an unknown kind is no filter, and a Timestamp of the year 300000 cannot be written as JSON.
protovalidate looks for them only where a field has a rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from protobuf import DescEnum, DescField, DescMessage, Message

from triptych.codec.descriptors import Element, form_of, reachable, well_known
from triptych.codec.faults import MAX_FAULTS, Fault, element, entry, member, refused, within
from triptych.codec.valuechecks import Check, check_duration, check_timestamp, enum_check


def check_wellformed(message: Message) -> None:
    """Refuse a message that holds an unknown enum number, or a Timestamp or Duration that is none.

    Raises:
        RpcError: INVALID_ARGUMENT, with the paths.
    """
    message_class = type(message)
    try:
        check = _checks[message_class]
    except KeyError:
        check = _checks[message_class] = _element_check(message_class.desc(), {})
    if check is not None and (faults := check(message)):
        raise refused(faults)


_checks: dict[type[Message], Check | None] = {}


class _MessageCheck:
    """Checks the fields of a message that can be wrong."""

    __slots__ = ("parts",)

    def __init__(self) -> None:
        self.parts: list[tuple[str, str, Check]] = []

    def __call__(self, message: Any) -> list[Fault] | None:
        faults: list[Fault] = []
        for slot, step, check in self.parts:
            value = getattr(message, slot)
            if value is not None and (found := check(value)):
                faults += within(step, found) if step else found
                if len(faults) >= MAX_FAULTS:
                    break
        return faults or None


def _element_check(element: Element, made: dict[str, _MessageCheck]) -> Check | None:
    match element:
        case DescEnum():
            return enum_check(element)
        case DescMessage() if well_known(element) == "Timestamp":
            return check_timestamp
        case DescMessage() if well_known(element) == "Duration":
            return check_duration
        case DescMessage() if any(map(_can_be_wrong, reachable(element))):
            return made.get(element.type_name) or _message_check(element, made)
        case _:
            return None


def _can_be_wrong(message: DescMessage) -> bool:
    if well_known(message) in {"Timestamp", "Duration"}:
        return True
    return any(isinstance(form_of(field).element, DescEnum) for field in message.fields)


def _message_check(message: DescMessage, made: dict[str, _MessageCheck]) -> _MessageCheck:
    result = made[message.type_name] = _MessageCheck()  # before its parts, which may lead back to it
    for field in message.fields:
        form = form_of(field)
        if form.oneof is None and (check := _field_check(field, made)):
            result.parts.append((form.slot, member(field.name), check))
    for oneof in message.oneofs:
        checks = {field.name: check for field in oneof.fields if (check := _field_check(field, made))}
        if checks:
            result.parts.append((oneof.local_name, "", _oneof_check(checks)))
    return result


def _field_check(field: DescField, made: dict[str, _MessageCheck]) -> Check | None:
    form = form_of(field)
    check = _element_check(form.element, made)
    if check is None or form.shape == "one":
        return check
    is_list = form.shape == "list"
    return _each_check(check, enumerate, element) if is_list else _each_check(check, dict.items, entry)


def _each_check(
    check: Check, items: Callable[[Any], Iterable[tuple[Any, Any]]], step: Callable[[Any], str]
) -> Check:
    def check_each(values: Any) -> list[Fault] | None:
        faults: list[Fault] = []
        for key, value in items(values):
            if found := check(value):
                faults += within(step(key), found)
                if len(faults) >= MAX_FAULTS:
                    break
        return faults or None

    return check_each


def _oneof_check(checks: dict[str, Check]) -> Check:
    def check_oneof(oneof: Any) -> list[Fault] | None:
        check = checks.get(oneof.field)
        found = check(oneof.value) if check else None
        return within(member(oneof.field), found) if found else None

    return check_oneof
