"""What holds for all messages and for all bytes."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, TypeAlias

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from protobuf import Message

from codec.kinds import REGISTRY, Kinds, WellKnown
from codec.strategies import json_near, json_values, messages
from codec.wirebytes import field
from triptych.codec.binary import read_binary, write_binary
from triptych.codec.json import JsonReader, write_json
from triptych.errors import Code, RpcError
from triptych_api.buf.validate.validate_pb import FieldRules
from triptych_api.gitpod.v1.project_pb import Project
from triptych_api.gitpod.v1.project_service_pb import CreateProjectsRequest, UpdateProjectsRequest

Read: TypeAlias = Callable[[bytes, type[Message]], Message]

READER = JsonReader(registry=REGISTRY)
PADDING = field(999, b" " * 4096)  # an unknown field, which makes a body large enough to be walked
SETTINGS = settings(max_examples=15, deadline=None, derandomize=True, database=None)
TYPES = [CreateProjectsRequest, UpdateProjectsRequest, Project, FieldRules, Kinds, WellKnown]

every_type = pytest.mark.parametrize("message_class", TYPES, ids=lambda each: each.__name__)
damage = st.tuples(st.floats(0, 1), st.integers(0, 2), st.binary(max_size=3))
damages = st.lists(damage, min_size=1, max_size=4)
unknown_members = st.dictionaries(st.text(max_size=8).map("zz".__add__), json_values, max_size=4)


def outcome(read: Read, data: bytes, message_class: type[Message]) -> Any:
    """Return what was read; None if it was refused as it should be."""
    try:
        return read(data, message_class)
    except RpcError as error:
        assert error.code in {Code.INVALID_ARGUMENT, Code.RESOURCE_EXHAUSTED}
        error.message.encode()
        return None


@every_type
@SETTINGS
@given(data=st.data())
def test_what_is_written_reads_back_equal(message_class: type[Message], data: st.DataObject) -> None:
    message = data.draw(messages(message_class))
    assert read_binary(write_binary(message), message_class) == message
    assert READER.read(write_json(message, REGISTRY), message_class) == message
    assert READER.read(message.to_json(registry=REGISTRY).encode(), message_class) == message
    proto_names = message.to_json(registry=REGISTRY, use_proto_field_name=True, print_enums_as_ints=True)
    assert READER.read(proto_names.encode(), message_class) == message
    escaped = json.dumps(json.loads(proto_names)).encode()
    assert READER.read(escaped, message_class) == message


@every_type
@SETTINGS
@given(data=st.data())
def test_what_is_read_is_what_protobuf_reads(message_class: type[Message], data: st.DataObject) -> None:
    body = json.dumps(data.draw(json_near(message_class, REGISTRY))).encode()
    message = outcome(READER.read, body, message_class)
    if message is not None:
        assert message == message_class.from_json(body, ignore_unknown_fields=True, registry=REGISTRY)
        assert outcome(read_binary, message.to_binary(), message_class) == message


@every_type
@SETTINGS
@given(data=st.data(), unknown=unknown_members)
def test_unknown_values_change_nothing(
    message_class: type[Message], data: st.DataObject, unknown: dict[str, Any]
) -> None:
    message = data.draw(messages(message_class))
    members = json.loads(write_json(message, REGISTRY))
    assert READER.read(json.dumps(unknown | members).encode(), message_class) == message


@every_type
@SETTINGS
@given(data=st.data(), where=damages)
def test_damaged_messages_are_read_or_refused(
    message_class: type[Message], data: st.DataObject, where: list[tuple[float, int, bytes]]
) -> None:
    def damaged(body: bytes) -> bytes:
        octets = bytearray(body)
        for at, length, new in where:
            start = int(at * len(octets))
            octets[start : start + length] = new
        return bytes(octets)

    message = data.draw(messages(message_class))
    outcome(READER.read, damaged(write_json(message, REGISTRY)), message_class)
    binary = damaged(message.to_binary())
    small = outcome(read_binary, binary, message_class)
    assert outcome(read_binary, PADDING + binary, message_class) == small


@every_type
@SETTINGS
@given(body=st.binary(max_size=200))
def test_bytes_are_read_or_refused(message_class: type[Message], body: bytes) -> None:
    assert outcome(read_binary, PADDING + body, message_class) == outcome(read_binary, body, message_class)
    outcome(READER.read, body, message_class)


@SETTINGS
@given(text=st.text(alphabet='{}[],:"\\ud8ef0123456789.-+eENaIntruls \n\u00e9', max_size=60))
def test_text_is_read_or_refused(text: str) -> None:
    outcome(READER.read, text.encode(), Kinds)
    outcome(READER.read, f'{{"aValue": {text}}}'.encode(), WellKnown)
    outcome(READER.read, f'{{"aString": "{text}"}}'.encode(), Kinds)
