"""Contents in pieces of a size that databases like."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

_PIECE: Final = 1024 * 1024


def pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Yield what chunks hold in pieces of 1 MiB, the last one shorter; an empty one if they hold nothing."""
    held = bytearray()
    none_yet = True
    for chunk in chunks:
        view = memoryview(chunk)
        while view:
            taken = view[: _PIECE - len(held)]
            held += taken
            view = view[len(taken) :]
            if len(held) == _PIECE:
                yield bytes(held)
                none_yet = False
                held.clear()
    if held or none_yet:
        yield bytes(held)
