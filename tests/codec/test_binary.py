"""Binary messages: what is read, what is dropped, and what is malformed."""

from __future__ import annotations

import pytest
from protobuf import Message

from codec.kinds import Kinds, Timestamp
from codec.refusals import violations
from codec.wirebytes import field, nested
from triptych.codec.binary import read_binary, write_binary
from triptych_api.gitpod.v1.project_service_pb import GetProjectRequest

PADDING = field(999, b" " * 5000)  # an unknown field, which makes a body large enough to be walked


def refused(data: bytes, message_class: type[Message]) -> str:
    small, large = (violations(read_binary, each, message_class) for each in (data, PADDING + data))
    assert small == large
    [violation] = small
    assert violation.field == ""
    return violation.description


@pytest.mark.parametrize("padding", [b"", PADDING])
def test_messages_are_read(padding: bytes) -> None:
    message = Kinds(
        a_string="é", ints=[1, -1], colours=[0, -7, 300], times=[Timestamp(seconds=-62_135_596_800)]
    )
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
