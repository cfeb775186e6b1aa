"""The results, for people and for programs."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from bench.load.measure import Measurement
from bench.runs import Ratio, Result
from bench.workloads import CEILING

_NEARLY_ALL = 0.9
_COLUMNS = "{:<19} {:<11} {:>8} {:>7} {:>7} {:>9} {:>6} {:>6}  {:>7} {:>7} {:>7} {:>8}"
_HEADS = ("x calls", "x p50", "x cpu", "of max")
_ABOUT = """\
x calls, x p50, x cpu: Triptych against the peer in that line, as the median of the rounds. 2.00 means twice
as many calls a second (good), twice the latency or processor time for a call (bad). The peers do nothing: no
token, no rules, no store, no log. "of max": the calls a second against those of uvicorn and a constant reply.
On a machine that does other work as well, x cpu still holds.
"""


def table(results: Sequence[Result], ratios: Sequence[Ratio]) -> str:
    """Return the table, and what to know about it."""
    compared = {(ratio.workload, ratio.peer): ratio for ratio in ratios}
    medians = {(result.workload, result.server): result.median() for result in results}
    ceiling = medians.get((CEILING, "uvicorn"))
    lines = [
        _COLUMNS.format("", "", "calls/s", "p50 ms", "p99 ms", "us/call", "server", "load", *_HEADS),
        _COLUMNS.format("", "", "", "", "", "of server", "busy", "busy", *[""] * len(_HEADS)),
    ]
    for (workload, server), one in sorted(medians.items(), key=lambda item: item[0][0]):
        first = server == "triptych" or workload == CEILING
        lines += [""] if first else []
        lines.append(
            _COLUMNS.format(
                workload if first else "",
                server,
                f"{one.calls_per_second:,.0f}",
                f"{one.p50_ms:.2f}",
                f"{one.p99_ms:.2f}",
                f"{one.server_us:.0f}",
                f"{one.server_busy:.0%}",
                f"{one.load_busy:.0%}",
                *_ratio_cells(compared.get((workload, server))),
                _of_ceiling(workload, one, ceiling),
            ).rstrip()
        )
    return "\n".join([*lines, "", _ABOUT, *_doubts(medians)]).rstrip()


def document(
    results: Sequence[Result], ratios: Sequence[Ratio], options: dict[str, Any], skipped: Sequence[str]
) -> dict[str, Any]:
    """Return everything that is known, as JSON has it."""
    return {
        "machine": {
            "system": platform.platform(),
            "python": platform.python_version(),
            "cores": os.cpu_count(),
            "load_average": os.getloadavg(),
        },
        "options": options,
        "skipped": list(skipped),
        "ratios": [asdict(ratio) for ratio in ratios],
        "results": [
            {
                "workload": result.workload,
                "server": result.server,
                "median": asdict(result.median()),
                "rounds": [asdict(one) for one in result.rounds],
            }
            for result in results
        ],
    }


def _doubts(medians: dict[tuple[str, str], Measurement]) -> list[str]:
    """Tell where something else than the server was measured."""
    bound = [" ".join(key) for key, one in medians.items() if one.load_busy > _NEARLY_ALL]
    disturbed = [" ".join(key) for key, one in medians.items() if one.server_busy < _NEARLY_ALL]
    doubts = [f"The load was the limit, not the server: {', '.join(bound)}"] if bound else []
    if disturbed:
        share = f"{len(disturbed)} of {len(medians)}"
        doubts.append(f"Other work took a part of the servers' core in {share} lines")
    return doubts


def _ratio_cells(ratio: Ratio | None) -> list[str]:
    if ratio is None:
        return [""] * 3
    return [f"{number:.2f}" for number in (ratio.calls, ratio.p50, ratio.server_us)]


def _of_ceiling(workload: str, one: Measurement, ceiling: Measurement | None) -> str:
    if ceiling is None or workload.startswith("grpc/"):
        return ""
    return f"{one.calls_per_second / ceiling.calls_per_second:.0%}"
