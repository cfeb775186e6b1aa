"""Timestamps and durations, which protobuf-py parses: its rules are those that decisions.md asks for."""

from __future__ import annotations

from typing import Any

import pytest

from codec.refusals import violations
from triptych.codec.json import JsonReader, write_json
from triptych_api.gitpod.v1.personal_access_token_pb import PersonalAccessToken
from triptych_api.gitpod.v1.user_service_pb import CreatePersonalAccessTokenRequest

READER = JsonReader()
NOON = 1_714_564_800  # 2024-05-01T12:00:00Z
FIRST = -62_135_596_800
LAST = 253_402_300_799


def read_time(text: str) -> Any:
    return READER.read(f'{{"createdAt": "{text}"}}'.encode(), PersonalAccessToken).created_at


def read_duration(text: str) -> Any:
    return READER.read(f'{{"validFor": "{text}"}}'.encode(), CreatePersonalAccessTokenRequest).valid_for


@pytest.mark.parametrize(
    ("text", "seconds", "nanos"),
    [
        ("2024-05-01T12:00:00Z", NOON, 0),
        ("2024-05-01T12:00:00+00:00", NOON, 0),
        ("2024-05-01T12:00:00-00:00", NOON, 0),
        ("2024-05-01T14:30:00+02:30", NOON, 0),
        ("2024-04-30T12:01:00-23:59", NOON, 0),
        ("2024-05-02T11:59:00+23:59", NOON, 0),
        ("1969-12-31T23:59:59.5Z", -1, 500_000_000),
        ("2024-02-29T00:00:00Z", 1_709_164_800, 0),
        ("0001-01-01T00:00:00Z", FIRST, 0),
        ("0001-01-01T00:01:00+00:01", FIRST, 0),
        ("9999-12-31T23:59:59.999999999Z", LAST, 999_999_999),
        ("9999-12-31T23:58:59-00:01", LAST, 0),
        ("2024-05-01T12:00:00.1Z", NOON, 100_000_000),
        ("2024-05-01T12:00:00.12Z", NOON, 120_000_000),
        ("2024-05-01T12:00:00.123Z", NOON, 123_000_000),
        ("2024-05-01T12:00:00.1234Z", NOON, 123_400_000),
        ("2024-05-01T12:00:00.12345Z", NOON, 123_450_000),
        ("2024-05-01T12:00:00.123456Z", NOON, 123_456_000),
        ("2024-05-01T12:00:00.1234567Z", NOON, 123_456_700),
        ("2024-05-01T12:00:00.12345678Z", NOON, 123_456_780),
        ("2024-05-01T12:00:00.123456789Z", NOON, 123_456_789),
        ("2024-05-01T12:00:00.000000001+00:00", NOON, 1),
    ],
)
def test_timestamps(text: str, seconds: int, nanos: int) -> None:
    found = read_time(text)
    assert (found.seconds, found.nanos) == (seconds, nanos)
    written = write_json(PersonalAccessToken(created_at=found))
    assert READER.read(written, PersonalAccessToken).created_at == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "2024-05-01",
        "2024-05-01T12:00:00",
        "2024-05-01T12:00Z",
        "2024-05-01t12:00:00Z",
        "2024-05-01T12:00:00z",
        "2024-05-01 12:00:00Z",
        "2024-05-01T12:00:60Z",
        "2016-12-31T23:59:60Z",
        "2024-05-01T24:00:00Z",
        "2024-05-01T12:60:00Z",
        "2024-05-01T12:00:00.Z",
        "2024-05-01T12:00:00.1234567890Z",
        "2024-05-01T12:00:00,5Z",
        "2024-05-01T12:00:00+24:00",
        "2024-05-01T12:00:00+00:60",
        "2024-05-01T12:00:00+0000",
        "2024-05-01T12:00:00+00",
        "2024-05-01T12:00:00 00:00",
        "2024-05-01T12:00:00UTC",
        "2024-05-01T12:00:00Z\\n",
        " 2024-05-01T12:00:00Z",
        "2024-05-01T12:00:00Z ",
        "2024-5-1T12:00:00Z",
        "2024-13-01T12:00:00Z",
        "2024-00-01T12:00:00Z",
        "2024-04-31T12:00:00Z",
        "2023-02-29T12:00:00Z",
        "24-05-01T12:00:00Z",
        "20240501T120000Z",
        "+2024-05-01T12:00:00Z",
        "-2024-05-01T12:00:00Z",
        "10000-01-01T00:00:00Z",
        "0000-12-31T23:59:59Z",
        "0000-12-31T23:59:59-00:01",
        "0001-01-01T00:00:00+00:01",
        "9999-12-31T23:59:59-00:01",
        "\\uff12024-05-01T12:00:00Z",
        "1714564800",
        "now",
    ],
)
def test_other_timestamps_are_refused(text: str) -> None:
    [violation] = violations(read_time, text)
    assert violation.field == "created_at"
    assert violation.description.startswith("must be a timestamp such as")


@pytest.mark.parametrize(
    ("text", "seconds", "nanos"),
    [
        ("0s", 0, 0),
        ("-0s", 0, 0),
        ("3600s", 3600, 0),
        ("003s", 3, 0),
        ("-5s", -5, 0),
        ("5.s", 5, 0),
        ("1.5s", 1, 500_000_000),
        ("-1.5s", -1, -500_000_000),
        ("-0.5s", 0, -500_000_000),
        ("0.000000001s", 0, 1),
        ("1.123456789s", 1, 123_456_789),
        ("315576000000s", 315_576_000_000, 0),
        ("-315576000000s", -315_576_000_000, 0),
    ],
)
def test_durations(text: str, seconds: int, nanos: int) -> None:
    found = read_duration(text)
    assert (found.seconds, found.nanos) == (seconds, nanos)


@pytest.mark.parametrize(
    "text",
    [
        *["", "s", "5", "5S", "5 s", " 5s", "5s ", "5s\\n", "+5s", ".5s", "-.5s", "-s", "--5s", "1e3s", "1h"],
        *["1m5s", "5ms", "0.1234567890s", "1,5s", "\\u0665s", "0x5s", "1_0s", "NaNs", "9" * 5000 + "s"],
        *["315576000001s", "-315576000001s"],
    ],
)
def test_other_durations_are_refused(text: str) -> None:
    [violation] = violations(read_duration, text)
    assert violation.field == "valid_for"
    assert violation.description.startswith("must be a duration such as")
