"""How values of messages are written in a table."""

from __future__ import annotations

import re
from enum import IntEnum
from typing import Final

from protobuf.wkt import Timestamp

TIME: Final = 20
"""The columns that a time needs, to the second."""


def time(timestamp: Timestamp | None) -> str:
    """Return a time as JSON has it; `-` for none."""
    return timestamp.to_json().strip('"') if timestamp else "-"


def to_seconds(text: str) -> str:
    """Return a time without the fraction of its second."""
    return re.sub(r"\.\d+", "", text)


def short(value: IntEnum) -> str:
    """Return the name of an enum's value, as options take it; `-` if it is not given."""
    if not value:
        return "-"
    return value.name.lower().replace("_", "-") if isinstance(value, IntEnum) else str(value)
