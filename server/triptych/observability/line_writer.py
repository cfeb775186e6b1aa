"""Text that a thread writes to a file descriptor, so that nobody waits for whoever reads it.

A pipe or a disk that is full and a descriptor that is closed are all the same to those who write: the queue
has a bound, and what goes beyond it, or cannot be written, is dropped and counted.
"""

from __future__ import annotations

import fcntl
import os
import select
import threading
from collections import deque
from collections.abc import Callable
from typing import Final

_MOST_WAITING: Final = 8 * 1024 * 1024
_PIECE: Final = 64 * 1024
_CLOSE_SECONDS: Final = 1.0


class LineWriter:
    """Writes whole lines, in order, to a file descriptor, which it never closes.

    Args:
        descriptor: Where to write.
        most_waiting: The most bytes that wait.
        lock: The descriptor of a file that all processes lock that write to the same descriptor, so that
            their lines do not get into each other; None if there are no others.

    Attributes:
        dropped: How many lines were dropped.
        on_drop: Called once, when the first line was dropped and writing goes on.
    """

    def __init__(self, descriptor: int, most_waiting: int = _MOST_WAITING, lock: int | None = None) -> None:
        self._descriptor = descriptor
        self._most_waiting = most_waiting
        self._lock = lock
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None
        self._told = False
        self.dropped = 0
        self.on_drop: Callable[[], None] | None = None

    def write(self, text: str) -> int:
        """Have lines written, soon; or drop them, if too much waits."""
        data = text.encode("utf-8", "backslashreplace")
        with self._changed:
            if self._size + len(data) > self._most_waiting:
                self.dropped += data.count(b"\n")
                return len(text)
            self._waiting.append(data)
            self._size += len(data)
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="log", daemon=True)
                self._thread.start()
            self._changed.notify_all()
        return len(text)

    def flush(self) -> None:
        """Do nothing: lines are written as soon as they can be."""

    def isatty(self) -> bool:
        """Tell whether a person reads on a terminal."""
        return os.isatty(self._descriptor)

    def close(self, seconds: float = _CLOSE_SECONDS) -> None:
        """Wait until all is written, or nothing was for some seconds."""
        with self._changed:
            size = -1
            while self._size and self._size != size:
                size = self._size
                self._changed.wait_for(lambda: not self._size, seconds)

    def _run(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting)
                data = self._waiting.popleft()
            written = self._written(data) if self._lock is None else self._written_alone(data, self._lock)
            with self._changed:
                self._size -= len(data)
                if not written:
                    self.dropped += data.count(b"\n")
                tell = written and bool(self.dropped) and not self._told
                self._told = self._told or tell
                self._changed.notify_all()
            if tell and self.on_drop is not None:
                self.on_drop()

    def _written_alone(self, data: bytes, lock: int) -> bool:
        # Of this kind, as the system gives it back for a process that is killed, and as it is the process
        # that has it, whoever it got the descriptor from.
        fcntl.lockf(lock, fcntl.LOCK_EX)
        try:
            return self._written(data)
        finally:
            fcntl.lockf(lock, fcntl.LOCK_UN)

    def _written(self, data: bytes) -> bool:
        """Write all of it; tell whether that went well."""
        rest = memoryview(data)
        while rest:
            try:
                rest = rest[os.write(self._descriptor, rest[:_PIECE]) :]
            except BlockingIOError:  # somebody else made it so, for all who share it
                poll = select.poll()
                poll.register(self._descriptor, select.POLLOUT)
                poll.poll()
            except OSError:
                return False
        return True
