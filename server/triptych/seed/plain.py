"""Tells which lines can be read by the native parser alone: those as programs write them.

The reader of requests trusts that parser with less, and takes several times as long to find out: a file of a
million lines is worth a check of its own. It trusts keys in lowerCamelCase, each once, enum values by name,
numbers without fractions, and no null; all else is left to that reader.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final, TypeAlias

import orjson
from protobuf import DescEnum, DescMessage, ScalarType

from triptych.codec.descriptors import FieldForm, form_of, is_special, well_known
from triptych.codec.limits import FREE_MESSAGES, MAX_DEPTH

_Check: TypeAlias = Callable[[Any], bool]

_LONG: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,18})").fullmatch
_TEXTS: Final = {ScalarType.STRING, ScalarType.BYTES}
_LONGS: Final = {ScalarType.INT64, ScalarType.UINT64, ScalarType.SINT64, ScalarType.FIXED64}
_INTEGERS: Final = {ScalarType.INT32, ScalarType.UINT32, ScalarType.SINT32, *_LONGS}


class PlainLines:
    """Looks at lines that hold a message of one type.

    Args:
        message: The type.
    """

    def __init__(self, message: DescMessage) -> None:
        self._checks: dict[str, _Check] = {}
        self._is_plain = self._check_of_message(message)

    def trusts(self, data: bytes) -> bool:
        """Tell whether what the native parser makes of a line, if it takes it, is right."""
        containers = data.count(b"{") + data.count(b"[")
        if containers > MAX_DEPTH or containers + data.count(b",") >= FREE_MESSAGES or b"\\u" in data:
            return False
        try:
            value = orjson.loads(data)
        except orjson.JSONDecodeError:
            return False
        # A key that was given before is lost, with its colon. Nothing adds one.
        return self._is_plain(value) and orjson.dumps(value).count(b":") == data.count(b":")

    def _check_of_message(self, message: DescMessage) -> _Check:
        if is_special(message):
            return _is_text if well_known(message) in ("Timestamp", "Duration") else _never
        known = self._checks.get(message.type_name)
        if known is not None:
            return known
        checks: dict[str, _Check] = {}

        def is_plain(value: Any) -> bool:
            if type(value) is not dict:
                return False
            for key, each in value.items():
                check = checks.get(key)
                if check is None or not check(each):
                    return False
            return not several or all(len(keys & value.keys()) <= 1 for keys in several)

        self._checks[message.type_name] = is_plain
        for field in message.fields:
            checks[field.json_name] = self._check_of_field(form_of(field))
        several = [
            {field.json_name for field in oneof.fields} for oneof in message.oneofs if len(oneof.fields) > 1
        ]
        return is_plain

    def _check_of_field(self, form: FieldForm) -> _Check:
        element = form.element
        if form.shape == "map":
            return _never
        check: _Check
        if isinstance(element, DescMessage):
            check = self._check_of_message(element)
        elif isinstance(element, DescEnum) or element in _TEXTS:
            check = _is_text
        elif element is ScalarType.BOOL:
            check = _is_truth
        elif element in _INTEGERS:
            check = _is_integer
        else:
            return _never
        return _list_of(check) if form.shape == "list" else check


def _is_text(value: Any) -> bool:
    return type(value) is str


def _is_truth(value: Any) -> bool:
    return type(value) is bool


def _is_integer(value: Any) -> bool:
    return type(value) is int or (type(value) is str and _LONG(value) is not None)


def _list_of(check: _Check) -> _Check:
    return lambda value: type(value) is list and all(map(check, value))


def _never(value: Any) -> bool:
    return False
