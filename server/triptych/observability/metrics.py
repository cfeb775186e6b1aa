"""What Prometheus is told of calls: how many, how they ended, how long they took, how large they were.

The library's own counters would cost each call 3 to 8 us. So a call only adds to plain integers here, which
costs 0.7 us, and they become the library's metrics when somebody asks.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Iterable, Sequence
from itertools import accumulate
from typing import Final

from prometheus_client import GCCollector, PlatformCollector, ProcessCollector, generate_latest
from prometheus_client.metrics_core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector, CollectorRegistry

from triptych.errors import Code
from triptych.rpc.call import Call
from triptych.rpc.methods import Method

UNKNOWN_METHOD: Final = "unknown"

_NANOS: Final = 1_000_000_000
_DURATIONS: Final = [
    int(seconds * _NANOS)
    for seconds in (1e-4, 2.5e-4, 5e-4, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10)
]
_SIZES: Final = [8**exponent for exponent in range(2, 9)]  # 64 B to 16 MiB


class Metrics:
    """Counts the calls of one server.

    Args:
        methods: The methods that are served. Calls of any other path are counted as one method, so that
            clients cannot make up new time series.
        in_flight: Returns how many bytes of requests and replies are held for calls.
        dropped_lines: Tells how many lines of the log were not written.
    """

    def __init__(
        self,
        methods: Iterable[Method],
        in_flight: Callable[[], int] = int,
        dropped_lines: Callable[[], int] = int,
    ) -> None:
        self._names = {id(method): method.path for method in methods}
        self._methods = list(methods)  # held, so that no other object gets one of these ids
        self._counts: dict[tuple[int, str], _Counts] = {}
        self._registry = CollectorRegistry()
        self._registry.register(_Calls(self._counts, in_flight))
        self._registry.register(_Log(dropped_lines))
        ProcessCollector(registry=self._registry)
        PlatformCollector(registry=self._registry)
        GCCollector(registry=self._registry)

    def start(self, call: Call) -> None:
        """Count a call that begins."""
        key = (id(call.method), call.transport)
        counts = self._counts.get(key) or self._new(call)
        counts.running += 1

    def finish(self, call: Call, nanoseconds: int) -> None:
        """Count a call that ended and took so long; its `code` and its sizes are final."""
        key = (id(call.method), call.transport)
        counts = self._counts.get(key) or self._new(call)
        counts.running -= 1
        code = call.error.code if call.error is not None else Code.OK
        counts.codes[code] = counts.codes.get(code, 0) + 1
        # Without a call for each: this is done for every request.
        for histogram, value in (
            (counts.durations, nanoseconds),
            (counts.request_sizes, call.request_bytes),
            (counts.response_sizes, call.response_bytes),
        ):
            histogram.buckets[bisect_left(histogram.bounds, value)] += 1
            histogram.sum += value

    def exposition(self) -> bytes:
        """Return all metrics in the text format of Prometheus, version 0.0.4.

        May be called in another thread while calls are counted.
        """
        return generate_latest(self._registry)

    def _new(self, call: Call) -> _Counts:
        known = id(call.method) in self._names
        key = (id(call.method) if known else 0, call.transport)
        name = self._names[id(call.method)] if known else UNKNOWN_METHOD
        return self._counts.setdefault(key, _Counts(name, call.transport))


class _Histogram:
    """How many values fell between which bounds."""

    __slots__ = ("bounds", "buckets", "sum")

    def __init__(self, bounds: Sequence[int]) -> None:
        self.bounds = bounds
        self.buckets = [0] * (len(bounds) + 1)
        self.sum = 0


class _Counts:
    """What is counted of one method over one transport."""

    __slots__ = ("codes", "durations", "labels", "request_sizes", "response_sizes", "running")

    def __init__(self, method: str, transport: str) -> None:
        self.labels = (method, transport)
        self.running = 0
        self.codes: dict[Code, int] = {}
        self.durations = _Histogram(_DURATIONS)
        self.request_sizes = _Histogram(_SIZES)
        self.response_sizes = _Histogram(_SIZES)


class _Calls(Collector):
    """Makes metrics of the counts when they are asked for."""

    def __init__(self, counts: dict[tuple[int, str], _Counts], in_flight: Callable[[], int]) -> None:
        self._counts = counts
        self._in_flight = in_flight

    def collect(self) -> Iterable[Metric]:
        labels = ("method", "transport")
        calls = CounterMetricFamily(
            "triptych_calls", "Calls that ended, by the code that they ended with.", labels=(*labels, "code")
        )
        running = GaugeMetricFamily("triptych_running_calls", "Calls that run now.", labels=labels)
        in_flight = GaugeMetricFamily(
            "triptych_in_flight_bytes",
            "Bytes of requests and replies that are held for calls.",
            self._in_flight(),
        )
        durations = HistogramMetricFamily(
            "triptych_call_duration_seconds", "How long calls took, streams to their end.", labels=labels
        )
        requests = HistogramMetricFamily(
            "triptych_request_bytes", "Request messages of a call, together, decompressed.", labels=labels
        )
        responses = HistogramMetricFamily(
            "triptych_response_bytes", "Response messages of a call, together, uncompressed.", labels=labels
        )
        for counts in list(self._counts.values()):
            running.add_metric(counts.labels, counts.running)
            for code, number in sorted(counts.codes.copy().items()):
                calls.add_metric((*counts.labels, code.name.lower()), number)
            if counts.codes:
                _add(durations, counts.labels, counts.durations, _NANOS)
                _add(requests, counts.labels, counts.request_sizes)
                _add(responses, counts.labels, counts.response_sizes)
        return (calls, running, in_flight, durations, requests, responses)


class _Log(Collector):
    """Tells what became of the log."""

    def __init__(self, dropped_lines: Callable[[], int]) -> None:
        self._dropped_lines = dropped_lines

    def collect(self) -> Iterable[Metric]:
        dropped = CounterMetricFamily(
            "triptych_log_lines_dropped", "Log lines that were not written, as nobody took them fast enough."
        )
        dropped.add_metric((), self._dropped_lines())
        return (dropped,)


def _add(family: HistogramMetricFamily, labels: Sequence[str], histogram: _Histogram, unit: int = 1) -> None:
    bounds = [*(str(bound / unit) for bound in histogram.bounds), "+Inf"]
    totals = accumulate(histogram.buckets)
    family.add_metric(labels, list(zip(bounds, totals, strict=True)), histogram.sum / unit)
