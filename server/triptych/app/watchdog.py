"""The end of a process that is told to stop, whatever becomes of it."""

from __future__ import annotations

import os
import threading
from typing import Final

# After the grace, for what is left to be written.
_LAST_SECONDS: Final = 5


def end_at_last(seconds: float) -> None:
    """End the process some moments after so many seconds, whatever its threads and tasks are at by then."""
    timer = threading.Timer(seconds + _LAST_SECONDS, os._exit, (1,))
    timer.daemon = True
    timer.start()
