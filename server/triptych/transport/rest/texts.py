"""Reads values from texts, as paths, queries and forms have them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, TypeAlias

from protobuf import DescEnum, DescMessage, Message, ScalarType

from triptych.codec.descriptors import TEXTS, WRAPPERS, Element, well_known
from triptych.codec.faults import must_be
from triptych.codec.values import EnumSpellings, ReadValue, enum_reader, scalar_reader
from triptych.codec.wellknown import text_reader as well_known_reader

ReadText: TypeAlias = Callable[[str], Any]

_INTEGER = re.compile(r"-?(0|[1-9][0-9]*)")
_SIGN = -len("+00:00")
_AS_THEY_ARE = {ScalarType.STRING, ScalarType.BYTES, ScalarType.DOUBLE, ScalarType.FLOAT}


def text_reader(element: Element, enum_spellings: EnumSpellings) -> ReadText | None:
    """Return the reader for values of a type; None for messages that have no text.

    What it does not take, it refuses with `FaultsError`.

    Args:
        element: The type of the value.
        enum_spellings: Tells what the values of an enum may be written as.
    """
    match element:
        case ScalarType():
            return _scalar_reader(element)
        case DescEnum():
            return enum_reader(element, enum_spellings)
        case DescMessage():
            return _message_reader(element)


def _scalar_reader(scalar: ScalarType) -> ReadText:
    read = scalar_reader(scalar)
    if scalar is ScalarType.BOOL:
        return _read_bool
    return read if scalar in _AS_THEY_ARE else _integer_reader(read)


def _read_bool(text: str) -> bool:
    if text not in ("true", "false"):
        raise must_be("true or false", text)
    return text == "true"


def _integer_reader(read: ReadValue) -> ReadText:
    def read_integer(text: str) -> Any:
        if not _INTEGER.fullmatch(text):  # JSON has 1e3 and 1.0 too
            raise must_be("a whole number", text)
        return read(text)

    return read_integer


def _message_reader(message: DescMessage) -> ReadText | None:
    name = well_known(message)
    if name in WRAPPERS:
        return _wrapper_reader(message.type, _scalar_reader(WRAPPERS[name]))
    if name not in TEXTS:
        return None
    read = well_known_reader(message)
    return _timestamp_reader(read) if name == "Timestamp" else read


def _wrapper_reader(build: Callable[..., Message], read: ReadText) -> ReadText:
    return lambda text: build(value=read(text))


def _timestamp_reader(read: ReadValue) -> ReadText:
    def read_timestamp(text: str) -> Any:
        # A + that was not encoded came as a blank: 2024-05-01T12:00:00 02:00
        if text[_SIGN : _SIGN + 1] == " ":
            text = f"{text[:_SIGN]}+{text[_SIGN + 1 :]}"
        return read(text)

    return read_timestamp
