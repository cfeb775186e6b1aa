"""Text and tables on a terminal."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from protobuf.wkt import Timestamp

from triptych_client.cli.cells import time, to_seconds
from triptych_client.cli.table import Column, table
from triptych_client.cli.terminal import blank, cut, cut_start, escape, escape_json, pad, width

PAIRS = (Column("ID", lambda item: item[0]), Column("NAME", lambda item: item[1], least=4))
CONTROLS = [*range(0x20), *range(0x7F, 0xA0), 0x200B, 0x2028, 0x202E, 0x2066, 0xFEFF, 0xE0041]


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("abc", 3),
        ("", 0),
        ("日本語", 6),
        ("ｱｲ", 2),
        ("\uff21", 2),
        ("e\u0301", 1),
        ("é", 1),
        ("한", 2),
        ("🚀", 2),
        ("\u1112\u1161\u11ab", 2),
        ("\ua960\ud7b0\ud7cb", 2),
        ("می\u200cشد", 4),
        ("क्\u200dष", 2),
        ("co\xadop", 5),
    ],
)
def test_the_width_of_a_text_is_what_a_terminal_gives_it(text: str, columns: int) -> None:
    assert width(text) == columns


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b[31mred", r"\x1b[31mred"),
        ("a\tb\nc\r", r"a\tb\nc\r"),
        ("\x9b2J", r"\x9b2J"),
        ("\u202egpj.exe", r"\u202egpj.exe"),
        ("\U000e0041", r"\udb40\udc41"),
        ("می\u200cشد", "می\u200cشد"),
        ("क्\u200dष", "क्\u200dष"),
        ("co\xadop", "co\xadop"),
        ("\u200ca\u200d", r"\u200ca\u200d"),
        ("👨\u200d👩", r"👨\u200d👩"),
        ("\xad", r"\xad"),
        ("a\xad\xadb", r"a\xad\xadb"),
        ("Zoë　日本", "Zoë　日本"),
    ],
)
def test_control_characters_are_spelled_out(text: str, shown: str) -> None:
    assert escape(text) == shown


@pytest.mark.parametrize("code", CONTROLS)
def test_no_control_character_reaches_a_terminal(code: int) -> None:
    char = chr(code)
    assert char not in escape(f"a{char}b")
    text = json.dumps({"name": char}, ensure_ascii=False)
    assert char not in escape_json(text)
    assert json.loads(escape_json(text)) == {"name": char}


def test_fields_between_tabs_lose_control_characters_only() -> None:
    assert blank("a\tb\r\nc\x1bd\x7fe\x9bf") == "a b  c d e f"
    text = "می\u200cشد क्\u200dष co\xadop \u202e\u2066\ufeff"
    assert blank(text) == text


def test_instants_are_cut_to_seconds() -> None:
    at = Timestamp.from_nanos(1_700_000_000_123_456_789)
    columns = (Column("AT", time, shorten=to_seconds),)
    assert list(table(columns, [at, None], None)) == ["AT", "2023-11-14T22:13:20Z", "-"]


@given(st.text(), st.integers(1, 20))
def test_what_is_cut_fits_and_says_so(text: str, columns: int) -> None:
    shown = cut(text, columns)
    assert width(shown) <= columns
    assert shown == text or (shown.endswith("…") and text.startswith(shown[:-1]))
    assert width(pad(shown, columns)) == columns
    start = cut_start(text, columns)
    assert start == text or (start.startswith("…") and text.endswith(start[1:]))


def test_columns_are_aligned_whatever_the_script() -> None:
    lines = list(table(PAIRS, [("1", "日本"), ("200", "x")], None))
    assert lines == ["ID   NAME", "1    日本", "200  x"]


def test_what_may_be_cut_is_cut_and_ids_are_not() -> None:
    lines = list(table(PAIRS, [("0123456789", "a long name")], 18))
    assert lines == ["ID          NAME", "0123456789  a lon…"]
    assert list(table(PAIRS, [("0123456789", "a long name")], 5))[1] == "0123456789  a l…"


def test_an_empty_list_is_no_table() -> None:
    assert list(table(PAIRS, [], 80)) == []


def test_a_long_list_is_shown_while_it_is_read() -> None:
    read = 0

    def items() -> object:
        nonlocal read
        for read in range(1, 1001):
            yield (str(read), "name")

    lines = table(PAIRS, items(), 80)  # type: ignore[arg-type]
    assert next(lines) == "ID   NAME"
    assert read == 100
    assert [line.split() for line in lines][-1] == ["1000", "name"]
