"""What a binary body may unfold into: refused before it is parsed."""

from __future__ import annotations

import pytest

from codec.kinds import Kinds
from codec.refusals import refusal
from codec.wirebytes import field, varint
from triptych.codec.binary import read_binary
from triptych.codec.limits import MAX_VALUES, WIRE_BYTES_PER_MESSAGE, messages_allowed
from triptych.errors import Code
from triptych_api.gitpod.v1.project_service_pb import (
    CreateProjectRequest,
    DeleteProjectsRequest,
    ListProjectsRequest,
)

SIZE = 4 * 2**20


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
