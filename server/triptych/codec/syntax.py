"""Parses JSON strictly: what RFC 8259 and I-JSON (RFC 7493) forbid and Python's parser lets pass is refused.

That is NaN and Infinity, repeated keys, and lone surrogates, which escapes can write and UTF-8 cannot. The
parser notices the last two without knowing where they are: `find_blemishes` walks the value beside the
readers of its message type, from which the path gets the names of the .proto file.
"""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import Any, NamedTuple

from triptych.codec.faults import Fault, element, malformed, member, within
from triptych.codec.reader import FieldReader, MessageReader
from triptych.codec.values import MAX_DIGITS, entry_of, number
from triptych.errors import RpcError

_BLANKS = " \t\n\r"
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_ZEROS = {"0": 0, "-0": -0.0}
_TWICE = "is given more than once"
_NO_TEXT = "holds half of a surrogate pair, which is no Unicode text"
_NO_TEXT_KEY = "has half of a surrogate pair in its key, which is no Unicode text"


class Parsed(NamedTuple):
    """What was parsed.

    Attributes:
        value: The value.
        is_doubtful: Whether `find_blemishes` has to look for repeated keys and lone surrogates.
    """

    value: Any
    is_doubtful: bool


class _Repeating(dict[str, Any]):
    """An object of which a key is repeated: `key` is one such key."""

    key = ""


def parse(data: bytes) -> Parsed:
    """Parse JSON, which must be UTF-8 (RFC 8259, section 8.1).

    Raises:
        RpcError: It is not JSON.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise malformed(f"the body is not valid UTF-8: see byte {error.start}") from None
    repeating: list[_Repeating] = []

    def members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        result = dict(pairs)
        if len(result) == len(pairs):
            return result
        keys = sorted(key for key, _ in pairs)
        marked = _Repeating(result)
        marked.key = next(key for key, following in pairwise(keys) if key == following)
        repeating.append(marked)
        return marked

    decoder = json.JSONDecoder(
        object_pairs_hook=members, parse_int=_integer, parse_float=number, parse_constant=_constant
    )
    try:
        value = decoder.decode(text)
    except json.JSONDecodeError as error:
        raise _syntax_error(text, error) from None
    # UTF-8 holds no surrogates: if there are any, escapes wrote them.
    return Parsed(value, bool(repeating) or ("\\u" in text and _SURROGATE.search(text) is not None))


def find_blemishes(
    value: Any, reader: MessageReader | None, map_field: FieldReader | None = None
) -> list[Fault]:
    """Tell where a repeated key or a lone surrogate is; nothing if there is none.

    Args:
        value: A message, or messages, of `reader`; the whole of a map; or something unknown.
        reader: The reader of the message, unless this is written in a form of its own.
        map_field: The field, if the value is a map.
    """
    match value:
        case dict():
            return _find_in_object(value, reader, map_field)
        case list():
            for index, item in enumerate(value):
                if found := find_blemishes(item, reader, map_field):
                    return within(element(index), found)
        case str() if not _is_text(value):
            return [Fault(_NO_TEXT)]
    return []


def _find_in_object(
    value: dict[str, Any], reader: MessageReader | None, map_field: FieldReader | None
) -> list[Fault]:
    fields = reader.fields if reader and not map_field else {}

    def step(key: str) -> str:
        if map_field and map_field.read_key:
            return entry_of(key, map_field.read_key)
        return member(fields[key].name if key in fields else key)

    if isinstance(value, _Repeating):
        return within(step(value.key), [Fault(_TWICE)])
    for key, item in value.items():
        if not _is_text(key):
            return within(step(key), [Fault(_NO_TEXT_KEY)])
        field = fields.get(key)
        known = map_field or field
        inner = known.inner if known else None
        if found := find_blemishes(item, inner, field if field and field.read_key else None):
            return within(step(key), found)
    return []


def _is_text(value: str) -> bool:
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _syntax_error(text: str, error: json.JSONDecodeError) -> RpcError:
    if not text.strip(_BLANKS):
        return malformed("the body is empty: a JSON object is expected")
    if text.startswith("\ufeff"):
        return malformed("the body must not start with a byte order mark")
    return malformed(f"the body is not valid JSON: see line {error.lineno}, column {error.colno}")


def _integer(digits: str) -> int | float:
    # Converting takes quadratic time, and no field holds that many digits: read them as 1e999 is read.
    return int(digits) or _ZEROS[digits] if len(digits) <= MAX_DIGITS else float("inf")


def _constant(name: str) -> Any:
    raise malformed(f'{name} is no JSON; a field for floats takes the string "{name}"')
