"""Binary messages: what is malformed, and what is well-formed for protobuf but not for a request."""

from __future__ import annotations

from typing import Any

import pytest
from protobuf import Message, Oneof

from codec.kinds import Duration, Kinds, Timestamp
from codec.refusals import paths, violations
from codec.wirebytes import field, nested, varint
from triptych.codec.binary import read_binary, write_binary
from triptych.codec.wellformed import check_wellformed
from triptych.errors import Reason
from triptych_api.gitpod.v1.project_service_pb import (
    CreateProjectsRequest,
    GetProjectRequest,
    ListProjectsRequest,
)

PADDING = field(999, b" " * 5000)  # an unknown field, which makes a body large enough to be walked
LATEST = 253_402_300_799
EARLIEST = -62_135_596_800
LONGEST = 315_576_000_000


def refused(data: bytes, message_class: type[Message]) -> str:
    small, large = (violations(read_binary, each, message_class) for each in (data, PADDING + data))
    assert small == large
    [violation] = small
    assert violation.field == ""
    return violation.description


@pytest.mark.parametrize("padding", [b"", PADDING])
def test_messages_are_read(padding: bytes) -> None:
    message = Kinds(a_string="é", ints=[1, -1], colours=[0, -7, 300], times=[Timestamp(seconds=EARLIEST)])
    assert read_binary(padding + write_binary(message), Kinds) == message
    assert read_binary(padding, Kinds) == Kinds()


@pytest.mark.parametrize(
    "data",
    [
        b"\x0a",  # cut off before the length
        b"\x0a\x05abc",  # cut off within the string
        b"\x0a\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01",  # longer than anything
        b"\x0a\x01\xff",  # not UTF-8
        b"\x0a\x03\xed\xa0\x80",  # a surrogate
        b"\x80",  # cut off within a tag
        b"\x08",  # cut off before a number
        b"\x08\x80",  # cut off within a number
        b"\x0d\0\0\0",  # cut off within 32 bits
        b"\x09\0\0\0\0\0\0\0",  # cut off within 64 bits
        b"\x0e\0",  # wire type 6
        b"\x0f\0",  # wire type 7
        b"\x00\0",  # field number 0
        b"\x10" + b"\x80" * 10 + b"\0",  # a number of 11 bytes
        b"\x10" + b"\xff" * 100_000,
        b"\x14",  # the end of a group that was not begun
        b"\x13",  # a group that does not end
        b"\x13\x1c",  # a group that ends as another
    ],
)
def test_what_is_no_message_is_refused(data: bytes) -> None:
    assert refused(data, GetProjectRequest) == "the body is not a valid gitpod.v1.GetProjectRequest message"


@pytest.mark.parametrize(
    "data", [b"\x08\x05", b"\x0b\x0c", b"\x13\x0a\x01\xff\x14", b"\x15abcd", b"\x79abcdefgh"]
)
def test_unknown_fields_are_dropped(data: bytes) -> None:
    for padding in (b"", PADDING):
        assert read_binary(padding + data + b"\x0a\x01x", GetProjectRequest).to_binary() == b"\x0a\x01x"


def test_a_field_of_another_wire_type_is_unknown() -> None:
    for padding in (b"", PADDING):
        assert read_binary(padding + b"\x8d\x01abcd", Kinds) == Kinds()


@pytest.mark.parametrize("within", ["messages", "map", "groups"])
def test_nesting_has_a_limit(within: str) -> None:
    def data(levels: int) -> bytes:
        if within == "groups":
            return b"\x7b" * levels + b"\x7c" * levels
        if within == "messages":
            return nested(17, levels)
        inner = b""
        for _ in range(levels):
            inner = field(32, field(2, inner))
        return inner

    assert read_binary(data(99), Kinds) is not None
    assert read_binary(PADDING + data(99), Kinds) is not None
    for levels in (102, 150, 250, 400):
        assert refused(data(levels), Kinds) == "the message is nested too deeply: more than 100 levels"


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        (Kinds(a_colour=2), "a_colour"),
        (Kinds(maybe_colour=-1), "maybe_colour"),
        (Kinds(colours=[0, 1, 2]), "colours[2]"),
        (Kinds(by_bool={False: 1, True: 99}), "by_bool[true]"),
        (Kinds(choice=Oneof("choice_colour", 9)), "choice_colour"),
        (Kinds(messages=[Kinds(), Kinds(by_int={7: Kinds(a_colour=5)})]), "messages[1].by_int[7].a_colour"),
        (Kinds(choice=Oneof("choice_message", Kinds(a_colour=5))), "choice_message.a_colour"),
    ],
)
def test_unknown_enum_numbers_are_refused(wrong: Message, path: str) -> None:
    for padding in (b"", PADDING):
        [violation] = violations(read_binary, padding + wrong.to_binary(), Kinds)
        assert violation.field == path
        assert violation.reason == Reason.INVALID_ENUM_VALUE
        assert violation.description.startswith("must be a value of the enum Colour, not ")


def test_enum_numbers_as_the_wire_may_hold_them() -> None:
    kinds = field(4, b"\x01\x81\x00" + varint(-5))  # LOCAL, LOCAL with a needless byte, a negative number
    found = violations(read_binary, field(2, kinds), ListProjectsRequest)
    assert [violation.field for violation in found] == ["filter.runner_kinds[2]"]


@pytest.mark.parametrize(
    ("seconds", "nanos", "fine"),
    [
        (0, 0, True),
        (EARLIEST, 0, True),
        (LATEST, 999_999_999, True),
        (-1, 999_999_999, True),
        (EARLIEST - 1, 0, False),
        (LATEST + 1, 0, False),
        (2**63 - 1, 0, False),
        (0, -1, False),
        (0, 1_000_000_000, False),
    ],
)
def test_timestamps_are_checked(seconds: int, nanos: int, fine: bool) -> None:
    time = Timestamp(seconds=seconds, nanos=nanos)
    for path, message in {
        "a_time": Kinds(a_time=time),
        "times[1]": Kinds(times=[Timestamp(), time]),
        "by_uint[5]": Kinds(by_uint={5: time}),
        "choice_time": Kinds(choice=Oneof("choice_time", time)),
        "": time,
    }.items():
        data = message.to_binary()
        if fine:
            assert read_binary(data, type(message)) == message
        else:
            assert paths(read_binary, data, type(message)) == [path]


@pytest.mark.parametrize(
    ("seconds", "nanos", "fine"),
    [
        (0, 0, True),
        (LONGEST, 999_999_999, True),
        (-LONGEST, -999_999_999, True),
        (0, -1, True),
        (LONGEST + 1, 0, False),
        (-LONGEST - 1, 0, False),
        (0, 1_000_000_000, False),
        (0, -1_000_000_000, False),
        (1, -1, False),
        (-1, 1, False),
    ],
)
def test_durations_are_checked(seconds: int, nanos: int, fine: bool) -> None:
    duration = Duration(seconds=seconds, nanos=nanos)
    message = Kinds(a_duration=duration, durations=[duration])
    if fine:
        assert read_binary(message.to_binary(), Kinds) == message
    else:
        assert paths(read_binary, message.to_binary(), Kinds) == ["a_duration", "durations[0]"]


def test_paths_lead_through_the_contract() -> None:
    spec = field(1, field(1, b"\x18\x63"))  # git.target_mode = 99
    project = field(2, spec) + field(7, field(3, b"\x10\x7f\x08\x01") + field(5, b"\x10\x63"))
    data = field(1, b"") + field(1, project) + field(1, field(7, field(3, b"\x08\x01\x10" + varint(-1))))
    assert paths(read_binary, data, CreateProjectsRequest) == [
        "projects[1].initializer.specs[0].git.target_mode",
        "projects[1].prebuild_configuration.executor.principal",
        "projects[2].prebuild_configuration.timeout",
    ]


def test_not_all_of_many_violations_are_told() -> None:
    message: Any = Kinds(colours=[99] * 500, times=[Timestamp(nanos=-1)] * 500)
    assert paths(check_wellformed, message) == [f"colours[{index}]" for index in range(20)]
