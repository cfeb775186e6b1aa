"""Seed files that have an item a line, of which no more is held than the line that is read.

They are gone through once to find where each kind is, and then from the first to the last of each kind; where
they stand in their order, that is once.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from triptych.documents import typeid
from triptych.seed.errors import opened
from triptych.seed.items import SINGULARS, Items, Kind, SeedItem
from triptych.seed.nodes import camel

# The one key of a line as programs write it, and the beginning of what it holds.
_KEY: Final = re.compile(rb'\s*\{\s*"([A-Za-z_]{1,40})"\s*:\s*\{')
_KEYS: Final = {
    spelling.encode(): kind for name, kind in SINGULARS.items() for spelling in (name, camel(name))
}

Line = tuple[int, bytes]
"""A line, and its number before it."""


@dataclass(slots=True)
class Span:
    """Where the items of a kind are: the offset and the number of the line of the first, and how many."""

    offset: int
    line: int
    count: int


class LineFile:
    """A file that has a SeedLine a line.

    Args:
        path: The file.
        items: Reads its lines.
    """

    def __init__(self, path: Path, items: Items) -> None:
        self.path = path
        self.items = items

    def spans(self) -> dict[Kind, Span]:
        """Return where the items of each kind are.

        Raises:
            SeedError: The file cannot be read, or a line holds nothing of a kind.
        """
        spans: dict[Kind, Span] = {}
        offset = 0
        with opened(self.path) as stream:
            for number, line in enumerate(stream, 1):
                if kind := self._kind(line, number):
                    spans.setdefault(kind, Span(offset, number, 0)).count += 1
                offset += len(line)
        return spans

    def lines(self, kind: Kind, span: Span) -> Iterator[Line]:
        """Yield the lines that hold an item of a kind.

        Raises:
            SeedError: The file cannot be read, or a line between them holds nothing of a kind.
        """

        def all_of_them() -> Iterator[Line]:
            with opened(self.path) as stream:
                stream.seek(span.offset)
                for number, line in enumerate(stream, span.line):
                    if self._kind(line, number) is kind:
                        yield number, _data(line, number)

        return islice(all_of_them(), span.count)

    def item(self, line: Line) -> SeedItem:
        """Return the item of a line.

        Raises:
            SeedError: It cannot be used.
        """
        number, data = line
        return self.items.of_line(data, number)

    def with_id(self, id: str) -> Iterator[SeedItem]:
        """Yield the items that have an id.

        Raises:
            SeedError: The file cannot be read, or a line that holds the id cannot be used.
        """
        texts = (id.encode(), typeid.suffix(id).encode())
        with opened(self.path) as stream:
            for number, line in enumerate(stream, 1):
                lower = line.lower()
                if any(text in lower for text in texts):
                    item = self.items.of_line(_data(line, number), number)
                    if item.id == id:
                        yield item

    def _kind(self, line: bytes, number: int) -> Kind | None:
        """Return the kind of the item of a line; None if there is nothing in it."""
        found = _KEY.match(line)
        if found and (kind := _KEYS.get(found[1])):
            return kind
        data = _data(line, number)
        return self.items.of_line(data, number).kind if data else None


def _data(line: bytes, number: int) -> bytes:
    return line.strip() if number > 1 else line.removeprefix(codecs.BOM_UTF8).strip()
