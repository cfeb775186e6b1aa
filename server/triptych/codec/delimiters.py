"""What comes before a message inside another in the binary form: a tag and a length."""

from __future__ import annotations

from functools import lru_cache
from typing import Final

_LENGTH_DELIMITED: Final = 2  # the wire type
_LENGTHS: Final = 8192


def field_tag(number: int) -> bytes:
    """Return the tag of a field that holds messages, by its number."""
    return varint(number << 3 | _LENGTH_DELIMITED)


@lru_cache(_LENGTHS)
def delimiter(tag: bytes, length: int) -> bytes:
    """Return what comes before a message of `length` bytes."""
    return tag + varint(length)


def varint(value: int) -> bytes:
    """Return a number that is not negative, 7 bits to a byte, the lowest ones first."""
    data = bytearray()
    while value > 0x7F:  # noqa: PLR2004
        data.append(value & 0x7F | 0x80)
        value >>= 7
    data.append(value)
    return bytes(data)
