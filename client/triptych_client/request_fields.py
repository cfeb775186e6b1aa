"""Requests from a message, from its fields by name, or from both."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

from protobuf import (
    DescEnum,
    DescField,
    DescFieldValueEnum,
    DescFieldValueList,
    DescFieldValueMessage,
    DescFieldValueScalar,
    DescMessage,
    Message,
    ScalarType,
)
from protobuf.wkt import Duration, Timestamp

M = TypeVar("M", bound=Message)

_SCALARS: Final[dict[ScalarType, tuple[type, ...]]] = {
    ScalarType.STRING: (str,),
    ScalarType.BYTES: (bytes,),
    ScalarType.BOOL: (bool,),
    ScalarType.DOUBLE: (float, int),
    ScalarType.FLOAT: (float, int),
}


def request_of(
    message_class: type[M], request: M | None, fields: Mapping[str, Any], *, may_be_empty: bool
) -> M:
    """Return the request that the arguments of a method mean.

    Args:
        message_class: What a request is.
        request: The request that was given, which stays as it is; None for none.
        fields: The values of fields by their name, or by their path if another message holds them:
            `filter.search`. Those that are None were not given.
        may_be_empty: Whether nothing need be given.

    Raises:
        TypeError: Something is of another type, or nothing is given.
    """
    given = {path: value for path, value in fields.items() if value is not None}
    if request is None and not given and not may_be_empty:
        raise TypeError(f"a {message_class.__qualname__} is missing, or its fields by name{_example(fields)}")
    if request is not None:
        checked_request(message_class, request)
    if not given:
        return message_class() if request is None else request
    changed = message_class() if request is None else copy.copy(request)
    for path, value in given.items():
        _set(changed, path, value)
    return changed


def checked_request(message_class: type[M], request: Any) -> M:
    """Return a request that was given.

    Raises:
        TypeError: It is no such message.
    """
    if isinstance(request, message_class):
        return request
    example = _example([field.name for field in message_class.desc().fields])
    raise TypeError(
        f"request must be a {message_class.__qualname__}, not {_described(request)}; "
        f"fields are given by name{example}"
    )


def _example(fields: Any) -> str:
    name = next(iter(fields), None)
    return f", as {name}=..." if name else ""


def _set(message: Any, path: str, value: Any) -> None:
    name, _, rest = path.partition(".")
    field = next(each for each in message.desc().fields if each.name == name)
    if rest:
        inner = copy.copy(getattr(message, name)) or field.value.message.type()
        _set(inner, rest, value)
        setattr(message, name, inner)
    else:
        setattr(message, name, _checked(field, value))


def _checked(field: DescField, value: Any) -> Any:
    """Return the value of a field as its message takes it."""
    match field.value:
        case DescFieldValueList(element=element):
            if not isinstance(value, (list, tuple)):
                raise TypeError(f"{field.name} must be a list, not {_described(value)}")
            return [_checked_one(f"{field.name}[{n}]", element, each) for n, each in enumerate(value)]
        case (
            DescFieldValueScalar(scalar=element)
            | DescFieldValueEnum(enum=element)
            | DescFieldValueMessage(message=element)
        ):
            return _checked_one(field.name, element, value)
        case _:
            return value


def _checked_one(name: str, element: ScalarType | DescEnum | DescMessage, value: Any) -> Any:
    if isinstance(element, DescMessage):
        kinds: tuple[type, ...] = (element.type,)
        value = _native(element.type, value)
    elif isinstance(element, DescEnum):
        kinds = (int,)
    else:
        kinds = _SCALARS.get(element, (int,))
    if isinstance(value, kinds):
        return value
    wanted = kinds[0] if isinstance(element, ScalarType) else element.type
    raise TypeError(f"{name} must be of type {wanted.__qualname__}, not {_described(value)}")


def _native(message_class: type, value: Any) -> Any:
    """Return a time of Python's own as the message that the contract has for it."""
    if message_class is Duration and isinstance(value, timedelta):
        return Duration.from_timedelta(value)
    if message_class is Timestamp and isinstance(value, datetime):
        if value.tzinfo is None:
            raise TypeError("a datetime must have a time zone")
        return Timestamp.from_datetime(value)
    return value


def _described(value: Any) -> str:
    name = "string" if isinstance(value, str) else type(value).__qualname__
    return f"{'an' if name[0] in 'aeiouAEIOU' else 'a'} {name}"
