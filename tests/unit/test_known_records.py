"""Records that were made of rows before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from triptych.store.sql.known import KnownRecords

ROW = ("a", 1, "text")


class Reading:
    """Makes a record of a row, and counts how often."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, row: Sequence[Any]) -> list[Any]:
        self.times += 1
        return list(row)


def test_an_equal_row_is_read_once_whatever_follows_it() -> None:
    read = Reading()
    known = KnownRecords(read, width=3, id=0, most_bytes=100_000)
    first = known.record(ROW)
    assert known.record((*ROW, "key", 7)) is first
    assert known.record(["b", 1, "text"]) == ["b", 1, "text"]
    assert read.times == 2


def test_a_row_that_differs_anywhere_is_read_again() -> None:
    read = Reading()
    known = KnownRecords(read, width=3, id=0, most_bytes=100_000)
    assert known.record(ROW) == ["a", 1, "text"]
    assert known.record(("a", 2, "text")) == ["a", 2, "text"]
    assert known.record(("a", 2, None)) == ["a", 2, None]
    assert known.record(ROW) == ["a", 1, "text"]
    assert read.times == 4


def test_those_read_first_are_forgotten_beyond_the_limit() -> None:
    read = Reading()
    known = KnownRecords(read, width=2, id=0, most_bytes=100_000)
    for number in range(1000):
        known.record((str(number), "x" * 1000))
    assert read.times == 1000
    known.record(("999", "x" * 1000))
    assert read.times == 1000, "it is there still"
    known.record(("0", "x" * 1000))
    assert read.times == 1001
    known.record(("1000", "x" * 200_000))
    known.record(("1000", "x" * 200_000))
    assert read.times == 1003, "what is larger than all that may be kept is not kept"
