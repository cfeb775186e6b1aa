"""The rules of the contract (buf.validate) as JSON Schema says them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import combinations
from typing import Any, Final, TypeAlias

from protobuf import DescEnum, DescField, DescMessage, Oneof
from protobuf.wkt import Duration

from triptych.codec.descriptors import form_of
from triptych_api.buf.validate.validate_pb import (
    DurationRules,
    EnumRules,
    FieldRules,
    Ignore,
    MapRules,
    RepeatedRules,
    StringRules,
    ext_field,
    ext_message,
    ext_oneof,
)

Schema: TypeAlias = dict[str, Any]

_FORMATS: Final = {"uuid": "uuid", "uri": "uri", "email": "email", "hostname": "hostname", "ipv4": "ipv4"}
_BOUNDS: Final = {"lt": "exclusiveMaximum", "lte": "maximum", "gt": "exclusiveMinimum", "gte": "minimum"}


@dataclass(slots=True)
class Rules:
    """What a field may hold.

    Attributes:
        schema: The keywords of JSON Schema.
        numbers: The numbers of an enum that are refused.
        required: Whether the field must be given.
        ignored: Whether nobody looks at what is in it.
        texts: What the keywords cannot say.
        items: The rules for each item of a list or value of a map.
    """

    schema: Schema = field(default_factory=dict)
    numbers: frozenset[int] = frozenset()
    required: bool = False
    ignored: bool = False
    texts: list[str] = field(default_factory=list)
    items: Rules | None = None


def rules_of(desc: DescField) -> Rules:
    """Return the rules for a field."""
    options = desc.proto.options
    given = options[ext_field] if options is not None and ext_field in options else None
    return _rules(given) if given is not None else Rules()


def is_required(desc: DescField) -> bool:
    """Tell whether a request is refused in which a field is not given.

    Rules are for the zero value of a field without presence, too, unless they say else.
    """
    rules = rules_of(desc)
    if rules.required:
        return True
    options = desc.proto.options
    given = options[ext_field] if options is not None and ext_field in options else None
    if given is None or desc.presence.name != "IMPLICIT" or given.ignore is Ignore.IF_ZERO_VALUE:
        return False
    form = form_of(desc)
    if form.shape != "one":
        return bool(rules.schema.get("minItems", 0))
    if isinstance(form.element, DescEnum):
        return 0 in rules.numbers
    return _refuses_empty(rules.schema)


def _refuses_empty(schema: Schema) -> bool:
    """Tell whether the empty text is refused."""
    return bool(
        schema.get("minLength", 0) > 0
        or schema.get("format") in _FORMATS.values()
        or ("enum" in schema and "" not in schema["enum"])
        or ("pattern" in schema and re.search(schema["pattern"], "") is None)
    )


def texts_of(message: DescMessage) -> Iterator[str]:
    """Yield what else holds for a message as a whole."""
    options = message.proto.options
    if options is not None and ext_message in options:
        yield from (rule.message for rule in options[ext_message].cel if rule.message)
    for oneof in message.oneofs:
        names = ", ".join(each.name for each in oneof.fields)
        must = "must" if _is_oneof_required(oneof.proto.options) else "may"
        yield f"one of {names} {must} be given"


def one_of(message: DescMessage, key: Callable[[DescField], str]) -> Schema:
    """Return how many of the fields of the oneofs of a request may be given, and must be."""
    names = {each.name: [key(field) for field in each.fields] for each in message.oneofs}
    required = {each.name for each in message.oneofs if _is_oneof_required(each.proto.options)}
    if len(names) == 1 and len(next(iter(names.values()))) == len(message.fields):
        return {"maxProperties": 1, **({"minProperties": 1} if required else {})}
    rules: list[Schema] = []
    for name, keys in names.items():
        if name in required:
            rules.append({"anyOf": [{"required": [each]} for each in keys]})
        rules += ({"not": {"required": list(pair)}} for pair in combinations(keys, 2))
    return {"allOf": rules} if rules else {}


def _is_oneof_required(options: Any) -> bool:
    return options is not None and ext_oneof in options and bool(options[ext_oneof].required)


def _rules(given: FieldRules) -> Rules:
    rules = Rules(required=given.required)
    if given.ignore is Ignore.ALWAYS:
        return Rules(ignored=True)
    rules.texts = [rule.message for rule in given.cel if rule.message]
    match given.type:
        case Oneof(value=StringRules() as strings):
            rules.schema = dict(_string(strings))
        case Oneof(value=EnumRules() as enums):
            rules.numbers = frozenset(enums.not_in)
        case Oneof(value=RepeatedRules() as lists):
            rules.schema = dict(_present(lists, min_items="minItems", max_items="maxItems"))
            rules.items = _rules(lists.items) if lists.items is not None else None
        case Oneof(value=MapRules() as maps):
            rules.schema = dict(_present(maps, min_pairs="minProperties", max_pairs="maxProperties"))
            if maps.keys is not None:
                rules.schema["propertyNames"] = _rules(maps.keys).schema
            rules.items = _rules(maps.values) if maps.values is not None else None
        case Oneof(value=DurationRules() as durations):
            rules.texts += (f"{_WORDS[name]} {_seconds(value)}" for name, value in _bounds(durations))
        case Oneof(value=other):
            rules.schema = {_BOUNDS[name]: value for name, value in _bounds(other)}
    if given.ignore is Ignore.IF_ZERO_VALUE and rules.schema:
        rules.schema = {"anyOf": [rules.schema, {"const": ""}]}
    return rules


_WORDS: Final = {"lt": "less than", "lte": "at most", "gt": "more than", "gte": "at least"}


def _bounds(rules: Any) -> Iterator[tuple[str, Any]]:
    for name in ("less_than", "greater_than"):
        bound = getattr(rules, name, None)
        if bound is not None:
            yield bound.field, bound.value


def _seconds(value: Duration) -> str:
    return f"{value.seconds} s"


def _string(rules: StringRules) -> Iterator[tuple[str, Any]]:
    yield from _present(rules, min_len="minLength", max_len="maxLength", pattern="pattern")
    if rules.has_field("len"):
        yield from (("minLength", rules.len), ("maxLength", rules.len))
    if rules.in_:
        yield "enum", list(rules.in_)
    if rules.well_known is not None and rules.well_known.field in _FORMATS and rules.well_known.value:
        yield "format", _FORMATS[rules.well_known.field]


def _present(rules: Any, **keywords: str) -> Iterable[tuple[str, Any]]:
    return [(keyword, getattr(rules, name)) for name, keyword in keywords.items() if rules.has_field(name)]
