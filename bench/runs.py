"""Measures everything, in turns, so that what else the machine does hits all alike."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, fields
from statistics import median

import uvloop

from bench.errors import BenchError
from bench.lineup import Lineup
from bench.load.measure import Measurement, measure
from bench.processes import Server
from bench.workloads import Workload

_LOG_SECONDS = 5.0


@dataclass(frozen=True)
class Result:
    """All rounds of a server with a workload."""

    workload: str
    server: str
    rounds: Sequence[Measurement]

    def median(self) -> Measurement:
        """Return the median of each number."""
        numbers = (median(getattr(one, field.name) for one in self.rounds) for field in fields(Measurement))
        return Measurement(*numbers)


@dataclass(frozen=True)
class Ratio:
    """Triptych against a peer: the medians of what each round says, 1 where they are equal.

    Attributes:
        workload: What was called.
        peer: Whom Triptych is compared with.
        calls: How many times the peer's calls a second Triptych makes: more is better.
        p50: How many times the peer's latency it takes: less is better.
        server_us: How many times the peer's processor time it takes: less is better.
    """

    workload: str
    peer: str
    calls: float
    p50: float
    server_us: float


def run(
    lineup: Lineup, workloads: Sequence[Workload], rounds: int, seconds: float, connections: int
) -> list[Result]:
    """Measure each workload with each of its servers, as many times as there are rounds.

    Raises:
        BenchError: An answer was wrong, or Triptych did not log a line for each call.
    """
    found: dict[tuple[str, str], list[Measurement]] = {}
    for number in range(rounds):
        for workload in workloads:
            for name in workload.servers:
                _show(f"round {number + 1} of {rounds}: {workload.name} {name}")
                measurement = run_one(lineup, workload, name, seconds, connections)
                found.setdefault((workload.name, name), []).append(measurement)
    _show("")
    return [Result(*key, measurements) for key, measurements in found.items()]


def run_one(lineup: Lineup, workload: Workload, name: str, seconds: float, connections: int) -> Measurement:
    """Measure a workload with a server, once.

    Raises:
        BenchError: An answer was wrong, or Triptych did not log a line for each call.
    """
    server = lineup.servers[name]
    server.empty_log()
    try:
        work = measure(workload.request, server, server.ports[workload.port], seconds, connections)
        measurement, body, calls = uvloop.run(work)
    except BenchError as error:
        raise BenchError(f"{workload.name}: {name}: {error}") from error
    lineup.answers.check(workload, name, body)
    if name == "triptych":
        _check_log(server, calls)
    return measurement


def _check_log(server: Server, calls: int) -> None:
    """Wait until the log has a line for each call: it is written several lines at a time."""
    deadline = time.monotonic() + _LOG_SECONDS
    while (lines := server.log_lines()) < calls:
        if time.monotonic() > deadline:
            raise BenchError(f"{lines} lines in the log of {server.name} for {calls} calls")
        time.sleep(_LOG_SECONDS / 100)


def ratios(results: Sequence[Result]) -> list[Ratio]:
    """Compare Triptych with its peers, round by round."""
    own = {result.workload: result.rounds for result in results if result.server == "triptych"}
    return [
        Ratio(
            result.workload,
            result.server,
            *(
                median(
                    _divide(getattr(mine, name), getattr(theirs, name))
                    for mine, theirs in zip(own[result.workload], result.rounds, strict=True)
                )
                for name in ("calls_per_second", "p50_ms", "server_us")
            ),
        )
        for result in results
        if result.server != "triptych" and result.workload in own
    ]


def _show(text: str) -> None:
    """Show on the last line of a terminal what is going on."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)


def _divide(mine: float, theirs: float) -> float:
    return mine / theirs if theirs else float("nan")
