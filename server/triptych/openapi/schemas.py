"""Messages as JSON Schema: one component for each type, or two where requests are bound by rules."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

from protobuf import DescEnum, DescField, DescMessage, DescMethod, ScalarType

from triptych.codec.descriptors import form_of, reachable, well_known
from triptych.openapi.errors import NAMES
from triptych.openapi.examples import example_of
from triptych.openapi.rules import Rules, is_required, one_of, rules_of, texts_of
from triptych.openapi.scalars import Schema, scalar_schema, well_known_schema

Mode: TypeAlias = Literal["output", "input", "item"]
"""What a message is: a response, a request, or an item of a request of which only the form is checked."""

_SUFFIXES: Mapping[Mode, str] = {"output": "", "input": "Input", "item": "Item"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Spelling:
    """How messages are written in JSON.

    Attributes:
        key: Returns the key of a field.
        enum: Returns the values of an enum that can be written, and their numbers.
        closed: Whether keys that are no fields are refused.
        writes_zero: Whether enums without presence are always written.
    """

    key: Callable[[DescField], str]
    enum: Callable[[DescEnum], Sequence[tuple[str, int]]]
    closed: bool
    writes_zero: bool


@dataclass(slots=True)
class Schemas:
    """Makes the components of a document as they are asked for.

    Attributes:
        spelling: How messages are written.
        comments: What is said about messages and fields, by full names.
        names: The names of components, by the full names of message types.
        outputs: The message types that responses hold.
        components: The schemas that were made, by their names.
    """

    spelling: Spelling
    comments: Mapping[str, str]
    names: Mapping[str, str]
    outputs: frozenset[str]
    components: dict[str, Schema] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        spelling: Spelling,
        comments: Mapping[str, str],
        names: Mapping[str, str],
        methods: Iterable[DescMethod],
    ) -> Schemas:
        """Prepare for the messages of some methods."""
        told = {each.type_name for method in methods for each in reachable(method.output)}
        return cls(spelling, comments, names, frozenset(told))

    def ref(self, message: DescMessage, mode: Mode) -> Schema:
        """Return a reference to a message, and make its component."""
        special = well_known_schema(well_known(message))
        if special is not None:
            return special
        suffix = "" if mode == "input" and message.type_name not in self.outputs else _SUFFIXES[mode]
        name = self.names[message.type_name] + suffix
        if name not in self.components:
            self.components[name] = {}  # a type that holds itself finds it
            self.components[name] |= self.message(message, mode)
        return {"$ref": f"#/components/schemas/{name}"}

    def message(self, message: DescMessage, mode: Mode, leave: Iterable[str] = ()) -> Schema:
        """Return the schema of a message, without the fields that are to be left out."""
        left = frozenset(leave)
        fields = [each for each in message.fields if each.name not in left]
        texts = [
            self.comments.get(message.type_name, ""),
            *(_clauses(texts_of(message)) if mode != "output" else []),
        ]
        required = [self.spelling.key(each) for each in fields if self._is_always_there(each, mode)]
        return {
            "type": "object",
            **described(texts),
            "properties": {self.spelling.key(each): self.field(each, mode) for each in fields},
            **({"required": required} if required else {}),
            **({"additionalProperties": False} if self.spelling.closed or mode != "output" else {}),
            **(one_of(message, self.spelling.key) if mode != "output" else {}),
        }

    def field(self, desc: DescField, mode: Mode, *, in_json: bool = True) -> Schema:
        """Return the schema of a field; `in_json` for one that may be null unless it is required."""
        rules = Rules() if mode == "item" else rules_of(desc)
        inner: Mode = "item" if rules.ignored else mode
        schema = self._value(desc, rules, inner)
        texts = [self.comments.get(f"{desc.parent.type_name}.{desc.name}", "")]
        if mode != "output":
            texts += _clauses(rules.texts)
            if in_json and not (mode == "input" and is_required(desc)) and form_of(desc).oneof is None:
                schema = _nullable(schema)
            if schema.get("maxLength") == 0:
                schema["readOnly"] = True
        return {
            **schema,
            **described(texts),
            **({"deprecated": True} if desc.deprecated else {}),
            **_examples(example_of(desc), mode),
        }

    def _value(self, desc: DescField, rules: Rules, mode: Mode) -> Schema:
        form = form_of(desc)
        if form.shape == "one":
            return self._element(form.element, rules, mode)
        items = rules.items or Rules()
        of_items: Mode = "item" if items.ignored else mode
        element = self._element(form.element, items, of_items)
        constraints = {} if mode == "output" else rules.schema
        if form.shape == "list":
            return {"type": "array", "items": element, **constraints}
        return {"type": "object", "additionalProperties": element, **constraints}

    def _element(self, element: ScalarType | DescEnum | DescMessage, rules: Rules, mode: Mode) -> Schema:
        if isinstance(element, DescMessage):
            return self.ref(element, mode)
        if isinstance(element, DescEnum):
            special = well_known_schema(well_known(element))
            refused = frozenset[int]() if mode == "output" else rules.numbers
            names = [name for name, number in self.spelling.enum(element) if number not in refused]
            return special or {"type": "string", "enum": names}
        return {**scalar_schema(element), **rules.schema}

    def _is_always_there(self, desc: DescField, mode: Mode) -> bool:
        if mode == "item":
            return False
        if mode == "input":
            return is_required(desc)
        if rules_of(desc).required:
            return True
        is_enum = isinstance(form_of(desc).element, DescEnum) and form_of(desc).shape == "one"
        return desc.presence.name == "IMPLICIT" and (self.spelling.writes_zero or not is_enum)


def component_names(groups: Mapping[str, Iterable[DescMethod]]) -> dict[str, dict[str, str]]:
    """Return, for each group of methods, a name for each message type that they reach.

    It is the short name, unless two types, or the two spellings of one, would share it, or errors have it.
    """
    types = {
        (group, each.type_name): each
        for group, methods in groups.items()
        for method in methods
        for root in (method.input, method.output)
        for each in reachable(root)
    }
    short = {key: _short_name(message) for key, message in types.items()}
    shorts, fulls = Counter(short.values()), Counter(full for _, full in types)
    names: dict[str, dict[str, str]] = {group: {} for group in groups}
    for (group, full), name in short.items():
        is_free = shorts[name] == 1 and name not in NAMES
        names[group][full] = name if is_free else full if fulls[full] == 1 else f"{full}.{group}"
    return names


def _short_name(message: DescMessage) -> str:
    return message.type_name.removeprefix(f"{message.file.proto.package}.").replace(".", "")


def described(texts: Iterable[str]) -> Schema:
    """Return a description of several texts; nothing if all are empty."""
    text = "\n\n".join(filter(None, texts))
    return {"description": text} if text else {}


def _clauses(texts: Iterable[str]) -> list[str]:
    joined = "; ".join(texts)
    return [f"{joined[0].upper()}{joined[1:]}."] if joined else []


def _nullable(schema: Schema) -> Schema:
    kind = schema.get("type")
    if kind == "null" or not schema:
        return schema
    if isinstance(kind, str) and "enum" not in schema:
        return {**schema, "type": [kind, "null"]}
    return {"anyOf": [*schema.pop("anyOf", [schema]), {"type": "null"}]}


def _examples(value: Any, mode: Mode) -> Schema:
    return {} if value is None or mode == "output" else {"examples": [value]}
