"""What is kept stays within its limit, and what was used longest ago goes first."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from triptych.codec.json import ProtoJsonWriter
from triptych.codec.kept import KeptParts, Shelf
from triptych.codec.parts import BINARY, NOTHING, Part
from triptych.projects.messages import PROJECT
from triptych_api.gitpod.v1.project_pb import Project

JSON = ProtoJsonWriter()


@dataclass(frozen=True)
class Record:
    id: str
    version: int = 1
    name: str = ""


def shelf(kept: KeptParts, made: list[Record] | None = None) -> Shelf[Record]:
    def make(record: Record) -> Part:
        if made is not None:
            made.append(record)
        return PROJECT.rest(Project(id=record.id, devcontainer_file_path=record.name))

    return Shelf(kept, make)


def has(kept: KeptParts, records: Shelf[Record], made: list[Record], id: str) -> bool:
    """Tell whether a part is kept; asking for it uses it."""
    before = len(made)
    records.of_records([Record(id)])
    return len(made) == before


def size_of_one() -> int:
    kept = KeptParts()
    shelf(kept).of_records([Record("0")])
    return kept.bytes


def test_a_part_is_kept_by_id_and_version() -> None:
    records = shelf(KeptParts())
    [one, other, again] = records.of_records([Record("a"), Record("b"), Record("a")])
    assert one is again
    assert one is not other
    [newer] = records.of_records([Record("a", 2, "new")])
    assert b"new" in newer[JSON]
    assert records.of_records([Record("a", 2)]) == [newer]


def test_a_value_is_kept_for_each_key_and_none_is_nothing() -> None:
    made: list[Record] = []
    values = shelf(KeptParts(), made)
    a, b = Record("a"), Record("b")
    first = values.of_values(["k", "l", "m"], [a, b, None])
    assert first[2] is NOTHING
    assert made == [a, b]
    assert list(map(id, values.of_values(["k", "l"], [Record("a"), b]))) == list(map(id, first[:2]))
    assert made == [a, b]
    values.of_values(["k"], [b])
    assert made == [a, b, b]


def test_what_was_used_longest_ago_goes_first() -> None:
    kept = KeptParts(limit=3 * size_of_one())
    made: list[Record] = []
    records = shelf(kept, made)
    for id in "abc":
        records.of_records([Record(id)])
    records.of_records([Record("a")])
    records.of_records([Record("d")])
    assert has(kept, records, made, "c")
    assert has(kept, records, made, "a")
    assert has(kept, records, made, "d")
    assert not has(kept, records, made, "b")
    assert not has(kept, records, made, "c")


def test_shelves_share_the_limit() -> None:
    kept = KeptParts(limit=2 * size_of_one())
    made: list[Record] = []
    one, other = shelf(kept, made), shelf(kept, made)
    one.of_records([Record("a")])
    other.of_records([Record("a")])
    assert len(made) == 2
    assert has(kept, one, made, "a")
    other.of_records([Record("b")])
    assert has(kept, one, made, "a")
    assert not has(kept, other, made, "a")


@pytest.mark.parametrize("writer", [BINARY, JSON])
def test_each_form_counts(writer: object) -> None:
    kept = KeptParts()
    [part] = shelf(kept).of_records([Record("a", name="n" * 5000)])
    before = kept.bytes
    form = part[writer]
    assert kept.bytes >= before + len(form) >= before + 5000
    after = kept.bytes
    assert part[writer] is form
    assert kept.bytes == after


def test_a_form_that_is_too_large_is_printed_and_not_kept() -> None:
    kept = KeptParts(limit=4000)
    made: list[Record] = []
    records = shelf(kept, made)
    [part] = records.of_records([Record("a", name="n" * 5000)])
    assert len(part[BINARY]) > 5000
    assert kept.bytes == 0
    assert len(part[JSON]) > 5000
    assert kept.bytes == 0
    assert not has(kept, records, made, "a")


uses = st.lists(
    st.tuples(st.integers(0, 1), st.sampled_from("abcdef"), st.integers(1, 3), st.integers(0, 2)), max_size=60
)


@given(uses, st.integers(0, 12_000))
def test_never_more_than_the_limit_is_kept(uses: list[tuple[int, str, int, int]], limit: int) -> None:
    kept = KeptParts(limit)
    shelves = [shelf(kept), shelf(kept)]
    last: dict[tuple[int, str], Part] = {}
    recent: list[tuple[int, str]] = []
    for number, id, version, forms in uses:
        [part] = shelves[number].of_records([Record(id, version, "n" * 100 * version)])
        for writer in (BINARY, JSON)[:forms]:
            assert len(part[writer]) > 100 * version
        last[number, id] = part
        recent = [each for each in recent if each != (number, id)] + [(number, id)]
        assert kept.bytes <= limit
        held = [each for each in recent if last[each].shelf is not None]
        assert kept.bytes == sum(last[each].size for each in held)
        assert held == recent[len(recent) - len(held) :]  # the rest was used longer ago
