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
from triptych.codec.special import is_special
from triptych.rest.texts import ReadText, text_reader

_MAX_NAMES = MAX_DEPTH  # of a key; what follows is taken for one more name, which no field has


@dataclass(frozen=True, slots=True)
class Field:
    """One field on the way to a value, or the one that takes it.

    Attributes:
        name: The name in the .proto file.
        slot: The attribute of the message, which the fields of a oneof share.
        oneof: The oneof that the field belongs to, or "".
        is_list: Whether it holds a list.
        read: Reads a value, of which a list has many.
        inner: The message that it holds, whose fields are given one by one; None for other fields.
    """

    name: str
    slot: str
    oneof: str
    is_list: bool
    read: ReadText
    inner: DescMessage | None

    def get(self, message: Message) -> Any:
        """Return the value; the default one, or None, if it is not set.

        Raises:
            FaultsError: Another field of the oneof is set.
        """
        held = getattr(message, self.slot)
        if not self.oneof or held is None:
            return held
        if held.field != self.name:
            raise refusal(f"must not be given together with another field of the oneof {self.oneof}")
        return held.value

    def set(self, message: Message, value: Any) -> None:
        """Set the value.

        Raises:
            FaultsError: Another field of the oneof is set.
        """
        if self.oneof:
            self.get(message)
            value = Oneof(self.name, value)
        setattr(message, self.slot, value)


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

    def set(self, request: Message, value: Any) -> None:
        """Set the field in a request, and make the messages that it is in.

        Raises:
            FaultsError: Another field of a oneof is set.
        """
        message = request
        for field in self.fields[:-1]:
            inner = field.get(message)
            if inner is None and field.inner is not None:
                inner = field.inner.type()
                field.set(message, inner)
            message = inner
        self.leaf.set(message, value)

    def get(self, request: Message) -> Any:
        """Return the value of the field in a request; None if a message that it is in is not set.

        Raises:
            FaultsError: Another field of a oneof is set.
        """
        value: Any = request
        for field in self.fields:
            if value is not None:
                value = field.get(value)
        return value


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
        for name in key.split(".", _MAX_NAMES - 1):
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
            table = self._tables[message] = json_names | fields
        return table

    def _field(self, field: DescField) -> Field:
        form = form_of(field)
        element = form.element
        read = text_reader(element, self._enum_spellings)
        inner = None
        if form.shape == "map":
            read = _refusing("is a map, which a parameter cannot give")
        elif isinstance(element, DescMessage) and form.shape == "list":
            read = _refusing("is a list of messages, which a parameter cannot give")
        elif isinstance(element, DescMessage) and read is None and not is_special(element):
            inner = element
        return Field(
            name=field.name,
            slot=form.slot,
            oneof=form.oneof.name if form.oneof else "",
            is_list=form.shape == "list",
            read=read or _refusing("is a message, of which parameters give the fields only"),
            inner=inner,
        )


def _refusing(description: str) -> ReadText:
    def read(text: str) -> Any:
        raise refusal(description)

    return read
