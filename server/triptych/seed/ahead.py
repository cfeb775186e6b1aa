"""Lines of a long file that another process reads and checks while this one writes what came before them."""

from __future__ import annotations

import multiprocessing
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from itertools import repeat
from typing import Final, TypeAlias

from triptych.rpc.validation import RequestValidator
from triptych.seed.errors import SeedError
from triptych.seed.items import Items, Kind, SeedItem

_LINES: Final = 500
_BYTES: Final = 4 * 1024 * 1024
_CHUNKS: Final = 4
"""How many chunks of lines are held at a time."""

_Messages: TypeAlias = "Future[Sequence[bytes | None]]"

Line = tuple[int, bytes]
"""A line, and its number before it."""


class ReadAhead:
    """Reads lines in a process of its own, which lives until `close`.

    Args:
        items: Reads those that the other process refuses, to tell what is wrong with them.
    """

    def __init__(self, items: Items) -> None:
        self._items = items
        self._process = ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn"))

    def read(self, kind: Kind, lines: Iterator[Line]) -> Iterator[SeedItem]:
        """Yield the items of lines, all of one kind.

        Raises:
            SeedError: One cannot be used.
        """
        waiting: deque[tuple[Sequence[Line], _Messages]] = deque()
        for chunk in _chunks(lines):
            messages: _Messages = Future()
            try:
                messages = self._process.submit(_check, kind.singular, [line for _, line in chunk])
            except BrokenExecutor as error:
                messages.set_exception(error)
            waiting.append((chunk, messages))
            if len(waiting) == _CHUNKS:
                yield from self._found(kind, *waiting.popleft())
        while waiting:
            yield from self._found(kind, *waiting.popleft())

    def close(self) -> None:
        """End the process."""
        self._process.shutdown(cancel_futures=True)

    def _found(self, kind: Kind, lines: Sequence[Line], future: _Messages) -> Iterator[SeedItem]:
        messages: Iterable[bytes | None]
        try:
            messages = future.result()
        except BrokenExecutor:  # somebody has ended the process
            messages = repeat(None, len(lines))
        for (number, line), message in zip(lines, messages, strict=True):
            if message is None:
                yield self._items.of_line(line, number)
            else:
                yield self._items.known(kind, kind.message_class.from_binary(message), number, len(line))


def _chunks(lines: Iterator[Line]) -> Iterator[Sequence[Line]]:
    chunk: list[Line] = []
    size = 0
    for number, line in lines:
        chunk.append((number, line))
        size += len(line)
        if len(chunk) == _LINES or size > _BYTES:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


_items: list[Items] = []


def _check(kind: str, lines: Sequence[bytes]) -> Sequence[bytes | None]:
    """Return the messages of lines, in binary form; None where the line holds nothing of the kind."""
    if not _items:
        _items.append(Items("", RequestValidator()))
    return [_message(kind, line) for line in lines]


def _message(kind: str, line: bytes) -> bytes | None:
    try:
        item = _items[0].of_line(line, 1)
    except SeedError:
        return None
    return item.message.to_binary() if item.kind.singular == kind else None
