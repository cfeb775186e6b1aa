"""What the rules of the contract expect, in words: protovalidate's own texts show patterns and bare lists.

Nothing of the value that was refused is repeated: it may be long, and it may be a secret.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, Final

from protobuf import DescEnum, DescField, DescMessage, DescOneof
from protovalidate import Violation

from triptych.codec.allowed import allowed_names
from triptych.codec.descriptors import form_of
from triptych.errors import one_of
from triptych.rpc.list_bounds import at_most

_A_UUID: Final = "a UUID such as 01970000-0000-7000-8000-000000000063"
_A_URI: Final = "an absolute URI such as https://example.org/compiler.git"
_SUFFIX: Final = "01jw000000e00800000000001h"

PATTERNS: Final[Mapping[str, str]] = {
    r"^[^\x00]*$": "must not hold the character NUL (U+0000)",
    "^doc_[0-9a-hjkmnp-tv-z]{26}$": f"must be the id of a document such as doc_{_SUFFIX}",
    "^doc_[0-7][0-9a-hjkmnp-tv-z]{25}$": f"must be the id of a document such as doc_{_SUFFIX}",
    "^ver_[0-9a-hjkmnp-tv-z]{26}$": f"must be the id of a version such as ver_{_SUFFIX}",
    "^(user|bot)_[0-9a-hjkmnp-tv-z]{26}$": f"must be the id of a user or bot such as user_{_SUFFIX}",
    "^[!-~]([ -~]*[!-~])?$": "must be printable ASCII, without a blank at either end",
    "^([!-~]([ -~]*[!-~])?)?$": "must be printable ASCII, without a blank at either end",
    "^[a-z]+$": "must be lower-case letters such as pdf",
}
"""What each pattern of the contract expects."""

TEXTS: Final[Mapping[str, Callable[[Any], str]]] = {
    "required": lambda _: "value is required",
    "string.min_len": lambda least: (
        "must not be empty" if least == 1 else f"must be at least {least} characters"
    ),
    "string.max_len": lambda most: f"must be at most {most} characters",
    "string.len": lambda length: f"must be exactly {length} characters" if length else "must be empty",
    "string.in": lambda values: f"must be {one_of(value for value in values if value)}",
    "string.uuid": lambda _: f"must be {_A_UUID}",
    "string.uuid_empty": lambda _: f"must be {_A_UUID}, and not be empty",
    "string.uri": lambda _: f"must be {_A_URI}",
    "string.uri_empty": lambda _: f"must be {_A_URI}, and not be empty",
    "repeated.min_items": lambda least: f"must have at least {least} item{'s' if least != 1 else ''}",
    "repeated.max_items": at_most,
    "map.max_pairs": at_most,
}
"""What each rule expects, by the id of the rule; made of the rule's value."""

_PLACE_MATTERS: Final = frozenset({"required", "enum.defined_only", "enum.not_in"})
_RANGE: Final = re.compile(r"greater than or equal to (\S+) and less than or equal to (\S+)")


def text_of(violation: Violation, root: DescMessage) -> str:
    """Tell what a rule that was broken expects, as a clause that can follow the path of the field.

    Args:
        violation: The rule and where it was broken.
        root: The type of the message that was checked.
    """
    proto = violation.proto
    text = _expected(violation, root) or _RANGE.sub(r"from \1 to \2", proto.message)
    return f"the key {text}" if proto.for_key else text


def _expected(violation: Violation, root: DescMessage) -> str:
    proto = violation.proto
    if proto.rule_id == "string.pattern":
        return PATTERNS.get(violation.rule_value, "")
    if proto.rule_id in _PLACE_MATTERS and proto.field:
        place = _place(root, [step.field_name for step in proto.field.elements])
        if isinstance(place, DescOneof):
            return f"one of the fields {', '.join(field.name for field in place.fields)} is required"
        if place is not None and isinstance(enum := form_of(place).element, DescEnum):
            return f"must be {one_of(allowed_names(enum))}"
    known = TEXTS.get(proto.rule_id)
    return known(violation.rule_value) if known else ""


def _place(root: DescMessage, path: list[str]) -> DescField | DescOneof | None:
    """Find the field, or the oneof, at the end of a path."""
    owner, field = root, None
    for name in path:
        field = next((each for each in owner.fields if each.name == name), None)
        if field is None:
            return next((each for each in owner.oneofs if each.name == name), None)
        if isinstance(inner := form_of(field).element, DescMessage):
            owner = inner
    return field
