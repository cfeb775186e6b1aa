"""Random JSON texts that are near those of a message type, with all that parsers are known to disagree on."""

from __future__ import annotations

import json
import random
from typing import Any

from hypothesis import strategies as st
from protobuf import DescMessage, Message, Registry

from codec.strategies import messages
from triptych.codec.descriptors import form_of, is_special, reachable

_NUMBERS = [
    *["0", "-0", "5", "05", "+5", "-5", "5.0", "5.", ".5", "1.5", "1e3", "1E3", "50e-1", "1_0", "-1_0", " 5"],
    *[
        "9007199254740993",
        "9007199254740993.0",
        "5.00000000000000000001",
        "4503599627370497.25",
        "1e18",
        "1e400",
    ],
    *[
        "2147483648",
        "4294967296",
        "-1",
        "18446744073709551615",
        "18446744073709551616",
        "3.4028235e38",
        "1e-400",
    ],
    *["NaN", "Infinity", "-Infinity", "nan", "300", "2", "\\u0665", "9" * 320, "9" * 500, "0" * 5000 + "1s"],
]
_TEXTS = [
    *[
        "",
        "COLOUR_RED",
        "colour_red",
        "red",
        "COLOUR_CRIMSON",
        "\\ud800",
        "\\ud83d\\ude00",
        "\\u00e9",
        "é",
        "\\u0041",
    ],
    *["a:b", 'x\\"y\\":', '\\"an_int32\\":5', "2024-05-01T12:00:00Z", "2024-05-01T12:00:00.5+01:00", "1.5s"],
    *[
        "AA==",
        "AA",
        "-_8=",
        "A",
        "a,b",
        "title",
        "a.b_c",
        "RUNNER_KIND_LOCAL",
        "1_0",
        "\\u005f",
        "\\u003a",
        "\\/",
    ],
]
_LITERALS = [
    "null",
    "true",
    "false",
    "NaN",
    "{}",
    "[]",
    "[null]",
    '{"a":1}',
    '{"":""}',
    "[1,2]",
    '["1",2]',
    "[[]]",
]
_BLANKS = ["", "", "", " ", "\n", "\t "]


@st.composite
def json_texts(draw: st.DrawFn, message_class: type[Message], registry: Registry | None = None) -> bytes:
    """Draw the JSON of a message with a few changes to its keys, values and characters."""
    message = draw(messages(message_class))
    seed = draw(st.integers(0, 2**32))
    text = message.to_json(registry=registry, always_emit_implicit=draw(st.booleans()))
    return _Writer(message_class.desc(), seed).write(json.loads(text)).encode("utf-8", "surrogatepass")


class _Writer:
    def __init__(self, message: DescMessage, seed: int) -> None:
        self._random = random.Random(seed)
        self._rate = self._random.choice([0, 0.05, 0.2])
        fields = [field for each in reachable(message) if not is_special(each) for field in each.fields]
        self._spellings = {key: [field.name, field.json_name] for field in fields for key in _keys(field)}
        self._keys = [*self._spellings, "zz"]
        self._oneofs = {
            key: [other.name for other in oneof.fields]
            for field in fields
            if (oneof := form_of(field).oneof)
            for key in _keys(field)
        }

    def write(self, value: Any) -> str:
        text = self._value(value)
        if text and self._odd(0.1):
            at = self._random.randrange(len(text))
            text = (
                text[:at]
                + self._random.choice([*'{}[]",:\\ _', "\\u0041", "1", "e", "null"])
                + text[at + 1 :]
            )
        return self._blank() + text + self._blank()

    def _odd(self, factor: float = 1) -> bool:
        return self._random.random() < self._rate * factor

    def _blank(self) -> str:
        return self._random.choice(_BLANKS) if self._rate else ""

    def _value(self, value: Any) -> str:
        if self._odd():
            return self._other()
        if isinstance(value, dict):
            pairs = [(self._key(key), self._value(item)) for key, item in value.items()]
            while value and self._odd(2):
                key = self._random.choice(list(value))
                item = self._random.choice([value[key], None, 1, "x"])
                key = self._random.choice(
                    self._oneofs.get(key) or [key, key, self._random.choice(self._keys)]
                )
                pairs.insert(self._random.randint(0, len(pairs)), (self._key(key), self._value(item)))
            return (
                "{" + ",".join(f'{self._blank()}"{key}"{self._blank()}:{item}' for key, item in pairs) + "}"
            )
        if isinstance(value, list):
            return "[" + ",".join(self._blank() + self._value(item) + self._blank() for item in value) + "]"
        return self._blank() + json.dumps(value, ensure_ascii=self._random.random() < 0.5) + self._blank()

    def _other(self) -> str:
        text = self._random.choice([*_NUMBERS, *_TEXTS])
        return self._random.choice(
            [text, f'"{text}"', f'"{text}"', *_LITERALS[:3], self._random.choice(_LITERALS)]
        )

    def _key(self, key: str) -> str:
        if self._odd():
            key = self._random.choice(
                [*self._spellings.get(key, [key]), key.upper(), key.replace("_", ""), "zz"]
            )
        text = json.dumps(key)[1:-1]
        if key and self._odd(0.3):
            at = self._random.randrange(len(key))
            text = "".join(f"\\u{ord(each):04x}" if index == at else each for index, each in enumerate(text))
        return text


def _keys(field: Any) -> set[str]:
    return {field.name, field.json_name}
