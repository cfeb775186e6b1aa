"""The dialect of a REST API: names as in the .proto file, short enum values, nothing unknown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from protobuf import DescEnum

from codec.kinds import Kinds
from codec.refusals import paths, violations
from triptych.codec.json import JsonReader
from triptych.errors import Reason


def short_names(enum: DescEnum) -> Mapping[str | int, int]:
    prefix = f"{enum.name.upper()}_"
    return {value.name.removeprefix(prefix).lower(): value.number for value in enum.values if value.number}


READER = JsonReader("refuse", field_keys=lambda field: [field.name], enum_spellings=short_names)


def read(text: str) -> Any:
    return READER.read(text.encode(), Kinds)


def test_names_of_the_proto_file_and_short_enum_values_are_read() -> None:
    text = '{"a_string": "x", "renamed": "y", "colours": ["red", "infrared"], "a_message": {"ints": null}}'
    assert read(text) == Kinds(a_string="x", renamed="y", colours=[1, -7], a_message=Kinds())


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ('{"aString": "x"}', ["aString"]),
        ('{"otherName": "x"}', ["otherName"]),
        ('{"nothing": null}', ["nothing"]),
        ('{"messages": [{}, {"x": 1, "a_bool": true, "a b": 2}]}', ["messages[1].x", 'messages[1]["a b"]']),
        ('{"by_int": {"1": {"x": 1}}, "y": {}}', ["by_int[1].x", "y"]),
    ],
)
def test_unknown_keys_are_refused(text: str, unknown: list[str]) -> None:
    found = violations(read, text)
    assert [violation.field for violation in found] == unknown
    assert {violation.description for violation in found} == {"is no field of codec.test.Kinds"}


@pytest.mark.parametrize("value", ['"COLOUR_RED"', '"Red"', '"unspecified"', "1", "0"])
def test_other_enum_values_are_refused(value: str) -> None:
    [violation] = violations(read, f'{{"a_colour": {value}}}')
    assert violation.reason == Reason.INVALID_ENUM_VALUE


def test_what_is_unknown_is_told_with_the_rest() -> None:
    assert paths(read, '{"x": 1, "a_bool": 1, "y": 2}') == ["x", "a_bool", "y"]


def test_readers_can_be_made_ahead() -> None:
    reader = JsonReader("refuse")
    reader.prepare(Kinds)
    assert reader.read(b'{"aString": "x"}', Kinds) == Kinds(a_string="x")
