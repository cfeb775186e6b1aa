"""Seed files, whose items can be gone through a kind at a time, as often as needed.

The forms of a whole file (YAML, JSON) are read into memory. Of a file that has an item a line no more is
held than the line that is read: it is gone through once to find where each kind is, and then from the first
to the last of each kind; where they stand in their order, that is once.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from triptych.documents import typeid
from triptych.rpc.validation import RequestValidator
from triptych.seed.ahead import Line, ReadAhead
from triptych.seed.errors import file_error
from triptych.seed.items import SINGULARS, Items, Kind, SeedItem, text_of
from triptych.seed.json_reader import read_json
from triptych.seed.nodes import camel
from triptych.seed.yaml_reader import read_yaml

_WHOLE_FILE_READERS: Final = {".yaml": read_yaml, ".yml": read_yaml, ".json": read_json}
_SUFFIXES: Final = (*_WHOLE_FILE_READERS, ".ndjson", ".jsonl")
# The one key of a line as programs write it, and the beginning of what it holds.
_KEY: Final = re.compile(rb'\s*\{\s*"([A-Za-z_]{1,40})"\s*:\s*\{')
_MANY: Final = 10_000
"""From how many lines of a kind on they are read ahead, by a process that takes a second to start."""

_KEYS: Final = {
    spelling.encode(): kind for name, kind in SINGULARS.items() for spelling in (name, camel(name))
}


class SeedFile(Protocol):
    """Something that items are read from.

    What goes through it raises SeedError where the file or an item cannot be used.
    """

    @property
    def total(self) -> int:
        """How many items there are."""
        ...

    def of_kind(self, kind: Kind) -> Iterator[SeedItem]:
        """Yield the items of a kind, in their order in the file."""
        ...

    def with_id(self, id: str) -> Iterator[SeedItem]:
        """Yield the items that have an id, in their order in the file."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


def open_seed(path: Path, validator: RequestValidator) -> SeedFile:
    """Open a file.

    Raises:
        SeedError: It cannot be used, as far as that shows before its items are gone through.
    """
    file = str(path)
    suffix = path.suffix.lower()
    if suffix not in _SUFFIXES:
        raise file_error(file, f"the name of a seed file ends in one of {' '.join(_SUFFIXES)}")
    items = Items(file, validator)
    with _reading(path) as stream:
        if read := _WHOLE_FILE_READERS.get(suffix):
            found: SeedFile = _Sections(list(items.of_sections(read(text_of(stream.read(), file), file))))
        else:
            found = _Lines(path, items, stream)
    if not found.total:
        raise file_error(file, "holds nothing to load")
    return found


@contextmanager
def _reading(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("rb") as stream:
            yield stream
    except OSError as error:
        raise file_error(str(path), f"cannot be read: {error.strerror}") from None


class _Sections:
    """A file in the form of a Seed, in memory."""

    def __init__(self, items: list[SeedItem]) -> None:
        self._items = items
        self.total = len(items)

    def of_kind(self, kind: Kind) -> Iterator[SeedItem]:
        return (item for item in self._items if item.kind is kind)

    def with_id(self, id: str) -> Iterator[SeedItem]:
        return (item for item in self._items if item.id == id)

    def close(self) -> None:
        """Do nothing."""


@dataclass(slots=True)
class _Span:
    """Where the items of a kind are: the offset and the number of the line of the first, and how many."""

    offset: int
    line: int
    count: int


class _Lines:
    """A file that has a SeedLine a line.

    Args:
        path: The file.
        items: Reads its lines.
        stream: The file, at its beginning.
    """

    def __init__(self, path: Path, items: Items, stream: BinaryIO) -> None:
        self._path = path
        self._items = items
        self._spans: dict[Kind, _Span] = {}
        self._ahead: ReadAhead | None = None
        offset = 0
        for number, line in enumerate(stream, 1):
            if kind := self._kind(line, number):
                self._spans.setdefault(kind, _Span(offset, number, 0)).count += 1
            offset += len(line)
        self.total = sum(span.count for span in self._spans.values())

    def of_kind(self, kind: Kind) -> Iterator[SeedItem]:
        span = self._spans.get(kind)
        if span is None:
            return
        lines = self._lines(kind, span)
        if span.count < _MANY:
            for number, line in lines:
                yield self._items.of_line(line, number)
            return
        self._ahead = self._ahead or ReadAhead(self._items)
        yield from self._ahead.read(kind, lines)

    def _lines(self, kind: Kind, span: _Span) -> Iterator[Line]:
        left = span.count
        with _reading(self._path) as stream:
            stream.seek(span.offset)
            for number, line in enumerate(stream, span.line):
                if self._kind(line, number) is kind:
                    yield number, _data(line, number)
                    left -= 1
                    if not left:
                        return

    def close(self) -> None:
        """End the process that reads ahead, if there is one."""
        if self._ahead is not None:
            self._ahead.close()
            self._ahead = None

    def with_id(self, id: str) -> Iterator[SeedItem]:
        texts = (id.encode(), typeid.suffix(id).encode())
        with _reading(self._path) as stream:
            for number, line in enumerate(stream, 1):
                lower = line.lower()
                if any(text in lower for text in texts):
                    item = self._items.of_line(_data(line, number), number)
                    if item.id == id:
                        yield item

    def _kind(self, line: bytes, number: int) -> Kind | None:
        """Return the kind of the item of a line; None if there is nothing in it."""
        found = _KEY.match(line)
        if found and (kind := _KEYS.get(found[1])):
            return kind
        data = _data(line, number)
        return self._items.of_line(data, number).kind if data else None


def _data(line: bytes, number: int) -> bytes:
    return line.strip() if number > 1 else line.removeprefix(codecs.BOM_UTF8).strip()
