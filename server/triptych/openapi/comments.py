"""What the comments of the .proto files say; the descriptors that the server runs on have none."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from protobuf.wkt import FileDescriptorProto, FileDescriptorSet
from protobuf.wkt.google.protobuf.descriptor_pb import DescriptorProto, EnumDescriptorProto

import triptych_api

# Numbers of fields of FileDescriptorProto and DescriptorProto, which the paths of comments are made of.
_MESSAGES, _ENUMS, _SERVICES = 4, 5, 6
_FIELDS, _NESTED, _NESTED_ENUMS = 2, 3, 4
_VALUES = _METHODS = 2


def packaged_set() -> Path:
    """Return the descriptor set of the contract: inside the package when installed, in gen/ in a checkout."""
    package = Path(triptych_api.__file__).parent
    installed = package / "triptych.binpb"
    return installed if installed.exists() else package.parents[1] / "triptych.binpb"


@cache
def contract_comments() -> Mapping[str, str]:
    """Return the comments of the contract, by the full names of what they are about."""
    files = FileDescriptorSet.from_binary(packaged_set().read_bytes()).file
    return {name: text for file in files for name, text in _comments(file)}


def _comments(file: FileDescriptorProto) -> Iterator[tuple[str, str]]:
    if file.source_code_info is None:
        return
    names = dict(_paths(file))
    for location in file.source_code_info.location:
        name = names.get(tuple(location.path))
        if name and location.leading_comments:
            yield name, _text(location.leading_comments)


def _paths(file: FileDescriptorProto) -> Iterator[tuple[tuple[int, ...], str]]:
    for index, message in enumerate(file.message_type):
        yield from _of_message((_MESSAGES, index), message, file.package)
    for index, enum in enumerate(file.enum_type):
        yield from _of_enum((_ENUMS, index), enum, file.package)
    for index, service in enumerate(file.service):
        name = f"{file.package}.{service.name}"
        yield (_SERVICES, index), name
        for number, method in enumerate(service.method):
            yield (_SERVICES, index, _METHODS, number), f"{name}.{method.name}"


def _of_message(
    path: tuple[int, ...], message: DescriptorProto, scope: str
) -> Iterator[tuple[tuple[int, ...], str]]:
    name = f"{scope}.{message.name}"
    yield path, name
    for index, field in enumerate(message.field):
        yield (*path, _FIELDS, index), f"{name}.{field.name}"
    for index, nested in enumerate(message.nested_type):
        yield from _of_message((*path, _NESTED, index), nested, name)
    for index, enum in enumerate(message.enum_type):
        yield from _of_enum((*path, _NESTED_ENUMS, index), enum, name)


def _of_enum(
    path: tuple[int, ...], enum: EnumDescriptorProto, scope: str
) -> Iterator[tuple[tuple[int, ...], str]]:
    name = f"{scope}.{enum.name}"
    yield path, name
    for index, value in enumerate(enum.value):
        yield (*path, _VALUES, index), f"{name}.{value.name}"


def _text(comment: str) -> str:
    """Join the lines of each paragraph."""
    lines = [line.strip() for line in comment.strip().split("\n")]
    paragraphs = "\n".join(lines).split("\n\n")
    return "\n\n".join(" ".join(paragraph.split("\n")) for paragraph in paragraphs)


def summary(text: str) -> str:
    """Return the first sentence of a comment, without its full stop."""
    return text.replace("\n", " ").partition(". ")[0].rstrip(".")
