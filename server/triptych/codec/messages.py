"""Builds messages from what was parsed from JSON, with a table of readers for each message type."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from protobuf import Message, Oneof

from triptych.codec.faults import MAX_FAULTS, Fault, FaultsError, member, must_be, within
from triptych.codec.scalars import ReadValue


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
        fields = self.fields
        values: dict[str, Any] = {}
        faults: list[Fault] = []
        for key, item in value.items():
            reader = fields.get(key)
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
