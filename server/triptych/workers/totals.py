"""The metrics of all workers as those of one server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from prometheus_client import generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.registry import Collector, CollectorRegistry

# Their sum tells nothing: when processes were started, or which Python they have.
_OF_A_PROCESS: Final = ("process_", "python_")
# What has been counted does not become less when the process ends that counted it.
_KEPT: Final = frozenset({"counter", "histogram"})


class Totals:
    """Sums what workers tell, those included that have ended."""

    def __init__(self) -> None:
        self._ended = _Sum()

    def keep(self, exposition: bytes) -> None:
        """Keep what a worker had counted that has ended."""
        for family in text_string_to_metric_families(exposition.decode()):
            if family.type in _KEPT and not family.name.startswith(_OF_A_PROCESS):
                self._ended.add(family)

    def copy(self) -> Totals:
        """Return the same: what is kept here from now on is not in it."""
        copied = Totals()
        copied._ended = self._ended.copy()
        return copied

    def exposition(self, workers: Mapping[int, bytes], restarts: int) -> bytes:
        """Return all metrics in the text format of Prometheus.

        Args:
            workers: What each worker that serves has told, by its id, in that format.
            restarts: How many times workers were started again.
        """
        total = self._ended.copy()
        for number, text in workers.items():
            for family in text_string_to_metric_families(text.decode()):
                total.add(family, number if family.name.startswith(_OF_A_PROCESS) else None)
        serving = GaugeMetricFamily("triptych_workers", "Workers that serve.", len(workers))
        started = CounterMetricFamily(
            "triptych_worker_restarts", "Workers that were started again.", restarts
        )
        registry = CollectorRegistry()
        registry.register(_Collected((*total.families(), serving, started)))
        return generate_latest(registry)


class _Sum:
    """Metrics, by their names and labels."""

    def __init__(self) -> None:
        self._families: dict[str, Metric] = {}
        self._samples: dict[str, dict[tuple[str, tuple[tuple[str, str], ...]], float]] = {}

    def copy(self) -> _Sum:
        copied = _Sum()
        copied._families = self._families.copy()
        copied._samples = {name: samples.copy() for name, samples in self._samples.items()}
        return copied

    def add(self, family: Metric, worker: int | None = None) -> None:
        """Add all samples of a family, with the id of the worker as a label more if there is one."""
        self._families.setdefault(family.name, family)
        samples = self._samples.setdefault(family.name, {})
        more = () if worker is None else (("worker", str(worker)),)
        for sample in family.samples:
            key = (sample.name, (*sample.labels.items(), *more))
            samples[key] = samples.get(key, 0) + sample.value

    def families(self) -> Iterable[Metric]:
        for name, family in self._families.items():
            summed = Metric(name, family.documentation, family.type)
            for (sample, labels), value in self._samples[name].items():
                summed.add_sample(sample, dict(labels), value)
            yield summed


class _Collected(Collector):
    def __init__(self, families: Iterable[Metric]) -> None:
        self._families = list(families)

    def collect(self) -> Iterable[Metric]:
        return self._families
