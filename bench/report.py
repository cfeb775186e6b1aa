"""The results: Markdown for people, kept in docs/performance.md, and JSON for programs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from bench.aims import AIMS, CONSTANT, FIRST_ANSWER_SECONDS
from bench.runs import OTHERS, USUAL, Result, Results
from bench.start import Start
from bench.workloads import CEILING, Workload

DOCUMENT = Path(__file__).parents[1] / "docs/performance.md"
# What peers are called in the tables, where it is not their name.
_PEERS = {"triptych": "the store in memory", "triptych-postgresql": "one process"}
_FULL = 0.95
_MOSTLY = 0.8


def ratio_table(results: Results, workloads: Sequence[Workload]) -> str:
    """Return a line for each peer: Triptych's calls a second in terms of the peer's."""
    ceiling = results.get((CEILING, "uvicorn"))
    head = f"| call | peer | aim | {USUAL} | {' | '.join(map(str, OTHERS))} | CPU | Triptych | peer |"
    lines = [f"{head} p50, p99 ms | peer's |", "|---|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|"]
    for workload in workloads:
        if workload.own is None:
            continue
        own = results[workload.name, workload.own]
        lines += [
            _line(own, peer, results[workload.name, peer], (workload.name, peer))
            for peer in workload.servers[1:]
        ]
        if ceiling and (workload.name, CEILING) in AIMS:
            lines.append(_line(own, CONSTANT, ceiling, (workload.name, CEILING)))
    return "\n".join(lines)


def doubts(results: Results) -> list[str]:
    """Tell where something else than the server was measured."""
    full = [f"{result.workload} {result.server}" for result in results.values() if result.load_busy() > _FULL]
    told = [f"The load was the limit, not the server: {', '.join(full)}."] if full else []
    disturbed = sum(result.server_busy() < _MOSTLY for result in results.values())
    if disturbed:
        told.append(
            f"Other work had a part of the servers' core in {disturbed} of {len(results)} measurements: "
            "only CPU can be trusted there."
        )
    return told


def start_table(starts: Sequence[Start]) -> str:
    """Return a line for each way to start."""
    lines = [f"| | first answer, s (aim {FIRST_ANSWER_SECONDS}) | memory at rest, MiB |", "|---|--:|--:|"]
    lines += [f"| `{one.command}` | {one.seconds:.2f} | {one.memory_mib:.0f} |" for one in starts]
    return "\n".join(lines)


def document(
    results: Results, starts: Sequence[Start], machine: str, options: dict[str, Any], notes: Sequence[str]
) -> dict[str, Any]:
    """Return everything that is known, as JSON has it."""
    return {
        "machine": machine,
        "options": options,
        "notes": list(notes),
        "starts": [asdict(one) for one in starts],
        "results": [
            {
                "workload": result.workload,
                "server": result.server,
                "saturated": {c: [asdict(one) for one in rounds] for c, rounds in result.saturated.items()},
                "latencies": [asdict(one) for one in result.latencies],
            }
            for result in results.values()
        ],
    }


def write(section: str, text: str, document: Path = DOCUMENT) -> None:
    """Put a text into a document, between the marks of a section.

    Raises:
        ValueError: There are no such marks.
    """
    begin, end = f"<!-- {section}: begin -->", f"<!-- {section}: end -->"
    before, found, rest = document.read_text().partition(begin)
    _, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"no marks of {section} in {document.name}")
    document.write_text(f"{before}{begin}\n{text}\n{end}{after}")


def _line(own: Result, peer: str, theirs: Result, key: tuple[str, str]) -> str:
    aim = AIMS.get(key)
    cells = [
        own.workload,
        _PEERS.get(peer, peer),
        f"{aim:.2f}" if aim else "",
        _ratio(own.calls(), theirs.calls()),
        *(_ratio(own.calls(connections), theirs.calls(connections)) for connections in OTHERS),
        _ratio(theirs.server_us(), own.server_us()),
        f"{own.calls():,.0f}",
        f"{theirs.calls():,.0f}",
        _latency(own),
        _latency(theirs),
    ]
    return f"| {' | '.join(cells)} |"


def _ratio(mine: float | None, theirs: float | None) -> str:
    return f"{mine / theirs:.2f}" if mine and theirs else ""


def _latency(result: Result) -> str:
    found = result.latency_ms()
    return f"{found[0]:.2f}, {found[1]:.2f}" if found else ""
