"""Binary messages that are well-formed for protobuf and not for a request."""

from __future__ import annotations

from typing import Any

import pytest
from protobuf import Message, Oneof

from codec.kinds import Duration, Kinds, Timestamp
from codec.refusals import paths, violations
from codec.wirebytes import field, varint
from triptych.codec.binary import read_binary
from triptych.codec.wellformed import check_wellformed
from triptych.errors import Reason
from triptych_api.gitpod.v1.project_service_pb import CreateProjectsRequest, ListProjectsRequest

PADDING = field(999, b" " * 5000)  # an unknown field, which makes a body large enough to be walked
LATEST = 253_402_300_799
EARLIEST = -62_135_596_800
LONGEST = 315_576_000_000


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
        assert violation.description.startswith(
            "must be one of COLOUR_RED, COLOUR_INFRARED, COLOUR_FAR, not "
        )


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
