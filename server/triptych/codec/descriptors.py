"""What the readers need to know of a descriptor, in one shape for all kinds of fields."""

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
        case DescFieldValueScalar(scalar=element, oneof=oneof):
            return _single(field, element, oneof)
        case DescFieldValueEnum(enum=element, oneof=oneof):
            return _single(field, element, oneof)
        case DescFieldValueMessage(message=element, oneof=oneof):
            return _single(field, element, oneof)
        case DescFieldValueList(element=element):
            return FieldForm("list", element, None, None, field.local_name)
        case DescFieldValueMap(key=key, value=element):
            return FieldForm("map", element, key, None, field.local_name)


def _single(field: DescField, element: Element, oneof: DescOneof | None) -> FieldForm:
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


def well_known(element: DescMessage | DescEnum) -> str:
    """Return the short name, as "Timestamp", of a well-known type; "" for other types."""
    package, _, name = element.type_name.rpartition(".")
    in_files = element.file.name.startswith("google/protobuf/")
    return name if package == "google.protobuf" and in_files else ""
