"""Random messages of any type, and random JSON."""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st
from protobuf import DescEnum, DescMessage, Message, Oneof, Registry, ScalarType

from triptych.codec.descriptors import Element, FieldForm, form_of, well_known

_FLOATS = st.floats(width=32, allow_nan=False)
_INTS = {bits: st.integers(-3, 3) | st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for bits in (32, 64)}
_UNSIGNED = {bits: st.integers(0, 3) | st.integers(0, 2**bits - 1) for bits in (32, 64)}
_SCALARS: dict[ScalarType, st.SearchStrategy[Any]] = {
    ScalarType.BOOL: st.booleans(),
    ScalarType.STRING: st.text(max_size=6),
    ScalarType.BYTES: st.binary(max_size=6),
    ScalarType.DOUBLE: st.floats(allow_nan=False),
    ScalarType.FLOAT: _FLOATS,
    **dict.fromkeys((ScalarType.INT32, ScalarType.SINT32, ScalarType.SFIXED32), _INTS[32]),
    **dict.fromkeys((ScalarType.INT64, ScalarType.SINT64, ScalarType.SFIXED64), _INTS[64]),
    **dict.fromkeys((ScalarType.UINT32, ScalarType.FIXED32), _UNSIGNED[32]),
    **dict.fromkeys((ScalarType.UINT64, ScalarType.FIXED64), _UNSIGNED[64]),
}
_NANOS = st.sampled_from([0, 500_000_000, 123_456_000]) | st.integers(0, 999_999_999)


@st.composite
def messages(draw: st.DrawFn, message_class: type[Message], depth: int = 2) -> Message:
    """Draw a message that can be written in both forms, with a few of its fields set."""
    return draw(_message(message_class.desc(), depth))


def _message(message: DescMessage, depth: int) -> st.SearchStrategy[Message]:
    match well_known(message):
        case "Timestamp":
            seconds = st.integers(-62_135_596_800, 253_402_300_799)
            return st.builds(message.type, seconds=seconds, nanos=_NANOS)
        case "Duration":
            return st.tuples(st.integers(0, 315_576_000_000), _NANOS, st.sampled_from([1, -1])).map(
                lambda drawn: message.type(seconds=drawn[0] * drawn[2], nanos=drawn[1] * drawn[2])
            )
        case "FieldMask":
            names = st.sampled_from(["title", "display_name", "a.b_c"])
            return st.lists(names, max_size=3).map(lambda paths: message.type(paths=paths))
        case "Any":
            return st.just(message.type())
        case "Value":
            return _value(message, depth)
        case _:
            return _fields(message, depth)


@st.composite
def _fields(draw: st.DrawFn, message: DescMessage, depth: int) -> Message:
    values: dict[str, Any] = {}
    fields = [each for each in message.fields if depth or not isinstance(form_of(each).element, DescMessage)]
    for field in draw(st.lists(st.sampled_from(fields), min_size=1, max_size=6)) if fields else []:
        form = form_of(field)
        value = draw(_field(form, depth - 1))
        values[form.slot] = Oneof(field.name, value) if form.oneof else value
    return message.type(**values)


def _field(form: FieldForm, depth: int) -> st.SearchStrategy[Any]:
    one = _element(form.element, depth)
    if form.shape == "one":
        return one
    if form.key is None:
        return st.lists(one, max_size=3)
    return st.dictionaries(_SCALARS[form.key], one, max_size=3)


def _element(element: Element, depth: int) -> st.SearchStrategy[Any]:
    match element:
        case ScalarType():
            return _SCALARS[element]
        case DescEnum():
            return st.sampled_from([element.type(value.number) for value in element.values])
        case DescMessage():
            return _message(element, max(depth, 0))


@st.composite
def _value(draw: st.DrawFn, message: DescMessage, depth: int) -> Message:
    forms = {field.name: form_of(field) for field in message.fields}
    names = [name for name in forms if depth or not isinstance(forms[name].element, DescMessage)]
    name = draw(st.sampled_from(names))
    drawn = draw(st.floats(allow_nan=False, allow_infinity=False)) if name == "number_value" else None
    value = draw(_element(forms[name].element, depth - 1)) if drawn is None else drawn
    return message.type(kind=Oneof(name, value))


_FINITE = st.floats(allow_nan=False, allow_infinity=False)
json_values: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | _FINITE | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=4), inner, max_size=4),
    max_leaves=12,
)


@st.composite
def json_near(draw: st.DrawFn, message_class: type[Message], registry: Registry) -> Any:
    """Draw the JSON of a message with a few values replaced, often by some that are right too."""
    written = draw(messages(message_class)).to_json(registry=registry, always_emit_implicit=True)
    value = json.loads(written)
    for _ in range(draw(st.integers(0, 2))):
        value = _replaced(draw, value)
    return value


_TEXTS = ["2024-01-01T00:00:00Z", "1.5s", "5", "-1e3", "NaN", "COLOUR_RED", "true", "\ud800", "AAAA", "a,b"]
_OTHERS: list[Any] = [0, 1, 300, 1.0, 2**40, [], {}, None]
_replacements = json_values | st.sampled_from(_TEXTS) | st.sampled_from(_OTHERS)


def _replaced(draw: st.DrawFn, value: Any) -> Any:
    if not isinstance(value, (dict, list)) or not value or draw(st.integers(0, 9)) == 0:
        return draw(_replacements)
    keys = list(value) if isinstance(value, dict) else range(len(value))
    key = draw(st.sampled_from(keys))
    value[key] = _replaced(draw, value[key])
    return value
