"""Makes the readers of message types from their descriptors."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from protobuf import DescEnum, DescField, DescMessage, Oneof, Registry, ScalarType

from triptych.codec.containers import list_reader, map_reader
from triptych.codec.descriptors import Element, form_of, well_known
from triptych.codec.enums import EnumSpellings, declared_spellings, enum_reader, takes_null
from triptych.codec.messages import FieldReader, MessageReader
from triptych.codec.scalars import ReadValue, map_key_reader, scalar_reader
from triptych.codec.special import is_special
from triptych.codec.wellknown import special_reader

UnknownKeys: TypeAlias = Literal["ignore", "refuse"]
FieldKeys: TypeAlias = Callable[[DescField], Iterable[str]]


def both_keys(field: DescField) -> Iterable[str]:
    """Tell how ProtoJSON lets the key of a field be spelled: in lowerCamelCase, or as in the .proto file."""
    return {field.json_name, field.name}


@dataclass(slots=True)
class Compiler:
    """Makes readers for one dialect of JSON, each of them once.

    Attributes:
        unknown_keys: Whether a key that is no field is ignored or refused.
        field_keys: Tells the keys that a field may have.
        enum_spellings: Tells what the values of an enum may be written as.
        registry: The types that a google.protobuf.Any may hold.
    """

    unknown_keys: UnknownKeys = "ignore"
    field_keys: FieldKeys = both_keys
    enum_spellings: EnumSpellings = declared_spellings
    registry: Registry | None = None
    _readers: dict[DescMessage, MessageReader] = field(default_factory=dict, init=False)
    _special: dict[DescMessage, ReadValue] = field(default_factory=dict, init=False)

    def reader(self, message: DescMessage) -> ReadValue:
        """Return the reader for a message type."""
        if not is_special(message):
            return self.message_reader(message).read
        reader = self._special.get(message)
        if reader is None:
            reader = self._special[message] = special_reader(message, self.registry, self.reader)
        return reader

    def message_reader(self, message: DescMessage) -> MessageReader:
        """Return the reader for a message type that is written as an object of its fields."""
        reader = self._readers.get(message)
        if reader is None:
            reader = MessageReader(message.type, message.type_name, self.unknown_keys == "refuse")
            self._readers[message] = reader  # before its fields, which may hold the type itself
            for each in message.fields:
                field_reader = self._field_reader(each)
                reader.fields |= dict.fromkeys(self.field_keys(each), field_reader)
        return reader

    def _field_reader(self, field: DescField) -> FieldReader:
        form = form_of(field)
        read = self._element_reader(form.element)
        read_key = map_key_reader(form.key) if form.key is not None else None
        null = _takes_null(form.element)
        if form.shape == "list":
            read = list_reader(read)
        elif read_key is not None:
            read = map_reader(read_key, read, takes_null=null)
        elif form.oneof is not None:
            read = _member_reader(field.name, read)
        inner = form.element if isinstance(form.element, DescMessage) else None
        return FieldReader(
            name=field.name,
            slot=form.slot,
            read=read,
            takes_null=null and form.shape == "one",
            oneof=form.oneof.name if form.oneof else "",
            read_key=read_key,
            inner=None if inner is None or is_special(inner) else self.message_reader(inner),
        )

    def _element_reader(self, element: Element) -> ReadValue:
        match element:
            case ScalarType():
                return scalar_reader(element)
            case DescEnum():
                return enum_reader(element, self.enum_spellings)
            case DescMessage():
                return self.reader(element)


def _takes_null(element: Element) -> bool:
    match element:
        case DescEnum():
            return takes_null(element)
        case DescMessage():
            return well_known(element) == "Value"
        case _:
            return False


def _member_reader(name: str, read: ReadValue) -> Callable[[Any], Oneof[str, Any]]:
    return lambda value: Oneof(name, read(value))
