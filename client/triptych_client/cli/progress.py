"""How far a command is, on stderr and only on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from types import TracebackType
from typing import Final, Self, TypeVar

import click

from triptych_client.cli.terminal import is_terminal

T = TypeVar("T")

_STEP: Final = 100
_CELLS: Final = 30
_CLEAR: Final = "\r\x1b[K"


class Bar:
    """A bar that is gone when the work is done.

    It never hides the cursor: Ctrl-C ends the process without a chance to show it again.

    Args:
        label: What is done, already escaped; may be changed.
        length: How much there is to do.
    """

    def __init__(self, label: str, length: int) -> None:
        self.label = label
        self._length = max(length, 1)
        self._done = 0
        self._shown = ""

    def __enter__(self) -> Self:
        self.update(0)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._show("")

    def update(self, done: int) -> None:
        """Add what was done."""
        self.reach(self._done + done)

    def reach(self, done: int) -> None:
        """Tell how much is done in all."""
        self._done = min(done, self._length)
        filled = self._done * _CELLS // self._length
        bar = "#" * filled + "-" * (_CELLS - filled)
        self._show(f"{self.label}  [{bar}]  {self._done * 100 // self._length}%")

    def _show(self, text: str) -> None:
        if text != self._shown and is_terminal(sys.stderr):
            self._shown = text
            click.echo(_CLEAR + text, err=True, nl=False)


def counted(items: Iterable[T], what: str) -> Iterator[T]:
    """Pass a list on, and tell every hundred items how many came, unless the terminal shows them anyway."""
    if not is_terminal(sys.stderr) or is_terminal(sys.stdout):
        yield from items
        return
    number = 0
    try:
        for number, item in enumerate(items, start=1):
            yield item
            if number % _STEP == 0:
                click.echo(f"{_CLEAR}{number} {what}", err=True, nl=False)
    finally:
        if number >= _STEP:
            click.echo(_CLEAR, err=True, nl=False)
