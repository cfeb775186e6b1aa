"""The tables: medians and growth for each list, and the aims."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from bench.scale.cases import Case
from bench.scale.measure import Result
from bench.scale.stores import Kind

DOCUMENT: Final = Path(__file__).parents[2] / "docs/stores.md"

_MOST_GROWTH: Final = 1.5
_LEAST_MS: Final = 1.0
"""Differences below this are those of a machine."""
_MOST_P95_MS: Final = 50.0
_MOST_START_SECONDS: Final = 1.0
_LOAD_SECONDS: Final = 240
_MILLION: Final = 1_000_000
_MOST_GETS: Final = 3.0

Results = Mapping[Kind, Sequence[Result]]


def tables(results: Results) -> str:
    """Return all tables, as Markdown."""
    return "\n\n".join((_stores(results), _lists(results)))


def _stores(results: Results) -> str:
    heads = (
        *("store", "documents", "loaded in, s", "bytes a document", "start, s", "pages: p50, p95, ms"),
        *("GetDocument alone: p50, p99", "beside slow lists: p50, p99", "times"),
    )
    aims = (
        *("aim", "", f"{_LOAD_SECONDS} for a million", "", f"{_MOST_START_SECONDS:.0f}"),
        *(f"p95 {_MOST_P95_MS:.0f}", "", "", f"{_MOST_GETS:.0f}"),
    )
    lines = [_row(heads), f"|---|{'--:|' * (len(heads) - 1)}", _row(aims)]
    for kind, found in results.items():
        for each in found:
            times = [took * 1000 for took in _all(each)]
            alone, beside = each.gets.alone, each.gets.beside
            ratio = _quantile(beside, 99) / _quantile(alone, 99)
            size = "" if each.bytes is None else f"{each.bytes / each.documents:,.0f}"
            seconds = each.load_seconds
            cells = [
                kind,
                f"{each.documents:,}",
                _judged(f"{seconds:.0f}", each.documents < _MILLION or seconds <= _LOAD_SECONDS),
                size,
                _judged(f"{each.start_seconds:.2f}", each.start_seconds <= _MOST_START_SECONDS),
                _judged(_pair(times, 95), _quantile(times, 95) <= _MOST_P95_MS),
                _pair([took * 1000 for took in alone], 99),
                _pair([took * 1000 for took in beside], 99),
                _judged(f"{ratio:.1f}", ratio <= _MOST_GETS),
            ]
            lines.append(_row(cells))
    return "\n".join(lines)


def _lists(results: Results) -> str:
    sizes = [f"{kind} {each.documents:,}" for kind, found in results.items() for each in found]
    heads = ["list", *sizes, *(f"{kind}: growth" for kind in results)]
    lines = [_row(heads), f"|---|{'--:|' * (len(heads) - 1)}"]
    for group, name in _names(results):
        cells = [name]
        growths = []
        for found in results.values():
            cells += [_milliseconds(each, group, name) for each in found]
            growth = max(_growth(found[0], found[-1], case) for case in _cases(found[0], group, name))
            aims = group in ("sort", "filter") and len(found) > 1
            growths.append(_judged(f"{growth:.1f}", not aims or growth <= _MOST_GROWTH))
        lines.append(_row(cells + growths))
    return "\n".join(lines)


def _names(results: Results) -> Iterable[tuple[str, str]]:
    first = next(iter(results.values()))[0]
    named = dict.fromkeys((case.group, case.name) for case in first.pages if case.group != "pair")
    return [*named, ("pair", "pairs of filters")]


def _cases(result: Result, group: str, name: str) -> list[Case]:
    return [case for case in result.pages if case.group == group and (group == "pair" or case.name == name)]


def _milliseconds(result: Result, group: str, name: str) -> str:
    medians = [result.median(case) for case in _cases(result, group, name)]
    return f"{statistics.median(medians):.1f}, {max(medians):.1f}"


def _growth(small: Result, large: Result, case: Case) -> float:
    match = [each for each in large.pages if _key(each) == _key(case)]
    return max(large.least(match[0]), _LEAST_MS) / max(small.least(case), _LEAST_MS)


def _key(case: Case) -> tuple[str, ...]:
    return case.group, case.name, case.place, case.who, case.path


def _all(result: Result) -> list[float]:
    return [took for times in result.pages.values() for took in times]


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _pair(times: Sequence[float], percent: int) -> str:
    return f"{statistics.median(times):.2f}, {_quantile(times, percent):.2f}"


def _quantile(times: Sequence[float], percent: int) -> float:
    return statistics.quantiles(times, n=100, method="inclusive")[percent - 1]


def _judged(text: str, reached: bool) -> str:
    return text if reached else f"**{text}**"
