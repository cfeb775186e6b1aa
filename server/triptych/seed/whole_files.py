"""Files in the form of one Seed message: YAML and JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from triptych.seed.errors import SeedError, naming
from triptych.seed.item_reader import ItemReader
from triptych.seed.items import Place, SeedItem
from triptych.seed.json_slices import JsonSlices
from triptych.seed.kinds import BY_PLURAL, Kind
from triptych.seed.yaml_nodes import read_yaml

_KINDS = BY_PLURAL | {
    "serviceAccounts": BY_PLURAL["service_accounts"],
    "environmentClasses": BY_PLURAL["environment_classes"],
}


def read_json_file(text: str, file: str, reader: ItemReader) -> Iterator[SeedItem]:
    """Read the items of a JSON file.

    Raises:
        SeedError: The file or an item cannot be used.
    """
    if not text.strip():
        return
    slices = JsonSlices(text, file)
    sections = _Sections(file)
    for key in slices.walk_object():
        line = slices.line()
        kind = sections.open(key, line)
        if not slices.is_array():
            value, _ = slices.value()
            sections.check_empty(kind, line, value)
            continue
        for index, (item_line, item) in enumerate(slices.walk_array()):
            yield reader.read(item.encode(), kind, Place(file, item_line, f"{kind.plural}[{index}]"))


def read_yaml_file(text: str, file: str, reader: ItemReader) -> Iterator[SeedItem]:
    """Read the items of a YAML file.

    Raises:
        SeedError: The file or an item cannot be used.
    """
    root = read_yaml(text, file)
    if root is None or root.value is None:
        return
    if not isinstance(root.value, dict):
        raise Place(file, root.line, "").error("", "must hold a mapping")
    sections = _Sections(file)
    for key, section in root.value.items():
        kind = sections.open(key, section.line)
        if not isinstance(section.value, list):
            sections.check_empty(kind, section.line, section.value)
            continue
        for index, node in enumerate(section.value):
            place = Place(file, node.line, f"{kind.plural}[{index}]", node)
            if not isinstance(node.value, dict):
                raise place.error("", "must be a mapping")
            yield reader.read(json.dumps(node.plain()).encode(), kind, place)


class _Sections:
    """The rules of a file's outermost keys."""

    def __init__(self, file: str) -> None:
        self._file = file
        self._opened: set[Kind] = set()

    def open(self, key: str, line: int) -> Kind:
        kind = _KINDS.get(key)
        if kind is None:
            raise self._error(line, "", f"{naming(key)} is none of {', '.join(BY_PLURAL)}")
        if kind in self._opened:
            raise self._error(line, kind.plural, "is given more than once")
        self._opened.add(kind)
        return kind

    def check_empty(self, kind: Kind, line: int, value: Any) -> None:
        if value is not None:
            raise self._error(line, kind.plural, "must be a list")

    def _error(self, line: int, path: str, text: str) -> SeedError:
        return Place(self._file, line, path).error("", text)
