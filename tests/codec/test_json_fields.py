"""Keys, presence, the shapes of values, and the paths of what is wrong."""

from __future__ import annotations

import json
from typing import Any

import pytest
from protobuf import DescField, Oneof

from codec.kinds import Kinds
from codec.refusals import paths, violations
from triptych.codec.faults import MAX_FAULTS
from triptych.codec.json import JsonReader, write_json
from triptych_api.gitpod.v1.project_service_pb import (
    CreateProjectsRequest,
    ListProjectsRequest,
    UpdateProjectRequest,
)

READER = JsonReader()


def read(text: str) -> Any:
    return READER.read(text.encode(), Kinds)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{}", {}),
        (' \t\r\n{"aString" : "x" }\n', {"a_string": "x"}),
        ('{"a_string": "x"}', {"a_string": "x"}),
        ('{"otherName": "x"}', {"renamed": "x"}),
        ('{"renamed": "x"}', {"renamed": "x"}),
        ('{"aString": "\\ud83d\\ude00\\u0000\\n"}', {"a_string": "😀\0\n"}),
        ('{"ints": [], "byString": {}, "aMessage": {}}', {"a_message": Kinds()}),
        ('{"messages": [{"aBool": true}, {}]}', {"messages": [Kinds(a_bool=True), Kinds()]}),
        ('{"byString": {"": "", "a b": "c"}}', {"by_string": {"": "", "a b": "c"}}),
        ('{"byInt": {"-7": {"aBool": true}}}', {"by_int": {-7: Kinds(a_bool=True)}}),
        ('{"byBool": {"true": "COLOUR_RED", "false": -7}}', {"by_bool": {True: 1, False: -7}}),
        ('{"maybeString": "", "maybeInt": 0}', {"maybe_string": "", "maybe_int": 0}),
        ('{"choiceInt": "0"}', {"choice": Oneof("choice_int", 0)}),
        ('{"choiceMessage": {}}', {"choice": Oneof("choice_message", Kinds())}),
        ('{"choiceNull": null}', {"choice": Oneof("choice_null", 0)}),
        ('{"choiceString": null, "choiceInt": 1}', {"choice": Oneof("choice_int", 1)}),
    ],
)
def test_fields(text: str, expected: dict[str, Any]) -> None:
    message = read(text)
    assert message == Kinds(**expected)
    assert message.to_binary() == Kinds(**expected).to_binary()


def test_presence_is_kept() -> None:
    given = READER.read(b'{"projectId": "", "name": ""}', UpdateProjectRequest)
    assert given.has_field("name")
    assert not given.has_field("technical_description")
    assert not READER.read(b'{"name": null}', UpdateProjectRequest).has_field("name")


@pytest.mark.parametrize("field", Kinds.desc().fields, ids=str)
def test_null_is_absent(field: DescField) -> None:
    is_null_a_value = field.name == "choice_null"
    assert bool(read(f'{{"{field.json_name}": null}}').to_binary()) is is_null_a_value


@pytest.mark.parametrize(
    "value", ["1", "null", "true", "[]", "{}", "[[[]]]", '{"a": {"b": [null, {"c": 1e999}]}}', "9" * 5000]
)
def test_unknown_keys_are_ignored(value: str) -> None:
    assert read(f'{{"nothing": {value}, "aString": "x"}}') == Kinds(a_string="x")
    assert read(f'{{"aMessage": {{"[codec.test.extension]": {value}}}}}') == Kinds(a_message=Kinds())


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('{"ints": [1, null]}', "ints[1]"),
        ('{"messages": [null]}', "messages[0]"),
        ('{"times": [null]}', "times[0]"),
        ('{"colours": [1, null]}', "colours[1]"),
        ('{"byString": {"a": null}}', 'by_string["a"]'),
        ('{"byInt": {"1": null}}', "by_int[1]"),
        ('{"ints": {}}', "ints"),
        ('{"ints": 1}', "ints"),
        ('{"ints": "1"}', "ints"),
        ('{"ints": [[1]]}', "ints[0]"),
        ('{"byInt": []}', "by_int"),
        ('{"byInt": {"1": []}}', "by_int[1]"),
        ('{"byInt": {"": {}}}', 'by_int[""]'),
        ('{"byInt": {"01": {}}}', 'by_int["01"]'),
        ('{"byInt": {"4294967296": {}}}', 'by_int["4294967296"]'),
        ('{"byBool": {"True": 1}}', 'by_bool["True"]'),
        ('{"byUint": {"-1": "2024-01-01T00:00:00Z"}}', 'by_uint["-1"]'),
        ('{"byUint": {"1": "x"}}', "by_uint[1]"),
        ('{"aMessage": []}', "a_message"),
        ('{"aMessage": "{}"}', "a_message"),
        ('{"choiceMessage": 1}', "choice_message"),
        ('{"choiceTime": 1}', "choice_time"),
        ('{"aTime": {"seconds": 1}}', "a_time"),
    ],
)
def test_other_shapes_are_refused(text: str, path: str) -> None:
    assert paths(read, text) == [path]


def test_paths_are_those_of_the_proto_file() -> None:
    specs = [{"git": {"targetMode": "X"}}]
    project = {"prebuildConfiguration": {"timeout": "1h"}, "initializer": {"specs": specs}}
    body = json.dumps({"projects": [{}, {}, {}, project]}).encode()
    assert paths(READER.read, body, CreateProjectsRequest) == [
        "projects[3].prebuild_configuration.timeout",
        "projects[3].initializer.specs[0].git.target_mode",
    ]
    body = b'{"recommendedEditors": {"editors": {"goland": {"versions": [2025]}}}}'
    [violation] = violations(READER.read, body, UpdateProjectRequest)
    assert str(violation) == 'recommended_editors.editors["goland"].versions[0]: must be a string, not 2025'


def test_all_that_is_wrong_is_told_up_to_a_limit() -> None:
    assert paths(read, '{"aBool": 1, "aString": 2, "aMessage": {"ints": [1, "x", 2, "y"]}}') == [
        "a_bool",
        "a_string",
        "a_message.ints[1]",
        "a_message.ints[3]",
    ]
    many = json.dumps({"ints": ["x"] * 300, "strings": [1] * 300, "messages": [{"aBool": 0}] * 300})
    assert paths(read, many) == [f"ints[{index}]" for index in range(MAX_FAULTS)]


def test_what_was_parsed_elsewhere_can_be_read() -> None:
    assert READER.read_value({"aString": "x"}, Kinds) == Kinds(a_string="x")
    assert paths(READER.read_value, {"aString": 1}, Kinds) == ["a_string"]


def test_all_fields_without_presence_are_written() -> None:
    assert json.loads(write_json(ListProjectsRequest.Filter(search="é"))) == {
        "projectIds": [],
        "search": "é",
        "runnerIds": [],
        "runnerKinds": [],
        "specRemoteUris": [],
        "creatorIds": [],
    }
    assert json.loads(write_json(ListProjectsRequest())) == {}
