"""A group whose commands are imported when they run, so that each loads only what it needs."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from typing import Any

import click


class LazyGroup(click.Group):
    """A group that knows the name and the first line of help of each command without importing it.

    Args:
        lazy: For each name of a command, the module that has it, under the same name, and its help.
        **attributes: What a group takes.
    """

    def __init__(self, *, lazy: Mapping[str, tuple[str, str]], **attributes: Any) -> None:
        super().__init__(**attributes)
        self._lazy = lazy
        for name, (_, text) in lazy.items():
            self.add_command(click.Command(name, short_help=text))

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the names in the order in which they were given."""
        return list(self._lazy)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """Return the command that the arguments name, imported."""
        name, command, rest = super().resolve_command(ctx, args)
        if name is not None and name in self._lazy:
            command = getattr(import_module(self._lazy[name][0]), name)
        return name, command, rest
