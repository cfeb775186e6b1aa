"""The bytes of a file, as something that can be read and sought while they stay in their chunks."""

from __future__ import annotations

import io
from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate


class ChunkReader(io.RawIOBase):
    """A file over chunks of bytes: what is read is copied, the rest is not.

    Attributes:
        size: How many bytes there are.
    """

    def __init__(self, chunks: Sequence[bytes]) -> None:
        super().__init__()
        self._chunks = chunks
        self._starts = [0, *accumulate(map(len, chunks))]
        self._position = 0
        self.size = self._starts[-1]

    def readable(self) -> bool:
        """Tell that the file can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that the file can be sought."""
        return True

    def tell(self) -> int:
        """Return the position."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Move to a position, and return it.

        Raises:
            OSError: It would be before the start.
        """
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        if base + offset < 0:
            raise OSError("position before the start of the file")
        self._position = base + offset
        return self._position

    def read(self, size: int | None = -1, /) -> bytes:
        """Return up to `size` bytes, fewer only at the end; all that follow if it is negative or None."""
        end = self.size if size is None or size < 0 else min(self.size, self._position + size)
        pieces = []
        index = bisect_right(self._starts, self._position) - 1
        while self._position < end:
            start = self._starts[index]
            piece = self._chunks[index][self._position - start : end - start]
            pieces.append(piece)
            self._position += len(piece)
            index += 1
        return b"".join(pieces)
