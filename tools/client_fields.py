"""The fields of requests as keyword arguments of the client's methods."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from protobuf import (
    DescEnum,
    DescField,
    DescFieldValueList,
    DescFieldValueMap,
    DescMessage,
    ScalarType,
)
from protobuf.plugin import get_comments
from protobuf.wkt import Duration, Timestamp

TAKEN = {"self", "request", "timeout", "headers"}
INTEGERS = {kind for kind in ScalarType if re.search("INT|FIXED", kind.name)}
SCALARS = {ScalarType.STRING: "str", ScalarType.BYTES: "bytes", ScalarType.BOOL: "bool"}
# What users of Python have in the place of a well-known type.
NATIVE = {"google.protobuf.Timestamp": "datetime", "google.protobuf.Duration": "timedelta"}
WIDTH = 95


@dataclass(frozen=True)
class Argument:
    """An argument that sets a field.

    Attributes:
        name: What it is called.
        path: The field, with the one that holds it if that is a filter: `filter.search`.
        annotation: Its type, without the None that every one has.
        types: The classes that the annotation names.
        comment: The first words of the field's comment.
    """

    name: str
    path: str
    annotation: str
    types: tuple[type, ...]
    comment: str


def arguments(message: DescMessage, commented: DescMessage) -> list[Argument]:
    """Return the arguments for the fields of a request, and for those of its filters.

    Args:
        message: The request.
        commented: The same with its comments.

    Raises:
        ValueError: Two arguments would have the same name, or a field cannot be one.
    """
    found = list(_arguments(message, commented))
    names = [each.name for each in found]
    if len({*names, *TAKEN}) < len(names) + len(TAKEN):
        raise ValueError(f"{message.type_name}: arguments of the same name: {names}")
    return found


def _arguments(message: DescMessage, commented: DescMessage) -> Iterator[Argument]:
    for field, told in zip(message.fields, commented.fields, strict=True):
        yield _argument(field, told, field.name, field.name)
        inner = getattr(field.value, "message", None)
        if inner is not None and inner.name.endswith("Filter"):
            # The fields of `filter` have names of their own; those of `created` are created_after and so on.
            prefix = "" if field.name == "filter" else f"{field.name}_"
            for each, its in zip(inner.fields, told.value.message.fields, strict=True):
                yield _argument(each, its, prefix + each.name, f"{field.name}.{each.name}")


def _argument(field: DescField, told: DescField, name: str, path: str) -> Argument:
    if isinstance(field.value, DescFieldValueMap) or getattr(field.value, "oneof", None) is not None:
        raise ValueError(f"{path}: maps and oneofs are not taken as arguments")
    element, many = _element(field)
    annotation, types = _annotation(element)
    if many:
        annotation = f"list[{annotation}] | tuple[{annotation}, ...]"
    return Argument(name, path, annotation, types, _comment(told))


def _element(field: DescField) -> tuple[ScalarType | DescEnum | DescMessage, bool]:
    value = field.value
    if isinstance(value, DescFieldValueList):
        return value.element, True
    for kind in ("scalar", "enum", "message"):
        if (element := getattr(value, kind, None)) is not None:
            return element, False
    raise ValueError(f"{field.name}: unknown kind of field")


def _annotation(element: ScalarType | DescEnum | DescMessage) -> tuple[str, tuple[type, ...]]:
    if isinstance(element, ScalarType):
        return SCALARS.get(element, "int" if element in INTEGERS else "float"), ()
    native = NATIVE.get(element.type_name)
    own = element.type.__qualname__
    return f"{own} | {native}" if native else own, (element.type,)


def _comment(field: DescField) -> str:
    paragraph = " ".join(get_comments(field).leading.strip().partition("\n\n")[0].split())
    if not paragraph:
        raise ValueError(f"{field.name}: a field of a request has a comment")
    return re.split(r"(?<=[a-z0-9`)])\. (?=[A-Z`])", paragraph)[0].removesuffix(".") + "."


def parameters(fields: Sequence[Argument]) -> str:
    """Return them as a signature has them."""
    return " ".join(f"{each.name}: {each.annotation} | None = None," for each in fields)


def values(fields: Sequence[Argument]) -> str:
    """Return them as the fields that a request gets."""
    return ", ".join(f'"{each.path}": {each.name}' for each in fields)


def described(fields: Sequence[Argument]) -> str:
    """Return them as a docstring has them."""
    lines: list[str] = []
    for each in fields:
        text = f"{each.name}: {each.comment}"
        lines += textwrap.wrap(
            text, WIDTH, initial_indent=" " * 12, subsequent_indent=" " * 16, break_long_words=False
        )
    return "\n".join(lines)


def module_of(kind: type) -> str:
    """Return where a class is imported from."""
    return "protobuf.wkt" if kind in {Duration, Timestamp} else kind.__module__
