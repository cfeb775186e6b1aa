"""Seed files, whose items can be gone through a kind at a time, as often as needed.

The forms of a whole file (YAML, JSON) are read into memory; a file that has an item a line is not.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, Protocol

from triptych.rpc.validation import RequestValidator
from triptych.seed.ahead import ReadAhead
from triptych.seed.errors import file_error, opened
from triptych.seed.items import Items, Kind, SeedItem, text_of
from triptych.seed.json_reader import read_json
from triptych.seed.lines import LineFile
from triptych.seed.yaml_reader import read_yaml

_WHOLE_FILE_READERS: Final = {".yaml": read_yaml, ".yml": read_yaml, ".json": read_json}
_SUFFIXES: Final = (*_WHOLE_FILE_READERS, ".ndjson", ".jsonl")
_MANY: Final = 10_000
"""From how many lines of a kind on they are read ahead, by a process that takes a second to start."""


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
    if read := _WHOLE_FILE_READERS.get(suffix):
        with opened(path) as stream:
            root = read(text_of(stream.read(), file), file)
        found: SeedFile = _Sections(list(items.of_sections(root)))
    else:
        found = _Lines(LineFile(path, items))
    if not found.total:
        raise file_error(file, "holds nothing to load")
    return found


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


class _Lines:
    """A file that has an item a line; where there are many of a kind, they are read ahead."""

    def __init__(self, file: LineFile) -> None:
        self._file = file
        self._spans = file.spans()
        self._ahead: ReadAhead | None = None
        self.total = sum(span.count for span in self._spans.values())

    def of_kind(self, kind: Kind) -> Iterator[SeedItem]:
        span = self._spans.get(kind)
        if span is None:
            return
        if span.count < _MANY:
            yield from map(self._file.item, self._file.lines(kind, span))
            return
        self._ahead = self._ahead or ReadAhead(self._file)
        yield from self._ahead.read(kind, span)

    def with_id(self, id: str) -> Iterator[SeedItem]:
        return self._file.with_id(id)

    def close(self) -> None:
        """End the process that reads ahead, if there is one."""
        if self._ahead is not None:
            self._ahead.close()
            self._ahead = None
