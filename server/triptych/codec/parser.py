"""Parses JSON strictly: what RFC 8259 and I-JSON (RFC 7493) forbid and Python's parser lets pass is refused.

That is NaN and Infinity, repeated keys, and lone surrogates, which escapes can write and UTF-8 cannot.
"""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import Any

from triptych.codec.faults import malformed
from triptych.codec.scalars import MAX_DIGITS
from triptych.errors import RpcError

_BLANKS = " \t\n\r"
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_ZEROS = {"0": 0, "-0": -0.0}


BLEMISHED = object()
"""Stands for a value in which, somewhere, a key is repeated or a surrogate stands alone."""


class Repeating(dict[str, Any]):
    """An object of which a key is repeated.

    Attributes:
        key: One such key.
    """

    key = ""


class _RepeatedKeyError(Exception):
    pass


def decode(data: bytes) -> str:
    """Decode a body, which must be UTF-8 (RFC 8259, section 8.1)."""
    try:
        return data.decode()
    except UnicodeDecodeError as error:
        raise malformed(f"the body is not valid UTF-8: see byte {error.start}") from None


def parse(text: str) -> Any:
    """Parse JSON into a value, or into BLEMISHED.

    Raises:
        RpcError: The text is not JSON.
    """
    try:
        value = _run(_STRICT, text)
    except _RepeatedKeyError:
        return BLEMISHED
    # UTF-8 holds no surrogates: if there are any, escapes wrote them.
    if "\\u" in text and _SURROGATE.search(text) and _holds_surrogate(value):
        return BLEMISHED
    return value


def parse_blemished(text: str) -> Any:
    """Parse JSON again, with `Repeating` for the objects that repeat a key."""
    return _run(_LOOSE, text)


def is_text(value: str) -> bool:
    """Tell whether a string is Unicode text: whether it holds no lone surrogates."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _run(decoder: json.JSONDecoder, text: str) -> Any:
    try:
        return decoder.decode(text)
    except json.JSONDecodeError as error:
        raise _syntax_error(text, error) from None


def _syntax_error(text: str, error: json.JSONDecodeError) -> RpcError:
    if not text.strip(_BLANKS):
        return malformed("the body is empty: a JSON object is expected")
    if text.startswith("\ufeff"):
        return malformed("the body must not start with a byte order mark")
    return malformed(f"the body is not valid JSON: see line {error.lineno}, column {error.colno}")


def _holds_surrogate(value: Any) -> bool:
    pending = [value]
    while pending:
        match pending.pop():
            case str() as text if not is_text(text):
                return True
            case dict() as members:
                pending.extend(members)
                pending.extend(members.values())
            case list() as elements:
                pending.extend(elements)
    return False


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) < len(pairs):
        raise _RepeatedKeyError
    return members


def _marked(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = Repeating(pairs)
    if len(members) < len(pairs):
        keys = sorted(key for key, _ in pairs)
        members.key = next(key for key, following in pairwise(keys) if key == following)
        return members
    return dict(members)


def _integer(digits: str) -> int | float:
    # Converting takes quadratic time, and no field holds that many digits: read them as 1e999 is read.
    return int(digits) or _ZEROS[digits] if len(digits) <= MAX_DIGITS else float("inf")


def _constant(name: str) -> Any:
    raise malformed(f'{name} is no JSON; a field for floats takes the string "{name}"')


_STRICT = json.JSONDecoder(object_pairs_hook=_unique, parse_int=_integer, parse_constant=_constant)
_LOOSE = json.JSONDecoder(object_pairs_hook=_marked, parse_int=_integer, parse_constant=_constant)
