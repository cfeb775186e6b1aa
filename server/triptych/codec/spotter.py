"""Finds where in a body a key is repeated or a surrogate stands alone.

The parser notices both without knowing where it is. So the body is parsed once more, and walked beside the
readers of its message type, from which the path gets the names of the .proto file.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from triptych.codec.faults import Fault, FaultsError, element, entry, member, refused, within
from triptych.codec.messages import FieldReader, MessageReader
from triptych.codec.parser import Repeating, is_text, parse_blemished
from triptych.errors import RpcError

_TWICE = "is given more than once"
_NO_TEXT = "holds half of a surrogate pair, which is no Unicode text"
_NO_TEXT_KEY = "has half of a surrogate pair in its key, which is no Unicode text"


def spot(text: str, reader: MessageReader | None) -> RpcError:
    """Tell where a repeated key or a lone surrogate is.

    Args:
        text: A body that `triptych.codec.parser.parse` found a blemish in.
        reader: The reader of the message, unless this is written in a form of its own.
    """
    return refused(_spot(parse_blemished(text), reader, None) or [Fault(_NO_TEXT)])


def _spot(value: Any, reader: MessageReader | None, map_field: FieldReader | None) -> list[Fault]:
    """Look into a value: a message or messages of `reader`, or the whole of a map, or something unknown."""
    match value:
        case dict():
            return _spot_in_object(value, reader, map_field)
        case list():
            for index, item in enumerate(value):
                if found := _spot(item, reader, map_field):
                    return within(element(index), found)
        case str() if not is_text(value):
            return [Fault(_NO_TEXT)]
    return []


def _spot_in_object(
    value: dict[str, Any], reader: MessageReader | None, map_field: FieldReader | None
) -> list[Fault]:
    fields = reader.fields if reader and not map_field else {}

    def step(key: str) -> str:
        if map_field and map_field.read_key:
            return _entry_step(key, map_field.read_key)
        return member(fields[key].name if key in fields else key)

    if isinstance(value, Repeating):
        return within(step(value.key), [Fault(_TWICE)])
    for key, item in value.items():
        if not is_text(key):
            return within(step(key), [Fault(_NO_TEXT_KEY)])
        field = fields.get(key)
        known = map_field or field
        if found := _spot(item, known.inner if known else None, field if field and field.read_key else None):
            return within(step(key), found)
    return []


def _entry_step(key: str, read_key: Callable[[str], Any]) -> str:
    try:
        return entry(read_key(key))
    except FaultsError:
        return entry(key)
