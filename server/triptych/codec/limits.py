"""How much a body may unfold into.

A body of 4 MiB holds 1.4 million `{}`, and protobuf-py makes of each a message of 130 to 250 bytes in about a
microsecond: left alone, one request costs seconds and hundreds of megabytes. So both formats are counted
before they are parsed, and refused beyond these limits. Half of what its size allows is used, in either
format, by UpdateProjects with 100 projects of all fields and the shortest of texts; other requests use less.
"""

from __future__ import annotations

from protobuf import DescMessage

from triptych.codec.descriptors import reachable, well_known
from triptych.codec.faults import malformed
from triptych.errors import RpcError, TooLargeError

MAX_DEPTH = 100
"""Levels of nesting, the limit of protobuf's own parsers; JSON counts arrays too."""

MAX_MESSAGES = 10_000
"""Messages, map entries and JSON containers of one body: 20 to 30 ms to read."""

FREE_MESSAGES = 2048
"""Messages that a body of any size may hold: at most 1 MB."""

JSON_BYTES_PER_MESSAGE = 32
"""What a further container must bring in size: the message and the parsed object take 15 times as much."""

WIRE_BYTES_PER_MESSAGE = 16
"""What a further message must bring in size: it takes 10 to 15 times as much."""

MAX_VALUES = 50_000
"""Values, list elements included, of one body: 10 to 20 ms to read."""

MAX_MASK = 4096
"""Characters of a FieldMask, which has a path for as little as a comma."""

_BRACKETS = bytes.maketrans(b"{}", b"[]")
_OPENING = ord("[")
_NO_STRUCTURE = bytes(set(range(256)) - set(b'"{}[],'))


def messages_allowed(size: int, bytes_per_message: int) -> int:
    """Tell how many messages a body of this many bytes may hold."""
    return min(MAX_MESSAGES, FREE_MESSAGES + size // bytes_per_message)


def too_many(limit: int) -> RpcError:
    """Refuse a body that holds more than `limit` messages or values."""
    return TooLargeError(f"message holds too many values: more than {limit}")


def too_deep(limit: int = MAX_DEPTH) -> RpcError:
    """Refuse a body that is nested too deeply."""
    return malformed(f"the message is nested too deeply: more than {limit} levels")


def max_depth(root: DescMessage) -> int:
    """Tell how deeply JSON may be nested, so that the message is not nested more than MAX_DEPTH.

    A container within a Struct becomes two messages: a Value and what is in it.
    """
    doubling = any(well_known(message) in {"Value", "Any"} for message in reachable(root))
    return MAX_DEPTH // 2 if doubling else MAX_DEPTH


def check_json(data: bytes, dense: bool = False, max_depth: int = MAX_DEPTH) -> None:
    """Refuse JSON that unfolds into too much, without parsing it.

    What follows the first syntax error may be counted wrongly. This does no harm: the parser stops there, and
    what comes before is counted rightly.

    Args:
        data: The body.
        dense: Whether any value may become a message, and not the objects only.
        max_depth: The most levels of objects and arrays.

    Raises:
        RpcError: RESOURCE_EXHAUSTED beyond the limits; INVALID_ARGUMENT beyond the depth.
    """
    containers = data.count(b"{") + data.count(b"[")
    if containers <= max_depth and containers + data.count(b",") < FREE_MESSAGES:
        return  # so far, brackets and commas inside of strings are counted too: a bound that most bodies keep
    max_containers = messages_allowed(len(data), JSON_BYTES_PER_MESSAGE)
    max_values = max_containers if dense else MAX_VALUES
    outside = _outside_strings(data, max_values)
    containers = outside.count(b"{") + outside.count(b"[")
    if containers > max_containers:
        raise too_many(max_containers)
    if containers + outside.count(b",") >= max_values:
        raise too_many(max_values)
    if _is_deeper(outside, max_depth):
        raise too_deep(max_depth)


def _outside_strings(data: bytes, max_values: int) -> bytes:
    """Return the brackets and commas that are not inside of strings."""
    if b"\\" in data:
        data = data.replace(b"\\\\", b"").replace(b'\\"', b"")
    data = data.translate(None, _NO_STRUCTURE)  # leaves pieces of a byte, which cost nothing to split
    if data.count(b'"') > 4 * max_values:  # two for a value and two for its key
        raise too_many(max_values)
    data = data.replace(b'""', b"")  # most strings by now; between two of them, it makes one of both
    return b"".join(data.split(b'"')[::2])


def _is_deeper(outside: bytes, limit: int) -> bool:
    outside = left = outside.translate(_BRACKETS, b",")
    for _ in range(limit):
        left = left.replace(b"[]", b"")  # one level, in C
        if not left:
            return False
    depth = 0
    for bracket in outside:
        if bracket == _OPENING:
            depth += 1
            if depth > limit:
                return True
        else:
            depth -= 1
            if depth < 0:
                return False  # the parser gets no further either
    return False
