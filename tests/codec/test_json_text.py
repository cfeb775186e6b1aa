"""Bodies that are no JSON, or JSON that protobuf cannot hold."""

from __future__ import annotations

import inspect
import json
import sys

import pytest

from codec.kinds import Kinds
from codec.refusals import paths, violations
from triptych.codec.json import JsonReader
from triptych_api.gitpod.v1.project_service_pb import GetProjectRequest, UpdateProjectRequest

READER = JsonReader()


def refused(body: bytes) -> str:
    [violation] = violations(READER.read, body, GetProjectRequest)
    assert violation.field == ""
    return violation.description


@pytest.mark.parametrize("body", [b"", b" ", b"\n\t\r ", b" " * 1000])
def test_an_empty_body_is_refused(body: bytes) -> None:
    assert refused(body) == "the body is empty: a JSON object is expected"


@pytest.mark.parametrize(
    ("body", "where"),
    [
        (b"{", (1, 2)),
        (b'{"projectId": "x"', (1, 18)),
        (b'{"projectId": }', (1, 15)),
        (b'{"projectId" "x"}', (1, 14)),
        (b'{\n "projectId": x}', (2, 15)),
        (b"{} {}", (1, 4)),
        (b"{}\0", (1, 3)),
        (b"{}}", (1, 3)),
        (b"{'projectId': 1}", (1, 2)),
        (b"{projectId: 1}", (1, 2)),
        (b"{1: 1}", (1, 2)),
        (b'{"a": 01}', (1, 8)),
        (b'{"a": +1}', (1, 7)),
        (b'{"a": .5}', (1, 7)),
        (b'{"a": 5.}', (1, 8)),
        (b'{"a": 0x5}', (1, 8)),
        (b'{"a": True}', (1, 7)),
        (b'{"a": "\t"}', (1, 8)),
        (b'{"a": "\x00"}', (1, 8)),
        (b'{"a": "\\x41"}', (1, 8)),
        (b'{"a": "\\u12"}', (1, 9)),
        (b'{"a": "', (1, 7)),
        (b"\xc2\xa0{}", (1, 1)),
        (b"// x\n{}", (1, 1)),
        ('{"projectId": "x"}'.encode("utf-16-le"), (1, 2)),
    ],
)
def test_what_is_no_json_is_refused(body: bytes, where: tuple[int, int]) -> None:
    assert refused(body) == "the body is not valid JSON: see line {}, column {}".format(*where)


@pytest.mark.parametrize("name", ["NaN", "Infinity", "-Infinity"])
def test_names_for_numbers_are_no_json(name: str) -> None:
    for text in (f'{{"aDouble": {name}}}', f'{{"nothing": [{name}]}}', f'{{"a": 1, "a": {name}}}'):
        assert name in refused(text.encode())


@pytest.mark.parametrize("value", ["null", "true", "5", '"x"', "[]", "[{}]"])
def test_what_is_no_object_is_refused(value: str) -> None:
    assert refused(value.encode()).startswith("the message must be a JSON object, not ")


def test_a_byte_order_mark_is_refused() -> None:
    assert refused(b"\xef\xbb\xbf{}") == "the body must not start with a byte order mark"


@pytest.mark.parametrize(
    "octets", [b"\xff", b"\xc3", b"\xc0\x80", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x28\xa1", b"\x80"]
)
def test_what_is_no_utf8_is_refused(octets: bytes) -> None:
    for body in (b'{"projectId": "%s"}', b'{"nothing": ["%s"]}', b'{"%s": 1}', b"{}%s"):
        text = body % octets
        assert refused(text) == f"the body is not valid UTF-8: see byte {text.index(octets)}"


@pytest.mark.parametrize(
    "surrogate", ["\\ud800", "\\uDFFF", "\\ud83d\\ud83d\\ude00", "\\ude00\\ud83d", "a\\udc00b"]
)
def test_lone_surrogates_are_refused(surrogate: str) -> None:
    def found(text: str) -> list[str]:
        return paths(READER.read, text.replace("*", surrogate).encode(), Kinds)

    assert found('{"aString": "*"}') == ["a_string"]
    assert found('{"messages": [{}, {"byString": {"x": "*"}}]}') == ['messages[1].by_string["x"]']
    assert found('{"aColour": "*"}') == ["a_colour"]
    assert found('{"nothing": ["", {"a": "*"}]}') == ["nothing[1].a"]
    for text in ('{"*": 1}', '{"byString": {"*": ""}}', '{"nothing": {"*": 1}}'):
        [path] = found(text)
        assert "\\ud" in path.lower()


def test_pairs_of_surrogates_and_backslashes_before_them_are_text() -> None:
    body = json.dumps({"aString": "😀\\ud800 \\\\udc00"}).encode()
    assert b"\\ud83d\\ude00" in body
    assert READER.read(body, Kinds) == Kinds(a_string="😀\\ud800 \\\\udc00")


@pytest.mark.parametrize(("opening", "closing"), [("[", "]"), ('{"a":', "}"), ('[{"a":', "}]")])
def test_nesting_has_a_limit_in_ignored_values_too(opening: str, closing: str) -> None:
    times = 99 // len(closing)
    good = f'{{"a":{opening * times}1{closing * times}}}'.encode()
    assert READER.read(good, GetProjectRequest) == GetProjectRequest()
    for more in (times + 1, 450):
        bad = f'{{"a":{opening * more}1{closing * more}}}'.encode()
        assert refused(bad) == "the message is nested too deeply: more than 100 levels"
    assert "nested too deeply" in refused(f'{{"a":{opening * 450}'.encode())


def test_nesting_of_messages_has_a_limit() -> None:
    def nested(levels: int) -> bytes:
        return b'{"aMessage":' * levels + b"{}" + b"}" * levels

    READER.read(nested(99), Kinds).to_binary()
    assert paths(READER.read, nested(100), Kinds) == [""]


def test_brackets_in_strings_are_no_nesting() -> None:
    text = '[{"\\' * 1000
    body = json.dumps({"projectId": text, "a": [text]}).encode()
    assert READER.read(body, GetProjectRequest).project_id == text


@pytest.mark.parametrize("body", ["[" * 90 + "]" * 90, '{"a":' * 80 + "1" + "}" * 80, '[{"a":1,"a":1}]'])
def test_a_stack_that_is_nearly_used_up_is_no_internal_error(body: str) -> None:
    data = f'{{"a_message":{body}}}'.encode()
    outcomes = set()

    def outcome() -> str:
        try:
            return violations(READER.read, data, Kinds)[0].description
        except pytest.fail.Exception:  # it is not refused
            return "read"

    def descend(left: int) -> None:
        if left:
            descend(left - 1)
        else:
            outcomes.add(outcome())

    usual = outcome()
    for left in (21, 26, 31, 41, 61):
        descend(sys.getrecursionlimit() - len(inspect.stack(0)) - left)
    too_deep = {each for each in outcomes if "nested too deeply: more than 100 levels" in each}
    assert outcomes <= {usual, *too_deep}
    # From 3.12 on, what is written in C does not count in Python's limit.
    assert too_deep or sys.version_info >= (3, 12)


def test_texts_and_paths_are_clipped() -> None:
    key = "k" * 300
    body = json.dumps({"recommendedEditors": {"editors": {key: 1}}}).encode()
    [violation] = violations(READER.read, body, UpdateProjectRequest)
    assert violation.field == f'recommended_editors.editors["{"k" * 57}..."]'
    deep = "".join(f'{{"{key}":' for _ in range(90)) + '{"a":1,"a":1}' + "}" * 90
    [violation] = violations(READER.read, deep.encode(), GetProjectRequest)
    assert len(violation.field) == 200
    assert violation.field.endswith('"].a')
