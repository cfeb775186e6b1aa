"""What `make bench-scale` asks for is answered, and its tables tell what misses an aim."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from bench.scale.cases import cases
from bench.scale.data import write
from bench.scale.measure import measure
from bench.scale.report import tables
from bench.scale.stores import filled


async def test_all_pages_are_asked_for_and_told(tmp_path: Path) -> None:
    file = tmp_path / "data.ndjson"
    write(file, 60, 20)
    async with filled("memory", file) as store:
        result = await measure(store, 60, 20, rounds=1, gets=3)
    assert set(result.pages) == set(cases(60, 20))
    assert len(result.gets.alone) == len(result.gets.beside) == 3
    even = replace(result, pages={case: [0.002] for case in result.pages})
    slow = replace(even, documents=1_000_000, load_seconds=241.0, pages=even.pages | {_name(even): [0.004]})
    text = tables({"memory": [even, slow]})
    assert re.search(r"^\| name \|.*\| \*\*2\.0\*\* \|$", text, re.MULTILINE)
    assert re.search(r"^\| -name \|.*\| 1\.0 \|$", text, re.MULTILINE)
    assert re.search(r"^\| memory \| 1,000,000 \| \*\*241\*\* \|", text, re.MULTILINE)


def _name(result: object) -> object:
    return next(case for case in result.pages if case.name == "name" and case.place == "middle")  # type: ignore[attr-defined]
