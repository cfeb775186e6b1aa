"""Measures everything, in turns, so that what else the machine does hits all alike."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median
from typing import TypeVar

import uvloop

from bench.errors import BenchError, TooSlowError
from bench.lineup import Lineup
from bench.load.http1 import Http1Request
from bench.load.http2 import GrpcRequest
from bench.load.measure import Latency, Throughput, pace, saturate
from bench.load.programs import h2load, program, wrk
from bench.processes import Server
from bench.workloads import Workload

USUAL = 16
"""How many connections there are where nothing else is said."""
OTHERS = (1, 256)
LATENCY_SHARE = 0.5
"""The share of what a server can take at which latencies are measured."""

_LOG_SECONDS = 10.0
_PATIENCE = 10

MeasuredT = TypeVar("MeasuredT", Throughput, Latency)


@dataclass(frozen=True)
class Plan:
    """How long and how often to measure.

    Attributes:
        rounds: How often each measurement is repeated; with few and many connections, every second time.
        seconds: How long one of saturation takes; those of wrk take whole seconds.
        latency_seconds: How long one of latency takes; 0 for none.
        others: Whether to measure with few and many connections as well.
    """

    rounds: int
    seconds: float
    latency_seconds: float
    others: bool

    def connections(self, workload: Workload, number: int) -> tuple[int, ...]:
        """Return the numbers of connections to measure a workload with in a round, the usual one first."""
        return (USUAL, *OTHERS) if self.others and workload.often and number % 2 == 0 else (USUAL,)

    def total_seconds(self, workloads: Sequence[Workload]) -> float:
        """Return how long it takes, about."""
        latency = self.latency_seconds + 0.2 if self.latency_seconds else 0
        return sum(
            len(one.servers) * (len(self.connections(one, number)) * (self.seconds + 0.2) + latency)
            for one in workloads
            for number in range(self.rounds)
        )


class Result:
    """All rounds of a server with a workload."""

    def __init__(self, workload: str, server: str) -> None:
        self.workload = workload
        self.server = server
        self.saturated: dict[int, list[Throughput]] = {}
        self.latencies: list[Latency] = []

    def calls(self, connections: int = USUAL) -> float | None:
        """Return the median of the calls a second; None if that was not measured."""
        rounds = self.saturated.get(connections)
        return median(one.calls_per_second for one in rounds) if rounds else None

    def server_us(self) -> float:
        """Return the median of the processor time for a call, in microseconds."""
        return median(one.server_us for one in self.saturated[USUAL])

    def server_busy(self) -> float:
        """Return the median of the share of a core that the server took."""
        return median(one.server_busy for one in self.saturated[USUAL])

    def load_busy(self) -> float:
        """Return the median of the share of a core that the load took."""
        return median(one.load_busy for one in self.saturated[USUAL])

    def latency_ms(self) -> tuple[float, float] | None:
        """Return the medians of p50 and p99, in milliseconds; None if they were not measured."""
        if not self.latencies:
            return None
        return median(one.p50_ms for one in self.latencies), median(one.p99_ms for one in self.latencies)


Results = dict[tuple[str, str], Result]


def run(lineup: Lineup, workloads: Sequence[Workload], plan: Plan) -> Results:
    """Measure each workload with each of its servers, as many times as there are rounds.

    Raises:
        BenchError: An answer was wrong, or Triptych did not log a line for each call.
    """
    results: Results = {(one.name, name): Result(one.name, name) for one in workloads for name in one.servers}
    for number in range(plan.rounds):
        for workload in workloads:
            for connections in plan.connections(workload, number):
                # In the other order every second time: nobody always comes first.
                for name in workload.servers[:: 1 if number % 2 == 0 else -1]:
                    _show(f"round {number + 1} of {plan.rounds}: {workload.name} {name}, {connections}")
                    result = results[workload.name, name]
                    throughput = _saturate(lineup, workload, name, plan.seconds, connections)
                    result.saturated.setdefault(connections, []).append(throughput)
                    if connections == USUAL and plan.latency_seconds:
                        rate = throughput.calls_per_second * LATENCY_SHARE
                        result.latencies.append(_pace(lineup, workload, name, plan.latency_seconds, rate))
    _show("")
    return results


def load_programs() -> dict[str, str | None]:
    """Return the programs that the load comes from, by protocol; None where it comes from Python."""
    return {"HTTP/1.1": program("wrk"), "HTTP/2": program("h2load")}


def _saturate(lineup: Lineup, workload: Workload, name: str, seconds: float, connections: int) -> Throughput:
    server, request = lineup.servers[name], workload.request
    good = lineup.answers.of[workload.name, name]

    def measure(seconds: float) -> Throughput:
        if isinstance(request, Http1Request) and (path := program("wrk")):
            return wrk(path, request, server, workload.port, seconds, connections, good)
        if isinstance(request, GrpcRequest) and (path := program("h2load")):
            return h2load(path, request, server, workload.port, seconds, connections, good)
        return uvloop.run(saturate(request, server, workload.port, seconds, connections))

    return _measured(lineup, workload, name, measure, seconds)


def _pace(lineup: Lineup, workload: Workload, name: str, seconds: float, rate: float) -> Latency:
    port = lineup.servers[name].port(workload.port)

    def measure(seconds: float) -> Latency:
        return uvloop.run(pace(workload.request, port, seconds, USUAL, rate))

    return _measured(lineup, workload, name, measure, seconds)


def _measured(
    lineup: Lineup, workload: Workload, name: str, measure: Callable[[float], MeasuredT], seconds: float
) -> MeasuredT:
    """Measure, once more for longer if a machine that is busy elsewhere gave no answer at all."""
    server = lineup.servers[name]
    server.empty_log()
    try:
        try:
            result = measure(seconds)
        except TooSlowError:
            result = measure(seconds * _PATIENCE)
    except BenchError as error:
        raise BenchError(f"{workload.name}: {name}: {error}") from error
    if name == workload.own:
        _check_log(server, result.calls)
    return result


def _check_log(server: Server, calls: int) -> None:
    """Wait until the log has a line for each call: it is written several lines at a time."""
    deadline = time.monotonic() + _LOG_SECONDS
    while (lines := server.log_lines()) < calls:
        if time.monotonic() > deadline:
            raise BenchError(f"{lines} lines in the log of {server.name} for {calls} calls")
        time.sleep(_LOG_SECONDS / 100)


def _show(text: str) -> None:
    """Show on the last line of a terminal what is going on."""
    if sys.stderr.isatty():
        print(f"\r\033[K{text}", end="", file=sys.stderr, flush=True)
