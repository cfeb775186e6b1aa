"""Gets and sets fields of messages that are somewhere within a request."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from protobuf import DescMessage, Message, Oneof

from triptych.codec.descriptors import is_special
from triptych.codec.faults import refusal
from triptych.transport.rest.texts import ReadText


@dataclass(frozen=True, slots=True)
class Field:
    """One field on the way to a value, or the one that takes it.

    Attributes:
        name: The name in the .proto file.
        slot: The attribute of the message, which the fields of a oneof share.
        oneof: The oneof that the field belongs to, or "".
        is_list: Whether it holds a list.
        read: Reads a value, of which a list has many.
        inner: The message that it holds, whose fields can be given one by one; None for other fields.
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

    @property
    def is_part(self) -> bool:
        """Whether it is a part of what has a text of its own, as the seconds of a Timestamp."""
        inner = self.fields[-2].inner if len(self.fields) > 1 else None
        return inner is not None and is_special(inner)

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

    def differs(self, request: Message, value: Any) -> bool:
        """Tell whether the field is set in a request, to another value.

        Raises:
            FaultsError: Another field of a oneof is set.
        """
        message = request
        for field in self.fields[:-1]:
            message = field.get(message)
            if message is None:
                return False
        return bool(message.has_field(self.leaf.name) and self.leaf.get(message) != value)
