"""Random templates, the paths that they stand for, and what messages lose on their way through REST."""

from __future__ import annotations

import string
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from hypothesis import strategies as st
from protobuf import DescEnum, DescField, DescMessage, Message, Oneof

from triptych.codec.descriptors import form_of
from triptych.codec.special import is_special
from triptych.rest.enums import EnumNames
from triptych.rest.template import Segment, Template, Variable, Wildcard

NAMES = EnumNames()

_LITERALS = st.sampled_from(["v1", "a", "b", "quota", "a:b", "ü", "%", "*", "{x}", "a/b", "x=y"])
_IDENTS = st.text(string.ascii_letters + "_", min_size=1, max_size=3)
_SEGMENTS: st.SearchStrategy[Segment] = st.sampled_from(Wildcard) | _LITERALS | st.text(min_size=1, max_size=4)


@st.composite
def templates(draw: st.DrawFn) -> Template:
    """Draw a template of any form."""
    segments = draw(st.lists(_SEGMENTS, min_size=1, max_size=5))
    segments = [
        Wildcard.ONE if each is Wildcard.REST and index < len(segments) - 1 else each
        for index, each in enumerate(segments)
    ]
    marks = draw(st.lists(st.integers(0, len(segments)), max_size=6, unique=True).map(sorted))
    ranges = list(zip(marks[::2], marks[1::2], strict=False))
    paths = st.lists(_IDENTS, min_size=1, max_size=3).map(tuple)
    names = draw(st.lists(paths, min_size=len(ranges), max_size=len(ranges), unique=True))
    variables = [Variable(name, start, end) for name, (start, end) in zip(names, ranges, strict=True)]
    verb = draw(st.sampled_from(["", "", "go", "a:b"]))
    return Template(tuple(segments), tuple(variables), verb)


@st.composite
def expansions(draw: st.DrawFn, template: Template) -> tuple[str, dict[str, str]]:
    """Draw the variables of a template, and expand them into a path as http.proto tells clients to."""
    raw: list[str] = []
    for segment in template.segments:
        if isinstance(segment, str):
            raw.append(quote(segment, safe=""))
        elif segment is Wildcard.ONE:
            raw.append(draw(st.text(min_size=1, max_size=4)))
        else:
            raw += draw(st.none() | st.text(max_size=6).map(lambda text: [text])) or []
    pieces, values = [], {}
    at = 0
    for variable in template.variables:
        pieces += [_encoded(template, raw, index) for index in range(at, min(variable.start, len(raw)))]
        own = [
            template.segments[index] if isinstance(template.segments[index], str) else raw[index]
            for index in range(variable.start, min(variable.end, len(raw)))
        ]
        multiple = template.is_multiple(variable)
        if multiple:
            own = [
                each if template.segments[variable.start + index] is Wildcard.REST else each.replace("/", "-")
                for index, each in enumerate(map(str, own))
            ]
        values[variable.name] = "/".join(map(str, own))
        if own:
            pieces.append(quote(values[variable.name], safe="/" if multiple else ""))
        at = variable.end
    pieces += [_encoded(template, raw, index) for index in range(at, len(raw))]
    verb = f":{quote(template.verb, safe='')}" if template.verb else ""
    return f"/{'/'.join(pieces)}{verb}", values


def _encoded(template: Template, raw: list[str], index: int) -> str:
    segment = template.segments[index]
    return raw[index] if isinstance(segment, str) else quote(raw[index], safe="")


def without_none(message: Message) -> Message:
    """Return a message without the enum values that stand for none, which REST does not write or read."""

    def keep(field: DescField, value: Any) -> bool:
        element = form_of(field).element
        if not isinstance(element, DescEnum):
            return True
        return not any(each.number == value and NAMES.is_none(each) for each in element.values)

    return _filtered(message, keep) or type(message)()


def as_parameters(message: Message) -> Message:
    """Return what parameters can give of a message."""

    def keep(field: DescField, value: Any) -> bool:
        form = form_of(field)
        inner = isinstance(form.element, DescMessage)
        return form.shape != "map" and not (inner and form.shape == "list")

    return _filtered(without_none(message), keep, drop_empty=True) or type(message)()


def _filtered(
    message: Message, keep: Callable[[DescField, Any], bool], *, drop_empty: bool = False
) -> Message | None:
    if is_special(message.desc()):
        return message
    values: dict[str, Any] = {}
    for field in message.desc().fields:
        form = form_of(field)
        if not message.has_field(field.name):
            continue
        value = getattr(message, form.slot)
        if form.oneof:
            value = value.value
        if form.shape == "list":
            value = [_inner(each, keep, drop_empty) for each in value if keep(field, each)]
        elif form.shape == "map":
            value = {k: _inner(each, keep, drop_empty) for k, each in value.items() if keep(field, each)}
            value = value if keep(field, None) else {}
        else:
            value = _inner(value, keep, drop_empty) if keep(field, value) else None
        if value is not None:
            values[form.slot] = Oneof(field.name, value) if form.oneof else value
    return None if drop_empty and not any(v not in ([], {}) for v in values.values()) else type(message)(**values)


def _inner(value: Any, keep: Callable[[DescField, Any], bool], drop_empty: bool) -> Any:
    return _filtered(value, keep, drop_empty=drop_empty) if isinstance(value, Message) else value
