"""Reads scalar values from what was parsed from JSON.

The rules are those of ProtoJSON (https://protobuf.dev/programming-guides/json/), read strictly: a number in a
string is spelled as JSON spells numbers, without blanks, plus signs, leading zeros or underscores.
"""

from __future__ import annotations

import math
import re
import struct
import sys
from base64 import b64decode
from collections.abc import Callable
from typing import Any, TypeAlias

from protobuf import ScalarType

from triptych.codec.faults import must_be, refusal

ReadValue: TypeAlias = Callable[[Any], Any]

MAX_DIGITS = 400  # longer than any number that a field can hold, when it has no leading zeros
_FLOAT_MAX = 3.4028234663852886e38
_NUMBER = re.compile(r"(-?(?:0|[1-9][0-9]*))(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_NOT_FINITE = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


def scalar_reader(scalar: ScalarType) -> ReadValue:
    """Return the reader for values of a scalar type."""
    return _READERS[scalar]


def map_key_reader(scalar: ScalarType) -> Callable[[str], Any]:
    """Return a reader for the keys of a map, which JSON writes as strings."""
    return _read_bool_key if scalar is ScalarType.BOOL else _READERS[scalar]


def _read_bool_key(key: str) -> bool:
    if key not in ("true", "false"):
        raise refusal('must have the keys "true" and "false" only')
    return key == "true"


def _read_bool(value: Any) -> bool:
    if value is True or value is False:
        return bool(value)
    raise must_be("true or false", value)


def _read_string(value: Any) -> str:
    if isinstance(value, str):
        return value  # the parser refused lone surrogates
    raise must_be("a string", value)


def _read_bytes(value: Any) -> bytes:
    if isinstance(value, str):
        text = value.replace("-", "+").replace("_", "/")
        try:
            return b64decode(text + "=" * (-len(text) % 4), validate=True)
        except ValueError:
            pass
    raise must_be("a string of base64", value)


def _integer_reader(low: int, high: int) -> ReadValue:
    expected = f"a whole number from {low} to {high}"

    def read(value: Any) -> int:
        number = value if value.__class__ is int else _as_number(value)
        if number is not None and low <= number <= high and number == (whole := int(number)):
            return whole
        raise must_be(expected, value)

    return read


def _as_number(value: Any) -> int | float | None:
    """Return the number that is meant; None if none is, and NaN is none."""
    if isinstance(value, float):
        return value
    if not isinstance(value, str) or len(value) > MAX_DIGITS or not (match := _NUMBER.fullmatch(value)):
        return None
    number = int(value) if match[2] is match[3] is None else float(value)
    return number or float(value)  # keeps the sign of -0


def _read_double(value: Any) -> float:
    if value.__class__ is str and value in _NOT_FINITE:
        return _NOT_FINITE[value]
    number = value if value.__class__ is int else _as_number(value)
    # An int of 309 digits is compared here without becoming a float, which it cannot.
    if number is not None and -sys.float_info.max <= number <= sys.float_info.max:
        return float(number)
    raise must_be('a number, "NaN", "Infinity" or "-Infinity"', value)


def _read_float(value: Any) -> float:
    number = _read_double(value)
    if -_FLOAT_MAX <= number <= _FLOAT_MAX or not math.isfinite(number):
        return number
    try:  # other programs print the largest float as 3.4028235e38, which is larger but rounds to it
        (rounded,) = struct.unpack("<f", struct.pack("<f", number))
    except OverflowError:
        raise must_be("a number that fits into 32 bits", value) from None
    return float(rounded)


_INT32 = _integer_reader(-(2**31), 2**31 - 1)
_INT64 = _integer_reader(-(2**63), 2**63 - 1)
_UINT32 = _integer_reader(0, 2**32 - 1)
_UINT64 = _integer_reader(0, 2**64 - 1)
_READERS: dict[ScalarType, ReadValue] = {
    ScalarType.BOOL: _read_bool,
    ScalarType.STRING: _read_string,
    ScalarType.BYTES: _read_bytes,
    ScalarType.DOUBLE: _read_double,
    ScalarType.FLOAT: _read_float,
    ScalarType.INT32: _INT32,
    ScalarType.SINT32: _INT32,
    ScalarType.SFIXED32: _INT32,
    ScalarType.UINT32: _UINT32,
    ScalarType.FIXED32: _UINT32,
    ScalarType.INT64: _INT64,
    ScalarType.SINT64: _INT64,
    ScalarType.SFIXED64: _INT64,
    ScalarType.UINT64: _UINT64,
    ScalarType.FIXED64: _UINT64,
}
