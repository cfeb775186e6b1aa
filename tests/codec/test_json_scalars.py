"""What values of the scalar types may be written as."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest

from codec.kinds import Kinds
from codec.refusals import violations
from triptych.codec.json import JsonReader
from triptych.errors import Reason

READER = JsonReader()
RANGES = {
    "an_int32": (-(2**31), 2**31 - 1),
    "an_sint32": (-(2**31), 2**31 - 1),
    "an_sfixed32": (-(2**31), 2**31 - 1),
    "a_uint32": (0, 2**32 - 1),
    "a_fixed32": (0, 2**32 - 1),
    "an_int64": (-(2**63), 2**63 - 1),
    "an_sint64": (-(2**63), 2**63 - 1),
    "an_sfixed64": (-(2**63), 2**63 - 1),
    "a_uint64": (0, 2**64 - 1),
    "a_fixed64": (0, 2**64 - 1),
}
FLOAT_MAX = 3.4028234663852886e38
NO_NUMBERS = [
    *['""', '" 5"', '"5 "', '"5\\n"', '"5\\u0000"', '"+5"', '"05"', '"-"', '"0x5"', '"1_0"', '"1,0"'],
    *['".5"', '"5."', '"1e"', '"1e999999999"', '"1e309"', '"\\u0665"', '"five"'],
    *['"nan"', '"inf"', '"infinity"', '"-NaN"', '"+Infinity"'],
]


def read(field: str, value: str) -> Any:
    message = READER.read(f'{{"{field}": {value}}}'.encode(), Kinds)
    assert Kinds.from_binary(message.to_binary()) is not None  # it can be written, so it fits
    return getattr(message, field)


def refused(field: str, value: str) -> str:
    [violation] = violations(read, field, value)
    assert violation.field == field
    assert violation.reason == Reason.INVALID_FIELD_VALUE
    return violation.description


@pytest.mark.parametrize("field", RANGES)
def test_integers_have_their_range(field: str) -> None:
    low, high = RANGES[field]
    for value in (low, high, 0, 5):
        assert read(field, str(value)) == value
        assert read(field, f'"{value}"') == value
    for text in (str(low - 1), str(high + 1), "1" + "0" * 30, "-1" + "0" * 30, "9" * 5000):
        assert refused(field, text).startswith(f"must be a whole number from {low} to {high}, not ")
        refused(field, f'"{text}"')


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("5.0", 5),
        ("1e3", 1000),
        ("1E+3", 1000),
        ("50e-1", 5),
        ("12.5e1", 125),
        ("-0", 0),
        ("-0.0", 0),
        ("0e9", 0),
    ],
)
def test_integers_may_be_written_as_json_writes_numbers(text: str, value: int) -> None:
    for spelling in (text, f'"{text}"'):
        found = read("an_int32", spelling)
        assert (found, type(found)) == (value, int)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("9007199254740993", 2**53 + 1),
        ("9007199254740993.0", 2**53 + 1),
        ("9007199254740.993e3", 2**53 + 1),
        ("-9223372036854775807.00", 1 - 2**63),
        ("1e18", 10**18),
    ],
)
def test_large_integers_are_exact(text: str, value: int) -> None:
    assert read("an_int64", text) == value
    assert read("an_int64", f'"{text}"') == value
    assert read("a_double", text) == float(value)


@pytest.mark.parametrize(
    "text",
    [
        "9007199254740993.5",
        "4503599627370497.25",
        "5.00000000000000000001",
        "1e-400",
        "9223372036854775808.0",
    ],
)
def test_what_is_not_whole_is_not_rounded_to_an_integer(text: str) -> None:
    refused("an_int64", text)
    refused("an_int64", f'"{text}"')
    assert read("a_double", text) == float(text)


@pytest.mark.parametrize("value", [*NO_NUMBERS, '"NaN"', "1.5", "1e-3", "1e400", "true", "false", "[]", "{}"])
def test_other_integers_are_refused(value: str) -> None:
    refused("an_int32", value)
    refused("a_uint64", value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", 0.0),
        ("1", 1.0),
        ("-1.5", -1.5),
        ("1e30", 1e30),
        ("1" + "0" * 30, 1e30),
        ("1e-30", 1e-30),
        ("1e-400", 0.0),
    ],
)
def test_floats(text: str, value: float) -> None:
    for field in ("a_double", "a_float"):
        for spelling in (text, f'"{text}"'):
            found = read(field, spelling)
            assert (found, type(found)) == (value, float)


@pytest.mark.parametrize("text", ["-0", "-0.0", '"-0"', '"-0.0"'])
def test_the_sign_of_zero_is_kept(text: str) -> None:
    assert math.copysign(1, read("a_double", text)) == -1


def test_floats_that_are_no_numbers_are_strings() -> None:
    for field in ("a_double", "a_float"):
        assert math.isnan(read(field, '"NaN"'))
        assert read(field, '"Infinity"') == math.inf
        assert read(field, '"-Infinity"') == -math.inf


@pytest.mark.parametrize("value", [*NO_NUMBERS, "1e309", "-1e309", "9" * 309, "9" * 500, "true", "[]", "{}"])
def test_other_floats_are_refused(value: str) -> None:
    refused("a_double", value)
    refused("a_float", value)


@pytest.mark.parametrize("text", ["3.4028235e38", "-3.4028235e38", '"3.4028235e38"', repr(FLOAT_MAX)])
def test_the_largest_float_has_several_spellings(text: str) -> None:
    assert abs(read("a_float", text)) == FLOAT_MAX


@pytest.mark.parametrize("text", ["3.4028236e38", "-1e39", "1.7976931348623157e308"])
def test_floats_that_do_not_fit_are_refused(text: str) -> None:
    assert "32 bits" in refused("a_float", text)
    read("a_double", text)


@pytest.mark.parametrize("value", ['"true"', "1", "0", '""', "[]", "{}"])
def test_only_booleans_are_booleans(value: str) -> None:
    assert read("a_bool", "true") is True
    assert read("a_bool", "false") is False
    refused("a_bool", value)


@pytest.mark.parametrize("value", ["1", "1.5", "true", "[]", "{}", '["x"]'])
def test_only_strings_are_strings(value: str) -> None:
    refused("a_string", value)
    refused("a_bytes", value)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", b""),
        ("AA==", b"\0"),
        ("AA", b"\0"),
        ("AAA=", b"\0\0"),
        ("AAA", b"\0\0"),
        ("AAAA", b"\0\0\0"),
        ("+/+/", b"\xfb\xff\xbf"),
        ("-_-_", b"\xfb\xff\xbf"),
        ("-_8=", b"\xfb\xff"),
        ("-_8", b"\xfb\xff"),
    ],
)
def test_bytes_are_base64_of_either_alphabet_padded_or_not(text: str, value: bytes) -> None:
    assert read("a_bytes", f'"{text}"') == value


@pytest.mark.parametrize(
    "text", ["A", "AAAAA", "A=", "A===", "=", "====", "AA=A", "AA A", "AA\\n", "é", "AA*=", "AA==AA=="]
)
def test_other_bytes_are_refused(text: str) -> None:
    refused("a_bytes", f'"{text}"')


def test_the_input_is_clipped_in_texts() -> None:
    long = json.dumps("😀\n" * 1000)
    for field in [
        "an_int32",
        "a_double",
        "a_bool",
        "a_bytes",
        "a_time",
        "a_duration",
        "ints",
        "by_int",
        "a_message",
    ]:
        description = refused(field, long)
        assert len(description) < 200
        assert "\n" not in description
    assert refused("an_int32", "1" + "0" * 300).endswith("not 1" + "0" * 56 + "...")
