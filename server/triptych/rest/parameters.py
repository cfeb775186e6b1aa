"""Finds the field that a dotted key stands for, and sets it.

"All other fields are passed via the URL query parameters, and the parameter name is the field path in the
request message." (google/api/http.proto, "Rules for HTTP mapping")
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from protobuf import DescField, DescMessage, Message, Oneof

from triptych.codec.descriptors import form_of
from triptych.codec.enums import EnumSpellings
from triptych.codec.faults import refusal
from triptych.codec.limits import MAX_DEPTH
from triptych.rest.texts import ReadText, text_reader


@dataclass(frozen=True, slots=True)
class Field:
    """One field on the way to a value, or the one that takes it.

    Attributes:
        name: The name in the .proto file.
        slot: The attribute of the message, which the fields of a oneof share.
        oneof: The oneof that the field belongs to, or "".
        is_list: Whether it holds a list.
        is_map: Whether it holds a map.
        read: Reads a value; None if texts cannot give it.
        inner: The message that it holds, whose fields are given one by one.
    """

    name: str
    slot: str
    oneof: str
    is_list: bool
    is_map: bool
    read: ReadText | None
    inner: DescMessage | None

    def enter(self, message: Message) -> Message:
        """Return the message that the field holds, made if it is not there."""
        held = self._held(message)
        if held is None and self.inner is not None:
            held = self.inner.type()
            self.set(message, held)
        found: Message = held
        return found

    def set(self, message: Message, value: Any) -> None:
        """Give the field a value."""
        if self.oneof:
            self._held(message)
            value = Oneof(self.name, value)
        setattr(message, self.slot, value)

    def _held(self, message: Message) -> Any:
        held = getattr(message, self.slot)
        if not self.oneof or held is None:
            return held
        if held.field != self.name:
            raise refusal(f"must not be given together with another field of the oneof {self.oneof}")
        return held.value

    def held(self, message: Message) -> Any:
        """Return the value of the field; what it is by default, or None, if it is not set."""
        return self._held(message)


@dataclass(frozen=True, slots=True)
class Parameter:
    """A field of a message, or of a message within it, that a text can give.

    Attributes:
        path: The names in the .proto file, as `created.after`.
        fields: The fields on the way, the last one being the field itself.
    """

    path: str
    fields: Sequence[Field]

    @property
    def leaf(self) -> Field:
        """The field itself."""
        return self.fields[-1]

    def read(self, text: str) -> Any:
        """Read a value, of which a list has many.

        Raises:
            FaultsError: The text is none.
        """
        leaf = self.leaf
        if leaf.read is None:
            raise refusal(_why_not(leaf))
        return leaf.read(text)

    def set(self, message: Message, value: Any) -> None:
        """Set the field.

        Raises:
            FaultsError: Another field of a oneof is set.
        """
        for field in self.fields[:-1]:
            message = field.enter(message)
        self.leaf.set(message, value)


class Parameters:
    """Finds parameters.

    Args:
        enum_spellings: Tells what the values of an enum may be written as.
    """

    def __init__(self, enum_spellings: EnumSpellings) -> None:
        self._enum_spellings = enum_spellings
        self._tables: dict[DescMessage, dict[str, Field]] = {}

    def find(self, root: DescMessage, key: str) -> Parameter:
        """Find the field of a message that a key stands for, by JSON names or by those of the .proto file.

        Raises:
            FaultsError: There is no such field.
        """
        field = self._table(root).get(key)
        if field is not None:
            return Parameter(field.name, (field,))
        fields: list[Field] = []
        message: DescMessage | None = root
        for name in key.split(".", MAX_DEPTH):
            field = self._table(message).get(name) if message else None
            if field is None:
                raise refusal(f"is no field of {root.type_name}")
            fields.append(field)
            message = field.inner
        return Parameter(".".join(each.name for each in fields), fields)

    def _table(self, message: DescMessage) -> dict[str, Field]:
        table = self._tables.get(message)
        if table is None:
            fields = {each.name: self._field(each) for each in message.fields}
            json_names = {each.json_name: fields[each.name] for each in message.fields}
            table = self._tables[message] = fields | json_names
        return table

    def _field(self, field: DescField) -> Field:
        form = form_of(field)
        read = text_reader(form.element, self._enum_spellings)
        is_message = isinstance(form.element, DescMessage)
        if form.shape == "map" or (form.shape == "list" and is_message):
            read = None
        return Field(
            name=field.name,
            slot=form.slot,
            oneof=form.oneof.name if form.oneof else "",
            is_list=form.shape == "list",
            is_map=form.shape == "map",
            read=read,
            inner=form.element if form.shape == "one" and is_message and read is None else None,
        )


def _why_not(field: Field) -> str:
    if field.inner is not None:
        return f"is a message: its fields are given one by one, as {field.name}.{field.inner.fields[0].name}"
    kind = "is a map" if field.is_map else "is a list of messages"
    return f"{kind}, which a parameter cannot give"
