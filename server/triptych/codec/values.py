"""Reads scalars, enums, lists and maps from what was parsed from JSON.

The rules are those of ProtoJSON (https://protobuf.dev/programming-guides/json/), read strictly: a number in a
string is spelled as JSON spells numbers, without blanks, plus signs, leading zeros or underscores, and what
is no whole number is not rounded to one.
"""

from __future__ import annotations

import math
import re
import struct
import sys
from base64 import b64decode
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

from protobuf import DescEnum, Enum, ScalarType

from triptych.codec.allowed import allowed_names
from triptych.codec.descriptors import well_known
from triptych.codec.faults import FaultsError, element, entry, for_each, must_be, refusal
from triptych.errors import Reason, one_of

ReadValue: TypeAlias = Callable[[Any], Any]
"""Makes what a message holds of a value that was parsed from JSON; raises `FaultsError`."""

EnumSpellings: TypeAlias = Callable[[DescEnum], Mapping[str | int, int]]
"""Tells what the values of an enum may be written as: names, and numbers where these are taken."""

MAX_DIGITS = 400  # longer than any number that a field can hold, when it has no leading zeros
_EXACT = 2**53  # below it, each whole number is a float
_FLOAT_MAX = 3.4028234663852886e38
_NUMBER = re.compile(r"(-?(?:0|[1-9][0-9]*))(\.[0-9]+)?([eE][+-]?[0-9]+)?")
_NOT_FINITE = {"NaN": float("nan"), "Infinity": float("inf"), "-Infinity": float("-inf")}


class Rounded(float):
    """A float that is a whole number because it was rounded: the text said something else."""


def number(text: str) -> int | float:
    """Read a number that JSON spells with a fraction or an exponent; one that is whole is read exactly."""
    value = float(text)
    if not value.is_integer():
        return value
    try:
        exact = Decimal(text) if len(text) <= MAX_DIGITS else None
    except InvalidOperation:  # the exponent is out of range
        exact = None
    if exact is None or exact != (whole := exact.to_integral_value()):
        return Rounded(value)
    return value if abs(value) < _EXACT else int(whole)


def scalar_reader(scalar: ScalarType) -> ReadValue:
    """Return the reader for values of a scalar type."""
    return _READERS[scalar]


def map_key_reader(scalar: ScalarType) -> Callable[[str], Any]:
    """Return a reader for the keys of a map, which JSON writes as strings."""
    return _read_bool_key if scalar is ScalarType.BOOL else _READERS[scalar]


def enum_reader(enum: DescEnum, spellings: EnumSpellings) -> ReadValue:
    """Return a reader for values of an enum."""
    members: dict[str | int | None, Enum]
    members = {spelling: enum.type(number) for spelling, number in spellings(enum).items()}
    expected = one_of(allowed_names(enum, spellings(enum)))
    if takes_null(enum):
        members[None] = enum.type(0)

    def read(value: Any) -> Enum:
        if not isinstance(value, (bool, float, list, dict)):  # true and 1.0 are equal to 1 and would be found
            found = members.get(value)
            if found is not None:
                return found
        raise must_be(expected, value, Reason.INVALID_ENUM_VALUE)

    return read


def declared_spellings(enum: DescEnum) -> Mapping[str | int, int]:
    """Tell how ProtoJSON writes the values of an enum: by the name as declared, or by the number."""
    spellings: dict[str | int, int] = {}
    for value in enum.values:
        spellings[value.name] = spellings[value.number] = value.number
        if value.json_name is not None:
            spellings[value.json_name] = value.number
    return spellings


def takes_null(enum: DescEnum) -> bool:
    """Tell whether null is a value of an enum, as it is of google.protobuf.NullValue only."""
    return well_known(enum) == "NullValue"


def list_reader(read_element: ReadValue) -> ReadValue:
    """Return a reader for lists; null as an element is refused unless `read_element` takes it."""

    def read(value: Any) -> list[Any]:
        if value.__class__ is not list:
            raise must_be("an array", value)
        result: list[Any] = []
        for_each(enumerate(value), lambda _, item: result.append(read_element(item)), element)
        return result

    return read


def map_reader(
    read_key: Callable[[str], Any], read_value: ReadValue, *, takes_null: bool = False
) -> ReadValue:
    """Return a reader for maps, which refuses two spellings of one key, as "1" and "1.0"."""

    def read(value: Any) -> dict[Any, Any]:
        if value.__class__ is not dict:
            raise must_be("an object", value)
        result: dict[Any, Any] = {}

        def read_entry(text: str, item: Any) -> None:
            key = read_key(text)
            if key in result:
                raise refusal("is given twice, in two spellings of its key")
            if item is None and not takes_null:
                raise refusal("must not be null")
            result[key] = read_value(item)

        for_each(value.items(), read_entry, lambda text: entry_of(text, read_key))
        return result

    return read


def entry_of(text: str, read_key: Callable[[str], Any]) -> str:
    """Write the step to the value of a map's key, which may be one that the map cannot have."""
    try:
        return entry(read_key(text))
    except FaultsError:
        return entry(text)


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
        return value  # lone surrogates were refused before
    raise must_be("a string", value)


def _read_bytes(value: Any) -> bytes:
    if isinstance(value, str):
        text = value.replace("-", "+").replace("_", "/")
        bare = text.rstrip("=")
        try:
            # Pythons differ in what they make of more padding than there should be.
            if len(text) in {len(bare), len(bare) + -len(bare) % 4}:
                return b64decode(bare + "=" * (-len(bare) % 4), validate=True)
        except ValueError:
            pass
    raise must_be("a string of base64", value)


def _integer_reader(low: int, high: int) -> ReadValue:
    expected = f"a whole number from {low} to {high}"

    def read(value: Any) -> int:
        found = value if value.__class__ is int else _as_number(value)
        if found is not None and low <= found <= high and found.__class__ is not Rounded:
            whole = int(found)
            # A larger float stands for many numbers: `number` makes none of a text that it can read exactly.
            if whole == found and (found.__class__ is int or abs(whole) < _EXACT):
                return whole
        raise must_be(expected, value)

    return read


def _as_number(value: Any) -> int | float | None:
    """Return the number that is meant; None if none is, and NaN is none."""
    if isinstance(value, float):
        return value
    if not isinstance(value, str) or len(value) > MAX_DIGITS or not (match := _NUMBER.fullmatch(value)):
        return None
    if match[2] is match[3] is None:
        return int(value) or float(value)  # keeps the sign of -0
    return number(value)


def _read_double(value: Any) -> float:
    if value.__class__ is str and value in _NOT_FINITE:
        return _NOT_FINITE[value]
    found = value if value.__class__ is int else _as_number(value)
    # An int of 309 digits is compared here without becoming a float, which it cannot.
    if found is not None and -sys.float_info.max <= found <= sys.float_info.max:
        return float(found)
    raise must_be('a number, "NaN", "Infinity" or "-Infinity"', value)


def _read_float(value: Any) -> float:
    found = _read_double(value)
    if -_FLOAT_MAX <= found <= _FLOAT_MAX or not math.isfinite(found):
        return found
    try:  # other programs print the largest float as 3.4028235e38, which is larger but rounds to it
        (rounded,) = struct.unpack("<f", struct.pack("<f", found))
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
    **dict.fromkeys((ScalarType.INT32, ScalarType.SINT32, ScalarType.SFIXED32), _INT32),
    **dict.fromkeys((ScalarType.UINT32, ScalarType.FIXED32), _UINT32),
    **dict.fromkeys((ScalarType.INT64, ScalarType.SINT64, ScalarType.SFIXED64), _INT64),
    **dict.fromkeys((ScalarType.UINT64, ScalarType.FIXED64), _UINT64),
}
