"""Files that are sent: opened anew for each attempt, and read piece by piece."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from typing import Any, Final, Protocol, TypeAlias

_PIECE: Final = 1 << 16


class Readable(Protocol):
    """A binary file or stream that is open for reading."""

    def read(self, size: int = ..., /) -> bytes:
        """Return at most that many of the next bytes; none at the end."""
        ...


File: TypeAlias = Path | str | bytes | Readable
"""A file to send: its path, its content, or an open file, of which what comes next is sent."""
Progress: TypeAlias = Callable[[int], object]
"""Is told how many bytes of a file are sent, after each piece; another attempt begins again."""


class Source:
    """A file that is sent, maybe more than once.

    Attributes:
        name: The name of the file, without its folders; empty if it has none.
        repeatable: Whether it can be read again from where it began.
    """

    def __init__(self, file: File, progress: Progress | None = None) -> None:
        self._file = file
        self._progress = progress
        self._start: int | None = None
        if isinstance(file, (Path, str)):
            self.name = Path(file).name
            self.repeatable = Path(file).is_file()
        elif isinstance(file, bytes):
            self.name, self.repeatable = "", True
        else:
            name = getattr(file, "name", "")  # files of a descriptor have its number there
            self.name = Path(name).name if isinstance(name, str) else ""
            seekable = getattr(file, "seekable", None)
            self.repeatable = seekable is not None and bool(seekable())

    @contextmanager
    def open(self) -> Iterator[Content]:
        """Open the file at its start; a file that was open already stays so.

        Raises:
            OSError: It cannot be opened.
            TypeError: It is open as text.
        """
        file = self._file
        if isinstance(file, bytes):
            yield Content(BytesIO(file), len(file), self._progress)
        elif isinstance(file, (Path, str)):
            with Path(file).open("rb") as opened:
                yield Content(opened, _size(opened.fileno()), self._progress)
        else:
            yield Content(file, self._rewind(file) if self.repeatable else None, self._progress)

    def read(self) -> bytes:
        """Return all of the file.

        Raises:
            OSError: It cannot be read.
            TypeError: It is open as text.
        """
        with self.open() as content:
            return b"".join(iter(content.read, b""))

    def sent(self, size: int) -> None:
        """Tell that the file was sent in one piece."""
        if self._progress:
            self._progress(size)

    def _rewind(self, file: Any) -> int:
        """Go to where the file began, and return how many bytes are left from there."""
        if self._start is None:
            self._start = file.tell()
        size = file.seek(0, os.SEEK_END) - self._start
        file.seek(self._start)
        return int(max(size, 0))


class Content:
    """What is sent of an open file.

    Attributes:
        size: How many bytes that is; None if nobody knows.
        failure: What went wrong while it was read.
    """

    def __init__(self, file: Readable, size: int | None, progress: Progress | None) -> None:
        self.size = size
        self.failure: Exception | None = None
        self._file = file
        self._progress = progress
        self._read = 0
        self._stopped = False

    def read(self) -> bytes:
        """Return the next piece; empty at the end.

        Raises:
            OSError: The file cannot be read.
            TypeError: It is open as text.
            ValueError: It is shorter than it was at first.
        """
        if self._stopped:
            return b""
        piece = self._file.read(_PIECE if self.size is None else min(_PIECE, self.size - self._read))
        if not isinstance(piece, bytes):
            raise TypeError("the file gives no bytes: open it in binary mode")
        self._read += len(piece)
        if not piece and self.size is not None and self._read < self.size:
            raise ValueError("the file became shorter while it was sent")
        return piece

    def report(self) -> None:
        """Tell how much was sent, which is all that was read."""
        if self._progress and self._read:
            self._progress(self._read)

    def stop(self) -> None:
        """Let nothing more be read."""
        self._stopped = True


def _size(descriptor: int) -> int | None:
    """Return the size of an open file; None for a pipe, and for a file that is made while it is read."""
    status = os.fstat(descriptor)
    return status.st_size or None if stat.S_ISREG(status.st_mode) else None
