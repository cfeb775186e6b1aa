"""What a body may unfold into: refused before it is parsed, and nothing that a contract allows is refused."""

from __future__ import annotations

import json
from typing import Any

import pytest
from protobuf import Message

from codec.kinds import Kinds
from codec.refusals import refusal
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
TEXT = (', [{\\"😀' * 2000)[:8192]  # most of its characters have a meaning in JSON


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

    def body(value: Any) -> bytes:
        return json.dumps({"y": text, "x": value}).encode().ljust(2**18)

    most_containers = messages_allowed(2**18, JSON_BYTES_PER_MESSAGE) - 2  # beside the list and the whole
    most_values = MAX_VALUES - 3  # beside x, y and the whole
    for most, value, limit in ((most_containers, [], most_containers + 2), (most_values, 1, MAX_VALUES)):
        READER.read(body([value] * most), CreateProjectRequest)
        error = refusal(READER.read, body([value] * (most + 1)), CreateProjectRequest)
        assert error.message == f"message holds too many values: more than {limit}"


def test_the_budget_grows_with_the_size() -> None:
    assert messages_allowed(0, WIRE_BYTES_PER_MESSAGE) == FREE_MESSAGES
    assert messages_allowed(1600, WIRE_BYTES_PER_MESSAGE) == FREE_MESSAGES + 100
    assert messages_allowed(SIZE, JSON_BYTES_PER_MESSAGE) == MAX_MESSAGES
