"""The items of seed files: things to load, each checked, with its place."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

from triptych.codec.json import JsonReader
from triptych.documents import typeid
from triptych.errors import RpcError
from triptych.rpc.validation import RequestValidator
from triptych.seed.errors import Place, file_error, naming
from triptych.seed.json_reader import read_json
from triptych.seed.nodes import Node, camel
from triptych.seed.plain import PlainLines
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

DOCUMENT: Final = KINDS[-1]

SINGULARS: Final = {kind.singular: kind for kind in KINDS}
_SECTIONS: Final = {key: kind for kind in KINDS for key in (kind.plural, camel(kind.plural))}


@dataclass(frozen=True, slots=True)
class SeedItem:
    """A thing to load, which keeps the rules of its message.

    Attributes:
        kind: The kind.
        message: What was read, of the class that the kind names.
        place: Where it was read.
        id: The UUID that is given as id, in lower case; empty if none is.
        size: The bytes that it has in the file, as far as they tell how much memory it takes.
    """

    kind: Kind
    message: SeedMessage = field(repr=False)  # may hold a secret
    place: Place
    id: str
    size: int


class Items:
    """Reads items as requests are read: limits of size hold for an item, not for a file."""

    def __init__(self, file: str, validator: RequestValidator) -> None:
        self._file = file
        self._json = JsonReader("refuse")
        self._plain = PlainLines(seed_pb.SeedLine.desc())
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

    def _of_section(self, kind: Kind, place: Place) -> SeedItem:
        if not isinstance(place.node.value, dict):
            raise place.error("", "must be an object")
        try:
            message = self._json.read(json.dumps(place.node.plain()).encode(), kind.message_class)
            self._validator.check(message)
        except RpcError as error:
            raise place.refusal(error) from None
        return _item(kind, message, place)

    def of_line(self, data: bytes, number: int) -> SeedItem:
        """Read an item from a line that holds a SeedLine, by the number of the line."""
        node = Node(number, None)
        try:
            line = self._line(data)
            if line.item is None:
                raise Place(self._file, node).error("", f"must have one of the keys {', '.join(SINGULARS)}")
            self._validator.check(line)
        except RpcError as error:
            if not any(violation.field for violation in error.violations):
                read_json(text_of(data, self._file, number), self._file, number)  # tells where it is no JSON
            raise Place(self._file, node).refusal(error) from None
        kind = SINGULARS[line.item.field]
        return _item(kind, line.item.value, Place(self._file, node, kind.singular), len(data))

    def known(self, kind: Kind, message: SeedMessage, number: int, id: str, size: int) -> SeedItem:
        """Return the item of a line that was read and checked already.

        Args:
            kind: The kind.
            message: What was read.
            number: The number of the line.
            id: The UUID that is given as id.
            size: The bytes of the line.
        """
        return SeedItem(kind, message, Place(self._file, Node(number, None), kind.singular), id, size)

    def _line(self, data: bytes) -> seed_pb.SeedLine:
        if self._plain.trusts(data):
            with suppress(Exception):  # protobuf-py has no common class for what it raises
                return seed_pb.SeedLine.from_json(data)
        return self._json.read(data, seed_pb.SeedLine)


def _item(kind: Kind, message: SeedMessage, place: Place, size: int = 0) -> SeedItem:
    if kind is DOCUMENT and message.id:
        return SeedItem(kind, message, place, typeid.decode("doc", message.id), size)
    return SeedItem(kind, message, place, message.id.lower(), size)


def text_of(data: bytes, file: str, first_line: int = 1) -> str:
    """Return the text of a file, or of the line of one that `first_line` tells.

    Raises:
        SeedError: It is not UTF-8.
    """
    data = data.removeprefix(codecs.BOM_UTF8)
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + first_line
        raise file_error(file, "not UTF-8", line=line) from None
