"""What may be given once only, and the values of enums."""

from __future__ import annotations

from typing import Any

import pytest

from codec.kinds import Kinds
from codec.refusals import paths, violations
from triptych.codec.json import JsonReader
from triptych.errors import Reason
from triptych_api.gitpod.v1.project_service_pb import ListProjectsRequest
from triptych_api.gitpod.v1.runner_configuration_pb import RunnerKind

READER = JsonReader()


def read(text: str) -> Any:
    return READER.read(text.encode(), Kinds)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('{"aString": "x", "aString": "x"}', "a_string"),
        ('{"aString": "x", "aString": null}', "a_string"),
        ('{"aString": "x", "a_string": "y"}', "a_string"),
        ('{"aString": null, "a_string": "y"}', "a_string"),
        ('{"aString": "x", "a_string": null}', "a_string"),
        ('{"otherName": "x", "renamed": "x"}', "renamed"),
        ('{"choiceInt": 1, "choice_int": 1}', "choice_int"),
        ('{"messages": [{}, {"aMessage": {"ints": [], "ints": []}}]}', "messages[1].a_message.ints"),
        ('{"byString": {"a b": "1", "a b": "2"}}', 'by_string["a b"]'),
        ('{"byInt": {"1": {}, "2": {"aBool": true, "aBool": true}}}', "by_int[2].a_bool"),
        ('{"byInt": {"1": {}, "1": {}}}', "by_int[1]"),
        ('{"byInt": {"1": {}, "1.0": {}}}', "by_int[1]"),
        ('{"byInt": {"x": {"aBool": true, "aBool": true}}}', 'by_int["x"].a_bool'),
        ('{"nothing": {"more": [0, {"it": 1, "it": 1}]}}', "nothing.more[1].it"),
        ('{"nothing": 1, "nothing": 2}', "nothing"),
        ('{"aMessage": {"": 1, "": 2}}', 'a_message[""]'),
        ('{"aString": {"x": 1, "x": 2}}', "a_string.x"),
    ],
)
def test_a_key_given_twice_is_refused(text: str, path: str) -> None:
    assert paths(read, text) == [path]


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ('{"choiceString": "x", "choiceInt": 1}', "choice_int"),
        ('{"choiceMessage": {}, "choiceNull": null}', "choice_null"),
        ('{"messages": [{"choiceColour": 1, "choice_string": ""}]}', "messages[0].choice_string"),
    ],
)
def test_two_members_of_a_oneof_are_refused(text: str, path: str) -> None:
    [violation] = violations(read, text)
    assert violation.field == path
    assert violation.description == "must not be given together with another field of the oneof choice"


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ('"COLOUR_RED"', 1),
        ('"COLOUR_CRIMSON"', 1),
        ('"COLOUR_UNSPECIFIED"', 0),
        ("1", 1),
        ("-7", -7),
        ("300", 300),
    ],
)
def test_enums(value: str, number: int) -> None:
    assert read(f'{{"aColour": {value}, "colours": [{value}]}}') == Kinds(a_colour=number, colours=[number])


@pytest.mark.parametrize(
    "value",
    [
        '"RED"',
        '"colour_red"',
        '"COLOUR_RED "',
        '"1"',
        '""',
        "2",
        "1.0",
        "-1",
        "4294967297",
        "true",
        "[]",
        "{}",
    ],
)
def test_other_enum_values_are_refused(value: str) -> None:
    [violation] = violations(read, f'{{"aColour": {value}}}')
    assert violation.field == "a_colour"
    assert violation.reason == Reason.INVALID_ENUM_VALUE


def test_unknown_enum_values_do_not_turn_a_filter_into_none() -> None:
    body = b'{"filter": {"runnerKinds": ["RUNNER_KIND_LOCAL", "RUNNER_KIND_CLOUD", 9]}}'
    found = violations(READER.read, body, ListProjectsRequest)
    assert [(each.field, each.reason) for each in found] == [
        ("filter.runner_kinds[1]", Reason.INVALID_ENUM_VALUE),
        ("filter.runner_kinds[2]", Reason.INVALID_ENUM_VALUE),
    ]
    expected = "must be one of RUNNER_KIND_LOCAL, RUNNER_KIND_REMOTE, RUNNER_KIND_LOCAL_CONFIGURATION"
    assert found[0].description == f'{expected}, not "RUNNER_KIND_CLOUD"'
    good = READER.read(body.replace(b', "RUNNER_KIND_CLOUD", 9', b""), ListProjectsRequest)
    assert good.filter is not None
    assert good.filter.runner_kinds == [RunnerKind.LOCAL]
