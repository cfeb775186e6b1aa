"""Builds messages from what was parsed from JSON, and tells all that is wrong with it.

This is the reader that explains: protobuf-py's native parser, which `triptych.codec.json` asks first, does
not tell where a fault is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from protobuf import DescEnum, DescField, DescMessage, Message, Oneof, Registry, ScalarType

from triptych.codec.descriptors import Element, form_of, is_special, well_known
from triptych.codec.faults import MAX_FAULTS, Fault, FaultsError, member, must_be, within
from triptych.codec.values import (
    EnumSpellings,
    ReadValue,
    declared_spellings,
    enum_reader,
    list_reader,
    map_key_reader,
    map_reader,
    scalar_reader,
    takes_null,
)
from triptych.codec.wellknown import special_reader

UnknownKeys: TypeAlias = Literal["ignore", "refuse"]
FieldKeys: TypeAlias = Callable[[DescField], Iterable[str]]


def both_keys(field: DescField) -> Iterable[str]:
    """Tell how ProtoJSON lets the key of a field be spelled: in lowerCamelCase, or as in the .proto file."""
    return {field.json_name, field.name}


@dataclass(frozen=True, slots=True)
class FieldReader:
    """How to read one field.

    Attributes:
        name: The name in the .proto file.
        slot: The attribute of the message, which the fields of a oneof share.
        read: Reads the value as the attribute holds it.
        takes_null: Whether null is a value, as it is for google.protobuf.Value; elsewhere it means absent.
        oneof: The oneof that the field belongs to, or "".
        read_key: Reads the keys, if the field is a map.
        inner: The reader of the messages in it, unless these are written in a form of their own.
    """

    name: str
    slot: str
    read: ReadValue
    takes_null: bool
    oneof: str
    read_key: Callable[[str], Any] | None
    inner: MessageReader | None


@dataclass(slots=True)
class MessageReader:
    """Reads the messages of one type, from objects in which no key is repeated.

    Attributes:
        build: The message class.
        type_name: The name of the type, for texts.
        refuses_unknown: Whether a key that is no field is a fault.
        fields: The fields by their keys. Filled after the reader was made, as types may contain themselves.
    """

    build: Callable[..., Message]
    type_name: str
    refuses_unknown: bool
    fields: dict[str, FieldReader] = field(default_factory=dict)

    def read(self, value: Any) -> Message:
        """Build a message, or tell all that is wrong with it."""
        if value.__class__ is not dict:
            raise must_be("an object", value)
        values: dict[str, Any] = {}
        faults: list[Fault] = []
        for key, item in value.items():
            reader = self.fields.get(key)
            if reader is None:
                if self.refuses_unknown:
                    faults += within(member(key), [Fault(f"is no field of {self.type_name}")])
            elif item is None and not reader.takes_null:
                continue
            elif reader.slot in values:
                faults.append(_second(reader, values[reader.slot]))
            else:
                try:
                    values[reader.slot] = reader.read(item)
                except FaultsError as error:
                    faults += within(member(reader.name), error.faults)
                    values[reader.slot] = None
            if len(faults) >= MAX_FAULTS:
                break
        if len(values) < len(value) and not faults:  # there are nulls or unknown keys
            faults = self._null_and_value(value)
        if faults:
            raise FaultsError(faults)
        return self.build(**values)

    def _null_and_value(self, value: dict[str, Any]) -> list[Fault]:
        seen: dict[str, str] = {}
        for key in value:
            reader = self.fields.get(key)
            if reader and seen.setdefault(reader.name, key) != key:
                return [_twice(reader)]
        return []


def _second(reader: FieldReader, first: Any) -> Fault:
    if not reader.oneof or (isinstance(first, Oneof) and first.field == reader.name):
        return _twice(reader)
    description = f"must not be given together with another field of the oneof {reader.oneof}"
    return Fault(description, steps=[member(reader.name)])


def _twice(reader: FieldReader) -> Fault:
    return Fault("is given twice, in two spellings of its name", steps=[member(reader.name)])


@dataclass(slots=True)
class Readers:
    """Makes the readers of message types for one dialect of JSON, each of them once.

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
    _messages: dict[DescMessage, MessageReader] = field(default_factory=dict, init=False)
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
        reader = self._messages.get(message)
        if reader is None:
            reader = MessageReader(message.type, message.type_name, self.unknown_keys == "refuse")
            self._messages[message] = reader  # before its fields, which may hold the type itself
            for each in message.fields:
                reader.fields |= dict.fromkeys(self.field_keys(each), self._field_reader(each))
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
    return takes_null(element) if isinstance(element, DescEnum) else well_known(element) == "Value"


def _member_reader(name: str, read: ReadValue) -> ReadValue:
    return lambda value: Oneof(name, read(value))
