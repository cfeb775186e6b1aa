"""Reads enum values from what was parsed from JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from protobuf import DescEnum, Enum

from triptych.codec.allowed import allowed_names
from triptych.codec.descriptors import well_known
from triptych.codec.faults import must_be
from triptych.codec.scalars import ReadValue
from triptych.errors import Reason, one_of

EnumSpellings: TypeAlias = Callable[[DescEnum], Mapping[str | int, int]]


def enum_reader(enum: DescEnum, spellings: EnumSpellings) -> ReadValue:
    """Return a reader for values of an enum.

    Args:
        enum: The enum.
        spellings: Tells what a value may be written as (names, and numbers where these are taken), and the
            number that each spelling stands for.
    """
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
