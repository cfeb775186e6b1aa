"""Responses that are joined from parts, in whatever form a transport wants."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from itertools import chain, repeat
from operator import itemgetter
from types import MappingProxyType
from typing import Any, Final, Generic, TypeAlias, TypeVar

from protobuf import DescField, DescMessage, Message

from triptych.codec.delimiters import delimiter
from triptych.codec.descriptors import form_of
from triptych.codec.parts import BINARY, Composition, CompositionError, FieldApart, JsonWriter, Part
from triptych.codec.sizes import MOST_ESCAPED, Room, most_bytes

M = TypeVar("M", bound=Message)

# More than JSON has for a row beside its texts.
_ROW: Final = 8 * 1024
_NONE: Final[Mapping[str, Message]] = MappingProxyType({})


class Composer(Generic[M]):
    """A response type with a field that holds one composed message, or a list of them.

    Attributes:
        message_class: The response type.
        composed: The name of that field.
        many: Whether it is a list.
        fields: All fields of the response, in order.

    Args:
        message_class: The response type. All of its fields are messages.
        composed: The field that holds what is composed.
        of: What its messages are composed of.

    Raises:
        CompositionError: The response type has other fields, or not this one.
    """

    def __init__(self, message_class: type[M], composed: str, of: Composition[Any]) -> None:
        desc = message_class.desc()
        for field in desc.fields:
            form = form_of(field)
            wanted = of.message_class.desc() if field.name == composed else form.element
            shapes = ("one", "list") if field.name == composed else ("one",)
            is_message = isinstance(form.element, DescMessage) and form.oneof is None
            if not is_message or form.element != wanted or form.shape not in shapes:
                raise CompositionError(f"{desc.type_name}.{field.name} is not a message that can be joined")
        self.fields = tuple(map(FieldApart, desc.fields))
        self.many = form_of(_field(desc, composed)).shape == "list"
        self.message_class = message_class
        self.composed = composed


class Composed(Generic[M]):
    """A response that is joined from parts.

    Args:
        composer: The type of the response.
        columns: For each kind of part its parts, one for each composed message: the rests first, then one
            column for each of the fields apart, in any order. Kinds that no message has may be left out.
        messages: The other fields; those that are None are not set.

    Raises:
        ValueError: The columns are not of one length.
    """

    __slots__ = ("_columns", "_composer", "_messages")

    def __init__(
        self,
        composer: Composer[M],
        columns: Sequence[Sequence[Part]],
        messages: Mapping[str, Message | None] = _NONE,
    ) -> None:
        if len(set(map(len, columns))) != 1:
            raise ValueError("the parts of the messages are not equally many")
        self._composer = composer
        self._columns = columns
        self._messages = messages

    def json(self, writer: JsonWriter) -> bytes:
        """Return the response in a dialect of JSON."""
        composer, messages, names = self._composer, self._messages, writer.proto_names
        pieces: list[bytes] = []
        before = b"{"
        for field in composer.fields:
            name = field.name
            if name == composer.composed:
                pieces += before, field.keys[names], *self._composed_json(writer)
                before = b","
            elif (message := messages.get(name)) is not None:
                pieces += before, field.keys[names], writer.write(message)
                before = b","
        pieces.append(b"}" if pieces else b"{}")
        return b"".join(pieces)

    def field_json(self, writer: JsonWriter, name: str) -> bytes | None:
        """Return one field of the response in a dialect of JSON; None if it is not set."""
        if name == self._composer.composed:
            return b"".join(self._composed_json(writer))
        message = self._messages.get(name)
        return None if message is None else writer.write(message)

    def binary(self) -> bytes:
        """Return the response in the binary form."""
        composer, messages = self._composer, self._messages
        pieces: list[bytes] = []
        for field in composer.fields:
            name, tag = field.name, field.tag
            if name == composer.composed:
                columns = map(map, repeat(itemgetter(BINARY)), self._columns)
                for row in map(b"".join, zip(*columns, strict=True)):
                    pieces += delimiter(tag, len(row)), row
            elif (message := messages.get(name)) is not None:
                data = message.to_binary()
                pieces += delimiter(tag, len(data)), data
        return b"".join(pieces)

    def message(self) -> M:
        """Return the response as a message of its own."""
        composer = self._composer
        response = composer.message_class()
        for name, message in self._messages.items():
            setattr(response, name, message)
        rows = [_message(parts) for parts in zip(*self._columns, strict=True)]
        setattr(response, composer.composed, rows if composer.many else rows[0])
        return response

    def _composed_json(self, writer: JsonWriter) -> list[bytes]:
        columns = map(map, repeat(itemgetter(writer)), self._columns)
        rows = zip(repeat(b"},{"), *columns, strict=False)  # the first of which never ends
        pieces = list(chain.from_iterable(rows))
        many = self._composer.many
        if not pieces:
            return [b"[]" if many else b"{}"]
        pieces[0] = b"[{" if many else b"{"
        pieces.append(b"}]" if many else b"}")
        return pieces


def fitting(columns: Sequence[Sequence[Part]], limit: int) -> int:
    """Return how many rows of a page fit into a reply: one at least, if there are any.

    Args:
        columns: The parts of its messages, as `Composed` takes them.
        limit: The most bytes of the reply, in any form.
    """
    count = len(columns[0])
    binary = itemgetter(BINARY)
    if MOST_ESCAPED * sum([sum(map(len, map(binary, column))) for column in columns]) + _ROW * count <= limit:
        return count
    room = Room(limit)
    for index, parts in enumerate(zip(*columns, strict=True)):
        size = most_bytes(b"".join(map(binary, parts)), [part.message for part in parts])
        if not room.take(size):
            return index
    return count


Response: TypeAlias = Message | Composed[Any]
"""What a method of a service returns."""


def _message(parts: Iterable[Part]) -> Message:
    rest, *others = parts
    message = copy(rest.message)
    if message is None:
        raise LookupError("the first column has the rests of the messages")
    for part in others:
        if part.field is not None:
            setattr(message, part.field.name, part.message)
    return message


def _field(desc: DescMessage, name: str) -> DescField:
    for field in desc.fields:
        if field.name == name:
            return field
    raise CompositionError(f"{desc.type_name} has no field {name}")
