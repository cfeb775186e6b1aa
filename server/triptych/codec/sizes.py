"""How large messages are in a reply, in whatever form a transport wants."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from protobuf import Message

from triptych.codec.descriptors import form_of

MOST_ESCAPED: Final = 6
"""The most bytes that JSON writes for one: those of a control character."""

# What JSON has around a value: the longest name of a field and of an enum value, quotes, colon and comma.
_VALUE: Final = 96
# What a reply has beside its rows: page tokens.
_AROUND: Final = 8 * 1024
_TO_ESCAPE: Final = bytes([*range(32), *b'"\\', 127])


def value_count(message: Message) -> int:
    """Return how many values a message holds: messages, and scalars, set or not."""
    count = 0
    for field in message.desc().fields:
        form = form_of(field)
        value = getattr(message, form.slot)
        if form.oneof:
            value = value.value if value is not None and value.field == field.local_name else None
        if value is not None:
            items = value if form.shape == "list" else value.values() if form.shape == "map" else [value]
            count += sum(1 + value_count(item) if isinstance(item, Message) else 1 for item in items)
    return count


def most_bytes(data: bytes, messages: Iterable[Message | None]) -> int:
    """Return the most bytes that messages have in any form.

    Args:
        data: Their binary forms, joined.
        messages: The messages; None is none.
    """
    values = sum([1 + value_count(message) for message in messages if message is not None])
    return (
        len(data) + (MOST_ESCAPED - 1) * (len(data) - len(data.translate(None, _TO_ESCAPE))) + _VALUE * values
    )


class Room:
    """What there is of a reply that messages are put into one by one.

    Args:
        limit: The most bytes of the reply, in any form.
    """

    __slots__ = ("_left", "_some")

    def __init__(self, limit: int) -> None:
        self._left = limit - min(_AROUND, limit // 8)
        self._some = False

    def take(self, size: int) -> bool:
        """Tell whether a message of that size fits; if so it is put in. The first always is."""
        if self._some and size > self._left:
            return False
        self._some = True
        self._left -= size
        return True
