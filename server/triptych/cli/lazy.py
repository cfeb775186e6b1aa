"""A group whose commands are imported when they run, so that each loads only what it needs."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Final

import click

COMPLETING: Final = "_TRIPTYCH_COMPLETE"
"""The variable by which the scripts of shells ask for completions."""


@contextmanager
def _ended_by_pipe() -> Iterator[None]:
    """End the process as others end when nobody reads their output: by SIGPIPE, without a word."""
    try:
        yield
    except BrokenPipeError:
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        os.kill(os.getpid(), signal.SIGPIPE)


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

    def main(self, *args: Any, **extra: Any) -> Any:
        """Run the command that the arguments name."""
        if COMPLETING in os.environ:
            import_module("triptych.cli.completion").register()
        return super().main(*args, **extra)

    def make_context(
        self, info_name: str | None, args: list[str], parent: click.Context | None = None, **extra: Any
    ) -> click.Context:
        """Read the options; --help prints here."""
        with _ended_by_pipe():
            return super().make_context(info_name, args, parent, **extra)

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        with _ended_by_pipe():
            return super().invoke(ctx)

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
