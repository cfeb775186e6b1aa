"""Finds values that the wire can carry and no request should.

protobuf takes any number for an enum, and any two numbers for a Timestamp. Such values do harm later: a
filter on an unknown kind is no filter, and a Timestamp of the year 300000 cannot be written as JSON.
protovalidate looks for them only where a field has a rule.

Whether there are any is found out along a plan of what can be wrong; the paths are looked for after that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from protobuf import DescEnum, DescField, DescMessage, Message

from triptych.codec.allowed import allowed_names
from triptych.codec.descriptors import Element, form_of, reachable, well_known
from triptych.codec.faults import Fault, element, entry, member, refused
from triptych.codec.limits import too_deep
from triptych.errors import Reason, one_of

ALWAYS_WELLFORMED: Final[set[type[Message]]] = set()
"""Message classes that `check_wellformed` found to have nothing that it looks for."""

_MIN_TIMESTAMP = -62_135_596_800  # 0001-01-01T00:00:00Z
_MAX_TIMESTAMP = 253_402_300_799  # 9999-12-31T23:59:59Z
_MAX_DURATION = 315_576_000_000  # 10,000 years
_MAX_NANOS = 999_999_999


def check_wellformed(message: Message) -> None:
    """Refuse a message that holds an unknown enum number, or a Timestamp or Duration that is none.

    Raises:
        RpcError: INVALID_ARGUMENT, with the paths.
    """
    message_class = type(message)
    plan = _plans.get(message_class)
    if plan is None:
        plan = _plan_of(message_class.desc(), {})
        if plan is None:
            ALWAYS_WELLFORMED.add(message_class)
            return
        _plans[message_class] = plan
    try:
        if not _is_fine(message, plan):
            raise refused(_faults_of(message_class.desc(), message))
    except RecursionError:
        raise too_deep() from None


@dataclass(slots=True)
class _Plan:
    """What to look at in messages of one type, by their attributes.

    Attributes:
        itself: The check of the message itself, if it is a Timestamp or Duration.
        enums: The numbers that an enum knows; None too, as it may not be set.
        enum_groups: The same, of lists and maps.
        messages: The plans of messages.
        message_groups: The same, of lists and maps.
        oneofs: The plans of messages, and the numbers of enums, by the name of the member.
    """

    itself: Callable[[Any], str] | None = None
    enums: list[tuple[str, frozenset[int | None]]] = field(default_factory=list)
    enum_groups: list[tuple[str, frozenset[int | None]]] = field(default_factory=list)
    messages: list[tuple[str, _Plan]] = field(default_factory=list)
    message_groups: list[tuple[str, _Plan]] = field(default_factory=list)
    oneofs: list[tuple[str, dict[str, _Plan | frozenset[int | None]]]] = field(default_factory=list)


_plans: dict[type[Message], _Plan] = {}


def _is_fine(message: Any, plan: _Plan) -> bool:
    if plan.itself is not None:
        return not plan.itself(message)
    for slot, known in plan.enums:
        if getattr(message, slot) not in known:
            return False
    for slot, known in plan.enum_groups:
        group = getattr(message, slot)
        if group and not known.issuperset(group.values() if isinstance(group, dict) else group):
            return False
    for slot, inner in plan.messages:
        value = getattr(message, slot)
        if value is not None and not _is_fine(value, inner):
            return False
    for slot, inner in plan.message_groups:
        group = getattr(message, slot)
        for value in group.values() if isinstance(group, dict) else group:
            if not _is_fine(value, inner):
                return False
    for slot, plans in plan.oneofs:
        oneof = getattr(message, slot)
        expected = plans.get(oneof.field) if oneof is not None else None
        if isinstance(expected, _Plan):
            if not _is_fine(oneof.value, expected):
                return False
        elif expected is not None and oneof.value not in expected:
            return False
    return True


def _plan_of(message: DescMessage, made: dict[str, _Plan]) -> _Plan | None:
    if message.type_name in made:
        return made[message.type_name]
    if not any(map(_can_be_wrong, reachable(message))):
        return None
    plan = made[message.type_name] = _Plan()  # before its fields, which may lead back to it
    plan.itself = _ITSELF.get(well_known(message))
    oneofs: dict[str, dict[str, _Plan | frozenset[int | None]]] = {}
    for each in message.fields if plan.itself is None else ():
        form = form_of(each)
        one = form.shape == "one"
        expected = _expected(form.element, made)
        if expected is None:
            continue
        if form.oneof:
            oneofs.setdefault(form.slot, {})[each.name] = expected
        elif isinstance(expected, _Plan):
            (plan.messages if one else plan.message_groups).append((form.slot, expected))
        else:
            (plan.enums if one else plan.enum_groups).append((form.slot, expected))
    plan.oneofs += oneofs.items()
    return plan


def _expected(element: Element, made: dict[str, _Plan]) -> _Plan | frozenset[int | None] | None:
    match element:
        case DescEnum():
            return frozenset(value.number for value in element.values) | {None}
        case DescMessage():
            return _plan_of(element, made)
    return None


def _can_be_wrong(message: DescMessage) -> bool:
    if well_known(message) in _ITSELF:
        return True
    return any(isinstance(form_of(each).element, DescEnum) for each in message.fields)


def _faults_of(kind: Element, value: Any) -> Iterator[Fault]:
    match kind:
        case DescEnum() if value not in {each.number for each in kind.values}:
            description = f"must be {one_of(allowed_names(kind))}, not {int(value)}"
            yield Fault(description, Reason.INVALID_ENUM_VALUE)
        case DescMessage() if check := _ITSELF.get(well_known(kind)):
            if description := check(value):
                yield Fault(description)
        case DescMessage():
            for field in sorted(kind.fields, key=lambda each: form_of(each).oneof is not None):
                for fault in _faults_in(field, value):
                    fault.steps.append(member(field.name))
                    yield fault


def _faults_in(field: DescField, message: Any) -> Iterator[Fault]:
    form = form_of(field)
    value = getattr(message, form.slot)
    if form.oneof and value is not None:
        value = value.value if value.field == field.name else None
    if value is None:
        return
    if form.shape == "one":
        yield from _faults_of(form.element, value)
        return
    is_map = form.shape == "map"
    for key, each in value.items() if is_map else enumerate(value):
        for fault in _faults_of(form.element, each):
            fault.steps.append(entry(key) if is_map else element(key))
            yield fault


def _check_timestamp(value: Any) -> str:
    """Tell what google/protobuf/timestamp.proto does not allow."""
    if _MIN_TIMESTAMP <= value.seconds <= _MAX_TIMESTAMP and 0 <= value.nanos <= _MAX_NANOS:
        return ""
    return "must be a timestamp of the years 0001 to 9999, with nanos from 0 to 999999999"


def _check_duration(value: Any) -> str:
    """Tell what google/protobuf/duration.proto does not allow."""
    seconds, nanos = value.seconds, value.nanos
    if not (-_MAX_DURATION <= seconds <= _MAX_DURATION and -_MAX_NANOS <= nanos <= _MAX_NANOS):
        return "must be a duration of at most 315576000000 seconds, with nanos up to 999999999"
    if seconds < 0 < nanos or nanos < 0 < seconds:
        return "must be a duration whose seconds and nanos have the same sign"
    return ""


_ITSELF: dict[str, Callable[[Any], str]] = {"Timestamp": _check_timestamp, "Duration": _check_duration}
