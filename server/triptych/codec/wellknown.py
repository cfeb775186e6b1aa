"""Reads the well-known types that JSON writes in forms of their own.

The forms are those of ProtoJSON (https://protobuf.dev/programming-guides/json/); Timestamps are RFC 3339.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

from protobuf import DescMessage, Message, Registry, ScalarType, message_from_json_value

from triptych.codec.descriptors import TEXTS, WRAPPERS, is_special, well_known
from triptych.codec.faults import FaultsError, must_be, refusal, within
from triptych.codec.limits import MAX_MASK
from triptych.codec.values import ReadValue, list_reader, map_reader, scalar_reader

_EXPECTED = {
    "Timestamp": 'a timestamp such as "2024-05-01T12:00:00Z", of the years 0001 to 9999',
    "Duration": 'a duration such as "1.5s", of at most 315576000000 seconds',
    "FieldMask": 'a list of fields such as "title,owner.displayName"',
}


def special_reader(
    message: DescMessage, registry: Registry | None, reader_of: Callable[[DescMessage], ReadValue]
) -> ReadValue:
    """Return the reader for a type that `is_special`.

    Args:
        message: The type.
        registry: The types that an Any may hold.
        reader_of: Returns the reader for a type that an Any holds.
    """
    name = well_known(message)
    if name in TEXTS:
        return text_reader(message)
    if name in WRAPPERS:
        return _wrapper_reader(message, scalar_reader(WRAPPERS[name]))
    return _any_reader(message, registry, reader_of) if name == "Any" else _tree_reader(message)


def text_reader(message: DescMessage) -> ReadValue:
    """Return the reader for one of the types that are written as strings."""
    message_class = message.type
    expected = _EXPECTED[well_known(message)]
    max_length = MAX_MASK if well_known(message) == "FieldMask" else sys.maxsize

    def read(value: Any) -> Message:
        if value.__class__ is str and len(value) <= max_length:
            try:
                return message_from_json_value(message_class, value)
            except ValueError:
                pass
        raise must_be(expected, value)

    return read


def _wrapper_reader(message: DescMessage, read_scalar: ReadValue) -> ReadValue:
    message_class = message.type
    return lambda value: message_class(value=read_scalar(value))


def _any_reader(
    message: DescMessage, registry: Registry | None, reader_of: Callable[[DescMessage], ReadValue]
) -> ReadValue:
    message_class = message.type

    def read(value: Any) -> Message:
        if value.__class__ is not dict:
            raise must_be('an object with the key "@type"', value)
        if not value:
            return message_class()
        url = value.get("@type")
        inner = registry.message(url.rpartition("/")[2]) if registry and url.__class__ is str else None
        if inner is None:
            raise refusal('must name, as "@type", a type that is known here')
        if is_special(inner):
            try:
                content = reader_of(inner)(value.get("value"))
            except FaultsError as error:
                raise FaultsError(within(".value", error.faults)) from None
        else:
            content = reader_of(inner)({key: item for key, item in value.items() if key != "@type"})
        return message_class(type_url=url, value=content.to_binary())

    return read


def _tree_reader(message: DescMessage) -> ReadValue:
    """Return the reader for Value, Struct or ListValue, in which protobuf-py takes infinite numbers."""
    message_class = message.type
    read_number = scalar_reader(ScalarType.DOUBLE)

    def check(value: Any) -> None:
        match value:
            case list():
                check_list(value)
            case dict():
                check_object(value)
            case int() | float() if not isinstance(value, bool):
                read_number(value)

    check_list = list_reader(check)
    check_object = map_reader(str, check, takes_null=True)
    check_root = {"Value": check, "ListValue": check_list, "Struct": check_object}[well_known(message)]

    def read(value: Any) -> Message:
        check_root(value)
        return message_from_json_value(message_class, value)

    return read
