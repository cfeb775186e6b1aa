"""What is left of messages on their way through REST, and what they look like in a query."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from protobuf import DescEnum, DescMessage, Message, Oneof, ScalarType, message_to_json_value

from triptych.codec.descriptors import WRAPPERS, Element, FieldForm, form_of, is_special, well_known
from triptych.transport.rest.enums import EnumNames

NAMES = EnumNames()
Keep: TypeAlias = Callable[[FieldForm], bool]


def without_none(message: Message) -> Message:
    """Return a message without the enum values that stand for none: REST neither writes nor reads them."""
    return _filtered(message, bool)


def as_parameters(message: Message) -> Message:
    """Return what parameters can give of a message."""

    def keep(form: FieldForm) -> bool:
        if isinstance(form.element, DescMessage):
            leaf = well_known(form.element) in {"Timestamp", "Duration", "FieldMask", *WRAPPERS}
            return form.shape == "one" and (leaf or not is_special(form.element))
        return form.shape != "map"

    return _filtered(message, keep, drop_empty=True)


def _filtered(message: Message, keep: Keep, *, drop_empty: bool = False) -> Message:
    if is_special(message.desc()):
        return message
    values: dict[str, Any] = {}
    for name, form, value in _set_fields(message):
        if not keep(form):
            continue
        elements = (
            value.items() if form.shape == "map" else enumerate([value] if form.shape == "one" else value)
        )
        kept = {
            key: _filtered(each, keep, drop_empty=drop_empty) if isinstance(each, Message) else each
            for key, each in elements
            if not _is_none(form.element, each)
        }
        result: Any = kept if form.shape == "map" else list(kept.values())
        if form.shape == "one":
            if not kept or (drop_empty and _is_empty(result[0])):
                continue
            result = Oneof(name, result[0]) if form.oneof else result[0]
        values[form.slot] = result
    return type(message)(**values)


def _set_fields(message: Message) -> Iterator[tuple[str, FieldForm, Any]]:
    for field in message.desc().fields:
        form = form_of(field)
        if message.has_field(field.name):
            value = getattr(message, form.slot)
            yield field.name, form, value.value if form.oneof else value


def _is_none(element: Element, number: Any) -> bool:
    values = element.values if isinstance(element, DescEnum) else ()
    return any(value.number == number and NAMES.is_none(value) for value in values)


def _is_empty(value: Any) -> bool:
    return isinstance(value, Message) and not is_special(value.desc()) and not list(_set_fields(value))


def pairs(message: Message, offset: int, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Write the parameters that give a message; Timestamps with an offset of some minutes."""
    for name, form, value in _set_fields(message):
        element = form.element
        if isinstance(element, DescMessage) and not is_special(element):
            yield from pairs(value, offset, f"{prefix}{name}.")
        else:
            for each in value if form.shape == "list" else [value]:
                yield f"{prefix}{name}", _text(element, each, offset)


def _text(element: Element, value: Any, offset: int) -> str:
    match element:
        case ScalarType.BYTES:
            return urlsafe_b64encode(value).decode()
        case ScalarType.BOOL:
            return str(value).lower()
        case ScalarType.DOUBLE | ScalarType.FLOAT:
            return {"inf": "Infinity", "-inf": "-Infinity"}.get(str(value), str(value))
        case DescEnum():
            return next(NAMES.name(each) for each in element.values if each.number == value)
        case DescMessage() if well_known(element) == "Timestamp":
            return timestamp(value, offset)
        case DescMessage() if well_known(element) in WRAPPERS:
            return _text(WRAPPERS[well_known(element)], value.value, offset)
        case DescMessage():
            return str(message_to_json_value(value))
        case _:
            return str(value)


def timestamp(value: Any, offset: int) -> str:
    """Write a Timestamp with an offset of some minutes, unless it leaves the calendar by it."""
    local = type(value)(seconds=value.seconds + offset * 60, nanos=value.nanos)
    try:
        text = str(message_to_json_value(local))
    except ValueError:
        return str(message_to_json_value(value))
    hours, minutes = divmod(abs(offset), 60)
    return f"{text.removesuffix('Z')}{'-' if offset < 0 else '+'}{hours:02}:{minutes:02}"
