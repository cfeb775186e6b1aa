"""What queries give."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st
from protobuf import Oneof

from codec.refusals import refusal, violations
from codec.strategies import messages
from rest.library import Duration, Kinds, Timestamp, WellKnown, bound
from rest.messages import as_parameters, pairs
from rest.settings import FEWER
from triptych.errors import Code, Reason
from triptych.transport.rest.enums import EnumNames
from triptych.transport.rest.parameters import Parameters
from triptych_api.factify.api.v1beta.document_service_pb import ListDocumentsRequest

TIMESTAMP = re.compile(r"[0-9-]{10}T[0-9:.]+[+-][0-9:]{5}")
NOON = Timestamp(seconds=1_714_564_800)


def search(query: str) -> Any:
    return bound("GET", f"/v1/search?{query}")


def more(query: str) -> Any:
    return bound("GET", f"/v1/more?{query}")


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", Kinds()),
        ("&&", Kinds()),
        ("a_string=x&an_int32=-7&a_bool=true", Kinds(a_string="x", an_int32=-7, a_bool=True)),
        ("aString=x&otherName=y", Kinds(a_string="x", renamed="y")),
        ("a_string=a+b%2Bc%20d%3D%26&renamed=x=y", Kinds(a_string="a b+c d=&", renamed="x=y")),
        ("a%5Fstring=%C3%BC", Kinds(a_string="ü")),
        ("a_string=ü", Kinds(a_string="ü")),
        ("maybe_string", Kinds(maybe_string="")),
        ("maybe_string=", Kinds(maybe_string="")),
        ("a_bytes=", Kinds()),
        ("a_bytes=_-8", Kinds(a_bytes=b"\xff\xef")),
        ("a_bytes=%2F%2B8%3D", Kinds(a_bytes=b"\xff\xef")),
        ("strings=b&a_bool=false&strings=a&strings=", Kinds(strings=["b", "a", ""])),
        ("colours=red&colours=infrared&colours=crimson", Kinds(colours=[1, -7, 1])),
        ("a_double=-1.5e3&a_float=Infinity", Kinds(a_double=-1500.0, a_float=float("inf"))),
        ("an_int64=9223372036854775807&a_uint64=0", Kinds(an_int64=2**63 - 1)),
        ("a_message.a_message.ints=1&aMessage.a_bool=true", Kinds(
            a_message=Kinds(a_bool=True, a_message=Kinds(ints=[1]))
        )),
        ("choice_int=5", Kinds(choice=Oneof("choice_int", 5))),
        ("choice_message.a_string=x&choice_message.a_bool=true", Kinds(
            choice=Oneof("choice_message", Kinds(a_string="x", a_bool=True))
        )),
        ("a_duration=1.5s", Kinds(a_duration=Duration(seconds=1, nanos=500_000_000))),
        ("a_time=2024-05-01T12:00:00Z", Kinds(a_time=NOON)),
        ("a_time=2024-05-01T14:00:00%2B02:00", Kinds(a_time=NOON)),
        ("a_time=2024-05-01T14:00:00+02:00", Kinds(a_time=NOON)),
        ("a_time=2024-05-01T14:00:00%2002:00", Kinds(a_time=NOON)),
        ("a_time=2024-05-01T10%3A00%3A00-02%3A00", Kinds(a_time=NOON)),
        ("choice_time=2024-05-01T14:00:00+02:00", Kinds(choice=Oneof("choice_time", NOON))),
        ("a_time.seconds=1714564800", Kinds(a_time=NOON)),
        ("choice_time.seconds=1714564800", Kinds(choice=Oneof("choice_time", NOON))),
        ("aDuration.nanos=500000000&a_duration.seconds=1", Kinds(
            a_duration=Duration(seconds=1, nanos=500_000_000)
        )),
    ],
)  # fmt: skip
def test_queries(query: str, message: Any) -> None:
    assert search(query) == message


def test_texts_of_well_known_types() -> None:
    found = more("a_mask=title,displayName&an_int64=7&a_bool=true&a_string=&some_bytes=AAA&a_double=NaN")
    assert found.a_mask.paths == ["title", "display_name"]
    assert (found.an_int64.value, found.a_bool.value, found.a_string.value) == (7, True, "")
    assert found.some_bytes.value == b"\0\0"
    assert found.a_double.value != found.a_double.value
    assert found.a_float is None


def test_parts_of_well_known_types() -> None:
    found = more("a_mask.paths=title&a_mask.paths=display_name&an_int64.value=7&a_bool.value=false")
    assert found.a_mask.paths == ["title", "display_name"]
    assert (found.an_int64.value, found.a_bool.value) == (7, False)


@pytest.mark.parametrize(
    ("query", "field", "description"),
    [
        ("x=1", "x", "is no field of codec.test.Kinds"),
        ("=1", '[""]', "is no field of codec.test.Kinds"),
        ("a_string.x=1", "a_string.x", "is no field of codec.test.Kinds; did you mean a_string?"),
        ("a_message.x=1", "a_message.x",
            "is no field of codec.test.Kinds; did you mean a_message.fixed?"),
        ("a_message..a_bool=1", "a_message..a_bool",
            "is no field of codec.test.Kinds; did you mean a_message.a_bool?"),
        ("a_time.x=1", "a_time.x", "is no field of codec.test.Kinds; did you mean a_time?"),
        ("a_time.seconds=x", "a_time.seconds", 'must be a whole number, not "x"'),
        ("a_time.nanos=-1", "a_time",
            "must be a timestamp of the years 0001 to 9999, with nanos from 0 to 999999999"),
        ("a_duration.seconds=1&a_duration.nanos=-1", "a_duration",
            "must be a duration whose seconds and nanos have the same sign"),
        ("a_time=2024-05-01T12:00:00Z&a_time.nanos=1", "a_time.nanos", "is given as a whole too"),
        ("aTime.nanos=1&a_time=2024-05-01T12:00:00Z", "a_time.nanos", "is given as a whole too"),
        ("A_STRING=1", "A_STRING", "is no field of codec.test.Kinds; did you mean a_string?"),
        ("strings[]=1", "strings[]", "is no field of codec.test.Kinds; did you mean strings?"),
        ("a_message=x", "a_message", "is a message, of which parameters give the fields only"),
        ("messages=x", "messages", "is a list of messages, which a parameter cannot give"),
        ("messages.a_bool=true", "messages.a_bool",
            "is no field of codec.test.Kinds; did you mean a_message.a_bool?"),
        ("times=2024-05-01T12:00:00Z", "times", "is a list of messages, which a parameter cannot give"),
        ("by_string=x", "by_string", "is a map, which a parameter cannot give"),
        ("by_int.1.a_bool=true", "by_int.1.a_bool", "is no field of codec.test.Kinds"),
        ("a_string=x&a_string=x", "a_string", "is given more than once"),
        ("aString=x&a_string=x", "a_string", "is given twice, in two spellings of its name"),
        ("otherName=x&renamed=x", "renamed", "is given twice, in two spellings of its name"),
        ("choice_int=1&choice_string=x", "choice_string",
            "must not be given together with another field of the oneof choice"),
        ("choice_message.a_bool=true&choice_int=1", "choice_int",
            "must not be given together with another field of the oneof choice"),
        ("choice_int=1&choice_message.a_bool=true", "choice_message.a_bool",
            "must not be given together with another field of the oneof choice"),
        ("an_int32=", "an_int32", 'must be a whole number, not ""'),
        ("an_int32=+1", "an_int32", 'must be a whole number, not " 1"'),
        ("an_int32=1e1", "an_int32", 'must be a whole number, not "1e1"'),
        ("an_int32=1.0", "an_int32", 'must be a whole number, not "1.0"'),
        ("an_int32=01", "an_int32", 'must be a whole number, not "01"'),
        ("an_int32=%D9%A1", "an_int32", 'must be a whole number, not "\u0661"'),
        ("an_int32=2147483648", "an_int32",
            'must be a whole number from -2147483648 to 2147483647, not "2147483648"'),
        ("a_uint32=-1", "a_uint32", 'must be a whole number from 0 to 4294967295, not "-1"'),
        ("ints=1&ints=x&ints=y", "ints", 'must be a whole number, not "x"'),
        ("a_double=", "a_double", 'must be a number, "NaN", "Infinity" or "-Infinity", not ""'),
        ("a_bool=", "a_bool", 'must be true or false, not ""'),
        ("a_bool=True", "a_bool", 'must be true or false, not "True"'),
        ("a_bool=1", "a_bool", 'must be true or false, not "1"'),
        ("a_bytes=*", "a_bytes", 'must be a string of base64, not "*"'),
        ("aMessage.aBool=x", "a_message.a_bool", 'must be true or false, not "x"'),
        ("a_duration=1", "a_duration",
            'must be a duration such as "1.5s", of at most 315576000000 seconds, not "1"'),
    ],
)  # fmt: skip
def test_refused_queries(query: str, field: str, description: str) -> None:
    [violation] = violations(search, query)
    assert (violation.field, violation.description) == (field, description)
    assert violation.reason == Reason.INVALID_FIELD_VALUE


@pytest.mark.parametrize(
    "value", ["", "RED", "Red", "COLOUR_RED", "1", "unspecified", "COLOUR_UNSPECIFIED", " red"]
)
def test_other_enum_values_are_refused(value: str) -> None:
    [violation] = violations(search, f"a_colour={quote(value)}")
    assert (violation.field, violation.reason) == ("a_colour", Reason.INVALID_ENUM_VALUE)


@pytest.mark.parametrize(
    "value",
    [
        "", "2024-05-01", "2024-05-01T12:00:00", "2024-05-01t12:00:00Z", "2024-05-01 12:00:00Z",
        "2024-05-01T12:00:00 Z", "2024-05-01T12:00:60Z", "2024-05-01T24:00:00Z", "0001-01-01T00:00:00 01:00",
        "2024-05-01T12:00:00  02:00", "2024-05-01 12:00", "1714564800",
    ],
)  # fmt: skip
def test_other_timestamps_are_refused(value: str) -> None:
    [violation] = violations(search, f"a_time={quote(value)}")
    assert violation.field == "a_time"


@pytest.mark.parametrize("name", ["an_any", "a_struct", "a_value", "a_list", "values"])
def test_types_without_a_text_are_refused(name: str) -> None:
    assert violations(more, f"{name}=x")[0].field == name
    assert violations(more, f"{name}.value=x")[0].field == f"{name}.value"


@pytest.mark.parametrize(
    ("query", "field", "description"),
    [
        ("a_string=%", "a_string", "has a % without two hexadecimal digits after it"),
        ("a_string=%C3%2", "a_string", "has a % without two hexadecimal digits after it"),
        ("a_string=%FF", "a_string", "is not valid UTF-8"),
        ("a_string=%ED%A0%80", "a_string", "is not valid UTF-8"),
        ("%FF=x", "%FF", "is not valid UTF-8"),
    ],
)
def test_queries_that_are_not_encoded_rightly_are_refused(query: str, field: str, description: str) -> None:
    [violation] = violations(search, query)
    assert (violation.field, violation.description) == (field, description)


def test_all_faults_are_told() -> None:
    found = violations(search, "x=1&a_bool=x&strings=a&a_string=1&a_string=2&y.z=1&x=2")
    assert [violation.field for violation in found] == ["x", "y.z", "a_bool", "a_string"]
    assert len(violations(search, "&".join(f"x{index}" for index in range(50)))) == 20


def test_a_long_key_is_shortened() -> None:
    assert violations(search, "x" * 5000)[0].field == "x" * 57 + "..."


def test_how_deep_and_how_many_parameters() -> None:
    assert search("a_message." * 99 + "a_bool=true").a_message is not None
    assert violations(search, "a_message." * 100 + "a_bool=true")
    assert len(search("&".join(["ints=1"] * 1000)).ints) == 1000
    assert refusal(search, "&".join(["ints=1"] * 1001)).code is Code.RESOURCE_EXHAUSTED


def test_a_message_of_which_nothing_is_given_stays_unset() -> None:
    assert search("a_bool=true").a_message is None
    assert search("a_bool=true").choice is None


@pytest.mark.parametrize(
    ("message_class", "path"), [(Kinds, "/v1/search"), (WellKnown, "/v1/more")], ids=["kinds", "well-known"]
)
@FEWER
@given(data=st.data(), offset=st.integers(-23 * 60, 23 * 60))
def test_a_message_comes_back_from_its_query(
    message_class: Any, path: str, data: st.DataObject, offset: int
) -> None:
    message = as_parameters(data.draw(messages(message_class, depth=3)))
    given = [f"{key}={spelled(data, text)}" for key, text in pairs(message, offset)]
    assert bound("GET", f"{path}?{'&'.join(given)}") == message


def spelled(data: st.DataObject, text: str) -> str:
    """Encode a value in one of the ways that clients do."""
    if TIMESTAMP.fullmatch(text) and data.draw(st.booleans()):
        return text  # with its + as it is
    return data.draw(st.sampled_from([quote, quote_plus]))(text)


@pytest.mark.parametrize(
    "key", ["created_after", "createdAfter", "created[after]", "after", "create.after", "created.aftre"]
)
def test_the_key_that_was_meant_is_named(key: str) -> None:
    likely = Parameters(EnumNames().readable).likely(ListDocumentsRequest.desc(), key)
    assert likely == ("created.after" if key != "after" else "")


def test_what_is_far_from_every_key_names_none() -> None:
    parameters = Parameters(EnumNames().readable)
    for key in "x", "limit", "", "...", "created.after" * 100:
        assert not parameters.likely(ListDocumentsRequest.desc(), key)
