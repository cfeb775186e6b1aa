"""The native parser and our own reader are one: what is trusted to the first is what the second reads."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from protobuf import Message

from codec.json_texts import json_texts
from codec.kinds import REGISTRY, Kinds, Plain, WellKnown
from codec.strategies import messages
from codec.wirebytes import field
from triptych.codec.binary import read_binary
from triptych.codec.json import JsonReader
from triptych.errors import Code, RpcError
from triptych.transport.rest.dialect import documents
from triptych_api.factify.api.v1beta.document_service_pb import ListDocumentsRequest
from triptych_api.gitpod.v1.project_service_pb import (
    CreateProjectsRequest,
    GetProjectRequest,
    ListProjectsRequest,
    UpdateProjectRequest,
)

READERS = {
    "connect": JsonReader(registry=REGISTRY),
    "strict": JsonReader("refuse"),
    "rest": documents(registry=REGISTRY).reader,
}
TYPES = [Plain, Kinds, WellKnown, GetProjectRequest, CreateProjectsRequest, UpdateProjectRequest]
TYPES += [ListProjectsRequest, ListDocumentsRequest]
SETTINGS = settings(max_examples=25, deadline=None, derandomize=True, database=None)


def outcome(read: Any, body: bytes, message_class: type[Message]) -> Any:
    """Return all that there is to know of what was read, or of the refusal."""
    try:
        message = read(body, message_class)
    except RpcError as error:
        return error.code, error.message, error.violations
    return message.to_binary(), repr(message)


def check(reader: JsonReader, body: bytes, message_class: type[Message]) -> None:
    assert outcome(reader.read, body, message_class) == outcome(reader.read_carefully, body, message_class)


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
@pytest.mark.parametrize("message_class", TYPES, ids=lambda each: each.__name__)
@SETTINGS
@given(data=st.data())
def test_both_readers_agree(reader: JsonReader, message_class: type[Message], data: st.DataObject) -> None:
    check(reader, data.draw(json_texts(message_class, REGISTRY)), message_class)


@pytest.mark.parametrize("reader", READERS.values(), ids=READERS)
@pytest.mark.parametrize(
    "text",
    [
        *[
            '{"aString":"x","aString":"x"}',
            '{"aString":"x","a_string":null}',
            '{"a_\\u0073tring":"x","aString":"y"}',
        ],
        *['{"aString":"x","a\\u005fstring":"y"}', '{"aBool":true,"a\\u003aBool":1,"aBool":true}'],
        *[
            '{"aString":"::","aString":"x"}',
            '{"aString":"x\\u003a","a_string":"x"}',
            '{"a_string":":","aString":""}',
        ],
        *['{"choiceString":"x","choiceBool":true}', '{"choice_string":"x","choiceMessage":null}'],
        *['{"choiceString":"x","otherBool":true}', '{"messages":[{"choiceString":"x"},{"choiceBool":true}]}'],
        *[
            '{"messages":[{"aString":"x"},{"aString":"y"}],"aString":"z"}',
            '{"textsByName":{"a_b":"x","ab":"y"}}',
        ],
        *[
            '{"textsByName":{"A":"x","a":"y"}}',
            '{"textsByName":{"a":"x","a":"y"}}',
            '{"textsByName":{"a":null}}',
        ],
        *['{"messagesByName":{"a":{"an_int32":"05"}}}', '{"messagesByName":{"\\ud800":{}}}'],
        *[
            f'{{"anInt64":{value}}}'
            for value in ('"1_0"', '"-1_0"', '"05"', '"+5"', '"5."', "5.0", '"\\u0665"')
        ],
        *[
            f'{{"anInt64":{value}}}'
            for value in ("9007199254740993.0", "9223372036854775808", "1e18", "-0", '"-0"')
        ],
        *[
            f'{{"wrappedInt":{value}}}'
            for value in ('"1_0"', '"05"', "5.0", "9007199254740993.0", "null", '"5"')
        ],
        *[
            f'{{"ints":{value}}}'
            for value in ('["1_0"]', '[1,"05"]', '["1","2",3]', "[]", "[null]", "[1,2.0]", "null")
        ],
        *[
            f'{{"wrappedInts":{value}}}'
            for value in ('["1_0"]', '[1,"+5"]', "[-1]", "[4294967295]", "[null]")
        ],
        *[f'{{"aDouble":{value}}}' for value in ('"05"', '"+5"', '".5"', '"NaN"', "-0", "1e400", "-0.0")],
        *[f'{{"doubles":{value}}}' for value in ('[1,"05"]', '["+5"]', "[1,2.5,1e3]", "[1e400]", "null")],
        *[f'{{"wrappedDouble":{value}}}' for value in ('"05"', '"5."', "5", '"NaN"')],
        *[
            f'{{"aColour":{value}}}'
            for value in ("2", "-0", "1", "4294967297", '"COLOUR_RED"', '"RED"', '"red"', "null")
        ],
        *[
            f'{{"colours":{value}}}'
            for value in ('["COLOUR_RED",9]', "[9]", '["red"]', '["COLOUR_RED","x"]', "[null]")
        ],
        *[f'{{"maybeColour":{value}}}' for value in ("2", "1", '"COLOUR_RED"', '"red"', "null")],
        f'{{"aMask":"{"a," * 3000}a"}}',
        f'{{"aDuration":"{"0" * 5000}1s"}}',
        '{"aTime":"2024-05-01T12:00:00Z","otherTime":"2024-05-01T12:00:00+02:00"}',
    ],
)
def test_both_readers_agree_on_what_is_doubtful(reader: JsonReader, text: str) -> None:
    check(reader, text.encode(), Plain)


@pytest.mark.parametrize(
    ("dialect", "text", "message_class"),
    [
        ("connect", '{"projectId": "x"}', GetProjectRequest),
        ("connect", '{"project_id": "a:b\\n\\u00e9"}', GetProjectRequest),
        (
            "connect",
            '{"pagination":{"pageSize":25,"token":"a_b"},"filter":{"runnerKinds":["RUNNER_KIND_LOCAL"]}}',
            ListProjectsRequest,
        ),
        (
            "connect",
            '{"projects":[{"name":"a:","initializer":{"specs":[{"git":{}},{"contextUrl":{"url":"x"}}]}},{"name":"b"}]}',
            CreateProjectsRequest,
        ),
        (
            "connect",
            '{"anInt64":"5","ints":["1",2],"aDouble":1.5,"doubles":[1],"colours":["COLOUR_RED"],"choiceBool":true}',
            Plain,
        ),
        ("rest", '{"page_size": 5, "created": {"after": "2024-05-01T12:00:00Z"}}', ListDocumentsRequest),
    ],
)
def test_what_is_usual_is_read_natively(
    monkeypatch: pytest.MonkeyPatch, dialect: str, text: str, message_class: type[Message]
) -> None:
    def read_carefully(*arguments: Any) -> Any:
        pytest.fail("our own reader was asked")

    monkeypatch.setattr(JsonReader, "read_carefully", read_carefully)
    message = READERS[dialect].read(text.encode(), message_class)
    assert message == message_class.from_json(text)


@SETTINGS
@given(data=st.data())
def test_binary_messages_are_refused_for_what_their_json_is(data: st.DataObject) -> None:
    printed = data.draw(messages(Kinds)).to_json(registry=REGISTRY, print_enums_as_ints=True)
    unknown = st.sampled_from([None, None, 2, -1, 5])

    def changed(value: Any, key: str = "") -> Any:
        if isinstance(value, dict):
            return {name: changed(each, key if key == "byBool" else name) for name, each in value.items()}
        if isinstance(value, list):
            return [changed(each, key) for each in value]
        number = data.draw(unknown) if key.endswith(("olour", "olours", "byBool")) else None
        return value if number is None else number

    text = json.dumps(changed(json.loads(printed)))
    binary = Kinds.from_json(text, registry=REGISTRY).to_binary()
    expected = _refusals(READERS["connect"].read, text.encode())
    assert _refusals(read_binary, binary) == expected
    assert _refusals(read_binary, field(999, b" " * 4096) + binary) == expected


def _refusals(read: Any, body: bytes) -> set[str]:
    result = outcome(read, body, Kinds)
    return {violation.field for violation in result[2]} if isinstance(result[0], Code) else set()
