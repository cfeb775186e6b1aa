"""Options as every command has them: also read from the environment, and shown with their default."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeVar

import click

CommandT = TypeVar("CommandT", bound=Callable[..., Any])

_SERVICE = re.compile(r"(?:tcp|udp|sctp)://\S+")
_UNITS = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12} | {
    name: 2**power
    for letter, power in zip("kmgt", (10, 20, 30, 40), strict=True)
    for name in (letter, f"{letter}ib")
}
_SECONDS = {"": 1.0, "ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0, "w": 604800.0}


def option(flag: str, **attributes: Any) -> Callable[[CommandT], CommandT]:
    """Return an option `--x-y`, or `--x-y/--no-x-y`, that TRIPTYCH_X_Y sets as well."""
    variable = "TRIPTYCH_" + flag.partition("/")[0].removeprefix("--").replace("-", "_").upper()
    default = attributes.get("default")
    if isinstance(attributes.get("type"), Size) and isinstance(default, int):
        attributes["default"] = _size(default)
    return click.option(flag, envvar=variable, show_envvar=True, **attributes)


class PortOption(click.Option):
    """The option of a port, whose variable Kubernetes may set as well.

    For a Service named `triptych-http`, it sets TRIPTYCH_HTTP_PORT to `tcp://10.96.0.1:8080` everywhere.
    """

    def resolve_envvar_value(self, ctx: click.Context) -> str | None:
        """Return the value of the variable; None, with a warning, if it is such a URL."""
        value = super().resolve_envvar_value(ctx)
        if value is not None and _SERVICE.fullmatch(value):
            text = f"{self.envvar}={value} is ignored: Kubernetes sets it so for a Service, no port is meant"
            click.echo(f"triptych: {text}", err=True)
            return None
        return value


class Size(click.ParamType[int]):
    """A number of bytes, as `4194304`, `4MiB` or `4MB`, which is 4,000,000; `4M` is `4MiB`.

    Args:
        least: The fewest bytes that are accepted.
    """

    name = "size"

    def __init__(self, least: int = 1) -> None:
        self._least = least

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Return the bytes that the text means."""
        if isinstance(value, int):
            return value
        match = re.fullmatch(r"([0-9]{1,15}(?:\.[0-9]{1,9})?)\s*([a-z]*)", str(value).strip(), re.IGNORECASE)
        unit = _UNITS.get(match[2].lower()) if match else None
        size = int(Decimal(match[1]) * unit) if match and unit else -1
        if size < self._least:
            self.fail(f"{value!r} is not a size such as 4194304, 4MiB or 4MB", param, ctx)
        return size


class Seconds(click.ParamType[float]):
    """Seconds, as `10`, `10s`, `1.5m` or `1h`.

    Args:
        least: The fewest that there may be.
    """

    name = "seconds"

    def __init__(self, least: float) -> None:
        self._least = least

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Return the seconds that the text means."""
        if isinstance(value, (int, float)):
            return value
        match = re.fullmatch(r"([0-9]{1,9}(?:\.[0-9]{1,9})?)\s*([a-z]*)", str(value).strip().lower())
        unit = _SECONDS.get(match[2]) if match else None
        if not match or unit is None:
            self.fail(f"{value!r} is not a time such as 10, 10s or 5m", param, ctx)
        seconds = float(match[1]) * unit
        if seconds < self._least:
            self.fail(f"{value!r} is less than {self._least:g} seconds", param, ctx)
        return seconds


class Word(click.Choice[str]):
    """One of some words, in any case; some may have other names."""

    def __init__(self, words: Sequence[str], others: Mapping[str, str] | None = None) -> None:
        super().__init__(words, case_sensitive=False)
        self._others = others or {}

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the word that the text means."""
        return super().convert(self._others.get(str(value).lower(), value), param, ctx)


class BaseUrl(click.ParamType[str]):
    """A URL; one without a scheme means http."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the URL with its scheme."""
        return value if re.match(r"[a-z]+:/|https?:", value, re.IGNORECASE) else f"http://{value}"


def _size(number: int) -> str:
    """Return a number of bytes as `Size` takes it, in the largest unit that it is a multiple of."""
    units = {"GiB": 2**30, "MiB": 2**20, "KiB": 2**10}
    return next(
        (f"{number // size}{unit}" for unit, size in units.items() if number % size == 0), str(number)
    )
