"""YAML, JSON and NDJSON: the same data gives the same records, in any order."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seed.support import EXAMPLE, MAX_UPLOAD, FixedClock, LoadText, records
from triptych.documents import typeid
from triptych.ids import RandomIds
from triptych.rpc.validation import RequestValidator
from triptych.seed import load_seed_file
from triptych.seed.items import KINDS
from triptych.seed.json_reader import read_json
from triptych.seed.yaml_reader import read_yaml
from triptych.store.base import Store
from triptych.store.memory import MemoryStore


def snake(key: str) -> str:
    return re.sub("[A-Z]", lambda letter: "_" + letter[0].lower(), key)


def in_snake_case(value: Any) -> Any:
    match value:
        case dict():
            return {snake(key): in_snake_case(item) for key, item in value.items()}
        case list():
            return [in_snake_case(item) for item in value]
    return value


def example() -> dict[str, list[Any]]:
    root = read_yaml(EXAMPLE.read_text(), "example")
    assert root is not None
    value: dict[str, list[Any]] = root.plain()
    return value


def uuid_of(id: str) -> str:
    return typeid.decode("doc", id) if id.startswith("doc_") else id


def as_lines(seed: dict[str, list[Any]]) -> str:
    singulars = {kind.plural: kind.singular for kind in KINDS}
    lines = [json.dumps({singulars[snake(plural)]: item}) for plural, items in seed.items() for item in items]
    return "\n\n".join(reversed(lines)) + "\n"


VARIANTS: dict[str, Callable[[dict[str, list[Any]]], str]] = {
    "again.yml": lambda _: EXAMPLE.read_text().replace("\n", "\r\n"),
    "bom.yaml": lambda _: "\ufeff" + EXAMPLE.read_text(),
    "camel.json": json.dumps,
    "indented.json": lambda seed: json.dumps(in_snake_case(seed), indent=2, ensure_ascii=False),
    "reversed.JSON": lambda seed: "\ufeff" + json.dumps(dict(reversed(seed.items()))),
    "lines.ndjson": as_lines,
    "lines.jsonl": lambda seed: "\ufeff" + as_lines(in_snake_case(seed)).replace("\n", "\r\n"),
}


@pytest.mark.parametrize("name", VARIANTS)
async def test_every_format_gives_the_same_records(
    name: str, load_text: LoadText, store: Store, validator: RequestValidator
) -> None:
    seed = example()
    ids = [uuid_of(item["id"]) for items in seed.values() for item in items]
    original = MemoryStore()
    clock = FixedClock()
    await load_seed_file(EXAMPLE, original, RandomIds(clock), clock, validator, MAX_UPLOAD)
    await load_text(name, VARIANTS[name](seed))
    expected = await records(original, ids)
    assert sum(map(len, expected.values())) == len(ids)
    assert await records(store, ids) == expected


SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
)
VALUES = st.recursive(
    SCALARS, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=20
)


@given(VALUES, st.sampled_from([None, 0, "\t"]), st.booleans())
def test_json_is_read_as_python_reads_it(value: Any, indent: int | str | None, ascii_only: bool) -> None:
    text = json.dumps([value, "end"], indent=indent, ensure_ascii=ascii_only)
    root = read_json(text, "a.json")
    assert root is not None
    assert root.plain() == [value, "end"]
    assert root.line_of("[1]") == max(1, text.count("\n"))
