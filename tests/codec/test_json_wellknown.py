"""The well-known types that JSON writes in forms of their own."""

from __future__ import annotations

from typing import Any

import pytest

from codec.kinds import REGISTRY, Kinds, WellKnown
from codec.refusals import paths, refusal
from triptych.codec.json import JsonReader, write_json
from triptych.errors import Code

READER = JsonReader(registry=REGISTRY)
ANY = '{{"anAny": {{"@type": "type.googleapis.com/{}", {}}}}}'.format


def read(text: str) -> Any:
    return READER.read(text.encode(), WellKnown)


@pytest.mark.parametrize(
    "text",
    [
        '{"aValue": null}',
        '{"aValue": 1.5}',
        '{"aValue": "x"}',
        '{"aValue": [null, true, {"a": [], "b": {}}]}',
        '{"values": [null, 1.0]}',
        '{"aStruct": {}}',
        '{"aStruct": {"a": null, "b": [1.0, "x"], "": false}}',
        '{"aList": [null, {"a": 1.0}]}',
        '{"aMask": ""}',
        '{"aMask": "title,owner.displayName"}',
        '{"aDouble": 1.5, "aFloat": "Infinity", "anInt64": "-5", "aUint64": "5", "anInt32": 0}',
        '{"aUint32": 1, "aBool": false, "aString": "", "someBytes": "AA=="}',
        '{"anAny": {}}',
        ANY("codec.test.Kinds", '"aString": "x", "aMessage": {"choiceInt": "1"}'),
        ANY("google.protobuf.Duration", '"value": "1.500s"'),
        ANY("google.protobuf.Value", '"value": null'),
        ANY("google.protobuf.Struct", '"value": {"@type": 1.0}'),
        ANY("google.protobuf.Any", '"value": {"@type": "type.googleapis.com/codec.test.Kinds"}'),
    ],
)
def test_what_protobuf_reads_is_read_alike(text: str) -> None:
    message = read(text)
    assert message == WellKnown.from_json(text, registry=REGISTRY)
    assert message.to_binary() == WellKnown.from_json(text, registry=REGISTRY).to_binary()
    again = write_json(message, REGISTRY)
    assert READER.read(again, WellKnown) == message


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('{"aValue": 1e999}', "a_value"),
        ('{"aStruct": {"a": [0, {"b": 1e999}]}}', 'a_struct["a"][1]["b"]'),
        ('{"aStruct": []}', "a_struct"),
        ('{"aStruct": "x"}', "a_struct"),
        ('{"aStruct": {"a": 1, "a": 1}}', "a_struct.a"),
        ('{"aList": {}}', "a_list"),
        ('{"aList": [{"a": {"\\ud800": 1}}]}', 'a_list[0].a["\\ud800"]'),
        ('{"aMask": ["title"]}', "a_mask"),
        ('{"aMask": "display_name"}', "a_mask"),
        ('{"aMask": "%s"}' % ("a," * 5000), "a_mask"),
        ('{"aNull": 1}', "a_null"),
        ('{"aNull": "x"}', "a_null"),
        ('{"anInt32": 1.5}', "an_int32"),
        ('{"anInt32": {"value": 1}}', "an_int32"),
        ('{"aBool": "true"}', "a_bool"),
        ('{"anAny": []}', "an_any"),
        ('{"anAny": {"a": 1}}', "an_any"),
        ('{"anAny": {"@type": ""}}', "an_any"),
        ('{"anAny": {"@type": 1}}', "an_any"),
        ('{"anAny": {"@type": "x/codec.test.Nothing"}}', "an_any"),
        (ANY("codec.test.Kinds", '"aString": 1'), "an_any.a_string"),
        (ANY("codec.test.Kinds", '"aColour": "x"'), "an_any.a_colour"),
        (ANY("google.protobuf.Duration", '"value": "1"'), "an_any.value"),
        (ANY("google.protobuf.Duration", '"aString": "1"'), "an_any.value"),
    ],
)
def test_other_values_are_refused(text: str, path: str) -> None:
    assert paths(read, text) == [path]


def test_null_is_a_value_of_value_only() -> None:
    assert read('{"aValue": null}').a_value is not None
    body = '{"aNull": null, "aStruct": null, "aList": null, "aBool": null, "anAny": null, "aMask": null}'
    assert read(body) == WellKnown()


def test_without_a_registry_only_an_empty_any_is_read() -> None:
    reader = JsonReader()
    assert reader.read(b'{"anAny": {}}', WellKnown).an_any is not None
    text = ANY("codec.test.Kinds", '"aString": "x"')
    assert paths(reader.read, text.encode(), WellKnown) == ["an_any"]


def test_a_type_of_its_own_form_can_be_the_whole_message() -> None:
    value_class = type(read('{"aValue": 1}').a_value)
    assert READER.read(b"[1, null]", value_class) == value_class.from_json(b"[1, null]")


def test_values_that_become_messages_are_counted_as_such() -> None:
    body = b'{"aList": [' + b",".join([b"1"] * 3000) + b"]}"
    assert refusal(READER.read, body, WellKnown).code is Code.RESOURCE_EXHAUSTED
    body = b'{"ints": [' + b",".join([b"1"] * 3000) + b"]}"
    assert refusal(READER.read, body, Kinds).code is Code.RESOURCE_EXHAUSTED  # it has a list of Durations
    assert len(READER.read(body.replace(b"1", b"1" + b" " * 40), Kinds).ints) == 3000


def test_what_is_read_can_be_written() -> None:
    def nested(levels: int) -> str:
        return '{"aStruct":' + '{"a":' * (levels - 2) + "{}" + "}" * (levels - 1)

    deepest = read(nested(50))
    assert WellKnown.from_binary(deepest.to_binary()) == deepest
    assert paths(read, nested(51)) == [""]
