"""How often a worker is started again: at once the first time, and then with growing pauses."""

from __future__ import annotations

from typing import Final

_LIVED_SECONDS: Final = 60.0
_FIRST_PAUSE: Final = 0.5
_LONGEST_PAUSE: Final = 30.0


class Restarts:
    """Tells the pause before a worker is started again.

    Attributes:
        count: How many times it was.
    """

    def __init__(self) -> None:
        self.count = 0
        self._short_lives = 0

    def pause(self, lived: float) -> float:
        """Return the seconds to wait, given how many seconds the worker lived.

        It is none for one that lived for a minute, and the first time; then half a second, and twice as long
        each time, 30 seconds at most.
        """
        self.count += 1
        if lived >= _LIVED_SECONDS:
            self._short_lives = 0
            return 0.0
        self._short_lives += 1
        doubled = min(self._short_lives - 2, 10)
        return 0.0 if doubled < 0 else min(_LONGEST_PAUSE, _FIRST_PAUSE * 2.0**doubled)
