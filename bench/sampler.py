"""Runs `triptych` and notes every millisecond what its event loop is at.

Usage: python -m bench.sampler FILE serve ... It notes from SIGUSR1 to SIGUSR2, and then writes FILE: a JSON
list of stacks, innermost frame first, each with how often it was seen.

Native code has no frames: what it takes counts for the Python code that called it, for the loop itself where
none did, and a little for whatever Python code runs next.
"""

from __future__ import annotations

import json
import signal
import sys
from collections import Counter
from pathlib import Path
from types import FrameType

from triptych.cli import main

_SECONDS = 0.001

Stack = tuple[tuple[str, str], ...]


class Sampler:
    """Counts stacks."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._stacks: Counter[Stack] = Counter()

    def install(self) -> None:
        """Wait for the signals."""
        signal.signal(signal.SIGALRM, self._note)
        signal.signal(signal.SIGUSR1, self._start)
        signal.signal(signal.SIGUSR2, self._stop)

    def _start(self, number: int, frame: FrameType | None) -> None:
        self._stacks.clear()
        signal.setitimer(signal.ITIMER_REAL, _SECONDS, _SECONDS)

    def _note(self, number: int, frame: FrameType | None) -> None:
        stack = []
        while frame is not None:
            stack.append((frame.f_code.co_filename, frame.f_code.co_qualname))
            frame = frame.f_back
        self._stacks[tuple(stack)] += 1

    def _stop(self, number: int, frame: FrameType | None) -> None:
        signal.setitimer(signal.ITIMER_REAL, 0)
        partial = self._file.with_suffix(".part")
        partial.write_text(json.dumps(list(self._stacks.items())))
        partial.rename(self._file)


if __name__ == "__main__":
    Sampler(Path(sys.argv.pop(1))).install()
    main()
