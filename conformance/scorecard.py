"""The scorecard in the docs: a table between two marks, read and written here only."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from conformance.score import Score

_BEGIN: Final = "<!-- scorecard: written by `make conformance ARGS=--write` -->"
_END: Final = "<!-- end of the scorecard -->"
_HEAD: Final = "| suite | judges | transport | HTTP | passed |\n|---|---|---|---|---|\n"
_ROW: Final = re.compile(r"^\| (.+) \| (.+) \| (.+) \| (.+) \| ([\d,]+) / ([\d,]+) \|$", re.MULTILINE)

Row = tuple[str, str, str, str]


def read(text: str) -> dict[Row, tuple[int, int]]:
    """Return how many cases pass of how many, by row, as a document says."""
    rows = {}
    for *row, passed, total in _ROW.findall(_table(text)):
        rows[row[0], row[1], row[2], row[3]] = _number(passed), _number(total)
    return rows


def updated(text: str, scores: Iterable[Score]) -> str:
    """Return the document with these scores; rows of suites that were not run stay."""
    rows = read(text)
    ran = {score.suite for score in scores}
    rows = {row: numbers for row, numbers in rows.items() if row[0] not in ran}
    rows |= {score.row: (score.passed, score.total) for score in scores}
    lines = [f"| {' | '.join(row)} | {passed:,} / {total:,} |" for row, (passed, total) in rows.items()]
    before, begin, rest = text.partition(_BEGIN)
    _, end, after = rest.partition(_END)
    return before + begin + "\n" + _HEAD + "\n".join(lines) + "\n" + end + after


def worse(known: dict[Row, tuple[int, int]], scores: Iterable[Score]) -> list[str]:
    """Return what falls short of the known numbers, in words."""
    texts = []
    for score in scores:
        passed, total = known.get(score.row, (0, 0))
        if score.passed < passed or score.total < total:
            texts.append(f"{' · '.join(score.row)}: {score.passed} / {score.total}, was {passed} / {total}")
        elif score.row not in known:
            texts.append(f"{' · '.join(score.row)}: not on the scorecard yet")
    return texts


def _table(text: str) -> str:
    return text.partition(_BEGIN)[2].partition(_END)[0]


def _number(text: str) -> int:
    return int(text.replace(",", ""))
