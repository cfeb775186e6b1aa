"""Options as every command has them: also read from the environment, and shown with their default."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeVar

import click

CommandT = TypeVar("CommandT", bound=Callable[..., Any])

_SERVICE = re.compile(r"(?:tcp|udp|sctp)://\S+")
_UNITS = {"": 1, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}


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
    """A number of bytes, as `4194304` or `4MiB`.

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
        match = re.fullmatch(r"(0|[1-9][0-9]{0,11})\s*(|KiB|MiB|GiB)", str(value).strip(), re.IGNORECASE)
        if match is None or int(match[1]) < self._least:
            self.fail(f"{value!r} is not a size such as 4194304 or 4MiB", param, ctx)
        return int(match[1]) * _UNITS[match[2].upper()]


def _size(number: int) -> str:
    """Return a number of bytes as `Size` takes it, in the largest unit that it is a multiple of."""
    units = {"GiB": 2**30, "MiB": 2**20, "KiB": 2**10}
    return next(
        (f"{number // size}{unit}" for unit, size in units.items() if number % size == 0), str(number)
    )
