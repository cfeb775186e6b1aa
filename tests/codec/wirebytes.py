"""Writes the wire format by hand, right or wrong."""

from __future__ import annotations


def varint(number: int) -> bytes:
    number %= 2**64
    octets = bytearray()
    while number >= 0x80:
        octets.append(number & 0x7F | 0x80)
        number >>= 7
    octets.append(number)
    return bytes(octets)


def field(number: int, content: bytes) -> bytes:
    """Write a field of a string, bytes, a message or a packed list."""
    return varint(number << 3 | 2) + varint(len(content)) + content


def nested(number: int, levels: int, content: bytes = b"") -> bytes:
    """Write messages within each other."""
    for _ in range(levels):
        content = field(number, content)
    return content
