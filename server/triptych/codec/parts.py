"""Parts of messages, which are printed once and then joined.

A message type is declared to be composed (`Composition`): some of its message fields stand apart, since they
change on their own, and the rest makes a part of its own. Two parts of a message never hold the same field.
Printed forms of parts join into that of the message: binary ones by concatenation, which merges, as the
encoding says; JSON by joining members.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Generic, Protocol, TypeVar

from protobuf import DescField, DescFieldValueScalar, DescMessage, Message

from triptych.codec.delimiters import delimiter, field_tag
from triptych.codec.descriptors import form_of, is_special

if TYPE_CHECKING:
    from triptych.codec.kept import Shelf

M = TypeVar("M", bound=Message)


class JsonWriter(Protocol):
    """Writes messages in one dialect of JSON; forms are kept for each such object.

    What it writes of a message inside another is the same as of that message alone.

    Attributes:
        proto_names: Whether fields are written by their names in the .proto file, or else in lowerCamelCase.
    """

    @property
    def proto_names(self) -> bool:
        """Whether fields are written by their names in the .proto file."""
        ...

    def write(self, response: Message, /) -> bytes:
        """Write a message."""
        ...


class CompositionError(TypeError):
    """A declaration of parts is wrong."""


class Binary:
    """Stands for the binary form where a `JsonWriter` stands for one of JSON."""


BINARY: Final = Binary()


class FieldApart:
    """A message field that stands apart.

    Attributes:
        name: The attribute of the message.
        keys: What comes before the value in JSON: with the JSON name, and with the name in the .proto file.
        tag: What comes before the length of the value in the binary form.
    """

    __slots__ = ("keys", "name", "tag")

    def __init__(self, field: DescField) -> None:
        self.name = field.local_name
        self.keys = f'"{field.json_name}":'.encode(), f'"{field.name}":'.encode()
        self.tag = field_tag(field.number)


class Part(dict[Any, bytes]):
    """A part of a message, and its printed forms by their writers: `BINARY` or a `JsonWriter`.

    A form is made when it is first asked for. This is a dict, so that a page is joined without a call of
    Python for each part.

    JSON of a field apart begins with a comma; that of the rest, which comes first, does not.

    Attributes:
        message: The message with the fields of the rest, or the value of the field apart. Nobody changes it.
        field: The field apart; None for the rest.
        version: What the part was made for; a shelf compares it.
        used: When it was last used, in lookups of the shelves.
    """

    __slots__ = ("field", "message", "shelf", "size", "used", "version")

    def __init__(self, message: Message | None, field: FieldApart | None) -> None:
        self.message = message
        self.field = field
        self.shelf: Shelf[Any] | None = None
        self.version: Any = None
        self.used = 0
        self.size = 0

    def __missing__(self, writer: Binary | JsonWriter) -> bytes:
        form = self._print(writer)
        self[writer] = form
        if self.shelf is not None:
            self.shelf.grow(self, len(form))
        return form

    def _print(self, writer: Binary | JsonWriter) -> bytes:
        message, field = self.message, self.field
        if message is None:
            return b""
        if isinstance(writer, Binary):
            data = message.to_binary()
            return data if field is None else delimiter(field.tag, len(data)) + data
        if field is None:
            return writer.write(message)[1:-1]
        return b",%b%b" % (field.keys[writer.proto_names], writer.write(message))


NOTHING: Final = Part(None, None)
"""A field apart that is not set."""


class Composition(Generic[M]):
    """A message type whose messages are made of parts.

    Attributes:
        apart: The fields that stand apart, by name.

    Args:
        message_class: The message type.
        names: The fields that stand apart; each is a single message, and no member of a oneof.

    Raises:
        CompositionError: A field is named twice, or cannot stand apart; or the rest could print nothing.
    """

    def __init__(self, message_class: type[M], *names: str) -> None:
        desc = message_class.desc()
        fields = {field.name: field for field in desc.fields}
        if is_special(desc):
            raise CompositionError(f"{desc.type_name} is not written as an object of its fields")
        if len(set(names)) < len(names):
            raise CompositionError(f"{desc.type_name}: a field is in two parts: {', '.join(names)}")
        for name in names:
            if name not in fields or not _can_stand_apart(fields[name]):
                raise CompositionError(
                    f"{desc.type_name}.{name} is not a single message that can stand apart"
                )
        if not any(_is_always_written(field) for field in desc.fields):
            raise CompositionError(
                f"{desc.type_name}: without the fields apart, there may be nothing to print"
            )
        self.message_class = message_class
        self.apart = {name: FieldApart(fields[name]) for name in names}

    def rest(self, message: M) -> Part:
        """Return the part that is a message without the fields that stand apart.

        Raises:
            ValueError: One of these is set.
        """
        for field in self.apart.values():
            if getattr(message, field.name) is not None:
                raise ValueError(f"{field.name} is a part of its own")
        return Part(message, None)

    def field(self, name: str, value: Message | None) -> Part:
        """Return the part that is the value of a field that stands apart; None is not set."""
        return NOTHING if value is None else Part(value, self.apart[name])


def _can_stand_apart(field: DescField) -> bool:
    form = form_of(field)
    return form.shape == "one" and form.oneof is None and isinstance(form.element, DescMessage)


def _is_always_written(field: DescField) -> bool:
    """Tell whether every dialect writes the field, whatever its value."""
    return isinstance(field.value, DescFieldValueScalar) and field.presence.name == "IMPLICIT"
