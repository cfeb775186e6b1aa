"""Checks single values that the wire can carry and no request should."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from protobuf import DescEnum

from triptych.codec.allowed import allowed_names
from triptych.codec.faults import Fault
from triptych.errors import Reason, one_of

Check: TypeAlias = Callable[[Any], list[Fault] | None]
"""Returns what is wrong with a value; None if nothing is, which is how nearly all calls end."""

_MIN_TIMESTAMP = -62_135_596_800  # 0001-01-01T00:00:00Z
_MAX_TIMESTAMP = 253_402_300_799  # 9999-12-31T23:59:59Z
_MAX_DURATION = 315_576_000_000  # 10,000 years
_MAX_NANOS = 999_999_999


def enum_check(enum: DescEnum) -> Check:
    """Return the check for an enum, which finds numbers that it does not know."""
    known = frozenset(value.number for value in enum.values)
    expected = one_of(allowed_names(enum))

    def check_enum(value: Any) -> list[Fault] | None:
        if value in known:
            return None
        description = f"must be {expected}, not {int(value)}"
        return [Fault(description, Reason.INVALID_ENUM_VALUE)]

    return check_enum


def check_timestamp(value: Any) -> list[Fault] | None:
    """Find what google/protobuf/timestamp.proto does not allow."""
    if _MIN_TIMESTAMP <= value.seconds <= _MAX_TIMESTAMP and 0 <= value.nanos <= _MAX_NANOS:
        return None
    return [Fault("must be a timestamp of the years 0001 to 9999, with nanos from 0 to 999999999")]


def check_duration(value: Any) -> list[Fault] | None:
    """Find what google/protobuf/duration.proto does not allow."""
    seconds, nanos = value.seconds, value.nanos
    if not (-_MAX_DURATION <= seconds <= _MAX_DURATION and -_MAX_NANOS <= nanos <= _MAX_NANOS):
        return [Fault("must be a duration of at most 315576000000 seconds, with nanos up to 999999999")]
    if seconds < 0 < nanos or nanos < 0 < seconds:
        return [Fault("must be a duration whose seconds and nanos have the same sign")]
    return None
