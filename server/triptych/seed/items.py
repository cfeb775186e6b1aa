"""Seed files as items: things to load, each checked, with its place."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO, Final, NamedTuple, TypeAlias

from triptych.codec.json import JsonReader
from triptych.documents import typeid
from triptych.errors import RpcError
from triptych.rpc.validation import RequestValidator
from triptych.seed.errors import Place, file_error, naming
from triptych.seed.json_reader import read_json
from triptych.seed.nodes import Node, camel
from triptych.seed.yaml_reader import read_yaml
from triptych_api.triptych.seed.v1 import seed_pb

SeedMessage: TypeAlias = (
    seed_pb.Organization
    | seed_pb.SeedUser
    | seed_pb.ServiceAccount
    | seed_pb.Group
    | seed_pb.Runner
    | seed_pb.EnvironmentClass
    | seed_pb.SeedProject
    | seed_pb.Environment
    | seed_pb.Token
    | seed_pb.SeedDocument
)


class Kind(NamedTuple):
    """A kind of things: its field of SeedLine, its field of Seed, and its message."""

    singular: str
    plural: str
    message_class: type[SeedMessage]


KINDS: Final = (
    Kind("organization", "organizations", seed_pb.Organization),
    Kind("user", "users", seed_pb.SeedUser),
    Kind("service_account", "service_accounts", seed_pb.ServiceAccount),
    Kind("group", "groups", seed_pb.Group),
    Kind("runner", "runners", seed_pb.Runner),
    Kind("environment_class", "environment_classes", seed_pb.EnvironmentClass),
    Kind("project", "projects", seed_pb.SeedProject),
    Kind("environment", "environments", seed_pb.Environment),
    Kind("token", "tokens", seed_pb.Token),
    Kind("document", "documents", seed_pb.SeedDocument),
)
"""All kinds. Each refers to those before it only, so this is the order to write them in."""

_LINES: Final = {kind.singular: kind for kind in KINDS}
_SECTIONS: Final = {key: kind for kind in KINDS for key in (kind.plural, camel(kind.plural))}
_WHOLE_FILE_READERS: Final = {".yaml": read_yaml, ".yml": read_yaml, ".json": read_json}
_SUFFIXES: Final = (*_WHOLE_FILE_READERS, ".ndjson", ".jsonl")


@dataclass(frozen=True, slots=True)
class SeedItem:
    """A thing to load, which keeps the rules of its message.

    Attributes:
        kind: The kind.
        message: What was read, of the class that the kind names.
        place: Where it was read.
    """

    kind: Kind
    message: SeedMessage = field(repr=False)  # may hold a secret
    place: Place

    @property
    def id(self) -> str:
        """The UUID that is given as id, in lower case; empty if none is."""
        if isinstance(self.message, seed_pb.SeedDocument) and self.message.id:
            return typeid.decode("doc", self.message.id)
        return self.message.id.lower()


def read_seed(path: Path, validator: RequestValidator) -> Iterator[SeedItem]:
    """Read the items of a file, in its order, checking each on its own.

    Raises:
        SeedError: The file or an item cannot be used.
    """
    file = str(path)
    suffix = path.suffix.lower()
    if suffix not in _SUFFIXES:
        raise file_error(file, f"the name of a seed file ends in one of {' '.join(_SUFFIXES)}")
    items = _Items(file, validator)
    is_empty = True
    try:
        with path.open("rb") as stream:
            if read := _WHOLE_FILE_READERS.get(suffix):
                found = items.of_sections(read(_text(stream.read(), file), file))
            else:
                found = items.of_lines(stream)
            for item in found:
                is_empty = False
                yield item
    except OSError as error:
        raise file_error(file, f"cannot be read: {error.strerror}") from None
    if is_empty:
        raise file_error(file, "holds nothing to load")


class _Items:
    """Reads items as requests are read: limits of size hold for an item, not for a file."""

    def __init__(self, file: str, validator: RequestValidator) -> None:
        self._file = file
        self._json = JsonReader("refuse")
        self._validator = validator

    def of_sections(self, root: Node | None) -> Iterator[SeedItem]:
        """Read the items of a file in the form of a Seed."""
        if root is None or root.value is None:
            return
        if not isinstance(root.value, dict):
            raise Place(self._file, root).error("", "must hold an object")
        opened = set()
        for key, section in root.value.items():
            kind = _SECTIONS.get(key)
            if kind is None:
                keys = ", ".join(kind.plural for kind in KINDS)
                raise Place(self._file, section).error("", f"{naming(key)} is none of {keys}")
            if kind in opened:
                raise Place(self._file, section, kind.plural).error("", "is given more than once")
            opened.add(kind)
            if section.value is None:
                continue
            if not isinstance(section.value, list):
                raise Place(self._file, section, kind.plural).error("", "must be a list")
            for index, node in enumerate(section.value):
                yield self._of_section(kind, Place(self._file, node, f"{kind.plural}[{index}]"))

    def of_lines(self, stream: BinaryIO) -> Iterator[SeedItem]:
        """Read the items of a file that has a SeedLine a line."""
        for number, line in enumerate(stream, 1):
            data = line.strip() if number > 1 else line.removeprefix(codecs.BOM_UTF8).strip()
            if data:
                yield self._of_line(data, number)

    def _of_section(self, kind: Kind, place: Place) -> SeedItem:
        if not isinstance(place.node.value, dict):
            raise place.error("", "must be an object")
        try:
            message = self._json.read(json.dumps(place.node.plain()).encode(), kind.message_class)
            self._validator.check(message)
        except RpcError as error:
            raise place.refusal(error) from None
        return SeedItem(kind, message, place)

    def _of_line(self, data: bytes, number: int) -> SeedItem:
        node = Node(number, None)
        try:
            line = self._json.read(data, seed_pb.SeedLine)
            if line.item is None:
                raise Place(self._file, node).error("", f"must have one of the keys {', '.join(_LINES)}")
            self._validator.check(line)
        except RpcError as error:
            if not any(violation.field for violation in error.violations):
                read_json(_text(data, self._file, number), self._file, number)  # tells where it is no JSON
            raise Place(self._file, node).refusal(error) from None
        kind = _LINES[line.item.field]
        return SeedItem(kind, line.item.value, Place(self._file, node, kind.singular))


def _text(data: bytes, file: str, first_line: int = 1) -> str:
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + first_line
        raise file_error(file, "not UTF-8", line=line) from None
