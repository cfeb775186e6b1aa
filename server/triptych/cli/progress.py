"""How far a long command is, on the standard error: a line that is written over, or one every few seconds."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Final, TextIO

_TERMINAL_SECONDS: Final = 0.1
_LINE_SECONDS: Final = 5.0


class Progress:
    """Tells how far a command is, though not too often.

    Args:
        stream: Where to write; None for the standard error.
        clock: Tells the seconds since some moment.
    """

    def __init__(self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream or sys.stderr
        self._clock = clock
        self._terminal = self._stream.isatty()
        self._told_at = clock()
        self._shown = 0

    def tell(self, text: str, *, at_once: bool = False) -> None:
        """Tell how far it is, if that was not told just now.

        Args:
            text: What to tell.
            at_once: Tell it in any case.
        """
        now = self._clock()
        if not at_once and now - self._told_at < (_TERMINAL_SECONDS if self._terminal else _LINE_SECONDS):
            return
        self._told_at = now
        if self._terminal:
            self._stream.write(f"\r{text}{' ' * (self._shown - len(text))}")
            self._shown = len(text)
        else:
            self._stream.write(f"{text}\n")
        self._stream.flush()

    def close(self) -> None:
        """Leave the line that is written over, if anything stands there."""
        if self._shown:
            self._stream.write(f"\r{' ' * self._shown}\r")
            self._stream.flush()
            self._shown = 0
