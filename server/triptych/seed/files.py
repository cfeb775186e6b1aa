"""Seed files as items, whatever their format."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, Final

from triptych.rpc.validation import RequestValidator
from triptych.seed.errors import file_error
from triptych.seed.item_reader import ItemReader
from triptych.seed.items import SeedItem
from triptych.seed.whole_files import read_json_file, read_yaml_file

_WHOLE_FILE_READERS: Final = {".yaml": read_yaml_file, ".yml": read_yaml_file, ".json": read_json_file}
_SUFFIXES: Final = (*_WHOLE_FILE_READERS, ".ndjson", ".jsonl")


def read_seed(path: Path, validator: RequestValidator) -> Iterator[SeedItem]:
    """Read the items of a file, in its order, checking each on its own.

    Raises:
        SeedError: The file or an item cannot be used.
    """
    file = str(path)
    suffix = path.suffix.lower()
    if suffix not in _SUFFIXES:
        raise file_error(file, f"the name of a seed file ends in one of {' '.join(_SUFFIXES)}")
    reader = ItemReader(validator)
    read_whole = _WHOLE_FILE_READERS.get(suffix)
    is_empty = True
    try:
        with path.open("rb") as stream:
            items = (
                read_whole(_text(stream.read(), file), file, reader)
                if read_whole
                else _read_lines(stream, file, reader)
            )
            for item in items:
                is_empty = False
                yield item
    except OSError as error:
        raise file_error(file, f"cannot be read: {error.strerror}") from None
    if is_empty:
        raise file_error(file, "holds nothing to load")


def _read_lines(stream: BinaryIO, file: str, reader: ItemReader) -> Iterator[SeedItem]:
    for number, line in enumerate(stream, 1):
        data = line.strip() if number > 1 else line.removeprefix(codecs.BOM_UTF8).strip()
        if data:
            yield reader.read_line(data, file, number)


def _text(data: bytes, file: str) -> str:
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise file_error(file, "not UTF-8", line=line) from None
