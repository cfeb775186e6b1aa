"""Finds values that the wire can carry and no request should.

protobuf takes any number for an enum, and any two numbers for a Timestamp. Such values do harm later: a
filter on an unknown kind is no filter, and a Timestamp of the year 300000 cannot be written as JSON.
protovalidate looks for them only where a field has a rule.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from protobuf import DescEnum, DescField, DescMessage, Message

from triptych.codec.descriptors import Element, form_of, reachable, well_known
from triptych.codec.faults import MAX_FAULTS, Fault, element, entry, member, refused, within
from triptych.errors import Reason

Check: TypeAlias = Callable[[Any], list[Fault] | None]  # None is how nearly all calls end: it costs least

_MIN_TIMESTAMP = -62_135_596_800  # 0001-01-01T00:00:00Z
_MAX_TIMESTAMP = 253_402_300_799  # 9999-12-31T23:59:59Z
_MAX_DURATION = 315_576_000_000  # 10,000 years
_MAX_NANOS = 999_999_999


def check_wellformed(message: Message) -> None:
    """Refuse a message that holds an unknown enum number, or a Timestamp or Duration that is none.

    The bounds are those of google/protobuf/timestamp.proto and duration.proto.

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
            return _enum_check(element)
        case DescMessage() if well_known(element) == "Timestamp":
            return _check_timestamp
        case DescMessage() if well_known(element) == "Duration":
            return _check_duration
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


def _enum_check(enum: DescEnum) -> Check:
    known = frozenset(value.number for value in enum.values)

    def check_enum(value: Any) -> list[Fault] | None:
        if value in known:
            return None
        description = f"must be a value of the enum {enum.name}, not {int(value)}"
        return [Fault(description, Reason.INVALID_ENUM_VALUE)]

    return check_enum


def _check_timestamp(value: Any) -> list[Fault] | None:
    if _MIN_TIMESTAMP <= value.seconds <= _MAX_TIMESTAMP and 0 <= value.nanos <= _MAX_NANOS:
        return None
    return [Fault("must be a timestamp of the years 0001 to 9999, with nanos from 0 to 999999999")]


def _check_duration(value: Any) -> list[Fault] | None:
    seconds, nanos = value.seconds, value.nanos
    if not (-_MAX_DURATION <= seconds <= _MAX_DURATION and -_MAX_NANOS <= nanos <= _MAX_NANOS):
        return [Fault("must be a duration of at most 315576000000 seconds, with nanos up to 999999999")]
    if seconds < 0 < nanos or nanos < 0 < seconds:
        return [Fault("must be a duration whose seconds and nanos have the same sign")]
    return None
