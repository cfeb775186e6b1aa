"""Lines of a long file that another process reads and checks while this one writes what came before them."""

from __future__ import annotations

import gc
import multiprocessing
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from contextlib import suppress
from itertools import islice
from pathlib import Path
from typing import Final, TypeAlias

from triptych.rpc.validation import RequestValidator
from triptych.seed.errors import SeedError
from triptych.seed.items import SINGULARS, Items, Kind, SeedItem
from triptych.seed.lines import Line, LineFile, Span

_LINES: Final = 500
_BYTES: Final = 4 * 1024 * 1024
_CHUNKS: Final = 4
"""How many chunks of lines are held at a time."""

MANY_OBJECTS: Final = 50_000
"""How many objects are made before cycles are looked for: items make many, in none, and do not live long."""

_Checked: TypeAlias = tuple[int, int, str, bytes]
"""An item that can be used: the number of its line and its bytes, its id, and its message in binary form."""

_Chunk: TypeAlias = Sequence[_Checked | Line]
"""Items, and lines that hold none that can be used."""


class ReadAhead:
    """Reads lines in a process of its own, which lives until `close`.

    Args:
        file: The file; it reads the lines that the other process refuses, to tell what is wrong with them.
    """

    def __init__(self, file: LineFile) -> None:
        self._file = file
        self._process = ProcessPoolExecutor(
            1,
            mp_context=multiprocessing.get_context("spawn"),
            initializer=_begin,
            initargs=(str(file.path),),
        )

    def read(self, kind: Kind, span: Span) -> Iterator[SeedItem]:
        """Yield the items of a kind.

        Raises:
            SeedError: One cannot be used.
        """
        count = 0
        for item in self._read_there(kind, span):
            yield item
            count += 1
        if count < span.count:  # somebody has ended the process, or it could not read on: why is told here
            yield from map(self._file.item, islice(self._file.lines(kind, span), count, None))

    def close(self) -> None:
        """End the process."""
        self._process.shutdown(cancel_futures=True)

    def _read_there(self, kind: Kind, span: Span) -> Iterator[SeedItem]:
        try:
            self._process.submit(_open, kind.singular, span)
            waiting: deque[Future[_Chunk]] = deque()
            while True:
                while len(waiting) < _CHUNKS:
                    waiting.append(self._process.submit(_next_chunk))
                chunk = waiting.popleft().result()
                if not chunk:
                    return
                yield from (self._item(kind, found) for found in chunk)
        except BrokenExecutor:
            return

    def _item(self, kind: Kind, found: _Checked | Line) -> SeedItem:
        if len(found) == 2:  # noqa: PLR2004 # a line
            return self._file.item(found)
        number, size, id, message = found
        return self._file.items.known(kind, kind.message_class.from_binary(message), number, id, size)


class _There:
    """The reader in the other process."""

    def __init__(self, path: str) -> None:
        self.file = LineFile(Path(path), Items(path, RequestValidator()))
        self.lines: Iterator[Line] = iter(())
        self.kind = ""


_there: list[_There] = []


def _begin(path: str) -> None:
    gc.set_threshold(MANY_OBJECTS)
    _there.append(_There(path))


def _open(kind: str, span: Span) -> None:
    [there] = _there
    there.lines, there.kind = there.file.lines(SINGULARS[kind], span), kind


def _next_chunk() -> _Chunk:
    """Return the next items; none if there are no more, or the file cannot be read any further."""
    [there] = _there
    chunk: list[_Checked | Line] = []
    size = 0
    with suppress(SeedError):
        for line in islice(there.lines, _LINES):
            chunk.append(_checked(there, line))
            size += len(line[1])
            if size > _BYTES:
                break
    return chunk


def _checked(there: _There, line: Line) -> _Checked | Line:
    try:
        item = there.file.item(line)
    except SeedError:
        return line
    if item.kind.singular != there.kind:
        return line
    return line[0], item.size, item.id, item.message.to_binary()
