"""Lengths of time as people write them."""

from __future__ import annotations

import re
from typing import Any, Final

import click

_UNITS: Final = {"ms": 0.001, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86400, "w": 604800}
_NUMBER: Final = r"[0-9]{1,9}(?:\.[0-9]{1,9})?"
_PART: Final = re.compile(rf"({_NUMBER})({'|'.join(sorted(_UNITS, key=len, reverse=True))})")


class DurationType(click.ParamType[float]):
    """Seconds, as `90`, `90s`, `1.5m`, `12h`, `30d`, `1w` or `1h30m`; more than none.

    Args:
        bare: Whether a number alone is seconds; else it needs a unit.
    """

    name = "duration"

    def __init__(self, *, bare: bool = True) -> None:
        self._bare = bare

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the seconds that the text means."""
        if isinstance(value, (int, float)):
            return float(value)
        text = "".join(str(value).lower().split())
        if self._bare and re.fullmatch(_NUMBER, text):
            text += "s"
        seconds = sum(float(number) * _UNITS[unit] for number, unit in _PART.findall(text))
        if _PART.sub("", text) or not seconds:
            self.fail(f"{value!r} is not a time such as 90s, 12h, 30d or 1w", param, ctx)
        return seconds
