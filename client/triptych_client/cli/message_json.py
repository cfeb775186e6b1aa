"""Messages from values that were read from JSON or YAML, and what is wrong with such values.

The library's own parser reads them, but does not tell where a fault is, and takes two fields of a oneof. So
each value is tried alone before.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final, TypeVar

from protobuf import (
    DescEnum,
    DescField,
    DescFieldValueEnum,
    DescFieldValueList,
    DescFieldValueMap,
    DescFieldValueMessage,
    DescFieldValueScalar,
    DescMessage,
    Message,
    ScalarType,
)

M = TypeVar("M", bound=Message)

_MOST_FAULTS: Final = 20
_MOST_SHOWN: Final = 60
_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_MANY: Final = (DescFieldValueList, DescFieldValueMap)
_SCALARS: Final = {
    ScalarType.STRING: "a string",
    ScalarType.BOOL: "true or false",
    ScalarType.BYTES: "base64",
    ScalarType.DOUBLE: "a number",
    ScalarType.FLOAT: "a number",
}
_WELL_KNOWN: Final = {
    "google.protobuf.Duration": 'a duration such as "1.5s"',
    "google.protobuf.Timestamp": 'a time such as "2025-06-01T12:00:00Z"',
}


def read_message(value: Any, message_class: type[M]) -> M:
    """Return the message that a value means in the JSON form of protobuf.

    Raises:
        ValueError: It means none; the text tells all that is wrong, in one line.
    """
    if not isinstance(value, dict):
        raise ValueError(f"the message must be a JSON object, not {_shown(value)}")  # noqa: TRY004
    try:
        faults = list(islice(_message_faults(value, message_class.desc(), ""), _MOST_FAULTS))
        if not faults:
            return message_class.from_json(json.dumps(value))
    except (ValueError, TypeError) as error:
        faults = [" ".join(str(error).split())]
    except RecursionError:
        faults = ["nested too deeply"]
    raise ValueError("; ".join(faults))


def _message_faults(value: dict[Any, Any], message: DescMessage, path: str) -> Iterator[str]:
    fields = {name: field for field in message.fields for name in (field.name, field.json_name)}
    given: set[str] = set()
    for key, each in value.items():
        field = fields.get(key)
        if field is None:
            yield f"{path}{_step(key)}: is no field of {message.type_name}"
        elif each is not None:
            yield from _field_faults(each, field, f"{path}{field.name}")
            oneof = None if isinstance(field.value, _MANY) else field.value.oneof
            if field.name in given:
                yield f"{path}{field.name}: must not be given twice"
            elif oneof and oneof.name in given:
                yield f"{path}{field.name}: must not be given together with another field of {oneof.name}"
            given |= {field.name, oneof.name} if oneof else {field.name}


def _field_faults(value: Any, field: DescField, path: str) -> Iterator[str]:
    match field.value:
        case DescFieldValueList(element=element):
            if not isinstance(value, list):
                yield f"{path}: must be an array, not {_shown(value)}"
                return
            for index, each in enumerate(value):
                yield from _element_faults(each, [each], field, element, f"{path}[{index}]")
        case DescFieldValueMap(value=element):
            if not isinstance(value, dict):
                yield f"{path}: must be an object, not {_shown(value)}"
                return
            for key, each in value.items():
                yield from _element_faults(each, {key: each}, field, element, f"{path}[{_shown(key)}]")
        case (
            DescFieldValueScalar(scalar=element)
            | DescFieldValueEnum(enum=element)
            | DescFieldValueMessage(message=element)
        ):
            yield from _element_faults(value, value, field, element, path)


def _element_faults(
    value: Any, alone: Any, field: DescField, element: ScalarType | DescEnum | DescMessage, path: str
) -> Iterator[str]:
    """Yield what is wrong with a value of a field; `alone` is what the field holds if it is the only one."""
    match element, value:
        case DescMessage(), dict() if not element.type_name.startswith("google.protobuf."):
            yield from _message_faults(value, element, f"{path}.")
            return
    try:
        field.parent.type.from_json(json.dumps({field.name: alone}))
    except (ValueError, TypeError):
        yield f"{path}: must be {_expected(element)}, not {_shown(value)}"


def _expected(element: ScalarType | DescEnum | DescMessage) -> str:
    match element:
        case DescEnum():
            return f"a value of the enum {element.name}"
        case DescMessage():
            return _WELL_KNOWN.get(element.type_name, "an object")
        case _:
            return _SCALARS.get(element, f"a number of the type {element.name.lower()}")


def _step(key: Any) -> str:
    return key if isinstance(key, str) and _PLAIN.fullmatch(key) else f"[{_shown(key)}]"


def _shown(value: Any) -> str:
    match value:
        case dict():
            return "an object"
        case list():
            return "an array"
        case _:
            text = json.dumps(value, default=lambda other: f"a {type(other).__name__}")
            return text if len(text) <= _MOST_SHOWN else text[: _MOST_SHOWN - 3] + "..."
