"""Requests from files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest

from triptych_api.gitpod.v1.project_service_pb import CreateProjectRequest
from triptych_api.gitpod.v1.runner_configuration_pb import RunnerKind
from triptych_api.triptych.seed.v1.seed_pb import SeedUser
from triptych_client.cli.requests import EnumChoice, RequestFile, RequestsFile

ONE, MANY = RequestFile(CreateProjectRequest), RequestsFile(CreateProjectRequest)
NAMES = ["a", "b"]


def read(kind: RequestFile, tmp_path: Path, text: str) -> Any:
    file = tmp_path / "request"
    file.write_text(text)
    return kind.convert(str(file), None, None)


@pytest.mark.parametrize(
    "text",
    [
        '{"name": "a", "prebuildConfiguration": {"timeout": "600s"}}',
        '{"name": "a",\n"prebuild_configuration": {"timeout": "600s"}}',
        "name: a\nprebuildConfiguration:\n  timeout: 600s # ten minutes\n",
    ],
)
def test_json_and_yaml_mean_the_same(tmp_path: Path, text: str) -> None:
    request = read(ONE, tmp_path, text)
    assert (request.name, request.prebuild_configuration.timeout.seconds) == ("a", 600)


def test_a_time_in_yaml_is_a_time(tmp_path: Path) -> None:
    user = read(RequestFile(SeedUser), tmp_path, "name: a\ncreatedAt: 2025-01-06T09:00:00Z\n")
    assert user.created_at.to_json() == '"2025-01-06T09:00:00Z"'


@pytest.mark.parametrize(
    "text",
    [
        '[{"name": "a"}, {"name": "b"}]',
        '{"name": "a"}\n\n{"name": "b"}\n',
        "- name: a\n- name: b\n",
        "name: a\n---\nname: b\n",
    ],
)
def test_many_requests_have_four_forms(tmp_path: Path, text: str) -> None:
    assert [request.name for request in read(MANY, tmp_path, text)] == NAMES


def test_one_request_may_be_all(tmp_path: Path) -> None:
    assert [request.name for request in read(MANY, tmp_path, '{"name": "a"}')] == ["a"]


@pytest.mark.parametrize(
    ("kind", "text", "told"),
    [
        (ONE, '{"nam": "a"}', "nam: is no field"),
        (ONE, "name: [1]", "name: "),
        (ONE, "[]", "must be a JSON object"),
        (ONE, "", "0 are there"),
        (ONE, '{"name": "a"}\n{"name": "b"}', "2 are there"),
        (ONE, "{", "neither JSON nor YAML"),
        (ONE, "a: 1\n b: 2", "neither JSON nor YAML"),
        (MANY, '[{"name": "a"}, {"nam": "b"}]', "item 2: nam: is no field"),
        (ONE, '{"name": 1}', "name: must be a string, not 1"),
        (ONE, '{"initializer": [1]}', "initializer: must be an object, not an array"),
        (ONE, '{"initializer": {"specs": 1}}', "initializer.specs: must be an array, not 1"),
        (ONE, '{"nam": 1, "name": 1}', "nam: is no field of gitpod.v1.CreateProjectRequest; name: must be"),
        (ONE, '{"a b\\n": 1}', '["a b\\n"]: is no field'),
        (
            ONE,
            '{"prebuildConfiguration": {"timeout": "9 s"}}',
            "prebuild_configuration.timeout: must be a duration",
        ),
        (ONE, '{"prebuildConfiguration": {"enabled": "x"}}', 'enabled: must be true or false, not "x"'),
        (ONE, f'{{"prebuildConfiguration": {{"timeout": "{"9" * 99}"}}}}', f'not "{"9" * 56}...'),
        (
            ONE,
            '{"initializer": {"specs": [{"git": {}, "contextUrl": {}}]}}',
            "specs[0].context_url: must not be",
        ),
        (ONE, '{"initializer": {"specs": [{}, {"git": {"x": 1}}]}}', "specs[1].git.x: is no field"),
        (
            ONE,
            '{"initializer": {"specs": [{"git": {"targetMode": "Z"}}]}}',
            "a value of the enum CloneTargetMode",
        ),
        (ONE, '{"desiredPhase": 1, "desired_phase": 1}', "desiredPhase: is no field"),
        (
            ONE,
            '{"technicalDescription": "a", "technical_description": "a"}',
            "technical_description: must not be given twice",
        ),
        (ONE, "name: !!binary aGk=", "name: must be a string, not"),
        (ONE, "name: &a [*a]", "name: must be a string, not an array"),
        (ONE, "[" * 100_000, "nested too deeply"),
    ],
)
def test_what_cannot_be_read_is_told(tmp_path: Path, kind: RequestFile, text: str, told: str) -> None:
    with pytest.raises(click.BadParameter) as caught:
        read(kind, tmp_path, text)
    assert told in caught.value.message
    assert "\n" not in caught.value.message


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-32"])
@pytest.mark.parametrize("text", ['{"name": "ü"}', "name: ü", '{"name": "ü"}\n'])
def test_a_byte_order_mark_is_taken(tmp_path: Path, encoding: str, text: str) -> None:
    file = tmp_path / "request"
    file.write_bytes(text.encode(encoding))
    kind = RequestFile(CreateProjectRequest)
    assert kind.convert(str(file), None, None) == CreateProjectRequest(name="ü")


def test_a_file_that_is_not_there_or_not_text_is_told(tmp_path: Path) -> None:
    with pytest.raises(click.BadParameter, match="No such file"):
        ONE.convert(str(tmp_path / "none"), None, None)
    file = tmp_path / "bytes"
    file.write_bytes(b"\xff\x41")
    with pytest.raises(click.BadParameter, match="not UTF-8"):
        ONE.convert(str(file), None, None)


def test_values_of_enums_have_short_names() -> None:
    kind = EnumChoice(RunnerKind)
    assert kind.convert("remote", None, None) is RunnerKind.REMOTE
    assert kind.convert("REMOTE", None, None) is RunnerKind.REMOTE
    with pytest.raises(click.BadParameter, match="'unspecified' is none of"):
        kind.convert("unspecified", None, None)
