"""What the codec needs to know of descriptors, in one shape for all kinds of fields and types."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal, TypeAlias

from protobuf import (
    DescEnum,
    DescField,
    DescFieldValueEnum,
    DescFieldValueList,
    DescFieldValueMap,
    DescFieldValueMessage,
    DescFieldValueScalar,
    DescMessage,
    DescOneof,
    ScalarType,
)

Element: TypeAlias = ScalarType | DescEnum | DescMessage

TEXTS = frozenset({"Timestamp", "Duration", "FieldMask"})
"""Well-known types that JSON writes as strings."""

WRAPPERS = {
    "BoolValue": ScalarType.BOOL,
    "BytesValue": ScalarType.BYTES,
    "DoubleValue": ScalarType.DOUBLE,
    "FloatValue": ScalarType.FLOAT,
    "Int32Value": ScalarType.INT32,
    "Int64Value": ScalarType.INT64,
    "StringValue": ScalarType.STRING,
    "UInt32Value": ScalarType.UINT32,
    "UInt64Value": ScalarType.UINT64,
}
"""Well-known types that JSON writes as the value that they wrap."""

TREES = frozenset({"Value", "Struct", "ListValue"})
"""Well-known types that JSON writes as any JSON."""

_SPECIAL = TEXTS | WRAPPERS.keys() | TREES | {"Any"}


@dataclass(frozen=True, slots=True)
class FieldForm:
    """What a field holds.

    Attributes:
        shape: One value, a list of them, or a map to them.
        element: The type of a value.
        key: The type of a map's keys.
        oneof: The oneof that the field belongs to, if any.
        slot: The attribute of the message, which the fields of a oneof share.
    """

    shape: Literal["one", "list", "map"]
    element: Element
    key: ScalarType | None
    oneof: DescOneof | None
    slot: str


def form_of(field: DescField) -> FieldForm:
    """Tell what a field holds."""
    match field.value:
        case DescFieldValueList(element=element):
            return FieldForm("list", element, None, None, field.local_name)
        case DescFieldValueMap(key=key, value=element):
            return FieldForm("map", element, key, None, field.local_name)
        case (
            DescFieldValueScalar(scalar=element, oneof=oneof)
            | DescFieldValueEnum(enum=element, oneof=oneof)
            | DescFieldValueMessage(message=element, oneof=oneof)
        ):
            return FieldForm("one", element, None, oneof, oneof.local_name if oneof else field.local_name)


def reachable(root: DescMessage) -> Iterator[DescMessage]:
    """List a message type and all types that a message of it can hold, each once."""
    seen = {root.type_name}
    pending = [root]
    while pending:
        message = pending.pop()
        yield message
        for field in message.fields:
            inner = form_of(field).element
            if isinstance(inner, DescMessage) and inner.type_name not in seen:
                seen.add(inner.type_name)
                pending.append(inner)


def well_known(element: Element) -> str:
    """Return the short name, as "Timestamp", of a well-known type; "" for other types."""
    if isinstance(element, ScalarType):
        return ""
    package, _, name = element.type_name.rpartition(".")
    in_files = element.file.name.startswith("google/protobuf/")
    return name if package == "google.protobuf" and in_files else ""


def is_special(message: DescMessage) -> bool:
    """Tell whether JSON writes messages of a type in a form of their own."""
    return well_known(message) in _SPECIAL


def is_dense(root: DescMessage) -> bool:
    """Tell whether values of JSON, and not its objects only, become messages within messages of a type."""
    if is_special(root):
        return True
    for message in reachable(root):
        for form in map(form_of, message.fields):
            name = well_known(form.element)
            many = form.shape != "one"
            if name in _SPECIAL and name != "Timestamp" and (many or name not in TEXTS):
                return True
    return False
