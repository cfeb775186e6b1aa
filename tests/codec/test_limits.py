"""What a body may unfold into: refused before it is parsed, and nothing that a contract allows is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from protobuf import Message

from codec.kinds import Kinds
from codec.refusals import refusal
from codec.wirebytes import field, varint
from triptych.codec import binary, parser
from triptych.codec.binary import read_binary
from triptych.codec.json import JsonReader
from triptych.codec.limits import (
    FREE_MESSAGES,
    JSON_BYTES_PER_MESSAGE,
    MAX_MESSAGES,
    MAX_VALUES,
    WIRE_BYTES_PER_MESSAGE,
    messages_allowed,
)
from triptych.errors import Code
from triptych_api.gitpod.v1.project_service_pb import (
    CreateProjectRequest,
    CreateProjectsRequest,
    DeleteProjectsRequest,
    ListProjectsRequest,
    UpdateProjectsRequest,
)

READER = JsonReader()
READER.prepare(CreateProjectRequest, DeleteProjectsRequest, Kinds)
SIZE = 4 * 2**20
TEXT = ', [{\\"😀' * 1024  # 8192 characters, most of them with a meaning in JSON


def project(text: str = "") -> dict[str, Any]:
    """Write a project with all of its fields."""
    git = {"remoteUri": "https://a.b/c", "upstreamRemoteUri": "x", "targetMode": 3, "cloneTarget": "main"}
    spec = {"git": git}
    return {
        "name": "p",
        "initializer": {"specs": [spec, spec, {"contextUrl": {"url": "https://a.b/c"}}]},
        "devcontainerFilePath": "d",
        "automationsFilePath": "a",
        "technicalDescription": text,
        "prebuildConfiguration": {
            "enabled": True,
            "environmentClassIds": ["0198a2b4-0000-7000-8000-000000000000"] * 2,
            "timeout": "3600s",
            "trigger": {"dailySchedule": {"hourUtc": 3}},
            "executor": {"id": "0198a2b4-0000-7000-8000-000000000000", "principal": "PRINCIPAL_USER"},
            "enableJetbrainsWarmup": True,
        },
    }


def update(text: str = "") -> dict[str, Any]:
    """Write an update with all of its fields."""
    editors = {alias: {"versions": ["2025.1", "2025.2"]} for alias in ("intellij", "goland", "vscode", "x")}
    return {**project(text), "projectId": "x", "recommendedEditors": {"editors": editors}}


@pytest.mark.parametrize(
    ("value", "message_class"),
    [
        ({"projects": [project()] * 100}, CreateProjectsRequest),
        ({"projects": [project(TEXT)] * 100}, CreateProjectsRequest),
        ({"projects": [project("," * 8192)] * 100}, CreateProjectsRequest),
        ({"projects": [update()] * 100}, UpdateProjectsRequest),
        ({"projects": [update(TEXT)] * 100}, UpdateProjectsRequest),
        ({"projects": [{"name": "p", "initializer": {}}] * 100}, CreateProjectsRequest),
        ({"projects": [{"initializer": {"specs": [{"git": {}}, {"git": {}}]}}] * 100}, CreateProjectsRequest),
        ({"projectIds": ["0198a2b4-0000-7000-8000-000000000000"] * 100}, DeleteProjectsRequest),
        ({"projectIds": ["x" * 30_000] * 100}, DeleteProjectsRequest),
        ({"filter": {"runnerKinds": [1] * 25, "search": '"' * 256}}, ListProjectsRequest),
    ],
)
def test_the_largest_requests_are_read(value: Any, message_class: type[Message]) -> None:
    for separators in ((",", ":"), (", ", ": ")):
        body = json.dumps(value, separators=separators, ensure_ascii=False).encode()
        message = READER.read(body, message_class)
        assert message == message_class.from_json(body)
        assert read_binary(message.to_binary(), message_class) == message


def fill(start: bytes, unit: bytes, end: bytes, size: int) -> bytes:
    """Repeat a unit, with commas, until a body has a size."""
    count = (size - len(start) - len(end)) // (len(unit) + 1)
    return start + b",".join([unit] * count) + end


@pytest.fixture
def unparsed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make parsing an error of the test."""

    def parse(*arguments: Any) -> Any:
        pytest.fail("a body was parsed that should have been refused before")

    monkeypatch.setattr(parser, "_run", parse)
    monkeypatch.setattr(binary, "check_wellformed", parse)
    monkeypatch.setattr(DeleteProjectsRequest, "from_binary", parse)
    monkeypatch.setattr(CreateProjectRequest, "from_binary", parse)
    monkeypatch.setattr(ListProjectsRequest, "from_binary", parse)


@pytest.mark.usefixtures("unparsed")
@pytest.mark.parametrize("size", [2**16, SIZE])
@pytest.mark.parametrize(
    ("start", "unit", "end"),
    [
        (b'{"initializer":{"specs":[', b"{}", b"]}}"),
        (b'{"x":[', b"[]", b"]}"),
        (b'{"x":[', b'{"":[{}]}', b"]}"),
        (b'{"x":[', b"[[[[[[[[[[]]]]]]]]]]", b"]}"),
        (b'{"x":[', b'[],"["[,"', b"]}"),
        (b"[", b"[", b""),
        (b'{"a":', b'{"a":', b""),
    ],
)
def test_json_of_many_containers_is_refused(start: bytes, unit: bytes, end: bytes, size: int) -> None:
    error = refusal(READER.read, fill(start, unit, end, size), CreateProjectRequest)
    assert error.code is Code.RESOURCE_EXHAUSTED
    assert error.message.startswith("message holds too many values: more than ")


@pytest.mark.usefixtures("unparsed")
@pytest.mark.parametrize("unit", [b"1", b'""', b'"a"', b"null", b'"\\""', b'"\\\\"', b'"":""'])
def test_json_of_many_values_is_refused(unit: bytes) -> None:
    brackets = b"{}" if b":" in unit else b"[]"
    body = fill(b'{"projectIds":' + brackets[:1], unit, brackets[1:] + b"}", SIZE)
    error = refusal(READER.read, body, DeleteProjectsRequest)
    assert error.code is Code.RESOURCE_EXHAUSTED
    assert error.message == f"message holds too many values: more than {MAX_VALUES}"


def test_limits_are_exact_and_blind_to_strings() -> None:
    text = '[{,\\",' * 5000

    def body(containers: int) -> bytes:
        return json.dumps({"y": text, "x": [[]] * containers}, separators=(",", ":")).encode()

    allowed = messages_allowed(len(body(4000)), JSON_BYTES_PER_MESSAGE)
    READER.read(body(allowed - 2), CreateProjectRequest)
    assert refusal(READER.read, body(allowed + 50), CreateProjectRequest).code is Code.RESOURCE_EXHAUSTED
    for count, fits in ((MAX_VALUES - 3, True), (MAX_VALUES - 2, False)):  # beside x, y and the whole
        values = json.dumps({"y": text, "x": [1] * count}).encode()
        if fits:
            READER.read(values, CreateProjectRequest)
        else:
            assert refusal(READER.read, values, CreateProjectRequest).code is Code.RESOURCE_EXHAUSTED


def test_the_budget_grows_with_the_size() -> None:
    assert messages_allowed(0, WIRE_BYTES_PER_MESSAGE) == FREE_MESSAGES
    assert messages_allowed(1600, WIRE_BYTES_PER_MESSAGE) == FREE_MESSAGES + 100
    assert messages_allowed(SIZE, JSON_BYTES_PER_MESSAGE) == MAX_MESSAGES


@pytest.mark.usefixtures("unparsed")
@pytest.mark.parametrize("size", [2**14, 2**16, SIZE])
@pytest.mark.parametrize(
    "unit",
    [
        field(2, field(1, b"") * 10),  # specs of initializers
        field(2, field(1, field(1, b""))),
        field(2, b""),  # the same field again and again, which is merged
        b"\x13\x14",  # known and unknown groups
        b"\x7b\x7c",
        field(2, field(1, field(1, b"\x18\x63\x18\x63\x18\x63"))),  # unknown enum numbers
    ],
)
def test_binary_messages_of_many_messages_are_refused(unit: bytes, size: int) -> None:
    error = refusal(read_binary, unit * (size // len(unit)), CreateProjectRequest)
    assert error.code is Code.RESOURCE_EXHAUSTED
    allowed = messages_allowed(size - size % len(unit), WIRE_BYTES_PER_MESSAGE)
    assert error.message == f"message holds too many values: more than {allowed}"


@pytest.mark.usefixtures("unparsed")
@pytest.mark.parametrize(
    "unit", [b"\x0a\x00", b"\x0a\x01x", b"\x10\x01", b"\x7a\x00", b"\x15abcd", b"\x11abcdefgh"]
)
def test_binary_messages_of_many_values_are_refused(unit: bytes) -> None:
    error = refusal(read_binary, unit * (SIZE // len(unit)), DeleteProjectsRequest)
    assert error.code is Code.RESOURCE_EXHAUSTED
    assert error.message == f"message holds too many values: more than {MAX_VALUES}"


@pytest.mark.usefixtures("unparsed")
@pytest.mark.parametrize("unit", [b"\x01", b"\x63", b"\x81\x00", varint(-1)])
def test_packed_lists_are_counted(unit: bytes) -> None:
    error = refusal(read_binary, field(2, field(4, unit * (SIZE // len(unit)))), ListProjectsRequest)
    assert error.code is Code.RESOURCE_EXHAUSTED


@pytest.mark.parametrize(("number", "width"), [(22, 1), (28, 8), (21, 8), (29, 1)])
def test_packed_lists_have_the_limit_of_values(number: int, width: int) -> None:
    def data(count: int) -> bytes:
        return field(number, b"\0" * width * count)

    assert read_binary(data(MAX_VALUES - 1), Kinds) is not None
    assert refusal(read_binary, data(MAX_VALUES + 1), Kinds).code is Code.RESOURCE_EXHAUSTED


def test_maps_are_counted() -> None:
    entry = field(31, b"")
    assert read_binary(entry * 1000, Kinds) is not None
    assert refusal(read_binary, entry * 50_000, Kinds).code is Code.RESOURCE_EXHAUSTED
    assert (
        refusal(read_binary, field(32, field(2, field(26, b"") * 20_000)), Kinds).code
        is Code.RESOURCE_EXHAUSTED
    )


def test_what_looks_like_messages_in_a_string_is_none() -> None:
    text = "\n\0" * 20_000
    message = CreateProjectRequest(technical_description=text, name=text)
    assert read_binary(message.to_binary(), CreateProjectRequest) == message
    unknown = field(900, b"\x12\x00" * 20_000)
    assert read_binary(unknown, CreateProjectRequest) == CreateProjectRequest()
