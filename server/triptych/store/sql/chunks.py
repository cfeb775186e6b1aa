"""Contents in pieces of a size that databases like."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

_PIECE: Final = 1024 * 1024


def numbered_pieces(contents: Mapping[str, Iterable[bytes]]) -> Iterator[tuple[str, int, bytes]]:
    """Yield the rows of contents: the id of the version, the number of the piece, and the piece."""
    for id, chunks in contents.items():
        for number, piece in enumerate(pieces(chunks)):
            yield id, number, piece


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
