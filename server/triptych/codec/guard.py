"""Tells which bodies protobuf-py's native parser reads as they should be read.

It is given no unknown keys to ignore, so that it drops nothing. What is left is that

- of two equal keys, two spellings of a key, or two members of a oneof, it takes the last;
- it takes enum numbers that the enum does not have;
- it reads "+5", "05", "1_0" and digits of other scripts as numbers, and rounds 9007199254740993.0;
- it takes keys of maps that do not fit, and 1e999 as a google.protobuf.Value.

A guard looks for these, in text and without a loop in Python. Where it is in doubt it does not trust the
body, so that types, spellings and numbers that are rarely used are read slowly.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass

import orjson
from protobuf import DescEnum, DescField, DescMessage, ScalarType

from triptych.codec.descriptors import TREES, WRAPPERS, FieldForm, form_of, is_special, reachable, well_known
from triptych.codec.limits import MAX_MASK

_FLOATS = {ScalarType.DOUBLE, ScalarType.FLOAT}
_NO_NUMBERS = {ScalarType.BOOL, ScalarType.STRING, ScalarType.BYTES}
_NAME = re.compile(r"[a-z][a-z0-9]*")
_HIDDEN = re.compile(rb"\\u00[3-7]")  # escapes of letters, digits, "_" or ":", which nobody needs to escape
_SPLIT = re.compile(rb"_\d")  # as in "1_0"

_INTEGER = r'(?:-?\d+(?=[,}\]])|"-?(?:0|[1-9]\d*)")'
_AS_EXPECTED = {
    ("integer", "one"): rf"{_INTEGER}|null",
    ("integer", "list"): rf"\[(?:{_INTEGER},)*+{_INTEGER}\]|\[\]|null",
    ("float", "one"): r'[^"]',
    ("float", "list"): r'\[[^"\]]*\]|null',
    ("enum", "one"): r'"|null',
    ("enum", "list"): r'\[(?:"[^"]*",)*+"[^"]*"\]|\[\]|null',
}
"""What values of a kind look like, in JSON without blanks, if the native parser can be trusted with them."""


class _CannotGuardError(Exception):
    pass


@dataclass(frozen=True, slots=True)
class Guard:
    """Looks at the bodies of one message type.

    Attributes:
        members: The keys of all fields that are in a oneof with others, in quotes.
        any_member: Finds these keys.
        doubtful: Find values that the native parser may read wrongly.
        max_size: The largest body that can be trusted, in bytes.
    """

    members: tuple[bytes, ...]
    any_member: re.Pattern[bytes]
    doubtful: tuple[re.Pattern[bytes], ...]
    max_size: int

    def trusts(self, data: bytes) -> bool:
        """Tell whether what the native parser makes of a body, if it takes it, is right."""
        if len(data) > self.max_size:
            return False
        colons = data.count(b":")  # one for each key, and those inside of strings
        if self.doubtful:
            if _SPLIT.search(data):
                return False
        elif colons <= 1:
            return True
        # Both spellings of a key become one. That other texts change too does no harm: no text is looked at.
        data = data.replace(b"_", b"").lower()
        if b"\\u00" in data and _HIDDEN.search(data):
            return False
        members = 0
        for key in self.members:
            members += key in data
        if members > 1:  # they become one too, wherever they are
            data = self.any_member.sub(b'""', data)
        try:
            # A key that was given before is lost, with its colon. Nothing adds a colon.
            data = orjson.dumps(orjson.loads(data))
        except orjson.JSONDecodeError:
            return False
        if data.count(b":") < colons:
            return False
        for pattern in self.doubtful:  # noqa: SIM110 - a generator would cost a call for each
            if pattern.search(data):
                return False
        return True


def guard_of(root: DescMessage, *, declared_enums: bool) -> Guard | None:
    """Make the guard of a message type; None if its bodies cannot be trusted.

    Args:
        root: The type.
        declared_enums: Whether enums are spelled as ProtoJSON spells them. If not, bodies that have any are
            not trusted.
    """
    if is_special(root):
        return None
    members: set[str] = set()
    doubtful: dict[str, str] = {}
    max_size = sys.maxsize
    try:
        for message in reachable(root):
            if well_known(message) == "FieldMask":
                max_size = MAX_MASK
            if is_special(message):
                continue
            for field in message.fields:
                if doubt := _doubt(field, declared_enums):
                    doubtful[doubt] = _key(field)
            for oneof in message.oneofs:
                if len(oneof.fields) > 1:
                    members |= {_key(field) for field in oneof.fields}
    except _CannotGuardError:
        return None
    if not members.isdisjoint(doubtful.values()):
        return None
    return Guard(
        tuple(f'"{key}"'.encode() for key in sorted(members)),
        re.compile('"(?:{})"'.format("|".join(sorted(members))).encode()),
        tuple(re.compile(pattern.encode()) for pattern in doubtful),
        max_size,
    )


def _doubt(field: DescField, declared_enums: bool) -> str:
    """Return a pattern that finds the values of a field that the native parser may read wrongly, if any."""
    key = f'"{_key(field)}":'
    form = form_of(field)
    kind = _kind(form)
    if (kind and form.shape == "map") or form.key not in (None, ScalarType.STRING):
        raise _CannotGuardError
    if kind == "enum" and not declared_enums:
        return key
    return f"{key}(?!{_AS_EXPECTED[kind, form.shape]})" if kind else ""


def _key(field: DescField) -> str:
    """Return both keys of a field as they look without underscores, in lower case."""
    key, name = (each.replace("_", "").lower() for each in (field.json_name, field.name))
    if key != name or not _NAME.fullmatch(key):
        raise _CannotGuardError
    return key


def _kind(form: FieldForm) -> str:
    """Return the kind of values that the native parser may read wrongly."""
    name = well_known(form.element)
    if name in TREES or name == "Any":
        raise _CannotGuardError
    if isinstance(form.element, DescEnum):
        return "enum"
    scalar = WRAPPERS.get(name, form.element)
    if not isinstance(scalar, ScalarType) or scalar in _NO_NUMBERS:
        return ""
    return "float" if scalar in _FLOATS else "integer"
